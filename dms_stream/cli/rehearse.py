"""`dms-stream rehearse` and `dms-stream check-source`."""

import json
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.table import Table
from rich.text import Text

from dms_stream import local_aws
from dms_stream.cli import deployment, toolchain
from dms_stream.cli.errors import CommandError
from dms_stream.cli.outputs import require_file
from dms_stream.cli.terraform_runner import init, synthesize
from dms_stream.cli.workspace import (
    Workspace,
    emulator_folder,
    open_workspace,
    start_embedded_aws,
    stop_embedded_aws,
)
from dms_stream.rehearsal.date_check import check_dates
from dms_stream.rehearsal.result import Check, RehearsalResult
from dms_stream.rehearsal.run import Rehearsal, rehearse
from dms_stream.rehearsal.source.check import check_source, source_name
from dms_stream.rehearsal.source.database import PASSWORD_VARIABLE, DatabaseAddress
from dms_stream.settings.editing import replace_text, with_value
from dms_stream.settings.environment import environment_of_text

_STYLES = {"pass": "green", "warn": "yellow", "fail": "red"}


@dataclass(frozen=True)
class RehearsalOptions:
    """What the command line says of a rehearsal.

    Attributes:
        database: URL of the user's database; None: one of our own with the sample.
        purchases: Rows of the sample's largest table.
        changes: Changes made to it.
        seed: Of both.
        watch: How long to capture changes of the user's own database.
        report: File for the page; None: none.
        keep: Whether an embedded AWS that was started here stays up.
        fills_workload: Whether the mean record that was measured goes into the settings.
    """

    database: str | None = None
    purchases: int = 10_000
    changes: int = 2_000
    seed: int = 1
    watch: timedelta = timedelta(0)
    report: Path | None = None
    keep: bool = False
    fills_workload: bool = False


def run_check_source(console: Console, database: str, *, as_json: bool = False) -> bool:
    """Show whether a database can be a source of DMS, as a table or as JSON.

    Returns:
        Whether nothing failed.

    Raises:
        DmsStreamError: the database cannot be reached.
    """
    address = _address(database)
    checks = [*check_source(address), *check_dates(address)]
    if as_json:
        judged = [
            {"outcome": each.outcome, "check": each.name, "found": each.detail, "fix": each.fix}
            for each in checks
        ]
        document = {"source": source_name(address), "checks": judged}
        sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
    else:
        console.print(checks_table(source_name(address), checks))
    return all(check.outcome != "fail" for check in checks)


def checks_table(title: str, checks: Sequence[Check]) -> Table:
    """Checks as a table, with what to do about those that did not pass."""
    table = Table(title=title, title_justify="left", expand=False)
    for column in ("", "Check", "Found", "What to do"):
        table.add_column(column, overflow="fold")
    for check in checks:
        style = _STYLES[check.outcome]
        table.add_row(Text(check.outcome, style), check.name, check.detail, check.fix)
    return table


def run_rehearsal(
    console: Console, env: str | None, pipelines: list[str] | None, options: RehearsalOptions
) -> bool:
    """Rehearse pipelines of an environment on the embedded AWS.

    One that runs is used as it is; otherwise it is started, everything is deployed to it, and it
    is stopped at the end.

    Returns:
        Whether every verdict is that nothing differs.

    Raises:
        DmsStreamError: something is refused, or broke.
    """
    if options.report is not None:
        require_file(options.report, option="--report ")
    address = _address(options.database) if options.database else None
    toolchain.terraform()
    ours = local_aws.current(emulator_folder()) is None
    if ours:
        region = open_workspace(env, emulated=True, needs_aws=False).settings.region
        console.rule("The embedded AWS")
        console.print(f"started at {start_embedded_aws(region).url}")
    finished = False
    try:
        workspace = open_workspace(env, emulated=True)
        stacks = workspace.pipeline_stacks(pipelines)
        if options.fills_workload:
            _require_workloads(workspace, stacks)
        if ours:
            deployment.Deployment(workspace, approved=True, console=console).deploy(stacks)
        results = []
        for stack in stacks:
            console.rule(f"Rehearsal: {stack}")
            results.append(rehearse_stack(console, workspace, stack, options, address))
            show_result(console, results[-1], options.report)
            if options.fills_workload:
                _fill_workload(console, workspace, results[-1])
        finished = True
        return all(result.passed for result in results)
    except KeyboardInterrupt:
        console.print(
            "stopped; nothing is lost: "
            + (
                "the embedded AWS started for it is stopped too, so run the same command again to "
                "start over (with --keep it stays up, and the rehearsal continues where it was)"
                if ours and not options.keep
                else "run the same command again to continue from the last checkpoint"
            )
        )
        raise
    finally:
        if ours and not options.keep:
            stop_embedded_aws()
            console.print("the embedded AWS is stopped; nothing is left running")
        elif ours and finished:
            console.print("the embedded AWS stays up: end it with `dms-stream local-aws stop`")


def _require_workloads(workspace: Workspace, stacks: Sequence[str]) -> None:
    for stack in stacks:
        name = stack.removeprefix(f"{workspace.name}-")
        if workspace.settings.pipelines[name].workload is None:
            raise CommandError(
                f"{workspace.file}: --fill-workload sets pipelines.{name}.workload.bytes_per_row, "
                "and there is no workload: add it with mean_rows_per_second, peak_rows_per_second, "
                "tables and a guess of bytes_per_row"
            )


def _fill_workload(console: Console, workspace: Workspace, result: RehearsalResult) -> None:
    if not result.bytes_per_record:
        console.print("workload.bytes_per_row stays: this run put no record on the stream")
        return
    file = workspace.file
    path = ["pipelines", result.pipeline, "workload", "bytes_per_row"]
    text = with_value(file.read_text(encoding="utf-8"), path, result.bytes_per_record, file=file)
    environment_of_text(text, file)
    replace_text(file, text)
    console.print(
        f"{file}: workload.bytes_per_row of {result.pipeline} is {result.bytes_per_record}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def rehearse_stack(
    console: Console,
    workspace: Workspace,
    stack: str,
    options: RehearsalOptions,
    database: DatabaseAddress | None = None,
) -> RehearsalResult:
    """Rehearse one deployed pipeline.

    Args:
        console: Where to write what goes on.
        workspace: Its environment.
        stack: Id of its stack.
        options: How much to move.
        database: The user's database; None: one of our own with the sample.

    Raises:
        DmsStreamError: something is refused, or broke.
    """
    outputs = deployed_outputs(workspace, stack)
    rehearsal = Rehearsal(
        environment=workspace.name,
        pipeline=stack.removeprefix(f"{workspace.name}-"),
        task_arn=outputs["replication_arn"],
        delivery_stream=outputs["delivery_stream_name"],
        process_environment=workspace.process_environment,
        folder=emulator_folder() / "rehearsal" / stack,
        database=database,
        purchases=options.purchases,
        changes=options.changes,
        seed=options.seed,
        watch=options.watch,
        glue_database=outputs.get("database_name"),
    )
    return rehearse(
        rehearsal, on_progress=lambda text: console.print(text, markup=False, highlight=False)
    )


def rehearse_rows(console: Console, workspace: Workspace, stack: str) -> RehearsalResult:
    """The rows of `dms-stream demo`: a small rehearsal of a pipeline that was just deployed.

    Raises:
        CommandError: what landed is not what the source holds.
        DmsStreamError: something is refused, or broke.
    """
    from dms_stream.cli.landed_query import show_query

    began = time.monotonic()
    result = rehearse_stack(console, workspace, stack, RehearsalOptions())
    show_result(console, result, None)
    console.rule("A query over what landed in S3")
    show_query(console, result, workspace.s3().meta.client)
    console.print(f"rows in {time.monotonic() - began:.0f} s")
    if not result.passed:
        raise CommandError(f"what landed of {stack} is not what its source holds: see above")
    return result


def show_result(console: Console, result: RehearsalResult, report: Path | None) -> None:
    """Show a verdict, and write its page if one is asked for."""
    from dms_stream.rehearsal.report import print_report, write_page

    print_report(result, console)
    if report is not None:
        write_page(result, report)
        console.print(f"report: {report}", soft_wrap=True)


def deployed_outputs(workspace: Workspace, stack: str) -> dict[str, str]:
    """The outputs of a pipeline that is deployed.

    Raises:
        CommandError: it is not.
    """
    outputs: dict[str, str] = {}
    # an embedded AWS that was started for another environment has no such bucket
    if deployment.state_is_in_bucket(workspace):
        folder = workspace.stack_folder(stack)
        if not (folder / ".terraform").exists():
            synthesize(workspace)
            init(workspace, stack)
        text = toolchain.output_of(
            [toolchain.terraform(), "output", "-json", "-no-color"],
            process_environment=workspace.process_environment,
            folder=folder,
        )
        outputs = {name: output["value"] for name, output in json.loads(text).items()}
    if not {"replication_arn", "delivery_stream_name"} <= set(outputs):
        raise CommandError(
            f"{stack} is not deployed: run `dms-stream deploy --env {workspace.name} --emulated "
            "--yes` first, or stop the embedded AWS and let this command do it"
        )
    return outputs


def _address(url: str) -> DatabaseAddress:
    return DatabaseAddress.from_url(url, password=os.environ.get(PASSWORD_VARIABLE))
