"""What the rehearsal refuses."""

from collections.abc import Sequence

from constructs_lib.errors import DmsStreamError


class RehearsalError(DmsStreamError):
    """The rehearsal cannot continue; the message says why and what to do."""


class RefusedError(RehearsalError):
    """Rules, settings or data that the rehearsal does not reproduce, by name.

    Better to stop than to show a result that the deployed task would not give.

    Attributes:
        refusals: One sentence each.
    """

    def __init__(self, subject: str, refusals: Sequence[str]) -> None:
        self.refusals = tuple(refusals)
        lines = "\n".join(f"  - {refusal}" for refusal in self.refusals)
        super().__init__(f"{subject}:\n{lines}")


class LogRefusedError(RefusedError):
    """The binary log holds what cannot be read without losing rows."""

    def __init__(self, refusals: Sequence[str]) -> None:
        super().__init__("the binary log", refusals)


class SourceError(RehearsalError):
    """The source database cannot be reached, or cannot give what DMS needs."""


class ConnectionLostError(SourceError):
    """The connection to the source was lost; a rerun continues from the last checkpoint."""
