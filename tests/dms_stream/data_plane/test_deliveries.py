"""A delivery stream delivers from its creation to its end, whatever becomes of its process."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from dms_stream.local_aws import Endpoint
from tests.support.alive import LivePipeline, processes
from tests.support.delivery_setup import NEWLINE, processing
from tests.support.pipelines import Json
from tests.support.waiting import until

pytestmark = pytest.mark.rehearsal


class Stream:
    """A stream with a delivery stream, and no task."""

    def __init__(self, url: str, role: str) -> None:
        self.pipeline = LivePipeline(url, role)
        self.deployed = self.pipeline.delivery
        self._sent = 0

    def put(self, count: int) -> None:
        """Put records on the stream."""
        first, self._sent = self._sent, self._sent + count
        self.deployed.put(
            [
                b'{"n": %d, "metadata": {"record-type": "data"}}' % n
                for n in range(first, self._sent)
            ]
        )

    def state(self) -> Json:
        """What is known of the delivery."""
        return self.pipeline.plane.delivery(self.deployed.name)

    def status(self) -> str:
        """What Firehose says."""
        described = self.deployed.clients.firehose.describe_delivery_stream(
            DeliveryStreamName=self.deployed.name
        )
        return str(described["DeliveryStreamDescription"]["DeliveryStreamStatus"])

    def update(self, **changes: object) -> None:
        """Change its settings."""
        firehose = self.deployed.clients.firehose
        described = firehose.describe_delivery_stream(DeliveryStreamName=self.deployed.name)
        description = described["DeliveryStreamDescription"]
        firehose.update_destination(
            DeliveryStreamName=self.deployed.name,
            CurrentDeliveryStreamVersionId=description["VersionId"],
            DestinationId=description["Destinations"][0]["DestinationId"],
            ExtendedS3DestinationUpdate=changes,
        )

    def landed(self) -> list[int]:
        """Numbers of the records in the bucket."""
        return sorted(record["n"] for record in self.pipeline.landed())


@pytest.fixture
def stream(alive: Endpoint, alive_role: str) -> Iterator[Stream]:
    """Nothing yet."""
    stream = Stream(alive.url, alive_role)
    yield stream
    stream.deployed.remove()


def test_it_delivers_with_its_settings_of_the_moment_and_ends_when_it_is_deleted(
    stream: Stream,
) -> None:
    stream.deployed.deploy(**processing(**NEWLINE), Prefix="first/")
    assert stream.status() == "ACTIVE"
    stream.put(20)
    assert stream.landed() == [*range(20)]
    assert {key.split("/")[0] for key in stream.deployed.object_keys()} == {"first"}

    before = stream.state()["process_id"]
    stream.update(Prefix="second/")
    until(lambda: stream.state()["process_id"] not in (None, before))
    stream.put(5)
    assert stream.landed() == [*range(25)]
    assert {key.split("/")[0] for key in stream.deployed.object_keys()} == {"first", "second"}
    assert stream.state()["restarts"] == 0
    assert stream.state()["records"] == 25

    (process,) = stream.pipeline.plane.status()["deliveries"]
    stream.deployed.remove()
    assert stream.pipeline.plane.status()["deliveries"] == []
    until(lambda: not Path(f"/proc/{process['process_id']}").exists())


def test_a_killed_one_is_started_again_and_loses_nothing(stream: Stream) -> None:
    stream.deployed.deploy(**processing(**NEWLINE))
    stream.put(2000)
    until(lambda: stream.state()["process_id"] is not None)
    os.kill(stream.state()["process_id"], signal.SIGKILL)
    until(lambda: stream.state()["restarts"] == 1 and stream.state()["status"] == "running")
    assert stream.status() == "ACTIVE"
    stream.put(10)
    assert {*stream.landed()} == {*range(2010)}


def test_settings_that_are_not_reproduced_are_told_and_others_mend_it(stream: Stream) -> None:
    stream.deployed.deploy(**processing(**NEWLINE), S3BackupMode="Enabled")
    until(lambda: stream.state()["status"] == "failed")
    assert "S3BackupMode Enabled" in stream.state()["message"]
    stream.put(3)
    stream.update(S3BackupMode="Disabled")
    until(lambda: stream.state()["status"] == "running")
    assert stream.state()["message"] == ""
    assert stream.landed() == [0, 1, 2]


def test_one_that_is_deleted_before_it_runs_leaves_nothing(
    stream: Stream, alive_folder: Path
) -> None:
    stream.deployed.deploy()
    stream.deployed.remove()
    until(lambda: processes(f"--delivery-stream\0{stream.deployed.name}\0") == {})
    assert "Traceback" not in (alive_folder / "server.log").read_text()
