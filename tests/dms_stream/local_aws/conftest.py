"""One embedded AWS for these tests, empty at the start of each."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import pytest

from dms_stream.local_aws import LocalAws
from dms_stream.local_aws import client as client_of
from tests.support.dms_account import DmsAccount

Client = Any
"""A boto3 client: the types of most services are not installed."""


@pytest.fixture(scope="package")
def server() -> Iterator[LocalAws]:
    """The embedded AWS, shared."""
    with LocalAws() as running:
        yield running


@pytest.fixture
def aws(server: LocalAws) -> LocalAws:
    """The embedded AWS, empty."""
    server.reset()
    return server


@pytest.fixture(scope="package")
def shared_clients(server: LocalAws) -> Callable[[str], Client]:
    """boto3 clients by service, each made once: making one takes longer than most tests."""
    return cache(lambda service: client_of(service, server.url))


@pytest.fixture
def client(aws: LocalAws, shared_clients: Callable[[str], Client]) -> Callable[[str], Client]:
    """boto3 clients by service, of an embedded AWS that is empty."""
    assert aws.url
    return shared_clients


@pytest.fixture
def account(client: Callable[[str], Client]) -> DmsAccount:
    """An account."""
    return DmsAccount(client)
