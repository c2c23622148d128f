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

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from botocore.exceptions import ClientError, WaiterError
from botocore.waiter import WaiterModel, create_waiter_with_client

_POLL_SECONDS = 5
_MOST_POLLS = 120
_IS_RUNNING = frozenset({"running", "starting"})
_STANDS_STILL = frozenset({"created", "ready", "stopped", "failed"})
_LOADED = "FULL_LOAD_ONLY_FINISHED"


@dataclass(frozen=True)
class Replicator:
    """A task or serverless replication that should run.

    Attributes:
        pipeline: Name of its pipeline.
        arn: ARN of the task or of the replication config.
    """

    pipeline: str
    arn: str

    @property
    def is_serverless(self) -> bool:
        """Whether it is a serverless replication."""
        return ":replication-config:" in self.arn

    def start_command(self, kind: str) -> str:
        """The AWS CLI's command that starts it.

        Args:
            kind: `start-replication` or `resume-processing`.
        """
        if self.is_serverless:
            return (
                f"aws dms start-replication --replication-config-arn {self.arn} "
                f"--start-replication-type {kind}"
            )
        return (
            f"aws dms start-replication-task --replication-task-arn {self.arn} "
            f"--start-replication-task-type {kind}"
        )


class Outcome(Enum):
    """What was found, and done."""

    RUNS = "runs"
    LOADED = "loaded"
    STARTED = "started"
    STANDS_STILL = "stands still"


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
    poll_seconds: float = _POLL_SECONDS,
) -> list[Finding]:
    """Start what the deployment left stopped; say of the rest why it does not run.

    What was stopped before the deployment stays so: somebody wanted that.

    Args:
        dms: boto3's client.
        replicators: What should run.
        since: When the deployment began; what was stopped later was stopped by it.
        poll_seconds: How long to wait between two looks at one that DMS is busy with.

    Returns:
        A finding for each, in the same order.
    """
    return [
        _look(dms, replicator, since=since, poll_seconds=poll_seconds) for replicator in replicators
    ]


@dataclass(frozen=True)
class _State:
    status: str
    has_run: bool
    stopped_at: datetime | None
    stop_reason: str
    failure: str


def _look(dms: Any, replicator: Replicator, *, since: datetime, poll_seconds: float) -> Finding:
    try:
        _await_rest(dms, replicator, poll_seconds)
        state = _state(dms, replicator)
        if state is None:
            problem = f"{replicator.arn} does not exist: deploy the pipeline again"
            return _still(replicator, problem)
        return _judge(dms, replicator, state, since)
    except WaiterError as error:
        return _still(replicator, f"DMS is still busy with it ({error}): look again later")
    except ClientError as error:
        return _still(replicator, f"DMS refuses: {error.response['Error']['Message']}")


def _judge(dms: Any, replicator: Replicator, state: _State, since: datetime) -> Finding:
    kind = "resume-processing" if state.has_run else "start-replication"
    by_hand = f"start it with `{replicator.start_command(kind)}`"
    if state.status in _IS_RUNNING:
        return Finding(replicator, Outcome.RUNS, f"{replicator.pipeline} runs")
    if _LOADED in state.stop_reason:
        return Finding(replicator, Outcome.LOADED, f"{replicator.pipeline}: the load is complete")
    if state.status == "failed":
        why = state.failure or state.stop_reason or "DMS gives no reason"
        return _still(replicator, f"it failed: {why}. Mend the cause, then {by_hand}")
    if state.has_run and (state.stopped_at is None or state.stopped_at < since):
        return _still(replicator, f"it was stopped before this deployment: {by_hand}")
    _start(dms, replicator, kind)
    word = "started again" if state.has_run else "started"
    return Finding(replicator, Outcome.STARTED, f"{replicator.pipeline}: {word}")


def _still(replicator: Replicator, problem: str) -> Finding:
    message = f"{replicator.pipeline} does not run: {problem}"
    return Finding(replicator, Outcome.STANDS_STILL, message)


def _start(dms: Any, replicator: Replicator, kind: str) -> None:
    if replicator.is_serverless:
        dms.start_replication(ReplicationConfigArn=replicator.arn, StartReplicationType=kind)
    else:
        dms.start_replication_task(ReplicationTaskArn=replicator.arn, StartReplicationTaskType=kind)


def _state(dms: Any, replicator: Replicator) -> _State | None:
    found = _described(dms, replicator)
    if found is None:
        return None
    stats = found.get("ReplicationStats" if replicator.is_serverless else "ReplicationTaskStats")
    failures = found.get("FailureMessages") or [found.get("LastFailureMessage") or ""]
    return _State(
        status=found["Status"],
        has_run=bool((stats or {}).get("StartDate")),
        stopped_at=(stats or {}).get("StopDate") or found.get("ReplicationLastStopTime"),
        stop_reason=found.get("StopReason") or "",
        failure=" ".join(failures).strip(),
    )


def _described(dms: Any, replicator: Replicator) -> dict[str, Any] | None:
    kind = "config" if replicator.is_serverless else "task"
    filters = [{"Name": f"replication-{kind}-arn", "Values": [replicator.arn]}]
    try:
        if replicator.is_serverless:
            found = dms.describe_replications(Filters=filters)["Replications"]
        else:
            found = dms.describe_replication_tasks(Filters=filters, WithoutSettings=True)[
                "ReplicationTasks"
            ]
    except dms.exceptions.ResourceNotFoundFault:
        return None
    return dict(found[0]) if found else None


def _await_rest(dms: Any, replicator: Replicator, poll_seconds: float) -> None:
    """Wait while DMS creates, changes, tests or stops it: in these states it takes no start."""
    kind, operation, path = (
        ("config", "DescribeReplications", "Replications[].Status")
        if replicator.is_serverless
        else ("task", "DescribeReplicationTasks", "ReplicationTasks[].Status")
    )
    model = WaiterModel(
        {
            "version": 2,
            "waiters": {
                "AtRest": {
                    "operation": operation,
                    "delay": poll_seconds,
                    "maxAttempts": _MOST_POLLS,
                    "acceptors": [
                        *(
                            {
                                "matcher": "pathAll",
                                "argument": path,
                                "expected": status,
                                "state": "success",
                            }
                            for status in sorted(_IS_RUNNING | _STANDS_STILL)
                        ),
                        # one that is not there is told of by whoever looks next
                        {
                            "matcher": "path",
                            "argument": f"length({path})",
                            "expected": 0,
                            "state": "success",
                        },
                        {
                            "matcher": "error",
                            "expected": "ResourceNotFoundFault",
                            "state": "success",
                        },
                    ],
                }
            },
        }
    )
    filters = [{"Name": f"replication-{kind}-arn", "Values": [replicator.arn]}]
    create_waiter_with_client("AtRest", model, dms).wait(Filters=filters)
