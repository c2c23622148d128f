"""The task in a process of its own: `python -m dms_stream.rehearsal.task.process --task ARN …`.

The source's address comes on the first line of its input, as it holds a password. It writes one
JSON document a line: `ready`, `loaded`, `checkpoint`, `control`, `done` with the counts, or `error`
with the message. A line with a position of the log tells it where to end. It ends as well, after
the transaction at hand, when its input ends: so it does not outlive whoever started it. The next
one with the same checkpoint waits for that, as two writers would overtake each other.
"""

import fcntl
import json
import subprocess
import sys
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import asdict
from pathlib import Path
from queue import Queue
from signal import SIG_IGN, SIGINT, SIGTERM, signal
from threading import Lock, Thread
from typing import Any, Self

import boto3
import pymysql
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from constructs_lib.errors import DmsStreamError
from dms_stream.rehearsal.deployed_task import read_task
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.source.database import DatabaseAddress, LogPosition, reason
from dms_stream.rehearsal.task.engine import Engine

_ROOT = Path(__file__).resolve().parents[3]
_KILL_AFTER_SECONDS = 20.0
_SOURCE_LOST = "the source broke the connection, or refuses a question"
_GOES_ON = "run it again to go on from the last checkpoint"
_CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 5},
    connect_timeout=10,
    read_timeout=120,
    # half the time of a call would go into checking what we have made
    parameter_validation=False,
)

Event = dict[str, Any]


def main() -> int:
    """Run the task; 2 when that is refused or cannot go on."""
    parser = ArgumentParser(prog="python -m dms_stream.rehearsal.task.process", description=__doc__)
    parser.add_argument("--task", required=True, help="ARN")
    parser.add_argument("--progress", type=Path, required=True, help="file for the checkpoint")
    arguments = parser.parse_args()
    signal(SIGINT, SIG_IGN)  # whoever started this one decides
    lock = Lock()

    def tell(event: str, values: Mapping[str, Any]) -> None:
        with lock:
            sys.stdout.write(json.dumps({"event": event, **values}) + "\n")
            sys.stdout.flush()

    try:
        with ExitStack() as stack:
            lock_file = arguments.progress.with_suffix(".lock")
            # the system lets it go when its holder ends in any way
            fcntl.flock(stack.enter_context(lock_file.open("ab")), fcntl.LOCK_EX)
            _run(arguments.task, arguments.progress, tell)
    except BrokenPipeError:
        sys.stderr.close()  # nobody reads any more
        return 2
    except (DmsStreamError, BotoCoreError, ClientError) as error:
        tell("error", {"message": str(error)})
        return 2
    except pymysql.MySQLError as error:
        tell("error", {"message": f"{_SOURCE_LOST} ({reason(error)}); {_GOES_ON}"})
        return 2
    return 0


def _run(arn: str, progress: Path, tell: Callable[[str, Mapping[str, Any]], None]) -> None:
    source = DatabaseAddress(**json.loads(sys.stdin.readline()))
    session = boto3.Session()
    task = read_task(session.client("dms", config=_CONFIG), arn)
    engine = Engine(task, source, session.client("kinesis", config=_CONFIG), progress, tell=tell)
    signal(SIGTERM, lambda *_: engine.stop())
    Thread(target=_listen, args=(engine,), daemon=True).start()
    targets = {name: recipe.target.full_name for name, recipe in engine.recipes.items()}
    tell("ready", {"tables": [table.full_name for table in engine.tables], "targets": targets})
    engine.run()
    recipes = engine.recipes.values()
    tell(
        "done",
        {
            "counts": engine.counts,
            "lobs_cut": {r.table.full_name: r.lobs_cut for r in recipes if r.lobs_cut},
            "key_changes": {r.table.full_name: r.key_changes for r in recipes if r.key_changes},
        },
    )


def _listen(engine: Engine) -> None:
    for line in sys.stdin:
        engine.stop_at(LogPosition(**json.loads(line)))
    engine.stop()


class EngineProcess:
    """A task that runs beside this process.

        with EngineProcess(arn, source, progress_path=…, env=…) as engine:
            engine.finish(position)     # everything up to there is on the stream

    Left without `finish`, it ends after the transaction at hand; the next one with the same
    progress goes on.

    Args:
        task: ARN of the task or replication config.
        source: The database.
        progress_path: File for the checkpoint; its folder exists.
        env: The whole process environment, such as `local_aws.process_environment(url)`.
        on_event: Is told what the process tells.
        log_path: File for what Python prints when it dies; default: this process's own.

    Raises:
        RehearsalError: it is refused; the message says what.
    """

    def __init__(
        self,
        task: str,
        source: DatabaseAddress,
        *,
        progress_path: Path,
        env: Mapping[str, str],
        on_event: Callable[[Event], None] | None = None,
        log_path: Path | None = None,
    ) -> None:
        self._on_event = on_event
        self._events: Queue[Event | None] = Queue()
        log = log_path.open("ab") if log_path else None
        try:
            self._process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "dms_stream.rehearsal.task.process", "--task", task),
                    *("--progress", str(progress_path.resolve())),
                ],
                cwd=_ROOT,
                env=dict(env),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
            )
        finally:
            if log is not None:
                log.close()
        self._listener = Thread(target=self._listen, name="engine", daemon=True)
        self._listener.start()
        try:
            self._write(asdict(source))
            self.tables: list[str] = self._await("ready")["tables"]
        except BaseException:
            self.kill()
            raise

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def wait_until_loaded(self) -> Event:
        """Wait until the full load is on the stream.

        Returns:
            What it counted so far: `counts`.

        Raises:
            RehearsalError: it ended before.
        """
        return self._await("full-load-done")

    def finish(self, position: LogPosition | None) -> Event:
        """Let it read the log up to a position, and end.

        Args:
            position: Where to end; None for a task that ends by itself after the full load.

        Returns:
            What it counted: `counts`, `lobs_cut`, `key_changes`.

        Raises:
            RehearsalError: it did not get there.
        """
        if position is not None:
            self._write(asdict(position))
        done = self._await("done")
        self._end()
        return done

    def stop(self) -> None:
        """End it after the transaction at hand; fine when it has ended."""
        self._process.terminate()
        self._end()

    def kill(self) -> None:
        """End it at once, as a crash would: for the tests of faults."""
        self._process.kill()
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _end(self) -> None:
        try:
            self._process.wait(_KILL_AFTER_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._listener.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None and not stream.closed:
                with suppress(BrokenPipeError):
                    stream.close()

    def _write(self, document: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):  # it has ended, and has told why
            self._process.stdin.write(json.dumps(document) + "\n")
            self._process.stdin.flush()

    def _listen(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            if not line.endswith("\n"):
                break  # cut off: it was killed
            event: Event = json.loads(line)
            if self._on_event is not None:
                self._on_event(event)
            if event["event"] in ("ready", "full-load-done", "done", "error"):
                self._events.put(event)
        self._events.put(None)

    def _await(self, wanted: str) -> Event:
        while True:
            event = self._events.get()
            if event is None:
                self._events.put(None)
                self._end()
                code = self._process.returncode
                raise RehearsalError(
                    f"the task's process ended with code {code}; what it sent is on the stream: "
                    f"{_GOES_ON}"
                )
            if event["event"] == "error":
                self._end()
                raise RehearsalError(event["message"])
            if event["event"] == wanted:
                return event


if __name__ == "__main__":
    sys.exit(main())
