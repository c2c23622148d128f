"""Task settings from Python, from YAML and from AWS's document are one model."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from pydantic import ValidationError
from ruamel.yaml import YAML

from constructs_lib.dms.table_mappings import (
    BeforeImageDef,
    TableMappings,
    TransformationRule,
)
from constructs_lib.dms.task_settings import (
    BeforeImageSettings,
    ChangeProcessingTuning,
    ErrorBehavior,
    FullLoadSettings,
    LogComponent,
    Logging,
    MigrationType,
    TargetMetadata,
    TaskSettings,
    task_faults,
)
from constructs_lib.errors import InvalidPropsError

# A document as DMS itself describes a task: every key, zeros and nulls for what is not used.
DESCRIBED: dict[str, Any] = {
    "TargetMetadata": {
        "TargetSchema": "",
        "SupportLobs": True,
        "FullLobMode": False,
        "LobChunkSize": 0,
        "LimitedSizeLobMode": True,
        "LobMaxSize": 64,
        "InlineLobMaxSize": 0,
        "LoadMaxFileSize": 0,
        "ParallelLoadThreads": 0,
        "ParallelLoadBufferSize": 0,
        "ParallelLoadQueuesPerThread": 1,
        "ParallelApplyThreads": 4,
        "ParallelApplyBufferSize": 100,
        "ParallelApplyQueuesPerThread": 1,
        "BatchApplyEnabled": False,
        "TaskRecoveryTableEnabled": False,
    },
    "FullLoadSettings": {
        "TargetTablePrepMode": "DO_NOTHING",
        "CreatePkAfterFullLoad": False,
        "StopTaskCachedChangesApplied": False,
        "StopTaskCachedChangesNotApplied": False,
        "MaxFullLoadSubTasks": 8,
        "TransactionConsistencyTimeout": 600,
        "CommitRate": 10000,
    },
    "Logging": {
        "EnableLogging": True,
        "EnableLogContext": True,
        "LogComponents": [
            {"Id": "SORTER", "Severity": "LOGGER_SEVERITY_DEFAULT"},
            {"Id": "VALIDATOR_EXT", "Severity": "LOGGER_SEVERITY_DETAILED_DEBUG"},
        ],
        "LogConfiguration": {"EnableTraceOnError": False, "TraceOnErrorMb": 10},
        "CloudWatchLogGroup": "dms-tasks-instance",
        "CloudWatchLogStream": "dms-task-ABC",
    },
    "ControlTablesSettings": {
        "historyTimeslotInMinutes": 5,
        "HistoryTimeslotInMinutes": 5,
        "ControlSchema": "",
        "HistoryTableEnabled": False,
        "SuspendedTablesTableEnabled": False,
        "StatusTableEnabled": False,
        "FullLoadExceptionTableEnabled": False,
        "CommitPositionTableEnabled": False,
    },
    "StreamBufferSettings": {
        "StreamBufferCount": 3,
        "StreamBufferSizeInMB": 8,
        "CtrlStreamBufferSizeInMB": 5,
    },
    "ChangeProcessingDdlHandlingPolicy": {
        "HandleSourceTableDropped": True,
        "HandleSourceTableTruncated": True,
        "HandleSourceTableAltered": True,
    },
    "ErrorBehavior": {
        "DataErrorPolicy": "LOG_ERROR",
        "DataTruncationErrorPolicy": "LOG_ERROR",
        "DataMaskingErrorPolicy": "STOP_TASK",
        "DataErrorEscalationPolicy": "SUSPEND_TABLE",
        "DataErrorEscalationCount": 0,
        "EventErrorPolicy": "IGNORE",
        "TableErrorPolicy": "SUSPEND_TABLE",
        "TableErrorEscalationPolicy": "STOP_TASK",
        "TableErrorEscalationCount": 0,
        "RecoverableErrorCount": -1,
        "RecoverableErrorInterval": 5,
        "RecoverableErrorThrottling": True,
        "RecoverableErrorThrottlingMax": 1800,
        "RecoverableErrorStopRetryAfterThrottlingMax": True,
        "ApplyErrorDeletePolicy": "IGNORE_RECORD",
        "ApplyErrorInsertPolicy": "INSERT_RECORD",
        "ApplyErrorUpdatePolicy": "UPDATE_RECORD",
        "ApplyErrorEscalationPolicy": "LOG_ERROR",
        "ApplyErrorEscalationCount": 0,
        "ApplyErrorFailOnTruncationDdl": False,
        "FullLoadIgnoreConflicts": True,
        "FailOnTransactionConsistencyBreached": False,
        "FailOnNoTablesCaptured": True,
    },
    "ChangeProcessingTuning": {
        "BatchApplyPreserveTransaction": True,
        "BatchApplyTimeoutMin": 1,
        "BatchApplyTimeoutMax": 30,
        "BatchApplyMemoryLimit": 500,
        "BatchSplitSize": 0,
        "MinTransactionSize": 1000,
        "CommitTimeout": 1,
        "MemoryLimitTotal": 1024,
        "MemoryKeepTime": 60,
        "StatementCacheSize": 50,
        "RecoveryTimeout": -1,
    },
    "ValidationSettings": {
        "EnableValidation": False,
        "ValidationMode": "ROW_LEVEL",
        "ThreadCount": 5,
        "PartitionSize": 10000,
        "FailureMaxCount": 10000,
        "RecordFailureDelayInMinutes": 5,
        "RecordSuspendDelayInMinutes": 30,
        "MaxKeyColumnSize": 8096,
        "TableFailureMaxCount": 1000,
        "ValidationOnly": False,
        "HandleCollationDiff": False,
        "RecordFailureDelayLimitInMinutes": 0,
        "SkipLobColumns": False,
        "ValidationPartialLobSize": 0,
        "ValidationQueryCdcDelaySeconds": 0,
    },
    "TTSettings": {"EnableTT": False, "TTS3Settings": None, "TTRecordSettings": None},
    "BeforeImageSettings": {
        "EnableBeforeImage": True,
        "FieldName": "before-image",
        "ColumnFilter": "pk-only",
    },
    "PostProcessingRules": None,
    "CharacterSetSettings": None,
    "LoopbackPreventionSettings": None,
    "FailTaskWhenCleanTaskResourceFailed": False,
}


def without(document: Any, *keys: str) -> Any:
    if isinstance(document, dict):
        return {
            key: without(value, *keys)
            for key, value in document.items()
            if value is not None and key not in keys
        }
    return document


def test_only_what_is_set_is_sent() -> None:
    assert TaskSettings().to_json() == "{}"

    settings = TaskSettings(
        full_load_settings=FullLoadSettings(commit_rate=20_000),
        change_processing_tuning=ChangeProcessingTuning(commit_timeout=timedelta(seconds=5)),
        logging=Logging(
            enable_logging=True,
            log_components=(LogComponent(id="SOURCE_CAPTURE", severity="LOGGER_SEVERITY_DEBUG"),),
        ),
    )

    assert json.loads(settings.to_json()) == {
        "FullLoadSettings": {"CommitRate": 20_000},
        "ChangeProcessingTuning": {"CommitTimeout": 5},
        "Logging": {
            "EnableLogging": True,
            "LogComponents": [{"Id": "SOURCE_CAPTURE", "Severity": "LOGGER_SEVERITY_DEBUG"}],
        },
    }


def test_yaml_speaks_snake_case_with_units_and_durations() -> None:
    text = """
    target_metadata: {lob_max_size_kb: 32, parallel_apply_threads: 8}
    full_load_settings: {transaction_consistency_timeout: PT10M}
    control_tables_settings: {history_timeslot: PT10M}
    error_behavior: {recoverable_error_throttling_max: PT1H}
    tt_settings: {enable_tt: false}
    fail_task_when_clean_task_resource_failed: true
    """

    settings = TaskSettings.model_validate(YAML(typ="safe").load(text))

    assert json.loads(settings.to_json()) == {
        "TargetMetadata": {"LobMaxSize": 32, "ParallelApplyThreads": 8},
        "FullLoadSettings": {"TransactionConsistencyTimeout": 600},
        "ControlTablesSettings": {"HistoryTimeslotInMinutes": 10},
        "ErrorBehavior": {"RecoverableErrorThrottlingMax": 3600},
        "TTSettings": {"EnableTT": False},
        "FailTaskWhenCleanTaskResourceFailed": True,
    }


def test_a_described_document_comes_out_as_it_was_but_for_what_dms_refuses() -> None:
    settings = TaskSettings.from_json(json.dumps(DESCRIBED))

    assert json.loads(settings.to_json()) == without(
        DESCRIBED, "CloudWatchLogGroup", "CloudWatchLogStream", "historyTimeslotInMinutes"
    )
    assert TaskSettings.from_json(settings.to_json()) == settings


def test_a_text_pasted_into_yaml_is_awss_document() -> None:
    text = "'" + json.dumps({"FullLoadSettings": {"CommitRate": 5}}) + "'"

    assert TaskSettings.model_validate(YAML(typ="safe").load(text)).to_document() == {
        "FullLoadSettings": {"CommitRate": 5}
    }


def test_editors_are_offered_snake_case() -> None:
    schema = TaskSettings.model_json_schema()

    assert "target_metadata" in schema["properties"]
    target = schema["$defs"]["TargetMetadata"]
    assert "lob_max_size_kb" in target["properties"]
    assert "LobMaxSize" not in target["properties"]


@pytest.mark.parametrize(
    "document",
    [
        DESCRIBED,
        json.dumps(DESCRIBED),
        {"full_load_settings": {"commit_rate": 5, "max_full_load_sub_tasks": None}},
        {"FullLoadSettings": {"TransactionConsistencyTimeout": "600"}, "logging": None},
        {"error_behavior": {"recoverable_error_interval": "PT5S"}},
        {"logging": {"log_components": [{"id": "SORTER", "severity": "LOGGER_SEVERITY_INFO"}]}},
    ],
)
def test_the_schema_for_editors_takes_what_is_read(document: Any) -> None:
    TaskSettings.model_validate(document)

    Draft202012Validator(TaskSettings.model_json_schema()).validate(document)


@pytest.mark.parametrize(
    "document",
    [
        {"FullLoadSettings": {"CommitRates": 5}},
        {"FullLoadSettings": {"CommitRate": "many"}},
        {"full_load_settings": {"transaction_consistency_timeout": 600}},
        {"Logging": {"LogComponents": [{"Id": "SORTER"}]}},
        7,
    ],
)
def test_the_schema_for_editors_refuses_what_is_refused(document: Any) -> None:
    with pytest.raises(ValidationError):
        TaskSettings.model_validate(document)

    assert not Draft202012Validator(TaskSettings.model_json_schema()).is_valid(document)


SETTINGS = (
    "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings"
)
KINESIS = "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html"


@pytest.mark.parametrize(
    ("section", "key", "fits", "refused", "bounds"),
    [
        ("TargetMetadata", "ParallelLoadThreads", [0, 32], [-1, 33], f"0 to 32 ({KINESIS})"),
        ("TargetMetadata", "ParallelLoadBufferSize", [0, 50, 1000], [49, 1001], "50 to 1000, or 0"),
        (
            "TargetMetadata",
            "ParallelLoadQueuesPerThread",
            [0, 1, 5, 512],
            [4, 513],
            "5 to 512, or 0, or 1",
        ),
        ("TargetMetadata", "ParallelApplyThreads", [0, 32], [-1, 33], "0 to 32"),
        ("TargetMetadata", "ParallelApplyBufferSize", [0, 1000], [1001], "0 to 1000"),
        ("TargetMetadata", "ParallelApplyQueuesPerThread", [1, 512], [513], "0 to 512"),
        ("TargetMetadata", "LobMaxSize", [0, 1024], [1025, 102_400], f"0 to 1024 ({KINESIS})"),
        ("TargetMetadata", "InlineLobMaxSize", [0, 102_400], [102_401], "0 to 102400"),
        ("TargetMetadata", "LoadMaxFileSize", [0, 100_000], [100_001], "0 to 100000"),
        ("TargetMetadata", "LobChunkSize", [0, 64], [-1], "at least 0"),
        ("FullLoadSettings", "MaxFullLoadSubTasks", [1, 49], [0, 50], "1 to 49"),
        ("FullLoadSettings", "CommitRate", [1, 50_000], [0, 50_001], "1 to 50000"),
        (
            "FullLoadSettings",
            "TransactionConsistencyTimeout",
            [0, 600],
            [-1],
            "a whole number of seconds, at least 0",
        ),
        ("ChangeProcessingTuning", "StatementCacheSize", [0, 200], [201], "0 to 200"),
        ("StreamBufferSettings", "CtrlStreamBufferSizeInMB", [1, 8], [0, 9], "1 to 8"),
        ("StreamBufferSettings", "StreamBufferCount", [1], [0], "at least 1"),
        ("ErrorBehavior", "RecoverableErrorCount", [-1, 0], [-2], "at least -1"),
        ("ErrorBehavior", "DataErrorEscalationCount", [0, 50], [-1], "at least 0"),
        (
            "ResyncSettings",
            "MaxResyncTime",
            [5, 14_400],
            [4, 14_401],
            "a whole number of minutes, 5 to 14400",
        ),
    ],
)
def test_bounds(section: str, key: str, fits: list[int], refused: list[int], bounds: str) -> None:
    for value in fits:
        document = {section: {key: value}}
        assert TaskSettings.from_json(document).to_document() == document
    for value in refused:
        with pytest.raises(InvalidPropsError) as error:
            TaskSettings.from_json({section: {key: value}})
        (fault,) = error.value.faults
        assert fault.where == f"{section}.{key}"
        assert f"must be {bounds}" in fault.problem
        assert "(https://docs.aws.amazon.com/dms/latest/userguide/CHAP_T" in fault.problem


@pytest.mark.parametrize(
    ("section", "content", "problem"),
    [
        ("TargetMetadata", {"BatchApplyEnabled": True}, "batch apply may lose data on a Kinesis"),
        (
            "TargetMetadata",
            {"FullLobMode": True},
            "Kinesis targets have no full (unlimited) LOB mode",
        ),
        (
            "TargetMetadata",
            {"SupportLobs": True, "LimitedSizeLobMode": False},
            "support_lobs needs one of the LOB modes, and Kinesis has only the limited one",
        ),
        ("ValidationSettings", {"EnableValidation": True}, "DMS cannot validate what is on a"),
        ("ValidationSettings", {"ValidationOnly": True}, "DMS cannot validate what is on a"),
        ("ResyncSettings", {"EnableResync": True}, "DMS cannot validate what is on a"),
        (
            "TTSettings",
            {"EnableTT": True},
            "Time Travel works only with Oracle, SQL Server and PostgreSQL",
        ),
        (
            "CharacterSetSettings",
            {"CharacterReplacements": [{"SourceCharacterCodePoint": 35}]},
            "DMS substitutes characters for database targets only, not for Kinesis",
        ),
        ("Logging", {"EnableLogContext": True}, "enable_log_context needs enable_logging"),
        (
            "Logging",
            {"EnableLogContext": True, "EnableLogging": False},
            "enable_log_context needs enable_logging",
        ),
        ("BeforeImageSettings", {"EnableBeforeImage": True}, "needs a field_name"),
        (
            "BeforeImageSettings",
            {"EnableBeforeImage": True, "FieldName": " "},
            "needs a field_name",
        ),
        ("PostProcessingRules", {"a": 1}, "are for S3 targets only, never for Kinesis"),
        ("FullLoadSettings", {"CommitRat": 1}, "unknown setting"),
        ("ErrorBehavior", {"DataErrorPolicy": "RETRY"}, "must be 'IGNORE_RECORD'"),
        ("ErrorBehavior", {"TableErrorEscalationPolicy": "SUSPEND_TABLE"}, "'STOP_TASK'"),
        ("Extra", {}, "unknown setting"),
    ],
)
def test_what_a_kinesis_target_or_dms_forbids(
    section: str, content: dict[str, Any], problem: str
) -> None:
    with pytest.raises(InvalidPropsError) as refused:
        TaskSettings.from_json({section: content})

    (fault,) = refused.value.faults
    assert problem in fault.problem


def test_a_component_logs_once() -> None:
    sorter = LogComponent(id="SORTER", severity="LOGGER_SEVERITY_INFO")

    with pytest.raises(InvalidPropsError, match="log_components lists SORTER twice: keep one"):
        Logging(enable_logging=True, log_components=(sorter, sorter))


def test_a_bare_number_is_no_duration_under_our_own_key() -> None:
    with pytest.raises(InvalidPropsError, match="a duration needs its unit"):
        TaskSettings.from_json({"change_processing_tuning": {"commit_timeout": 5}})


def test_a_duration_dms_cannot_count_is_refused() -> None:
    with pytest.raises(InvalidPropsError, match="must be a whole number of seconds, at least 0"):
        ChangeProcessingTuning(commit_timeout=timedelta(milliseconds=1500))


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(InvalidPropsError) as refused:
        TaskSettings.from_json(
            {
                "TargetMetadata": {"BatchApplyEnabled": True, "LobMaxSize": 2000},
                "full_load_settings": {"commit_rate": 0},
            }
        )

    assert sorted(fault.where for fault in refused.value.faults) == [
        "TargetMetadata.BatchApplyEnabled",
        "TargetMetadata.LobMaxSize",
        "full_load_settings.commit_rate",
    ]


@pytest.mark.parametrize(
    ("build", "problem"),
    [
        (lambda: TargetMetadata(batch_apply_enabled=True), "batch apply may lose data"),
        (lambda: FullLoadSettings(max_full_load_sub_tasks=50), "must be 1 to 49"),
        (lambda: ErrorBehavior(recoverable_error_count=-2), "must be at least -1"),
    ],
)
def test_python_is_refused_the_same(build: Callable[[], object], problem: str) -> None:
    with pytest.raises(InvalidPropsError, match=problem):
        build()


@pytest.mark.parametrize(
    ("document", "problem"),
    [
        ("{", "is not valid JSON"),
        (b"\xff\xfe\xfd", "is not valid JSON"),
        ("[]", "must be an object with sections"),
        ("3", "must be an object with sections"),
        ("[" * 200_000, "is nested too deeply"),
        ({"Logging": []}, "Logging: must be a mapping"),
        ({"FullLoadSettings": {"TransactionConsistencyTimeout": 10**30}}, "is too large for a dur"),
        ({"FullLoadSettings": {"CommitRate": [1]}}, "must be a whole number"),
    ],
)
def test_what_is_no_such_document_is_refused_plainly(document: Any, problem: str) -> None:
    with pytest.raises(InvalidPropsError, match=problem):
        TaskSettings.from_json(document)


def test_a_bottomless_value_is_refused_plainly() -> None:
    bottomless: dict[str, Any] = {}
    for _ in range(100_000):
        bottomless = {"a": bottomless}

    with pytest.raises(InvalidPropsError):
        TaskSettings.from_json({"Logging": bottomless})


def mappings(*, before_image: bool = False, masked: bool = False) -> TableMappings:
    rules: list[TransformationRule] = []
    if before_image:
        rules.append(
            TransformationRule(
                rule_target="column",
                rule_action="add-before-image-columns",
                schema_name="shop",
                table_name="orders",
                before_image_def=BeforeImageDef(column_filter="all"),
            )
        )
    if masked:
        rules.append(
            TransformationRule(
                rule_target="column",
                rule_action="data-masking-hash-mask",
                schema_name="shop",
                table_name="orders",
                column_name="phone",
            )
        )
    return TableMappings(tables=("shop.orders",), rules=tuple(rules))


BEFORE_IMAGE = TaskSettings(
    before_image_settings=BeforeImageSettings(enable_before_image=True, field_name="before-image")
)


@pytest.mark.parametrize(
    ("migration_type", "table_mappings", "settings", "engine", "problem"),
    [
        (
            "cdc",
            mappings(before_image=True),
            BEFORE_IMAGE,
            None,
            "cannot be combined with a rule with the action add-before-image-columns",
        ),
        ("full-load", mappings(), BEFORE_IMAGE, None, "a full-load task sees no updates"),
        (
            "full-load",
            mappings(before_image=True),
            TaskSettings(),
            None,
            "a full-load task sees no updates",
        ),
        ("cdc", mappings(masked=True), TaskSettings(), "3.5.3", "needs DMS 3.5.4 or later"),
        ("cdc", mappings(masked=True), TaskSettings(), "3.4", "needs DMS 3.5.4 or later"),
    ],
)
def test_parts_that_do_not_fit(
    migration_type: MigrationType,
    table_mappings: TableMappings,
    settings: TaskSettings,
    engine: str | None,
    problem: str,
) -> None:
    (fault,) = task_faults(migration_type, table_mappings, settings, engine)

    assert problem in fault.problem


@pytest.mark.parametrize("engine", [None, "3.5.4", "3.10.0", "4.0"])
def test_parts_that_fit(engine: str | None) -> None:
    masked = mappings(masked=True)

    assert task_faults("full-load-and-cdc", masked, BEFORE_IMAGE, engine) == []
    assert task_faults("cdc", mappings(before_image=True), TaskSettings(), engine) == []
    off = TaskSettings(before_image_settings=BeforeImageSettings(enable_before_image=False))
    assert task_faults("full-load", mappings(), off, engine) == []
