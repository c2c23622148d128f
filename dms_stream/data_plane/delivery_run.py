"""A run of a delivery: from CreateDeliveryStream until the delivery stream is deleted."""

from collections.abc import Callable, Mapping
from pathlib import Path

from dms_stream.data_plane.delivery_state import DeliveryState
from dms_stream.data_plane.run import Run
from dms_stream.local_aws.protocol import moto_lock
from dms_stream.programs.child import Event
from dms_stream.rehearsal.delivery.errors import DeliveryError
from dms_stream.rehearsal.delivery.process import DeliveryProcess


class DeliveryRun(Run):
    """A run of a delivery, which is started again when its settings change or it is killed.

    One that is refused, or breaks by itself, waits for new settings: the same ones would break it
    again. What S3 refuses it tries again, with `failed` as its status until S3 accepts it.

    Args:
        state: What is known of it.
        folder: Holds its checkpoint and its log.
        process_environment: The whole environment of its process.
        time_scale: Factor on its buffer interval.
        tell: Called after each change of the state, with `moto_lock` held.
        previous: The run of an earlier delivery stream of the same name.
    """

    def __init__(
        self,
        state: DeliveryState,
        *,
        folder: Path,
        process_environment: Mapping[str, str],
        time_scale: float,
        tell: Callable[[DeliveryState, Event | None], None],
        previous: "DeliveryRun | None",
    ) -> None:
        super().__init__(f"delivery {state.name}", previous)
        self._state, self._folder, self._environment = state, folder, process_environment
        self._time_scale, self._tell = time_scale, tell
        self._is_changed = False
        self._drain = 0

    def change(self) -> "DeliveryRun | None":
        """Go on with the settings that the delivery stream has now.

        Returns:
            Another run where this one had failed, to be begun; None: this one goes on.
        """
        self._state.changes += 1
        if self._state.status != "failed" or self._state.process_id is not None:
            self._is_changed = True
            self._end_child()
            return None
        self._state.status, self._state.message = "starting", ""
        return DeliveryRun(
            self._state,
            folder=self._folder,
            process_environment=self._environment,
            time_scale=self._time_scale,
            tell=self._tell,
            previous=self,
        )

    def drain(self, number: int) -> None:
        """Let it put all that is on the stream; the state's `drained` says when it has."""
        self._drain = number
        if self._child is not None:
            self._child.write({"drain": number})

    def _work(self) -> str:
        self._folder.mkdir(parents=True, exist_ok=True)
        while True:
            with moto_lock:
                self._is_changed, self._state.message = False, ""
            try:
                failure = self._run_child()
            except DeliveryError as error:
                failure = str(error)
            with moto_lock:
                self._child, self._state.process_id = None, None
                if self._is_stopped.is_set():
                    return ""
                # the settings that were refused, or ran, may be of the past
                if failure and not self._is_changed:
                    return failure
                self._state.status = "starting"
                self._state.restarts += not self._is_changed
                self._tell(self._state, None)

    def _run_child(self) -> str:
        """Run it until it ends; returns why it broke, or nothing where starting it again may help.

        Raises:
            DeliveryError: it is refused.
        """
        child = self._begun_child()
        self._has_begun(child)
        code = child.wait(None)
        was_ended = code is not None and code <= 0
        return "" if was_ended else str(child.failure())

    def _begun_child(self) -> DeliveryProcess:
        return DeliveryProcess(
            self._state.name,
            checkpoint_path=self._folder / "delivery.json",
            process_environment=self._environment,
            time_scale=self._time_scale,
            retries=True,
            log_path=self._folder / "delivery.log",
            on_event=self._take,
        )

    def _has_begun(self, child: DeliveryProcess) -> None:  # type: ignore[override]
        super()._has_begun(child)
        with moto_lock:
            if self._is_changed:
                self._end_child()
            if self._drain > self._state.drained:
                child.write({"drain": self._drain})

    def _take(self, event: Event) -> None:
        with moto_lock:
            self._state.take(event)
            if event["event"] == "ready":
                self._state.process_id = event["process_id"]
            self._tell(self._state, event)

    def _ended(self, message: str) -> None:
        if message:
            self._state.fail(message)
        self._tell(self._state, None)
