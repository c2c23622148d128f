"""One embedded AWS for these tests, empty at the start of each."""

from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest

from local_aws import REGION, LocalAws

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


@pytest.fixture
def client(aws: LocalAws) -> Callable[[str], Client]:
    """boto3 clients by service."""

    def make(service: str) -> Client:
        session = boto3.Session(
            aws_access_key_id="local-aws", aws_secret_access_key="local-aws", region_name=REGION
        )
        return session.client(service, endpoint_url=aws.url)  # type: ignore[call-overload]

    return make
