"""Starting, stopping and reloading a deployed task or serverless replication.

https://docs.aws.amazon.com/dms/latest/APIReference/API_StartReplicationTask.html
https://docs.aws.amazon.com/dms/latest/APIReference/API_ReloadTables.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal, assert_never

from botocore.exceptions import WaiterError

from dms_stream.operations.errors import OperationError
from dms_stream.operations.replicator import (
    POLL_SECONDS,
    RUNS,
    STANDS_STILL,
    STARTS,
    Replicator,
    ReplicatorState,
    StartKind,
    await_status,
    find_state,
    reload_tables,
    start,
    stop,
    table_statistics,
)

StartMode = Literal["start", "resume", "reload"]
"""The first time or on from where it stopped; only the latter; or with all tables loaded anew."""

# a serverless replication works out its capacity and provisions it before it runs
_MOST_POLLS = 1_800


@dataclass(frozen=True)
class Done:
    """What came of an operation.

    Attributes:
        pipeline: Name of the pipeline.
        changed: Whether anything was done.
        status: DMS's word for what the replication does now.
        message: The same in a sentence.
    """

    pipeline: str
    changed: bool
    status: str
    message: str


def begin(
    dms: Any,
    replicator: Replicator,
    mode: StartMode,
    *,
    here: str,
    wait: bool = True,
    poll_seconds: float = POLL_SECONDS,
) -> Done:
    """Start a replication, and wait until it runs.

    Args:
        dms: boto3's client.
        replicator: Which.
        mode: How.
        here: How the pipeline is named on the command line, such as `--env seed --pipeline x`.
        wait: Whether to wait until it runs.
        poll_seconds: How long to wait between two looks.

    Raises:
        OperationError: it cannot be started so, it failed, or it takes too long.
    """
    state = _rested(dms, replicator, here, poll_seconds)
    name = replicator.pipeline
    if state.status in RUNS | STARTS:
        if mode == "reload":
            raise OperationError(
                f"{name} runs, and DMS loads all tables anew only of a replication that stands "
                f"still: run `dms-stream stop {here}` first, or load single tables with "
                f"`dms-stream reload TABLE {here}`"
            )
        return Done(name, False, state.status, f"{name} runs already")
    if state.is_loaded and mode != "reload":
        return Done(
            name,
            False,
            state.status,
            f"{name}: the full load is complete; `dms-stream start {here} --reload` loads "
            "everything anew",
        )
    kind = _kind(mode, state, name, here)
    start(dms, replicator, kind)
    word = {
        "start-replication": "started for the first time",
        "resume-processing": "goes on from where it stopped",
        "reload-target": "loads all tables anew",
    }[kind]
    if not wait:
        return Done(name, True, "starting", f"{name}: {word}; not waited for")
    ends = {*RUNS, "stopped"} if state.migration_type == "full-load" else RUNS
    now = _waited(dms, replicator, ends, here, poll_seconds)
    return Done(name, True, now.status, f"{name}: {word} ({now.status})")


def _kind(mode: StartMode, state: ReplicatorState, name: str, here: str) -> StartKind:
    match mode:
        case "start":
            return "resume-processing" if state.has_run else "start-replication"
        case "resume":
            if state.has_run:
                return "resume-processing"
            raise OperationError(
                f"{name} has never run, so there is nothing to go on from: run `dms-stream start "
                f"{here}`"
            )
        case "reload":
            return "reload-target" if state.has_run else "start-replication"
        case _:
            assert_never(mode)


def end(dms: Any, replicator: Replicator, *, here: str, poll_seconds: float = POLL_SECONDS) -> Done:
    """Stop a replication, and wait until it stands still.

    It goes on from there with `begin`, as long as the source keeps its binary log.

    Args:
        dms: boto3's client.
        replicator: Which.
        here: How the pipeline is named on the command line.
        poll_seconds: How long to wait between two looks.

    Raises:
        OperationError: there is none, or it takes too long.
    """
    state = _known(dms, replicator, here)
    name = replicator.pipeline
    if state.status in STANDS_STILL:
        return Done(name, False, state.status, f"{name} stands still already ({state.status})")
    if state.status != "stopping":
        stop(dms, replicator)
    now = _waited(dms, replicator, STANDS_STILL, here, poll_seconds)
    return Done(name, True, now.status, f"{name} stands still ({now.stop_reason or now.status})")


def reload(dms: Any, replicator: Replicator, tables: Sequence[str], *, here: str) -> Done:
    """Load tables anew while changes go on; every row comes onto the stream once more.

    Args:
        dms: boto3's client.
        replicator: Which; it must run.
        tables: Their names, `schema.table`, as on the source.
        here: How the pipeline is named on the command line.

    Raises:
        OperationError: it does not run, loads nothing at all, or does not have these tables.
    """
    name = replicator.pipeline
    wanted = [_table(text) for text in dict.fromkeys(tables)]
    state = _known(dms, replicator, here)
    if state.migration_type == "cdc":
        raise OperationError(
            f"{name} captures changes only (migration_type: cdc): there is no load to repeat"
        )
    if state.status not in RUNS:
        raise OperationError(
            f"{name} is {state.status}, and DMS reloads tables of a running replication only: run "
            f"`dms-stream resume {here}` first"
        )
    known = {table.name for table in table_statistics(dms, replicator)}
    unknown = [f"{schema}.{table}" for schema, table in wanted if f"{schema}.{table}" not in known]
    if unknown:
        raise OperationError(
            f"{name} does not capture {', '.join(unknown)}; allowed: "
            f"{', '.join(sorted(known)) or '(DMS knows of no table yet)'}"
        )
    reload_tables(dms, replicator, wanted)
    text = ", ".join(f"{schema}.{table}" for schema, table in wanted)
    return Done(
        name, True, state.status, f"{name} loads {text} anew; `dms-stream status {here}` shows it"
    )


def _table(text: str) -> tuple[str, str]:
    schema, dot, table = text.partition(".")
    if not (schema and dot and table):
        raise OperationError(
            f"{text}: is no table: write its schema and its name, such as dms_sample.tickets"
        )
    return schema, table


def _known(dms: Any, replicator: Replicator, here: str) -> ReplicatorState:
    state = find_state(dms, replicator)
    if state is None:
        raise OperationError(
            f"{replicator.pipeline}: {replicator.arn} does not exist in DMS: run `dms-stream "
            f"deploy {here}`"
        )
    return state


def _rested(dms: Any, replicator: Replicator, here: str, poll_seconds: float) -> ReplicatorState:
    """Its state once DMS is not busy with it: while it stops, changes or is tested, no start."""
    try:
        await_status(dms, replicator, RUNS | STARTS | STANDS_STILL, poll_seconds=poll_seconds)
    except WaiterError:
        state = _known(dms, replicator, here)
        raise OperationError(
            f"{replicator.pipeline}: DMS is still busy with it ({state.status}): try again later"
        ) from None
    return _known(dms, replicator, here)


def _waited(
    dms: Any, replicator: Replicator, wanted: set[str] | frozenset[str], here: str, poll: float
) -> ReplicatorState:
    failing = () if "failed" in wanted else ("failed",)
    try:
        await_status(
            dms, replicator, wanted, failing=failing, poll_seconds=poll, most_polls=_MOST_POLLS
        )
    except WaiterError:
        state = _known(dms, replicator, here)
        if state.status == "failed":
            why = state.failure or state.stop_reason or "DMS gives no reason"
            raise OperationError(
                f"{replicator.pipeline} failed: {why}. Look with `dms-stream logs {here} "
                f"--errors`, mend the cause, then `dms-stream resume {here}`"
            ) from None
        raise OperationError(
            f"{replicator.pipeline} is still {state.status} after "
            f"{_MOST_POLLS * poll / 60:.0f} minutes: look again with `dms-stream status {here}`"
        ) from None
    return _known(dms, replicator, here)
