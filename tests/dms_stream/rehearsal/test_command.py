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
from tests.support.alive import LivePipeline, processes
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


def test_ctrl_c_stops_what_was_started_and_a_rerun_goes_on(
    live_pipeline: LivePipeline, live_aws_folder: Path
) -> None:
    """In the middle of the changes: the task it started is stopped, and nothing is lost."""
    live_pipeline.deploy([selection("dms_sample")])
    command = RehearsalCommand(live_aws_folder, "interrupted")
    with command.started(live_pipeline, changes=CHANGES) as running:
        running.await_line("full load:")
        running.press_ctrl_c()
        code, said = running.outcome()

    assert code == 130
    assert "run the same command again to continue from the last checkpoint" in said
    assert "Traceback" not in said
    assert live_pipeline.described()["Status"] == "stopped"

    with command.started(live_pipeline, changes=100) as running:
        running.await_line(GOES_ON)
        code, said = running.outcome()
    assert code == 0, said
    assert live_pipeline.described()["Status"] == "stopped"


def test_a_killed_command_leaves_a_task_that_the_next_run_goes_on_with(
    live_pipeline: LivePipeline, live_aws_folder: Path
) -> None:
    """It belongs to the embedded AWS, and runs on."""
    live_pipeline.deploy([selection("dms_sample")])
    command = RehearsalCommand(live_aws_folder, "killed")
    with command.started(live_pipeline, changes=CHANGES) as running:
        running.await_line("full load:")
        running.kill()
    engine = live_pipeline.engine()

    with command.started(live_pipeline, changes=100) as running:
        running.await_line("the task is running, mysql-bin.")
        assert live_pipeline.engine() == engine
        code, said = running.outcome()

    assert code == 0, said
    # who did not start it does not stop it
    assert live_pipeline.described()["Status"] == "running"


_START = """
import pathlib, sys
from dms_stream import data_plane
data_plane.start(pathlib.Path(sys.argv[1]))
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
    # task, delivery and database end by themselves
    until(lambda: processes(str(mortal_aws.folder)) == {})

    _, pipeline = mortal_aws.deployed()
    with command.started(pipeline, changes=100) as running:
        running.await_line("full load:")
        code, said = running.outcome()

    assert code == 0, said
    assert "continuing from" not in said
    assert len(pipeline.data("load")) == 75 + 1 + 300 + 300 + 600

    local_aws.stop(mortal_aws.folder)
    assert processes(str(mortal_aws.folder)) == {}


def test_two_rehearsals_of_a_pipeline_do_not_run_at_once(
    live_pipeline: LivePipeline, live_aws_folder: Path
) -> None:
    """They would stop each other's task, and change rows that the other compares."""
    live_pipeline.deploy([selection("dms_sample")])
    command = RehearsalCommand(live_aws_folder, "twice")
    with command.started(live_pipeline, changes=CHANGES) as running:
        running.await_line("database:")
        with pytest.raises(RehearsalError, match="another rehearsal of this pipeline is running"):
            rehearse(live_pipeline.rehearsal(command.state))
        running.press_ctrl_c()
        code, _ = running.outcome()
    assert code == 130
