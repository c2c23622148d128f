"""`dms-stream rehearse` while what it uses is killed, one after another: no row is lost."""

import os
import re
import signal
import sys
from pathlib import Path

import pytest

from tests.support.alive import LivePipeline, processes
from tests.support.pipelines import selection
from tests.support.rehearsal_command import RehearsalCommand

pytestmark = [
    pytest.mark.rehearsal,
    pytest.mark.skipif(sys.platform != "linux", reason="looks at processes by Linux's means"),
]


def test_whatever_is_killed_is_told_in_a_sentence_and_the_last_run_finds_every_row(
    live_pipeline: LivePipeline, live_aws_folder: Path
) -> None:
    """Task and database, each in the middle of the changes; then the delivery."""
    live_pipeline.deploy([selection("dms_sample")])
    command = RehearsalCommand(live_aws_folder, "parts")
    data = f"--datadir={live_aws_folder.resolve() / 'data-plane' / 'database' / 'data'} "

    def kill_task() -> None:
        os.kill(live_pipeline.engine(), signal.SIGKILL)

    def kill_database() -> None:
        (server,) = (pid for pid, line in processes("--datadir=").items() if data in line)
        os.kill(server, signal.SIGKILL)

    for kill in (kill_task, kill_database):
        with command.started(live_pipeline, changes=10_000) as running:
            running.await_line("full load:")
            kill()
            code, said = running.outcome()

        assert code == 2, said
        (error,) = (line for line in said.splitlines() if line.startswith("error: "))
        assert re.search(r"run it again to |cannot connect to 127\.0\.0\.1", error)
        assert "Traceback" not in said

    with command.started(live_pipeline, changes=10_000) as running:
        running.await_line("full load:")
        delivery = live_pipeline.plane.delivery(live_pipeline.delivery.name)
        os.kill(delivery["process_id"], signal.SIGKILL)
        code, said = running.outcome()
    # Firehose has no call to start it again: it goes on by itself
    assert code == 0, said
    assert live_pipeline.plane.delivery(live_pipeline.delivery.name)["restarts"] == 1
