"""The commands that act on a source: prepare it for DMS, and change its sample data."""

from typing import Annotated

import typer

from dms_stream.cli.options import (
    ConfirmOption,
    EmulatedOption,
    EnvironmentOption,
    JsonOption,
    PipelinesOption,
    YesOption,
)
from dms_stream.extras import require_extras

preparing_app = typer.Typer()

SourceOption = Annotated[
    str | None,
    typer.Option(
        "--database",
        metavar="URL",
        help="The source, as a user who may do this: mysql://admin@host:3306, the password in the "
        "variable MYSQL_PWD. Default: the RDS Data API of the pipeline's own cluster.",
    ),
]


@preparing_app.command("prepare-source")
def prepare_source(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    database: SourceOption = None,
    show: Annotated[bool, typer.Option("--show", help="Show the SQL, and run nothing.")] = False,
    yes: YesOption = False,
    confirm: ConfirmOption = None,
    emulated: EmulatedOption = False,
    json_: JsonOption = False,
) -> None:
    """Let a source keep its binary log, and give DMS a user with the least rights.

    It shows the SQL and asks before it is run. The user's password is drawn into a secret and never
    shown. The settings then name that secret; the next deployment lets DMS log in with it.

    Example: dms-stream prepare-source --env production --pipeline orders
    """
    require_extras("aws", *(("rehearsal",) if database else ()))
    from dms_stream.cli.console import open_console
    from dms_stream.cli.preparing_commands import run_prepare_source

    if not run_prepare_source(
        open_console(stderr=json_),
        env,
        pipeline,
        database=database,
        only_show=show,
        yes=yes,
        confirm=confirm,
        emulated=emulated,
        as_json=json_,
    ):
        raise typer.Exit(1)


@preparing_app.command()
def activity(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    database: SourceOption = None,
    rate: Annotated[
        int, typer.Option(min=1, max=1_000, help="About how many changes a second.")
    ] = 10,
    seconds: Annotated[int, typer.Option(min=1, max=3_600, help="How long.")] = 60,
    yes: YesOption = False,
    confirm: ConfirmOption = None,
    emulated: EmulatedOption = False,
    json_: JsonOption = False,
) -> None:
    """Sell and transfer tickets in the sample database dms_sample of a source; asks first.

    It knows AWS's sample by its stored procedures, and our own.

    Example: dms-stream activity --env seed --rate 20 --seconds 120
    """
    require_extras("aws", *(("rehearsal",) if database else ()))
    from dms_stream.cli.console import open_console
    from dms_stream.cli.preparing_commands import run_activity

    if not run_activity(
        open_console(stderr=json_),
        env,
        pipeline,
        database=database,
        rate=rate,
        seconds=seconds,
        yes=yes,
        confirm=confirm,
        emulated=emulated,
        as_json=json_,
    ):
        raise typer.Exit(1)
