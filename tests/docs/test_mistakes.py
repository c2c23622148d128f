"""docs/mistakes.md names, for each kind of mistake, a test that exists."""

import ast
import re

from tests.support.checkout import ROOT

TEXT = (ROOT / "docs" / "mistakes.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and "What you see" not in line]
NAMED = re.findall(r"`(tests/[\w/.]+)::(\w+)`", TEXT)


def test_every_test_that_is_named_exists() -> None:
    missing = []
    for file, name in NAMED:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        # a table of examples makes its test, and gives it a name
        made = {
            target.id
            for node in tree.body
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        if name not in made | {n.name for n in tree.body if isinstance(n, ast.FunctionDef)}:
            missing.append(f"{file}::{name}")
    assert missing == []


def test_every_kind_has_a_test() -> None:
    assert len(ROWS) > 30
    assert [row for row in ROWS if not re.search(r"`tests/[\w/.]+::\w+`", row)] == []
