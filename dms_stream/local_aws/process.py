"""The embedded AWS as a process of its own, which outlives the command that started it."""

import json
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from dms_stream.local_aws.errors import LocalAwsError
from dms_stream.local_aws.isolation import isolated
from dms_stream.programs.child import ModuleChild
from dms_stream.programs.lock_file import LockedError, is_locked, locked
from dms_stream.whole_file import write_whole


@dataclass(frozen=True)
class Endpoint:
    """A running embedded AWS.

    Attributes:
        url: Where it answers.
        pid: Its process.
        started: When, in UTC and ISO 8601.
    """

    url: str
    pid: int
    started: str


class _Server(ModuleChild):
    name = "the embedded AWS"
    error_type = LocalAwsError


# children of this process are reaped when they are stopped
_children: dict[Path, _Server] = {}


def start(
    state_dir: Path,
    *,
    account_id: str | None = None,
    module: str = "dms_stream.local_aws",
    arguments: Sequence[str] = (),
    variables: Mapping[str, str] | None = None,
) -> Endpoint:
    """Start an embedded AWS, or find the one that is running.

    No rows move in it; `dms_stream.data_plane.start` starts one in which they do.

    Args:
        state_dir: Folder for its address and log; a folder has at most one embedded AWS.
        account_id: Number of the account that it is. Default: 123456789012.
        module: The module that serves it.
        arguments: Its arguments, beside the folder.
        variables: More variables for its process environment.

    Raises:
        LocalAwsError: it did not start; the message holds the end of its log.
    """
    running = current(state_dir)
    if running is not None:
        return running
    state_dir = state_dir.resolve()
    state_dir.mkdir(parents=True, exist_ok=True)
    try:
        child = _Server(
            module,
            *("--state-dir", str(state_dir)),
            *arguments,
            process_environment=isolated() | _moto_account(account_id) | dict(variables or {}),
            log_path=state_dir / "server.log",
            is_detached=True,
        )
    except LocalAwsError:
        endpoint = current(state_dir)
        if endpoint is None:
            raise
        return endpoint  # another process was faster
    _children[state_dir] = child
    return Endpoint(child.ready["url"], child.pid, child.ready["started"])


def stop(state_dir: Path) -> None:
    """Stop the embedded AWS of this folder and wait for its end; fine when none is running."""
    state_dir = state_dir.resolve()
    endpoint = current(state_dir)
    if endpoint is None:
        return
    with suppress(ProcessLookupError):
        os.kill(endpoint.pid, signal.SIGTERM)
    if child := _children.pop(state_dir, None):
        child.stop()
    with locked(_lock_file(state_dir)):  # the server holds it as long as it lives
        _endpoint_file(state_dir).unlink(missing_ok=True)


def current(state_dir: Path) -> Endpoint | None:
    """The embedded AWS that is running for this folder; None when there is none.

    A server holds a lock on a file in its folder for as long as it lives; the system releases it
    however the server ends. So an address and a process id beside a held lock belong to a living
    server, never to another process that was given a dead server's id.

    Raises:
        LocalAwsError: it runs, and the file with its address is damaged.
    """
    state_dir = state_dir.resolve()
    if not _endpoint_file(state_dir).exists() or not is_locked(_lock_file(state_dir)):
        return None
    try:
        return Endpoint(**json.loads(_endpoint_file(state_dir).read_text()))
    except FileNotFoundError:  # it is starting
        return None
    except (ValueError, TypeError):
        raise LocalAwsError(
            f"{_endpoint_file(state_dir)} does not say where the embedded AWS answers that runs in "
            "this folder: end its process, and start it again"
        ) from None


@contextmanager
def claimed(state_dir: Path) -> Iterator[None]:
    """Hold the folder for this process.

    Raises:
        LocalAwsError: a living server holds it.
    """
    try:
        with locked(_lock_file(state_dir), wait=False):
            _endpoint_file(state_dir).unlink(missing_ok=True)  # of one that died
            yield
    except LockedError:
        raise LocalAwsError(f"an embedded AWS is already running for {state_dir}") from None


def announce(state_dir: Path, url: str) -> Endpoint:
    """Record the address of this process."""
    endpoint = Endpoint(url, os.getpid(), datetime.now(UTC).isoformat(timespec="seconds"))
    write_whole(_endpoint_file(state_dir), json.dumps(asdict(endpoint), indent=2) + "\n")
    return endpoint


def _moto_account(account_id: str | None) -> dict[str, str]:
    return {} if account_id is None else {"MOTO_ACCOUNT_ID": account_id}


def _endpoint_file(state_dir: Path) -> Path:
    return state_dir / "server.json"


def _lock_file(state_dir: Path) -> Path:
    return state_dir / "server.lock"
