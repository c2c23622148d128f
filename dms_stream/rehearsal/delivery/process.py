"""Starting and ending the delivery's process."""

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import Lock

from dms_stream.programs.child import Event, ModuleChild
from dms_stream.rehearsal.delivery.errors import DeliveryError
from dms_stream.rehearsal.delivery.worker import Put


class DeliveryProcess(ModuleChild):
    """A delivery that runs beside this process.

        with DeliveryProcess(name, checkpoint_path=…, process_environment=…) as delivery:
            …                   # put records on the stream
            delivery.finish()   # all of them are in the bucket now

    Left without `finish`, it ends at once; the next one with the same checkpoint continues.

    Args:
        delivery_stream: Name of the delivery stream.
        checkpoint_path: File for the checkpoint; its folder exists.
        process_environment: The whole environment of the process, such as
            `dms_stream.local_aws.process_environment(url)`.
        time_scale: Factor by which the buffer interval is multiplied.
        log_path: File for what Python prints when it dies; default: this process's own output.
        retries: Whether it tries again what S3 refuses, as Firehose does; otherwise it ends.
        on_event: Called with each event, in a thread of its own; None: `puts` are kept instead.

    Attributes:
        ready: What it read back: `bucket`, `stream`, `settings` and `remarks`.

    Raises:
        DeliveryError: it is refused; the message names the settings.
    """

    name = "the delivery"
    advice = "what it has put is kept: run it again to deliver the rest"
    error_type = DeliveryError
    kill_after_seconds = 10.0

    def __init__(
        self,
        delivery_stream: str,
        *,
        checkpoint_path: Path,
        process_environment: Mapping[str, str],
        time_scale: float = 1.0,
        log_path: Path | None = None,
        retries: bool = False,
        on_event: Callable[[Event], None] | None = None,
    ) -> None:
        self._puts: list[Put] = []
        self._lock = Lock()
        super().__init__(
            "dms_stream.rehearsal.delivery",
            *("--delivery-stream", delivery_stream),
            *("--checkpoint", str(checkpoint_path.resolve())),
            *("--time-scale", str(time_scale)),
            *(["--retries"] if retries else []),
            process_environment=process_environment,
            log_path=log_path,
            on_event=on_event or self._take,
        )

    @property
    def puts(self) -> list[Put]:
        """The objects it has put so far."""
        with self._lock:
            return list(self._puts)

    def finish(self, *, timeout_seconds: float = 600) -> list[Put]:
        """Let it deliver everything on the stream, and end.

        Returns:
            The objects it has put, from its start on.

        Raises:
            DeliveryError: it did not reach the end.
        """
        self.close_input()
        code = self.wait(timeout_seconds)
        if code is None:
            self.stop()
            raise DeliveryError(
                f"{self.name} did not reach the end of the stream within {timeout_seconds:g} s; "
                f"{self.advice}"
            )
        if code != 0:
            raise self.failure()
        return self.puts

    def _take(self, event: Event) -> None:
        if event["event"] == "put":
            with self._lock:
                self._puts.append(Put(**{k: v for k, v in event.items() if k != "event"}))
