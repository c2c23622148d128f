"""What the embedded AWS refuses."""

from constructs_lib.errors import DmsStreamError


class LocalAwsError(DmsStreamError):
    """The embedded AWS cannot be started, stopped or repaired as asked."""
