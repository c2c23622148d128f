"""A difference that means nothing."""

from collections.abc import Iterator

from dms_stream.review.documents import read_mappings
from dms_stream.review.mapping_words import ATTRIBUTE, TYPES, differences
from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.policies import same_policy
from dms_stream.review.policy_attributes import documents
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.settings_words import setting_changes
from dms_stream.review.severity import Severity
from dms_stream.review.values import same

# what the provider takes an absent attribute for
_DEFAULTS: dict[str, dict[str, object]] = {
    "aws_cloudwatch_metric_alarm": {"actions_enabled": True, "treat_missing_data": "missing"},
    "aws_dms_endpoint": {"pause_replication_tasks": False},
    "aws_dms_replication_task": {"start_replication_task": False},
    "aws_kinesis_stream": {
        "encryption_type": "NONE",
        "enforce_consumer_deletion": False,
        "retention_period": 24,
    },
    "aws_kms_key": {"is_enabled": True, "enable_key_rotation": False},
    "aws_rds_cluster": {"deletion_protection": False, "skip_final_snapshot": False},
    "aws_s3_bucket": {"force_destroy": False},
    "aws_secretsmanager_secret": {"recovery_window_in_days": 30},
}
_SETTINGS = ("replication_task_settings", "replication_settings")


@rule(
    Severity.NOISE,
    why="Before and after mean the same, though they are written differently.",
    instead=(
        "Nothing needs to be done. If it comes back in every plan, write it as the provider reads "
        "it back."
    ),
    sources=(
        provider_page("iam_policy"),
        provider_page("dms_replication_task"),
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html",
    ),
)
def equal_in_meaning(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """An update whose differences are the order of JSON or of a policy, ids and names of mapping
    rules, or a default that is written out.
    """
    if not change.updates:
        return
    if any(change.old(name) is not None for name in change.unknown_attributes()):
        return
    names = list(change.changed_attributes())
    if names and all(means_the_same(change, name) for name in names):
        stops = change.type in TYPES
        yield Observation(
            f"{', '.join(names)}: another spelling, the same meaning",
            instead=(
                "Write it as it is deployed: for the spelling alone the task is stopped."
                if stops
                else None
            ),
        )


def means_the_same(change: ResourceChange, name: str) -> bool:
    """Whether an attribute means the same before and after."""
    old, new = change.old(name), change.new(name)
    if same(old, new):
        return True
    if name in documents(change):
        return same_policy(change.old_document(name), change.new_document(name))
    if name == ATTRIBUTE and isinstance(old, str) and isinstance(new, str):
        before, after = read_mappings(old), read_mappings(new)
        return before is not None and after is not None and not differences(before, after)
    if name in _SETTINGS:
        before, after = change.old_document(name), change.new_document(name)
        both = isinstance(before, dict) and isinstance(after, dict)
        return both and not any(True for _ in setting_changes(before, after))
    defaults = _DEFAULTS.get(change.type, {})
    if name in defaults:
        default = defaults[name]
        return (default if old is None else old) == (default if new is None else new)
    return False
