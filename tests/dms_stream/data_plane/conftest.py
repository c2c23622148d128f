"""An embedded AWS that moves rows, the database that it reads, and a pipeline for each test.

And one in the test's own process, which moves none.
"""

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from dms_stream import data_plane, local_aws
from dms_stream.rehearsal.source.local_database import LocalDatabase
from tests.dms_stream.local_aws.conftest import Client, account, aws, client
from tests.dms_stream.rehearsal.conftest import connection, database, source
from tests.support.alive import LivePipeline
from tests.support.pipelines import make_role

__all__ = ["account", "aws", "client", "connection", "database", "source"]


# for a file each: of the package's, one that is imported would last for the whole session
@pytest.fixture(scope="module")
def server() -> Iterator[local_aws.LocalAws]:
    """The embedded AWS in this process, shared by a file."""
    with local_aws.LocalAws() as running:
        yield running


@pytest.fixture(scope="module")
def shared_clients(server: local_aws.LocalAws) -> Callable[[str], Client]:
    """boto3 clients by service."""
    return cache(lambda service: local_aws.client(service, server.url))


@pytest.fixture(scope="session")
def alive_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the one for all tests."""
    return tmp_path_factory.mktemp("alive")


@pytest.fixture(scope="session")
def alive(alive_folder: Path, database: LocalDatabase) -> Iterator[local_aws.Endpoint]:
    """One for all tests, in a process of its own."""
    options = data_plane.DataPlaneOptions(database=database.dms_address, time_scale=0.001)
    try:
        yield data_plane.start(alive_folder, options)
    finally:
        local_aws.stop(alive_folder)


@pytest.fixture(scope="session")
def alive_role(alive: local_aws.Endpoint) -> str:
    """A role for everything."""
    return make_role(alive.url)


@pytest.fixture
def pipeline(alive: local_aws.Endpoint, alive_role: str) -> Iterator[LivePipeline]:
    """Nothing yet: call deploy."""
    pipeline = LivePipeline(alive.url, alive_role)
    yield pipeline
    pipeline.remove()
