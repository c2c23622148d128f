"""What commands take from the embedded AWS, whose answers are played.

Its database, its delivery, the outputs of what was deployed to it, and how it is started.
"""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from dms_stream.cli import deployment, embedded, rehearse, toolchain
from dms_stream.cli.errors import CommandError
from dms_stream.cli.workspace import Workspace
from dms_stream.data_plane import DataPlaneOptions
from dms_stream.operations.deployed import DeployedPipeline
from dms_stream.rehearsal.source.database import DatabaseAddress
from dms_stream.rehearsal.source.local_database import LocalDatabase
from tests.dms_stream.cli.test_aws_access import workspace

URL = "http://127.0.0.1:4"
DELIVERY = "arn:aws:firehose:eu-central-1:123456789012:deliverystream/delivery"
PIPELINE = DeployedPipeline(
    "tickets", {"delivery_stream_name": "delivery", "delivery_stream_arn": DELIVERY}, {}
)


class Plane:
    """A data plane that drains after some looks.

    Attributes:
        looks: How many looks it takes.
        status: Of its delivery.
        database: What it says of its database.
    """

    looks = 3
    status = "running"
    database: dict[str, Any]

    def __init__(self, url: str) -> None:
        assert url == URL

    def drain(self, arn: str) -> int:
        """The seventh request."""
        assert arn == DELIVERY
        return 7

    def delivery(self, name: str) -> dict[str, Any]:
        """How it is, a look later."""
        assert name == "delivery"
        type(self).looks -= 1
        return {"drained": 6 + (self.looks < 0), "status": self.status, "message": "no bucket"}

    def status_(self) -> dict[str, Any]:
        """Its database."""
        return {"database": self.database}

    def started_database(self) -> Path:
        """Its folder."""
        return Path("database")


@pytest.fixture
def plane(monkeypatch: pytest.MonkeyPatch) -> type[Plane]:
    """Plays the data plane."""

    class Played(Plane):
        pass

    monkeypatch.setattr(embedded, "DataPlaneClient", Played)
    return Played


@pytest.fixture
def emulated(tmp_path: Path) -> Workspace:
    """An environment on the embedded AWS."""
    return replace(workspace(tmp_path), process_environment={"AWS_ENDPOINT_URL": URL})


def test_a_delivery_is_looked_at_until_it_has_drained(
    plane: type[Plane], emulated: Workspace
) -> None:
    waited: list[float] = []
    embedded.drain_delivery(emulated, PIPELINE, sleep=waited.append)
    assert waited == [0.2] * 3
    # what has drained has, whatever becomes of it
    plane.looks, plane.status = 0, "failed"
    embedded.drain_delivery(emulated, PIPELINE, sleep=waited.append)
    assert len(waited) == 3


def test_a_delivery_that_fails_or_does_not_end_is_told(
    plane: type[Plane], emulated: Workspace
) -> None:
    waited: list[float] = []
    plane.status = "failed"
    with pytest.raises(CommandError, match="tickets: the delivery has failed: no bucket"):
        embedded.drain_delivery(emulated, PIPELINE, sleep=waited.append)
    assert waited == []
    plane.status, plane.looks = "running", 10_000
    with pytest.raises(CommandError, match="tickets: its stream is not drained after 600 s"):
        embedded.drain_delivery(emulated, PIPELINE, sleep=waited.append)
    assert sum(waited) == pytest.approx(600)


def test_the_database_of_its_own_is_found_and_the_users_is_left_to_the_user(
    plane: type[Plane], emulated: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Running:
        """A database that runs."""

        address = DatabaseAddress("127.0.0.1", 3306, "root", "")

    found: dict[Path, Any] = {}
    monkeypatch.setattr(plane, "status", plane.status_)
    monkeypatch.setattr(LocalDatabase, "running_in", staticmethod(found.get))
    plane.database = {"is_ours": False, "address": "db.example.org:3306"}
    with pytest.raises(CommandError, match=r"^db\.example\.org:3306 stands in for the sources"):
        embedded.stand_in_database(emulated)
    plane.database = {"is_ours": True, "address": None}
    with pytest.raises(CommandError, match="the database in database does not answer"):
        embedded.stand_in_database(emulated)
    found[Path("database")] = Running
    assert embedded.stand_in_database(emulated) is Running.address


# what was deployed to it

OUTPUTS = {"replication_arn": "arn:aws:dms:…", "delivery_stream_name": "delivery"}


@pytest.fixture
def deployed(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Outputs of a stack, whether there is a state, and what was run to read it."""
    found: dict[str, Any] = {"outputs": OUTPUTS, "is_there": True, "run": []}

    def read(command: list[str], *, process_environment: object, folder: Path) -> str:
        assert command == ["terraform", "output", "-json", "-no-color"]
        assert process_environment == {"AWS_ENDPOINT_URL": URL}
        found["folder"] = folder
        return json.dumps({name: {"value": value} for name, value in found["outputs"].items()})

    monkeypatch.setattr(deployment, "state_is_in_bucket", lambda _: found["is_there"])
    monkeypatch.setattr(toolchain, "terraform", lambda: "terraform")
    monkeypatch.setattr(toolchain, "output_of", read)
    for name in ("synthesize", "init"):
        monkeypatch.setattr(rehearse, name, lambda *_, name=name: found["run"].append(name))
    return found


def test_a_stacks_outputs_are_read_where_it_was_initialized(
    deployed: dict[str, Any], emulated: Workspace
) -> None:
    assert rehearse.deployed_outputs(emulated, "seed-tickets") == OUTPUTS
    assert deployed["run"] == ["synthesize", "init"]
    assert deployed["folder"] == emulated.stack_folder("seed-tickets")
    (deployed["folder"] / ".terraform").mkdir(parents=True)
    assert rehearse.deployed_outputs(emulated, "seed-tickets") == OUTPUTS
    assert deployed["run"] == ["synthesize", "init"]


@pytest.mark.parametrize(
    ("outputs", "is_there", "told"),
    [
        (OUTPUTS, False, "seed-tickets is not deployed: run `dms-stream deploy --env seed --emul"),
        ({}, True, "seed-tickets is not deployed"),
        ({"delivery_stream_name": "x"}, True, "seed-tickets is not deployed"),
        ({"replication_arn": "x"}, True, r"seed-tickets has no delivery stream \(delivery_stream:"),
    ],
)
def test_what_cannot_be_rehearsed_is_refused(
    deployed: dict[str, Any],
    emulated: Workspace,
    outputs: dict[str, str],
    is_there: bool,
    told: str,
) -> None:
    deployed.update(outputs=outputs, is_there=is_there)
    with pytest.raises(CommandError, match=f"^{told}"):
        rehearse.deployed_outputs(emulated, "seed-tickets")
    assert bool(deployed["run"]) is is_there


def test_what_a_command_line_leaves_out_is_usual() -> None:
    assert rehearse.data_plane_options(None) == DataPlaneOptions()
    given = rehearse.data_plane_options(None, time_scale=0.5, purchases=0, seed=9)
    assert given == DataPlaneOptions(None, 0, 9, 0.5)


def test_a_database_is_looked_at_before_anything_is_started(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[DatabaseAddress] = []
    monkeypatch.setattr(rehearse, "source_name", asked.append)
    monkeypatch.setenv("MYSQL_PWD", "hidden")
    given = rehearse.data_plane_options("mysql://dms@db.example.org:3307")
    assert given.database == DatabaseAddress("db.example.org", 3307, "dms", "hidden")
    assert asked == [given.database]
