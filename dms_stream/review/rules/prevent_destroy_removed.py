"""Terraform itself no longer refuses to destroy something."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, Scope, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.DATA_LOSS,
    scope=Scope.PLAN,
    why=(
        "Nothing is deleted by this change, but a later plan may destroy or replace it without "
        "Terraform refusing."
    ),
    instead=(
        "Leave `prevent_destroy` (`deletion_protection: true`) in place. To destroy, take it off "
        "in the change that destroys, reviewed as such."
    ),
    sources=("https://developer.hashicorp.com/terraform/language/meta-arguments/lifecycle",),
)
def prevent_destroy_removed(plan: Plan, _change: ResourceChange) -> Iterator[Observation]:
    """`prevent_destroy` is taken off a resource that stays. A plan does not hold it: this needs the
    configuration as it is deployed, which `--deployed FOLDER` names.
    """
    before, after = plan.protection.before, plan.protection.after
    if before is None or after is None:
        return
    staying = {each.address for each in plan.changes if not each.destroys}
    for address in sorted((before - after) & staying):
        yield Observation("prevent_destroy is removed", address=address)
