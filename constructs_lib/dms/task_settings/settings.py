"""The settings of a DMS task: `TaskSettings`."""

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Self

from pydantic import (
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    ValidationError,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from constructs_lib.dms.engine_versions import is_before
from constructs_lib.dms.guide import KINESIS_TARGET
from constructs_lib.dms.table_mappings import TableMappings
from constructs_lib.dms.task_settings.defaults import TASK_SETTINGS
from constructs_lib.dms.task_settings.section import Section, dms_key
from constructs_lib.dms.task_settings.sections import (
    BeforeImageSettings,
    ChangeProcessingDdlHandlingPolicy,
    ChangeProcessingTuning,
    CharacterSetSettings,
    ControlTablesSettings,
    ErrorBehavior,
    FullLoadSettings,
    Logging,
    LoopbackPreventionSettings,
    ResyncSettings,
    StreamBufferSettings,
    TargetMetadata,
    TTSettings,
    ValidationSettings,
)
from constructs_lib.dms.vocabulary import MigrationType, captures_changes
from constructs_lib.errors import Fault, InvalidPropsError, faults_of

_TOO_DEEP = "is nested too deeply for task settings"


class TaskSettings(Section):
    """The settings of a DMS task whose target is Kinesis.

    Only what is set is sent: the provider compares only the keys it is given. Lists other than
    `log_components` make every plan differ, so that there are none.

    In YAML the keys are DMS's words in snake_case with units in names or durations
    (`full_load_settings: {commit_rate: 20000}`); AWS's own document is understood as well, as
    keys or pasted as a text.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.html

    Raises:
        InvalidPropsError: when built in Python with values that DMS or a Kinesis target refuses;
            it lists all faults.
    """

    target_metadata: TargetMetadata | None = None
    """How rows are written."""

    full_load_settings: FullLoadSettings | None = None
    """How the existing rows are loaded."""

    change_processing_tuning: ChangeProcessingTuning | None = None
    """How changes are batched and kept in memory."""

    stream_buffer_settings: StreamBufferSettings | None = None
    """Buffers between reading and writing."""

    error_behavior: ErrorBehavior | None = None
    """What happens when something fails."""

    before_image_settings: BeforeImageSettings | None = None
    """The values before an update."""

    logging: Logging | None = None
    """What goes to CloudWatch Logs."""

    control_tables_settings: ControlTablesSettings | None = None
    """DMS's own tables."""

    change_processing_ddl_handling_policy: ChangeProcessingDdlHandlingPolicy | None = None
    """Which changes of the source's tables reach the target."""

    validation_settings: ValidationSettings | None = None
    """Must not be enabled for Kinesis."""

    resync_settings: ResyncSettings | None = None
    """Must not be enabled for Kinesis."""

    character_set_settings: CharacterSetSettings | None = None
    """Refused for Kinesis."""

    loopback_prevention_settings: LoopbackPreventionSettings | None = None
    """For replication in both directions."""

    tt_settings: TTSettings | None = None
    """Time Travel; must not be enabled for Kinesis."""

    fail_task_when_clean_task_resource_failed: bool | None = None
    """Whether a task fails whose resources could not be cleaned up."""

    @classmethod
    def from_json(cls, document: str | bytes | Mapping[str, Any]) -> Self:
        """Read AWS's document, as text or as parsed JSON.

        Raises:
            InvalidPropsError: it is no such document, or DMS would refuse it; it lists all faults.
        """
        try:
            try:
                return cls.model_validate(document)
            except ValidationError as error:
                raise InvalidPropsError(cls.__name__, faults_of(error, None)) from None
        except RecursionError:  # what is too deep to read can be too deep to show as well
            raise InvalidPropsError(cls.__name__, [Fault("(top level)", _TOO_DEEP)]) from None

    @model_validator(mode="wrap")
    @classmethod
    def _read_text(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(data, cls):
            return data
        try:
            document = json.loads(data) if isinstance(data, str | bytes) else data
            if not isinstance(document, Mapping):
                raise ValueError("must be an object with sections, as AWS writes it")
            return handler(_without_post_processing(document))
        except ValidationError:
            raise
        except RecursionError:
            raise ValueError(_TOO_DEEP) from None
        except (json.JSONDecodeError, UnicodeDecodeError) as error:
            raise ValueError(f"is not valid JSON: {error}") from None

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """An object or AWS's document as a text, for editors."""
        reference = super().__get_pydantic_json_schema__(core_schema, handler)
        handler.resolve_ref_schema(reference)["type"] = ["object", "string"]
        return reference

    @property
    def has_before_image(self) -> bool:
        """Whether updates carry the values before them."""
        settings = self.before_image_settings
        return settings is not None and bool(settings.enable_before_image)

    @property
    def logs(self) -> bool:
        """Whether the task writes to CloudWatch Logs."""
        return self.logging is not None and bool(self.logging.enable_logging)

    def to_json(self) -> str:
        """AWS's document with only the keys that are set, always the same text."""
        return json.dumps(self.to_document(), ensure_ascii=False, separators=(",", ":"))


def _without_post_processing(document: Mapping[str, Any]) -> dict[str, Any]:
    given = dict(document)
    if given.pop("PostProcessingRules", None):
        raise ValueError(
            "PostProcessingRules are for S3 targets only, never for Kinesis: remove them"
        )
    if not given.get("CharacterSetSettings", True):
        del given["CharacterSetSettings"]
    return given


def task_faults(
    migration_type: MigrationType,
    table_mappings: TableMappings,
    task_settings: TaskSettings,
    engine_version: str | None = None,
) -> list[Fault]:
    """What is wrong between parts of a task that each are right by themselves.

    Args:
        migration_type: What the task moves.
        table_mappings: What it captures.
        task_settings: Its settings.
        engine_version: DMS version such as `3.5.4`; None: not known here, and not checked.
    """
    faults: list[Fault] = []
    if task_settings.has_before_image and table_mappings.adds_before_image:
        faults.append(
            Fault(
                "task_settings.before_image_settings",
                "cannot be combined with a rule with the action add-before-image-columns "
                f"({KINESIS_TARGET}): remove one of the two",
            )
        )
    if not captures_changes(migration_type):
        places = {
            "task_settings.before_image_settings": task_settings.has_before_image,
            "table_mappings.rules": table_mappings.adds_before_image,
        }
        faults += [
            Fault(
                place,
                "ask for before images, but a full-load task sees no updates "
                f"({KINESIS_TARGET}): remove them, or capture changes too",
                migration_type,
            )
            for place, asks in places.items()
            if asks
        ]
    needed = table_mappings.requires_engine()
    if needed and engine_version and is_before(engine_version, needed):
        faults.append(
            Fault(
                "table_mappings.rules",
                f"mask data, which needs DMS {needed} or later: raise the engine version or "
                "remove the masking rules",
                engine_version,
            )
        )
    return faults


@lru_cache(maxsize=1)
def setting_meanings() -> dict[str, str]:
    """`Section.Key` of DMS's task settings, and what it is in one sentence."""
    found: dict[str, str] = {}

    def walk(model: Any, path: str) -> None:
        for name, field in model.model_fields.items():
            here = f"{path}{dms_key(name)}"
            if field.description:
                found[here] = " ".join(field.description.split())
            for inner in _sections(field.annotation):
                walk(inner, f"{here}.")

    walk(TaskSettings, "")
    return found


def unknown_settings(document: Mapping[str, Any]) -> list[str]:
    """What of AWS's document is not a setting that is known here, as `Section.Key`, in order."""
    known = {*setting_meanings(), *TASK_SETTINGS}
    known |= {
        f"{section}.{key}"
        for section, content in TASK_SETTINGS.items()
        if isinstance(content, Mapping)
        for key in content
    }

    def walk(content: Mapping[str, Any], path: str) -> Iterator[str]:
        for key, value in content.items():
            here = f"{path}{key}"
            if here not in known:
                yield here
            elif isinstance(value, Mapping) and here != "CharacterSetSettings":
                yield from walk(value, f"{here}.")

    return list(walk(document, ""))


def _sections(annotation: Any) -> list[Any]:
    if isinstance(annotation, type):
        return [annotation] if issubclass(annotation, Section) else []
    return [found for each in getattr(annotation, "__args__", ()) for found in _sections(each)]
