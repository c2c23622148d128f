"""Whether what should run runs after a deployment, and starting what Terraform left stopped.

Terraform's provider 5.100.0 leaves a task or serverless replication stopped in three cases:

- It stops a task to change an endpoint (`pause_replication_tasks`) and does not start it again
  while DMS tests the changed connection:
  https://github.com/hashicorp/terraform-provider-aws/issues/46139
- It changes a serverless replication and starts it before DMS is done with the change, which DMS
  refuses: https://github.com/hashicorp/terraform-provider-aws/issues/35650
- A full load alone is not started by Terraform at all, by our own default:
  https://github.com/hashicorp/terraform-provider-aws/issues/43466
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Any

from botocore.exceptions import ClientError, WaiterError

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
    start,
)

_IS_RUNNING = RUNS | STARTS


class Outcome(Enum):
    """What was found, and done."""

    RUNS = auto()
    LOADED = auto()
    STARTED = auto()
    STANDS_STILL = auto()


@dataclass(frozen=True)
class Finding:
    """What came of one replicator.

    Attributes:
        replicator: Which.
        outcome: What was found, and done.
        message: The same in a sentence, with what to do where it stands still.
    """

    replicator: Replicator
    outcome: Outcome
    message: str


def start_what_should_run(
    dms: Any,
    replicators: Sequence[Replicator],
    *,
    since: datetime,
    option: str,
    failed_connections: Callable[[Replicator], Sequence[str]] = lambda _: (),
    poll_seconds: float = POLL_SECONDS,
) -> list[Finding]:
    """Start what the deployment left stopped; say of the rest why it does not run.

    What was stopped before the deployment stays so: somebody wanted that.

    Args:
        dms: boto3's client.
        replicators: What should run.
        since: When the deployment began; what was stopped later was stopped by it.
        option: How the environment is named on the command line, such as `--env seed`.
        failed_connections: Tests the connections of one before it is started, and tells those that
            fail. Default: none is tested.
        poll_seconds: How long to wait between two looks at one that DMS is busy with.

    Returns:
        A finding for each, in the same order.
    """
    return [
        _look(
            dms,
            replicator,
            since=since,
            option=option,
            failed_connections=failed_connections,
            poll_seconds=poll_seconds,
        )
        for replicator in replicators
    ]


def _look(
    dms: Any,
    replicator: Replicator,
    *,
    since: datetime,
    option: str,
    failed_connections: Callable[[Replicator], Sequence[str]],
    poll_seconds: float,
) -> Finding:
    try:
        # while DMS creates, changes, tests or stops it, it takes no start
        await_status(dms, replicator, _IS_RUNNING | STANDS_STILL, poll_seconds=poll_seconds)
        state = find_state(dms, replicator)
        if state is None:
            problem = f"{replicator.arn} does not exist: deploy the pipeline again"
            return _still(replicator, problem)
        return _judge(dms, replicator, state, since, option, failed_connections)
    except WaiterError as error:
        return _still(replicator, f"DMS is still busy with it ({error}): look again later")
    except ClientError as error:
        return _still(replicator, f"DMS refuses: {error.response['Error']['Message']}")


def _judge(
    dms: Any,
    replicator: Replicator,
    state: ReplicatorState,
    since: datetime,
    option: str,
    failed_connections: Callable[[Replicator], Sequence[str]],
) -> Finding:
    kind: StartKind = "resume-processing" if state.has_run else "start-replication"
    by_hand = f"start it with `dms-stream start {option} --pipeline {replicator.pipeline}`"
    if state.status in _IS_RUNNING:
        return Finding(replicator, Outcome.RUNS, f"{replicator.pipeline} runs")
    if state.is_loaded:
        return Finding(replicator, Outcome.LOADED, f"{replicator.pipeline}: the load is complete")
    if state.status == "failed":
        why = state.failure or state.stop_reason or "DMS gives no reason"
        return _still(replicator, f"it failed: {why}. Mend the cause, then {by_hand}")
    if state.has_run and (state.stopped_at is None or state.stopped_at < since):
        return _still(replicator, f"it was stopped before this deployment: {by_hand}")
    if failed := failed_connections(replicator):
        return _still(replicator, f"{'; '.join(failed)}. Mend the cause, then {by_hand}")
    start(dms, replicator, kind)
    word = "started again" if state.has_run else "started"
    return Finding(replicator, Outcome.STARTED, f"{replicator.pipeline}: {word}")


def _still(replicator: Replicator, problem: str) -> Finding:
    message = f"{replicator.pipeline} does not run: {problem}"
    return Finding(replicator, Outcome.STANDS_STILL, message)
