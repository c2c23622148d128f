"""Starting and ending the delivery's process."""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from threading import Lock, Thread
from types import TracebackType
from typing import IO, Any, Self

from dms_stream.rehearsal.delivery.errors import DeliveryError
from dms_stream.rehearsal.delivery.worker import Put

_KILL_AFTER_SECONDS = 10


@dataclass(frozen=True)
class ReadyDelivery:
    """What the process read back from AWS.

    Attributes:
        bucket: Name of the bucket.
        stream: Name of the Kinesis stream.
        settings: What the delivery stream does, as name → value.
        remarks: What is accepted and has no effect here, a sentence each.
    """

    bucket: str
    stream: str
    settings: dict[str, str]
    remarks: tuple[str, ...]


class DeliveryProcess:
    """A delivery that runs beside this process.

        with DeliveryProcess(name, checkpoint_path=…, env=…) as delivery:
            …                   # put records on the stream
            delivery.finish()   # all of them are in the bucket now

    Left without `finish`, it ends at once; the next one with the same checkpoint goes on.

    Args:
        delivery_stream: Name of the delivery stream.
        checkpoint_path: File for the checkpoint; its folder exists.
        env: The whole process environment, such as `local_aws.process_environment(url)`.
        time_scale: Factor on the buffer interval.
        log_path: File for what Python prints when it dies; default: this process's own.

    Attributes:
        ready: What it read back.

    Raises:
        DeliveryError: it is refused; the message names the settings.
    """

    ready: ReadyDelivery

    def __init__(
        self,
        delivery_stream: str,
        *,
        checkpoint_path: Path,
        env: Mapping[str, str],
        time_scale: float = 1.0,
        log_path: Path | None = None,
    ) -> None:
        self._puts: list[Put] = []
        self._error = ""
        self._lock = Lock()
        log: IO[bytes] | None = log_path.open("ab") if log_path else None
        try:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "dms_stream.rehearsal.delivery"),
                    *("--delivery-stream", delivery_stream),
                    *("--checkpoint", str(checkpoint_path.resolve())),
                    *("--time-scale", str(time_scale)),
                ],
                cwd=Path(__file__).parents[3],
                env=dict(env),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        finally:
            if log is not None:
                log.close()
        self._output = self._process.stdout
        assert self._output is not None
        first = self._event(self._output.readline())
        if first is None or first["event"] != "ready":
            self.stop()
            raise DeliveryError(first["message"] if first else self._died())
        self.ready = ReadyDelivery(
            first["bucket"], first["stream"], first["settings"], tuple(first["remarks"])
        )
        self._listener = Thread(target=self._listen, name="delivery", daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    @property
    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self._process.poll() is None

    @property
    def puts(self) -> list[Put]:
        """The objects it has put so far."""
        with self._lock:
            return list(self._puts)

    def finish(self, *, timeout_seconds: float = 600) -> list[Put]:
        """Let it deliver all that is on the stream now, and end.

        Returns:
            The objects it has put, from its start on.

        Raises:
            DeliveryError: it did not get to the end.
        """
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            code = self._process.wait(timeout_seconds)
        except subprocess.TimeoutExpired:
            self.stop()
            raise DeliveryError(
                f"the delivery did not get to the end of the stream within {timeout_seconds:g} s; "
                "what it has put is kept: run it again to deliver the rest"
            ) from None
        self._listener.join()
        self._close()
        if code != 0:
            raise DeliveryError(self._error or self._died())
        return self.puts

    def stop(self) -> None:
        """End it at once; fine when it has ended. Nothing is lost: see `DeliveryWorker`."""
        self._process.terminate()
        try:
            self._process.wait(_KILL_AFTER_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if hasattr(self, "_listener"):
            self._listener.join()
        self._close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def _listen(self) -> None:
        assert self._output is not None
        for line in self._output:
            event = self._event(line)
            if event is None:
                continue
            with self._lock:
                if event.pop("event") == "put":
                    self._puts.append(Put(**event))
                else:
                    self._error = event["message"]

    @staticmethod
    def _event(line: bytes) -> dict[str, Any] | None:
        # the last line of one that was killed may be cut off
        if not line.endswith(b"\n"):
            return None
        event: dict[str, Any] = json.loads(line)
        return event

    def _died(self) -> str:
        return (
            f"the delivery's process ended with code {self._process.poll()}; what it has put is "
            "kept: run it again to deliver the rest"
        )

    def _close(self) -> None:
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                stream.close()
