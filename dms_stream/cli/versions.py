"""`dms-stream rehearse --then FILE`: another version of the settings, while changes keep coming."""

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from rich.console import Console

from constructs_lib.errors import Fault, SettingsError
from dms_stream.cli import deployment
from dms_stream.cli.afterwards import looking_afterwards
from dms_stream.cli.announced import Outcome, announced, unannounced
from dms_stream.cli.embedded import stand_in_database
from dms_stream.cli.errors import CommandError, StepFailedError
from dms_stream.cli.review import read_plans
from dms_stream.cli.terraform_runner import Screen
from dms_stream.cli.workspace import Workspace
from dms_stream.local_aws.data_plane_client import DataPlaneClient
from dms_stream.plural import plural
from dms_stream.rehearsal.result import RehearsalResult, Version
from dms_stream.rehearsal.sample import loaded_purchases, names_for
from dms_stream.rehearsal.source.database import connected
from dms_stream.rehearsal.version_watch import ChangingSample, Watch, watched
from dms_stream.review import Finding, Plan, Protection, protected_addresses, review_plans
from dms_stream.settings.environment import Environment, load_environment

# rows could not be followed across one of another name, and the comparison would say nothing
_FOLLOWED = frozenset(
    {
        *("aws_dms_replication_config", "aws_dms_replication_task", "aws_kinesis_stream"),
        *("aws_kinesis_firehose_delivery_stream", "aws_rds_cluster", "aws_s3_bucket"),
    }
)
_SETTLE_SECONDS = 20.0
_SEED = 1_000


def read_versions(
    workspace: Workspace, files: Sequence[Path], stacks: Sequence[str]
) -> list[Workspace]:
    """The settings of `--then`, before anything is deployed.

    Args:
        workspace: The environment as it is deployed first.
        files: Its other versions, in the order in which they are deployed.
        stacks: Ids of the stacks that are rehearsed.

    Returns:
        The environment in each of the versions.

    Raises:
        CommandError: one of them changes nothing, or what a rehearsal cannot follow.
        SettingsError: one of them is not there, or not valid.
    """
    if files:
        _require_running_tasks(workspace, stacks)
    versions, before = [], workspace
    for file in files:
        if not file.is_file():
            fault = Fault("file", "there is no such file; --then takes a settings file's path")
            raise SettingsError(str(file), [fault])
        settings = load_environment(workspace.file, version=file)
        settings = settings.model_copy(update={"emulated": workspace.settings.emulated})
        version = replace(workspace, settings=settings, version=file)
        _require_change(before, version, stacks)
        _require_running_tasks(version, stacks)
        versions.append(version)
        before = version
    return versions


def _file(workspace: Workspace) -> Path:
    return workspace.version or workspace.file


def _pipeline(workspace: Workspace, stack: str) -> str:
    return stack.removeprefix(f"{workspace.name}-")


def _require_running_tasks(workspace: Workspace, stacks: Sequence[str]) -> None:
    for stack in stacks:
        name = _pipeline(workspace, stack)
        replication = workspace.settings.pipelines[name].replication
        where = f"{_file(workspace)}: pipelines.{name}.replication"
        if replication.migration_type == "full-load":
            raise CommandError(
                f"{where}.migration_type: full-load captures no change, so there is nothing that "
                "--then could interrupt: leave it out"
            )
        if replication.start_replication_task is False:
            raise CommandError(
                f"{where}.start_replication_task: false, and --then changes a task that runs: set "
                "it to true"
            )


def _require_change(before: Workspace, version: Workspace, stacks: Sequence[str]) -> None:
    old, new, file = before.settings, version.settings, version.version
    others = [
        name
        for name in Environment.model_fields
        if name != "pipelines" and getattr(old, name) != getattr(new, name)
    ]
    if others:
        raise CommandError(
            f"{file}: {', '.join(others)}: not as in {_file(before)}; --then deploys another "
            "version of pipelines, so leave the rest as it is"
        )
    names = [_pipeline(version, stack) for stack in stacks]
    if gone := [name for name in names if name not in new.pipelines]:
        raise CommandError(
            f"{file}: pipelines.{', '.join(gone)}: not there, and {_file(before)} has it: a "
            "pipeline that is destroyed cannot be rehearsed"
        )
    if all(old.pipelines[name] == new.pipelines[name] for name in names):
        raise CommandError(
            f"{file}: says of {', '.join(names)} what {_file(before)} says: there is nothing to "
            "change"
        )


def deploy_version(
    console: Console,
    version: Workspace,
    stack: str,
    result: RehearsalResult,
    *,
    before: Workspace,
    screen: Screen,
    outputs: dict[str, str],
    is_sample: bool,
    compare: Callable[[], RehearsalResult],
) -> RehearsalResult:
    """Deploy another version of a pipeline while changes keep coming, and see what came of it.

    Args:
        console: Where to write what goes on.
        version: The environment, with the version's settings.
        stack: Id of the pipeline's stack.
        result: What was found out so far.
        before: The environment, with the settings that are deployed.
        screen: Where Terraform's output goes.
        outputs: The stack's outputs.
        is_sample: Whether the source is the sample, which is changed all the while.
        compare: Compares what landed with the source.

    Returns:
        The same with this version.

    Raises:
        CommandError: the plan destroys what rows are followed by; nothing was applied.
        DmsStreamError: something is refused, or broke.
    """
    console.rule(f"Then: {version.version}")
    folder = version.stack_folder(stack)
    protected = protected_addresses(folder / "cdk.tf.json")
    reviewed: list[tuple[Plan, Sequence[Finding], tuple[str, ...]]] = []

    def look_at(file: Path) -> None:
        (plan,) = read_plans([str(file)], folder=folder)
        now = protected_addresses(folder / "cdk.tf.json")
        plan = replace(plan, name=stack, protection=Protection(protected, now))
        _refuse_destroyed(version, plan)
        review = review_plans([plan])
        reviewed.append((plan, review.findings, tuple(address for _, address, _ in review.quiet)))

    url = version.process_environment["AWS_ENDPOINT_URL"]
    watch = Watch(DataPlaneClient(url), outputs["replication_arn"], outputs["delivery_stream_name"])
    failure, began = "", time.monotonic()
    with watched(watch, _sample(before, stack) if is_sample else None):
        try:
            with looking_afterwards(version, [stack], console=console):
                deploying = deployment.Deployment(
                    version, approved=True, console=console, screen=screen
                )
                if not deploying.deploy_version(stack, look_at):
                    raise CommandError(
                        f"{version.version}: Terraform finds nothing to change in {stack}"
                    )
        except StepFailedError as error:
            if not reviewed:
                raise
            failure = str(error).splitlines()[0]
        deployed = timedelta(seconds=time.monotonic() - began)
        watch.settle(_SETTLE_SECONDS)
    plan, findings, quiet = reviewed[0]
    compared = compare()
    tables = (result.versions[-1] if result.versions else result).tables
    outcome = Outcome(watch.seen, tables, compared.tables, failure)
    made = Version(
        str(version.version),
        deployed,
        announced(findings, plan, outcome),
        unannounced(findings, plan, outcome),
        _measured(watch, outcome),
        compared.tables,
        quiet,
    )
    return replace(result, versions=(*result.versions, made))


def _refuse_destroyed(version: Workspace, plan: Plan) -> None:
    destroyed = [
        change.address for change in plan.changes if change.destroys and change.type in _FOLLOWED
    ]
    if destroyed:
        raise CommandError(
            f"{version.version}: its plan destroys {', '.join(destroyed)}, and rows cannot be "
            "followed across that: see what the review says of it with `dms-stream review`, and "
            "rehearse the new one by itself"
        )


def _sample(workspace: Workspace, stack: str) -> ChangingSample:
    replication = workspace.settings.pipelines[_pipeline(workspace, stack)].replication
    names = names_for(replication.table_mappings)
    database = stand_in_database(workspace)
    with connected(database) as connection:
        purchases = loaded_purchases(connection, names)
    assert purchases is not None  # it was compared a moment ago
    return ChangingSample(database, names, purchases, seed=_SEED)


def _measured(watch: Watch, outcome: Outcome) -> dict[str, str]:
    seen = watch.seen
    return {
        "changes made meanwhile": f"{seen.changes:,}",
        "the task stood still": ", ".join(f"{each:.1f} s" for each in seen.stops) or "never",
        "longest silence on the stream": f"{seen.longest_silence:.1f} s",
        "the delivery began again": plural(seen.delivery_restarts, "time"),
        "loss": outcome.loss,
        **({"deployment": outcome.failure} if outcome.failure else {}),
    }
