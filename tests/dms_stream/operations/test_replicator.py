"""What DMS is asked of a replication on an instance and serverless, and what its answers mean."""

from datetime import UTC, datetime
from typing import Any

import pytest
from botocore.stub import Stubber

from dms_stream.operations.replicator import (
    Replicator,
    ReplicatorState,
    TableStatistics,
    find_state,
    reload_tables,
    start,
    stop,
    table_statistics,
)
from tests.support.nobodys_client import nobodys_client

TASK = "arn:aws:dms:eu-central-1:123456789012:task:ABC"
CONFIG = "arn:aws:dms:eu-central-1:123456789012:replication-config:ABC"
ON_INSTANCE, SERVERLESS = Replicator("tickets", TASK), Replicator("tickets", CONFIG)
BEGUN, ENDED = datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 3, tzinfo=UTC)
BY_TASK = {"Filters": [{"Name": "replication-task-arn", "Values": [TASK]}], "WithoutSettings": True}
BY_CONFIG = {"Filters": [{"Name": "replication-config-arn", "Values": [CONFIG]}]}


def stubbed() -> tuple[Any, Stubber]:
    """DMS's client, and what it is answered."""
    dms = nobodys_client("dms")
    stub = Stubber(dms)
    stub.activate()
    return dms, stub


@pytest.mark.parametrize(
    ("replicator", "call", "asked", "key", "answer", "state"),
    [
        (
            ON_INSTANCE,
            "describe_replication_tasks",
            BY_TASK,
            "ReplicationTasks",
            {"ReplicationTaskIdentifier": "cdc", "Status": "READY"},
            ReplicatorState(
                *("cdc", "ready", "", False, None, None, "", "", None, None, "", "", None)
            ),
        ),
        (
            ON_INSTANCE,
            "describe_replication_tasks",
            BY_TASK,
            "ReplicationTasks",
            {
                "ReplicationTaskIdentifier": "cdc",
                "Status": "failed",
                "MigrationType": "full-load-and-cdc",
                "StopReason": "Stop Reason FATAL_ERROR",
                "LastFailureMessage": "no log ",
                "RecoveryCheckpoint": "checkpoint:x",
                "SourceEndpointArn": "s",
                "TargetEndpointArn": "t",
                "ReplicationInstanceArn": "i",
                "ReplicationTaskStats": {
                    "StartDate": BEGUN,
                    "StopDate": ENDED,
                    "FullLoadProgressPercent": 70,
                },
            },
            ReplicatorState(
                *("cdc", "failed", "full-load-and-cdc", True, BEGUN, ENDED),
                *("Stop Reason FATAL_ERROR", "no log"),
                70,
                *("checkpoint:x", "s", "t", "i"),
            ),
        ),
        (
            SERVERLESS,
            "describe_replications",
            BY_CONFIG,
            "Replications",
            {
                "ReplicationConfigIdentifier": "cdc",
                "Status": "stopped",
                "ReplicationType": "cdc",
                "FailureMessages": ["one", "two"],
                "ReplicationLastStopTime": ENDED,
                "ReplicationStats": {"StartDate": BEGUN},
            },
            ReplicatorState(
                *("cdc", "stopped", "cdc", True, BEGUN, ENDED, "", "one two", None, None, "", ""),
                None,
            ),
        ),
    ],
)
def test_what_dms_says_of_it(
    replicator: Replicator,
    call: str,
    asked: dict[str, Any],
    key: str,
    answer: dict[str, Any],
    state: ReplicatorState,
) -> None:
    dms, stub = stubbed()
    stub.add_response(call, {key: [answer]}, asked)
    assert find_state(dms, replicator) == state
    stub.add_response(call, {key: []}, asked)
    assert find_state(dms, replicator) is None
    stub.add_client_error(call, "ResourceNotFoundFault")
    assert find_state(dms, replicator) is None


@pytest.mark.parametrize(
    ("reason", "is_loaded"), [("Stop Reason FULL_LOAD_ONLY_FINISHED", True), ("x NORMAL", False)]
)
def test_a_load_alone_is_complete_by_its_reason(reason: str, is_loaded: bool) -> None:
    state = ReplicatorState(
        *("cdc", "stopped", "", True, None, None, reason, "", None, None, "", "", None)
    )
    assert state.is_loaded is is_loaded


@pytest.mark.parametrize(
    ("replicator", "call", "argument", "key"),
    [
        (ON_INSTANCE, "describe_table_statistics", "ReplicationTaskArn", "TableStatistics"),
        (
            SERVERLESS,
            "describe_replication_table_statistics",
            *("ReplicationConfigArn", "ReplicationTableStatistics"),
        ),
    ],
)
def test_tables_are_told_by_name_from_all_pages(
    replicator: Replicator, call: str, argument: str, key: str
) -> None:
    dms, stub = stubbed()
    asked = {argument: replicator.arn}
    figures = {
        "FullLoadRows": 1,
        "Inserts": 2,
        "Updates": 3,
        "Deletes": 4,
        "Ddls": 5,
        "FullLoadErrorRows": 6,
        "LastUpdateTime": BEGUN,
    }
    last = {"SchemaName": "b", "TableName": "a", "TableState": "Table completed", **figures}
    stub.add_response(call, {key: [last], "Marker": "more"}, asked)
    bare = [{"SchemaName": "a", "TableName": name} for name in ("y", "x")]
    stub.add_response(call, {key: bare}, {**asked, "Marker": "more"})
    nothing = (0, 0, 0, 0, 0, 0, None)
    assert table_statistics(dms, replicator) == [
        TableStatistics("a", "x", "", *nothing),
        TableStatistics("a", "y", "", *nothing),
        TableStatistics("b", "a", "Table completed", 1, 2, 3, 4, 5, 6, BEGUN),
    ]
    stub.add_response(call, {}, asked)
    assert table_statistics(dms, replicator) == []


@pytest.mark.parametrize(
    ("state", "errors", "is_wrong"),
    [
        *(("Table completed", 0, False), ("Table completed", 1, True), ("Table error", 0, True)),
        *(("Table is suspended", 0, True), ("Before load", 0, False)),
    ],
)
def test_what_needs_somebody(state: str, errors: int, is_wrong: bool) -> None:
    table = TableStatistics("a", "x", state, errors=errors)
    assert (table.name, table.is_wrong) == ("a.x", is_wrong)


@pytest.mark.parametrize("replicator", [ON_INSTANCE, SERVERLESS])
def test_what_dms_is_told(replicator: Replicator) -> None:
    told: list[tuple[str, dict[str, Any]]] = []

    class Dms:
        def __getattr__(self, name: str) -> Any:
            return lambda **given: told.append((name, given))

    dms = Dms()
    start(dms, replicator, "resume-processing")
    stop(dms, replicator)
    reload_tables(dms, replicator, [("a", "x"), ("b", "y")])
    tables = [{"SchemaName": "a", "TableName": "x"}, {"SchemaName": "b", "TableName": "y"}]
    if replicator is SERVERLESS:
        arn = {"ReplicationConfigArn": CONFIG}
        names = ("start_replication", "stop_replication", "reload_replication_tables")
        how = {"StartReplicationType": "resume-processing"}
    else:
        arn = {"ReplicationTaskArn": TASK}
        names = ("start_replication_task", "stop_replication_task", "reload_tables")
        how = {"StartReplicationTaskType": "resume-processing"}
    assert told == [
        (names[0], {**arn, **how}),
        (names[1], arn),
        (names[2], {**arn, "TablesToReload": tables}),
    ]
