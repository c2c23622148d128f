"""Destroying something deletes what is in it, without asking."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_SWITCHES = ("force_destroy", "force_delete", "enforce_consumer_deletion")


@rule(
    Severity.DATA_LOSS,
    judges=_SWITCHES,
    why=(
        "AWS refuses to delete what is not empty; from now on Terraform empties it first, so a "
        "later plan deletes the data as well."
    ),
    instead="Leave it false. Empty the resource by hand when it really should go.",
    sources=(provider_page("s3_bucket"), provider_page("kinesis_stream")),
    others=(Severity.NOTICE,),
)
def force_destroy_enabled(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """`force_destroy` or a switch like it is turned on. On something new it is only a notice."""
    if not change.compares and not change.makes:
        return
    for switch in _SWITCHES:
        if change.new(switch) is True and change.old(switch) is not True:
            yield Observation(
                f"{change.name} will be destroyed together with whatever it holds ({switch})",
                severity=Severity.NOTICE if not change.before else None,
            )
