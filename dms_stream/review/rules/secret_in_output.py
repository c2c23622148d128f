"""A secret becomes an output."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.redaction import clean, is_secret_name
from dms_stream.review.rule import Observation, Scope, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import has_mark, marked_paths, marks


@rule(
    Severity.EXPOSURE,
    scope=Scope.PLAN,
    why="Outputs are printed, kept in the state, and read by other stacks.",
    instead="Output the ARN of the secret instead, and let readers fetch it themselves.",
    sources=("https://developer.hashicorp.com/terraform/language/manage-sensitive-data",),
)
def secret_in_output(plan: Plan, _change: ResourceChange) -> Iterator[Observation]:
    """An output is new or changed that is named like a secret, or marked as sensitive, or it is no
    longer marked so.
    """
    for name, output in plan.changed_outputs.items():
        if output.get("actions") == ["delete"]:
            continue
        before, after = output.get("before_sensitive"), output.get("after_sensitive")
        if any(not marks(after, path) for path in marked_paths(before)):
            yield Observation(
                "is no longer marked as sensitive",
                why="Terraform prints it from now on, in plans and in logs, and so do others.",
                instead="Leave it sensitive, or output the ARN of the secret instead.",
                address=f"output.{clean(name)}",
            )
            continue
        text = isinstance(output.get("after"), str) or output.get("after_unknown") is True
        if has_mark(after):
            yield Observation("holds what is marked as sensitive", address=f"output.{clean(name)}")
        elif text and is_secret_name(name):
            yield Observation("is named like a secret", address=f"output.{clean(name)}")
