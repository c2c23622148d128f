"""A task or a serverless replication of DMS, asked and told in one way.

DMS has two sets of calls and two sets of words for the two; here they are one.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.html
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Serverless.html
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from botocore.waiter import WaiterModel, create_waiter_with_client

POLL_SECONDS = 2.0
MOST_POLLS = 300

StartKind = Literal["start-replication", "resume-processing", "reload-target"]

RUNS = frozenset({"running"})
STANDS_STILL = frozenset({"created", "ready", "stopped", "failed"})
# what a start goes through, of a task and of a serverless replication:
# https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Serverless.Components.html
STARTS = frozenset(
    {
        *("starting", "initializing", "preparing_metadata_resources", "testing_connection"),
        *("fetching_metadata", "calculating_capacity", "provisioning_capacity"),
        "replication_starting",
    }
)
LOADED = "FULL_LOAD_ONLY_FINISHED"


@dataclass(frozen=True)
class Replicator:
    """A task or serverless replication that should run.

    Attributes:
        pipeline: Name of its pipeline.
        arn: ARN of the task or of the replication config.
    """

    pipeline: str
    arn: str

    @property
    def is_serverless(self) -> bool:
        """Whether it is a serverless replication."""
        return ":replication-config:" in self.arn

    @property
    def resource_id(self) -> str:
        """The last part of its ARN, by which CloudWatch and its log know it."""
        return self.arn.rpartition(":")[2]

    @property
    def _filters(self) -> list[dict[str, Any]]:
        kind = "config" if self.is_serverless else "task"
        return [{"Name": f"replication-{kind}-arn", "Values": [self.arn]}]


@dataclass(frozen=True)
class ReplicatorState:
    """What DMS says of a replicator.

    Attributes:
        identifier: Its name.
        status: DMS's word, such as `running`, `stopped` or `failed`.
        migration_type: `full-load`, `cdc` or `full-load-and-cdc`.
        has_run: Whether it was ever started.
        started_at: When it was last started or resumed; None: never.
        stopped_at: When it last stopped; None: it has not.
        stop_reason: DMS's words, such as `Stop Reason NORMAL`; empty while it runs.
        failure: Why it failed; empty where it did not.
        load_percent: How much of the full load is done; None: DMS does not say.
        checkpoint: Where it goes on after a stop; None: DMS does not say.
        source_endpoint_arn: Endpoint that it reads.
        target_endpoint_arn: Endpoint that it writes.
        instance_arn: Instance it runs on; None: serverless.
    """

    identifier: str
    status: str
    migration_type: str
    has_run: bool
    started_at: datetime | None
    stopped_at: datetime | None
    stop_reason: str
    failure: str
    load_percent: int | None
    checkpoint: str | None
    source_endpoint_arn: str
    target_endpoint_arn: str
    instance_arn: str | None

    @property
    def is_loaded(self) -> bool:
        """Whether it was a full load alone and is complete."""
        return LOADED in self.stop_reason


@dataclass(frozen=True)
class TableStatistics:
    """What DMS has moved of a table.

    Attributes:
        schema: Its schema on the source.
        table: Its name on the source.
        state: DMS's words, such as `Table completed` or `Table error`.
        loaded: Rows of the full load.
        inserts: Changes, of each kind.
        updates: The same.
        deletes: The same.
        ddls: Changes of the table itself.
        errors: Rows of the full load that failed.
        updated_at: When these figures last changed; None: DMS does not say.
    """

    schema: str
    table: str
    state: str
    loaded: int = 0
    inserts: int = 0
    updates: int = 0
    deletes: int = 0
    ddls: int = 0
    errors: int = 0
    updated_at: datetime | None = None

    @property
    def name(self) -> str:
        """Schema and table, as the commands take them."""
        return f"{self.schema}.{self.table}"

    @property
    def is_wrong(self) -> bool:
        """Whether it needs somebody."""
        # https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Monitoring.html
        return self.errors > 0 or "error" in self.state.lower() or "suspend" in self.state.lower()


def find_state(dms: Any, replicator: Replicator) -> ReplicatorState | None:
    """What DMS says of it; None: there is none.

    Args:
        dms: boto3's client.
        replicator: Which.
    """
    found = _described(dms, replicator)
    if found is None:
        return None
    serverless = replicator.is_serverless
    stats = found.get("ReplicationStats" if serverless else "ReplicationTaskStats") or {}
    failures = found.get("FailureMessages") or [found.get("LastFailureMessage") or ""]
    return ReplicatorState(
        identifier=found[
            "ReplicationConfigIdentifier" if serverless else "ReplicationTaskIdentifier"
        ],
        status=found["Status"].lower(),
        migration_type=found.get("ReplicationType" if serverless else "MigrationType", ""),
        has_run=bool(stats.get("StartDate")),
        started_at=stats.get("StartDate"),
        stopped_at=stats.get("StopDate") or found.get("ReplicationLastStopTime"),
        stop_reason=found.get("StopReason") or "",
        failure=" ".join(failures).strip(),
        load_percent=stats.get("FullLoadProgressPercent"),
        checkpoint=found.get("RecoveryCheckpoint"),
        source_endpoint_arn=found.get("SourceEndpointArn", ""),
        target_endpoint_arn=found.get("TargetEndpointArn", ""),
        instance_arn=found.get("ReplicationInstanceArn"),
    )


def _described(dms: Any, replicator: Replicator) -> dict[str, Any] | None:
    filters = replicator._filters
    try:
        if replicator.is_serverless:
            found = dms.describe_replications(Filters=filters)["Replications"]
        else:
            found = dms.describe_replication_tasks(Filters=filters, WithoutSettings=True)[
                "ReplicationTasks"
            ]
    except dms.exceptions.ResourceNotFoundFault:
        return None
    return dict(found[0]) if found else None


def start(dms: Any, replicator: Replicator, kind: StartKind) -> None:
    """Tell DMS to start it; it returns before it runs.

    Args:
        dms: boto3's client.
        replicator: Which.
        kind: For the first time, on from where it stopped, or with all tables loaded anew.
    """
    if replicator.is_serverless:
        dms.start_replication(ReplicationConfigArn=replicator.arn, StartReplicationType=kind)
    else:
        dms.start_replication_task(ReplicationTaskArn=replicator.arn, StartReplicationTaskType=kind)


def stop(dms: Any, replicator: Replicator) -> None:
    """Tell DMS to stop it; it returns before it stands still."""
    if replicator.is_serverless:
        dms.stop_replication(ReplicationConfigArn=replicator.arn)
    else:
        dms.stop_replication_task(ReplicationTaskArn=replicator.arn)


def reload_tables(dms: Any, replicator: Replicator, tables: Iterable[tuple[str, str]]) -> None:
    """Tell DMS to load tables anew, while changes go on.

    Args:
        dms: boto3's client.
        replicator: Which; it runs.
        tables: Schema and name of each.
    """
    wanted = [{"SchemaName": schema, "TableName": table} for schema, table in tables]
    if replicator.is_serverless:
        dms.reload_replication_tables(ReplicationConfigArn=replicator.arn, TablesToReload=wanted)
    else:
        dms.reload_tables(ReplicationTaskArn=replicator.arn, TablesToReload=wanted)


def table_statistics(dms: Any, replicator: Replicator) -> list[TableStatistics]:
    """What it has moved of each table, by name; empty before its first start."""
    if replicator.is_serverless:
        call, argument, key = (
            dms.describe_replication_table_statistics,
            "ReplicationConfigArn",
            "ReplicationTableStatistics",
        )
    else:
        call, argument, key = (
            dms.describe_table_statistics,
            "ReplicationTaskArn",
            "TableStatistics",
        )
    found: list[TableStatistics] = []
    more: dict[str, str] = {}
    while True:
        page = call(**{argument: replicator.arn}, **more)
        found += [_statistics(table) for table in page.get(key, [])]
        if not page.get("Marker"):
            return sorted(found, key=lambda table: (table.schema, table.table))
        more = {"Marker": page["Marker"]}


def _statistics(table: dict[str, Any]) -> TableStatistics:
    return TableStatistics(
        schema=table["SchemaName"],
        table=table["TableName"],
        state=table.get("TableState", ""),
        loaded=table.get("FullLoadRows", 0),
        inserts=table.get("Inserts", 0),
        updates=table.get("Updates", 0),
        deletes=table.get("Deletes", 0),
        ddls=table.get("Ddls", 0),
        errors=table.get("FullLoadErrorRows", 0),
        updated_at=table.get("LastUpdateTime"),
    )


def await_status(
    dms: Any,
    replicator: Replicator,
    wanted: Iterable[str],
    *,
    failing: Sequence[str] = (),
    poll_seconds: float = POLL_SECONDS,
    most_polls: int = MOST_POLLS,
) -> None:
    """Wait until DMS says one of these words of it.

    One that is not there is told of by whoever looks next.

    Args:
        dms: boto3's client.
        replicator: Which.
        wanted: Statuses that end the wait.
        failing: Statuses that end it at once as failed.
        poll_seconds: How long to wait between two looks.
        most_polls: How often to look.

    Raises:
        WaiterError: it takes longer, or it has failed.
    """
    operation, path = (
        ("DescribeReplications", "Replications[].Status")
        if replicator.is_serverless
        else ("DescribeReplicationTasks", "ReplicationTasks[].Status")
    )

    def of(status: str, state: str) -> dict[str, Any]:
        return {"matcher": "pathAll", "argument": path, "expected": status, "state": state}

    model = WaiterModel(
        {
            "version": 2,
            "waiters": {
                "Status": {
                    "operation": operation,
                    "delay": poll_seconds,
                    "maxAttempts": most_polls,
                    "acceptors": [
                        *(of(status, "success") for status in sorted(wanted)),
                        *(of(status, "failure") for status in failing),
                        {
                            "matcher": "path",
                            "argument": f"length({path})",
                            "expected": 0,
                            "state": "success",
                        },
                        {
                            "matcher": "error",
                            "expected": "ResourceNotFoundFault",
                            "state": "success",
                        },
                    ],
                }
            },
        }
    )
    create_waiter_with_client("Status", model, dms).wait(Filters=replicator._filters)
