"""A DMS Serverless replication is destroyed and recreated."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.rules.task_replaced import where_it_begins
from dms_stream.review.severity import Severity


@rule(
    Severity.INTERRUPTION,
    types=("aws_dms_replication_config",),
    why=(
        "The position goes with the old one, and the new one is provisioned first, which takes "
        "tens of minutes. No change record holds what is committed in the source meanwhile."
    ),
    instead=(
        "Change what can be changed in place (capacity, mappings, settings). If it must be "
        "replaced, plan for a new full load and tell the consumers."
    ),
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Serverless.html",
        provider_page("dms_replication_config"),
    ),
)
def serverless_replaced(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A DMS Serverless replication is replaced. Says where its successor begins."""
    if change.action is not Action.REPLACE:
        return
    yield Observation(
        f"the replication {change.name} is destroyed and recreated {change.why_replaced()}. "
        + where_it_begins(change, migration_type="replication_type", start="start_replication")
    )
