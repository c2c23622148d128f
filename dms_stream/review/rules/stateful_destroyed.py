"""Something that holds data is destroyed."""

from collections.abc import Iterator, Mapping
from typing import Any

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.stateful import is_replica, what_is_lost
from dms_stream.review.words import amount

_REASONS = {
    "delete_because_no_resource_config": (
        "it is no longer in the configuration (nor is its prevent_destroy, which would not help)"
    ),
    "delete_because_no_module": "its module is no longer in the configuration",
    "delete_because_wrong_repetition": "count or for_each no longer includes it",
    "delete_because_count_index": "count is lower",
    "delete_because_each_key": "for_each no longer has its key",
    "delete_because_no_move_target": "it was moved to where no such resource is",
}


OF_A_REPLICA = "Whoever reads from it is refused; a new one is filled from the source again."
"""Why it matters that a replica goes."""

_RDS = ("https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_DeleteCluster.html",)
_PAGES = {
    "aws_cloudwatch_log_group": (provider_page("cloudwatch_log_group"),),
    "aws_kinesis_stream": (
        "https://docs.aws.amazon.com/kinesis/latest/APIReference/API_DeleteStream.html",
    ),
    "aws_kms_key": ("https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html",),
    "aws_rds_cluster": _RDS,
    "aws_db_instance": _RDS,
    "aws_s3_bucket": ("https://docs.aws.amazon.com/AmazonS3/latest/userguide/delete-bucket.html",),
    "aws_secretsmanager_secret": (
        "https://docs.aws.amazon.com/secretsmanager/latest/userguide/manage_delete-secret.html",
    ),
}


@rule(
    Severity.DATA_LOSS,
    why="What it holds is deleted, and making the resource again does not bring it back.",
    instead=(
        "Keep it. If only Terraform should let go of it, use a `removed` block with "
        "`lifecycle { destroy = false }`; if it was renamed in the configuration, a `moved` block. "
        "If it really should go, first make sure that a copy exists, and do it in a change of its "
        "own."
    ),
    sources=tuple(page for pages in dict.fromkeys(_PAGES.values()) for page in pages),
    others=(Severity.INTERRUPTION,),
)
def stateful_destroyed(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A cluster, stream, bucket, key or anything else that holds data is destroyed."""
    if change.action is not Action.DELETE:
        return
    lost = what_is_lost(change.type, change.before)
    if lost is None:
        return
    reason = _REASONS.get(change.action_reason or "")
    text = f"{change.name} is destroyed{f', because {reason}' if reason else ''}. Lost: {lost}."
    successor = plan.successors.get(change.address)
    if successor:
        text += f" This looks like a rename: the plan creates the same name at {successor}, empty."
    replica = is_replica(change.type, change.before)
    yield Observation(
        f"{text} {what_remains(change)}".strip(),
        severity=Severity.INTERRUPTION if replica else None,
        why=OF_A_REPLICA if replica else None,
        instead=(
            f"Write `moved {{ from = {change.address}, to = {successor} }}`: then another address "
            "destroys nothing."
            if successor
            else None
        ),
        sources=_PAGES.get(change.type, ()),
    )


def what_remains(change: ResourceChange) -> str:
    """What a service keeps for a while when a resource is destroyed, in words; may be empty."""
    values = change.before
    if "skip_final_snapshot" in values:
        return _of_a_database(values, replica=is_replica(change.type, values))
    if change.type in ("aws_s3_bucket", "aws_s3_directory_bucket"):
        if values.get("force_destroy"):
            return "force_destroy is set, so it is emptied first."
        return "S3 refuses as long as it holds an object or a version; then the apply stops."
    if change.type == "aws_secretsmanager_secret":
        days = values.get("recovery_window_in_days")
        if days == 0:
            return "It cannot be restored (recovery_window_in_days 0)."
        return f"It can be restored for {amount(days or 30, 'day')}."
    if change.type == "aws_kms_key":
        cancel = amount(values.get("deletion_window_in_days") or 30, "day")
        return f"The deletion can be canceled for {cancel}, in which nobody can use the key."
    return ""


def _of_a_database(values: Mapping[str, Any], *, replica: bool) -> str:
    texts = []
    if values.get("deletion_protection") is True:
        texts.append("AWS refuses as long as deletion_protection is true; then the apply stops.")
    if values["skip_final_snapshot"]:
        texts.append("No final snapshot is taken (skip_final_snapshot).")
    elif replica:
        # https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DeleteDBInstance.html
        texts.append(
            "The apply fails: RDS takes no final snapshot of a replica, and skip_final_snapshot is "
            "false."
        )
        return " ".join(texts)
    elif not values.get("final_snapshot_identifier"):
        texts.append(
            "The apply fails: skip_final_snapshot is false, and the final snapshot has no name "
            "(final_snapshot_identifier)."
        )
        return " ".join(texts)
    else:
        texts.append("A final snapshot is taken.")
    if "delete_automated_backups" in values:
        kept = values["delete_automated_backups"] is False
        texts.append(f"The automated backups {'are kept' if kept else 'are deleted too'}.")
    return " ".join(texts)
