"""What an operation refuses."""

from constructs_lib.errors import DmsStreamError


class OperationError(DmsStreamError):
    """An operation on a deployed pipeline that cannot be carried out; the message says why."""
