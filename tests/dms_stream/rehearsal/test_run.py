"""A rehearsal step by step, on a played pipeline; with rows: test_rehearsal.py."""

import re
import socket
from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pymysql
import pytest
from botocore.exceptions import EndpointConnectionError

from dms_stream.local_aws import process_environment
from dms_stream.programs.lock_file import locked
from dms_stream.rehearsal.delivery import DeliveryError
from dms_stream.rehearsal.deployed_task import DeployedTask
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.mapping.messages import Clock
from dms_stream.rehearsal.mapping.table_recipe import ChangeOrigin, TableRecipe
from dms_stream.rehearsal.result import Check, OperationCounts, RehearsalResult
from dms_stream.rehearsal.run import Rehearsal, _answers, rehearse
from dms_stream.rehearsal.source.table import SourceTable
from tests.support.pipelines import Json, renamed_to, selection
from tests.support.played_rehearsal import (
    NOBODY,
    OF_DMS,
    OURS,
    PUT,
    THEIRS,
    Played,
    moved,
    played,
)
from tests.support.played_source import FILE, OTHER, TASK_ARN, T, task


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Played:
    """All in order, and nothing moved yet."""
    return played(tmp_path / "rehearsal", monkeypatch)


def rehearsal(folder: Path) -> Rehearsal:
    """One on an embedded AWS that is not there."""
    return Rehearsal(
        environment="trial",
        pipeline="tickets",
        task_arn="arn:aws:dms:eu-west-1:123456789012:task:GONE",
        delivery_stream="gone",
        process_environment=process_environment(NOBODY),
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
        f"the embedded AWS at {NOBODY} no longer answers, and all it held is gone: run the same "
        "command again to start over"
    )
    assert folder.is_dir()


def test_whether_something_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        assert _answers(f"http://127.0.0.1:{server.getsockname()[1]}")
    assert not _answers(NOBODY)
    asked: list[Any] = []

    def refuse(address: Any, seconds: float) -> None:
        asked.append((address, seconds))
        raise OSError

    monkeypatch.setattr(socket, "create_connection", refuse)
    assert not _answers("http://localhost")
    assert asked == [(("localhost", 80), 10.0)]


def test_a_rehearsal_needs_the_embedded_aws(tmp_path: Path) -> None:
    nowhere = replace(rehearsal(tmp_path), process_environment={})
    with pytest.raises(RehearsalError, match="needs the embedded AWS: nothing leads to one"):
        rehearse(nowhere)


# The whole


def is_through(result: RehearsalResult) -> bool:
    """Whether it has come to its end; there are no tables here, and so no verdict on them."""
    return result.phases[-1].name == "reconciliation"


def test_a_first_rehearsal_makes_the_sample_moves_it_and_stops_the_task(play: Played) -> None:
    result = play.rehearse(seed=5)
    assert [call for call in play.calls if call[0] not in ("delivery", "facts")] == [
        ("name source", TASK_ARN, None, False),
        ("start database",),
        ("load sample", "root", 10_000, 5),
        ("check", OF_DMS),
        ("start",),
        ("change", "root", 2_000, 10_000, 5),
        ("stop",),
        ("drain", play.delivery.arn),
    ]
    # beside how long each phase took
    assert [sentence for sentence in play.told if not re.search(r": \d+\.\d s", sentence)] == [
        "sample: 1,000 persons, 24 events",
        "source: MariaDB of dms",
        "task: shop.t",
        "changes: 2 inserts, 1 deletes",
    ]
    assert [(phase.name, phase.records) for phase in result.phases] == [
        ("database", 0),
        ("sample", 1_024),
        ("full load", 3),
        ("changes", 7),
        ("delivery of the rest", 0),
        ("reconciliation", 0),
    ]
    assert is_through(result)
    assert (result.environment, result.pipeline) == ("trial", "tickets")
    assert (result.source, result.stream, result.delivery_stream, result.bucket) == (
        *("MariaDB of dms", "changes", "delivery", "bucket"),
    )
    assert result.settings == {
        "migration type": "full-load-and-cdc",
        "message format": "json-unformatted",
        "table mappings": "1 rules",
        "mean record": "123 bytes",
        "compression": "GZIP",
    }
    assert result.bytes_per_record == 123
    assert result.remarks == ("of the delivery",)
    assert [check.name for check in result.checks] == [
        "it answers",
        "no record is below the error prefix",
    ]


def test_how_much_is_asked_for_is_made(play: Played) -> None:
    play.rehearse(purchases=60, changes=20, ends_in_newline=True)
    assert play.called("name source") == [(TASK_ARN, None, True)]
    assert play.called("load sample") == [("root", 60, 1)]
    assert play.called("change") == [("root", 20, 60, 1)]
    play.rehearse(purchases=0, changes=0)
    assert play.called("load sample") == [("root", 0, 1)]
    assert play.called("change") == [("root", 0, 0, 1)]


def test_what_moved_before_is_not_counted_again(play: Played) -> None:
    before = {"shop.t": {"load": 3, "insert": 1}, "shop.u": {"update": 1}}
    counts = {"shop.t": {"load": 3, "insert": 4, "delete": 1}, "shop.u": {"load": 2, "update": 2}}
    play.before = moved(counts=before, status="stopped")
    play.tasks = [moved(counts=counts)]
    play.loaded = 600
    result = play.rehearse()
    phases = {phase.name: phase.records for phase in result.phases}
    assert (phases["full load"], phases["changes"]) == (2, 5)
    assert play.told[1] == f"continuing from the last checkpoint, {FILE}:900"
    assert play.called("load sample") == []
    # the rows that are there are changed
    assert play.called("change") == [("root", 2_000, 600, 1)]
    play.before = moved(position=None, status="stopped")
    play.loaded = None
    play.rehearse()
    assert play.told[1] == "continuing from the last checkpoint, in the full load"
    assert play.called("change") == [("root", 2_000, 10_000, 1)]


def test_a_task_that_runs_goes_on_running(play: Played) -> None:
    play.is_started = True
    play.before = moved()
    play.rehearse()
    assert play.called("start") == play.called("stop") == []
    assert play.told[1] == f"the task is running, {FILE}:900"


def test_another_number_of_rows_than_are_there_is_refused(play: Played) -> None:
    play.before = moved(status="stopped")
    play.loaded = 600
    with pytest.raises(RehearsalError, match="--purchases 60: the source has 600 already, and the"):
        play.rehearse(purchases=60)
    assert is_through(play.rehearse(purchases=600))


def test_tables_that_stand_in_are_told(play: Played) -> None:
    play.deployed = task(selection("shop", "orders"))
    told = "sample: ticket_purchase_hist stands in for shop.orders"
    play.rehearse()
    assert told in play.told
    play.before = moved(status="stopped")
    play.rehearse()
    assert told in play.told


def test_a_full_load_changes_nothing(play: Played) -> None:
    play.deployed = task(selection("dms_sample"), migration_type="full-load")
    result = play.rehearse()
    assert play.called("change") == []
    assert "changes" not in [phase.name for phase in result.phases]
    for given, named in (
        ({"changes": 3}, "--changes: "),
        ({"watch": timedelta(seconds=1)}, "--watch: "),
        ({"watch": timedelta(seconds=1), "changes": 3}, "--watch and --changes: "),
    ):
        with pytest.raises(RehearsalError) as refused:
            play.rehearse(**given)
        assert str(refused.value).startswith(f"{named}the task's migration type is full-load")
        assert play.calls == []


def test_changes_alone_load_nothing(play: Played) -> None:
    play.deployed = task(selection("dms_sample"), migration_type="cdc")
    play.tasks = [moved(is_loaded=False)]
    result = play.rehearse()
    phases = {phase.name: phase.records for phase in result.phases}
    assert (phases["full load"], phases["changes"]) == (0, 7)


# The source


def test_a_database_of_the_users_own_is_only_watched(play: Played) -> None:
    play.rehearse(database=THEIRS, watch=timedelta(milliseconds=1))
    assert play.called("name source") == [(TASK_ARN, asdict(THEIRS), False)]
    assert play.called("check") == [(THEIRS,)]
    for name in ("start database", "load sample", "change"):
        assert play.called(name) == []
    assert "capturing changes for 0:00:00.001000" in play.told
    play.rehearse(database=THEIRS)
    assert not any(sentence.startswith("capturing") for sentence in play.told)


def test_a_running_task_reads_what_it_read_when_it_was_started(play: Played) -> None:
    play.is_started = True
    play.before = moved(source="other:3306")
    with pytest.raises(RehearsalError) as refused:
        play.rehearse(database=THEIRS)
    assert str(refused.value) == (
        f"the task is running and reads other:3306, not {THEIRS}: stop it first"
    )
    with pytest.raises(RehearsalError) as refused:
        play.rehearse()
    assert str(refused.value) == (
        "the task is running and reads other:3306: give that with --database, or stop it"
    )
    # one that stands still reads what it is given next
    play.is_started = False
    assert is_through(play.rehearse())
    assert is_through(play.rehearse(database=THEIRS))
    play.is_started = True
    play.before = moved(source=str(THEIRS))
    assert is_through(play.rehearse(database=THEIRS))
    play.before = moved(source=str(OURS))
    assert is_through(play.rehearse())


def test_an_embedded_aws_with_a_database_of_the_users_is_told(play: Played) -> None:
    play.database = {"is_ours": False, "address": "db:3306"}
    with pytest.raises(RehearsalError) as refused:
        play.rehearse()
    assert str(refused.value) == (
        "the embedded AWS reads db:3306: give that with --database, to compare with it"
    )
    assert is_through(play.rehearse(database=THEIRS))


def test_a_database_that_does_not_answer_is_told(play: Played) -> None:
    play.answers = False
    with pytest.raises(RehearsalError, match=r"database in .*/database does not answer: run it"):
        play.rehearse()


def test_a_source_that_is_not_ready_moves_nothing(play: Played) -> None:
    play.checks = [Check("it logs rows", "fail", "it does not"), Check("it answers", "pass")]
    result = play.rehearse()
    assert not result.passed
    assert play.told[-1] == "the source is not ready: nothing was moved"
    assert play.called("start") == []
    assert result.checks == tuple(play.checks)
    assert "mean record" not in result.settings
    play.checks = [Check("it keeps its log", "warn")]
    assert play.rehearse().checks[0].outcome == "warn"
    assert play.called("start") == [()]


def test_a_task_and_a_delivery_of_two_pipelines_are_refused(play: Played) -> None:
    play.delivery = replace(play.delivery, stream="another")
    with pytest.raises(RehearsalError) as refused:
        play.rehearse()
    assert str(refused.value) == (
        "the task writes to the stream changes, but the delivery stream reads from another: name a "
        "task and a delivery stream of one pipeline"
    )


# What fails


def test_a_task_that_fails_is_told_by_dms_and_stopped(play: Played) -> None:
    for status in ("failed", "stopped"):
        play.tasks = [moved(status, is_loaded=False)]
        with pytest.raises(RehearsalError, match="DMS says why"):
            play.rehearse()
        assert play.called("stop") == [()]
        assert play.called("drain") == []


def test_one_that_has_ended_but_moved_everything_is_fine(play: Played) -> None:
    play.tasks = [moved("stopped")]
    assert is_through(play.rehearse())


def test_it_waits_for_the_load_and_for_the_logs_end(play: Played) -> None:
    play.tasks = [
        *(moved(is_loaded=False), moved(is_loaded=False), moved(is_loaded=False), moved()),
        *[moved(position=f"{FILE}:899")] * 6,
        *[moved(position=None)] * 2,
        moved(position=f"{FILE}:901"),
    ]
    assert is_through(play.rehearse())
    assert len(play.tasks) == 1


def test_a_task_that_is_gone_is_told(play: Played) -> None:
    play.tasks = [moved(is_loaded=False), None]
    with pytest.raises(RehearsalError, match="the task was deleted meanwhile: deploy the pipeline"):
        play.rehearse()
    assert play.called("stop") == [()]


def test_what_breaks_is_told_even_if_the_task_cannot_be_stopped(play: Played) -> None:
    def broken() -> Mapping[str, int]:
        play.calls.append(("broken",))
        raise pymysql.OperationalError(2013, "the server is gone")

    play.changed = broken
    with pytest.raises(RehearsalError) as refused:
        play.rehearse()
    assert str(refused.value) == (
        "the rehearsal stopped: the server is gone; run it again to continue from the last "
        "checkpoint"
    )
    assert play.calls[-2:] == [("broken",), ("stop",)]
    assert play.called("drain") == []


def test_an_aws_that_fails_is_told_with_its_words(play: Played) -> None:
    def broken() -> Mapping[str, int]:
        raise RehearsalError("no changes today")

    play.changed = broken
    with pytest.raises(RehearsalError, match=r"^no changes today$"):
        play.rehearse()

    # what AWS's client says, too
    play.changed = lambda: {}
    play.drains = [EndpointConnectionError(endpoint_url="http://x")]
    with pytest.raises(RehearsalError, match=r"^the rehearsal stopped: Could not connect .*; run"):
        play.rehearse()


def test_an_embedded_aws_that_went_away_is_what_is_told(play: Played) -> None:
    play.answers, play.is_there = False, False
    with pytest.raises(RehearsalError, match="no longer answers, and all it held is gone"):
        play.rehearse()


# What landed


def test_the_delivery_is_waited_for_and_its_failure_is_told(play: Played) -> None:
    play.drains = [
        {"status": "running", "drained": 0},
        *[{"status": "running", "drained": 0}] * 2,
        {"status": "running", "drained": 1},
    ]
    assert is_through(play.rehearse())
    assert len(play.called("delivery")) == 4
    play.drains = [{"status": "failed", "drained": 0, "message": "the bucket is gone"}]
    with pytest.raises(DeliveryError, match="the bucket is gone"):
        play.rehearse()


def test_objects_below_the_error_prefix_fail_it(play: Played) -> None:
    play.puts = [PUT, replace(PUT, key="errors/1", is_error=True)]
    result = play.rehearse()
    assert not result.passed
    assert [check.outcome for check in result.checks] == ["pass", "fail"]


def test_rates_and_delays_are_of_this_run(play: Played) -> None:
    """In the order in which objects were put."""
    now = datetime.now(UTC).timestamp()
    play.puts = [
        replace(PUT, at=now + 3, oldest_arrival=now + 1, records=20),
        replace(PUT, at=now - 60, oldest_arrival=now - 90, records=500),
        replace(PUT, at=now + 2, oldest_arrival=now + 1, records=40),
    ]
    result = play.rehearse()
    sent, delivered = result.throughput
    assert (sent.name, delivered.name) == ("sent", "delivered")
    first, second = delivered.samples
    assert first.value == pytest.approx(20, rel=0.2)
    assert second.value == pytest.approx(20)
    (latency,) = result.latency
    assert latency.name == "to S3"
    assert [sample.value for sample in latency.samples] == pytest.approx([2.0, 1.0])
    assert [round(sample.at.total_seconds()) for sample in latency.samples] == [3, 2]


def change(operation: str, row: list[Any], before: list[Any] | None, number: int) -> Any:
    """For a recipe's `change`."""
    return operation, row, before, ChangeOrigin(number, 1, 0, 0, "", f"{FILE}:{number}:0")


def lines(deployed: DeployedTask, of: SourceTable = T) -> list[str]:
    """Two rows that are loaded, and the first of them changed."""
    recipe = TableRecipe(deployed, of, Clock())
    return [
        recipe.load([1, 10]).text,
        recipe.load([2, 20]).text,
        recipe.change(*change("update", [1, 11], [1, 10], 1)).text,
    ]


def done(**more: Any) -> Json:
    """What the task says at the end of having moved them."""
    return moved(counts={"shop.t": {"control": 2, "load": 2, "update": 1, "ddl": 4}}, **more)


@pytest.mark.slow
@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"BeforeImageSettings": {"EnableBeforeImage": True, "FieldName": "was"}},
        {"BeforeImageSettings": {"EnableBeforeImage": False, "FieldName": "was"}},
    ],
)
def test_what_landed_is_compared_with_the_source(play: Played, settings: Json) -> None:
    play.deployed = task(settings=settings)
    play.tables, play.rows = [T], {"t": [(1, 11), (2, 20)]}
    landed = lines(play.deployed)
    play.objects = {"changes/1": landed, "errors/1": ["not a record"]}
    play.tasks = [done()]
    result = play.rehearse(purchases=1)
    assert result.passed
    (table,) = result.tables
    assert (table.name, table.source_rows, table.replayed_rows) == ("shop.t", 2, 2)
    assert table.sent == table.landed == OperationCounts(load=2, update=1)
    assert [(found.key, found.records) for found in result.objects] == [("changes/1", 3)]
    assert {sample.kind for sample in result.samples} == {"load", "update"}
    assert result.phases[-1].records == 3

    play.rows = {"t": [(1, 12), (2, 20)]}
    alterations = {"shop.t": ["shop.t: TRUNCATE TABLE at bin.1:4"]}
    play.tasks = [done(facts={**moved()["facts"], "alterations": alterations})]
    result = play.rehearse(purchases=1)
    assert not result.passed
    assert [difference.key for difference in result.tables[0].differences] == [{"id": "1"}]
    assert result.checks[-1].name == "shop.t was defined alike all the time"


@pytest.mark.slow
def test_a_key_of_before_is_known_from_the_task(play: Played) -> None:
    play.deployed = task()
    other = replace(T, primary_key=("v",))
    play.tables, play.rows = [other], {"t": [(3, 10)]}
    clock = Clock()
    before = TableRecipe(play.deployed, T, clock)
    landed = [
        before.load([1, 5]).text,
        before.load([2, 20]).text,
        before.change(*change("update", [1, 10], [1, 5], 1)).text,
    ]
    keys = {"shop.t": [["", ["id"]], [clock.stamp(), ["v"]]]}
    after = TableRecipe(play.deployed, other, clock)
    landed += [
        after.change(*change("delete", [2, 20], None, 2)).text,
        after.change(*change("update", [3, 10], [1, 10], 3)).text,
    ]
    play.objects = {"changes/1": landed}
    counts = {"shop.t": {"load": 2, "delete": 1, "update": 2}}
    play.tasks = [moved(counts=counts, facts={**moved()["facts"], "keys": keys})]
    assert play.rehearse(purchases=1).passed
    play.tasks = [moved(counts=counts)]
    assert not play.rehearse(purchases=1).passed


@pytest.mark.slow
def test_what_stands_in_a_document_is_compared_too(play: Played) -> None:
    mapping = {
        "rule-type": "object-mapping",
        "rule-id": "7",
        "rule-name": "doc",
        "rule-action": "map-record-to-document",
        "object-locator": {"schema-name": "shop", "table-name": "t"},
    }
    play.deployed = task(selection("shop"), mapping)
    play.tables, play.rows = [T], {"t": [(1, 11), (2, 20)]}
    play.objects = {"changes/1": lines(play.deployed)}
    assert '"_doc":{' in play.objects["changes/1"][0]
    play.tasks = [done()]
    assert play.rehearse(purchases=1).passed


@pytest.mark.slow
def test_tables_that_become_one_are_compared_as_one(play: Played) -> None:
    play.deployed = task(selection("shop"), *renamed_to("t", ["u"], schema="shop"))
    play.tables, play.rows = [T, OTHER], {"t": [(1, 11), (2, 20)], "u": [(3, 30)]}
    third = TableRecipe(play.deployed, OTHER, Clock()).load([3, 30]).text
    play.objects = {"changes/1": [*lines(play.deployed), third]}
    play.tasks = [moved(counts={"shop.t": {"load": 3, "update": 1}})]
    result = play.rehearse(purchases=1)
    assert result.passed, result.tables
    (table,) = result.tables
    assert (table.source_rows, table.landed.load) == (3, 3)
