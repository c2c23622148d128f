"""One key of a settings file set to a value: the rest of the text stays as it is, comments too."""

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import CollectionNode, MappingNode, Node, ScalarNode

from constructs_lib.errors import Fault, SettingsError

_INDENT = 2
_WIDTH = 100


def with_value(text: str, path: Sequence[str], value: Any, *, file: Path) -> str:
    """The text of a settings file with another value at a key.

    Args:
        text: The text, which holds valid settings.
        path: The key, from the top; what is missing of it is added.
        value: What it will hold.
        file: Where the text is from, for a refusal.

    Raises:
        SettingsError: the key stands where a line cannot be put, such as in braces.
    """
    parent = _round_trip().compose(text)
    for depth, key in enumerate(path):
        _require_block(file, path[:depth], parent, path, value)
        found = _child(parent, key)
        if found is None or depth == len(path) - 1:
            break
        key_node, child = found
        if child.start_mark.index < key_node.end_mark.index or _is_anchored(text, child):
            raise _cannot(
                file, path[: depth + 1], "is shared with another key (`*name`)", path, value
            )
        parent = child
    for missing in reversed(path[depth + 1 :]):
        value = {missing: value}
    column = parent.value[0][0].start_mark.column
    block = _dumped({path[depth]: value}, column)
    lines = text.splitlines(keepends=True)
    if lines and not lines[-1].endswith("\n"):
        lines[-1] += "\n"
    if found is None:
        at = _last_line(parent) + 1
        return "".join([*lines[:at], *block, *lines[at:]])
    key_node, child = found
    return "".join(
        [*lines[: key_node.start_mark.line], *block, *lines[_last_line(child, key_node) + 1 :]]
    )


def _require_block(
    file: Path, where: Sequence[str], node: Any, path: Sequence[str], value: Any
) -> None:
    if not isinstance(node, MappingNode) or node.flow_style or not node.value:
        raise _cannot(file, where, "is written in braces or holds nothing", path, value)


def _cannot(
    file: Path, where: Sequence[str], why: str, path: Sequence[str], value: Any
) -> SettingsError:
    text = "".join(_dumped({path[-1]: value}, 0))
    return SettingsError(
        str(file),
        [
            Fault(
                ".".join(where) or "(top level)",
                f"{why}, so that nothing can be put there without touching the rest: write it as "
                f"indented keys, or put this below {'.'.join(path[:-1])} yourself:\n{text}",
            )
        ],
    )


def _child(node: MappingNode, name: str) -> tuple[Node, Node] | None:
    for key, value in node.value:
        if isinstance(key, ScalarNode) and key.value == name:
            return key, value
    return None


def _is_anchored(text: str, node: Node) -> bool:
    """Whether other keys repeat it: they would change, too."""
    return node.anchor is not None and f"*{node.anchor}" in text


def _last_line(node: Node, key: Node | None = None) -> int:
    """The last line that holds something of a node: a block's own end is behind comments."""
    if isinstance(node, CollectionNode) and not node.flow_style and node.value:
        last = node.value[-1]
        return _last_line(last[1], last[0]) if isinstance(last, tuple) else _last_line(last)
    end = node.end_mark
    if key is not None and end.index <= key.end_mark.index:
        # an alias, or nothing, stands on the key's own line
        return int(key.end_mark.line)
    # what ends at the beginning of a line, such as a text in `|`, ends on the one before
    return int(end.line) - (1 if end.column == 0 and end.line > node.start_mark.line else 0)


def _dumped(value: Any, column: int) -> list[str]:
    yaml = _round_trip()
    yaml.default_flow_style = False
    yaml.width = _WIDTH - column
    yaml.indent(mapping=_INDENT, sequence=_INDENT + 2, offset=_INDENT)
    stream = io.StringIO()
    yaml.dump(_plain(value), stream)
    return [f"{' ' * column}{line}\n" for line in stream.getvalue().splitlines()]


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(each) for each in value]
    return value


def _round_trip() -> YAML:
    return YAML(typ="rt", pure=True)
