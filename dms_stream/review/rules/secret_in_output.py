"""A secret becomes an output."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.redaction import clean, is_secret_name
from dms_stream.review.rule import Observation, Scope, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import has_mark


@rule(
    Severity.EXPOSURE,
    scope=Scope.PLAN,
    why="Outputs are printed, kept in the state, and read by other stacks.",
    instead="Output the ARN of the secret instead, and let readers fetch it themselves.",
    sources=("https://developer.hashicorp.com/terraform/language/manage-sensitive-data",),
)
def secret_in_output(plan: Plan, _change: ResourceChange) -> Iterator[Observation]:
    """An output is new or changed that is named like a secret, or marked as sensitive."""
    for name, output in plan.outputs.items():
        if not isinstance(output, dict) or output.get("actions") in (["no-op"], ["delete"]):
            continue
        text = isinstance(output.get("after"), str) or output.get("after_unknown") is True
        if has_mark(output.get("after_sensitive")):
            yield Observation("holds what is marked as sensitive", address=f"output.{clean(name)}")
        elif text and is_secret_name(name):
            yield Observation("is named like a secret", address=f"output.{clean(name)}")
