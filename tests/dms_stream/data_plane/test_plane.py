"""What the data plane does when the API asks for it, and what it tells beside the API.

Its children are played; with real ones: test_tasks.py, test_deliveries.py.
"""

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from threading import enumerate as enumerate_threads
from typing import Any, ClassVar, cast

import pytest
from moto.moto_api._internal import urls

from dms_stream.data_plane import delivery_run, task_run
from dms_stream.data_plane import plane as plane_module
from dms_stream.data_plane.options import DataPlaneOptions
from dms_stream.data_plane.plane import Plane
from dms_stream.data_plane.routes import add_routes
from dms_stream.local_aws import REGION, LocalAws, data_plane
from dms_stream.local_aws.data_plane_client import DataPlaneClient
from dms_stream.local_aws.errors import LocalAwsError
from dms_stream.rehearsal.errors import SourceError
from dms_stream.rehearsal.source.database import DatabaseAddress
from tests.support.delivery_setup import Deployed, clients_of
from tests.support.dms_account import DmsAccount
from tests.support.pipelines import Json, make_role
from tests.support.played_children import TABLES, Deliverer, checkpoint, ready
from tests.support.waiting import until

pytestmark = pytest.mark.slow

GIVEN = DatabaseAddress("given", 3306, "dms", "secret")
NAMED = DatabaseAddress("named", 3307, "dms", "secret")


class Engine:
    """A task's process, which runs until it is stopped.

    Attributes:
        made: All of them.
    """

    made: ClassVar[list["Engine"]]

    def __init__(self, arn: str, database: DatabaseAddress, **given: Any) -> None:
        self.arn, self.database, self.given = arn, database, given
        self.written: list[Json] = []
        self.is_over = Flag()
        self.made.append(self)
        self.say(ready(process_id=70 + len(self.made)))

    def say(self, event: Json) -> None:
        """It says something."""
        self.given["on_event"](event)

    def wait(self, _: object) -> int:
        """How it ended."""
        assert self.is_over.wait(10)
        return 0

    def write(self, document: Json) -> None:
        """It is told something."""
        self.written.append(document)

    def stop(self) -> None:
        """End it."""
        self.is_over.set()


class Keeper:
    """The keeper of the database of our own.

    Attributes:
        made: All of them.
        error: Why the next one does not start.
    """

    made: ClassVar[list["Keeper"]]
    error: ClassVar[SourceError | None]
    source = DatabaseAddress("own", 3308, "dms", "secret")
    pid = 9

    def __init__(self, folder: Path, options: DataPlaneOptions, **given: Any) -> None:
        if self.error:
            raise self.error
        self.folder, self.options, self.given = folder, options, given
        self.is_alive = True
        self.made.append(self)

    def stop(self) -> None:
        """End it."""
        self.is_alive = False


@pytest.fixture
def engines(monkeypatch: pytest.MonkeyPatch) -> list[Engine]:
    """The processes of tasks."""
    monkeypatch.setattr(task_run, "EngineProcess", Engine)
    monkeypatch.setattr(Engine, "made", [], raising=False)
    return Engine.made


@pytest.fixture
def keepers(monkeypatch: pytest.MonkeyPatch) -> list[Keeper]:
    """The processes that keep the database of our own."""
    monkeypatch.setattr(plane_module, "OwnDatabase", Keeper)
    monkeypatch.setattr(Keeper, "made", [], raising=False)
    monkeypatch.setattr(Keeper, "error", None, raising=False)
    return Keeper.made


@pytest.fixture
def deliverers(monkeypatch: pytest.MonkeyPatch) -> type[Deliverer]:
    """The processes of deliveries."""
    monkeypatch.setattr(delivery_run, "DeliveryProcess", Deliverer)
    for name in ("codes", "started", "written"):
        monkeypatch.setattr(Deliverer, name, [], raising=False)
    return Deliverer


class Attached:
    """Whatever plane a test has attached: moto makes its routes once a server."""

    plane: Plane

    def __getattr__(self, name: str) -> Any:
        return getattr(self.plane, name)


_ATTACHED = Attached()


Begin = Callable[..., Plane]


@pytest.fixture
def begin(
    tmp_path: Path,
    aws: LocalAws,
    monkeypatch: pytest.MonkeyPatch,
    engines: list[Engine],  # noqa: ARG001
    keepers: list[Keeper],  # noqa: ARG001
    deliverers: type[Deliverer],  # noqa: ARG001
) -> Iterator[Begin]:
    """Attach a data plane to this process's server."""
    begun: list[Plane] = []
    # other tests of this process have servers without a data plane
    monkeypatch.setattr(urls, "url_paths", dict(urls.url_paths))

    def attach(**options: Any) -> Plane:
        plane = Plane(aws.url, tmp_path / "plane", DataPlaneOptions(**options))
        data_plane.attach(plane)
        _ATTACHED.plane = plane
        add_routes(cast("Plane", _ATTACHED))
        begun.append(plane)
        return plane

    yield attach
    # what the account still holds is stopped without a data plane
    data_plane.attach(None)
    for plane in begun:
        plane.close()


@pytest.fixture
def asking(aws: LocalAws) -> DataPlaneClient:
    """Asks the data plane over HTTP."""
    return DataPlaneClient(aws.url)


def started(account: DmsAccount, engines: list[Engine], **task: Any) -> tuple[str, Engine]:
    """A task that runs, and its process."""
    arn = account.task(**task)
    account.start(arn)
    until(lambda: len(engines) == 1 and account.status() == "running")
    return arn, engines[0]


def delivering(aws: LocalAws, deliverers: type[Deliverer]) -> tuple[Deployed, str]:
    """A delivery stream whose delivery runs, and its ARN."""
    deployed = Deployed(clients_of(aws), make_role(aws.url))
    deployed.deploy()
    until(lambda: len(deliverers.started) == 1)
    described = deployed.clients.firehose.describe_delivery_stream(DeliveryStreamName=deployed.name)
    return deployed, described["DeliveryStreamDescription"]["DeliveryStreamARN"]


# Tasks


def test_a_task_is_started_loads_again_and_stops_as_it_is_told(
    begin: Begin, account: DmsAccount, engines: list[Engine], tmp_path: Path
) -> None:
    plane = begin(database=GIVEN)
    arn, engine = started(account, engines)
    assert (engine.arn, engine.database) == (arn, GIVEN)
    assert engine.given["progress_path"] == tmp_path / "plane/tasks" / arn[-26:] / "task.json"
    assert engine.given["process_environment"]["AWS_REGION"] == REGION
    assert engine.given["ends_in_newline"] is False
    assert plane.tasks[arn].process_id == 71
    account.dms.reload_tables(
        ReplicationTaskArn=arn, TablesToReload=[{"SchemaName": "shop", "TableName": "seats"}]
    )
    assert engine.written == [{"reload": ["shop.seats"]}]
    account.dms.stop_replication_task(ReplicationTaskArn=arn)
    until(lambda: account.status() == "stopped")
    assert engine.is_over.is_set()


def test_only_one_that_resumes_goes_on_with_what_was_moved(
    begin: Begin, account: DmsAccount, engines: list[Engine]
) -> None:
    plane = begin(database=GIVEN)
    arn, engine = started(account, engines)
    engine.say({"event": "pulse", "counts": {"shop.seats": {"load": 4}}})
    for kind, kept in (("resume-processing", 4), ("reload-target", 0), ("resume-processing", 0)):
        account.dms.stop_replication_task(ReplicationTaskArn=arn)
        until(lambda: account.status() == "stopped")
        before = len(engines)
        account.start(arn, kind)
        until(lambda: account.status() == "running")
        assert len(engines) == before + 1
        counts = plane.tasks[arn].counts
        assert counts.get("shop.seats", {}).get("load", 0) == kept


def test_one_is_not_started_before_its_process_of_before_has_ended(
    begin: Begin, account: DmsAccount, engines: list[Engine]
) -> None:
    begin(database=GIVEN)
    arn, engine = started(account, engines)
    engine.stop = lambda: None  # type: ignore[method-assign]
    # a change that restarts the instance's tasks
    instance = account.dms.describe_replication_instances()["ReplicationInstances"][0]
    account.dms.modify_replication_instance(
        ReplicationInstanceArn=instance["ReplicationInstanceArn"],
        ReplicationInstanceClass="dms.t3.large",
        ApplyImmediately=True,
    )
    assert not Flag().wait(0.2)
    assert len(engines) == 1
    engine.is_over.set()
    until(lambda: len(engines) == 2)
    assert engines[1].arn == arn


def test_what_is_deleted_is_forgotten_and_not_heard_of_again(
    begin: Begin, account: DmsAccount, engines: list[Engine]
) -> None:
    plane = begin(database=GIVEN)
    heard: list[Any] = []

    class Hears:
        def task_changed(self, state: Any, event: Any) -> None:
            heard.append((state.arn, event and event["event"]))

        def delivery_changed(self, state: Any, event: Any) -> None:
            """Nothing."""

    plane.observers.append(Hears())
    arn, engine = started(account, engines)
    assert heard[-1] == (arn, "ready")
    plane.name_source(arn, NAMED)
    plane.forget_task(arn)
    until(engine.is_over.is_set)
    assert plane.tasks == {}
    # its end comes late
    until(lambda: not _threads(f"task {arn}"))
    assert heard[-1] == (arn, "ready")
    assert plane.source_in_use(arn) == GIVEN
    for gone in (plane.stop_task, plane.forget_task, plane.end_delivery, plane.change_delivery):
        gone("arn:aws:dms:eu-central-1:123456789012:task:NEVER")
    plane.reload_tables(arn, TABLES)
    plane.drain(arn, 1)


# What a task reads


def test_what_was_named_for_a_task_comes_before_what_was_given(
    begin: Begin, account: DmsAccount, engines: list[Engine], asking: DataPlaneClient
) -> None:
    plane = begin(database=GIVEN)
    arn = account.task()
    assert plane.source_in_use(arn) == GIVEN
    asking.name_source(arn, vars(NAMED), ends_in_newline=True)
    assert plane.source_in_use(arn) == NAMED
    account.start(arn)
    until(lambda: len(engines) == 1)
    assert engines[0].database == NAMED
    assert engines[0].given["ends_in_newline"] is True
    asking.name_source(arn, None)
    assert plane.source_in_use(arn) == GIVEN


def test_the_database_of_our_own_starts_when_it_is_needed_and_again_when_it_died(
    begin: Begin, account: DmsAccount, engines: list[Engine], keepers: list[Keeper], tmp_path: Path
) -> None:
    plane = begin(purchases=7, seed=3)
    database = plane.database
    assert (database.source, database.process_id, database.address) == (None, None, None)
    arn, engine = started(account, engines)
    (keeper,) = keepers
    assert engine.database == keeper.source == plane.source_in_use(arn)
    assert (database.source, database.process_id, database.address) == (
        keeper.source,
        9,
        "own:3308",
    )
    assert (keeper.folder, keeper.options) == (tmp_path / "plane/database", plane.options)
    assert keeper.given["with_sample"] is True
    assert keeper.given["process_environment"]["AWS_REGION"] == REGION
    assert database.started() == keeper.source
    assert len(keepers) == 1
    keeper.is_alive = False
    assert (database.source, database.process_id, database.address) == (None, None, None)
    assert plane.source_in_use(arn) is None
    database.start()
    assert len(keepers) == 2
    # it has its rows
    assert keepers[1].given["with_sample"] is False
    database.stop()
    assert keepers[1].is_alive is False


def test_a_database_that_does_not_start_fails_the_task_and_says_why(
    begin: Begin,
    account: DmsAccount,
    keepers: list[Keeper],
    asking: DataPlaneClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    begin()
    monkeypatch.setattr(Keeper, "error", SourceError("no room"))
    account.start(account.task())
    until(lambda: account.status() == "failed")
    (task,) = account.dms.describe_replication_tasks()["ReplicationTasks"]
    assert task["LastFailureMessage"] == "no room"
    with pytest.raises(LocalAwsError, match=r"^no room$"):
        asking.started_database()
    monkeypatch.setattr(Keeper, "error", None)
    folder = asking.started_database()
    assert folder == keepers[0].folder
    told = asking.status()["database"]
    assert told == {
        "folder": str(folder),
        "address": "own:3308",
        "is_ours": True,
        "problem": "",
        "process_id": 9,
    }


# Deliveries


def test_a_delivery_runs_from_its_streams_creation_to_its_end(
    begin: Begin, deliverers: type[Deliverer], aws: LocalAws, tmp_path: Path
) -> None:
    plane = begin(database=GIVEN, time_scale=0.5)
    deployed, arn = delivering(aws, deliverers)
    (given,) = deliverers.started
    assert (given["name"], given["time_scale"]) == (deployed.name, 0.5)
    folder = tmp_path / "plane/deliveries" / deployed.name
    assert given["checkpoint_path"] == folder / "delivery.json"
    environment = given["process_environment"]
    assert environment["AWS_REGION"] == REGION
    # it is the stream's role
    assert environment["AWS_SESSION_TOKEN"]
    until(lambda: plane.deliveries[arn].status == "running")
    firehose = deployed.clients.firehose
    described = firehose.describe_delivery_stream(DeliveryStreamName=deployed.name)
    firehose.update_destination(
        DeliveryStreamName=deployed.name,
        CurrentDeliveryStreamVersionId=described["DeliveryStreamDescription"]["VersionId"],
        DestinationId="destinationId-000000000001",
        ExtendedS3DestinationUpdate={"Prefix": "other/"},
    )
    until(lambda: len(deliverers.started) == 2)
    assert plane.deliveries[arn].changes == 1
    until(lambda: plane.deliveries[arn].process_id == 7)
    deployed.remove()
    assert plane.deliveries == {}
    until(lambda: not _threads(f"delivery {deployed.name}"))
    assert len(deliverers.started) == 2


def test_a_drain_has_a_number_that_the_delivery_says_again(
    begin: Begin, deliverers: type[Deliverer], aws: LocalAws, asking: DataPlaneClient
) -> None:
    begin(database=GIVEN)
    deployed, arn = delivering(aws, deliverers)
    until(lambda: asking.delivery(deployed.name)["status"] == "running")
    until(lambda: bool(_threads(f"delivery {deployed.name}")))
    numbers = [asking.drain(arn), asking.drain(arn)]
    assert numbers == [1, 2]
    until(lambda: {"drain": 2} in deliverers.written)
    assert asking.drain("arn:aws:firehose:eu-central-1:123456789012:deliverystream/none") == 3
    assert {"drain": 3} not in deliverers.written


# What is asked beside the API


def test_everything_that_runs_is_told(
    begin: Begin,
    account: DmsAccount,
    engines: list[Engine],
    deliverers: type[Deliverer],
    aws: LocalAws,
    asking: DataPlaneClient,
) -> None:
    plane = begin(database=GIVEN, time_scale=0.25)
    arn, engine = started(account, engines)
    deployed, stream = delivering(aws, deliverers)
    until(lambda: plane.deliveries[stream].process_id == 7)
    engine.say(checkpoint(facts={"names": {"a": "b"}}))
    for key in ("a", "b"):
        put = {"records": 2, "bytes": 20, "is_error": False, "waiting_since": None}
        deliverers.started[0]["on_event"]({"event": "put", "key": key, **put})
    found = asking.status()
    task, delivery = plane.tasks[arn].summary(), plane.deliveries[stream].summary()
    assert found == {
        "tasks": [json.loads(json.dumps(task))],
        "deliveries": [delivery],
        "database": {
            "folder": str(plane.database.folder),
            "address": "given:3306",
            "is_ours": False,
            "problem": "",
            "process_id": None,
        },
        "alarms": [],
        "time_scale": 0.25,
    }
    assert (task["sent"], delivery["objects"]) == (5, 2)
    assert asking.task(arn) == found["tasks"][0]
    assert asking.task(arn, with_facts=True) == {
        **found["tasks"][0],
        "facts": {"names": {"a": "b"}},
    }
    assert asking.delivery(deployed.name) == delivery
    assert [put["key"] for put in asking.puts(stream)] == ["a", "b"]
    assert [put["key"] for put in asking.puts(stream, after=1)] == ["b"]


def test_what_never_ran_is_nothing(begin: Begin, asking: DataPlaneClient) -> None:
    begin(database=GIVEN)
    never = "arn:aws:dms:eu-central-1:123456789012:task:NEVER"
    assert asking.task(never) is None
    assert asking.task(never, with_facts=True) is None
    assert asking.puts(never) == []
    with pytest.raises(LocalAwsError, match="runs no delivery for never"):
        asking.delivery("never")


# The end


def test_an_account_that_is_emptied_has_nothing_that_runs(
    begin: Begin,
    account: DmsAccount,
    engines: list[Engine],
    deliverers: type[Deliverer],
    aws: LocalAws,
) -> None:
    plane = begin(database=GIVEN)
    _, engine = started(account, engines)
    deployed, _ = delivering(aws, deliverers)
    aws.reset()
    assert (plane.tasks, plane.deliveries) == ({}, {})
    until(engine.is_over.is_set)
    until(lambda: not _threads(f"delivery {deployed.name}"))


def test_closing_ends_everything_and_waits_for_it(
    begin: Begin,
    account: DmsAccount,
    engines: list[Engine],
    keepers: list[Keeper],
    deliverers: type[Deliverer],
    aws: LocalAws,
) -> None:
    plane = begin()
    arn, engine = started(account, engines)
    deployed, _ = delivering(aws, deliverers)
    plane.close()
    assert engine.is_over.is_set()
    assert account.status() == "stopped"
    assert not _threads(f"task {arn}")
    assert not _threads(f"delivery {deployed.name}")
    assert keepers[0].is_alive is False


def test_what_an_earlier_server_ran_is_gone_and_its_database_is_not(
    begin: Begin, tmp_path: Path
) -> None:
    for kind in ("tasks", "deliveries", "database"):
        (tmp_path / "plane" / kind / "old").mkdir(parents=True)
    begin()
    assert [path.name for path in (tmp_path / "plane").iterdir()] == ["database"]
    assert (tmp_path / "plane/database/old").is_dir()


def _threads(name: str) -> list[Thread]:
    return [each for each in enumerate_threads() if each.name == name]
