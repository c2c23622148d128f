"""A DMS task from its creation to a reload, with boto3 alone: the same calls as on AWS.

python examples/live_boto3/live.py SOURCE_ENDPOINT_ARN REPLICATION_INSTANCE_ARN ROLE_ARN
"""

import json
import sys
import time
from collections.abc import Iterator
from typing import Any

import boto3

STREAM, SCHEMA, TABLE = "live", "dms_sample", "ticket_purchase_hist"
KINESIS: Any = boto3.client("kinesis")
DMS: Any = boto3.client("dms")


def create(source: str, instance: str, role: str) -> str:
    """A stream, an endpoint that writes to it, and a task between; returns the task's ARN."""
    KINESIS.create_stream(StreamName=STREAM, ShardCount=1)
    KINESIS.get_waiter("stream_exists").wait(StreamName=STREAM)
    stream = KINESIS.describe_stream_summary(StreamName=STREAM)["StreamDescriptionSummary"]
    target = DMS.create_endpoint(
        EndpointIdentifier=STREAM,
        EndpointType="target",
        EngineName="kinesis",
        KinesisSettings={
            "StreamArn": stream["StreamARN"],
            "MessageFormat": "json-unformatted",
            "ServiceAccessRoleArn": role,
        },
    )["Endpoint"]["EndpointArn"]
    for endpoint in (source, target):
        DMS.test_connection(EndpointArn=endpoint, ReplicationInstanceArn=instance)
        filters = [{"Name": "endpoint-arn", "Values": [endpoint]}]
        DMS.get_waiter("test_connection_succeeds").wait(Filters=filters)
    selection = {
        **{"rule-type": "selection", "rule-id": "1", "rule-name": "1", "rule-action": "include"},
        "object-locator": {"schema-name": SCHEMA, "table-name": TABLE},
    }
    task = DMS.create_replication_task(
        ReplicationTaskIdentifier=STREAM,
        SourceEndpointArn=source,
        TargetEndpointArn=target,
        ReplicationInstanceArn=instance,
        MigrationType="full-load-and-cdc",
        TableMappings=json.dumps({"rules": [selection]}),
    )["ReplicationTask"]["ReplicationTaskArn"]
    wait(task, "ready")
    return str(task)


def wait(task: str, state: str) -> None:
    """Wait until the task is ready, running or stopped."""
    filters = [{"Name": "replication-task-arn", "Values": [task]}]
    DMS.get_waiter(f"replication_task_{state}").wait(Filters=filters)


def loaded(task: str, *, again: bool = False) -> int:
    """Wait until the table is loaded, or loaded again; returns its rows."""
    while True:
        for table in DMS.describe_table_statistics(ReplicationTaskArn=task)["TableStatistics"]:
            if table["TableState"] == "Table completed" and table["FullLoadReloaded"] >= again:
                return int(table["FullLoadRows"])
        time.sleep(1)


def records() -> Iterator[dict[str, Any]]:
    """What is on the stream."""
    for shard in KINESIS.list_shards(StreamName=STREAM)["Shards"]:
        where = {"ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
        at = KINESIS.get_shard_iterator(StreamName=STREAM, **where)["ShardIterator"]
        while (answer := KINESIS.get_records(ShardIterator=at))["Records"]:
            yield from (json.loads(record["Data"]) for record in answer["Records"])
            at = answer["NextShardIterator"]


def main() -> None:
    """Create, start, read the stream, reload, stop."""
    task = create(*sys.argv[1:])
    DMS.start_replication_task(
        ReplicationTaskArn=task, StartReplicationTaskType="start-replication"
    )
    wait(task, "running")
    print("rows loaded:", loaded(task))
    print(next(record for record in records() if record["metadata"]["operation"] == "load"))
    table = {"SchemaName": SCHEMA, "TableName": TABLE}
    DMS.reload_tables(ReplicationTaskArn=task, TablesToReload=[table])
    print("rows loaded again:", loaded(task, again=True))
    print("load records:", sum(record["metadata"]["operation"] == "load" for record in records()))
    DMS.stop_replication_task(ReplicationTaskArn=task)
    wait(task, "stopped")
    print("stopped")


if __name__ == "__main__":
    main()
