"""What no option takes, and how little of a shell a command needs."""

import subprocess
import sys
from importlib.abc import MetaPathFinder
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dms_stream.__main__ import main
from dms_stream.cli.app import app
from dms_stream.cli.errors import CommandError
from tests.support.checkout import ROOT


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["size", "--bytes", "0x10"], "--bytes: must be a whole number, .*; given: '0x10'"),
        (["size", "--mean", "1,5"], "--mean: must be a number, .*; given: '1,5'"),
        (["rehearse", "--purchases", "0"], "--purchases: must be 1 or more; given: '0'"),
        (["rehearse", "--watch", "99999999999999"], "--watch: must be 604800 or less"),
        (["local-aws", "start", "--time-scale", "inf"], "--time-scale: must be 100 or less"),
    ],
)
def test_a_value_of_another_kind_is_told_in_our_words(command: list[str], message: str) -> None:
    result = CliRunner().invoke(app, command)
    assert isinstance(result.exception, CommandError), result.output
    with pytest.raises(CommandError, match=rf"\A{message}"):
        raise result.exception


@pytest.mark.parametrize(
    ("command", "message"),
    [
        (["size", "--env", "seed", "--env=local"], "--env is given 2 times, and takes one value"),
        (["local-aws", "start", "--env", "a", "--env", "a"], "--env is given 2 times"),
        (["size", "--env", ""], "--env is empty"),
        (["size", "--pipeline", "a", "--pipeline", ""], "--pipeline is empty"),
        (["init", ""], "FOLDER is empty"),
        (["review", "a.json", ""], "PLAN is empty"),
    ],
)
def test_an_option_says_one_thing_once(command: list[str], message: str) -> None:
    result = CliRunner().invoke(app, command)
    assert isinstance(result.exception, CommandError), result.output
    assert str(result.exception).startswith(message)


@pytest.mark.parametrize(
    ("shell", "message"),
    [
        ('"$0" -m dms_stream schema >&-', "error: standard output is closed: "),
        ('"$0" -m dms_stream schema <&- >&- 2>&-', ""),
        ('cd "$1" && rmdir "$1" && "$0" -m dms_stream schema', "error: the folder you are in "),
    ],
)
def test_closed_streams_and_a_folder_that_is_gone(tmp_path: Path, shell: str, message: str) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    done = subprocess.run(
        ["sh", "-c", shell, sys.executable, str(gone)],
        cwd=ROOT,
        env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2, done.stderr
    assert done.stderr.startswith(message)
    assert len(done.stderr.splitlines()) == bool(message)


def test_a_ctrl_c_while_the_commands_are_loaded_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Interrupted(MetaPathFinder):
        def find_spec(self, *_: object) -> None:
            raise KeyboardInterrupt

    monkeypatch.delitem(sys.modules, "dms_stream.cli.app")
    monkeypatch.setattr(sys, "meta_path", [Interrupted(), *sys.meta_path])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 130
