"""The task in a process of its own: `python -m dms_stream.rehearsal.task --task ARN …`.

The source's address comes on the first line of its input, as it holds a password. Its events are
`ready`, `loaded`, `pulse` twice a second, `checkpoint`, `idle` with how far the log was read,
`control`, `reloading`, `full-load-done`, `done` with the counts, and `error` with the message. A
line with a position of the log tells it where to end, one with `reload` which tables to load again.
When its input ends, it ends after the current transaction, so it does not outlive its parent. The
next task with the same checkpoint waits for that, as two writers would overtake each other.
"""

import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from signal import SIGTERM, signal
from threading import Event, Thread
from typing import Any

import boto3
import pymysql
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from dms_stream.programs.lock_file import locked
from dms_stream.programs.parent import Parent, run_child
from dms_stream.rehearsal.deployed_task import read_task
from dms_stream.rehearsal.errors import RehearsalError, SourceError
from dms_stream.rehearsal.source.database import DatabaseAddress, LogPosition, reason
from dms_stream.rehearsal.task.engine import Engine
from dms_stream.rehearsal.task.limits import Limits
from dms_stream.rehearsal.task.process import RESUME_ADVICE

_SOURCE_LOST = "the source closed the connection or refused a query"
_PULSE_SECONDS = 0.5
_CONFIG = Config(
    retries={"mode": "standard", "max_attempts": 5},
    connect_timeout=10,
    read_timeout=120,
    # half the time of a call would go into checking what we have made
    parameter_validation=False,
)


def main() -> int:
    """Run the task; returns 2 when it is refused or cannot continue."""
    parser = ArgumentParser(prog="python -m dms_stream.rehearsal.task", description=__doc__)
    parser.add_argument("--task", required=True, help="ARN")
    parser.add_argument("--progress", type=Path, required=True, help="file for the checkpoint")
    parser.add_argument("--newline", action="store_true", help="each record ends in one")
    arguments = parser.parse_args()

    def work(parent: Parent) -> None:
        progress: Path = arguments.progress
        with locked(progress.with_suffix(".lock")):
            try:
                _run(arguments.task, progress, parent, ends_in_newline=arguments.newline)
            except (BotoCoreError, ClientError) as error:
                raise RehearsalError(str(error)) from error
            except pymysql.MySQLError as error:
                raise SourceError(f"{_SOURCE_LOST} ({reason(error)}); {RESUME_ADVICE}") from error

    return run_child(work)


@contextmanager
def _pulse(parent: Parent, engine: Engine) -> Iterator[None]:
    """Tell how far it is, all the while."""
    is_over = Event()

    def beat() -> None:
        # whoever works notices, too, when nobody listens any more
        with suppress(BrokenPipeError):
            while not is_over.wait(_PULSE_SECONDS):
                parent.send("pulse", **engine.pulse)

    thread = Thread(target=beat, name="pulse", daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _run(arn: str, progress: Path, parent: Parent, *, ends_in_newline: bool) -> None:
    given = parent.read_line()
    source = DatabaseAddress(**given.pop("source"))
    session = boto3.Session()
    task = read_task(session.client("dms", config=_CONFIG), arn)
    engine = Engine(
        task,
        source,
        session.client("kinesis", config=_CONFIG),
        progress,
        on_event=lambda event, values: parent.send(event, **values),
        ends_in_newline=ends_in_newline,
        limits=Limits(**given),
    )
    signal(SIGTERM, lambda *_: engine.stop())

    def take(line: dict[str, Any]) -> None:
        if "reload" in line:
            engine.reload(line["reload"])
        else:
            engine.stop_at(LogPosition(**line))

    parent.follow(on_line=take, on_end=engine.stop)
    parent.send(
        "ready",
        process_id=os.getpid(),
        tables=[table.full_name for table in engine.tables],
        targets={name: recipe.target.full_name for name, recipe in engine.recipes.items()},
        loads=task.loads,
        captures=task.captures,
        loaded=engine.loaded,
    )
    with _pulse(parent, engine):
        engine.run()
    parent.send("done", counts=engine.counts, stop_reason=engine.stop_reason, **engine.facts)


if __name__ == "__main__":
    sys.exit(main())
