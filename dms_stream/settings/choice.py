"""Which environment is meant, and how the command line tells `main.py` what it knows."""

import json
import os
from pathlib import Path

# Set by `dms-stream deploy` while the state bucket does not exist yet.
BOOTSTRAP_STATE_VARIABLE = "DMS_STREAM_BOOTSTRAP_STATE"
# Set by `dms-stream … --emulated`: any environment, on the embedded AWS.
EMULATED_VARIABLE = "DMS_STREAM_EMULATED"


def chosen_environment() -> str:
    """Name or file of the environment to synthesize."""
    if "ENV" in os.environ:
        # an empty one is refused: whoever set it did not mean the default
        return os.environ["ENV"]
    context = os.environ.get("CDKTF_CONTEXT_JSON") or "{}"
    configuration = Path(__file__).parents[2].joinpath("cdktf.json").read_text(encoding="utf-8")
    default = json.loads(configuration)["context"]["environment"]
    return str(json.loads(context).get("environment", default))
