"""The rooms of the house: which may import which, and that no name hides a module."""

import ast
import importlib
import json
import pkgutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest
from syrupy.assertion import SnapshotAssertion

import dms_stream
import dms_stream.local_aws
import dms_stream.programs
import dms_stream.rehearsal

REHEARSAL = Path(dms_stream.rehearsal.__path__[0])
# a row's journey, source ← mapping ← task ← run; delivery and reconciliation stand beside it
MAY_IMPORT = {
    "errors": set(),
    "result": set(),
    "snappy_formats": set(),
    "deployed_task": {"errors"},
    "source": {"errors", "result"},
    "mapping": {"errors", "deployed_task", "source"},
    "task": {"errors", "deployed_task", "source", "mapping"},
    "delivery": {"errors", "snappy_formats"},
    "reconciliation": {"result", "snappy_formats", "source", "mapping"},
    "views": {"errors", "result", "mapping", "delivery", "reconciliation"},
    "report": {"result"},
    "sample": {"errors", "source"},
}
# what a whole rehearsal is put together from
TOP = {"run", "checks", "date_check", "timing", "version_watch"}


def modules_imported(tree: ast.AST) -> Iterator[str]:
    """The modules that a file names in its imports, those within functions included."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)


def rooms_imported(path: Path) -> set[str]:
    """The rehearsal's rooms that a file imports from."""
    prefix = f"{dms_stream.rehearsal.__name__}."
    return {
        name.removeprefix(prefix).partition(".")[0]
        for name in modules_imported(ast.parse(path.read_text()))
        if name.startswith(prefix)
    }


def rooms() -> dict[str, list[Path]]:
    """The rehearsal's rooms, each a folder or a file, with their files."""
    found: dict[str, list[Path]] = {}
    for path in REHEARSAL.rglob("*.py"):
        first = path.relative_to(REHEARSAL).with_suffix("").parts[0]
        if first != "__init__":
            found.setdefault(first, []).append(path)
    return found


def test_every_room_of_the_rehearsal_has_its_place() -> None:
    assert set(rooms()) == set(MAY_IMPORT) | TOP


@pytest.mark.parametrize("room", sorted(MAY_IMPORT))
def test_imports_go_one_way(room: str) -> None:
    for path in rooms()[room]:
        wrong = rooms_imported(path) - MAY_IMPORT[room] - {room}
        assert not wrong, f"{path.relative_to(REHEARSAL)} imports {wrong}"


def test_the_direction_is_one() -> None:
    """No room is reached from itself."""

    def behind(room: str, seen: tuple[str, ...] = ()) -> None:
        assert room not in seen, f"a circle: {' → '.join((*seen, room))}"
        for other in MAY_IMPORT[room]:
            behind(other, (*seen, room))

    for room in MAY_IMPORT:
        behind(room)


@pytest.mark.parametrize(
    "package", [dms_stream.rehearsal, dms_stream.local_aws, dms_stream.programs], ids=str
)
def test_no_name_hides_a_module(package: ModuleType) -> None:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        if found.name.endswith("__main__"):
            continue
        parent, _, name = found.name.rpartition(".")
        module = importlib.import_module(found.name)
        assert getattr(importlib.import_module(parent), name) is module, found.name


def test_what_is_there_for_types_only_is_not_imported() -> None:
    """It is heavy, or would import in a circle."""
    code = """
import importlib, json, sys
found = {name: [*vars(importlib.import_module(name))] for name in json.loads(sys.argv[1])}
print(json.dumps(found))
"""
    folder = Path(dms_stream.__path__[0])
    for_types = {
        ".".join(path.relative_to(folder.parent).with_suffix("").parts).removesuffix(".__init__"): [
            alias.name
            for block in ast.parse(path.read_text()).body
            if isinstance(block, ast.If) and "TYPE_CHECKING" in ast.unparse(block.test)
            for imported in block.body
            if isinstance(imported, (ast.Import, ast.ImportFrom))
            for alias in imported.names
        ]
        for path in folder.rglob("*.py")
    }
    for_types = {module: names for module, names in for_types.items() if names}
    done = subprocess.check_output([sys.executable, "-c", code, json.dumps([*for_types])])
    imported = json.loads(done)
    assert "dms_stream.local_aws" in for_types
    for module, names in for_types.items():
        assert set(names).isdisjoint(imported[module]), module


def test_what_each_room_offers_is_as_it_was(snapshot: SnapshotAssertion) -> None:
    """A name that drops out breaks who imports it; `--snapshot-update` takes it."""
    found = pkgutil.walk_packages(dms_stream.__path__, f"{dms_stream.__name__}.")
    rooms = [importlib.import_module(room.name) for room in found if room.ispkg]
    offered = {room.__name__: getattr(room, "__all__", None) for room in rooms}
    assert {name: names for name, names in offered.items() if names} == snapshot
    for room in rooms:
        for name in offered[room.__name__] or ():
            assert getattr(room, name)
