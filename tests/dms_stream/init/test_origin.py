"""A new project's Pipfile names dms-stream as it was installed."""

import json
from importlib.metadata import PackageNotFoundError
from typing import Any

import pytest

from dms_stream import __version__
from dms_stream.init import origin
from tests.support.checkout import ROOT


class Installed:
    """A distribution as importlib.metadata shows it."""

    def __init__(self, direct_url: Any) -> None:
        self._direct_url = direct_url

    def read_text(self, name: str) -> str | None:
        assert name == "direct_url.json"
        return None if self._direct_url is None else json.dumps(self._direct_url)


@pytest.mark.parametrize(
    ("direct_url", "requirement"),
    [
        (None, {"version": f"=={__version__}"}),
        (
            {
                "url": "https://git.example.org/dms-stream.git",
                "vcs_info": {"vcs": "git", "requested_revision": "main", "commit_id": "c0ffee"},
            },
            {"git": "https://git.example.org/dms-stream.git", "ref": "c0ffee"},
        ),
        (
            {"url": "file:///home/me/dms%20stream", "dir_info": {"editable": True}},
            {"path": "/home/me/dms stream", "editable": True},
        ),
        (
            {"url": "https://files.example.org/dms_stream-0.1.0-py3-none-any.whl"}
            | {"archive_info": {}},
            {"file": "https://files.example.org/dms_stream-0.1.0-py3-none-any.whl"},
        ),
    ],
    ids=["index", "git", "folder", "file"],
)
def test_it_is_what_pip_wrote_down(
    monkeypatch: pytest.MonkeyPatch, direct_url: Any, requirement: dict[str, Any]
) -> None:
    monkeypatch.setattr(origin, "distribution", lambda _: Installed(direct_url))
    assert origin.pipfile_requirement() == requirement


def test_a_checkout_that_is_not_installed_names_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> Any:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(origin, "distribution", missing)
    assert origin.pipfile_requirement() == {"path": str(ROOT), "editable": True}
