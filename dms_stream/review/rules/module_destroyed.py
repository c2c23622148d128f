"""A whole module is destroyed."""

from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.DATA_LOSS,
    why="Everything in the module goes, with all that it holds.",
    instead=(
        "If it was renamed or moved in the configuration, use a `moved` block. If only Terraform "
        "should let go of it, use a `removed` block with `lifecycle { destroy = false }`. If it "
        "really should go, first make sure that copies exist, and do it in a change of its own."
    ),
    sources=("https://developer.hashicorp.com/terraform/language/modules/develop/refactoring",),
    others=(Severity.EXPOSURE, Severity.INTERRUPTION, Severity.UNKNOWN, Severity.NOTICE),
)
def module_destroyed(_plan: Plan, _change: ResourceChange) -> Iterator[Observation]:
    """All resources of a module are destroyed. One finding stands for those of its resources, as
    serious as the worst of them. (The review itself puts them together.)
    """
    return iter(())
