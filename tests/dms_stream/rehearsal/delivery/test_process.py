"""The delivery as a process of its own: killed, told to finish, refused."""

import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dms_stream import local_aws
from dms_stream.rehearsal.delivery import Clients, DeliveryError, DeliveryProcess
from dms_stream.rehearsal.errors import RehearsalError
from tests.support.delivery_setup import NEWLINE, Deployed, processing
from tests.support.waiting import until

pytestmark = [
    pytest.mark.rehearsal,
    pytest.mark.skipif(sys.platform != "linux", reason="kills by Linux's means"),
]


@pytest.fixture
def deployed(aws_url: str, aws_role: str) -> Iterator[Deployed]:
    """Nothing yet: call deploy."""
    deployed = Deployed(Clients.of(local_aws.session(), endpoint_url=aws_url), aws_role)
    yield deployed
    deployed.remove()


def start(
    deployed: Deployed, folder: Path, aws_url: str, time_scale: float = 0.01
) -> DeliveryProcess:
    """The process, with an interval of 3 s."""
    return DeliveryProcess(
        deployed.name,
        checkpoint_path=folder / "checkpoint.json",
        process_environment=local_aws.process_environment(aws_url),
        time_scale=time_scale,
        log_path=folder / "log",
    )


def records(numbers: range) -> list[bytes]:
    """Small records."""
    return [json.dumps({"id": number, "filler": "x" * 200}).encode() for number in numbers]


def await_puts(delivery: DeliveryProcess, count: int) -> None:
    """Wait until it has put so many objects."""
    until(lambda: len(delivery.puts) >= count or not delivery.is_alive)
    assert len(delivery.puts) >= count


def test_it_delivers_while_it_runs_and_to_the_end_when_it_is_told_to(
    deployed: Deployed, tmp_path: Path, aws_url: str
) -> None:
    deployed.deploy(shards=2, CompressionFormat="GZIP", **processing(**NEWLINE))
    deployed.put(records(range(500)))
    with start(deployed, tmp_path, aws_url) as delivery:
        assert delivery.ready["bucket"] == delivery.ready["stream"] == deployed.name
        assert delivery.ready["settings"]["compression"] == "GZIP"
        await_puts(delivery, 1)
        deployed.put(records(range(500, 700)))
        puts = delivery.finish()
    assert sum(put.records for put in puts) == 700
    assert sorted(one["id"] for one in deployed.documents()) == list(range(700))
    assert not delivery.is_alive


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
def test_killed_again_and_again_it_loses_nothing(
    deployed: Deployed, tmp_path: Path, aws_url: str, how: signal.Signals
) -> None:
    deployed.deploy(
        BufferingHints={"SizeInMBs": 1, "IntervalInSeconds": 300}, **processing(**NEWLINE)
    )
    total = 60_000
    deployed.put(records(range(total)))
    for _ in range(4):
        with start(deployed, tmp_path, aws_url) as delivery:
            await_puts(delivery, 2)
            os.kill(delivery.pid, how)
    with start(deployed, tmp_path, aws_url) as delivery:
        delivery.finish()
    landed = Counter(one["id"] for key in all_keys(deployed) for one in lines(deployed, key))
    assert len(landed) == total
    assert sum(landed.values()) >= total


def test_it_ends_when_its_starter_is_killed(
    deployed: Deployed, tmp_path: Path, aws_url: str
) -> None:
    deployed.deploy(**processing(**NEWLINE))
    deployed.put(records(range(10)))
    read, write = os.pipe()
    child = os.fork()
    if child == 0:  # the starter, which is gone before it can say anything
        os.close(read)
        delivery = start(deployed, tmp_path, aws_url, time_scale=1)
        os.write(write, str(delivery.pid).encode())
        os.kill(os.getpid(), signal.SIGKILL)
    os.close(write)
    with os.fdopen(read) as pipe:
        pid = int(pipe.read())
    os.waitpid(child, 0)
    until(lambda: "zombie" in status(pid))
    assert len(list(deployed.documents())) == 10


def test_what_it_refuses_comes_to_its_starter(
    deployed: Deployed, tmp_path: Path, aws_url: str
) -> None:
    deployed.deploy(CustomTimeZone="Mars/Base")
    with pytest.raises(RehearsalError, match="CustomTimeZone Mars/Base is unknown"):
        start(deployed, tmp_path, aws_url)
    with pytest.raises(DeliveryError, match="there is no delivery stream gone: deploy"):
        DeliveryProcess(
            "gone",
            checkpoint_path=tmp_path / "c",
            process_environment=local_aws.process_environment(aws_url),
        )


def test_without_an_aws_it_ends_with_a_sentence(
    deployed: Deployed, tmp_path: Path, aws_url: str
) -> None:
    deployed.deploy()
    deployed.put(records(range(3)))
    with start(deployed, tmp_path, aws_url) as delivery:
        deployed.clients.s3.delete_bucket(Bucket=deployed.name)
        with pytest.raises(DeliveryError, match=r"cannot go on: .*NoSuchBucket"):
            delivery.finish()


def status(pid: int) -> str:
    """What the system says of a process."""
    try:
        return Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return "zombie"


def all_keys(deployed: Deployed) -> list[str]:
    """All objects of the bucket."""
    pages = deployed.clients.s3.get_paginator("list_objects_v2").paginate(Bucket=deployed.name)
    return [one["Key"] for page in pages for one in page["Contents"]]


def lines(deployed: Deployed, key: str) -> Iterator[Any]:
    """The documents of an object."""
    return map(json.loads, deployed.body(key).splitlines())
