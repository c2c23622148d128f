"""What the events of a child become: the states of tasks and deliveries, and what is told of them.

In this process, without a child; with real ones: test_tasks.py, test_deliveries.py.
"""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from dms_stream.data_plane import delivery_run, task_run
from dms_stream.data_plane.delivery_run import DeliveryRun
from dms_stream.data_plane.delivery_state import DeliveryState
from dms_stream.data_plane.dms_events import DmsEvents
from dms_stream.data_plane.task_log import TaskLogs
from dms_stream.data_plane.task_run import Source, TaskRun
from dms_stream.data_plane.task_state import TaskState
from dms_stream.local_aws.data_plane import StartKind, TaskStart
from dms_stream.rehearsal.delivery.errors import DeliveryError
from dms_stream.rehearsal.source.database import DatabaseAddress
from tests.support.dms_account import DmsAccount
from tests.support.pipelines import Json
from tests.support.played_children import TABLES, Deliverer, checkpoint, ready
from tests.support.waiting import until

# on an embedded AWS
pytestmark = pytest.mark.slow

ARN = "arn:aws:dms:eu-central-1:123456789012:task:ABC"


def task(*events: Mapping[str, Any], arn: str = ARN) -> TaskState:
    state = TaskState(arn, "tickets")
    for event in events:
        state.take(event)
    return state


def states(task: TaskState) -> dict[str, str]:
    """What DMS calls the tables' states."""
    return {f"{t['SchemaName']}.{t['TableName']}": t["TableState"] for t in task.tables()}


@pytest.mark.parametrize(
    ("events", "orders"),
    [
        ([ready()], "Before load"),
        ([ready(loads=False)], "Table completed"),
        ([ready(loaded=["shop.orders"])], "Table completed"),
        ([ready(), {"event": "loaded", "table": "shop.orders"}], "Full load"),
        ([ready(), checkpoint(loaded=["shop.orders"])], "Table completed"),
        ([ready(), {"event": "full-load-done"}], "Table completed"),
        ([ready(), {"event": "done", "stop_reason": "NORMAL"}], "Table completed"),
        ([ready(), {"event": "reloading", "tables": ["shop.orders"]}], "Table is being reloaded"),
        (
            [
                ready(),
                {"event": "reloading", "tables": ["shop.orders"]},
                {"event": "loaded", "table": "shop.orders"},
            ],
            "Table is being reloaded",
        ),
    ],
)
def test_a_table_has_dmss_word_for_how_far_it_is(events: list[Json], orders: str) -> None:
    assert states(task(*events))["shop.orders"] == orders


def test_rows_are_counted_by_table_and_kind() -> None:
    counts = {"shop.orders": {"load": 4, "insert": 3, "update": 2, "delete": 1, "ddl": 5}}
    state = task(
        ready(),
        {"event": "reloading", "tables": ["shop.seats"]},
        checkpoint(counts=counts),
        # an event without counts leaves them
        {"event": "idle", "position": "bin.000003:999"},
    )
    orders, seats = state.tables()
    assert orders == {
        "SchemaName": "shop",
        "TableName": "orders",
        "TableState": "Before load",
        "FullLoadRows": 4,
        "Inserts": 3,
        "Updates": 2,
        "Deletes": 1,
        "Ddls": 5,
        "FullLoadReloaded": False,
    }
    assert (seats["FullLoadRows"], seats["FullLoadReloaded"]) == (0, True)
    assert state.summary() | {"since": 0} == {
        "arn": ARN,
        "identifier": "tickets",
        "status": "running",
        "stop_reason": "",
        "message": "",
        "process_id": None,
        "source": "",
        "since": 0,
        "is_loaded": False,
        "counts": counts,
        "sent": 5,
        "sent_bytes": 60,
        "position": "bin.000003:999",
        "source_time": 1.5,
        "pulse": {},
        "tables": state.tables(),
    }
    assert (state.waiting, state.facts) == (2, {"names": {}})


def test_renamed_merged_and_new_tables_are_counted_where_they_are() -> None:
    """A renamed one keeps its name on the source; several that become one have the target's."""
    counts = {"shop.all": {"load": 9}, "shop.sold": {"load": 2}, "shop.later": {"insert": 1}}
    alone = task(
        ready(targets={"shop.orders": "shop.sold"}) | {"counts": counts},
    ).tables()
    assert [(t["TableName"], t["FullLoadRows"]) for t in alone[:2]] == [("orders", 2), ("seats", 0)]
    merged = task(ready(targets=dict.fromkeys(TABLES, "shop.all")) | {"counts": counts}).tables()
    assert [(t["TableName"], t["FullLoadRows"], t["TableState"]) for t in merged] == [
        ("all", 9, "Before load"),
        ("sold", 2, "Table completed"),
        ("later", 0, "Table completed"),
    ]


def test_a_checkpoint_is_written_as_dms_writes_it_of_what_captures() -> None:
    state = task(ready())
    assert state.recovery_checkpoint is None
    assert "RecoveryCheckpoint" not in state.report()
    state.take(checkpoint())
    written = "checkpoint:V1#1#bin.000003:120:-1:120:0:bin.000003:120#0#0#*#0#0"
    assert state.report()["RecoveryCheckpoint"] == state.recovery_checkpoint == written
    assert task(ready(captures=False), checkpoint()).recovery_checkpoint is None


@pytest.mark.parametrize(
    ("events", "end", "expected"),
    [
        ([ready()], "", ("stopped", "Stop Reason NORMAL", "")),
        (
            [ready(), {"event": "done", "stop_reason": "FULL_LOAD_ONLY_FINISHED"}],
            "",
            ("stopped", "Stop Reason FULL_LOAD_ONLY_FINISHED", ""),
        ),
        ([ready()], "killed", ("failed", "Stop Reason FATAL_ERROR", "killed")),
        # its own words are better than those of who saw it end
        (
            [ready(), {"event": "error", "message": "no binary log"}],
            "ended with 1",
            ("failed", "Stop Reason FATAL_ERROR", "no binary log"),
        ),
    ],
)
def test_an_end_has_a_status_and_a_reason(
    events: list[Json], end: str, expected: tuple[str, str, str]
) -> None:
    state = task(*events)
    state.process_id = 7
    state.end(end)
    assert (state.status, state.stop_reason, state.message) == expected
    assert state.process_id is None
    report = state.report()
    assert report["StopReason"] == expected[1]
    assert report.get("FailureMessage", "") == expected[2]


def test_only_what_runs_or_starts_is_stopping() -> None:
    for events in ([], [ready()]):
        state = task(*events)
        state.is_stopping()
        assert state.status == "stopping"
        # it begins nevertheless, and is still to stop
        state.take(ready())
        assert state.status == "stopping"
    state.end()
    state.is_stopping()
    assert state.status == "stopped"


def test_what_goes_on_takes_over_what_was_moved() -> None:
    before = task(
        ready(loaded=["shop.orders"]),
        checkpoint(counts={"shop.orders": {"load": 4}}),
        {"event": "reloading", "tables": ["shop.orders"]},
        {"event": "full-load-done"},
    )
    after = TaskState(ARN, "tickets")
    after.continue_from(before)
    assert after.tables() == before.tables()
    assert (after.position, after.facts) == (before.position, before.facts)
    # a table that is new to it is loaded, and those that are loaded stay so
    after.take(ready(tables=[*TABLES, "shop.new"]))
    assert states(after) == {
        "shop.orders": "Table completed",
        "shop.seats": "Table completed",
        "shop.new": "Before load",
    }
    after.take({"event": "reloading", "tables": ["shop.seats"]})
    assert states(before)["shop.seats"] == "Table completed"


def test_a_tasks_events_are_summed_up() -> None:
    state = TaskState(ARN, "tickets", process_id=7, source="db:3306", since=4.5)
    told = state.summary()
    whole = {
        "arn": ARN,
        "identifier": "tickets",
        "status": "starting",
        "stop_reason": "",
        "message": "",
        "process_id": 7,
        "source": "db:3306",
        "since": 4.5,
        "is_loaded": False,
        "counts": {},
        "sent": 0,
        "sent_bytes": 0,
        "position": None,
        "source_time": None,
        "pulse": {},
        "tables": [],
    }
    assert told == whole
    pulse = {"event": "pulse", "rows": 1}
    for event in (ready(), checkpoint(counts={"shop.orders": {"load": 4}}), pulse):
        state.take(event)
    moved = whole | {
        "status": "running",
        "counts": {"shop.orders": {"load": 4}},
        "sent": 5,
        "sent_bytes": 60,
        "position": "bin.000003:120",
        "source_time": 1.5,
        "pulse": pulse,
        "tables": state.tables(),
    }
    assert state.summary() == moved
    state.take({"event": "full-load-done"})
    state.take({"event": "idle", "position": "bin.000003:500"})
    assert state.summary() == moved | {
        "is_loaded": True,
        "position": "bin.000003:500",
        "tables": state.tables(),
    }
    assert state.waiting == 2


def test_pulses_are_counted_and_the_last_is_kept() -> None:
    state = task(ready(), {"event": "pulse", "rows": 1}, {"event": "pulse", "rows": 2})
    assert (state.pulses, state.pulse["rows"]) == (2, 2)


# Deliveries

DELIVERY = "arn:aws:firehose:eu-central-1:123456789012:deliverystream/tickets"


def read(**more: Any) -> Json:
    """A delivery has read."""
    return {
        "event": "read",
        "records": 3,
        "bytes": 30,
        "millis_behind": 4,
        "waiting_since": 2.5,
        "failed": {},
        **more,
    }


def put(**more: Any) -> Json:
    """It has put an object."""
    return {
        "event": "put",
        "key": "a",
        "records": 2,
        "bytes": 20,
        "is_error": False,
        "waiting_since": None,
        **more,
    }


def test_a_deliverys_events_are_summed_up() -> None:
    state = DeliveryState(DELIVERY)
    for event in (
        {"event": "ready", "stream": "changes", "bucket": "landing"},
        read(),
        read(failed={"not-json": 1}),
        put(),
        put(key="b", is_error=True, waiting_since=3.5),
        {"event": "drained", "number": 4},
    ):
        state.take(event)
    assert state.summary() | {"since": 0} == {
        "arn": DELIVERY,
        "name": "tickets",
        "status": "running",
        "message": "",
        "process_id": None,
        "since": 0,
        "restarts": 0,
        "changes": 0,
        "stream": "changes",
        "bucket": "landing",
        "read": 6,
        "read_bytes": 60,
        "millis_behind": 4,
        "records": 4,
        "bytes": 40,
        "objects": 2,
        "failed_records": 2,
        "waiting_since": 3.5,
        "refused_puts": 0,
        "drained": 4,
    }
    assert dict(state.failures) == {"not-json": 1}
    assert [(each["number"], each["key"]) for each in state.puts] == [(1, "a"), (2, "b")]
    assert "event" not in state.puts[0]


@pytest.mark.parametrize(
    ("refused", "told", "good"),
    [
        (
            {"event": "refused-read", "code": "KMS.DisabledException", "message": "the key"},
            "Kinesis refuses its reads, which it tries again: the key",
            read(),
        ),
        (
            {"event": "refused", "message": "no bucket", "waiting_since": 1.0},
            "S3 refuses what it puts, which it tries again: no bucket",
            put(),
        ),
    ],
)
def test_what_is_refused_fails_until_it_is_accepted(refused: Json, told: str, good: Json) -> None:
    state = DeliveryState(DELIVERY)
    for _ in range(2):
        state.take(refused)
    assert (state.status, state.message) == ("failed", told)
    assert state.refused_puts + sum(state.refused_reads.values()) == 2
    if refused["event"] == "refused":
        assert state.waiting_since == 1.0
    state.take(good)
    assert (state.status, state.message) == ("running", "")


def test_a_delivery_that_ends_says_why_in_its_own_words() -> None:
    state = DeliveryState(DELIVERY, process_id=7)
    state.take({"event": "error", "message": "the role"})
    state.fail("ended with 1")
    assert (state.status, state.message, state.process_id) == ("failed", "the role", None)
    other = DeliveryState(DELIVERY)
    other.fail("ended with 1")
    assert other.message == "ended with 1"


# Runs


class Engine:
    """A process of a task, which ends as a test says.

    Attributes:
        code: How it ends.
        given: What it was started with.
    """

    code: int | None = 0
    given: Json

    def __init__(self, arn: str, database: DatabaseAddress, **given: Any) -> None:
        type(self).given = {"arn": arn, "database": database, **given}
        given["on_event"](ready())

    def wait(self, _: object) -> int | None:
        """It has ended."""
        return self.code

    def failure(self) -> str:
        """Why."""
        return "it broke"

    def stop(self) -> None:
        """It has ended."""


Running = Callable[..., tuple[TaskState, list[str], TaskRun]]


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Running:
    """A run that has ended, and the phases that were told."""
    monkeypatch.setattr(task_run, "EngineProcess", Engine)

    def run(
        kind: StartKind = "start-replication", *, code: int | None = 0, stopped: bool = False
    ) -> tuple[TaskState, list[str], TaskRun]:
        monkeypatch.setattr(Engine, "code", code)
        state, phases = TaskState(ARN, "tickets"), [""]

        def tell(told: TaskState, _: object) -> None:
            if told.phase != phases[-1]:
                phases.append(told.phase)

        address = DatabaseAddress("db", 3306, "dms", "")
        made = TaskRun(
            state,
            TaskStart(ARN, "tickets", kind, 1.5, None, "server_time:2026-01-01T00:00:00"),
            folder=tmp_path / "task",
            process_environment={"A": "b"},
            find_source=lambda: Source(address, ends_in_newline=True),
            tell=tell,
            previous=None,
        )
        if stopped:
            made.stop()
        made.begin()
        made.join(10)
        return state, phases[1:], made

    return run


def test_a_start_goes_through_dms_serverlesss_phases_in_order(running: Running) -> None:
    """As CHAP_Serverless.Components lists them; each is seen."""
    state, phases, _ = running()
    assert phases == [
        "preparing_metadata_resources",
        "testing_connection",
        "fetching_metadata",
        "calculating_capacity",
        "provisioning_capacity",
        "replication_starting",
    ]
    assert (state.status, state.message) == ("stopped", "")
    given = Engine.given
    assert given["ends_in_newline"] is True
    assert state.source == str(given["database"])
    assert given["limits"].start_time == 1.5


@pytest.mark.parametrize(
    ("code", "status"), [(0, "stopped"), (1, "failed"), (-9, "failed"), (None, "failed")]
)
def test_a_process_that_is_not_stopped_has_to_end_well(
    running: Running, code: int | None, status: str
) -> None:
    state, _, _ = running(code=code)
    assert (state.status, state.message) == (status, "" if status == "stopped" else "it broke")


def test_one_that_is_stopped_before_it_begins_starts_no_process(running: Running) -> None:
    state, phases, _ = running(stopped=True)
    assert state.status == "stopped"
    assert phases == ["preparing_metadata_resources"]
    assert state.source == ""


@pytest.mark.parametrize(
    ("kind", "stays"),
    [("resume-processing", True), ("start-replication", False), ("reload-target", False)],
)
def test_only_what_resumes_keeps_its_checkpoint(
    running: Running, tmp_path: Path, kind: StartKind, stays: bool
) -> None:
    file = tmp_path / "task" / "task.json"
    file.parent.mkdir()
    file.write_text("{}")
    running(kind)
    assert file.exists() is stays


# What is told of them


def through(state: TaskState, told: Callable[[TaskState, Any], None]) -> None:
    """A task that runs, stops and fails."""
    for status, reason, message in (
        ("starting", "", ""),
        ("running", "", ""),
        ("running", "", ""),
        ("stopping", "", ""),
        ("stopped", "Stop Reason NORMAL", ""),
        ("failed", "Stop Reason FATAL_ERROR", "no binary log"),
    ):
        state.status, state.stop_reason, state.message = status, reason, message  # type: ignore[assignment]
        told(state, None)


STARTED = "Replication task has started."
STOPPED = "Replication task has stopped. Stop Reason NORMAL"
FAILED = "Replication task has failed. no binary log"


@pytest.mark.parametrize(
    ("subscription", "told"),
    [
        ({}, [STARTED, STOPPED, FAILED]),
        ({"EventCategories": ["Failure"]}, [FAILED]),
        ({"EventCategories": ["state change"]}, [STARTED, STOPPED]),
        ({"EventCategories": ["creation"]}, []),
        ({"SourceType": "replication-task", "SourceIds": ["tickets"]}, [STARTED, STOPPED, FAILED]),
        ({"SourceType": "replication-task", "SourceIds": ["other"]}, []),
        ({"SourceType": "replication-instance"}, []),
        ({"Enabled": False}, []),
    ],
)
def test_a_subscription_is_told_of_what_it_asks_for(
    account: DmsAccount, subscription: Json, told: list[str]
) -> None:
    topic = account.client("sns").create_topic(Name="dms")["TopicArn"]
    queues = account.client("sqs")
    queue = queues.create_queue(QueueName="told")["QueueUrl"]
    account.client("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint="arn:aws:sqs:eu-central-1:123456789012:told",
    )
    account.dms.create_event_subscription(SubscriptionName="s", SnsTopicArn=topic, **subscription)
    through(TaskState(ARN, "tickets"), DmsEvents().task_changed)
    answer = queues.receive_message(QueueUrl=queue, MaxNumberOfMessages=10)
    bodies = [json.loads(each["Body"]) for each in answer.get("Messages", [])]
    assert {body["Subject"] for body in bodies} <= {"DMS Notification Message"}
    found = [json.loads(body["Message"]) for body in bodies]
    assert sorted(each["Event Message"] for each in found) == sorted(told)
    for each in found:
        assert each["Event Source"] == "replication-task"
        assert each["SourceId"] == "tickets"
        assert each["Identifier Link"].endswith("eu-central-1#taskDetails/tickets")


@pytest.mark.parametrize(
    ("settings", "role", "written"),
    [
        ({"Logging": {"EnableLogging": True}}, True, True),
        ({"Logging": {"EnableLogging": False}}, True, False),
        ({"Logging": {"EnableLogging": True}}, False, False),
    ],
)
def test_a_task_writes_a_log_where_it_is_on_and_the_role_is_there(
    account: DmsAccount, settings: Json, role: bool, written: bool
) -> None:
    arn = account.task(ReplicationTaskSettings=json.dumps(settings))
    if role:
        account.client("iam").create_role(
            RoleName="dms-cloudwatch-logs-role", AssumeRolePolicyDocument="{}"
        )
    state, logs = TaskState(arn, "tickets"), TaskLogs()
    for event in (
        ready(),
        checkpoint(counts={"shop.orders": {"load": 4}, "shop.seats": {"load": 2, "insert": 1}}),
        {"event": "full-load-done"},
        {"event": "reloading", "tables": TABLES},
        {"event": "control", "operation": "create-table", "table": "shop.orders"},
    ):
        state.take(event)
        logs.task_changed(state, event)
    state.is_stopping()
    logs.task_changed(state, None)
    state.end("no binary log")
    logs.task_changed(state, None)
    cloudwatch = account.client("logs")
    groups = [each["logGroupName"] for each in cloudwatch.describe_log_groups()["logGroups"]]
    assert groups == (["dms-tasks-instance"] if written else [])
    if not written:
        return
    lines = cloudwatch.get_log_events(
        logGroupName="dms-tasks-instance", logStreamName=f"dms-task-{arn.rpartition(':')[2]}"
    )["events"]
    assert [line["message"].partition(" ")[2] for line in lines] == [
        "[TASK_MANAGER    ]I:  Task 'tickets' is running",
        "[METADATA_MANAGER]I:  2 tables are selected",
        "[TASK_MANAGER    ]I:  Full load is complete: 6 rows",
        "[TASK_MANAGER    ]I:  Tables are loaded again: shop.orders, shop.seats",
        "[TARGET_APPLY    ]I:  create-table of shop.orders",
        "[TASK_MANAGER    ]I:  Task was asked to stop",
        "[TASK_MANAGER    ]E:  Task has failed: no binary log",
    ]


# Runs of deliveries


@pytest.fixture
def deliverer(monkeypatch: pytest.MonkeyPatch) -> type[Deliverer]:
    """Plays the processes of a delivery."""

    class Played(Deliverer):
        codes: ClassVar[list[int | DeliveryError]] = []
        started: ClassVar[list[Json]] = []
        written: ClassVar[list[Json]] = []

    monkeypatch.setattr(delivery_run, "DeliveryProcess", Played)
    return Played


def delivering(folder: Path) -> tuple[DeliveryState, DeliveryRun]:
    """A run that has begun."""
    state = DeliveryState(DELIVERY)
    run = DeliveryRun(
        state,
        folder=folder / "delivery",
        process_environment={"A": "b"},
        time_scale=0.5,
        tell=lambda *_: None,
        previous=None,
    )
    run.begin()
    return state, run


def test_a_delivery_that_is_killed_is_started_again_and_counted(
    deliverer: type[Deliverer], tmp_path: Path
) -> None:
    deliverer.codes[:] = [-9, 0]
    state, run = delivering(tmp_path)
    until(lambda: len(deliverer.started) == 3 and state.status == "running")
    assert (state.restarts, state.process_id, state.message) == (2, 7, "")
    run.stop()
    run.join(10)
    assert (state.restarts, state.process_id) == (2, None)
    given = deliverer.started[0]
    assert (given["name"], given["time_scale"], given["retries"]) == ("tickets", 0.5, True)
    assert given["checkpoint_path"] == tmp_path / "delivery" / "delivery.json"


@pytest.mark.parametrize(
    ("code", "why"), [(2, "it broke"), (DeliveryError("the role is gone"), "the role is gone")]
)
def test_one_that_breaks_or_is_refused_waits_for_other_settings(
    deliverer: type[Deliverer], tmp_path: Path, code: int | DeliveryError, why: str
) -> None:
    deliverer.codes[:] = [code]
    state, run = delivering(tmp_path)
    run.join(10)
    assert (state.status, state.message, state.restarts) == ("failed", why, 0)
    assert len(deliverer.started) == 1
    other = run.change()
    assert other is not None
    assert (state.status, state.message) == ("starting", "")
    other.begin()
    until(lambda: state.status == "running")
    other.stop()
    other.join(10)
    # the new settings were the reason, not a crash
    assert state.restarts == 0


def test_other_settings_end_one_that_runs_and_are_no_restart(
    deliverer: type[Deliverer], tmp_path: Path
) -> None:
    state, run = delivering(tmp_path)
    until(lambda: state.process_id == 7)
    until(lambda: run._child is not None)
    run.join(0.01)  # it waits no longer for one that goes on
    assert run.change() is None
    until(lambda: len(deliverer.started) == 2 and state.status == "running")
    assert (state.restarts, state.changes) == (0, 1)
    run.stop()
    run.join(10)


def test_a_drain_that_is_asked_for_early_is_sent_once_it_runs(
    deliverer: type[Deliverer], tmp_path: Path
) -> None:
    deliverer.codes[:] = [-9]
    state = DeliveryState(DELIVERY)
    run = DeliveryRun(
        state,
        folder=tmp_path,
        process_environment={},
        time_scale=1,
        tell=lambda *_: None,
        previous=None,
    )
    run.drain(3)
    assert deliverer.written == []
    run.begin()
    # one that was killed before it had drained is asked again
    until(lambda: deliverer.written == [{"drain": 3}] * 2)
    until(lambda: run._child is not None)
    run.drain(4)
    assert deliverer.written[-1] == {"drain": 4}
    run.stop()
    run.join(10)
