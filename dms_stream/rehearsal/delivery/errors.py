"""What stops the delivery."""

from dms_stream.rehearsal.errors import RehearsalError


class DeliveryError(RehearsalError):
    """The delivery cannot continue; the message says why and what to do."""
