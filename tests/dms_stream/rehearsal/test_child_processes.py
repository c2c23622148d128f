"""How the two child processes are started and told to end; running ones: test_process.py."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dms_stream.programs.child import ModuleChild
from dms_stream.rehearsal.delivery import DeliveryError, DeliveryProcess
from dms_stream.rehearsal.source.database import DatabaseAddress, LogPosition
from dms_stream.rehearsal.task.limits import Limits
from dms_stream.rehearsal.task.process import EngineProcess

SOURCE = DatabaseAddress("db.invalid", 3306, "dms", "secret")
ENVIRONMENT = {"AWS_REGION": "eu-west-1"}


class Started:
    """What a process was started with, and what it is told; it ends as a test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.arguments: tuple[str, ...] = ()
        self.more: dict[str, Any] = {}
        self.told: list[Any] = []
        self.code: int | None = 0
        seen = self

        def start(child: Any, module: str, *arguments: str, **more: Any) -> None:
            seen.arguments, seen.more = (module, *arguments), more
            child.ready = {"tables": ["shop.t"]}

        def answer(name: str, worth: Callable[[], Any]) -> None:
            def call(_: object, *given: Any) -> Any:
                seen.told.append((name, *given))
                return worth()

            monkeypatch.setattr(ModuleChild, name, call)

        monkeypatch.setattr(ModuleChild, "__init__", start)
        for name in ("write", "close_input", "stop"):
            answer(name, lambda: None)
        answer("wait", lambda: self.code)
        answer("wait_for", lambda: {"event": "done"})
        answer("failure", lambda: DeliveryError("it broke"))


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Started:
    """Nothing yet."""
    return Started(monkeypatch)


def test_a_task_is_started_with_its_source_and_limits(
    started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    heard = print
    process = EngineProcess(
        "arn",
        SOURCE,
        progress_path=Path("task.json"),
        process_environment=ENVIRONMENT,
        on_event=heard,
        log_path=tmp_path / "log",
        limits=Limits(5.0, "commit_time:2024-01-31T10:00:00"),
    )
    path = str(tmp_path / "task.json")
    assert started.arguments == ("dms_stream.rehearsal.task", "--task", "arn", "--progress", path)
    assert started.more == {
        "process_environment": ENVIRONMENT,
        "log_path": tmp_path / "log",
        # a password is no argument, which everybody can see
        "first_line": {
            "source": {
                **{"host": "db.invalid", "port": 3306, "user": "dms", "password": "secret"},
                "ssl_ca": None,
            },
            "start_time": 5.0,
            "stop_position": "commit_time:2024-01-31T10:00:00",
        },
        "on_event": heard,
    }
    assert process.tables == ["shop.t"]
    EngineProcess(
        "arn",
        SOURCE,
        progress_path=Path("task.json"),
        process_environment=ENVIRONMENT,
        ends_in_newline=True,
    )
    assert started.arguments[-1] == "--newline"


def test_a_task_reads_up_to_a_position_or_ends_by_itself(started: Started, tmp_path: Path) -> None:
    process = EngineProcess("arn", SOURCE, progress_path=tmp_path, process_environment={})
    assert process.wait_until_loaded() == {"event": "done"}
    assert process.finish(LogPosition("bin.000001", 4)) == {"event": "done"}
    assert started.told == [
        ("wait_for", "full-load-done"),
        ("write", {"file": "bin.000001", "offset": 4}),
        ("wait_for", "done"),
        ("wait", 20.0),
    ]
    started.told.clear()
    process.finish(None)
    assert started.told == [("wait_for", "done"), ("wait", 20.0)]


def delivery(**more: Any) -> DeliveryProcess:
    """One."""
    return DeliveryProcess(
        "delivery", checkpoint_path=Path("at.json"), process_environment=ENVIRONMENT, **more
    )


def test_a_delivery_is_started_with_its_checkpoint_and_pace(
    started: Started, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    process = delivery()
    arguments: tuple[str, ...] = (
        "dms_stream.rehearsal.delivery",
        *("--delivery-stream", "delivery", "--checkpoint", str(tmp_path / "at.json")),
        "--time-scale",
    )
    assert started.arguments == (*arguments, "1.0")
    put = {
        "key": "a",
        "records": 1,
        "bytes": 2,
        "is_error": False,
        "oldest_arrival": 3.0,
        "at": 4.0,
    }
    hear = started.more.pop("on_event")
    assert started.more == {"process_environment": ENVIRONMENT, "log_path": None}
    hear({"event": "ready"})
    hear({"event": "put", **put})
    assert [(found.key, found.latency) for found in process.puts] == [("a", 1.0)]

    delivery(time_scale=0.5, retries=True, log_path=tmp_path / "log", on_event=print)
    assert started.arguments == (*arguments, "0.5", "--retries")
    assert started.more["log_path"] == tmp_path / "log"
    assert started.more["on_event"] is print


def test_a_delivery_ends_once_all_is_delivered(started: Started) -> None:
    process = delivery()
    assert process.finish() == []
    assert started.told == [("close_input",), ("wait", 600)]
    started.told.clear()
    started.code = None
    with pytest.raises(DeliveryError, match=r"the delivery did not reach the end .* within 0\.5 s"):
        process.finish(timeout_seconds=0.5)
    assert started.told == [("close_input",), ("wait", 0.5), ("stop",)]
    started.code = 2
    with pytest.raises(DeliveryError, match="it broke"):
        process.finish()
