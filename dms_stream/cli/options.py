"""Options that several commands take."""

from typing import Annotated

import typer

EnvironmentOption = Annotated[
    str | None,
    typer.Option(
        "--env",
        metavar="NAME|FILE",
        help="Environment: a file of environments/ without .yaml, or a YAML file's path. "
        "Default: the variable ENV, else the context `environment` of cdktf.json.",
    ),
]
PipelinesOption = Annotated[
    list[str] | None,
    typer.Option("--pipeline", help="Only this pipeline; can be repeated. Default: all."),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Approve without being asked.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Print it as JSON, for a program.")]
EmulatedOption = Annotated[
    bool,
    typer.Option("--emulated", help="Use the embedded AWS, whatever the settings say."),
]
ConfirmOption = Annotated[
    str | None,
    typer.Option(
        "--confirm",
        metavar="ENVIRONMENT",
        help="The environment's name, in place of typing it: an environment that is marked "
        "`production: true` takes no --yes.",
    ),
]
