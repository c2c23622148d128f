"""What runs of tasks and deliveries share: a thread that starts a child and waits for its end."""

import logging
from abc import ABC, abstractmethod
from threading import Event as Flag
from threading import Thread

from constructs_lib.errors import DmsStreamError
from dms_stream.local_aws.protocol import moto_lock
from dms_stream.programs.child import ModuleChild

_log = logging.getLogger(__name__)


class Run(ABC):
    """A child of the embedded AWS, from the call that asked for it to its end.

    Args:
        name: What runs, for its thread.
        previous: A run of the same resource, which this one waits for: two would overtake each
            other.
    """

    def __init__(self, name: str, previous: "Run | None") -> None:
        self._previous = previous
        self._is_stopped = Flag()
        self._child: ModuleChild | None = None
        self._thread = Thread(target=self._guarded, name=name, daemon=True)

    def begin(self) -> None:
        """Start it; returns at once."""
        self._thread.start()

    def stop(self) -> None:
        """Let it end; returns at once. Fine when it has ended."""
        self._is_stopped.set()
        self._end_child()

    def join(self, timeout_seconds: float | None = None) -> None:
        """Wait until it has ended."""
        self._thread.join(timeout_seconds)

    def _end_child(self) -> None:
        # ending takes a while, and who asks for it holds moto_lock
        if self._child is not None:
            Thread(target=self._child.stop, name=f"end of {self._thread.name}", daemon=True).start()

    def _guarded(self) -> None:
        if self._previous is not None:
            self._previous.join()
            self._previous = None
        try:
            message = self._work()
        except (DmsStreamError, OSError) as error:
            message = str(error)
        except Exception as error:
            _log.exception("%s", self._thread.name)
            message = f"{type(error).__name__}: {error}"
        with moto_lock:
            self._ended(message)

    def _has_begun(self, child: ModuleChild) -> None:
        """Keep a child that is ready; one that was stopped meanwhile ends at once."""
        with moto_lock:
            self._child = child
            if self._is_stopped.is_set():
                self._end_child()

    @abstractmethod
    def _work(self) -> str:
        """Start children and wait for them; returns why it failed, or nothing."""

    @abstractmethod
    def _ended(self, message: str) -> None:
        """Tell of the end; called with `moto_lock` held."""
