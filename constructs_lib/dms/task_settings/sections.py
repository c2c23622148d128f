"""The sections of DMS's task settings.

Whatever is not set is not sent, and DMS takes its own default. The bounds are those for a Kinesis
target.
"""

from datetime import timedelta
from typing import Annotated, Any, Literal, Self

from pydantic import AfterValidator, GetJsonSchemaHandler, model_validator
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema

from constructs_lib.dms import guide
from constructs_lib.dms.limits import LARGEST_INLINE_LOB_KB, LARGEST_LOB_KB, NO_FULL_LOB_MODE
from constructs_lib.dms.task_settings.section import Between, Counted, Section, never
from constructs_lib.dms.vocabulary import ColumnFilter
from constructs_lib.props import Duration

_KINESIS = guide.KINESIS_TARGET
_TARGET_METADATA = guide.TARGET_METADATA
_FULL_LOAD = guide.FULL_LOAD
_TUNING = guide.CHANGE_PROCESSING_TUNING
_STREAM_BUFFER = guide.STREAM_BUFFER
_ERRORS = guide.ERROR_HANDLING
_BEFORE_IMAGE = guide.BEFORE_IMAGE
_LOGGING = guide.LOGGING
_CONTROL_TABLES = guide.CONTROL_TABLES
_VALIDATION = guide.DATA_VALIDATION
_VALIDATING = guide.VALIDATING
_RESYNC = guide.DATA_RESYNC
_TIME_TRAVEL = guide.TIME_TRAVEL
_CHARACTERS = guide.CHARACTER_SUBSTITUTION

_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)


class TargetMetadata(Section):
    """How rows are written to the target.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.TargetMetadata.html
    """

    target_schema: str | None = None
    """Schema name on the target. None: the source's."""

    support_lobs: bool | None = None
    """Whether LOB columns are captured at all."""

    full_lob_mode: (
        Annotated[
            bool,
            never(
                f"must not be true: {NO_FULL_LOB_MODE} ({_KINESIS}). Use "
                "limited_size_lob_mode with lob_max_size_kb"
            ),
        ]
        | None
    ) = None
    """Never true for Kinesis."""

    lob_chunk_size_kb: Annotated[int, Between(0, None, _TARGET_METADATA)] | None = None
    """KB; only for the full LOB mode."""

    limited_size_lob_mode: bool | None = None
    """Whether LOBs are cut at `lob_max_size_kb`; the only mode for Kinesis."""

    lob_max_size_kb: Annotated[int, Between(0, LARGEST_LOB_KB.value, _KINESIS)] | None = None
    """KB, up to 1024, the largest LOB a Kinesis target takes; longer ones are truncated."""

    inline_lob_max_size_kb: (
        Annotated[int, Between(0, LARGEST_INLINE_LOB_KB.value, _TARGET_METADATA)] | None
    ) = None
    """KB, up to 102400; only for the full LOB mode."""

    load_max_file_size_kb: Annotated[int, Between(0, 100_000, _TARGET_METADATA)] | None = None
    """KB, up to 100000; only for targets loaded from files."""

    parallel_load_threads: Annotated[int, Between(0, 32, _KINESIS)] | None = None
    """Threads that load each table, up to 32, for each of `max_full_load_sub_tasks` tables."""

    parallel_load_buffer_size: Annotated[int, Between(50, 1000, _KINESIS, also=(0,))] | None = None
    """Records buffered by the load threads, 50 to 1000; 0 is what DMS writes for "not used"."""

    parallel_load_queues_per_thread: (
        Annotated[int, Between(5, 512, _KINESIS, also=(0, 1))] | None
    ) = None
    """Queues of each load thread, 5 to 512; DMS's own default is 1, and 0 is "not used"."""

    parallel_apply_threads: Annotated[int, Between(0, 32, _KINESIS)] | None = None
    """Threads that write changes, up to 32. Above 0 the default partition key becomes the primary
    key."""

    parallel_apply_buffer_size: Annotated[int, Between(0, 1000, _KINESIS)] | None = None
    """Records buffered by the apply threads, up to 1000."""

    parallel_apply_queues_per_thread: Annotated[int, Between(0, 512, _KINESIS)] | None = None
    """Queues of each apply thread, up to 512."""

    batch_apply_enabled: (
        Annotated[
            bool,
            never(
                "must not be true: batch apply may lose data on a Kinesis target "
                f"({_KINESIS}). Remove it; to write changes faster, set parallel_apply_threads"
            ),
        ]
        | None
    ) = None
    """Never true for Kinesis."""

    task_recovery_table_enabled: bool | None = None
    """Whether DMS keeps its recovery table on the target, for databases."""

    @model_validator(mode="after")
    def _one_lob_mode(self) -> Self:
        if self.support_lobs and self.limited_size_lob_mode is False:
            raise ValueError(
                "support_lobs needs one of the LOB modes, and Kinesis has only the limited one "
                f"({_TARGET_METADATA}): set limited_size_lob_mode to true or support_lobs to false"
            )
        return self


class FullLoadSettings(Section):
    """How the existing rows are loaded.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.FullLoad.html
    """

    target_table_prep_mode: Literal["DO_NOTHING", "DROP_AND_CREATE", "TRUNCATE_BEFORE_LOAD"] | (
        None
    ) = None
    """What happens to existing tables on the target; a stream has none."""

    create_pk_after_full_load: bool | None = None
    """Whether keys are made after the load, for databases."""

    stop_task_cached_changes_applied: bool | None = None
    """Whether the task stops after the load and the changes made meanwhile."""

    stop_task_cached_changes_not_applied: bool | None = None
    """Whether the task stops after the load, before the changes made meanwhile."""

    max_full_load_sub_tasks: Annotated[int, Between(1, 49, _FULL_LOAD)] | None = None
    """Tables loaded at once, up to 49; DMS's default is 8."""

    transaction_consistency_timeout: Annotated[Duration | None, Counted(_SECOND, _FULL_LOAD)] = None
    """How long open transactions are waited for; DMS's default is 10 minutes."""

    commit_rate: Annotated[int, Between(1, 50_000, _FULL_LOAD)] | None = None
    """Records transferred together, up to 50000; DMS's default is 10000."""


class ChangeProcessingTuning(Section):
    """How changes are batched and kept in memory.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.ChangeProcessingTuning.html
    """

    batch_apply_preserve_transaction: bool | None = None
    """Only for batch apply, which Kinesis targets do not have."""

    batch_apply_timeout_min: Annotated[Duration | None, Counted(_SECOND, _TUNING)] = None
    """Only for batch apply, which Kinesis targets do not have."""

    batch_apply_timeout_max: Annotated[Duration | None, Counted(_SECOND, _TUNING)] = None
    """Only for batch apply, which Kinesis targets do not have."""

    batch_apply_memory_limit_mb: Annotated[int, Between(0, None, _TUNING)] | None = None
    """Only for batch apply, which Kinesis targets do not have."""

    batch_split_size: Annotated[int, Between(0, None, _TUNING)] | None = None
    """Only for batch apply, which Kinesis targets do not have."""

    min_transaction_size: Annotated[int, Between(0, None, _TUNING)] | None = None
    """Fewest changes in a transaction; DMS's default is 1000."""

    commit_timeout: Annotated[Duration | None, Counted(_SECOND, _TUNING)] = None
    """How long transactions are collected; DMS's default is 1 second."""

    memory_limit_total_mb: Annotated[int, Between(0, None, _TUNING)] | None = None
    """MB of transactions kept in memory before they go to disk; DMS's default is 1024."""

    memory_keep_time: Annotated[Duration | None, Counted(_SECOND, _TUNING)] = None
    """How long a transaction stays in memory; DMS's default is 60 seconds."""

    statement_cache_size: Annotated[int, Between(0, 200, _TUNING)] | None = None
    """Prepared statements kept, up to 200; DMS's default is 50."""

    recovery_timeout: int | None = None
    """As DMS writes it into its own documents (-1); AWS documents neither meaning nor unit."""


class StreamBufferSettings(Section):
    """Buffers between reading and writing.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.StreamBuffer.html
    """

    stream_buffer_count: Annotated[int, Between(1, None, _STREAM_BUFFER)] | None = None
    """Number of buffers; DMS's default is 3."""

    stream_buffer_size_mb: Annotated[int, Between(1, None, _STREAM_BUFFER)] | None = None
    """MB of each buffer; DMS's default is 8."""

    ctrl_stream_buffer_size_mb: Annotated[int, Between(1, 8, _STREAM_BUFFER)] | None = None
    """MB of the control buffer, 1 to 8; DMS's default is 5."""


RecordPolicy = Literal["IGNORE_RECORD", "LOG_ERROR", "SUSPEND_TABLE", "STOP_TASK"]
TablePolicy = Literal["SUSPEND_TABLE", "STOP_TASK"]
Count = Annotated[int, Between(0, None, _ERRORS)]


class ErrorBehavior(Section):
    """What DMS does when something fails.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.ErrorHandling.html
    """

    data_error_policy: RecordPolicy | None = None
    """For a record that cannot be processed; DMS's default is LOG_ERROR."""

    data_truncation_error_policy: RecordPolicy | None = None
    """For data that is truncated; DMS's default is LOG_ERROR."""

    data_masking_error_policy: RecordPolicy | None = None
    """For data that cannot be masked; DMS's default is STOP_TASK. Needs DMS 3.5.4 or later."""

    data_error_escalation_policy: TablePolicy | None = None
    """After `data_error_escalation_count` errors; DMS's default is SUSPEND_TABLE."""

    data_error_escalation_count: Count | None = None
    """Errors of records before the escalation; 0 is never."""

    event_error_policy: Literal["IGNORE", "STOP_TASK"] | None = None
    """For an event that cannot be sent."""

    table_error_policy: TablePolicy | None = None
    """For a table that cannot be processed; DMS's default is SUSPEND_TABLE."""

    table_error_escalation_policy: Literal["STOP_TASK"] | None = None
    """After `table_error_escalation_count` errors: AWS knows only STOP_TASK."""

    table_error_escalation_count: Count | None = None
    """Errors of tables before the escalation; 0 is never."""

    recoverable_error_count: Annotated[int, Between(-1, None, _ERRORS)] | None = None
    """Restarts after an error of the environment; DMS's default of -1 is without end."""

    recoverable_error_interval: Annotated[Duration | None, Counted(_SECOND, _ERRORS)] = None
    """Time between restarts; DMS's default is 5 seconds."""

    recoverable_error_throttling: bool | None = None
    """Whether the time between restarts grows; DMS's default is true."""

    recoverable_error_throttling_max: Annotated[Duration | None, Counted(_SECOND, _ERRORS)] = None
    """Longest time between restarts; DMS's default is 30 minutes."""

    recoverable_error_stop_retry_after_throttling_max: bool | None = None
    """Whether restarts end when that time is reached."""

    apply_error_delete_policy: RecordPolicy | None = None
    """For a delete that conflicts; DMS's default is IGNORE_RECORD."""

    apply_error_insert_policy: RecordPolicy | Literal["INSERT_RECORD"] | None = None
    """For an insert that conflicts; DMS's default is LOG_ERROR."""

    apply_error_update_policy: RecordPolicy | Literal["UPDATE_RECORD"] | None = None
    """For an update that conflicts; DMS's default is LOG_ERROR."""

    apply_error_escalation_policy: Literal["LOG_ERROR", "SUSPEND_TABLE", "STOP_TASK"] | None = None
    """After `apply_error_escalation_count` conflicts; DMS's default is LOG_ERROR."""

    apply_error_escalation_count: Count | None = None
    """Conflicts before the escalation; 0 is never."""

    apply_error_fail_on_truncation_ddl: bool | None = None
    """Whether the truncation of a table fails the task; DMS's default is false."""

    full_load_ignore_conflicts: bool | None = None
    """Whether conflicts of changes cached during the load are ignored; DMS's default is true."""

    fail_on_transaction_consistency_breached: bool | None = None
    """Whether a transaction open for too long fails the task (Oracle sources)."""

    fail_on_no_tables_captured: bool | None = None
    """Whether the task fails when the mappings match no table."""


class BeforeImageSettings(Section):
    """The values before an update, as an attribute of the record.

    Not for tasks that are full load only, and never beside the rule action
    `add-before-image-columns`; `task_faults` tells.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.BeforeImage.html
    """

    enable_before_image: bool | None = None
    """Whether updates carry the old values."""

    field_name: str | None = None
    """Name of the attribute; required when enabled."""

    column_filter: ColumnFilter | None = None
    """Which columns; DMS's default is `pk-only`."""

    @model_validator(mode="after")
    def _name_the_field(self) -> Self:
        if self.enable_before_image and not (self.field_name or "").strip():
            raise ValueError(
                f"enable_before_image needs a field_name ({_BEFORE_IMAGE}): name the attribute, "
                "such as before-image"
            )
        return self


LogComponentId = Literal[
    "ADDONS",
    "COMMON",
    "COMMUNICATION",
    "DATA_STRUCTURE",
    "FILE_FACTORY",
    "FILE_TRANSFER",
    "IO",
    "METADATA_MANAGER",
    "PERFORMANCE",
    "REST_SERVER",
    "SORTER",
    "SOURCE_CAPTURE",
    "SOURCE_UNLOAD",
    "TABLES_MANAGER",
    "TARGET_APPLY",
    "TARGET_LOAD",
    "TASK_MANAGER",
    "TRANSFORMATION",
    "VALIDATOR",
    "VALIDATOR_EXT",
]
LogSeverity = Literal[
    "LOGGER_SEVERITY_ERROR",
    "LOGGER_SEVERITY_WARNING",
    "LOGGER_SEVERITY_INFO",
    "LOGGER_SEVERITY_DEFAULT",
    "LOGGER_SEVERITY_DEBUG",
    "LOGGER_SEVERITY_DETAILED_DEBUG",
]


class LogComponent(Section):
    """How much one part of DMS logs."""

    id: LogComponentId
    """The part."""

    severity: LogSeverity
    """How much it logs."""


class LogConfiguration(Section):
    """Traces around an error, where DMS offers them."""

    enable_trace_on_error: bool | None = None
    """Whether traces are kept."""

    trace_on_error_mb: Annotated[int, Between(0, None, _LOGGING)] | None = None
    """MB of traces."""


class Logging(Section):
    """What DMS writes to CloudWatch Logs.

    The group and the stream are DMS's to choose: it refuses tasks that name them, so they are
    dropped from a pasted document.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.Saving.html
    """

    _ignored = ("CloudWatchLogGroup", "CloudWatchLogStream")

    enable_logging: bool | None = None
    """Whether the task logs."""

    enable_log_context: bool | None = None
    """Whether lines carry their context; needs `enable_logging`."""

    delete_task_logs: bool | None = None
    """Whether the logs on the replication instance are deleted."""

    log_components: tuple[LogComponent, ...] | None = None
    """Severities by part. None: DMS's defaults. Those not listed keep their default."""

    log_configuration: LogConfiguration | None = None
    """Traces around an error."""

    @model_validator(mode="after")
    def _context_needs_logging(self) -> Self:
        if self.enable_log_context and not self.enable_logging:
            raise ValueError(
                f"enable_log_context needs enable_logging ({_LOGGING}): set it to true or remove "
                "enable_log_context"
            )
        return self

    @model_validator(mode="after")
    def _components_once(self) -> Self:
        ids = [component.id for component in self.log_components or ()]
        twice = sorted({name for name in ids if ids.count(name) > 1})
        if twice:
            raise ValueError(f"log_components lists {', '.join(twice)} twice: keep one of each")
        return self


class ControlTablesSettings(Section):
    """DMS's own tables on the target; on a stream they are records.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.ControlTable.html
    """

    control_schema: str | None = None
    """Schema of the control tables."""

    history_timeslot: Annotated[Duration | None, Counted(_MINUTE, _CONTROL_TABLES)] = None
    """Length of a slot of the history; DMS's default is 5 minutes."""

    history_table_enabled: bool | None = None
    """Whether the history is kept."""

    suspended_tables_table_enabled: bool | None = None
    """Whether suspended tables are listed."""

    status_table_enabled: bool | None = None
    """Whether the task's status is written."""

    full_load_exception_table_enabled: bool | None = None
    """Whether exceptions of the full load are written."""

    commit_position_table_enabled: bool | None = None
    """Whether commit positions are written."""

    @model_validator(mode="before")
    @classmethod
    def _drop_the_double(cls, data: Any) -> Any:
        # DMS's own documents hold this key a second time with a small letter
        if not isinstance(data, dict) or "historyTimeslotInMinutes" not in data:
            return data
        rest = {key: value for key, value in data.items() if key != "historyTimeslotInMinutes"}
        if "history_timeslot" in rest:
            return rest
        return {"HistoryTimeslotInMinutes": data["historyTimeslotInMinutes"]} | rest

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The double key, for editors."""
        reference = super().__get_pydantic_json_schema__(core_schema, handler)
        patterns = handler.resolve_ref_schema(reference)["patternProperties"]
        patterns["^historyTimeslotInMinutes$"] = patterns["^HistoryTimeslotInMinutes$"]
        return reference


class ChangeProcessingDdlHandlingPolicy(Section):
    """Which changes of the source's tables reach the target.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.DDLHandling.html
    """

    handle_source_table_dropped: bool | None = None
    """Whether a dropped table is dropped on the target."""

    handle_source_table_truncated: bool | None = None
    """Whether a truncated table is truncated on the target."""

    handle_source_table_altered: bool | None = None
    """Whether an altered table is altered on the target."""


def _no_validation(setting: str) -> AfterValidator:
    return never(
        f"must not be true: DMS cannot validate what is on a Kinesis stream ({_VALIDATING}). "
        f"Remove {setting}"
    )


class ValidationSettings(Section):
    """Comparison of source and target, which Kinesis targets do not have.

    Known so that a document pasted from AWS can be read; it must not be enabled.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.DataValidation.html
    """

    enable_validation: Annotated[bool, _no_validation("enable_validation")] | None = None
    """Never true for Kinesis."""

    validation_only: Annotated[bool, _no_validation("validation_only")] | None = None
    """Never true for Kinesis."""

    validation_mode: str | None = None
    """`ROW_LEVEL` or `GROUP_LEVEL`."""

    thread_count: Annotated[int, Between(1, None, _VALIDATION)] | None = None
    """Threads."""

    partition_size: Annotated[int, Between(1, None, _VALIDATION)] | None = None
    """Records a batch."""

    failure_max_count: Annotated[int, Between(0, None, _VALIDATION)] | None = None
    """Failed records before the task's validation is suspended."""

    table_failure_max_count: Annotated[int, Between(0, None, _VALIDATION)] | None = None
    """Failed records before a table's validation is suspended."""

    record_failure_delay: Annotated[Duration | None, Counted(_MINUTE, _VALIDATION)] = None
    """Time before a failure is reported."""

    record_failure_delay_limit: Annotated[Duration | None, Counted(_MINUTE, _VALIDATION)] = None
    """Time before any failure is reported."""

    record_suspend_delay: Annotated[Duration | None, Counted(_MINUTE, _VALIDATION)] = None
    """Time before a table is suspended."""

    max_key_column_size: Annotated[int, Between(0, None, _VALIDATION)] | None = None
    """Largest key."""

    handle_collation_diff: bool | None = None
    """Whether collations are taken into account."""

    skip_lob_columns: bool | None = None
    """Whether LOBs are left out."""

    validation_partial_lob_size_kb: Annotated[int, Between(0, None, _VALIDATION)] | None = None
    """KB of a LOB that are compared."""

    validation_query_cdc_delay: Annotated[Duration | None, Counted(_SECOND, _VALIDATION)] = None
    """Time before the first comparison after a change."""


class ResyncSettings(Section):
    """Repair of what the validation finds, which Kinesis targets do not have.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.DataResyncSettings.html
    """

    enable_resync: Annotated[bool, _no_validation("enable_resync")] | None = None
    """Never true for Kinesis: it works on the validation's report."""

    resync_schedule: str | None = None
    """When, as cron."""

    max_resync_time: Annotated[Duration | None, Counted(_MINUTE, _RESYNC, 5, 14_400)] = None
    """How long at most, 5 minutes to 10 days."""

    validation_task_id: str | None = None
    """The validation's task."""


def _no_characters(_: object) -> object:
    raise ValueError(
        "is not supported: DMS substitutes characters for database targets only, not for Kinesis "
        f"({_CHARACTERS}), and such lists cause a diff in every Terraform plan. Remove the section"
    )


CharacterSetSettings = Annotated[dict[str, Any], AfterValidator(_no_characters)]
"""Refused: character substitution is for databases. An empty one or null is ignored."""


class LoopbackPreventionSettings(Section):
    """For two tasks that replicate in both directions between databases.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Task.CDC.html#CHAP_Task.CDC.Bidirectional
    """

    enable_loopback_prevention: bool | None = None
    """Whether changes that came from the other task are left out."""

    source_schema: str | None = None
    """Schema of DMS's loopback table in the source."""

    target_schema: str | None = None
    """Schema of DMS's loopback table in the target."""


class TTS3Settings(Section):
    """Where the logs of Time Travel go."""

    encryption_mode: Literal["SSE_S3", "SSE_KMS"] | None = None
    """Encryption of the logs."""

    server_side_encryption_kms_key_id: str | None = None
    """Key for `SSE_KMS`."""

    service_access_role_arn: str | None = None
    """Role that writes them."""

    bucket_name: str | None = None
    """Bucket they go to."""

    bucket_folder: str | None = None
    """Folder in the bucket."""

    enable_deleting_from_s3_on_task_delete: bool | None = None
    """Whether they are deleted with the task."""


class TTRecordSettings(Section):
    """What the logs of Time Travel hold."""

    enable_raw_data: bool | None = None
    """Whether they hold the raw data."""

    raw_data_format: Literal["TEXT", "HEX"] | None = None
    """Format of the raw data."""

    operations_to_log: str | None = None
    """Such as `DELETE,UPDATE`."""

    max_record_size_kb: Annotated[int, Between(0, None, _TIME_TRAVEL)] | None = None
    """KB of a record; DMS's default is 64."""


class TTSettings(Section):
    """Time Travel, which neither MySQL sources nor Kinesis targets have.

    Known so that a document pasted from AWS can be read; it must not be enabled.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.TimeTravel.html
    """

    enable_tt: (
        Annotated[
            bool,
            never(
                "must not be true: Time Travel works only with Oracle, SQL Server and PostgreSQL "
                f"sources and PostgreSQL and MySQL targets ({_TIME_TRAVEL}). Remove enable_tt"
            ),
        ]
        | None
    ) = None
    """Never true for Aurora MySQL and Kinesis."""

    tts3_settings: TTS3Settings | None = None
    """Where the logs go."""

    tt_record_settings: TTRecordSettings | None = None
    """What the logs hold."""
