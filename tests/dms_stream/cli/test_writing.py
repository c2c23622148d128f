"""What cannot be written is told in one sentence, before the work; and `--json` is JSON."""

import errno
import json
import os
import socket
import subprocess
import sys
from pathlib import Path
from unittest import mock

import pytest

from dms_stream.cli.errors import CommandError
from dms_stream.cli.outputs import require_file, require_folder, require_temporary_folder
from dms_stream.cli.review import Output, require_outputs
from dms_stream.cli.workspace import open_workspace
from dms_stream.rehearsal.errors import SourceError
from dms_stream.rehearsal.source import database
from dms_stream.rehearsal.source.database import DatabaseAddress, connected
from tests.support.checkout import ROOT
from tests.support.command import DmsStream

PLAN = '{"format_version": "1.2", "terraform_version": "1.11.4", "resource_changes": []}'


@pytest.fixture
def dms_stream(tmp_path: Path) -> DmsStream:
    return DmsStream(tmp_path)


def test_a_file_is_tried_and_left_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    require_file(file, option="--report ")
    assert not file.exists()
    file.write_text("before")
    require_file(file, option="--report ")
    assert file.read_text() == "before"


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("", "is a folder: name a file in it"),
        ("nowhere/report.html", "cannot be written: No such file or directory"),
        ("file/report.html", "cannot be written: Not a directory"),
    ],
)
def test_a_file_that_cannot_be_written_is_refused(tmp_path: Path, name: str, problem: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match=f"--report .*: {problem}"):
        require_file(tmp_path / name, option="--report ")


def test_a_folder_that_cannot_be_written_into_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="is a file, and output goes into a folder"):
        require_folder(tmp_path / "file")
    with pytest.raises(CommandError, match="cannot be written to: Not a directory"):
        require_folder(tmp_path / "file" / "cdktf.out")
    # a file system that takes no file, whoever asks
    with pytest.raises(CommandError, match="cannot be written to"):
        require_folder(Path("/proc/self"))


@pytest.mark.parametrize(
    ("fault", "words"),
    [(errno.ENOSPC, "No space left on device"), (errno.EROFS, "Read-only file system")],
)
def test_a_full_disk_and_a_read_only_checkout_are_told_beforehand(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: int, words: str
) -> None:
    """Where a write fails that comes later, Node and Terraform say so in words of their own."""
    probe = mock.MagicMock()
    probe.__enter__.return_value.write.side_effect = OSError(fault, os.strerror(fault))
    monkeypatch.setattr("tempfile.TemporaryFile", lambda **_: probe)
    with pytest.raises(CommandError, match=rf"cdktf\.out: cannot be written to: {words}"):
        require_folder(tmp_path / "cdktf.out")


def test_what_is_started_uses_the_temporary_folder_that_was_found(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Node and Terraform would take a TMPDIR that is not there as it is."""
    monkeypatch.setenv("TMPDIR", str(tmp_path / "nowhere"))
    monkeypatch.setattr("tempfile.tempdir", None)
    require_temporary_folder()
    assert Path(os.environ["TMPDIR"]).is_dir()


def test_no_temporary_folder_at_all_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TMPDIR", "before")  # and put back at the end
    monkeypatch.setattr("tempfile.tempdir", None)
    monkeypatch.setattr("tempfile._candidate_tempdir_list", list)
    with pytest.raises(CommandError, match="name one in the variable TMPDIR"):
        open_workspace("local", needs_aws=False)


def test_who_only_reads_the_settings_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DMS_STREAM_LOCAL_AWS", str(tmp_path / "aws"))
    open_workspace("local", needs_aws=False)
    assert not (tmp_path / "aws").exists()


@pytest.mark.parametrize(
    ("formats", "problem"),
    [
        (["json=a.txt", "markdown=./a.txt"], "two reports go to a.txt"),
        (["terminal", "json"], "two reports go to standard output"),
        (["markdown=PLAN.json"], "markdown is no JSON"),
        (["markdown=/"], "is a folder"),
    ],
)
def test_reports_have_places_of_their_own(formats: list[str], problem: str) -> None:
    with pytest.raises(CommandError, match=problem):
        require_outputs([Output.parse(text) for text in formats])


@pytest.mark.slow
def test_a_report_that_cannot_be_written_is_refused_before_the_work(
    dms_stream: DmsStream, tmp_path: Path
) -> None:
    told = dms_stream.refuse("rehearse", "--env", "local", "--report", str(tmp_path))
    assert told == f"error: --report {tmp_path}: is a folder: name a file in it\n"


@pytest.mark.slow
def test_an_output_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cdktf.json").write_text('{"context": {"environment": "trial"}}')
    (tmp_path / "main.py").write_text("raise AssertionError('started')")
    (tmp_path / "environments").mkdir()
    (tmp_path / "environments" / "trial.yaml").write_text(
        "region: eu-west-1\nstate: {bucket_name: example-state}\npipelines: {}\n"
    )
    (tmp_path / "cdktf.out").write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "dms_stream", "synth"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("error: ")
    assert "cdktf.out: is a file, and output goes into a folder of this name" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")
@pytest.mark.parametrize("command", [["schema"], ["message-schema"], ["--help"]])
def test_a_full_disk_is_told_in_a_sentence(command: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "dms_stream", *command],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert done.returncode == 2, done.stderr
    assert done.stderr.splitlines()[-1].startswith("error: ")
    assert "No space left on device" in done.stderr
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.slow
def test_commands_that_show_something_show_it_as_json(dms_stream: DmsStream) -> None:
    stacks = json.loads(dms_stream.succeed("synth", "--env", "local", "--json"))
    assert [each["stack"] for each in stacks] == ["local-bootstrap", "local-tickets"]
    assert all(Path(each["file"]).is_file() for each in stacks)
    status = dms_stream.run("local-aws", "status", "--json")
    assert (status.returncode, json.loads(status.stdout)) == (1, None)


def test_a_port_that_says_nothing_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(database, "_CONNECT_TIMEOUT_SECONDS", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = DatabaseAddress("127.0.0.1", silent.getsockname()[1], "dms_user", "")
        with pytest.raises(SourceError, match=r"cannot connect to .*timed out"), connected(address):
            pass
