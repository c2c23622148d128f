"""Which environment is meant, and how the command line tells `main.py` what it knows."""

import json
import os
from pathlib import Path

from dms_stream.settings.project import ProjectError, current_project

# Set by `dms-stream … --emulated`: any environment, on the embedded AWS.
EMULATED_VARIABLE = "DMS_STREAM_EMULATED"
# Set by `dms-stream rehearse --then FILE`: a second version of the environment's settings.
VERSION_VARIABLE = "DMS_STREAM_VERSION"


def chosen_environment() -> str:
    """Name or file of the environment to synthesize.

    Raises:
        ProjectError: nothing names one, and there is no project to have a default.
    """
    if "ENV" in os.environ:
        # an empty one is refused: whoever set it did not mean the default
        return os.environ["ENV"]
    try:
        context = json.loads(os.environ.get("CDKTF_CONTEXT_JSON") or "{}")
    except ValueError:
        context = None
    if not isinstance(context, dict) or not isinstance(context.get("environment", ""), str):
        raise ProjectError(
            "the variable CDKTF_CONTEXT_JSON, which cdktf sets, must be a JSON object, and its "
            "`environment` a text: unset it, or choose an environment with --env"
        )
    if "environment" in context:
        return str(context["environment"])
    return current_project().default_environment


def chosen_version() -> Path | None:
    """The file that is read in place of the environment's own; None: its own is."""
    file = os.environ.get(VERSION_VARIABLE)
    return Path(file) if file else None
