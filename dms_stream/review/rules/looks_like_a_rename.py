"""The same thing is destroyed and created under another address."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity
from dms_stream.review.stateful import what_is_lost


@rule(
    Severity.NOTICE,
    why=(
        "Terraform takes another address for another resource: it destroys the old one and creates "
        "the new one, in an order in which the name may be taken, or what is new be taken away "
        "again."
    ),
    instead=(
        "Write a `moved` block: `moved { from = OLD, to = NEW }`. The plan then changes nothing."
    ),
    sources=("https://developer.hashicorp.com/terraform/language/moved",),
)
def looks_like_a_rename(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A resource is destroyed while one of the same type and name is created: its address changed
    in the configuration. (Of what holds data, `stateful-destroyed` says so.)
    """
    successor = plan.successors.get(change.address)
    if successor and what_is_lost(change.type, change.before) is None:
        yield Observation(
            f"{change.name} is destroyed here and created at {successor}: this looks like a rename"
        )
