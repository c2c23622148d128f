"""Which Aurora clusters are measured, and what is reported; databases: test_reporting.py."""

import logging
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from dms_stream.data_plane import source_watch
from dms_stream.data_plane.plane import Plane
from dms_stream.data_plane.source_watch import SourceWatch
from dms_stream.local_aws import cloudwatch
from dms_stream.rehearsal.errors import SourceError
from dms_stream.rehearsal.source.database import DatabaseAddress
from tests.support.dms_account import DmsAccount
from tests.support.played_children import FaultyOnce
from tests.support.waiting import until

pytestmark = pytest.mark.slow

DATABASE = DatabaseAddress("db", 3306, "dms", "secret")
OTHER = DatabaseAddress("other", 3306, "dms", "secret")


@pytest.fixture
def cluster(account: DmsAccount) -> dict[str, Any]:
    """An Aurora cluster."""
    made = account.client("rds").create_db_cluster(
        DBClusterIdentifier="tickets",
        Engine="aurora-mysql",
        MasterUsername="admin",
        ManageMasterUserPassword=True,
    )
    found: dict[str, Any] = made["DBCluster"]
    return found


def reads(account: DmsAccount, **source: Any) -> str:
    """A task that reads from an endpoint."""
    return account.task(SourceEndpointArn=account.source(EndpointIdentifier="read", **source))


def measured(
    monkeypatch: pytest.MonkeyPatch, databases: dict[str, DatabaseAddress | None]
) -> dict[str, list[tuple[str, str, float, str]]]:
    """What a look at these tasks' databases reports, by cluster."""
    reported: dict[str, list[tuple[str, str, float, str]]] = {}

    def report(account: str, region: str, values: list[Any], *, at: float) -> None:
        assert (account, region) == ("123456789012", "eu-central-1")
        assert at > 0
        for each in values:
            assert each.namespace == "AWS/RDS"
            cluster, role = each.dimensions["DBClusterIdentifier"], each.dimensions["Role"]
            reported.setdefault(cluster, []).append((each.name, each.unit, each.value, role))

    def look(database: DatabaseAddress, _: object) -> Iterator[tuple[str, str, float]]:
        if database == OTHER:
            raise SourceError("it does not answer")
        yield "SumBinaryLogSize", "Bytes", 5

    monkeypatch.setattr(cloudwatch, "report", report)
    monkeypatch.setattr(source_watch, "_measured", look)
    plane = SimpleNamespace(tasks=dict.fromkeys(databases), source_in_use=databases.get)
    # the thread's first look is of an hour ahead; this one is the test's
    watch = SourceWatch(cast("Plane", plane), every_seconds=3600)
    watch._report()
    return reported


SEEN = [("SumBinaryLogSize", "Bytes", 5, "WRITER")]


@pytest.mark.parametrize("host", ["Endpoint", "ReaderEndpoint"])
def test_a_cluster_that_an_endpoint_names_is_measured(
    account: DmsAccount, cluster: dict[str, Any], monkeypatch: pytest.MonkeyPatch, host: str
) -> None:
    arn = reads(account, ServerName=cluster[host])
    assert measured(monkeypatch, {arn: DATABASE}) == {"tickets": SEEN}
    assert measured(monkeypatch, {arn: None}) == {}
    # one that does not answer has no metrics
    assert measured(monkeypatch, {arn: OTHER}) == {}


@pytest.mark.parametrize(
    ("secret", "seen"),
    [
        ('{"host": "HOST", "username": "dms"}', True),
        ('{"host": "elsewhere"}', False),
        ('{"username": "dms"}', False),
        ("no JSON", False),
        (None, False),
    ],
)
def test_so_is_one_that_the_endpoints_secret_names(
    account: DmsAccount,
    cluster: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    secret: str | None,
    seen: bool,
) -> None:
    if secret is not None:
        account.client("secretsmanager").create_secret(
            Name="dms", SecretString=secret.replace("HOST", cluster["Endpoint"])
        )
    arn = reads(
        account,
        MySQLSettings={
            "SecretsManagerSecretId": "dms",
            "SecretsManagerAccessRoleArn": "arn:aws:iam::123456789012:role/dms",
        },
    )
    assert measured(monkeypatch, {arn: DATABASE}) == ({"tickets": SEEN} if seen else {})


def test_what_names_no_cluster_or_is_gone_measures_none(
    account: DmsAccount, cluster: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cluster
    arn = reads(account, ServerName="db.example.com")
    assert measured(monkeypatch, {arn: DATABASE}) == {}
    account.dms.delete_replication_task(ReplicationTaskArn=arn)
    assert measured(monkeypatch, {arn: DATABASE}) == {}
    never = arn.replace(":task:", ":replication-config:")
    assert measured(monkeypatch, {never: DATABASE}) == {}


def test_a_serverless_replications_cluster_is_measured_too(
    account: DmsAccount, cluster: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    source = account.source(EndpointIdentifier="read", ServerName=cluster["Endpoint"])
    arn = account.config(SourceEndpointArn=source)
    assert measured(monkeypatch, {arn: DATABASE}) == {"tickets": SEEN}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_it_looks_again_whatever_happened(caplog: pytest.LogCaptureFixture) -> None:
    plane = FaultyOnce()
    with caplog.at_level(logging.ERROR):
        SourceWatch(cast("Plane", plane), every_seconds=0.01)
        until(lambda: plane.looks == 2)
    assert "metrics of sources" in caplog.text
