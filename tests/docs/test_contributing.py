"""CONTRIBUTING.md: its paths exist, its map has every package, and its arrows are true."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
MAP = re.findall(r"```text\n(.*?)```", TEXT, re.DOTALL)[0]
MAY_IMPORT = {
    row[0].removesuffix(".py"): set(re.findall(r"`([\w/]+?)(?:\.py)?`", row[1]))
    for row in re.findall(r"^\| `([\w/.]+)` \|(.*)\|$", TEXT, re.MULTILINE)
}
TOP = ("constructs_lib", "dms_stream", "stacks", "main")


def source_files() -> Iterator[Path]:
    yield ROOT / "main.py"
    for folder in TOP[:-1]:
        yield from (
            path
            for path in (ROOT / folder).rglob("*.py")
            # what `dms-stream init` writes is the user's
            if "init/files" not in path.as_posix()
        )


def room_of(dotted: str) -> str:
    """The room of a module: the longest one that the table names, else its first two parts."""
    parts = dotted.split(".")
    rooms = ["/".join(parts[:length]) for length in (2, 1)]
    return next((room for room in rooms if room in MAY_IMPORT), "/".join(parts[:2]))


def is_room(name: str) -> bool:
    """Whether it is a folder or in the table; a module beside the rooms serves all of them."""
    return name in MAY_IMPORT or (ROOT / name).is_dir()


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            # `from constructs_lib import bindings` names the room behind the import
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def arrows() -> set[tuple[str, str]]:
    found = set()
    for path in source_files():
        dotted = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        if dotted == "dms_stream.__main__":
            continue
        for name in imports_of(path):
            room, other = room_of(dotted), room_of(name)
            if name.split(".")[0] in TOP and room != other and is_room(room) and is_room(other):
                found.add((room, other))
    return found


def test_every_path_exists() -> None:
    named = set(re.findall(r"`([\w.]+(?:/[\w.<>*-]+)+|[A-Za-z]+\.[a-z]+)`", TEXT))
    assert len(named) > 30
    # what is made, and the names of files that each construct has
    made = {"props.py", "construct.py", "__init__.py", "cdktf.out"}
    assert sorted(name for name in named - made if not (ROOT / name).exists()) == []


@pytest.mark.parametrize("package", ["constructs_lib", "dms_stream"])
def test_every_package_is_on_the_map(package: str) -> None:
    folders = {init.parent.name for init in (ROOT / package).glob("*/__init__.py")}
    assert len(folders) > 4
    assert sorted(name for name in folders if not re.search(rf"\b{name}\b", MAP)) == []


def test_every_room_has_its_line() -> None:
    rooms = {
        f"dms_stream/{init.parent.name}" for init in (ROOT / "dms_stream").glob("*/__init__.py")
    }
    assert rooms | {"constructs_lib", "stacks", "main"} <= set(MAY_IMPORT)


def test_imports_go_only_where_the_table_lets_them() -> None:
    # the command line calls every room
    wrong = {
        f"{room} imports {other}"
        for room, other in arrows()
        if room != "dms_stream/cli" and other not in MAY_IMPORT.get(room, set())
    }
    assert not wrong, "change the import, or the table in CONTRIBUTING.md"
