"""What the command line itself refuses."""

from constructs_lib.errors import DmsStreamError


class CommandError(DmsStreamError):
    """A command that cannot be carried out; the message says what to do."""


class StepFailedError(DmsStreamError):
    """A program that was called has failed: the message, or its output above, says why."""
