"""What the delivery refuses."""

from collections.abc import Iterable

from constructs_lib.errors import DmsStreamError


class DeliveryError(DmsStreamError):
    """The delivery cannot go on; the message says why and what to do."""


class UnsupportedDeliveryError(DeliveryError):
    """A delivery stream has settings that the rehearsal does not reproduce.

    Attributes:
        reasons: One sentence each, naming the setting.
    """

    def __init__(self, delivery_stream: str, reasons: Iterable[str]) -> None:
        self.reasons = tuple(reasons)
        lines = "\n".join(f"  - {reason}" for reason in self.reasons)
        super().__init__(
            f"the delivery stream {delivery_stream} has settings that the rehearsal does not "
            f"reproduce; nothing was moved\n{lines}"
        )
