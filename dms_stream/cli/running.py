"""The commands that look at a replication and run it: status, start, stop, resume, reload."""

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

running_app = typer.Typer()

WaitOption = Annotated[
    bool, typer.Option("--wait/--no-wait", help="Whether to wait until it runs.")
]


@running_app.command()
def status(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    watch: Annotated[bool, typer.Option("--watch", help="Look again until Ctrl-C.")] = False,
    every: Annotated[
        int, typer.Option(min=1, metavar="SECONDS", help="Time between two looks, with --watch.")
    ] = 5,
    emulated: EmulatedOption = False,
    json_: JsonOption = False,
) -> None:
    """Show how deployed pipelines are, what is wrong with them and what to do about it.

    Task, tables, lag, stream, delivery, alarms and the last errors on one screen. Exit code 1 when
    somebody has to act.

    Example: dms-stream status --env production --pipeline orders --watch
    """
    require_extras("aws")
    from dms_stream.cli.console import open_console
    from dms_stream.cli.status_screen import run_status

    if not run_status(
        open_console(), env, pipeline, watch=watch, every=every, emulated=emulated, as_json=json_
    ):
        raise typer.Exit(1)


@running_app.command()
def start(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    reload: Annotated[
        bool, typer.Option("--reload", help="Load all tables anew; asks first.")
    ] = False,
    wait: WaitOption = True,
    yes: YesOption = False,
    confirm: ConfirmOption = None,
    emulated: EmulatedOption = False,
    json_: JsonOption = False,
) -> None:
    """Start replications: the first time, or on from where they stopped.

    One that runs is left alone.

    Example: dms-stream start --env production --pipeline orders
    """
    require_extras("aws")
    from dms_stream.cli.console import open_console
    from dms_stream.cli.running_commands import run_begin

    if not run_begin(
        open_console(stderr=json_),
        env,
        pipeline,
        mode="reload" if reload else "start",
        wait=wait,
        yes=yes,
        confirm=confirm,
        emulated=emulated,
        as_json=json_,
    ):
        raise typer.Exit(1)


@running_app.command()
def resume(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    wait: WaitOption = True,
    emulated: EmulatedOption = False,
    json_: JsonOption = False,
) -> None:
    """Go on with replications from where they stopped or failed.

    Example: dms-stream resume --env production --pipeline orders
    """
    require_extras("aws")
    from dms_stream.cli.console import open_console
    from dms_stream.cli.running_commands import run_begin

    run_begin(
        open_console(stderr=json_),
        env,
        pipeline,
        mode="resume",
        wait=wait,
        yes=True,
        confirm=None,
        emulated=emulated,
        as_json=json_,
    )


@running_app.command()
def stop(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    drain: Annotated[
        bool, typer.Option("--drain", help="Wait until what is on the stream has landed in S3.")
    ] = False,
    yes: YesOption = False,
    confirm: ConfirmOption = None,
    emulated: EmulatedOption = False,
    json_: JsonOption = False,
) -> None:
    """Stop replications; asks first.

    Nothing is lost as long as the source keeps its binary log: `dms-stream resume` goes on.

    Example: dms-stream stop --env production --pipeline orders --drain
    """
    require_extras("aws")
    from dms_stream.cli.console import open_console
    from dms_stream.cli.running_commands import run_end

    if not run_end(
        open_console(stderr=json_),
        env,
        pipeline,
        drain=drain,
        yes=yes,
        confirm=confirm,
        emulated=emulated,
        as_json=json_,
    ):
        raise typer.Exit(1)


@running_app.command()
def reload(
    tables: Annotated[
        list[str], typer.Argument(metavar="TABLE", help="schema.table, as on the source.")
    ],
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    yes: YesOption = False,
    confirm: ConfirmOption = None,
    emulated: EmulatedOption = False,
    json_: JsonOption = False,
) -> None:
    """Load tables anew while changes go on; asks first.

    Every row of them comes onto the stream and into S3 once more.

    Example: dms-stream reload dms_sample.tickets --env production --pipeline orders
    """
    require_extras("aws")
    from dms_stream.cli.console import open_console
    from dms_stream.cli.running_commands import run_reload

    if not run_reload(
        open_console(stderr=json_),
        env,
        pipeline,
        tables,
        yes=yes,
        confirm=confirm,
        emulated=emulated,
        as_json=json_,
    ):
        raise typer.Exit(1)
