"""What `query` and `assess` do: ask, wait, and show."""

import sys
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dms_stream.cli.aws_access import aws_errors
from dms_stream.cli.errors import CommandError
from dms_stream.cli.json_output import print_json
from dms_stream.cli.operable import Operable, open_operable
from dms_stream.extras import require_extras
from dms_stream.hanging_text import column_lines, fits, print_whole
from dms_stream.operations.assessment import FOLDER, AssessmentRun, assess
from dms_stream.operations.athena import Answer, ask, require_reading
from dms_stream.operations.deployed import DeployedPipeline

_RESULTS = "athena-results/"
_STYLES = {"passed": "green", "warning": "yellow"}


def run_query(
    console: Console,
    environment: str | None,
    pipelines: list[str] | None,
    sql: str | None,
    *,
    most: int,
    emulated: bool,
    as_json: bool,
) -> None:
    """Ask about what landed of one pipeline.

    Raises:
        DmsStreamError: it has no table, or the query is refused.
    """
    operable = open_operable(environment, pipelines, "athena", "glue", emulated=emulated)
    pipeline = operable.only
    if pipeline.database is None:
        raise CommandError(
            f"{pipeline.name}: has no Glue table to query: set data_catalog in the settings"
        )
    statement = _statement(sql, pipeline)
    require_reading(statement)
    with aws_errors(), console.status("asking"):
        answer = _asked(operable, pipeline, pipeline.database[0], statement, most)
    if as_json:
        print_json(answer)
    else:
        show_answer(console, answer)


def _statement(sql: str | None, pipeline: DeployedPipeline) -> str:
    if sql == "-":
        return sys.stdin.read()
    return pipeline.output("example_query") if sql is None else sql


def _asked(
    operable: Operable, pipeline: DeployedPipeline, database: str, sql: str, most: int
) -> Answer:
    if operable.workspace.settings.emulated:
        require_extras("rehearsal")
        from dms_stream.cli.embedded_query import ask_embedded

        clients = operable.clients
        return ask_embedded(
            clients["s3"], clients["glue"], pipeline, sql, database=database, most=most
        )
    # a workgroup of the pipeline's own says itself where the results go
    output = (
        f"s3://{pipeline.bucket_name}/{_RESULTS}"
        if pipeline.workgroup is None and pipeline.bucket_name
        else None
    )
    return ask(
        operable.clients["athena"],
        sql,
        database=database,
        workgroup=pipeline.workgroup,
        output=output,
        most=most,
    )


def show_answer(console: Console, answer: Answer) -> None:
    """Show the rows, as a table where one fits, and what they took."""
    table = Table()
    for name in answer.columns:
        table.add_column(Text(name), no_wrap=True)
    for row in answer.rows:
        table.add_row(*map(_cell, row))
    if fits(console, table):
        print_whole(console, table)
    else:
        _show_rows(console, answer)
    rows = f"{len(answer.rows):,} row{'s'[: len(answer.rows) != 1]}"
    count = rows + ("" if answer.is_all else " and more (--limit)")
    scanned = (
        ""
        if answer.scanned_bytes is None
        else f", {answer.scanned_bytes / 1024**2:,.2f} MiB scanned"
    )
    cost = "" if answer.usd is None else f", about ${answer.usd:.5f}"
    console.print(f"{count}{scanned}{cost}, {answer.seconds:.1f} s", soft_wrap=True)


def _show_rows(console: Console, answer: Answer) -> None:
    """A row below the other, a line for each column: a table would break their values up."""
    for number, row in enumerate(answer.rows, start=1):
        console.print(Text(f"row {number:,}", "bold"))
        named = zip(answer.columns, map(_cell, row), strict=True)
        for line in column_lines(
            [(Text(f"  {name}", "dim"), cell) for name, cell in named], width=console.width
        ):
            console.print(line, soft_wrap=True)


def _cell(value: object) -> Text:
    return Text("NULL", "dim") if value is None else Text(str(value))


def run_assess(
    console: Console,
    environment: str | None,
    pipelines: list[str] | None,
    *,
    role: str | None,
    bucket: str | None,
    only: list[str] | None,
    emulated: bool,
    as_json: bool,
) -> bool:
    """Let DMS assess one pipeline's task.

    Returns:
        Whether nothing failed.

    Raises:
        DmsStreamError: it could not be asked.
    """
    operable = open_operable(environment, pipelines, "dms", emulated=emulated)
    pipeline = operable.only
    if operable.workspace.settings.emulated:
        raise CommandError(
            "the embedded AWS assesses nothing: `dms-stream check-source` looks at a database, and "
            "`dms-stream preflight` at an account"
        )
    where = bucket or pipeline.bucket_name
    if where is None:
        raise CommandError(f"{pipeline.name}: has no landing bucket: name one with --bucket")
    # the pipeline's own role may write into its own bucket only
    own = pipeline.assessment_role_arn if where == pipeline.bucket_name else None
    role = role or own
    # a serverless one is refused for another reason
    if role is None and not pipeline.replicator.is_serverless:
        raise CommandError(_without_role(where, pipeline, is_own_bucket=bucket is None))
    with aws_errors(), console.status("DMS assesses"):
        run = assess(
            operable.clients["dms"], pipeline, role_arn=role or "", bucket=where, only=only or None
        )
    if as_json:
        print_json(run)
    else:
        _show_run(console, run)
    return run.is_good


def _without_role(where: str, pipeline: DeployedPipeline, *, is_own_bucket: bool) -> str:
    own = (
        "set replication.premigration_assessments to true in the settings and deploy, which makes "
        "one; or "
        if is_own_bucket
        else ""
    )
    return (
        f"{pipeline.name}: DMS needs a role to write what it finds into S3: {own}name one of yours "
        "with --role. It trusts dms.amazonaws.com, may s3:GetBucketLocation and s3:ListBucket on "
        f"arn:aws:s3:::{where}, and s3:PutObject, s3:PutObjectTagging, s3:GetObject and "
        f"s3:DeleteObject on arn:aws:s3:::{where}/{FOLDER}/*; where a customer key encrypts the "
        "bucket, also kms:GenerateDataKey and kms:Decrypt with it "
        "(https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.AssessmentReport."
        "Prerequisites.html)"
    )


def _show_run(console: Console, run: AssessmentRun) -> None:
    for line in column_lines(
        [
            (Text(each.status, _STYLES.get(each.status, "bold red")), Text(each.name))
            for each in run.assessments
        ],
        width=console.width,
    ):
        console.print(line, soft_wrap=True)
    problem = f": {run.failure}" if run.failure else ""
    text: Any = Text.assemble(
        (run.status, _STYLES.get(run.status, "bold red")), f"{problem}; details in {run.results}"
    )
    console.print(text, soft_wrap=True)
