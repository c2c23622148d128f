"""docs/aws-facts.md: each fact has a source and an answer, and every test that it names exists."""

import ast
import re
from functools import cache
from pathlib import Path

import pytest

from tests.support.checkout import ROOT

PAGE = (ROOT / "docs" / "aws-facts.md").read_text(encoding="utf-8")
ROWS = [
    [cell.strip() for cell in line.strip("|").split(" | ")]
    for line in PAGE.splitlines()
    if line.startswith("|") and not re.match(r"\|(---|\s*What happens)", line)
]
NAMED = sorted(set(re.findall(r"`([\w/]+\.py)::(\w+)`", PAGE)))


@cache
def named_in(path: Path) -> frozenset[str]:
    """The names of a file's tests, in classes too, and of those that it makes by a function."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.Assign):
            found |= {target.id for target in node.targets if isinstance(target, ast.Name)}
    return frozenset(name for name in found if name.startswith("test_"))


def test_there_are_facts_and_tests() -> None:
    assert len(ROWS) > 40
    assert len(NAMED) > 60


@pytest.mark.parametrize(("file", "name"), NAMED)
def test_a_test_that_is_named_exists(file: str, name: str) -> None:
    path = ROOT / "tests" / file
    assert path.is_file(), f"tests/{file} is named in docs/aws-facts.md, and does not exist"
    assert name in named_in(path), f"tests/{file} has no test {name}: correct docs/aws-facts.md"


@pytest.mark.parametrize("row", ROWS, ids=lambda row: str(row[0])[:40])
def test_a_fact_has_a_source_and_an_answer(row: list[str]) -> None:
    assert len(row) == 3
    _, source, answer = row
    assert re.match(r"(documented|reported|code|open)\b", source)
    assert re.search(r"\]\(https://[^)]+\)", source)
    assert "::test_" in answer or re.search(r"\]\([\w./#-]+\.md", answer)
