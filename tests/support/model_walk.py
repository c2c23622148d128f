"""Props by walking them: which models there are, and every place in a document that takes text."""

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from constructs_lib.props import Props

KeyPath = tuple[str | int, ...]


def models_below(model: type[Props]) -> set[type[Props]]:
    """The model, and every model that a field of it may hold."""
    found: set[type[Props]] = set()
    pending: list[Any] = [model]
    while pending:
        type_ = pending.pop()
        if isinstance(type_, type) and issubclass(type_, Props):
            if type_ not in found:
                found.add(type_)
                pending += [field.annotation for field in type_.model_fields.values()]
        else:
            # a type's alternatives, items and values; what is Annotated comes first
            pending += get_args(type_)
    return found


def holds_text(annotation: Any) -> bool:
    """Whether a field of this type may hold a text, itself or in its items; models aside."""
    return annotation is str or any(holds_text(part) for part in get_args(annotation))


def instances(props: Props, path: KeyPath = ()) -> Iterator[tuple[KeyPath, Props]]:
    """All props within `props`, each with the path of its document."""
    yield path, props
    for name, field in type(props).model_fields.items():
        yield from _instances(getattr(props, name), (*path, field.alias or name))


def _instances(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, Props]]:
    if isinstance(value, Props):
        yield from instances(value, path)
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _instances(item, (*path, key))
    elif isinstance(value, tuple):
        for number, item in enumerate(value):
            yield from _instances(item, (*path, number))


def value_at(document: Any, path: KeyPath) -> Any:
    """What a document holds at a path; None where it ends before."""
    for part in path:
        if isinstance(document, list) and isinstance(part, int) and part < len(document):
            document = document[part]
        elif isinstance(document, dict):
            document = document.get(str(part))
        else:
            return None
    return document


def with_value(document: Any, path: KeyPath, value: Any) -> Any:
    """A copy of a document with another value at a path, and mappings on the way."""
    if not path:
        return value
    part, rest = path[0], path[1:]
    if isinstance(document, list) and isinstance(part, int):
        items = list(document)
        items[part] = with_value(items[part], rest, value)
        return items
    inner = dict(document or {})
    inner[str(part)] = with_value(inner.get(str(part)), rest, value)
    return inner
