"""`dms-stream rehearse`, stopped and killed at work: it says how to go on, and goes on."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dms_stream import local_aws
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.run import rehearse
from tests.support.checkout import ROOT
from tests.support.pipelines import Pipeline, make_role, selection
from tests.support.rehearsal_command import RehearsalCommand
from tests.support.waiting import until

pytestmark = [
    pytest.mark.rehearsal,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes by Linux's means"),
]

# more than it makes before it is stopped
CHANGES = 20_000
GOES_ON = "continuing from the last checkpoint, mysql-bin."


def test_ctrl_c_stops_everything_and_a_rerun_goes_on(pipeline: Pipeline, aws_folder: Path) -> None:
    """In the middle of the changes: nothing is left running, and nothing is lost."""
    pipeline.deploy([selection("dms_sample")])
    command = RehearsalCommand(aws_folder, "interrupted")
    with command.started(pipeline, changes=CHANGES) as running:
        running.await_line("full load:")
        running.press_ctrl_c()
        code, said = running.outcome()

    assert code == 130
    assert "run the same command again to continue from the last checkpoint" in said
    assert "Traceback" not in said
    assert command.left_running() == {}

    with command.started(pipeline, changes=100) as running:
        running.await_line(GOES_ON)
        code, said = running.outcome()
    assert code == 0, said
    assert command.left_running() == {}


def test_a_killed_command_leaves_a_database_that_the_next_run_takes_over(
    pipeline: Pipeline, aws_folder: Path
) -> None:
    """Its task and its delivery end by themselves."""
    pipeline.deploy([selection("dms_sample")])
    command = RehearsalCommand(aws_folder, "killed")
    with command.started(pipeline, changes=CHANGES) as running:
        running.await_line("full load:")
        running.kill()
        until(lambda: all(map(command.is_database, command.left_running().values())))
    (orphan,) = command.left_running()

    with command.started(pipeline, changes=100) as running:
        running.await_line(GOES_ON)
        assert orphan in command.left_running()
        code, said = running.outcome()

    assert code == 0, said
    assert command.starts_of_the_database() == 1
    assert command.left_running() == {}


_START = """
import pathlib, sys
from dms_stream import local_aws
local_aws.start(pathlib.Path(sys.argv[1]))
"""


class MortalAws:
    """An embedded AWS that a test may kill, as no process's child, like a user's.

    Args:
        folder: Its own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def deployed(self) -> tuple[local_aws.Endpoint, Pipeline]:
        """Start it, and deploy a pipeline of the sample to it."""
        subprocess.run([sys.executable, "-c", _START, str(self.folder)], cwd=ROOT, check=True)
        endpoint = local_aws.current(self.folder)
        assert endpoint is not None
        pipeline = Pipeline(endpoint.url, make_role(endpoint.url))
        pipeline.deploy([selection("dms_sample")])
        return endpoint, pipeline


@pytest.fixture
def mortal_aws(tmp_path: Path) -> Iterator[MortalAws]:
    """Stopped at the end, if it lives."""
    try:
        yield MortalAws(tmp_path)
    finally:
        local_aws.stop(tmp_path)


def test_a_killed_aws_is_told_and_the_next_run_begins_anew_on_a_new_one(
    mortal_aws: MortalAws,
) -> None:
    """One clear error; then no checkpoint of the old one counts, and every row is there."""
    command = RehearsalCommand(mortal_aws.folder, "gone")
    first, pipeline = mortal_aws.deployed()
    with command.started(pipeline, changes=CHANGES) as running:
        running.await_line("full load:")
        os.kill(first.pid, signal.SIGKILL)
        code, said = running.outcome()

    assert code == 2
    errors = [line for line in said.splitlines() if line.startswith("error: ")]
    assert errors == [
        f"error: the embedded AWS at {first.url} no longer answers, and all it held is gone: run "
        "the same command again to start over"
    ]
    assert "Traceback" not in said
    assert command.left_running() == {}
    stale = (command.state / "task.json").read_text()

    _, pipeline = mortal_aws.deployed()
    with command.started(pipeline, changes=100) as running:
        running.await_line("full load:")
        code, said = running.outcome()

    assert code == 0, said
    assert GOES_ON not in said
    assert len(pipeline.data("load")) == 75 + 1 + 300 + 300 + 600
    assert (command.state / "task.json").read_text() != stale


def test_two_rehearsals_of_a_pipeline_do_not_run_at_once(
    pipeline: Pipeline, aws_folder: Path
) -> None:
    """They would end each other's database and overtake each other's records."""
    pipeline.deploy([selection("dms_sample")])
    command = RehearsalCommand(aws_folder, "twice")
    with command.started(pipeline, changes=CHANGES) as running:
        running.await_line("database:")
        with pytest.raises(RehearsalError, match="another rehearsal of this pipeline is running"):
            rehearse(pipeline.rehearsal(command.state))
        running.press_ctrl_c()
        code, _ = running.outcome()
    assert code == 130
