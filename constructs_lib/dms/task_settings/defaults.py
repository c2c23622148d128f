"""What DMS takes for every task setting that nobody sets.

`TASK_SETTINGS` is the whole document that DMS writes for a new task. AWS's guide states some of
these values as defaults; the others are only seen in documents that DMS wrote, and may differ from
one version of DMS to the next. `STATED` tells them apart: only a stated one proves that a setting
is not what it would be by itself.
"""

from collections.abc import Mapping
from typing import Any

from constructs_lib.dms.facts import Fact
from constructs_lib.dms.guide import (
    BEFORE_IMAGE,
    CHANGE_PROCESSING_TUNING,
    CONTROL_TABLES,
    ERROR_HANDLING,
    FULL_LOAD,
    KINESIS_TARGET,
    LOGGING,
    STREAM_BUFFER,
    TARGET_METADATA,
    TIME_TRAVEL,
    Page,
)

_LOG_COMPONENTS = (
    "TRANSFORMATION", "SOURCE_UNLOAD", "IO", "TARGET_LOAD", "PERFORMANCE", "SOURCE_CAPTURE",
    "SORTER", "REST_SERVER", "VALIDATOR_EXT", "TARGET_APPLY", "TASK_MANAGER", "TABLES_MANAGER",
    "METADATA_MANAGER", "FILE_FACTORY", "COMMON", "ADDONS", "DATA_STRUCTURE", "COMMUNICATION",
    "FILE_TRANSFER",
)  # fmt: skip

TASK_SETTINGS: Mapping[str, Any] = {
    "TargetMetadata": {
        "TargetSchema": "",
        "SupportLobs": True,
        "FullLobMode": False,
        "LobChunkSize": 64,
        "LimitedSizeLobMode": True,
        "LobMaxSize": 32,
        "InlineLobMaxSize": 0,
        "LoadMaxFileSize": 0,
        "ParallelLoadThreads": 0,
        "ParallelLoadBufferSize": 0,
        "ParallelLoadQueuesPerThread": 0,
        "ParallelApplyThreads": 0,
        "ParallelApplyBufferSize": 0,
        "ParallelApplyQueuesPerThread": 0,
        "BatchApplyEnabled": False,
        "TaskRecoveryTableEnabled": False,
    },
    "FullLoadSettings": {
        "TargetTablePrepMode": "DROP_AND_CREATE",
        "CreatePkAfterFullLoad": False,
        "StopTaskCachedChangesApplied": False,
        "StopTaskCachedChangesNotApplied": False,
        "MaxFullLoadSubTasks": 8,
        "TransactionConsistencyTimeout": 600,
        "CommitRate": 10000,
    },
    "Logging": {
        "EnableLogging": False,
        "EnableLogContext": False,
        "LogComponents": [
            {"Id": component, "Severity": "LOGGER_SEVERITY_DEFAULT"}
            for component in _LOG_COMPONENTS
        ],
        "CloudWatchLogGroup": None,
        "CloudWatchLogStream": None,
    },
    "ControlTablesSettings": {
        "historyTimeslotInMinutes": 5,
        "ControlSchema": "",
        "HistoryTimeslotInMinutes": 5,
        "HistoryTableEnabled": False,
        "SuspendedTablesTableEnabled": False,
        "StatusTableEnabled": False,
        "FullLoadExceptionTableEnabled": False,
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
        "DataErrorEscalationPolicy": "SUSPEND_TABLE",
        "DataErrorEscalationCount": 0,
        "TableErrorPolicy": "SUSPEND_TABLE",
        "TableErrorEscalationPolicy": "STOP_TASK",
        "TableErrorEscalationCount": 0,
        "RecoverableErrorCount": -1,
        "RecoverableErrorInterval": 5,
        "RecoverableErrorThrottling": True,
        "RecoverableErrorThrottlingMax": 1800,
        "RecoverableErrorStopRetryAfterThrottlingMax": True,
        "ApplyErrorDeletePolicy": "IGNORE_RECORD",
        "ApplyErrorInsertPolicy": "LOG_ERROR",
        "ApplyErrorUpdatePolicy": "LOG_ERROR",
        "ApplyErrorEscalationPolicy": "LOG_ERROR",
        "ApplyErrorEscalationCount": 0,
        "ApplyErrorFailOnTruncationDdl": False,
        "FullLoadIgnoreConflicts": True,
        "FailOnTransactionConsistencyBreached": False,
        "FailOnNoTablesCaptured": True,
        "EventErrorPolicy": "IGNORE",
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
    "PostProcessingRules": None,
    "CharacterSetSettings": None,
    "LoopbackPreventionSettings": None,
    "BeforeImageSettings": None,
    "FailTaskWhenCleanTaskResourceFailed": False,
    "TTSettings": None,
}
"""The document of a new task, by section, in DMS's units: what is read back when nothing is set."""

_STATED: Mapping[Page, tuple[str, ...]] = {
    TARGET_METADATA: ("TargetMetadata.LobMaxSize",),
    KINESIS_TARGET: (
        "TargetMetadata.BatchApplyEnabled",
        "TargetMetadata.ParallelApplyThreads",
        "TargetMetadata.ParallelLoadThreads",
    ),
    FULL_LOAD: (
        "FullLoadSettings.CommitRate",
        "FullLoadSettings.MaxFullLoadSubTasks",
        "FullLoadSettings.TransactionConsistencyTimeout",
    ),
    CHANGE_PROCESSING_TUNING: (
        "ChangeProcessingTuning.CommitTimeout",
        "ChangeProcessingTuning.MemoryKeepTime",
        "ChangeProcessingTuning.MemoryLimitTotal",
        "ChangeProcessingTuning.MinTransactionSize",
        "ChangeProcessingTuning.StatementCacheSize",
    ),
    STREAM_BUFFER: (
        "StreamBufferSettings.CtrlStreamBufferSizeInMB",
        "StreamBufferSettings.StreamBufferCount",
        "StreamBufferSettings.StreamBufferSizeInMB",
    ),
    ERROR_HANDLING: (
        "ErrorBehavior.ApplyErrorDeletePolicy",
        "ErrorBehavior.ApplyErrorEscalationPolicy",
        "ErrorBehavior.ApplyErrorFailOnTruncationDdl",
        "ErrorBehavior.ApplyErrorInsertPolicy",
        "ErrorBehavior.ApplyErrorUpdatePolicy",
        "ErrorBehavior.DataErrorEscalationPolicy",
        "ErrorBehavior.DataErrorPolicy",
        "ErrorBehavior.DataTruncationErrorPolicy",
        "ErrorBehavior.FullLoadIgnoreConflicts",
        "ErrorBehavior.RecoverableErrorCount",
        "ErrorBehavior.RecoverableErrorInterval",
        "ErrorBehavior.RecoverableErrorThrottling",
        "ErrorBehavior.RecoverableErrorThrottlingMax",
        "ErrorBehavior.TableErrorPolicy",
    ),
    LOGGING: ("Logging.EnableLogging",),
    CONTROL_TABLES: ("ControlTablesSettings.HistoryTimeslotInMinutes",),
}


def _value(key: str) -> Any:
    found: Any = TASK_SETTINGS
    for part in key.split("."):
        found = found[part]
    return found


STATED: Mapping[str, Fact[Any]] = {
    key: Fact(_value(key), page) for page, keys in _STATED.items() for key in keys
} | {
    # these have no place in the document of a task that does not use them
    "BeforeImageSettings.ColumnFilter": Fact("pk-only", BEFORE_IMAGE),
    "ErrorBehavior.DataMaskingErrorPolicy": Fact("STOP_TASK", ERROR_HANDLING),
    "TTSettings.TTRecordSettings.MaxRecordSize": Fact(64, TIME_TRAVEL),
}
"""The defaults that AWS's guide states, by `Section.Key`, in DMS's units."""

DEFAULT_LOB_MAX_SIZE_KB: Fact[int] = STATED["TargetMetadata.LobMaxSize"]
"""KB of a LOB that arrive when `LobMaxSize` is not set; the rest is cut."""
