"""A rehearsal before anything runs: one at a time, and whatever AWS does not answer is told."""

from pathlib import Path

import pytest

from dms_stream.local_aws import process_environment
from dms_stream.programs.lock_file import locked
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.run import Rehearsal, rehearse

_NOBODY = "http://127.0.0.1:1"


def rehearsal(folder: Path) -> Rehearsal:
    """One on an embedded AWS that is not there."""
    return Rehearsal(
        environment="trial",
        pipeline="tickets",
        task_arn="arn:aws:dms:eu-west-1:123456789012:task:GONE",
        delivery_stream="gone",
        process_environment=process_environment(_NOBODY),
        folder=folder,
        purchases=1,
        changes=0,
    )


def test_a_second_one_of_a_pipeline_is_refused_while_the_first_runs(tmp_path: Path) -> None:
    folder = tmp_path / "rehearsal"
    folder.mkdir()
    with locked(folder / "rehearsal.lock"), pytest.raises(RehearsalError) as refused:
        rehearse(rehearsal(folder))
    assert str(refused.value) == (
        f"another rehearsal of this pipeline is running in {folder}: wait for it, or end it with "
        "Ctrl-C"
    )


def test_an_embedded_aws_that_is_not_there_is_told(tmp_path: Path) -> None:
    folder = tmp_path / "not" / "there"
    with pytest.raises(RehearsalError) as refused:
        rehearse(rehearsal(folder))
    assert str(refused.value) == (
        f"the embedded AWS at {_NOBODY} no longer answers, and all it held is gone: run the same "
        "command again to start over"
    )
    assert folder.is_dir()
