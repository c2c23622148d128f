"""A fleet of pipelines, the seed's settings in a stack each: `fleet.py PIPELINES OUTDIR`."""

import sys

from constructs_lib.bindings import cdktf
from dms_stream.settings.environment import environment_file, load_environment
from stacks.app import build_app


def main(pipelines: int, outdir: str) -> None:
    """Synthesize an app of so many pipelines, and its bootstrap stack."""
    seed = load_environment(environment_file("seed"))
    (tickets,) = seed.pipelines.values()
    fleet = {f"pipeline-{number}": tickets for number in range(pipelines)}
    environment = seed.model_copy(update={"pipelines": fleet})
    build_app("fleet", environment, app=cdktf.App(outdir=outdir)).synth()


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
