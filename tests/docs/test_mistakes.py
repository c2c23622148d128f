"""docs/mistakes.md names, for each kind of mistake, a test that exists."""

import ast
import re

from tests.support.checkout import ROOT

TEXT = (ROOT / "docs" / "mistakes.md").read_text(encoding="utf-8")
ROWS = [line for line in TEXT.splitlines() if line.startswith("| ") and "What happens" not in line]
NAMED = re.findall(r"`(tests/[\w/.]+)::(\w+)`", TEXT)


def test_every_test_that_is_named_exists() -> None:
    missing = []
    for file, name in NAMED:
        tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
        if name not in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}:
            missing.append(f"{file}::{name}")
    assert missing == []


def test_every_kind_has_a_test() -> None:
    assert len(ROWS) > 30
    assert [row for row in ROWS if not re.search(r"`tests/[\w/.]+::\w+`", row)] == []
