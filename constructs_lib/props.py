"""What all props have in common: frozen, nothing unknown, units in the type."""

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any, Self, cast
from zoneinfo import available_timezones

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    model_validator,
)
from pydantic._internal._model_construction import ModelMetaclass
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticKnownError, core_schema

from constructs_lib.error_words import DURATION_WORDS
from constructs_lib.errors import Fault, InvalidPropsError, faults_of, in_the_models_words
from constructs_lib.faults import refuse
from constructs_lib.terraform_text import CDKTF_TOKEN


class _PropsMeta(ModelMetaclass):
    # Only calls from Python come through here: nested models and YAML are validated by
    # pydantic's core, so that all faults of a document are collected before anyone raises.
    def __call__(cls, *args: Any, **kwargs: Any) -> Any:  # noqa: N805
        try:
            return super().__call__(*args, **kwargs)
        except ValidationError as error:
            raise InvalidPropsError(cls.__name__, faults_of(error, kwargs)) from None


def _take_no_other_kind(schema: object) -> None:
    # `true` is not one shard, "no" not a switch and 0 not a moment: editors are told so as well
    if isinstance(schema, list | tuple):
        for item in schema:
            _take_no_other_kind(item)
    elif isinstance(schema, dict):
        kind = schema.get("type")
        if kind in ("int", "float", "bool"):
            schema["strict"] = True
        elif kind == "date":
            _refuse_first(schema, (int, float), PydanticKnownError("date_type"))
        elif kind == "datetime":
            _refuse_first(schema, (int, float), PydanticKnownError("datetime_type"))
        elif kind == "literal" and 1 in schema["expected"]:
            expected = ", ".join(map(str, schema["expected"]))
            error = PydanticKnownError("literal_error", {"expected": expected})
            _refuse_first(schema, (bool, float), error)
        else:
            for key, item in schema.items():
                if key not in ("metadata", "default"):
                    _take_no_other_kind(item)


def _refuse_first(
    schema: dict[str, Any], kinds: tuple[type, ...], error: PydanticKnownError
) -> None:
    def refuse_kinds(value: object) -> object:
        if isinstance(value, kinds):
            raise error
        return value

    inner = cast(CoreSchema, dict(schema))
    schema.clear()
    schema.update(core_schema.no_info_before_validator_function(refuse_kinds, inner))


class Props(BaseModel, metaclass=_PropsMeta):
    """Base of every construct's props and of every section of a settings file.

    Frozen, without unknown keys, and with its fields' docstrings as descriptions, from which the
    JSON Schema for editors and the settings reference are made.

    Raises:
        InvalidPropsError: when built in Python with values that are not valid; it lists all faults.
    """

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        use_attribute_docstrings=True,
        validate_default=True,
        allow_inf_nan=False,
        ser_json_timedelta="iso8601",
    )

    @classmethod
    def __get_pydantic_core_schema__(
        cls, source: type[BaseModel], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        schema = handler(source)
        _take_no_other_kind(schema)
        return schema

    @model_validator(mode="wrap")
    @classmethod
    def _say_what_is_allowed(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        try:
            props = handler(data)
            _refuse_tokens(props)
        except ValidationError as error:
            keys = {
                field.alias or name: field.description for name, field in cls.model_fields.items()
            }
            raise in_the_models_words(cls.__name__, error, keys) from None
        return props


def _refuse_tokens(props: Props) -> None:
    faults = [
        Fault(
            type(props).model_fields[name].alias or name,
            f"holds `{CDKTF_TOKEN}`, which CDKTF would take for a reference of its own: remove it. "
            "References to other resources go in as constructs, never in props",
        )
        for name in type(props).model_fields
        if _holds_token(getattr(props, name))
    ]
    refuse(props, faults)


def _holds_token(value: object) -> bool:
    # what is nested in props of its own has been looked at already
    if isinstance(value, str):
        return CDKTF_TOKEN in value
    if isinstance(value, dict):
        return any(_holds_token(key) or _holds_token(item) for key, item in value.items())
    return isinstance(value, tuple | list) and any(map(_holds_token, value))


# months and years, which ISO 8601 has too, have no length
_ISO_DURATION = (
    r"P(?=[0-9]|T[0-9])([0-9]+W)?([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?"
)
_SHORT_DURATION = r"[0-9]+[smhd]"
_DURATION = rf"^({_ISO_DURATION}|{_SHORT_DURATION})$"


def _read_duration(value: object) -> object:
    if isinstance(value, timedelta):
        return value
    if not isinstance(value, str) or re.fullmatch(_DURATION, value) is None:
        raise ValueError(DURATION_WORDS)
    count, unit = value[:-1], value[-1]
    text = value
    if count.isdigit():
        text = f"P{count}D" if unit == "d" else f"PT{count}{unit.upper()}"
    try:
        return TypeAdapter(timedelta).validate_python(text)
    except ValidationError:
        raise ValueError("is too long: a duration has 999999999 days at most") from None


Duration = Annotated[
    timedelta,
    BeforeValidator(_read_duration),
    WithJsonSchema({"type": "string", "pattern": _DURATION}),
]
"""A `timedelta`; in YAML a number with its unit, `60s`, `5m`, `24h` or `7d`, or an ISO 8601
duration such as `PT1H30M`. A bare number is refused."""


def _known_time_zone(name: str) -> str:
    if name not in available_timezones():
        raise ValueError("must be the name of a time zone such as Europe/Zurich")
    return name


TimeZoneName = Annotated[str, AfterValidator(_known_time_zone)]
"""Name of a time zone, such as `Europe/Zurich`."""


@dataclass(frozen=True)
class Form:
    """Form of a text which a refusal tells in words: for names that are keys of a mapping.

    Attributes:
        pattern: What the whole text matches.
        words: What is allowed, behind "must be".
    """

    pattern: str
    words: str

    def __get_pydantic_core_schema__(
        self, source_type: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """The text's own schema, then its form."""
        return core_schema.no_info_after_validator_function(self._check, handler(source_type))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The pattern, for editors."""
        return handler(schema) | {"pattern": self.pattern}

    def _check(self, value: str) -> str:
        if re.fullmatch(self.pattern, value) is None:
            raise ValueError(f"must be {self.words}")
        return value


def different(values: Sequence[Hashable]) -> Sequence[Hashable]:
    """For a validator: nothing is named twice."""
    if len(set(values)) != len(values):
        raise ValueError("names something twice: leave the repeated one out")
    return values


def plain_hyphens(name: str) -> str:
    """For a validator: an identifier of RDS or DMS neither ends in `-` nor holds `--`.

    https://docs.aws.amazon.com/dms/latest/APIReference/API_CreateReplicationInstance.html
    """
    if name.endswith("-") or "--" in name:
        raise ValueError("must neither end in `-` nor hold `--`, which no identifier of AWS does")
    return name


_ABOUT = ("default", "description", "title")


def or_null(schema: JsonSchemaValue) -> JsonSchemaValue:
    """The JSON Schema of a key that may hold null as well."""
    null = {"type": "null"}
    kinds = schema.get("anyOf", [])
    about = {key: value for key, value in schema.items() if key in _ABOUT}
    rest = {key: value for key, value in schema.items() if key not in _ABOUT}
    # without a rest it takes anything
    if null in kinds or not rest:
        return schema
    return about | {"anyOf": [*(kinds or [rest]), null]}


def default_kind(kind: str) -> BeforeValidator:
    """For a union discriminated by `kind`: which variant it is where `kind` is left out."""

    def add(value: object) -> object:
        return {"kind": kind, **value} if isinstance(value, dict) else value

    return BeforeValidator(add)


def in_units(unit: timedelta, least: int, most: int) -> AfterValidator:
    """A validator: the duration is a whole number of `unit`s, from `least` to `most`."""

    def check(value: timedelta) -> timedelta:
        if value % unit or not unit * least <= value <= unit * most:
            word = {1: "second", 60: "minute", 3600: "hour", 86400: "day"}[
                int(unit.total_seconds())
            ]
            raise ValueError(f"must be a whole number of {word}s, from {least} to {most}")
        return value

    return AfterValidator(check)


def whole_days(least: int, most: int) -> AfterValidator:
    """A validator: whole days within bounds."""
    return in_units(timedelta(days=1), least, most)


def whole_hours(least: int, most: int) -> AfterValidator:
    """A validator: whole hours within bounds."""
    return in_units(timedelta(hours=1), least, most)


def whole_seconds(least: int, most: int) -> AfterValidator:
    """A validator: whole seconds within bounds."""
    return in_units(timedelta(seconds=1), least, most)
