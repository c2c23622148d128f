"""Every bound, pattern and enumeration of the props, on both sides."""

import importlib
import pkgutil
from collections.abc import Iterator
from typing import Annotated, Any, Literal, get_args, get_origin

import pytest
from jsonschema import Draft202012Validator
from pydantic import BeforeValidator, Tag, ValidationError, WithJsonSchema
from pydantic.fields import FieldInfo

import constructs_lib
import dms_stream.settings
from constructs_lib.props import Props
from tests.dms_stream.settings.bounds import BOUNDS

_PACKAGES = (constructs_lib, dms_stream.settings)
# what a value is read from, not which values there are
_NO_BOUNDS = (BeforeValidator, Tag, WithJsonSchema)
_TESTED_ELSEWHERE = {
    # needs a file: tests/constructs_lib/dms_replication/test_dms_replication_props.py
    "Certificate.file",
    # which rule it is: tests/constructs_lib/dms/table_mappings
    "TableMappings.rules",
}


def models() -> dict[str, type[Props]]:
    """All props by their names."""
    for package in _PACKAGES:
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    found: dict[str, type[Props]] = {}
    pending = [Props]
    while pending:
        for model in pending.pop().__subclasses__():
            if model.__module__.startswith(tuple(package.__name__ for package in _PACKAGES)):
                assert found.setdefault(model.__name__, model) is model
                pending.append(model)
    return found


MODELS = models()


def limits(type_: Any, metadata: list[Any]) -> Iterator[Any]:
    """What limits a field's values, its own metadata and that of what it holds."""
    for part in metadata:
        if isinstance(part, FieldInfo):
            yield from limits(None, part.metadata)
        elif not isinstance(part, _NO_BOUNDS):
            yield part
    origin = get_origin(type_)
    if origin is Literal:
        yield type_
    elif origin is Annotated:
        inner, *parts = get_args(type_)
        yield from limits(inner, parts)
    else:
        for part in get_args(type_):
            yield from limits(part, [])


BOUNDED = {
    f"{name}.{field_name}": list(limits(field.annotation, field.metadata))
    for name, model in MODELS.items()
    for field_name, field in model.model_fields.items()
    # what is inherited is the base's
    if field_name in model.__annotations__
    and any(True for _ in limits(field.annotation, field.metadata))
}


def refusals(place: str, value: Any, beside: Any) -> list[str]:
    """What is said against a value of a setting; other settings may be missing."""
    model_name, _, field_name = place.partition(".")
    model = MODELS[model_name]
    names = {field_name, str(model.model_fields[field_name].alias or field_name)}
    try:
        model.model_validate({field_name: value, **beside})
    except ValidationError as error:
        return [
            each["msg"]
            for each in error.errors()
            if each["loc"]
            and str(each["loc"][0]).split(".")[0] in names
            and each["type"] != "missing"
        ]
    return []


def test_the_table_has_every_bounded_setting() -> None:
    """A new setting: write its values on both sides into `bounds.py`."""
    assert set(BOUNDED) - _TESTED_ELSEWHERE <= set(BOUNDS)


@pytest.mark.parametrize("place", sorted(BOUNDS))
def test_the_values_on_both_sides(place: str) -> None:
    bound = BOUNDS[place]
    for value in bound.allowed:
        assert refusals(place, value, bound.beside) == [], value
    for value in bound.refused:
        assert refusals(place, value, bound.beside), value


@pytest.mark.parametrize("place", sorted(BOUNDED))
def test_an_enumeration_has_these_choices(place: str) -> None:
    """One that is added or left out here is noticed as well."""
    choices = {
        choice
        for part in BOUNDED[place]
        if get_origin(part) is Literal
        for choice in get_args(part)
    }
    assert choices == (BOUNDS[place].choices if place in BOUNDS else set())


# what YAML and people write for one another
_KINDS: tuple[Any, ...] = (
    True,
    False,
    0,
    1,
    1.5,
    "",
    "0",
    "1",
    "1.0",
    "true",
    "yes",
    "on",
    "x",
    [],
    {},
    None,
)


@pytest.mark.parametrize("name", sorted(set(MODELS) - {"BaseRule"}))
def test_a_kind_of_value_that_editors_refuse_is_refused(name: str) -> None:
    """`true` is not one shard, and neither `yes` nor `1` is true."""
    model = MODELS[name]
    schema = model.model_json_schema()
    for field_name, field in model.model_fields.items():
        # null in AWS's own rules is what is left out
        kinds = _KINDS[: -1 if field_name == "rule_type" else None]
        setting = schema.get("properties", {}).get(field.alias or field_name)
        if setting is None:
            continue
        editor = Draft202012Validator({**setting, "$defs": schema.get("$defs", {})})
        for value in kinds:
            if not editor.is_valid(value):
                assert refusals(f"{name}.{field_name}", value, {}), (field_name, value)
