"""A Kinesis stream, a bucket and a delivery stream on the embedded AWS, and a worker between."""

import gzip
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from threading import Event
from typing import Any

from dms_stream.local_aws import REGION, LocalAws, session
from dms_stream.rehearsal.delivery import (
    Clients,
    DeliveryWorker,
    DeployedDelivery,
    Put,
    read_delivery_stream,
)

ROLE = {"Version": "2012-10-17", "Statement": []}


def clients_of(aws: LocalAws) -> Clients:
    """The clients of a delivery."""
    return Clients.of(session(), endpoint_url=aws.url)


@dataclass
class Deployed:
    """What one test has deployed under names of its own."""

    clients: Clients
    role: str
    name: str = field(default_factory=lambda: f"t-{uuid.uuid4().hex[:12]}")

    def deploy(self, *, shards: int = 1, **s3: Any) -> None:
        """Make stream, bucket and delivery stream; `s3` goes into its S3 destination."""
        clients = self.clients
        self.deploy_stream(shards=shards)
        clients.s3.create_bucket(
            Bucket=self.name, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        stream = clients.kinesis.describe_stream_summary(StreamName=self.name)
        arn = stream["StreamDescriptionSummary"]["StreamARN"]
        clients.firehose.create_delivery_stream(
            DeliveryStreamName=self.name,
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={"KinesisStreamARN": arn, "RoleARN": self.role},
            ExtendedS3DestinationConfiguration={
                "RoleARN": self.role,
                "BucketARN": f"arn:aws:s3:::{self.name}",
                **s3,
            },
        )

    def deploy_stream(self, *, shards: int = 1) -> None:
        """Make the stream alone."""
        self.clients.kinesis.create_stream(StreamName=self.name, ShardCount=shards)

    def remove(self) -> None:
        """Delete the delivery stream, if it was made: an account holds fifty."""
        if self.name in self.clients.firehose.list_delivery_streams()["DeliveryStreamNames"]:
            self.clients.firehose.delete_delivery_stream(DeliveryStreamName=self.name)

    def put(self, records: Sequence[bytes], *, key: str | None = None) -> None:
        """Put records on the stream."""
        for start in range(0, len(records), 500):
            answer = self.clients.kinesis.put_records(
                StreamName=self.name,
                Records=[
                    {"Data": data, "PartitionKey": key or str(number)}
                    for number, data in enumerate(records[start : start + 500], start)
                ],
            )
            assert answer["FailedRecordCount"] == 0

    def read_back(self, **changes: Any) -> DeployedDelivery:
        """What was deployed, with changes."""
        return replace(read_delivery_stream(self.clients, self.name), **changes)

    def worker(self, folder: Path, delivery: DeployedDelivery | None = None, **options: Any) -> Any:
        """A worker and the list of what it puts."""
        puts: list[Put] = []
        worker = DeliveryWorker(
            delivery or self.read_back(),
            self.clients,
            checkpoint_path=folder / "checkpoint.json",
            on_put=puts.append,
            **options,
        )
        return worker, puts

    def deliver(
        self, folder: Path, delivery: DeployedDelivery | None = None, **options: Any
    ) -> list[Put]:
        """Deliver all that is on the stream."""
        worker, puts = self.worker(folder, delivery, **options)
        worker.run(stop=Event(), finish=set_event())
        return list(puts)

    def object_keys(self) -> list[str]:
        """The objects in the bucket."""
        listed = self.clients.s3.list_objects_v2(Bucket=self.name)
        return [one["Key"] for one in listed.get("Contents", [])]

    def body(self, key: str) -> bytes:
        """What an object holds, uncompressed."""
        body: bytes = self.clients.s3.get_object(Bucket=self.name, Key=key)["Body"].read()
        return gzip.decompress(body) if key.endswith(".gz") else body

    def documents(self) -> Iterator[Any]:
        """The JSON lines of all objects."""
        for key in self.object_keys():
            for line in self.body(key).splitlines():
                yield json.loads(line)


def set_event() -> Event:
    """An event that has happened."""
    event = Event()
    event.set()
    return event


def processing(**processors: dict[str, str]) -> dict[str, Any]:
    """A ProcessingConfiguration: processors with their parameters."""
    return {
        "ProcessingConfiguration": {
            "Enabled": True,
            "Processors": [
                {
                    "Type": kind,
                    "Parameters": [
                        {"ParameterName": name, "ParameterValue": value}
                        for name, value in parameters.items()
                    ],
                }
                for kind, parameters in processors.items()
            ],
        }
    }


NEWLINE = {"AppendDelimiterToRecord": {"Delimiter": r"\n"}}
HOUR = timedelta(hours=1)
