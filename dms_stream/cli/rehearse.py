"""`dms-stream rehearse`."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from pathlib import Path

from rich.console import Console

from dms_stream import local_aws
from dms_stream.cli import deployment, toolchain
from dms_stream.cli.check_source import read_address
from dms_stream.cli.errors import CommandError
from dms_stream.cli.json_output import print_json
from dms_stream.cli.outputs import require_file
from dms_stream.cli.stand_ins import show_stand_ins
from dms_stream.cli.terraform_runner import Terminal, init, synthesize
from dms_stream.cli.versions import deploy_version, read_versions
from dms_stream.cli.workspace import (
    Workspace,
    emulator_folder,
    open_workspace,
    start_embedded_aws,
    stop_embedded_aws,
)
from dms_stream.data_plane import DataPlaneOptions
from dms_stream.data_plane.options import DEFAULT_PURCHASES, DEFAULT_SEED, DEFAULT_TIME_SCALE
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.report.document import as_document
from dms_stream.rehearsal.result import RehearsalResult
from dms_stream.rehearsal.run import Rehearsal, rehearse
from dms_stream.rehearsal.sample import names_for
from dms_stream.rehearsal.source.check import source_name
from dms_stream.rehearsal.source.database import DatabaseAddress
from dms_stream.settings.editing import with_value
from dms_stream.settings.environment import environment_of_text
from dms_stream.whole_file import write_whole


@dataclass(frozen=True)
class RehearsalOptions:
    """What the command line says of a rehearsal.

    Attributes:
        database: URL of the user's database; None: one of our own with the sample.
        purchases: Rows of the sample's largest table; None: see `Rehearsal`.
        changes: Changes made to it; None: see `Rehearsal`.
        seed: Of both.
        watch: How long to capture changes of the user's own database.
        report: File for the page; None: none.
        keep: Whether an embedded AWS that was started here stays up.
        as_json: Whether the verdicts are printed as JSON, and nothing else on standard output.
        fills_workload: Whether the mean record that was measured goes into the settings.
        then: Other versions of the settings, deployed one after another while changes keep coming.
    """

    database: str | None = None
    purchases: int | None = None
    changes: int | None = None
    seed: int = 1
    watch: timedelta = timedelta(0)
    report: Path | None = None
    keep: bool = False
    as_json: bool = False
    fills_workload: bool = False
    then: tuple[Path, ...] = ()


def run_rehearsal(
    console: Console, env: str | None, pipelines: list[str] | None, options: RehearsalOptions
) -> bool:
    """Rehearse pipelines of an environment on the embedded AWS.

    One that runs is used as it is; otherwise it is started, everything is deployed to it, which
    starts the tasks, and it is stopped at the end.

    Returns:
        Whether every verdict is that nothing differs.

    Raises:
        DmsStreamError: something is refused, or broke.
    """
    planned = open_workspace(env, emulated=True, needs_aws=False)
    stacks = planned.pipeline_stacks(pipelines)
    pages = _pages(options.report, stacks, planned)
    for page in filter(None, pages.values()):
        require_file(page, option="--report ")
    address = read_address(options.database) if options.database else None
    versions = read_versions(planned, options.then, stacks)
    toolchain.terraform()
    ours = local_aws.current(emulator_folder()) is None
    if address is None:
        for version in (planned, *versions):
            _require_sample(version, stacks)
    if ours:
        console.rule("The embedded AWS")
        plane = data_plane_options(options.database, purchases=options.purchases, seed=options.seed)
        console.print(f"started at {start_embedded_aws(planned.settings, plane).url}")
        show_stand_ins(console, planned.settings)
    finished = False
    try:
        workspace = open_workspace(env, emulated=True)
        if options.fills_workload:
            _require_workloads(workspace, stacks)
        screen = Terminal(stderr=options.as_json)
        if ours:
            deployment.Deployment(workspace, approved=True, console=console, screen=screen).deploy(
                stacks
            )
        results = []
        for stack in stacks:
            console.rule(f"Rehearsal: {stack}")
            result = rehearse_stack(console, workspace, stack, options, address)
            results.append(_then(console, workspace, versions, stack, result, options, screen))
            show_result(console, results[-1], pages[stack])
            if options.fills_workload:
                _fill_workload(console, workspace, results[-1])
        if options.as_json:
            print_json([as_document(result) for result in results])
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


def _then(
    console: Console,
    workspace: Workspace,
    versions: Sequence[Workspace],
    stack: str,
    result: RehearsalResult,
    options: RehearsalOptions,
    screen: Terminal,
) -> RehearsalResult:
    """Deploy the other versions, one after another."""
    address = read_address(options.database) if options.database else None
    before = workspace
    for planned in versions:
        version = replace(
            planned, process_environment=workspace.process_environment, folder=workspace.folder
        )
        again = RehearsalOptions(
            options.database, changes=0 if address is None else None, seed=options.seed
        )
        result = deploy_version(
            console,
            version,
            stack,
            result,
            before=before,
            screen=screen,
            outputs=deployed_outputs(before, stack),
            is_sample=address is None,
            compare=partial(rehearse_stack, console, version, stack, again, address),
        )
        before = version
    return result


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
    write_whole(file, text)
    console.print(
        f"{file}: workload.bytes_per_row of {result.pipeline} is {result.bytes_per_record}",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


def _pages(
    report: Path | None, stacks: Sequence[str], workspace: Workspace
) -> dict[str, Path | None]:
    """The page of each stack's verdict: one of several has the pipeline's name in its own."""
    if report is None or len(stacks) == 1:
        return dict.fromkeys(stacks, report)
    names = {stack: stack.removeprefix(f"{workspace.name}-") for stack in stacks}
    return {
        stack: report.with_name(f"{report.stem}-{name}{report.suffix}")
        for stack, name in names.items()
    }


def _require_sample(workspace: Workspace, stacks: Sequence[str]) -> None:
    """Refuse, before the deployment, rules that the sample cannot stand in for."""
    for stack in stacks:
        pipeline = stack.removeprefix(f"{workspace.name}-")
        try:
            names_for(workspace.settings.pipelines[pipeline].replication.table_mappings)
        except RehearsalError as error:
            where = f"pipelines.{pipeline}.replication.table_mappings"
            file = workspace.version or workspace.file
            raise CommandError(f"{file}: {where}: {error}") from None


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
    """What the stack's outputs say of the deployed pipeline.

    Raises:
        CommandError: it is not deployed, or delivers nothing.
        StepFailedError: Terraform refused.
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
    if "replication_arn" in outputs and "delivery_stream_name" not in outputs:
        raise CommandError(
            f"{stack} has no delivery stream (delivery_stream: null), and the rehearsal follows "
            "rows from the database to S3: rehearse a pipeline that delivers"
        )
    if "replication_arn" not in outputs:
        raise CommandError(
            f"{stack} is not deployed: run `dms-stream deploy --env {workspace.name} --emulated "
            "--yes` first, or stop the embedded AWS and let this command do it"
        )
    return outputs


def data_plane_options(
    database: str | None,
    *,
    time_scale: float | None = None,
    purchases: int | None = None,
    seed: int = DEFAULT_SEED,
) -> DataPlaneOptions:
    """What a command line says of the data plane of an embedded AWS.

    Args:
        database: URL of the database that stands in for sources; None: one of our own.
        time_scale: Factor on buffer intervals; None: the default.
        purchases: Rows of the sample's largest table; None: the default.
        seed: Of the sample.

    Raises:
        DmsStreamError: the database does not answer.
    """
    address = read_address(database) if database else None
    if address is not None:
        source_name(address)  # said now, and not by a task that fails later
    return DataPlaneOptions(
        address,
        purchases=DEFAULT_PURCHASES if purchases is None else purchases,
        seed=seed,
        time_scale=DEFAULT_TIME_SCALE if time_scale is None else time_scale,
    )
