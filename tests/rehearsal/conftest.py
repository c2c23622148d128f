"""A real database, an embedded AWS, and a schema and a pipeline for each test."""

import json
import uuid
from collections.abc import Iterator
from typing import Any

import pytest

import local_aws
from rehearsal.database import Connection, connected, execute
from rehearsal.local_database import LocalDatabase
from tests.rehearsal.pipelines import Pipeline, Source
from tests.unit.rehearsal.delivery_setup import ROLE, session


@pytest.fixture(scope="session")
def database(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalDatabase]:
    """One for all tests."""
    with LocalDatabase(tmp_path_factory.mktemp("database")) as database:
        yield database


@pytest.fixture(scope="session")
def aws_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """One for all tests, in a process of its own."""
    folder = tmp_path_factory.mktemp("aws")
    try:
        yield local_aws.start(folder).url
    finally:
        local_aws.stop(folder)


@pytest.fixture(scope="session")
def aws_role(aws_url: str) -> str:
    """A role for everything."""
    iam: Any = session().client("iam", endpoint_url=aws_url)
    made = iam.create_role(RoleName="rehearsal", AssumeRolePolicyDocument=json.dumps(ROLE))
    return str(made["Role"]["Arn"])


@pytest.fixture
def pipeline(aws_url: str, aws_role: str) -> Pipeline:
    """Nothing yet: call deploy."""
    return Pipeline(aws_url, aws_role)


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
