"""Where this package was installed from, as a new project's Pipfile names it.

pip writes that down for what did not come from an index: https://peps.python.org/pep-0610/
"""

import json
from importlib.metadata import PackageNotFoundError, distribution
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from dms_stream import __version__


def pipfile_requirement() -> dict[str, Any]:
    """The value of `dms-stream` in a Pipfile, without its extras."""
    try:
        written = distribution("dms-stream").read_text("direct_url.json")
    except PackageNotFoundError:  # a checkout that runs without being installed
        return {"path": str(Path(__file__).resolve().parents[2]), "editable": True}
    return {"version": f"=={__version__}"} if written is None else _requirement(json.loads(written))


def _requirement(direct_url: dict[str, Any]) -> dict[str, Any]:
    url = direct_url["url"]
    if vcs := direct_url.get("vcs_info"):
        return {vcs["vcs"]: url, "ref": vcs["commit_id"]}
    if "dir_info" in direct_url:
        return {"path": unquote(urlsplit(url).path), "editable": True}
    return {"file": url}
