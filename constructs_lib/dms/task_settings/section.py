"""How DMS's task settings become fields, and fields DMS's document again.

A field is DMS's word in snake_case. A size has its unit in its name (`lob_max_size_kb` is
`LobMaxSize`); a duration is a `timedelta` (`PT5S` in YAML), whatever unit DMS counts in. AWS's own
document has AWS's keys and bare numbers in DMS's units, and both are read: bare numbers only under
AWS's keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar

from pydantic import (
    AfterValidator,
    AliasChoices,
    AliasGenerator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    model_validator,
)
from pydantic.alias_generators import to_pascal
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, core_schema

from constructs_lib.dms.guide import Page
from constructs_lib.props import Props

# fields whose name is not DMS's word in snake_case: they carry a unit, or DMS's casing is odd
_DMS_KEYS = {
    "batch_apply_memory_limit_mb": "BatchApplyMemoryLimit",
    "ctrl_stream_buffer_size_mb": "CtrlStreamBufferSizeInMB",
    "enable_tt": "EnableTT",
    "history_timeslot": "HistoryTimeslotInMinutes",
    "inline_lob_max_size_kb": "InlineLobMaxSize",
    "load_max_file_size_kb": "LoadMaxFileSize",
    "lob_chunk_size_kb": "LobChunkSize",
    "lob_max_size_kb": "LobMaxSize",
    "max_record_size_kb": "MaxRecordSize",
    "memory_limit_total_mb": "MemoryLimitTotal",
    "record_failure_delay": "RecordFailureDelayInMinutes",
    "record_failure_delay_limit": "RecordFailureDelayLimitInMinutes",
    "record_suspend_delay": "RecordSuspendDelayInMinutes",
    "stream_buffer_size_mb": "StreamBufferSizeInMB",
    "trace_on_error_mb": "TraceOnErrorMb",
    "tt_record_settings": "TTRecordSettings",
    "tt_settings": "TTSettings",
    "tts3_settings": "TTS3Settings",
    "validation_partial_lob_size_kb": "ValidationPartialLobSize",
    "validation_query_cdc_delay": "ValidationQueryCdcDelaySeconds",
}


# a duration under AWS's key: a number, bare or as a text
_COUNTS = [{"type": "integer"}, {"type": "string", "pattern": "^[0-9]+$"}]


def dms_key(field: str) -> str:
    """DMS's key of a field."""
    return _DMS_KEYS.get(field) or to_pascal(field)


class Section(Props):
    """A section of the task settings; null says the same as absent."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(
            # our own word first: it is the one that the JSON Schema for editors shows
            validation_alias=lambda field: AliasChoices(field, dms_key(field)),
            serialization_alias=dms_key,
        ),
        populate_by_name=True,
    )

    _ignored: ClassVar[tuple[str, ...]] = ()
    # what DMS's own documents hold, and what is not sent

    @model_validator(mode="before")
    @classmethod
    def _read_aws_document(cls, data: Any) -> Any:
        if not isinstance(data, Mapping):
            return data
        given = {
            key: value
            for key, value in data.items()
            if value is not None and key not in cls._ignored
        }
        for name, field in cls.model_fields.items():
            key = dms_key(name)
            for unit in (part.unit for part in field.metadata if isinstance(part, Counted)):
                if key in given:
                    given[key] = _counted(given[key], unit)
        return given

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """AWS's keys and null beside what editors offer."""
        reference = handler(core_schema)
        schema = handler.resolve_ref_schema(reference)
        ours = schema["properties"]
        aws: dict[str, JsonSchemaValue] = {key: {} for key in cls._ignored}
        for name, field in cls.model_fields.items():
            counts = any(isinstance(part, Counted) for part in field.metadata)
            aws[dms_key(name)] = {"anyOf": [*_COUNTS, ours[name]]} if counts else ours[name]
        # patterns, as editors offer only the others
        schema["patternProperties"] = {f"^{key}$": value for key, value in aws.items()}
        schema["additionalProperties"] = {"type": "null"}
        if needed := schema.pop("required", None):
            in_aws_words = [dms_key(name) for name in needed]
            schema["anyOf"] = [{"required": needed}, {"required": in_aws_words}]
        return reference

    def to_document(self) -> dict[str, Any]:
        """The section as AWS writes it, with only the keys that are set."""
        return {
            dms_key(name): _plain(getattr(self, name), field.metadata)
            for name, field in type(self).model_fields.items()
            if name in self.model_fields_set and getattr(self, name) is not None
        }


def _counted(value: Any, unit: timedelta) -> Any:
    if isinstance(value, str) and value.strip().isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        return value
    try:
        return value * unit
    except OverflowError:
        raise ValueError(f"{value} is too large for a duration") from None


def _plain(value: Any, metadata: list[Any]) -> Any:
    if isinstance(value, timedelta):
        return next(value // part.unit for part in metadata if isinstance(part, Counted))
    if isinstance(value, Section):
        return value.to_document()
    return [_plain(item, []) for item in value] if isinstance(value, tuple) else value


@dataclass(frozen=True)
class Between:
    """Bounds of a number, with where AWS says so.

    Attributes:
        least: Smallest value.
        most: Largest value; None where AWS names none.
        source: AWS's page.
        also: Values outside the bounds that DMS itself writes for "as if not set".
    """

    least: int
    most: int | None
    source: Page
    also: tuple[int, ...] = ()

    def __get_pydantic_core_schema__(
        self, source_type: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """The number's own schema, then the bounds."""
        return core_schema.no_info_after_validator_function(self._check, handler(source_type))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The bounds, for editors."""
        return handler(schema) | ({"maximum": self.most} if self.most is not None else {})

    def _check(self, value: int) -> int:
        within = self.least <= value and (self.most is None or value <= self.most)
        if within or value in self.also:
            return value
        bounds = f"at least {self.least}" if self.most is None else f"{self.least} to {self.most}"
        also = "".join(f", or {other}" for other in self.also)
        raise ValueError(f"must be {bounds}{also} ({self.source})")


@dataclass(frozen=True)
class Counted:
    """The unit in which DMS counts a duration.

    Attributes:
        unit: DMS's unit.
        source: AWS's page.
        least: Fewest units.
        most: Most units; None where AWS names no bound.
    """

    unit: timedelta
    source: Page
    least: int = 0
    most: int | None = None

    def __get_pydantic_core_schema__(
        self, source_type: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """The duration's own schema, then a whole number of units."""
        return core_schema.no_info_after_validator_function(self._check, handler(source_type))

    def _check(self, value: timedelta | None) -> timedelta | None:
        if value is None:
            return None
        count, rest = divmod(value, self.unit)
        if rest or count < self.least or (self.most is not None and count > self.most):
            word = "minutes" if self.unit == timedelta(minutes=1) else "seconds"
            bounds = f"at least {self.least}"
            if self.most is not None:
                bounds = f"{self.least} to {self.most}"
            raise ValueError(
                f"must be a whole number of {word}, {bounds}, as DMS counts in {word} "
                f"({self.source})"
            )
        return value


def never(why: str) -> AfterValidator:
    """A validator for a switch that must not be on for a Kinesis target."""

    def check(value: bool | None) -> bool | None:
        if value:
            raise ValueError(why)
        return value

    return AfterValidator(check)
