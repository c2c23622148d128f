"""The settings of a DMS task: `TaskSettings` and its sections."""

from constructs_lib.dms.task_settings.sections import (
    BeforeImageSettings,
    ChangeProcessingDdlHandlingPolicy,
    ChangeProcessingTuning,
    ControlTablesSettings,
    ErrorBehavior,
    FullLoadSettings,
    LogComponent,
    LogConfiguration,
    Logging,
    LoopbackPreventionSettings,
    ResyncSettings,
    StreamBufferSettings,
    TargetMetadata,
    TTRecordSettings,
    TTS3Settings,
    TTSettings,
    ValidationSettings,
)
from constructs_lib.dms.task_settings.settings import (
    TaskSettings,
    setting_meanings,
    task_faults,
    unknown_settings,
)
from constructs_lib.dms.vocabulary import MigrationType

__all__ = [
    "BeforeImageSettings",
    "ChangeProcessingDdlHandlingPolicy",
    "ChangeProcessingTuning",
    "ControlTablesSettings",
    "ErrorBehavior",
    "FullLoadSettings",
    "LogComponent",
    "LogConfiguration",
    "Logging",
    "LoopbackPreventionSettings",
    "MigrationType",
    "ResyncSettings",
    "StreamBufferSettings",
    "TTRecordSettings",
    "TTS3Settings",
    "TTSettings",
    "TargetMetadata",
    "TaskSettings",
    "ValidationSettings",
    "setting_meanings",
    "task_faults",
    "unknown_settings",
]
