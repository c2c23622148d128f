"""A real database, an embedded AWS, and a schema and a pipeline for each test."""

import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from dms_stream import data_plane, local_aws
from dms_stream.rehearsal.source.database import Connection, connected, execute
from dms_stream.rehearsal.source.local_database import LocalDatabase
from tests.support.alive import LivePipeline
from tests.support.pipelines import Pipeline, Source, make_role


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDatabase]:
    """One for all tests."""
    with LocalDatabase(tmp_path_factory.mktemp("database")) as database:
        yield database


@pytest.fixture(scope="session")
def aws_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of one for all tests, in a process of its own."""
    folder = tmp_path_factory.mktemp("aws")
    try:
        local_aws.start(folder)
        yield folder
    finally:
        local_aws.stop(folder)


@pytest.fixture(scope="session")
def aws_url(aws_folder: Path) -> str:
    """Where it answers."""
    return local_aws.start(aws_folder).url


@pytest.fixture(scope="session")
def aws_role(aws_url: str) -> str:
    """A role for everything."""
    return make_role(aws_url)


@pytest.fixture
def pipeline(aws_url: str, aws_role: str) -> Iterator[Pipeline]:
    """Nothing yet: call deploy."""
    pipeline = Pipeline(aws_url, aws_role)
    yield pipeline
    pipeline.delivery.remove()


@pytest.fixture(scope="session")
def live_aws_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The folder of an embedded AWS that moves rows, in a process of its own."""
    folder = tmp_path_factory.mktemp("live-aws")
    try:
        data_plane.start(folder)
        yield folder
    finally:
        local_aws.stop(folder)


@pytest.fixture(scope="session")
def live_aws_role(live_aws_folder: Path) -> str:
    """A role for everything on it."""
    return make_role(local_aws.start(live_aws_folder).url)


@pytest.fixture
def live_pipeline(live_aws_folder: Path, live_aws_role: str) -> Iterator[LivePipeline]:
    """Nothing yet, on the embedded AWS that moves rows: call deploy."""
    pipeline = LivePipeline(local_aws.start(live_aws_folder).url, live_aws_role)
    yield pipeline
    pipeline.remove()


@pytest.fixture
def connection(database: LocalDatabase) -> Iterator[Connection]:
    """As the administrator."""
    with connected(database.address) as connection:
        yield connection


@pytest.fixture
def source(database: LocalDatabase, connection: Connection) -> Iterator[Source]:
    """An empty schema, the connection's default."""
    schema = f"s_{uuid.uuid4().hex[:10]}"
    execute(connection, f"CREATE DATABASE {schema}")
    execute(connection, f"USE {schema}")
    yield Source(database.address, database.dms_address, schema)
    execute(connection, f"DROP DATABASE {schema}")
