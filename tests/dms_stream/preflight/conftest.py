"""An account on the embedded AWS, empty at the start of each test, and settings to check in it."""

import re
from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

import boto3
import pytest
from syrupy.assertion import SnapshotAssertion

from dms_stream.local_aws import LocalAws, process_environment
from dms_stream.preflight.account import Account, Json
from dms_stream.preflight.check import Result
from dms_stream.settings.environment import Environment

REGION = "eu-west-1"
OWNER = "123456789012"
"""The number that the embedded AWS gives its account."""


@pytest.fixture(scope="package")
def server() -> Iterator[LocalAws]:
    """The embedded AWS, shared."""
    with LocalAws() as running:
        yield running


@pytest.fixture(scope="package")
def clients(server: LocalAws) -> Callable[[str], Any]:
    """boto3's clients, each made once."""
    session = boto3.Session(
        aws_access_key_id="local-aws", aws_secret_access_key="local-aws", region_name=REGION
    )
    return cache(lambda service: session.client(service, endpoint_url=server.url))


@pytest.fixture
def aws(server: LocalAws, clients: Callable[[str], Any]) -> Callable[[str], Any]:
    """boto3's clients of an account that is empty."""
    server.reset()
    return clients


def settings(pipeline: dict[str, Any] | None = None, **top: Any) -> Environment:
    """An environment with one pipeline, `tickets`."""
    whole = {
        "source": {"kind": "new"},
        "replication": {
            "table_mappings": {"tables": ["dms_sample.person"]},
            "source_endpoint": {"tls": {"kind": "none"}},
        },
        "monitoring": None,
        "data_catalog": None,
        **(pipeline or {}),
    }
    if whole["source"]["kind"] != "existing":
        whole["source"] = {"tls_required": False, **whole["source"]}
    return Environment.model_validate(
        {
            "region": REGION,
            "account_ids": [OWNER],
            "state": {"bucket_name": "example-state"},
            "pipelines": {"tickets": whole},
            **top,
        }
    )


@pytest.fixture
def account_of(
    server: LocalAws,
    aws: Callable[[str], Any],  # noqa: ARG001  the account is empty
) -> Callable[..., Account]:
    """Makes an `Account` of settings, on the embedded AWS."""

    def make(environment_settings: Environment, stacks: dict[str, Json] | None = None) -> Account:
        whole = {"trial-bootstrap": {}, "trial-tickets": {}, **(stacks or {})}
        return Account(
            environment_settings,
            whole,
            {stack: f"trial/{stack}.tfstate" for stack in whole},
            process_environment(server.url, region=REGION),
        )

    return make


_RANDOM = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[a-z]+-[0-9a-f]{8,17}\b")


@pytest.fixture
def words(monkeypatch: pytest.MonkeyPatch, snapshot: SnapshotAssertion) -> Iterator[None]:
    """All that the checks of a test say, whole: where, what, and what to do.

    `--snapshot-update` takes other words.
    """
    said: list[str] = []
    make = Result.__init__

    def record(self: Result, *values: Any, **named: Any) -> None:
        make(self, *values, **named)
        said.append(f"{self.outcome} {self.where}: {self.found} -> {self.fix}")

    monkeypatch.setattr(Result, "__init__", record)
    yield
    assert [_RANDOM.sub("ID", line) for line in said] == snapshot
