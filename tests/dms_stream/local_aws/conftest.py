"""One embedded AWS for these tests, empty at the start of each."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import boto3
import pytest

from dms_stream.local_aws import REGION, LocalAws
from tests.support.account import Account

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
    session = boto3.Session(
        aws_access_key_id="local-aws", aws_secret_access_key="local-aws", region_name=REGION
    )

    @cache
    def make(service: str) -> Client:
        return session.client(service, endpoint_url=server.url)  # type: ignore[call-overload]

    return make


@pytest.fixture
def client(aws: LocalAws, shared_clients: Callable[[str], Client]) -> Callable[[str], Client]:
    """boto3 clients by service, of an embedded AWS that is empty."""
    assert aws.url
    return shared_clients


@pytest.fixture
def account(client: Callable[[str], Client]) -> Account:
    """An account."""
    return Account(client)
