"""The CDKTF app: an environment's settings become its stacks' Terraform JSON.

`cdktf` runs this file. The environment is the variable ENV, else the context `environment` of
cdktf.json. `dms-stream … --env NAME` sets ENV.
"""

import json
import os
import sys
from pathlib import Path

from constructs_lib.errors import DmsStreamError
from stacks.app import build_app
from stacks.settings import environment_file, load_environment

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
    configuration = Path(__file__).with_name("cdktf.json").read_text(encoding="utf-8")
    default = json.loads(configuration)["context"]["environment"]
    return str(json.loads(context).get("environment", default))


def main() -> None:
    """Synthesize the chosen environment into CDKTF's output folder."""
    path = environment_file(chosen_environment())
    environment = load_environment(path)
    if os.environ.get(EMULATED_VARIABLE):
        environment = environment.model_copy(update={"emulated": True})
    bootstrap_state = os.environ.get(BOOTSTRAP_STATE_VARIABLE)
    build_app(
        path.stem,
        environment,
        bootstrap_state=Path(bootstrap_state) if bootstrap_state else None,
    ).synth()


if __name__ == "__main__":
    try:
        main()
    except DmsStreamError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
