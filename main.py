"""The CDKTF app: an environment's settings become its stacks' Terraform JSON.

`cdktf` runs this file. The environment is the variable ENV, else the context `environment` of
cdktf.json. `dms-stream … --env NAME` sets ENV.
"""

import os
import sys

from constructs_lib.errors import DmsStreamError
from dms_stream.settings.choice import (
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
    project = find_project()
    context = project.context if project else None
    build_app(path.stem, environment, context=context).synth()


if __name__ == "__main__":
    try:
        main()
    except DmsStreamError as error:
        sys.stderr.write(f"error: {error}\n")
        sys.exit(2)
