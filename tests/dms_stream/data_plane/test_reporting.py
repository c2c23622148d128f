"""What runs is reported as on AWS, and real faults make our alarms go off."""

import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ClientError

from constructs_lib.monitoring import ExistingTopics, MonitoringProps, Thresholds
from dms_stream import local_aws
from dms_stream.local_aws import REGION, Endpoint
from dms_stream.local_aws.kinesis import LIMITS_TAG
from dms_stream.rehearsal.source.database import Connection, execute
from tests.support.alive import LivePipeline
from tests.support.delivery_setup import NEWLINE, Deployed, processing
from tests.support.own_alarms import Watched, own_alarms, own_rule
from tests.support.pipelines import (
    Json,
    Source,
    allow_decryption,
    forbid_decryption,
    instance,
    numbers,
    purge_log,
    selection,
)
from tests.support.waiting import until

pytestmark = pytest.mark.rehearsal

_ANYONE: Json = {"Version": "2012-10-17", "Statement": []}
_PARTITIONS = {
    "Prefix": "n=!{partitionKeyFromQuery:n}/",
    "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
    "DynamicPartitioningConfiguration": {"Enabled": True},
    "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 900},
    **processing(
        MetadataExtraction={"MetadataExtractionQuery": "{n:.n}", "JsonParsingEngine": "JQ-1.6"}
    ),
}
_MOST_PARTITIONS = 500


class Account:
    """Whom the account tells, and what CloudWatch says."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.cloudwatch: Any = local_aws.client("cloudwatch", url)
        self.logs: Any = local_aws.client("logs", url)
        self._sqs: Any = local_aws.client("sqs", url)
        self._sns: Any = local_aws.client("sns", url)
        made = self._sqs.create_queue(QueueName="told")
        self._queue = made["QueueUrl"]
        attributes = self._sqs.get_queue_attributes(
            QueueUrl=self._queue, AttributeNames=["QueueArn"]
        )
        self.queue = str(attributes["Attributes"]["QueueArn"])
        self.topic = str(self._sns.create_topic(Name="told")["TopicArn"])
        self._sns.subscribe(TopicArn=self.topic, Protocol="sqs", Endpoint=self.queue)
        self.told: list[Json] = []

    def read(self) -> list[Json]:
        """All that the queue was ever told."""
        request = {"QueueUrl": self._queue, "MaxNumberOfMessages": 10}
        while messages := self._sqs.receive_message(**request).get("Messages"):
            for message in messages:
                self._sqs.delete_message(
                    QueueUrl=self._queue, ReceiptHandle=message["ReceiptHandle"]
                )
                body = json.loads(message["Body"])
                self.told.append(json.loads(body["Message"]) if "TopicArn" in body else body)
        return self.told

    def alarms(self) -> dict[str, str]:
        """States of the alarms, by the ids that the constructs give them."""
        found = self.cloudwatch.describe_alarms()["MetricAlarms"]
        return {
            alarm["AlarmName"].rpartition("monitoring-")[2]: alarm["StateValue"] for alarm in found
        }

    def until_alarms(self, state: str, *ids: str) -> None:
        """Wait until alarms are in a state."""
        until(lambda: {self.alarms()[each] for each in ids} == {state})

    def gone_off(self, *, after: int = 0) -> set[str]:
        """Ids of the alarms that have gone off, by what the queue was told after a number."""
        return {
            told["AlarmName"].rpartition("monitoring-")[2]
            for told in self.read()[after:]
            if told.get("NewStateValue") == "ALARM"
        }

    def metrics(self, namespace: str, **dimensions: str) -> dict[str, str]:
        """The metrics of a resource, with their units."""
        wanted = [{"Name": key, "Value": value} for key, value in dimensions.items()]
        listed = self.cloudwatch.list_metrics(Namespace=namespace, Dimensions=wanted)["Metrics"]
        found = {}
        for metric in listed:
            if len(metric["Dimensions"]) != len(wanted):
                continue  # of a part of it
            points = self.cloudwatch.get_metric_statistics(
                Namespace=namespace,
                MetricName=metric["MetricName"],
                Dimensions=wanted,
                StartTime=0,
                EndTime=2**32,
                Period=60,
                Statistics=["Sum"],
            )["Datapoints"]
            found[metric["MetricName"]] = points[0]["Unit"]
        return found

    def sum(self, namespace: str, name: str, **dimensions: str) -> float:
        """A metric, over all time."""
        return sum(self._points("Sum", namespace, name, dimensions))

    def least(self, namespace: str, name: str, **dimensions: str) -> float:
        """The least that a metric ever was."""
        return min(self._points("Minimum", namespace, name, dimensions))

    def _points(
        self, statistic: str, namespace: str, name: str, dimensions: dict[str, str]
    ) -> list[float]:
        points = self.cloudwatch.get_metric_statistics(
            Namespace=namespace,
            MetricName=name,
            Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
            StartTime=0,
            EndTime=2**32,
            Period=60,
            Statistics=[statistic],
        )["Datapoints"]
        return [float(point[statistic]) for point in points]


@pytest.fixture(scope="module")
def account(alive: Endpoint) -> Account:
    """One for all tests."""
    return Account(alive.url)


@pytest.fixture
def others(alive: Endpoint, alive_role: str) -> Iterator[list[LivePipeline]]:
    """Pipelines beside the first one."""
    made = [LivePipeline(alive.url, alive_role) for _ in range(5)]
    yield made
    for each in made:
        each.delivery.remove()


def _put_alarms(account: Account, arn: str, dimensions: Json, *streams: Deployed) -> None:
    plain, converting, partitioned, locked, limited = streams
    watched = Watched(
        task_dimensions=dimensions,
        instance_dimensions={key: dimensions[key] for key in ("ReplicationInstanceIdentifier",)},
        stream_name=plain.name,
        delivery_stream_name=plain.name,
        replication_arn=arn,
    )
    topics = ExistingTopics(kind="existing", topic_arns=(account.topic,))
    props = MonitoringProps(
        notify=topics, thresholds=Thresholds(undelivered_age=timedelta(seconds=1))
    )
    # a load that one test can put
    loaded = MonitoringProps(
        notify=topics,
        sustained_for=timedelta(minutes=5),
        thresholds=Thresholds(shard_use_percent=0.001),
    )
    elsewhere = {
        "failed-conversions": ("DeliveryStreamName", converting),
        "too-many-partitions": ("DeliveryStreamName", partitioned),
        "shard-bytes": ("StreamName", partitioned),
        "shard-records": ("StreamName", partitioned),
        "refused-writes": ("StreamName", limited),
        "throttled-reads": ("StreamName", limited),
        "key-disabled": ("DeliveryStreamName", converting),
        "key-invalid-state": ("DeliveryStreamName", partitioned),
        "key-not-found": ("DeliveryStreamName", locked),
        "key-access-denied": ("DeliveryStreamName", limited),
    }
    alarms = own_alarms(watched, props) | {
        name: alarm
        for name, alarm in own_alarms(watched, loaded).items()
        if name.startswith("shard-") or name in ("refused-writes", "throttled-reads")
    }
    for name, alarm in alarms.items():
        if name in elsewhere:
            dimension, stream = elsewhere[name]
            alarm["Dimensions"] = [{"Name": dimension, "Value": stream.name}]
        account.cloudwatch.put_metric_alarm(**alarm)
    events: Any = local_aws.client("events", account.url)
    rule, targets = own_rule(watched, props)
    events.put_rule(**rule)
    events.put_targets(
        Rule=rule["Name"],
        Targets=[{"Id": str(number), "Arn": arn} for number, arn in enumerate(targets)],
    )


def _parquet(url: str, role: str, name: str) -> Json:
    glue: Any = local_aws.client("glue", url)
    glue.create_database(DatabaseInput={"Name": name})
    glue.create_table(
        DatabaseName=name,
        TableInput={
            "Name": "changes",
            "StorageDescriptor": {"Columns": [{"Name": "n", "Type": "bigint"}]},
        },
    )
    return {
        "Prefix": "changes/",
        "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
        "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
        "DataFormatConversionConfiguration": {
            "Enabled": True,
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
            "SchemaConfiguration": {
                "RoleARN": role,
                "DatabaseName": name,
                "TableName": "changes",
                "Region": REGION,
            },
        },
    }


def encrypt(stream: Deployed, key: str) -> None:
    """Encrypt a stream with a customer key."""
    stream.clients.kinesis.start_stream_encryption(
        StreamName=stream.name, EncryptionType="KMS", KeyId=key
    )


def test_real_faults_make_our_alarms_go_off_and_their_end_ends_them(
    pipeline: LivePipeline,
    others: list[LivePipeline],
    account: Account,
    alive_role: str,
    source: Source,
    connection: Connection,
) -> None:
    execute(connection, "CREATE TABLE seats (id INT PRIMARY KEY)")
    pipeline.deploy_task([selection(source.schema)])
    pipeline.start()
    plain, converting, partitioned, locked, limited = (each.delivery for each in others)
    logging = {"Enabled": True, "LogGroupName": "firehose", "LogStreamName": "delivery"}
    account.logs.create_log_group(logGroupName="firehose")
    account.logs.create_log_stream(logGroupName="firehose", logStreamName="delivery")
    plain.deploy(**processing(**NEWLINE), CloudWatchLoggingOptions=logging)
    converting.deploy(**_parquet(account.url, alive_role, converting.name))
    partitioned.deploy(**_PARTITIONS)
    for each in (locked, limited):
        each.deploy(**processing(**NEWLINE))
    name = instance(account.url)["ReplicationInstanceIdentifier"]
    resource = pipeline.arn.rpartition(":")[2]
    dimensions = {"ReplicationInstanceIdentifier": name, "ReplicationTaskIdentifier": resource}
    pipeline.until_status("running")
    streams = (plain, converting, partitioned, locked, limited)
    _put_alarms(account, pipeline.arn, dimensions, *streams)
    healthy = ("source-latency", "target-latency", "unread-age")
    account.until_alarms("OK", *healthy)

    os.kill(pipeline.engine(), signal.SIGKILL)
    plain.clients.s3.delete_bucket(Bucket=plain.name)
    plain.put([b'{"n": 1}'])
    converting.put([b'{"n": 1}', b'{"n": "no number"}'])
    partitioned.put([b'{"n": %d}' % n for n in range(_MOST_PARTITIONS + 1)])
    encrypt(locked, str(uuid4()))  # there is no such key
    at_once = (
        *("failed-conversions", "too-many-partitions", "shard-bytes", "shard-records"),
        "key-not-found",
    )
    lasting = ("delivery-success", "undelivered-age", *healthy)

    limited.clients.kinesis.add_tags_to_stream(
        StreamName=limited.name, Tags={LIMITS_TAG: "enforced"}
    )

    def overload() -> bool:
        """Put and read more than a shard takes; whether both alarms have gone off."""
        kinesis = limited.clients.kinesis
        entries = [{"Data": b"{}", "PartitionKey": "one"}] * 500
        for _ in range(3):
            kinesis.put_records(StreamName=limited.name, Records=entries)
        shard = kinesis.list_shards(StreamName=limited.name)["Shards"][0]["ShardId"]
        iterator = kinesis.get_shard_iterator(
            StreamName=limited.name, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        with suppress(kinesis.exceptions.ProvisionedThroughputExceededException):
            for _ in range(20):
                kinesis.get_records(ShardIterator=iterator, Limit=1)
        return {"refused-writes", "throttled-reads"} <= account.gone_off()

    until(overload)
    until(lambda: {*at_once, *lasting} <= account.gone_off())
    events = [told["detail"] for told in account.read() if told.get("resources") == [pipeline.arn]]
    assert [event["eventType"] for event in events] == ["REPLICATION_TASK_FAILED"]
    account.until_alarms("ALARM", *lasting)
    kms: Any = local_aws.client("kms", account.url)
    disabled, doomed, sound = (kms.create_key()["KeyMetadata"]["KeyId"] for _ in range(3))
    forbid_decryption(account.url)
    encrypt(limited, sound)
    kms.disable_key(KeyId=disabled)
    kms.schedule_key_deletion(KeyId=doomed)
    encrypt(converting, disabled)
    encrypt(partitioned, doomed)
    keys = ("key-disabled", "key-invalid-state", "key-access-denied")
    until(lambda: {*keys} <= account.gone_off())
    with pytest.raises(ClientError, match="KMSDisabledException"):
        converting.put([b'{"n": 2}'])
    logged = account.logs.get_log_events(logGroupName="firehose", logStreamName="delivery")
    (line,) = [json.loads(event["message"]) for event in logged["events"]]
    assert line["errorCode"] == "S3.NoSuchBucket"
    assert others[0].plane.delivery(plain.name)["status"] == "failed"

    allow_decryption(account.url)
    kms.enable_key(KeyId=disabled)
    kms.cancel_key_deletion(KeyId=doomed)
    kms.enable_key(KeyId=doomed)
    encrypt(locked, disabled)
    pipeline.start("resume-processing")
    plain.clients.s3.create_bucket(
        Bucket=plain.name, CreateBucketConfiguration={"LocationConstraint": REGION}
    )
    account.until_alarms("OK", *at_once, *keys, *lasting, "refused-writes", "throttled-reads")
    for each in (converting, partitioned, locked, limited):
        assert others[0].plane.delivery(each.name)["status"] == "running"
    assert others[0].plane.delivery(plain.name)["status"] == "running"
    assert len(plain.object_keys()) == 1


# figures that a test can reach
_WITHIN_REACH = Thresholds(
    changes_on_disk=1_000,
    instance_cpu_percent=5,
    instance_free_memory_mib=2_048,
    instance_free_storage_gib=50,
    instance_swap_mib=1,
    source_cpu_percent=5,
)
_MIB = 1024 * 1024
# one holds 80 MiB, and the smallest class has 1 GiB
_MOST_TASKS = 25


def _put_alarms_of_machines(
    account: Account, pipeline: LivePipeline, cluster: str, **bytes_: float
) -> dict[str, Json]:
    """The alarms of the instance, the source and what DMS keeps on disk, by their ids.

    Args:
        account: Where to put them.
        pipeline: Of which task.
        cluster: Its source.
        bytes_: Thresholds that depend on the source, by the ids of their alarms.
    """
    task = _task_dimensions(account, pipeline)
    watched = Watched(
        task_dimensions=task,
        instance_dimensions={key: task[key] for key in ("ReplicationInstanceIdentifier",)},
        stream_name=pipeline.delivery.name,
        delivery_stream_name=pipeline.delivery.name,
        cluster_identifier=cluster,
    )
    props = MonitoringProps(
        notify=ExistingTopics(kind="existing", topic_arns=(account.topic,)),
        sustained_for=timedelta(minutes=5),
        thresholds=_WITHIN_REACH,
    )
    alarms = {
        name: alarm
        for name, alarm in own_alarms(watched, props).items()
        if name.startswith(("instance-", "source-", "target-changes")) and name != "source-latency"
    }
    for name, threshold in bytes_.items():
        alarms[name]["Threshold"] = float(threshold)
    for alarm in alarms.values():
        account.cloudwatch.put_metric_alarm(**alarm)
    return alarms


def _task_dimensions(account: Account, pipeline: LivePipeline) -> dict[str, str]:
    return {
        "ReplicationInstanceIdentifier": instance(account.url)["ReplicationInstanceIdentifier"],
        "ReplicationTaskIdentifier": pipeline.arn.rpartition(":")[2],
    }


def _resize(pipeline: LivePipeline, instance_class: str) -> None:
    pipeline.dms.modify_replication_instance(
        ReplicationInstanceArn=instance(pipeline.url)["ReplicationInstanceArn"],
        ReplicationInstanceClass=instance_class,
        ApplyImmediately=True,
    )
    pipeline.until_status("running")


def test_load_and_want_of_room_make_our_alarms_go_off_and_their_end_ends_them(
    pipeline: LivePipeline,
    account: Account,
    alive_role: str,
    source: Source,
    connection: Connection,
) -> None:
    rds: Any = local_aws.client("rds", account.url)
    cluster = rds.create_db_cluster(
        DBClusterIdentifier=pipeline.delivery.name,
        Engine="aurora-mysql",
        MasterUsername="administrator",
        ManageMasterUserPassword=True,
    )["DBCluster"]
    execute(connection, "CREATE TABLE seats (id INT PRIMARY KEY AUTO_INCREMENT, note TEXT)")
    execute(connection, "CREATE TABLE gates (id INT PRIMARY KEY)")
    pipeline.deploy_task([selection(source.schema)], source={"ServerName": cluster["Endpoint"]})
    pipeline.start()
    pipeline.until_status("running")
    kept = sum(row[1] for row in execute(connection, "SHOW BINARY LOGS"))
    ((temporary,),) = execute(connection, "SELECT @@tmpdir")
    before = len(account.read())
    alarms = _put_alarms_of_machines(
        account,
        pipeline,
        cluster["DBClusterIdentifier"],
        **{
            "source-binlog": kept + _MIB,
            "source-local-storage": shutil.disk_usage(temporary).total - _MIB,
        },
    )
    account.until_alarms("OK", *alarms)

    _resize(pipeline, "dms.t3.micro")
    kinesis = pipeline.clients.kinesis
    stream = pipeline.delivery.name
    kinesis.add_tags_to_stream(StreamName=stream, Tags={LIMITS_TAG: "enforced"})
    rows = 100_000
    note = f"SELECT REPEAT('n', 100) AS note FROM {numbers(rows)}"
    execute(connection, f"INSERT INTO seats (note) {note}")
    # MyISAM's lie in the folder of temporary files with MariaDB and with MySQL
    execute(connection, f"CREATE TEMPORARY TABLE sorted ENGINE=MyISAM {note}")

    def compute() -> bool:
        """Give the source work; whether all have gone off."""
        execute(connection, "SELECT BENCHMARK(1000000, SHA2('seat', 256))")
        return alarms.keys() - {"instance-swap"} <= account.gone_off(after=before)

    until(compute)
    machine = {
        "ReplicationInstanceIdentifier": instance(account.url)["ReplicationInstanceIdentifier"]
    }
    # a class of 1 GiB, of which the task holds some
    assert 0 < account.least("AWS/DMS", "FreeableMemory", **machine) < 1024 * _MIB - 10 * _MIB
    # too many tasks for it
    crowd: list[LivePipeline] = []
    while "instance-swap" not in account.gone_off(after=before):
        assert len(crowd) < _MOST_TASKS
        crowd.append(another := LivePipeline(account.url, alive_role))
        another.deploy_task([selection(source.schema, "gates")])
        another.start()
        another.until_status("running")
    assert account.metrics("AWS/DMS", **machine) == {
        "CPUUtilization": "Percent",
        "FreeableMemory": "Bytes",
        "FreeStorageSpace": "Bytes",
        "SwapUsage": "Bytes",
    }
    assert account.metrics(
        "AWS/RDS", DBClusterIdentifier=cluster["DBClusterIdentifier"], Role="WRITER"
    ) == {
        "CPUUtilization": "Percent",
        "FreeLocalStorage": "Bytes",
        "SumBinaryLogSize": "Bytes",
    }

    kinesis.remove_tags_from_stream(StreamName=stream, TagKeys=[LIMITS_TAG])
    for another in crowd:
        another.remove()
    execute(connection, "DROP TEMPORARY TABLE sorted")
    pipeline.until_counted("seats", Inserts=rows)
    _resize(pipeline, "dms.t3.medium")
    execute(connection, "FLUSH BINARY LOGS")
    purge_log(connection)
    account.until_alarms("OK", *alarms)


def test_metrics_logs_and_events_of_a_task(
    pipeline: LivePipeline, account: Account, source: Source, connection: Connection
) -> None:
    iam: Any = local_aws.client("iam", account.url)
    iam.create_role(
        RoleName="dms-cloudwatch-logs-role", AssumeRolePolicyDocument=json.dumps(_ANYONE)
    )
    events: Any = local_aws.client("events", account.url)
    events.put_rule(Name="tasks", EventPattern=json.dumps({"source": ["aws.dms"]}))
    events.put_targets(Rule="tasks", Targets=[{"Id": "1", "Arn": account.queue}])
    execute(connection, "CREATE TABLE seats (id INT PRIMARY KEY)")
    execute(connection, "INSERT INTO seats VALUES (1), (2)")
    pipeline.deploy([selection(source.schema)], settings={"Logging": {"EnableLogging": True}})
    identifier = pipeline.described()["ReplicationTaskIdentifier"]
    pipeline.dms.create_event_subscription(
        SubscriptionName=f"tasks-{identifier}",
        SnsTopicArn=account.topic,
        SourceType="replication-task",
        SourceIds=[identifier],
        EventCategories=["state change"],
    )
    pipeline.start()
    pipeline.until_counted("seats", FullLoadRows=2)
    execute(connection, "INSERT INTO seats VALUES (3)")
    pipeline.until_counted("seats", Inserts=1)
    assert len(pipeline.landed()) == 3

    stream = {"StreamName": pipeline.delivery.name}
    delivery = {"DeliveryStreamName": pipeline.delivery.name}
    on_stream = len(list(pipeline.texts()))
    until(lambda: account.sum("AWS/Kinesis", "IncomingRecords", **stream) == on_stream)
    until(lambda: account.sum("AWS/Firehose", "DeliveryToS3.Records", **delivery) == on_stream)
    name = instance(account.url)["ReplicationInstanceIdentifier"]
    resource = pipeline.arn.rpartition(":")[2]
    task = {"ReplicationInstanceIdentifier": name, "ReplicationTaskIdentifier": resource}
    until(lambda: "CDCThroughputRowsTarget" in account.metrics("AWS/DMS", **task))
    of_task = account.metrics("AWS/DMS", **task)
    assert {
        "CDCLatencySource": "Seconds",
        "CDCLatencyTarget": "Seconds",
        "CDCIncomingChanges": "Count",
        "CDCThroughputRowsTarget": "Count/Second",
        "CDCThroughputBandwidthTarget": "Kilobytes/Second",
        "CDCThroughputRowsSource": "Count/Second",
    }.items() <= of_task.items()
    assert {
        "IncomingBytes": "Bytes",
        "GetRecords.IteratorAgeMilliseconds": "Milliseconds",
        "WriteProvisionedThroughputExceeded": "Count",
    }.items() <= account.metrics("AWS/Kinesis", **stream).items()
    assert {
        "KinesisMillisBehindLatest": "Milliseconds",
        "DeliveryToS3.Success": "Count",
        "DeliveryToS3.Bytes": "Bytes",
        "DataReadFromKinesisStream.Records": "Count",
    }.items() <= account.metrics("AWS/Firehose", **delivery).items()

    pipeline.stop()
    logged = account.logs.get_log_events(
        logGroupName=f"dms-tasks-{name}", logStreamName=f"dms-task-{resource}"
    )
    lines = [event["message"].partition(" ")[2] for event in logged["events"]]
    assert lines[0] == f"[TASK_MANAGER    ]I:  Task '{identifier}' is running"
    assert "[TASK_MANAGER    ]I:  Full load is complete: 2 rows" in lines
    assert lines[-1] == "[TASK_MANAGER    ]I:  Task has stopped. Stop Reason NORMAL"

    told = account.read()
    subscribed = [m["Event Message"] for m in told if m.get("SourceId") == identifier]
    assert subscribed == [
        "Replication task has started.",
        "Replication task has stopped. Stop Reason NORMAL",
    ]
    routed = [m for m in told if m.get("source") == "aws.dms" and m["resources"] == [pipeline.arn]]
    assert [(m["detail-type"], m["detail"]["eventType"]) for m in routed] == [
        ("DMS Replication Task State Change", "REPLICATION_TASK_STARTED"),
        ("DMS Replication Task State Change", "REPLICATION_TASK_STOPPED"),
    ]
