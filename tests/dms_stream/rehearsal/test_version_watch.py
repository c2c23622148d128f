"""What is seen of a task while another version of its settings is deployed."""

from typing import Any, cast

import pytest

from dms_stream.local_aws.data_plane_client import DataPlaneClient
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.version_watch import Watch, watched

ARN = "arn:aws:dms:eu-west-1:123456789012:task:T"


class Plane:
    """A data plane that answers what a test says."""

    def __init__(self) -> None:
        self.now: dict[str, Any] = {
            **{"status": "running", "message": "", "since": 1.0, "position": "log.000001:4"},
            "counts": {"shop.orders": {"load": 3, "insert": 1}},
        }
        self.changes = 7

    def task(self, arn: str) -> dict[str, Any]:
        """The task."""
        assert arn == ARN
        return dict(self.now)

    def delivery(self, name: str) -> dict[str, Any]:
        """The delivery."""
        assert name == "delivery"
        return {"changes": self.changes}


@pytest.fixture
def plane() -> Plane:
    return Plane()


@pytest.fixture
def watch(plane: Plane) -> Watch:
    return Watch(cast(DataPlaneClient, plane), ARN, "delivery")


def test_a_stop_is_timed_from_the_first_look_to_the_last(plane: Plane, watch: Watch) -> None:
    watch.look()
    assert watch.seen.stops == []
    for status in ("stopping", "stopped", "starting"):
        plane.now["status"] = status
        watch.look()
        assert not watch.seen.runs
    plane.now |= {"status": "running", "since": 2.0, "position": "log.000001:99"}
    watch.look()
    watch.look()
    (seconds,) = watch.seen.stops
    assert seconds > 0
    assert (watch.seen.runs, watch.seen.resumed_at) == (True, "log.000001:99")


def test_a_stop_between_two_looks_is_seen_too(plane: Plane, watch: Watch) -> None:
    plane.now["since"] = 2.0
    watch.look()
    assert len(watch.seen.stops) == 1


def test_a_task_that_does_not_come_back_has_stopped_once(plane: Plane, watch: Watch) -> None:
    plane.now |= {"status": "failed", "message": "the log was purged"}
    watch.look()
    watch.end()
    assert len(watch.seen.stops) == 1
    assert (watch.seen.runs, watch.seen.message) == (False, "the log was purged")


def test_new_tables_are_told_from_those_that_are_loaded_again(plane: Plane, watch: Watch) -> None:
    plane.now["counts"] = {
        "shop.orders": {"load": 8, "insert": 1},
        "shop.items": {"load": 5},
        "shop.empty": {"load": 0},
    }
    watch.end()
    assert watch.seen.loaded == {"shop.orders": 8, "shop.items": 5}
    assert watch.seen.loaded_again == {"shop.orders": 8}


def test_a_delivery_that_begins_again_is_counted(plane: Plane, watch: Watch) -> None:
    for changes in (7, 8, 8, 9):
        plane.changes = changes
        watch.look()
    assert watch.seen.delivery_restarts == 2


def test_an_embedded_aws_that_is_gone_is_said_at_the_end(plane: Plane, watch: Watch) -> None:
    del plane.now["status"]
    with pytest.raises(RehearsalError, match="failed: 'status'"), watched(watch, None):
        watch.settle(0.3)
