"""The delivery: what lands, where, and what a crash leaves."""

import base64
import json
import zipfile
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dms_stream.local_aws import LocalAws, client
from dms_stream.rehearsal.delivery import DeliveryError
from dms_stream.rehearsal.delivery.compression import ENCODERS, finished
from dms_stream.rehearsal.reconciliation import Reconciliation, fetch_landed
from dms_stream.rehearsal.reconciliation.landed import lines_of
from dms_stream.rehearsal.snappy_formats import snappy_blocks
from tests.support.delivery_setup import (
    NEWLINE,
    ROLE,
    Deployed,
    clients_of,
    processing,
    set_event,
)

# each asks an embedded AWS or a stand-in of it
pytestmark = pytest.mark.slow

BY_TABLE = (
    '{schema_name:(.metadata["schema-name"] // "" | if . == "" then "unnamed" else . end),'
    'table_name:.metadata["table-name"]}'
)
DYNAMIC: dict[str, Any] = {
    "Prefix": "changes/schema_name=!{partitionKeyFromQuery:schema_name}/"
    "table_name=!{partitionKeyFromQuery:table_name}/arrival_day=!{timestamp:yyyy-MM-dd}/",
    "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/!{timestamp:yyyy}/",
    "DynamicPartitioningConfiguration": {"Enabled": True},
    "BufferingHints": {"SizeInMBs": 64, "IntervalInSeconds": 60},
    **processing(
        MetadataExtraction={
            "MetadataExtractionQuery": BY_TABLE,
            "JsonParsingEngine": "JQ-1.6",
        },
        **NEWLINE,
    ),
}


def message(number: int, table: str = "orders", schema: str = "shop") -> bytes:
    """A record as DMS writes it."""
    return json.dumps(
        {
            "data": {"id": number},
            "metadata": {"operation": "load", "schema-name": schema, "table-name": table},
        }
    ).encode()


@pytest.fixture(scope="module")
def aws() -> Iterator[LocalAws]:
    """The embedded AWS; every test has names of its own."""
    with LocalAws() as running:
        yield running


@pytest.fixture(scope="module")
def role(aws: LocalAws) -> str:
    """A role for the delivery streams."""
    iam: Any = client("iam", aws.url)
    created = iam.create_role(RoleName="delivery", AssumeRolePolicyDocument=json.dumps(ROLE))
    return str(created["Role"]["Arn"])


@pytest.fixture(scope="module")
def shared(aws: LocalAws) -> Any:
    """Clients, made once."""
    return clients_of(aws)


@pytest.fixture
def deployed(shared: Any, role: str) -> Iterator[Deployed]:
    """Nothing yet: call deploy."""
    deployed = Deployed(shared, role)
    yield deployed
    deployed.remove()


def test_gzip_lines_under_the_hour_of_arrival(deployed: Deployed, tmp_path: Path) -> None:
    deployed.deploy(CompressionFormat="GZIP", Prefix="raw/", **processing(**NEWLINE))
    deployed.put([message(number) for number in range(1200)])
    before = datetime.now(UTC)
    puts = deployed.deliver(tmp_path)
    [key] = deployed.object_keys()
    hours = {f"raw/{before:%Y/%m/%d/%H}/", f"raw/{datetime.now(UTC):%Y/%m/%d/%H}/"}
    assert any(key.startswith(f"{hour}{deployed.name}-1-2") for hour in hours)
    assert key.endswith(".gz")
    head = deployed.clients.s3.head_object(Bucket=deployed.name, Key=key)
    assert (head["ContentEncoding"], head["ContentType"]) == ("gzip", "application/octet-stream")
    assert [one["data"]["id"] for one in deployed.documents()] == list(range(1200))
    assert [(put.key, put.records, put.bytes) for put in puts] == [
        (key, 1200, head["ContentLength"])
    ]
    assert 0 <= puts[0].latency < 60


def test_without_a_delimiter_records_stand_side_by_side(deployed: Deployed, tmp_path: Path) -> None:
    deployed.deploy(
        Prefix="raw-!{timestamp:yyyy}-!{firehose:random-string}/",
        FileExtension=".js",
        ErrorOutputPrefix="e/!{firehose:error-output-type}/",
    )
    deployed.put([b"{}", b"[]"], key="one")
    deployed.deliver(tmp_path)
    [key] = deployed.object_keys()
    assert key.endswith(".js")
    assert deployed.body(key) == b"{}[]"


def test_zip(deployed: Deployed, tmp_path: Path) -> None:
    deployed.deploy(CompressionFormat="ZIP", **processing(**NEWLINE))
    deployed.put([message(1), message(2)], key="one")
    deployed.deliver(tmp_path)
    [key] = deployed.object_keys()
    assert key.endswith(".zip")
    with zipfile.ZipFile(BytesIO(deployed.body(key))) as archive:
        [entry] = archive.namelist()
        assert archive.read(entry) == message(1) + b"\n" + message(2) + b"\n"


@pytest.mark.parametrize(
    ("compression", "encoding"), [("Snappy", "snappy-java"), ("HADOOP_SNAPPY", "hadoop-snappy")]
)
def test_snappy(deployed: Deployed, tmp_path: Path, compression: str, encoding: str) -> None:
    deployed.deploy(CompressionFormat=compression, **processing(**NEWLINE))
    records = [message(number) for number in range(500)]
    deployed.put(records, key="one")
    deployed.deliver(tmp_path)
    [key] = deployed.object_keys()
    assert key.endswith(".snappy")
    head = deployed.clients.s3.head_object(Bucket=deployed.name, Key=key)
    assert head["ContentEncoding"] == encoding
    blocks = list(snappy_blocks(BytesIO(deployed.body(key))))
    assert b"".join(blocks) == b"".join(record + b"\n" for record in records)
    assert {len(block) for block in blocks[:-1]} == {32 * 1024}
    # and the verdict reads them, whatever the object is called
    folder = tmp_path / "copies"
    folder.mkdir()
    [file] = fetch_landed(deployed.clients.s3, deployed.name, folder)
    assert [line.rstrip() for line in lines_of(file)] == records


# seen from snappy-java's SnappyOutputStream, and from Hadoop's codec
SNAPPY_BLOCK = b"\0\0\0\x09\x07\x18foobar\n"


@pytest.mark.parametrize(
    ("compression", "found"),
    [
        ("Snappy", b"\x82SNAPPY\0\0\0\0\x01\0\0\0\x01" + SNAPPY_BLOCK),
        ("HADOOP_SNAPPY", b"\0\0\0\x07" + SNAPPY_BLOCK),
    ],
)
def test_snappy_is_written_as_java_does(compression: str, found: bytes) -> None:
    encoder = ENCODERS[compression]()
    encoder.write(b"foo")
    encoder.write(b"bar\n")
    with finished(encoder) as body:
        assert body.read() == found
        body.seek(0)
        assert list(snappy_blocks(body)) == [b"foobar\n"]


def test_every_table_has_its_folder(deployed: Deployed, tmp_path: Path) -> None:
    deployed.deploy(CompressionFormat="GZIP", **DYNAMIC)
    records = [message(number, ("orders", "items")[number % 2]) for number in range(40)]
    deployed.put([*records, message(40, "awsdms_apply_exceptions", "")])
    deployed.deliver(tmp_path)
    found = Counter(key.rpartition("/arrival_day=")[0] for key in deployed.object_keys())
    assert found == {
        "changes/schema_name=shop/table_name=orders": 1,
        "changes/schema_name=shop/table_name=items": 1,
        "changes/schema_name=unnamed/table_name=awsdms_apply_exceptions": 1,
    }
    assert sorted(one["data"]["id"] for one in deployed.documents()) == list(range(41))


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"no json", "the record is not JSON"),
        (b"", "the record is not a single JSON value"),
        (b"\xff\xfe", "the record is not UTF-8"),
        (b'{"metadata":{"table-name":"t"}} {}', "the record is not JSON"),
        (b'{"metadata":{"table-name":"t"}},{}', "the record is not a single JSON value"),
        (b"[1],[2]", "the record is not a single JSON value"),
        (b'{"metadata":{"table-name":null}}', "partitionKeys values must not be null or empty"),
        (b'{"metadata":{"table-name":""}}', "partitionKeys values must not be null or empty"),
        (b'{"metadata":{"table-name":[1]}}', "the partition key table_name is not a single value"),
        (b'"text"', "Cannot index string"),
    ],
)
def test_a_record_without_partition_keys_goes_to_the_errors(
    deployed: Deployed, tmp_path: Path, data: bytes, reason: str
) -> None:
    deployed.deploy(CompressionFormat="GZIP", **DYNAMIC)
    deployed.put([message(1), data, message(2)], key="one")
    deployed.deliver(tmp_path)
    errors = [key for key in deployed.object_keys() if key.startswith("errors/")]
    [key] = errors
    assert key.startswith("errors/processing-failed/2")
    failed = json.loads(deployed.body(key))
    assert base64.b64decode(failed["rawData"]) == data
    assert failed["errorCode"] == "DynamicPartitioning.MetadataExtractionFailed"
    assert reason in failed["errorMessage"]
    assert failed["arrivalTimestamp"] <= failed["attemptEndingTimestamp"]
    good = [key for key in deployed.object_keys() if key.startswith("changes/")]
    assert deployed.body(good[0]) == message(1) + b"\n" + message(2) + b"\n"


def test_beyond_the_limit_of_active_partitions_records_go_to_the_errors(
    deployed: Deployed, tmp_path: Path
) -> None:
    deployed.deploy(**DYNAMIC)
    tables = ["a", "b", "c", "a", "b"]
    deployed.put([message(number, table) for number, table in enumerate(tables)], key="one")
    puts = deployed.deliver(tmp_path, deployed.read_back(active_partitions=2))
    assert sorted(put.records for put in puts if not put.is_error) == [2, 2]
    [error] = [put for put in puts if put.is_error]
    failed = json.loads(deployed.body(error.key))
    assert base64.b64decode(failed["rawData"]) == message(2, "c")
    assert (
        failed["errorMessage"] == "the delivery stream has 2 active partitions, which is its limit"
    )


def test_failures_are_logged_where_the_delivery_stream_says(
    deployed: Deployed, tmp_path: Path
) -> None:
    logs = deployed.clients.logs
    logs.create_log_group(logGroupName=deployed.name)
    logs.create_log_stream(logGroupName=deployed.name, logStreamName="DestinationDelivery")
    deployed.deploy(
        CloudWatchLoggingOptions={
            "Enabled": True,
            "LogGroupName": deployed.name,
            "LogStreamName": "DestinationDelivery",
        },
        **DYNAMIC,
    )
    deployed.put([b"no json"] * 3)
    deployed.deliver(tmp_path)
    events = logs.get_log_events(logGroupName=deployed.name, logStreamName="DestinationDelivery")
    [event] = events["events"]
    assert "MetadataExtractionFailed" in event["message"]


def test_what_was_put_is_not_read_again(deployed: Deployed, tmp_path: Path) -> None:
    deployed.deploy(shards=3, **processing(**NEWLINE))
    deployed.put([message(number) for number in range(50)])
    deployed.deliver(tmp_path)
    deployed.put([message(number) for number in range(50, 80)])
    deployed.deliver(tmp_path)
    deployed.deliver(tmp_path)
    assert sorted(one["data"]["id"] for one in deployed.documents()) == list(range(80))


@pytest.mark.parametrize("crash_at", range(1, 7))
@pytest.mark.parametrize("moment", ["before the put", "before the checkpoint"])
def test_a_crash_at_any_put_loses_nothing(
    deployed: Deployed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    crash_at: int,
    moment: str,
) -> None:
    deployed.deploy(shards=2, **DYNAMIC)
    deployed.put([message(number, f"t{number % 3}") for number in range(90)])
    delivery = deployed.read_back(buffer_bytes=10 * len(message(10)))

    class CrashError(Exception):
        """The power is gone."""

    put_object = deployed.clients.s3.put_object
    calls = []

    def put(**arguments: Any) -> Any:
        calls.append(arguments["Key"])
        if len(calls) == crash_at:
            if moment == "before the checkpoint":
                put_object(**arguments)
            raise CrashError
        return put_object(**arguments)

    with monkeypatch.context() as patch:
        patch.setattr(deployed.clients.s3, "put_object", put)
        with pytest.raises(CrashError):
            deployed.deliver(tmp_path, delivery)
    deployed.deliver(tmp_path, delivery)
    landed = Counter(one["data"]["id"] for one in deployed.documents())
    assert set(landed) == set(range(90))
    # what stood in buffers beside the one that was put is read again, and no more than that
    assert sum(landed.values()) < 90 * 2


def test_stopped_it_keeps_its_buffers_back(deployed: Deployed, tmp_path: Path) -> None:
    deployed.deploy(**processing(**NEWLINE))
    deployed.put([message(1)])
    worker, puts = deployed.worker(tmp_path)

    class Stop(Event):
        """Is set as soon as somebody waits for it."""

        def wait(self, timeout: float | None = None) -> bool:  # noqa: ARG002
            self.set()
            return True

    stop = Stop()
    worker.run(stop=stop, finish=Event())
    assert puts == []
    assert deployed.object_keys() == []
    deployed.deliver(tmp_path)
    assert len(list(deployed.documents())) == 1


def test_a_split_stream_is_delivered_parents_first(deployed: Deployed, tmp_path: Path) -> None:
    deployed.deploy(**processing(**NEWLINE))
    deployed.put([message(number) for number in range(20)])
    deployed.clients.kinesis.update_shard_count(
        StreamName=deployed.name, TargetShardCount=2, ScalingType="UNIFORM_SCALING"
    )
    deployed.put([message(number) for number in range(20, 60)])
    deployed.deliver(tmp_path)
    ids = [one["data"]["id"] for one in deployed.documents()]
    assert sorted(ids) == list(range(60))
    deployed.deliver(tmp_path)
    assert len(list(deployed.documents())) == 60


def test_a_new_deployment_does_not_go_on_from_the_old_ones_checkpoint(
    deployed: Deployed, tmp_path: Path
) -> None:
    deployed.deploy(**processing(**NEWLINE))
    deployed.put([message(1)])
    deployed.deliver(tmp_path)
    delivery = deployed.read_back(identity="another")
    deployed.deliver(tmp_path, delivery)
    assert len(list(deployed.documents())) == 2


def test_a_broken_checkpoint_is_refused(deployed: Deployed, tmp_path: Path) -> None:
    deployed.deploy()
    (tmp_path / "checkpoint.json").write_text('{"shards"')
    with pytest.raises(
        DeliveryError, match=r"checkpoint\.json is not a delivery checkpoint .* remove it"
    ):
        deployed.worker(tmp_path)


def test_a_bucket_that_is_gone_ends_it_with_a_sentence(deployed: Deployed, tmp_path: Path) -> None:
    deployed.deploy()
    deployed.put([message(1)])
    delivery = deployed.read_back()
    deployed.clients.s3.delete_bucket(Bucket=deployed.name)
    with pytest.raises(DeliveryError, match=r"cannot go on: .*NoSuchBucket.* run it again") as end:
        deployed.deliver(tmp_path, delivery)
    assert isinstance(end.value.__cause__, ClientError)


def test_objects_are_encrypted_with_the_key_of_the_delivery_stream(
    deployed: Deployed, tmp_path: Path
) -> None:
    key = "arn:aws:kms:eu-central-1:123456789012:key/11111111-2222-3333-4444-555555555555"
    deployed.deploy(EncryptionConfiguration={"KMSEncryptionConfig": {"AWSKMSKeyARN": key}})
    deployed.put([message(1)])
    worker, _ = deployed.worker(tmp_path)
    worker.run(stop=Event(), finish=set_event())
    head = deployed.clients.s3.head_object(Bucket=deployed.name, Key=deployed.object_keys()[0])
    assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)


def test_parquet_with_the_columns_of_the_glue_table(deployed: Deployed, tmp_path: Path) -> None:
    glue = deployed.clients.glue
    glue.create_database(DatabaseInput={"Name": deployed.name})
    columns = {"data": "struct<id:bigint>", "metadata": "map<string,string>", "control": "string"}
    glue.create_table(
        DatabaseName=deployed.name,
        TableInput={
            "Name": "changes",
            "StorageDescriptor": {
                "Columns": [{"Name": name, "Type": type_} for name, type_ in columns.items()]
            },
        },
    )
    schema = {"DatabaseName": deployed.name, "TableName": "changes", "RoleARN": deployed.role}
    deployed.deploy(
        **DYNAMIC
        | processing(
            MetadataExtraction={
                "MetadataExtractionQuery": BY_TABLE,
                "JsonParsingEngine": "JQ-1.6",
            }
        )
        | {
            "DataFormatConversionConfiguration": {
                "Enabled": True,
                "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
                "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
                "SchemaConfiguration": schema,
            }
        }
    )
    misfit = message(7).replace(b"7", b'"seven"')
    deployed.put([message(1), misfit, message(2)], key="one")
    deployed.deliver(tmp_path)
    [data] = [key for key in deployed.object_keys() if key.startswith("changes/")]
    [error] = [key for key in deployed.object_keys() if key.startswith("errors/")]
    assert data.endswith(".parquet")
    assert error.startswith("errors/format-conversion-failed/")
    failed = json.loads(deployed.body(error))
    assert base64.b64decode(failed["rawData"]) == misfit
    assert failed["lastErrorCode"] == "DataFormatConversion.MalformedData"
    assert failed["dataCatalogTable"]["tableName"] == "changes"

    folder = tmp_path / "copies"
    folder.mkdir()
    files = fetch_landed(
        deployed.clients.s3, deployed.name, folder, wanted=lambda key: key.startswith("changes/")
    )
    assert [file.format for file in files] == ["parquet"]
    with Reconciliation(files) as reconciliation:
        [found] = reconciliation.objects()
    assert found.records == 2
