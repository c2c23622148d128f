"""The embedded AWS of these tests, and a pipeline on it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dms_stream.local_aws import LocalAws
from tests.dms_stream.local_aws.conftest import account, aws, client, server, shared_clients
from tests.support.dms_account import DmsAccount
from tests.support.operated import Operated, OperatingCommand

__all__ = ["account", "aws", "client", "server", "shared_clients"]

Operating = Callable[..., Operated]


@pytest.fixture
def operating(account: DmsAccount, aws: LocalAws, tmp_path: Path) -> Operating:
    """Makes the pipeline, with arguments for its replication."""

    def make(**replication: Any) -> Operated:
        assert aws.url
        return Operated(account, aws.url, tmp_path, **replication)

    return make


@pytest.fixture
def operated(operating: Operating) -> Operated:
    """The pipeline, on an instance and not started."""
    return operating()


@pytest.fixture
def dms_stream(monkeypatch: pytest.MonkeyPatch, operated: Operated) -> OperatingCommand:
    """The command line on this pipeline."""
    return OperatingCommand(monkeypatch, lambda: operated)
