"""The commands that look along the way of the records: connections, logs, stream and bucket."""

from typing import Annotated

import typer

from dms_stream.cli.options import (
    EmulatedOption,
    EnvironmentOption,
    JsonOption,
    PipelinesOption,
)
from dms_stream.extras import require_extras

observing_app = typer.Typer()


@observing_app.command("test-connections")
def connections(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    emulated: EmulatedOption = False,
    json_: JsonOption = False,
) -> None:
    """Let DMS test whether it reaches source and target, from where the task runs.

    Exit code 1 when it does not.

    Example: dms-stream test-connections --env production --pipeline orders
    """
    require_extras("aws")
    from dms_stream.cli.console import open_console
    from dms_stream.cli.observing_commands import run_test_connections

    if not run_test_connections(
        open_console(stderr=json_), env, pipeline, emulated=emulated, as_json=json_
    ):
        raise typer.Exit(1)


@observing_app.command()
def logs(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    only: Annotated[
        str | None,
        typer.Option(metavar="LOG", help="Only this log: task or delivery. Default: both."),
    ] = None,
    since: Annotated[
        str, typer.Option(metavar="DURATION", help="How far back, such as 30m, 6h or 2d.")
    ] = "1h",
    errors: Annotated[bool, typer.Option("--errors", help="Only errors.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    emulated: EmulatedOption = False,
    json_: JsonOption = False,
) -> None:
    """Show what the task and the delivery log.

    With --json each event is a line.

    Example: dms-stream logs --env production --pipeline orders --errors --follow
    """
    require_extras("aws")
    from dms_stream.cli.console import open_console
    from dms_stream.cli.observing_commands import run_logs

    run_logs(
        open_console(),
        env,
        pipeline,
        only=only,
        since=since,
        errors_only=errors,
        following=follow,
        emulated=emulated,
        as_json=json_,
    )


@observing_app.command()
def peek(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help="How many records.")] = 10,
    tables: Annotated[
        list[str] | None,
        typer.Option(
            "--table", metavar="TABLE", help="Only of this schema.table; can be repeated."
        ),
    ] = None,
    operations: Annotated[
        list[str] | None,
        typer.Option(
            "--operation",
            metavar="OPERATION",
            help="Only load, insert, update, delete or control; can be repeated.",
        ),
    ] = None,
    emulated: EmulatedOption = False,
    json_: JsonOption = False,
) -> None:
    """Show the latest records of the stream, decoded, the newest last.

    Nothing is taken off the stream.

    Example: dms-stream peek --env production --table dms_sample.tickets --operation update
    """
    require_extras("aws")
    from dms_stream.cli.console import open_console
    from dms_stream.cli.observing_commands import run_peek

    run_peek(
        open_console(),
        env,
        pipeline,
        most=count,
        tables=tables or [],
        operations=operations or [],
        emulated=emulated,
        as_json=json_,
    )


@observing_app.command()
def landed(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    errors: Annotated[
        bool, typer.Option("--errors", help="What could not be delivered, and why.")
    ] = False,
    count: Annotated[
        int, typer.Option("--count", "-n", min=1, help="How many objects and records to show.")
    ] = 5,
    emulated: EmulatedOption = False,
    json_: JsonOption = False,
) -> None:
    """Show what has landed in S3: objects, sizes, a sample; or why records did not.

    Example: dms-stream landed --env production --pipeline orders --errors
    """
    require_extras("aws")
    from dms_stream.cli.console import open_console
    from dms_stream.cli.observing_commands import run_landed

    run_landed(
        open_console(), env, pipeline, errors=errors, most=count, emulated=emulated, as_json=json_
    )
