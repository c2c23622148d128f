"""Serving the embedded AWS in a process of its own until it is told to end."""

import gc
import os
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from signal import SIGINT, SIGTERM, set_wakeup_fd, signal
from threading import Thread
from typing import Any, Protocol

from dms_stream.local_aws import data_plane
from dms_stream.local_aws.errors import LocalAwsError
from dms_stream.local_aws.process import announce, claimed
from dms_stream.local_aws.server import HOST, apply_moto_settings, bind, install_repairs
from dms_stream.programs.parent import Parent

_OLDEST = 2


class OwnedPlane(data_plane.DataPlane, Protocol):
    """A data plane that ends with the server."""

    def close(self) -> None:
        """End all that it runs, and wait for it."""


def serve(state_dir: Path, make_plane: Callable[[str], OwnedPlane] | None = None) -> int:
    """Serve until SIGTERM or Ctrl-C; returns 2 when it is refused.

    Args:
        state_dir: Folder for address and log.
        make_plane: Makes the data plane, given the server's address; None: no rows move.
    """
    state_dir.mkdir(parents=True, exist_ok=True)
    try:
        with claimed(state_dir):
            _serve(state_dir, make_plane)
    except LocalAwsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    return 0


def _serve(state_dir: Path, make_plane: Callable[[str], OwnedPlane] | None) -> None:
    # A handler that took a lock could meet the thread that it interrupts holding it. And whichever
    # thread the system gives a signal to, only the main one runs handlers, and it would sleep on:
    # https://docs.python.org/3/library/signal.html#signal.set_wakeup_fd
    wake_up, end = os.pipe()
    os.set_blocking(end, False)
    set_wakeup_fd(end)
    for number in (SIGINT, SIGTERM):
        signal(number, lambda *_: None)
    gc.callbacks.append(_keep_pauses_short)
    install_repairs()
    apply_moto_settings()
    server = bind()
    url = f"http://{HOST}:{server.server_port}"
    plane = make_plane(url) if make_plane is not None else None
    data_plane.attach(plane)
    Thread(target=server.serve_forever, name="server", daemon=True).start()
    parent = Parent()
    parent.send("ready", **asdict(announce(state_dir, url)))
    parent.close()
    os.read(wake_up, 1)
    if plane is not None:
        # tasks write their last records and checkpoints, for which the server still answers
        plane.close()
    # all that is left is in memory, and freeing it piece by piece takes seconds
    os._exit(0)


def _keep_pauses_short(phase: str, info: dict[str, Any]) -> None:
    # moto's modules and AWS's models are a million objects: looking through all of them for cycles
    # takes a sixth of a second, in which no call is answered. What survives that once stays.
    if phase == "stop" and info["generation"] == _OLDEST:
        gc.freeze()
