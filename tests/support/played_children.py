"""What the children of the embedded AWS say, and classes that play them without a process."""

from threading import Event as Flag
from types import SimpleNamespace
from typing import Any, ClassVar

from dms_stream.rehearsal.delivery.errors import DeliveryError
from tests.support.pipelines import Json

TABLES = ["shop.orders", "shop.seats"]


def ready(**more: Any) -> Json:
    """A task's process begins."""
    return {
        "event": "ready",
        "process_id": 7,
        "loads": True,
        "captures": True,
        "tables": TABLES,
        "targets": {},
        "loaded": [],
        **more,
    }


def checkpoint(**more: Any) -> Json:
    """It says how far it is."""
    return {
        "event": "checkpoint",
        "sent": 5,
        "bytes": 60,
        "waiting": 2,
        "position": "bin.000003:120",
        "source_time": 1.5,
        "facts": {"names": {}},
        "loaded": [],
        **more,
    }


class FaultyOnce(SimpleNamespace):
    """A data plane at which the first look is a fault of ours, and the second ends who looks.

    Attributes:
        looks: How many there were.
    """

    looks: int = 0

    @property
    def tasks(self) -> Any:
        """Nothing."""
        self.looks += 1
        if self.looks == 1:
            raise RuntimeError("a fault of ours")
        raise SystemExit  # which ends the thread


class Deliverer:
    """A process of a delivery: it ends at once with the codes of a test, then when it is stopped.

    Attributes:
        codes: How the next ones end; an error refuses to start one.
        started: The arguments of those that were started.
        written: What they were sent.
    """

    codes: ClassVar[list[int | DeliveryError]]
    started: ClassVar[list[Json]]
    written: ClassVar[list[Json]]

    def __init__(self, name: str, **given: Any) -> None:
        self._code = self.codes.pop(0) if self.codes else None
        self.started.append({"name": name, **given})
        if isinstance(self._code, DeliveryError):
            raise self._code
        self._is_stopped = Flag()
        given["on_event"](
            {"event": "ready", "process_id": 7, "stream": "changes", "bucket": "landing"}
        )

    def wait(self, _: object) -> int:
        """How it ended."""
        if isinstance(self._code, int):
            return self._code
        assert self._is_stopped.wait(10)
        return 0

    def write(self, document: Json) -> None:
        """It is told something."""
        self.written.append(document)

    def stop(self) -> None:
        """End it."""
        self._is_stopped.set()

    def failure(self) -> str:
        """Why it broke."""
        return "it broke"
