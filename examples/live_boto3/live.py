"""A DMS task from its creation to a reload, with boto3 alone: the same calls as on AWS.

python examples/live_boto3/live.py SOURCE_ENDPOINT_ARN REPLICATION_INSTANCE_ARN ROLE_ARN
"""

import json
import sys
import time
from typing import Any

import boto3

SOURCE, INSTANCE, ROLE = sys.argv[1:]
NAME, TABLE = "live", {"schema-name": "dms_sample", "table-name": "ticket_purchase_hist"}
DMS: Any = boto3.client("dms")
KINESIS: Any = boto3.client("kinesis")


def loaded(*, again: bool = False) -> int:
    """Wait until the table is loaded, or loaded again; returns its rows."""
    while True:
        for table in DMS.describe_table_statistics(ReplicationTaskArn=arn)["TableStatistics"]:
            if table["TableState"] == "Table completed" and table["FullLoadReloaded"] >= again:
                return int(table["FullLoadRows"])
        time.sleep(1)


def load_records() -> list[dict[str, Any]]:
    """What was loaded, as it is on the stream's one shard."""
    (shard,) = KINESIS.list_shards(StreamName=NAME)["Shards"]
    where = {"ShardId": shard["ShardId"], "ShardIteratorType": "TRIM_HORIZON"}
    at, found = KINESIS.get_shard_iterator(StreamName=NAME, **where)["ShardIterator"], []
    while (answer := KINESIS.get_records(ShardIterator=at))["Records"]:
        found += [json.loads(record["Data"]) for record in answer["Records"]]
        at = answer["NextShardIterator"]
    return [record for record in found if record["metadata"]["operation"] == "load"]


KINESIS.create_stream(StreamName=NAME, ShardCount=1)
KINESIS.get_waiter("stream_exists").wait(StreamName=NAME)
stream = KINESIS.describe_stream_summary(StreamName=NAME)["StreamDescriptionSummary"]["StreamARN"]
settings = {"StreamArn": stream, "MessageFormat": "json-unformatted", "ServiceAccessRoleArn": ROLE}
target = DMS.create_endpoint(
    EndpointIdentifier=NAME, EndpointType="target", EngineName="kinesis", KinesisSettings=settings
)["Endpoint"]["EndpointArn"]
for endpoint in (SOURCE, target):
    DMS.test_connection(EndpointArn=endpoint, ReplicationInstanceArn=INSTANCE)
    tested = [{"Name": "endpoint-arn", "Values": [endpoint]}]
    DMS.get_waiter("test_connection_succeeds").wait(Filters=tested)
rule = {"rule-type": "selection", "rule-id": "1", "rule-name": "1", "rule-action": "include"}
arn = DMS.create_replication_task(
    ReplicationTaskIdentifier=NAME,
    SourceEndpointArn=SOURCE,
    TargetEndpointArn=target,
    ReplicationInstanceArn=INSTANCE,
    MigrationType="full-load-and-cdc",
    TableMappings=json.dumps({"rules": [rule | {"object-locator": TABLE}]}),
)["ReplicationTask"]["ReplicationTaskArn"]
task = [{"Name": "replication-task-arn", "Values": [arn]}]
DMS.get_waiter("replication_task_ready").wait(Filters=task)

DMS.start_replication_task(ReplicationTaskArn=arn, StartReplicationTaskType="start-replication")
DMS.get_waiter("replication_task_running").wait(Filters=task)
print("rows loaded:", loaded())
print(load_records()[0])
names = {"SchemaName": TABLE["schema-name"], "TableName": TABLE["table-name"]}
DMS.reload_tables(ReplicationTaskArn=arn, TablesToReload=[names])
print("rows loaded again:", loaded(again=True))
print("load records:", len(load_records()))
DMS.stop_replication_task(ReplicationTaskArn=arn)
DMS.get_waiter("replication_task_stopped").wait(Filters=task)
print("stopped")
