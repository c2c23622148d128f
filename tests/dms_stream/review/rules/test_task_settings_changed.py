"""Examples of the rule `task-settings-changed`."""

import json
from typing import Any

import pytest

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import TASK
from tests.support.small_plans import found, update


def resettled(before: Any, after: Any) -> dict[str, Any]:
    """A task with other settings."""
    return update(TASK, "replication_task_settings", json.dumps(before), json.dumps(after))


EXAMPLES = (
    example(
        "one that matters, one that does not",
        resettled(
            {"TargetMetadata": {"LobMaxSize": 32}, "Logging": {"EnableLogging": False}},
            {"TargetMetadata": {"LobMaxSize": 16}, "Logging": {"EnableLogging": True}},
        ),
        finds=(
            "TargetMetadata.LobMaxSize: 32 → 16 (KB, up to 1024, the largest LOB a Kinesis "
            "target takes; longer ones are truncated)",
            "Logging.EnableLogging: false → true (Whether the task logs)",
        ),
    ),
    example(
        "a default that is written out",
        resettled({}, {"FullLoadSettings": {"CommitRate": 10000}}),
    ),
)

test_examples = examples_of("task-settings-changed", EXAMPLES)


@pytest.mark.parametrize(
    "key",
    [
        "TargetMetadata.BatchApplyEnabled",
        "TargetMetadata.SupportLobs",
        "TargetMetadata.LimitedSizeLobMode",
        "TargetMetadata.LobMaxSize",
        "TargetMetadata.ParallelApplyThreads",
        "BeforeImageSettings.EnableBeforeImage",
        "BeforeImageSettings.FieldName",
        "BeforeImageSettings.ColumnFilter",
        "ErrorBehavior.DataErrorPolicy",
        "ErrorBehavior.DataTruncationErrorPolicy",
        "ErrorBehavior.TableErrorPolicy",
        "ErrorBehavior.ApplyErrorInsertPolicy",
        "ErrorBehavior.ApplyErrorUpdatePolicy",
        "ErrorBehavior.ApplyErrorDeletePolicy",
        "FullLoadSettings.StopTaskCachedChangesApplied",
        "FullLoadSettings.StopTaskCachedChangesNotApplied",
        "ChangeProcessingDdlHandlingPolicy.HandleSourceTableDropped",
        "ChangeProcessingDdlHandlingPolicy.HandleSourceTableTruncated",
        "ChangeProcessingDdlHandlingPolicy.HandleSourceTableAltered",
    ],
)
@pytest.mark.parametrize(
    ("type_", "attribute"),
    [
        ("aws_dms_replication_task", "replication_task_settings"),
        ("aws_dms_replication_config", "replication_settings"),
    ],
)
def test_each_serious_setting_interrupts(type_: str, attribute: str, key: str) -> None:
    section, name = key.split(".")
    before, after = (json.dumps({section: {name: value}}) for value in ("was", "is"))
    (seen,) = found("task-settings-changed", update(type_, attribute, before, after))
    assert seen.severity is Severity.INTERRUPTION
