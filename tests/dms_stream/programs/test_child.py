"""Children: what they say, how they end, and what is said of it."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.errors import DmsStreamError
from dms_stream.data_plane.own_database import OwnDatabase
from dms_stream.local_aws import LocalAwsError
from dms_stream.local_aws.process import _Server
from dms_stream.programs import parent, process_id
from dms_stream.programs.child import Child, Event, ModuleChild
from dms_stream.programs.lock_file import LockedError, is_locked, locked
from dms_stream.rehearsal.delivery.errors import DeliveryError
from dms_stream.rehearsal.delivery.process import DeliveryProcess
from dms_stream.rehearsal.errors import RehearsalError, SourceError
from dms_stream.rehearsal.task.process import EngineProcess
from tests.support.waiting import until

ROOT = Path(__file__).parents[3]


class Talking(ModuleChild):
    """The tests' child."""

    name = "the child"
    advice = "run it again"
    error_type = LocalAwsError
    kill_after_seconds = 0.5


def start(how: str, *arguments: str, log: Path, **options: Any) -> Talking:
    """A child that behaves so."""
    return Talking(
        "tests.dms_stream.programs.talking_child",
        *(how, *arguments),
        process_environment=os.environ,
        log_path=log,
        **options,
    )


def test_it_hears_and_says_lines_and_ends_with_its_input(tmp_path: Path) -> None:
    events: list[Event] = []
    with start("echo", log=tmp_path / "log", first_line={"a": 1}, on_event=events.append) as child:
        assert child.ready["secret"] == {"a": 1}
        child.write({"b": 2})
        assert child.wait_for("line")["line"] == {"b": 2}
        child.close_input()
        child.wait_for("done")
        assert child.wait(60) == 0
    assert [event["event"] for event in events] == ["ready", "line", "done"]
    assert (tmp_path / "log").read_text() == "what a library prints\n"


def test_a_refusal_is_raised_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(LocalAwsError, match=r"^this is refused$"):
        start("refuses", log=tmp_path / "log")


def test_one_that_dies_is_told_of_with_the_end_of_its_own_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("of an earlier one\n")
    with pytest.raises(LocalAwsError) as raised:
        start("dies first", log=log)
    first, *rest = str(raised.value).splitlines()
    assert first == (
        f"the child did not start: it ended with exit code 1; run it again. The end of {log}:"
    )
    assert rest[0].startswith("Traceback")
    assert rest[-1] == "ZeroDivisionError: of the child"


def test_one_that_is_killed_is_told_of_in_a_sentence(tmp_path: Path) -> None:
    with start("is killed", log=tmp_path / "log") as child:
        with pytest.raises(LocalAwsError, match=r"^the child was killed by SIGKILL; run it again"):
            child.wait_for("done")
        assert not child.is_alive


@pytest.mark.parametrize(
    ("kind", "error_type", "said"),
    [
        (
            EngineProcess,
            RehearsalError,
            "the task ended; what it sent is on the stream: run it again to continue from the last "
            "checkpoint",
        ),
        (
            DeliveryProcess,
            DeliveryError,
            "the delivery ended; what it has put is kept: run it again to deliver the rest",
        ),
        (OwnDatabase, SourceError, "the database ended; start the task again to start it again"),
        (_Server, LocalAwsError, "the embedded AWS ended; "),
    ],
)
def test_each_of_ours_is_told_of_by_its_name_and_with_what_to_do(
    kind: type[ModuleChild],
    error_type: type[DmsStreamError],
    said: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kind, "how_it_ended", lambda _, advice: f"ended; {advice}")
    monkeypatch.setattr(kind, "_wait_or_kill", lambda _: None)
    child = object.__new__(kind)
    child._latest = {"ready": {}}
    error = child.failure()
    assert (type(error), str(error)) == (error_type, said)


def test_one_that_has_ended_is_told_nothing_any_more(tmp_path: Path) -> None:
    with start("is killed", log=tmp_path / "log") as child:
        until(lambda: not child.is_alive)
        child.write({"still": "there?"})
        child.close_input()


@pytest.mark.parametrize("how", ["echo", "refuses"])
def test_one_that_has_lost_its_parent_ends_in_silence(how: str) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.dms_stream.programs.talking_child", how],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=writing,
        stderr=subprocess.PIPE,
        text=True,
    )
    os.close(writing)
    _, said = child.communicate("{}\n")
    assert child.returncode == 2
    assert "Traceback" not in said


def test_one_that_does_not_end_when_told_to_is_killed(tmp_path: Path) -> None:
    child = start("deaf", log=tmp_path / "log")
    assert child.wait(0.01) is None
    child.stop()
    assert child.how_it_ended().startswith("was killed by SIGKILL")


def test_it_ends_when_its_parent_is_killed_and_lets_go_of_its_lock(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    parent = subprocess.run(
        [
            *(sys.executable, "-c"),
            "import os, pathlib, signal, sys\n"
            "from tests.dms_stream.programs.test_child import start\n"
            "child = start('holds', sys.argv[1], log=pathlib.Path(sys.argv[2]))\n"
            "print(child.pid, flush=True)\n"
            "os.kill(os.getpid(), signal.SIGKILL)\n",
            *(str(lock), str(tmp_path / "log")),
        ],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert parent.returncode == -signal.SIGKILL
    pid = int(parent.stdout)
    until(lambda: not process_id.is_alive(pid))
    assert not is_locked(lock)


def test_the_terminals_ctrl_c_is_left_to_the_parent(tmp_path: Path) -> None:
    with start("echo", log=tmp_path / "log", first_line={}) as child:
        os.kill(child.pid, signal.SIGINT)
        child.write({"still": "here"})
        assert child.wait_for("line")["line"] == {"still": "here"}


@pytest.mark.parametrize("is_detached", [True, False])
def test_a_detached_one_is_out_of_reach_of_the_terminal(tmp_path: Path, is_detached: bool) -> None:
    with start("deaf", log=tmp_path / "log", is_detached=is_detached) as child:
        assert (os.getsid(child.pid) == child.pid) is is_detached


def test_a_lock_is_held_by_one_process_at_a_time(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    with start("holds", str(lock), log=tmp_path / "log"):
        assert is_locked(lock)
        with pytest.raises(LockedError), locked(lock, wait=False):
            pass
    assert not is_locked(lock)
    with locked(lock, wait=False):
        assert is_locked(lock)


def test_any_program_writes_into_its_log(tmp_path: Path) -> None:
    log = tmp_path / "log"
    with Child(
        [sys.executable, "-c", "import os; print(os.environ['WHAT']); raise SystemExit(3)"],
        process_environment={"WHAT": "it says"},
        log_path=log,
    ) as child:
        until(lambda: not child.is_alive)
    assert child.how_it_ended() == f"ended with exit code 3. The end of {log}:\nit says"


@pytest.mark.parametrize(("written", "told"), [(1_999, 1_999), (2_000, 2_000), (2_001, 2_000)])
def test_the_end_of_a_log_is_told(tmp_path: Path, written: int, told: int) -> None:
    log = tmp_path / "log"
    text = "".join(str(number % 10) for number in range(written))
    code = f"print({text!r}, end='', flush=True)"
    log.write_text("of an earlier one\n")
    with Child([sys.executable, "-c", code], process_environment=os.environ, log_path=log) as child:
        until(lambda: not child.is_alive)
        assert child.log_tail() == text[-told:]


def test_its_module_is_found_wherever_we_are(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    with start("echo", log=tmp_path / "log", first_line={}) as child:
        child.close_input()
        child.wait_for("done")
        assert child.wait(60) == 0


@pytest.mark.parametrize(
    ("how", "given", "code", "events"),
    [
        ("refuses", "", 2, [{"event": "error", "message": "this is refused"}]),
        ("dies first", "", 1, []),
        (
            "echo",
            '{"a": 1}\n',
            0,
            [
                {"event": "ready", "secret": {"a": 1}},
                {"event": "done"},
            ],
        ),
    ],
)
def test_what_a_childs_end_of_the_talk_says_and_returns(
    how: str, given: str, code: int, events: list[Event]
) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.dms_stream.programs.talking_child", how],
        cwd=ROOT,
        input=given,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert [json.loads(line) for line in done.stdout.splitlines()] == events
    # what libraries print is not between the events
    assert ("what a library prints" in done.stderr) is (how == "echo")


def test_what_nobody_reads_is_no_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Gone:
        closed = 0

        def close(self) -> None:
            self.closed += 1
            raise OSError("nobody reads it")

    gone = Gone()
    monkeypatch.setattr(parent.sys, "stderr", gone)  # type: ignore[attr-defined]
    assert parent._without_a_reader() == 2
    assert gone.closed == 1
