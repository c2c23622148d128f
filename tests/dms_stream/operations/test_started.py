"""After a deployment what should run runs; of the rest it is said why, and how to start it."""

from datetime import UTC, datetime, timedelta

import pytest

from dms_stream.local_aws.dms_progress import report
from dms_stream.operations.replicator import Replicator
from dms_stream.operations.started import Finding, Outcome, start_what_should_run
from tests.support.dms_account import MAPPINGS, DmsAccount

# each asks an embedded AWS or a stand-in of it
pytestmark = pytest.mark.slow

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def look(account: DmsAccount, arn: str, since: datetime = LONG_AGO) -> Finding:
    (found,) = start_what_should_run(
        account.dms,
        [Replicator("tickets", arn)],
        since=since,
        option="--env seed",
        poll_seconds=0,
    )
    return found


def status(account: DmsAccount, arn: str) -> str:
    if ":replication-config:" in arn:
        (found,) = account.dms.describe_replications()["Replications"]
    else:
        (found,) = account.dms.describe_replication_tasks()["ReplicationTasks"]
    return str(found["Status"])


def test_a_task_that_runs_is_left_alone(account: DmsAccount) -> None:
    task = account.task()
    account.start(task)
    assert look(account, task) == Finding(Replicator("tickets", task), Outcome.RUNS, "tickets runs")


def test_a_task_that_never_ran_is_started(account: DmsAccount) -> None:
    task = account.task()
    found = look(account, task)
    assert (found.outcome, found.message) == (Outcome.STARTED, "tickets: started")
    assert status(account, task) == "running"


def test_a_task_that_an_endpoints_change_left_stopped_goes_on(account: DmsAccount) -> None:
    task = account.task()
    account.start(task)
    account.dms.stop_replication_task(ReplicationTaskArn=task)
    (source, _) = account.dms.describe_endpoints()["Endpoints"]
    account.dms.modify_endpoint(EndpointArn=source["EndpointArn"], Port=3307)
    found = look(account, task)
    assert (found.outcome, found.message) == (Outcome.STARTED, "tickets: started again")
    assert status(account, task) == "running"


def test_a_task_that_was_stopped_before_is_not_started_but_it_is_said_how(
    account: DmsAccount,
) -> None:
    task = account.task()
    account.start(task)
    account.dms.stop_replication_task(ReplicationTaskArn=task)
    found = look(account, task, since=datetime.now(UTC) + timedelta(hours=1))
    assert found.outcome is Outcome.STANDS_STILL
    assert found.message == (
        "tickets does not run: it was stopped before this deployment: start it with "
        "`dms-stream start --env seed --pipeline tickets`"
    )
    assert status(account, task) == "stopped"


def test_a_serverless_replication_that_is_being_changed_is_awaited_and_started(
    account: DmsAccount,
) -> None:
    config = account.config()
    start = {"ReplicationConfigArn": config, "StartReplicationType": "start-replication"}
    account.dms.start_replication(**start)
    account.dms.stop_replication(ReplicationConfigArn=config)
    account.dms.modify_replication_config(ReplicationConfigArn=config, TableMappings=MAPPINGS)
    assert look(account, config).outcome is Outcome.STARTED
    assert status(account, config) == "running"


def test_a_load_is_started_once_and_then_complete(account: DmsAccount) -> None:
    task = account.task(MigrationType="full-load")
    assert look(account, task).outcome is Outcome.STARTED
    assert status(account, task) == "stopped"
    found = look(account, task)
    assert (found.outcome, found.message) == (
        Outcome.LOADED,
        "tickets: the load is complete",
    )


def test_a_serverless_load_is_complete_once_it_has_ended(account: DmsAccount) -> None:
    config = account.config(ReplicationType="full-load")
    assert look(account, config).outcome is Outcome.STARTED
    assert look(account, config).outcome is Outcome.LOADED


def test_a_task_that_failed_is_not_started_blindly(account: DmsAccount) -> None:
    task = account.task()
    account.start(task)
    ended = {"Arn": task, "Status": "failed", "StopReason": "Stop Reason FATAL_ERROR"}
    report(ended | {"TableStatistics": [], "FailureMessage": "No binary log"})
    found = look(account, task)
    assert found.outcome is Outcome.STANDS_STILL
    assert found.message.startswith(
        "tickets does not run: it failed: No binary log. Mend the cause, then start it with "
    )


@pytest.mark.parametrize("kind", ["task", "replication-config"])
def test_one_that_is_gone_is_said(account: DmsAccount, kind: str) -> None:
    arn = f"arn:aws:dms:eu-central-1:123456789012:{kind}:NONE"
    assert look(account, arn).message == (
        f"tickets does not run: {arn} does not exist: deploy the pipeline again"
    )


def test_what_dms_refuses_is_said_in_its_words(account: DmsAccount) -> None:
    config = account.config()
    account.dms.start_replication(
        ReplicationConfigArn=config, StartReplicationType="start-replication"
    )
    account.dms.stop_replication(ReplicationConfigArn=config)

    class Busy:
        """DMS takes up the change anew just before the start."""

        def __getattr__(self, name: str) -> object:
            if name == "start_replication":
                account.dms.modify_replication_config(
                    ReplicationConfigArn=config, TableMappings=MAPPINGS
                )
            return getattr(account.dms, name)

    (found,) = start_what_should_run(
        Busy(),
        [Replicator("tickets", config)],
        since=LONG_AGO,
        option="--env seed",
        poll_seconds=0,
    )
    assert found.outcome is Outcome.STANDS_STILL
    assert found.message == (
        "tickets does not run: DMS refuses: Replication serverless is in MODIFYING state and "
        "cannot start."
    )
