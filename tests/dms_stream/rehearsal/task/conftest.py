"""An engine on a played source."""

from pathlib import Path

import pytest

from tests.support.played_source import Play


@pytest.fixture
def play(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Play:
    """Nothing yet: call `on` for a source."""
    return Play(tmp_path, monkeypatch)
