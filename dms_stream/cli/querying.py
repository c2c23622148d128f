"""The commands that ask about data and task: query, assess."""

from typing import Annotated

import typer

from dms_stream.cli.options import (
    EmulatedOption,
    EnvironmentOption,
    JsonOption,
    PipelinesOption,
)
from dms_stream.extras import require_extras

querying_app = typer.Typer()


@querying_app.command()
def query(
    sql: Annotated[
        str | None,
        typer.Argument(
            metavar="SQL",
            help="A SELECT in Athena's dialect, or - for standard input. Default: "
            "the example query of the deployment.",
        ),
    ] = None,
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    limit: Annotated[int, typer.Option(min=1, help="How many rows to show.")] = 100,
    emulated: EmulatedOption = False,
    json_: JsonOption = False,
) -> None:
    """Ask about what landed: Athena, with what it scanned and about what that costs.

    On the embedded AWS DuckDB answers the same statement over the same objects.

    Example: dms-stream query "SELECT count(*) FROM changes" --env production --pipeline orders
    """
    require_extras("aws")
    from dms_stream.cli.console import open_console
    from dms_stream.cli.querying_commands import run_query

    run_query(open_console(), env, pipeline, sql, most=limit, emulated=emulated, as_json=json_)


@querying_app.command()
def assess(
    env: EnvironmentOption = None,
    pipeline: PipelinesOption = None,
    role: Annotated[
        str | None,
        typer.Option(metavar="ARN", help="Role with which DMS writes the results into S3."),
    ] = None,
    bucket: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="Bucket for the results. Default: the landing bucket."),
    ] = None,
    only: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Only this assessment; can be repeated. Default: all."),
    ] = None,
    emulated: EmulatedOption = False,
    json_: JsonOption = False,
) -> None:
    """Let DMS assess source, target and task for what would go wrong (premigration assessment).

    Exit code 1 when something failed.

    Example: dms-stream assess --env seed --role arn:aws:iam::123456789012:role/dms-assessments
    """
    require_extras("aws")
    from dms_stream.cli.console import open_console
    from dms_stream.cli.querying_commands import run_assess

    if not run_assess(
        open_console(stderr=json_),
        env,
        pipeline,
        role=role,
        bucket=bucket,
        only=only,
        emulated=emulated,
        as_json=json_,
    ):
        raise typer.Exit(1)
