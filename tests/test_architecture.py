"""What holds for all modules together: no import in a circle, one tree of exceptions, one name."""

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

import constructs_lib.errors
from tests.support.checkout import ROOT

PACKAGES = ("constructs_lib", "dms_stream")
_RULES = "dms_stream.review.rules"


def module_name(path: Path) -> str:
    """A module's dotted name."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


MODULES = {
    module_name(path): path
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}


@cache
def parsed(name: str) -> ast.Module:
    """A module's tree."""
    return ast.parse(MODULES[name].read_text(encoding="utf-8"))


def imports(name: str) -> Iterator[str]:
    """The modules of ours that a module names in its imports, also in those for types alone.

    What a package's `__init__` offers lazily, for types, is an offer to others and not a need.
    """
    path, tree = MODULES[name], parsed(name)
    nodes = list(ast.walk(tree))
    if path.name == "__init__.py":
        offers = [
            inner
            for node in nodes
            if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
            for inner in ast.walk(node)
        ]
        nodes = [node for node in nodes if node not in offers]
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in MODULES)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module is not None:
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                if inner in MODULES:
                    yield inner
                elif node.module in MODULES:
                    yield node.module


def circles(needs: dict[str, set[str]]) -> list[list[str]]:
    """Circles in a graph: one for each way back that a walk in depth finds."""
    found: list[list[str]] = []
    done: set[str] = set()

    def walk(name: str, path: list[str]) -> None:
        if name in path:
            found.append([*path[path.index(name) :], name])
        elif name not in done:
            for other in sorted(needs[name]):
                walk(other, [*path, name])
            done.add(name)

    for name in sorted(needs):
        walk(name, [])
    return found


def test_no_module_imports_itself_in_a_circle() -> None:
    needs = defaultdict(set, {name: set(imports(name)) - {name} for name in MODULES})
    for name in needs:
        # a rule of the review may ask all the others
        if name.startswith(f"{_RULES}."):
            needs[name].discard(_RULES)
    assert sum(map(len, needs.values())) > len(MODULES)
    assert circles(needs) == []


def test_a_circle_would_be_found() -> None:
    needs = {"a": {"b"}, "b": {"c"}, "c": {"b"}}
    assert circles(needs) == [["b", "c", "b"]]


def exceptions() -> dict[str, list[str]]:
    """Every class of ours that ends as an exception, with its bases."""
    bases = {
        node.name: [
            name
            for base in node.bases
            if (name := ast.unparse(base).rpartition(".")[2]) != node.name
        ]
        for tree in map(parsed, MODULES)
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }

    def raises(name: str) -> bool:
        return name in ("Exception", "BaseException") or (
            any(map(raises, bases[name]))
            if name in bases
            else name.endswith(("Error", "Exception", "Exit", "Interrupt"))
        )

    # a signal that ends a command is no error, and must pass whoever catches those
    return {
        name: given
        for name, given in bases.items()
        if raises(name) and "KeyboardInterrupt" not in given
    }


def test_every_exception_is_in_the_tree_and_in_its_docstring() -> None:
    found = exceptions()
    assert len(found) > 10
    documentation = str(constructs_lib.errors.__doc__)

    def is_ours(name: str) -> bool:
        return name == "DmsStreamError" or any(map(is_ours, found.get(name, ())))

    assert [name for name in found if not is_ours(name)] == []
    assert [name for name in found if not re.search(rf"\b{name}\b", documentation)] == []


def test_the_docstring_draws_the_tree_as_it_is() -> None:
    """The line above, further to the left, is the base."""
    found = exceptions()
    above: list[tuple[int, str]] = []
    drawn = set()
    for line in str(constructs_lib.errors.__doc__).splitlines():
        match = re.match(r"^    ([│├└─ ]*)(\w+Error)\b", line)
        if match is None:
            continue
        depth, name = len(match.group(1)), match.group(2)
        above = [(d, n) for d, n in above if d < depth]
        assert not above or above[-1][1] in found[name], line
        above.append((depth, name))
        drawn.add(name)
    assert drawn == set(found)


@pytest.mark.parametrize(
    "package",
    # a rule of the review is a file named as the rule is: there the two are one
    [name for name, path in MODULES.items() if path.stem == "__init__" and name != _RULES],
)
def test_no_package_hides_a_module_behind_another_thing_of_its_name(package: str) -> None:
    tree = parsed(package)
    offered = {
        alias.asname or alias.name
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module != package
        for alias in node.names
    }
    offered |= {n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    hidden = {name for name in offered if f"{package}.{name}" in MODULES}
    assert not hidden


def test_a_protocol_is_defined_once() -> None:
    where: dict[str, list[str]] = defaultdict(list)
    for name in MODULES:
        tree = parsed(name)
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and any(
                ast.unparse(base).startswith("Protocol") for base in node.bases
            ):
                where[node.name].append(name)
    assert {name: places for name, places in where.items() if len(places) > 1} == {}
