"""The CDKTF app: an environment's settings become its stacks' Terraform JSON.

`cdktf` runs this file. The environment is the variable ENV, else the context `environment` of
cdktf.json. `dms-stream … --env NAME` sets ENV.
"""

import os
import sys
from pathlib import Path

from constructs_lib.errors import DmsStreamError
from dms_stream.settings.choice import (
    BOOTSTRAP_STATE_VARIABLE,
    EMULATED_VARIABLE,
    chosen_environment,
    chosen_version,
)
from dms_stream.settings.environment import environment_file, load_environment
from dms_stream.settings.project import find_project
from stacks.app import build_app


def main() -> None:
    """Synthesize the chosen environment into CDKTF's output folder."""
    path = environment_file(chosen_environment())
    environment = load_environment(path, version=chosen_version())
    if os.environ.get(EMULATED_VARIABLE):
        environment = environment.model_copy(update={"emulated": True})
    bootstrap_state = os.environ.get(BOOTSTRAP_STATE_VARIABLE)
    project = find_project()
    build_app(
        path.stem,
        environment,
        context=project.context if project else None,
        bootstrap_state=Path(bootstrap_state) if bootstrap_state else None,
    ).synth()


if __name__ == "__main__":
    try:
        main()
    except DmsStreamError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
