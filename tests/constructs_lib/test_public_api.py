"""The public API: every name is there, typed, and costs nothing before it is used."""

import ast
import subprocess
import sys
from pathlib import Path

import constructs_lib

SOURCE = Path(constructs_lib.__file__)


def test_every_public_name_is_there() -> None:
    for name in constructs_lib.__all__:
        assert getattr(constructs_lib, name).__name__ == name
        assert name in dir(constructs_lib)


def test_type_checkers_see_the_very_same_names() -> None:
    typed = {
        alias.name
        for node in ast.walk(ast.parse(SOURCE.read_text()))
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("constructs_lib.")
        for alias in node.names
    }
    assert typed == set(constructs_lib.__all__)
    assert (SOURCE.parent / "py.typed").exists()


def test_props_alone_start_no_node() -> None:
    code = (
        "import sys, constructs_lib; constructs_lib.TableMappings; sys.exit('jsii' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_an_unknown_name_is_an_attribute_error() -> None:
    assert not hasattr(constructs_lib, "Nothing")
