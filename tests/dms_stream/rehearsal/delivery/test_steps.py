"""The delivery step by step, on a played stream and bucket; on an embedded AWS: test_worker.py."""

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from queue import SimpleQueue
from threading import Event
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from dms_stream.rehearsal.delivery import Clients, DeliveryError, worker
from dms_stream.rehearsal.delivery.buffers import Progress
from dms_stream.rehearsal.delivery.checkpoint import Position
from dms_stream.rehearsal.delivery.deployed_delivery import DeployedDelivery, LogTarget
from dms_stream.rehearsal.delivery.failures import Failure, extraction_failed, too_many_partitions
from dms_stream.rehearsal.delivery.partitioning import NoPartition
from dms_stream.rehearsal.delivery.prefixes import Prefix
from dms_stream.rehearsal.delivery.records import Batch, Record
from dms_stream.rehearsal.delivery.worker import (
    DeliveryWorker,
    Put,
    Read,
    RefusedPut,
    RefusedRead,
)
from tests.support.delivery_setup import set_event

ARRIVED = datetime(2024, 1, 31, 10, tzinfo=UTC).timestamp()
DELIVERY = DeployedDelivery(
    name="delivery",
    arn="arn:aws:firehose:eu-west-1:123456789012:deliverystream/delivery",
    version="4",
    identity="this one",
    stream="changes",
    start=datetime(2024, 1, 1, tzinfo=UTC),
    bucket="landing",
    prefix=Prefix("changes/"),
    error_prefix=Prefix("errors/!{firehose:error-output-type}/", is_error=True),
    buffer_interval=timedelta(seconds=60),
    delimiter=b"\n",
    log=LogTarget("group", "stream"),
)


def refusal(code: str, message: str | None = "no") -> ClientError:
    """An answer of AWS's."""
    said = {"Code": code, **({"Message": message} if message else {})}
    answer: Any = {"Error": said}
    return ClientError(answer, "AnyCall")


def record(number: int, *, shard: str = "s", data: bytes = b"{}") -> Record:
    """One that arrived so many seconds after ten."""
    return Record(shard, str(number), ARRIVED + number, data)


def batch(*records: Record, shard: str = "s", **more: Any) -> Batch:
    """What a call reads."""
    told = {"is_behind": False, "millis_behind": 0, "is_end": False, **more}
    return Batch(shard, list(records), **told)


class Setting:
    """A stream, a bucket and a log, and what a worker makes of them.

    Attributes:
        reads: What each reading of the stream gives: batches, or an error that it raises; at the
            end there is nothing more. A function is called.
        refusals: What S3 refuses with, before it accepts.
        objects: What is in the bucket: key, content and options.
        logged: What is in the log.
        now: Seconds of the clock.
    """

    class exceptions:  # noqa: N801
        """As boto3 has them."""

        class ResourceNotFoundException(Exception):  # noqa: N818
            """The log is gone."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.reads: list[list[Batch] | Exception | Callable[[], object]] = []
        self.refusals: list[Exception] = []
        self.objects: list[tuple[str, bytes, dict[str, Any]]] = []
        self.logged: list[dict[str, Any]] = []
        self.has_log = True
        self.now = 100.0
        self.puts: list[Put] = []
        self.told: list[Any] = []
        self.started: list[Any] = []
        self.stop, self.finish = Event(), Event()
        monkeypatch.setattr(worker, "StreamReader", self._reader)
        monkeypatch.setattr(worker, "_POLL_SECONDS", 0.0)
        monkeypatch.setattr(worker, "_LEAST_RETRY_SECONDS", 0.0)

    def _reader(self, kinesis: object, stream: str, **more: Any) -> "Setting":
        self.started.append((kinesis, stream, more))
        return self

    def batches(self) -> Iterator[Batch]:
        """The next ones."""
        while self.reads and callable(self.reads[0]) and not isinstance(self.reads[0], Exception):
            self.reads.pop(0)()  # type: ignore[operator]
        found = self.reads.pop(0) if self.reads else []
        if not self.reads:
            self.finish.set()
        if isinstance(found, Exception):
            raise found
        assert isinstance(found, list)
        yield from found

    def put_object(self, **given: Any) -> None:
        """Accept, or refuse."""
        body = given.pop("Body").read()
        if self.refusals:
            raise self.refusals.pop(0)
        assert given.pop("Bucket") == "landing"
        self.objects.append((given.pop("Key"), body, given))

    def put_log_events(self, **given: Any) -> None:
        """Keep, or be gone."""
        if not self.has_log:
            raise self.exceptions.ResourceNotFoundException
        self.logged.append(given)

    def worker(self, deployed: DeployedDelivery = DELIVERY, **more: Any) -> DeliveryWorker:
        """One on all that."""
        clients = Clients(firehose=None, kinesis="kinesis", s3=self, glue=None, logs=self)
        return DeliveryWorker(
            deployed,
            clients,
            checkpoint_path=self.folder / "at.json",
            on_put=self.puts.append,
            clock=lambda: self.now,
            **{"time_scale": 0.0, **more},
        )

    def deliver(self, deployed: DeployedDelivery = DELIVERY, **more: Any) -> None:
        """All that the stream gives."""
        self.worker(deployed, **more).run(stop=self.stop, finish=self.finish)

    @property
    def checkpoint(self) -> Any:
        """Where the next one goes on."""
        return json.loads((self.folder / "at.json").read_text())["shards"]


@pytest.fixture
def setting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Setting:
    """Nothing on the stream, and all in order."""
    return Setting(tmp_path, monkeypatch)


def test_an_object_holds_the_records_in_their_order(setting: Setting) -> None:
    setting.reads = [[batch(record(1, data=b"a"), record(2, data=b"b"))]]
    setting.deliver(time_scale=1.0)
    ((key, body, options),) = setting.objects
    assert key.startswith("changes/delivery-4-2024-01-31-10-00-01-")
    assert (body, options) == (b"a\nb\n", {"ContentType": "application/octet-stream"})
    (put,) = setting.puts
    assert (put.key, put.records, put.bytes, put.is_error) == (key, 2, 4, False)
    assert (put.oldest_arrival, put.waiting_since) == (ARRIVED + 1, None)
    assert put.at > ARRIVED
    assert setting.checkpoint == {"s": {"kind": "AFTER_SEQUENCE_NUMBER", "sequence_number": "2"}}
    assert setting.started == [
        ("kinesis", "changes", {"start": DELIVERY.start, "positions": {}}),
    ]


def test_the_next_worker_goes_on_where_the_last_one_put(setting: Setting) -> None:
    setting.reads = [[batch(record(1))]]
    setting.deliver()
    setting.deliver()
    position = Position("AFTER_SEQUENCE_NUMBER", "1")
    assert setting.started[-1][2]["positions"] == {"s": position}
    setting.deliver(replace(DELIVERY, identity="another"))
    assert setting.started[-1][2]["positions"] == {}


def test_a_key_encrypts_the_objects(setting: Setting) -> None:
    setting.reads = [[batch(record(1))]]
    setting.deliver(replace(DELIVERY, kms_key="arn:key", compression="GZIP"))
    assert setting.objects[0][2] == {
        "ContentType": "application/octet-stream",
        "ServerSideEncryption": "aws:kms",
        "SSEKMSKeyId": "arn:key",
        "ContentEncoding": "gzip",
    }


def test_the_interval_begins_with_a_buffers_first_record(setting: Setting) -> None:
    def later(seconds: float) -> Callable[[], None]:
        def wait() -> None:
            setting.now += seconds

        return wait

    setting.reads = [
        *([batch(record(1))], later(29), [batch(record(2))], later(0.9), [batch(record(3))]),
        *(later(0.1), [batch(record(4))], later(30), [batch(record(5))], []),
    ]
    setting.deliver(time_scale=0.5)
    assert [put.records for put in setting.puts] == [4, 1]


def test_a_full_buffer_is_put_at_once(setting: Setting) -> None:
    setting.reads = [[batch(*(record(number, data=b"x" * 4) for number in range(5)))]]
    setting.deliver(replace(DELIVERY, buffer_bytes=10), time_scale=1.0)
    assert [put.records for put in setting.puts] == [2, 2, 1]
    assert [put.waiting_since for put in setting.puts] == [None] * 3


class Extraction:
    """Partition keys that a test says."""

    def partitions(self, data: list[bytes]) -> list[Any]:
        """The record itself, or why there are none."""
        return [NoPartition("no keys") if one == b"?" else (one.decode().strip(),) for one in data]


def partitioned(**more: Any) -> Any:
    """A delivery with one folder for each record's content."""
    extraction: Any = Extraction()
    return replace(
        DELIVERY,
        prefix=Prefix("changes/!{partitionKeyFromQuery:name}/"),
        extraction=extraction,
        **more,
    )


def test_partitions_and_what_has_none(setting: Setting) -> None:
    content = [b"a", b"?", b"b", b"c", b"a", b"?"]
    setting.reads = [[batch(*(record(n, data=data) for n, data in enumerate(content)))]]
    read: list[Read] = []
    setting.deliver(partitioned(active_partitions=2), on_read=read.append)
    found = {key.rpartition("/")[0]: body for key, body, _ in setting.objects}
    assert {folder: body for folder, body in found.items() if "errors" not in folder} == {
        "changes/a": b"a\na\n",
        "changes/b": b"b\n",
    }
    failed = [json.loads(line) for line in found["errors/processing-failed"].splitlines()]
    assert [base64.b64decode(each["rawData"]) for each in failed] == [b"?", b"c", b"?"]
    codes = [each["errorCode"].removeprefix("DynamicPartitioning.") for each in failed]
    assert codes == [
        *("MetadataExtractionFailed", "PartitionCountExceeded", "MetadataExtractionFailed"),
    ]
    assert [each["arrivalTimestamp"] for each in failed] == [
        int((ARRIVED + number) * 1000) for number in (1, 3, 5)
    ]
    assert {put.is_error for put in setting.puts} == {True, False}
    (told,) = read
    assert told.failed == {"processing-failed": 2, "too-many-partitions": 1}
    # the first of an object is logged
    (entry,) = setting.logged
    assert (entry["logGroupName"], entry["logStreamName"]) == ("group", "stream")
    (event,) = entry["logEvents"]
    assert json.loads(event["message"]) == {
        "deliveryStreamARN": DELIVERY.arn,
        "destination": "arn:aws:s3:::landing",
        "deliveryStreamVersionId": "4",
        "message": "no keys",
        "errorCode": "DynamicPartitioning.MetadataExtractionFailed",
    }
    assert event["timestamp"] > ARRIVED * 1000


def test_partitions_that_were_put_are_active_no_more(setting: Setting) -> None:
    setting.reads = [
        [batch(record(1, data=b"a"))],
        [batch(record(2, data=b"b"))],
        [batch(record(3, data=b"?"))],
        [batch(record(4, data=b"c"))],
        [],
    ]
    setting.deliver(partitioned(active_partitions=1))
    assert [put.is_error for put in setting.puts] == [False, False, True, False]


@pytest.mark.parametrize("log", [DELIVERY.log, None])
def test_a_log_that_is_gone_or_not_wanted_stops_nothing(
    setting: Setting, log: LogTarget | None
) -> None:
    setting.has_log = False
    setting.reads = [[batch(record(1, data=b"?"))]]
    setting.deliver(partitioned(log=log))
    assert [put.is_error for put in setting.puts] == [True]


# Refusals


def test_what_s3_refuses_is_tried_again_until_it_is_put(setting: Setting) -> None:
    setting.refusals = [refusal("AccessDenied"), refusal("SlowDown", None), refusal("SlowDown")]
    refused: list[RefusedPut] = []
    setting.reads = [[batch(record(7, data=b"a"))], [batch(record(8, data=b"b"))], [], []]
    setting.deliver(on_refused=refused.append)
    assert refused == [
        RefusedPut("AccessDenied", "no", ARRIVED + 7),
        RefusedPut("SlowDown", "SlowDown", ARRIVED + 7),
        RefusedPut("SlowDown", "no", ARRIVED + 7),
    ]
    # all of it, each time
    assert [body for _, body, _ in setting.objects] == [b"a\n", b"b\n"]
    assert [json.loads(e["logEvents"][0]["message"])["errorCode"] for e in setting.logged] == [
        "S3.AccessDenied"
    ]


def test_without_somebody_who_hears_of_it_a_refusal_ends_it(setting: Setting) -> None:
    setting.refusals = [refusal("AccessDenied")]
    setting.reads = [[batch(record(1))]]
    with pytest.raises(DeliveryError) as ended:
        setting.deliver()
    assert str(ended.value).startswith("the delivery stream delivery cannot go on: ")
    assert "run it again to deliver the rest" in str(ended.value)
    setting.reads = [refusal("KMSDisabledException")]
    with pytest.raises(DeliveryError, match="KMSDisabledException"):
        setting.deliver()
    setting.reads = [EndpointConnectionError(endpoint_url="http://x")]
    with pytest.raises(DeliveryError, match="cannot go on: Could not connect"):
        setting.deliver()


@pytest.mark.parametrize("told", ["stop", "finish"])
def test_whoever_waits_for_s3_can_be_told_to_end(setting: Setting, told: str) -> None:
    setting.refusals = [refusal("AccessDenied")] * 9
    setting.reads = [[batch(record(1))], [], []]
    setting.deliver(on_refused=lambda _: getattr(setting, told).set())
    assert len(setting.refusals) == 8
    assert setting.objects == []
    # the next one reads it again
    assert not (setting.folder / "at.json").exists()


@pytest.mark.parametrize("code", ["KMSDisabledException", "ProvisionedThroughputExceededException"])
def test_a_read_that_is_refused_is_tried_again_and_its_end_is_told(
    setting: Setting, code: str
) -> None:
    setting.reads = [
        *([], refusal(code), refusal(code, None), []),
        *([batch(record(1))], refusal(code), [], []),
    ]
    setting.deliver(on_refused_read=setting.told.append, on_read=setting.told.append)
    once = RefusedRead(code, "no")
    assert setting.told == [
        once,
        RefusedRead(code, code),
        # nothing new, but that it can be read again
        Read(0, 0, 0),
        once,
        Read(1, 2, 0),
    ]
    codes = [json.loads(e["logEvents"][0]["message"])["errorCode"] for e in setting.logged]
    assert codes == [f"Kinesis.{code}"] * 2


def test_another_refusal_of_a_read_ends_it(setting: Setting) -> None:
    setting.reads = [refusal("ResourceNotFoundException")]
    with pytest.raises(DeliveryError, match="ResourceNotFoundException"):
        setting.deliver(on_refused_read=setting.told.append)
    assert setting.told == []


@pytest.mark.parametrize("told", ["stop", "finish"])
def test_whoever_waits_for_the_stream_can_be_told_to_end(setting: Setting, told: str) -> None:
    setting.reads = [refusal("KMSDisabledException")] * 9
    setting.deliver(on_refused_read=lambda _: getattr(setting, told).set())
    assert len(setting.reads) == 8


@pytest.mark.parametrize(("scale", "seconds"), [(1.0, 30.0), (0.1, 3.0), (0.0, 0.5)])
def test_it_waits_for_half_a_minute_in_its_own_time(
    setting: Setting, monkeypatch: pytest.MonkeyPatch, scale: float, seconds: float
) -> None:
    monkeypatch.setattr(worker, "_LEAST_RETRY_SECONDS", 0.5)
    waited: list[float] = []

    class Stop(Event):
        def wait(self, timeout: float | None = None) -> bool:
            waited.append(timeout or 0)
            return True

    setting.stop = Stop()
    setting.reads = [refusal("KMSDisabledException"), []]
    setting.deliver(on_refused_read=setting.told.append, time_scale=scale)
    assert waited == [seconds]


# What is told and asked


def test_reads_are_told_once_a_second(setting: Setting) -> None:
    def later(seconds: float) -> Callable[[], None]:
        def wait() -> None:
            setting.now += seconds

        return wait

    setting.reads = [
        *([batch(record(1), millis_behind=5), batch(record(2), shard="t", millis_behind=9)],),
        *(later(0.9), [batch(record(3))], later(0.1), [batch(record(4))]),
        *(later(5), [batch(millis_behind=0)], later(1), [batch(millis_behind=4)], []),
    ]
    setting.deliver(on_read=setting.told.append, time_scale=1.0)
    assert setting.told == [
        Read(2, 4, 9, ARRIVED + 1),
        Read(2, 4, 0, ARRIVED + 1),
        Read(0, 0, 4, ARRIVED + 1),
    ]


def test_a_request_to_drain_puts_what_is_there_and_goes_on(setting: Setting) -> None:
    drains: SimpleQueue[int] = SimpleQueue()
    drained: list[tuple[int, int]] = []
    setting.reads = [
        [batch(record(1))],
        lambda: drains.put(7),
        *([batch(record(2))], [batch(record(3), is_behind=True)], [batch(record(4))]),
        *([batch(record(5))], []),
    ]
    setting.worker(time_scale=1.0).run(
        stop=setting.stop,
        finish=setting.finish,
        drains=drains,
        on_drained=lambda number: drained.append((number, len(setting.puts))),
    )
    assert drained == [(7, 1)]
    assert [put.records for put in setting.puts] == [4, 1]


def test_a_shard_that_was_closed_is_not_read_again(setting: Setting) -> None:
    setting.reads = [
        [batch(record(1), is_end=True)],
        [batch(record(2, shard="t"), shard="t")],
        [],
    ]
    setting.deliver(time_scale=1.0)
    assert setting.checkpoint == {
        "s": {"kind": "SHARD_END", "sequence_number": ""},
        "t": {"kind": "AFTER_SEQUENCE_NUMBER", "sequence_number": "2"},
    }


def test_a_stop_keeps_what_is_in_the_buffers_back(setting: Setting) -> None:
    setting.reads = [[batch(record(1)), batch(record(2))], []]
    setting.stop = set_event()
    setting.deliver()
    assert setting.objects == []
    assert len(setting.reads) == 2


def test_reading_resumes_at_the_first_record_that_is_not_put() -> None:
    class Held:
        def __init__(self, **first: int) -> None:
            self.first = first

    progress = Progress(
        {"a": Position("SHARD_END", ""), "b": Position("AFTER_SEQUENCE_NUMBER", "1")}
    )
    assert progress.positions([]) == {
        "a": Position("SHARD_END", ""),
        "b": Position("AFTER_SEQUENCE_NUMBER", "1"),
    }
    for shard, number in (("b", 5), ("c", 6), ("c", 7)):
        progress.take(record(number, shard=shard))
    progress.end("c")
    held: Any = [Held(b=4, c=9), Held(b=3), Held(c=10)]
    assert progress.positions([]) == {
        "a": Position("SHARD_END", ""),
        "b": Position("AFTER_SEQUENCE_NUMBER", "5"),
        "c": Position("SHARD_END", ""),
    }
    assert progress.positions(held) == {
        "a": Position("SHARD_END", ""),
        "b": Position("AT_SEQUENCE_NUMBER", "3"),
        "c": Position("AT_SEQUENCE_NUMBER", "9"),
    }


@pytest.mark.parametrize(
    ("failure", "kind"),
    [
        (extraction_failed("no keys"), "processing-failed"),
        (too_many_partitions(5), "too-many-partitions"),
        (
            Failure("format-conversion-failed", "x", "y", {"tableName": "t"}),
            "format-conversion-failed",
        ),
    ],
)
def test_a_failed_record_as_firehose_writes_it(failure: Failure, kind: str) -> None:
    assert failure.kind == kind
    line = failure.line(b"\xff", arrival=1.5, now=2.25, sequence_number="9")
    assert line.endswith(b"}\n")
    told = json.loads(line)
    assert base64.b64decode(told.pop("rawData")) == b"\xff"
    words: dict[str, Any]
    times = {"attemptsMade": 1, "arrivalTimestamp": 1500, "attemptEndingTimestamp": 2250}
    if failure.catalog_table is None:
        words = {"errorCode": failure.code, "errorMessage": failure.message}
    else:
        words = {
            "lastErrorCode": "x",
            "lastErrorMessage": "y",
            "sequenceNumber": "9",
            "subSequenceNumber": None,
            "dataCatalogTable": {"tableName": "t"},
        }
    assert told == {**times, **words}
    assert too_many_partitions(5).message == (
        "the delivery stream has 5 active partitions, which is its limit"
    )
