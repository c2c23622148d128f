"""How fast the delivery is, beside what limits it: `python -m benchmarks.delivery [RECORDS]`.

Records lie on the embedded AWS's Kinesis stream (a process of its own, on the other core); measured
is their way into the bucket, as GZIP lines and by dynamic partitioning with jq, beside the bare
reading of the stream. Then ten times the records, for the memory.
"""

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from threading import Event
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.small_pipeline import session
from dms_stream import local_aws
from dms_stream.rehearsal.delivery import Clients, DeliveryWorker, read_delivery_stream
from dms_stream.rehearsal.delivery.records import StreamReader

_QUERY = (
    '{schema_name:(.metadata["schema-name"] // "" | if . == "" then "unnamed" else . end),'
    'table_name:(.metadata["table-name"] // "" | if . == "" then "unnamed" else . end)}'
)
_NEWLINE = {
    "Type": "AppendDelimiterToRecord",
    "Parameters": [{"ParameterName": "Delimiter", "ParameterValue": r"\n"}],
}
_JQ = {
    "Type": "MetadataExtraction",
    "Parameters": [
        {"ParameterName": "MetadataExtractionQuery", "ParameterValue": _QUERY},
        {"ParameterName": "JsonParsingEngine", "ParameterValue": "JQ-1.6"},
    ],
}
_FOLDERS = "schema=!{partitionKeyFromQuery:schema_name}/table=!{partitionKeyFromQuery:table_name}/"


def main() -> None:
    """Measure, each worker in a process of its own, and print the table."""
    if len(sys.argv) == 4:
        _measure(sys.argv[1], sys.argv[2], sys.argv[3])
        return
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    table = Table("", "records", "records/s", "CPU µs/record", "peak MiB", "objects")
    for count in (records, records * 10):
        with tempfile.TemporaryDirectory() as folder:
            endpoint = local_aws.start(Path(folder))
            try:
                _prepare(endpoint.url, count)
                for kind in ("read", "gzip", "jq"):
                    command = [sys.executable, "-m", "benchmarks.delivery", kind, endpoint.url]
                    output = subprocess.check_output([*command, str(count)], text=True)
                    table.add_row(kind, f"{count:,}", *json.loads(output))
            finally:
                local_aws.stop(Path(folder))
    Console().print(table)


def _prepare(url: str, count: int) -> None:
    clients = Clients.of(session(), endpoint_url=url)
    iam: Any = local_aws.client("iam", url)
    role = iam.create_role(RoleName="delivery", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    clients.kinesis.create_stream(StreamName="bench", ShardCount=1)
    summary = clients.kinesis.describe_stream_summary(StreamName="bench")
    source = {
        "KinesisStreamARN": summary["StreamDescriptionSummary"]["StreamARN"],
        "RoleARN": role,
    }
    clients.s3.create_bucket(
        Bucket="bench", CreateBucketConfiguration={"LocationConstraint": local_aws.REGION}
    )
    for kind, settings in (
        ("gzip", {"ProcessingConfiguration": {"Enabled": True, "Processors": [_NEWLINE]}}),
        (
            "jq",
            {
                "ProcessingConfiguration": {"Enabled": True, "Processors": [_JQ, _NEWLINE]},
                "DynamicPartitioningConfiguration": {"Enabled": True},
                "Prefix": _FOLDERS,
                "ErrorOutputPrefix": "errors/!{firehose:error-output-type}/",
            },
        ),
    ):
        clients.firehose.create_delivery_stream(
            DeliveryStreamName=kind,
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration=source,
            ExtendedS3DestinationConfiguration={
                "RoleARN": role,
                "BucketARN": "arn:aws:s3:::bench",
                "CompressionFormat": "GZIP",
                **settings,
            },
        )
    for start in range(0, count, 500):
        entries = [
            {"Data": _message(number), "PartitionKey": str(number)}
            for number in range(start, start + 500)
        ]
        clients.kinesis.put_records(StreamName="bench", Records=entries)


def _message(number: int) -> bytes:
    """390 bytes, as a row of ticket_purchase_hist makes them."""
    return json.dumps(
        {
            "data": {
                "sporting_event_ticket_id": number,
                "purchased_by_id": number * 7919 % 100_003,
                "transaction_date_time": "2024-07-29T00:59:07Z",
                "transferred_from_id": None,
                "purchase_price": number % 20_000 / 100,
            },
            "metadata": {
                "timestamp": "2024-07-29T00:59:07.686557Z",
                "record-type": "data",
                "operation": "load",
                "partition-key-type": "primary-key",
                "schema-name": "dms_sample",
                "table-name": f"ticket_purchase_hist_{number % 4}",
            },
        }
    ).encode()


def _measure(kind: str, url: str, count: str) -> None:
    clients = Clients.of(session(), endpoint_url=url)
    delivery = read_delivery_stream(clients, "gzip" if kind == "read" else kind)
    objects = 0
    read = 0

    def count_put(_put: object) -> None:
        nonlocal objects
        objects += 1

    started, cpu = time.perf_counter(), time.process_time()
    if kind == "read":
        reader = StreamReader(clients.kinesis, delivery.stream, start=delivery.start, positions={})
        while read < int(count):
            read += sum(len(batch.records) for batch in reader.batches())
    else:
        finish = Event()
        finish.set()
        with tempfile.TemporaryDirectory() as folder:
            DeliveryWorker(
                delivery, clients, checkpoint_path=Path(folder) / "checkpoint", on_put=count_put
            ).run(stop=Event(), finish=finish)
    wall, cpu = time.perf_counter() - started, time.process_time() - cpu
    # ru_maxrss would be that of the process which started this one
    peak = int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text())[0]) / 1024
    figures = [int(count) / wall, cpu / int(count) * 1e6, peak, objects]
    sys.stdout.write(json.dumps([f"{figure:,.0f}" for figure in figures]))


if __name__ == "__main__":
    main()
