"""`dms-stream rehearse` while its parts are killed, one after another: no row is lost."""

import os
import re
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.pipelines import Pipeline, selection
from tests.support.rehearsal_command import RehearsalCommand

pytestmark = [
    pytest.mark.rehearsal,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes by Linux's means"),
]


def test_whatever_is_killed_is_told_in_a_sentence_and_the_last_run_finds_every_row(
    pipeline: Pipeline, aws_folder: Path
) -> None:
    """Task, delivery and database, each in the middle of the changes."""
    pipeline.deploy([selection("dms_sample")])
    command = RehearsalCommand(aws_folder, "parts")
    parts: dict[str, Callable[[str], bool]] = {
        "task": lambda line: "dms_stream.rehearsal.task" in line,
        "delivery": lambda line: "dms_stream.rehearsal.delivery" in line,
        "database": command.is_database,
    }
    for is_part in parts.values():
        with command.started(pipeline, changes=10_000) as running:
            running.await_line("full load:")
            (pid,) = (pid for pid, line in command.left_running().items() if is_part(line))
            os.kill(pid, signal.SIGKILL)
            code, said = running.outcome()

        assert code == 2, said
        (error,) = (line for line in said.splitlines() if line.startswith("error: "))
        assert re.search(r"run it again to |cannot connect to 127\.0\.0\.1", error)
        assert "Traceback" not in said
        assert command.left_running() == {}

    with command.started(pipeline, changes=100) as running:
        code, said = running.outcome()
    assert code == 0, said
