"""A task works with other settings."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.settings_words import setting_changes
from dms_stream.review.severity import Severity

_ATTRIBUTES = ("replication_task_settings", "replication_settings")
_LOSES = "Records with errors are left out, and only a log says so."
_SHAPE = "Messages have other fields from now on, between old ones."
_CUTS = "Longer values are cut, or left out."
_ORDER = "More threads write at once: changes of different rows may arrive in another order."
_SERIOUS = {
    "TargetMetadata.BatchApplyEnabled": "Batches may lose changes on the way to a stream.",
    "TargetMetadata.SupportLobs": _CUTS,
    "TargetMetadata.LimitedSizeLobMode": _CUTS,
    "TargetMetadata.LobMaxSize": _CUTS,
    "TargetMetadata.ParallelApplyThreads": _ORDER,
    "BeforeImageSettings.EnableBeforeImage": _SHAPE,
    "BeforeImageSettings.FieldName": _SHAPE,
    "BeforeImageSettings.ColumnFilter": _SHAPE,
    "ErrorBehavior.DataErrorPolicy": _LOSES,
    "ErrorBehavior.DataTruncationErrorPolicy": _LOSES,
    "ErrorBehavior.TableErrorPolicy": "A table with errors is suspended and no longer captured.",
    "ErrorBehavior.ApplyErrorInsertPolicy": _LOSES,
    "ErrorBehavior.ApplyErrorUpdatePolicy": _LOSES,
    "ErrorBehavior.ApplyErrorDeletePolicy": _LOSES,
    "FullLoadSettings.StopTaskCachedChangesApplied": "The task stops after the full load.",
    "FullLoadSettings.StopTaskCachedChangesNotApplied": "The task stops after the full load.",
    "ChangeProcessingDdlHandlingPolicy.HandleSourceTableDropped": _SHAPE,
    "ChangeProcessingDdlHandlingPolicy.HandleSourceTableTruncated": _SHAPE,
    "ChangeProcessingDdlHandlingPolicy.HandleSourceTableAltered": _SHAPE,
}


@rule(
    Severity.NOTICE,
    types=("aws_dms_replication_task", "aws_dms_replication_config"),
    judges=_ATTRIBUTES,
    why="The task behaves differently after its next start.",
    instead="Compare latency and table statistics before and after.",
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.html",
        provider_page("dms_replication_task"),
    ),
    others=(Severity.INTERRUPTION, Severity.UNKNOWN),
)
def task_settings_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Task settings are changed: which, in words. Those that leave out, cut, reorder or reshape are
    more serious.
    """
    if not change.compares:
        return
    for path in _ATTRIBUTES:
        if change.unknown(path) or not change.changed(path) or not change.new(path):
            continue
        after = change.new_document(path)
        before = change.old_document(path) or {}
        if change.sensitive(path) or not isinstance(after, dict) or not isinstance(before, dict):
            yield Observation(
                f"{path} changes, and this review cannot read it",
                severity=Severity.UNKNOWN,
                instead="Compare the two documents yourself.",
            )
            continue
        for each in setting_changes(before, after):
            serious = _SERIOUS.get(each.key) if each.new is not None else None
            yield Observation(
                each.text,
                severity=Severity.INTERRUPTION if serious else None,
                why=serious,
            )
