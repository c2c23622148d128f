"""What a review refuses: input it cannot read rightly."""

from constructs_lib.errors import DmsStreamError, FaultsError


class PlanError(DmsStreamError):
    """A plan that cannot be read, or is none.

    Args:
        name: Where the plan came from.
        problem: What is wrong, what is allowed and what to do.
    """

    def __init__(self, name: str, problem: str) -> None:
        self.name = name
        super().__init__(f"{name}: {problem}")


class AcknowledgementsError(FaultsError):
    """A `review.yaml` that is unreadable or not valid."""
