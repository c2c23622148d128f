"""Replications start, go on, stop and reload, on an instance and serverless alike."""

from typing import Any

import pytest
from moto.dms.models import dms_backends

from dms_stream.cli import running_commands
from dms_stream.cli.aws_access import client
from dms_stream.operations.control import Done, begin, end, reload
from dms_stream.operations.errors import OperationError
from dms_stream.operations.replicator import Replicator
from tests.dms_stream.operations.conftest import Operating
from tests.dms_stream.operations.test_status import Refusing
from tests.support.operated import Operated, OperatingCommand

# each asks an embedded AWS or a stand-in of it
pytestmark = pytest.mark.slow

HERE = "--env local --pipeline tickets"
BOTH = pytest.mark.parametrize("serverless", [False, True], ids=["instance", "serverless"])


def status(operated: Operated) -> str:
    dms = operated.account.dms
    if ":replication-config:" in operated.arn:
        return str(dms.describe_replications()["Replications"][0]["Status"])
    return operated.account.status()


@BOTH
def test_it_starts_goes_on_and_stops(operating: Operating, serverless: bool) -> None:
    operated = operating(serverless=serverless)
    dms, replicator = operated.account.dms, operated.pipeline.replicator
    done = begin(dms, replicator, "start", here=HERE, poll_seconds=0)
    first = "tickets: started for the first time (running)"
    assert done == Done("tickets", True, "running", first)
    assert status(operated) == "running"

    again = begin(dms, replicator, "resume", here=HERE, poll_seconds=0)
    assert again == Done("tickets", False, "running", "tickets runs already")

    done = end(dms, replicator, here=HERE, poll_seconds=0)
    assert done == Done("tickets", True, "stopped", "tickets stands still (Stop Reason NORMAL)")
    assert status(operated) == "stopped"
    still = "tickets stands still already (stopped)"
    again = end(dms, replicator, here=HERE, poll_seconds=0)
    assert again == Done("tickets", False, "stopped", still)

    done = begin(dms, replicator, "start", here=HERE, poll_seconds=0)
    assert done.message == "tickets: goes on from where it stopped (running)"


@BOTH
def test_what_has_never_run_does_not_go_on(operating: Operating, serverless: bool) -> None:
    operated = operating(serverless=serverless)
    with pytest.raises(OperationError) as refused:
        begin(operated.account.dms, operated.pipeline.replicator, "resume", here=HERE)
    assert str(refused.value) == (
        f"tickets has never run, so there is nothing to go on from: run `dms-stream start {HERE}`"
    )


def test_all_tables_are_loaded_anew_of_one_that_stands_still_only(operated: Operated) -> None:
    dms, replicator = operated.account.dms, operated.pipeline.replicator
    operated.start()
    with pytest.raises(OperationError, match="run `dms-stream stop"):
        begin(dms, replicator, "reload", here=HERE, poll_seconds=0)
    end(dms, replicator, here=HERE, poll_seconds=0)
    done = begin(dms, replicator, "reload", here=HERE, poll_seconds=0)
    assert done.message == "tickets: loads all tables anew (running)"


def test_a_load_alone_ends_and_is_not_taken_up_again(operating: Operating) -> None:
    operated = operating(MigrationType="full-load")
    dms, replicator = operated.account.dms, operated.pipeline.replicator
    done = begin(dms, replicator, "start", here=HERE, poll_seconds=0)
    assert (done.changed, done.status) == (True, "stopped")
    again = begin(dms, replicator, "start", here=HERE, poll_seconds=0)
    assert again == Done(
        "tickets",
        False,
        "stopped",
        f"tickets: the full load is complete; `dms-stream start {HERE} --reload` loads everything "
        "anew",
    )
    assert begin(dms, replicator, "reload", here=HERE, poll_seconds=0).changed


def test_one_that_is_gone_is_told(operated: Operated) -> None:
    gone = Replicator("tickets", "arn:aws:dms:eu-central-1:123456789012:task:NONE")
    with pytest.raises(OperationError, match="does not exist in DMS: run `dms-stream deploy"):
        end(operated.account.dms, gone, here=HERE)


class Statistics:
    """boto3's client with tables that DMS knows of."""

    def __init__(self, dms: object) -> None:
        self._dms = dms
        self.reloaded: list[dict[str, str]] = []

    def describe_table_statistics(self, **_: object) -> dict[str, object]:
        """Two tables, on two pages."""
        tables = ["tickets", "persons"]
        page = 1 if "Marker" in _ else 0
        found = {"SchemaName": "dms_sample", "TableName": tables[page], "TableState": "x"}
        return {"TableStatistics": [found]} | ({} if page else {"Marker": "more"})

    def reload_tables(self, **asked: object) -> None:
        """What it was asked for."""
        self.reloaded.append({k: str(v) for k, v in asked.items()})

    def __getattr__(self, name: str) -> object:
        return getattr(self._dms, name)


def test_tables_are_reloaded_of_one_that_runs_and_captures_them(operated: Operated) -> None:
    dms, replicator = Statistics(operated.account.dms), operated.pipeline.replicator
    with pytest.raises(OperationError, match="tickets is ready, and DMS reloads tables of a"):
        reload(dms, replicator, ["dms_sample.tickets"], here=HERE)
    operated.start()
    with pytest.raises(OperationError) as refused:
        reload(dms, replicator, ["dms_sample.tickets", "dms_sample.seats"], here=HERE)
    assert str(refused.value) == (
        "tickets does not capture dms_sample.seats; allowed: dms_sample.persons, dms_sample.tickets"
    )
    with pytest.raises(OperationError, match="seats: is no table: write its schema and its name"):
        reload(dms, replicator, ["seats"], here=HERE)
    assert dms.reloaded == []

    done = reload(dms, replicator, ["dms_sample.tickets", "dms_sample.tickets"], here=HERE)
    said = f"tickets loads dms_sample.tickets anew; `dms-stream status {HERE}` shows it"
    assert done == Done("tickets", True, "running", said)
    assert dms.reloaded == [
        {
            "ReplicationTaskArn": operated.arn,
            "TablesToReload": "[{'SchemaName': 'dms_sample', 'TableName': 'tickets'}]",
        }
    ]


def test_changes_alone_have_no_load_to_repeat(operating: Operating) -> None:
    operated = operating(MigrationType="cdc")
    with pytest.raises(OperationError, match="captures changes only"):
        reload(operated.account.dms, operated.pipeline.replicator, ["a.b"], here=HERE)


def test_the_commands_tell_what_they_did(dms_stream: OperatingCommand, operated: Operated) -> None:
    assert dms_stream.succeed("start") == "tickets: started for the first time (running)\n"
    assert dms_stream.succeed("start", "--no-wait") == "tickets runs already\n"
    assert dms_stream.succeed("stop", "--yes") == "tickets stands still (Stop Reason NORMAL)\n"
    assert status(operated) == "stopped"
    assert '"message": "tickets: goes on from where it stopped (running)"' in dms_stream.succeed(
        "resume", "--json"
    )


def test_what_interrupts_asks_and_production_wants_its_name(
    dms_stream: OperatingCommand, operated: Operated
) -> None:
    operated.start()
    assert "pass --yes to approve" in dms_stream.refuse("stop")
    assert "names another environment; allowed: local" in dms_stream.refuse("stop", "--confirm=x")
    operated.settings(production=True)
    said = dms_stream.refuse("stop", "--yes")
    assert "local is marked `production: true`, and --yes alone does not approve it" in said
    assert said.endswith("pass --confirm local")
    assert "pass --confirm local" in dms_stream.refuse("reload", "dms_sample.tickets", "--yes")
    assert "pass --confirm local" in dms_stream.refuse("start", "--reload", "--yes")
    assert status(operated) == "running"
    dms_stream.succeed("stop", "--confirm", "local")
    assert status(operated) == "stopped"


def test_what_one_pipeline_cannot_do_does_not_keep_the_others_from_it(
    dms_stream: OperatingCommand, operated: Operated
) -> None:
    pipelines = operated.workspace.settings.pipelines
    operated.settings(pipelines={**pipelines, "orders": pipelines["tickets"]})
    del operated.state["outputs"]["replication_instance_arn"]
    gone = "arn:aws:dms:eu-central-1:123456789012:task:NONE"
    operated.state["outputs"]["replication_arn"]["value"] = gone
    operated.save("orders")
    done = dms_stream.run("start")
    assert done.stdout == "tickets: started for the first time (running)\n"
    assert "orders: arn:aws:dms:eu-central-1:123456789012:task:NONE does not exist" in str(
        done.exception
    )
    assert status(operated) == "running"


def test_a_drain_is_awaited_by_metrics_or_by_the_embedded_aws(
    dms_stream: OperatingCommand, operated: Operated, monkeypatch: pytest.MonkeyPatch
) -> None:
    operated.start()
    # the embedded AWS is asked itself, and this one moves no rows
    said = dms_stream.refuse("stop", "--drain", "--yes")
    assert said.startswith("tickets: its deployment has no output delivery_stream_arn")
    stream = "arn:aws:firehose:eu-central-1:123456789012:deliverystream/delivery"
    operated.state["outputs"]["delivery_stream_arn"] = {"value": stream}
    operated.save()
    assert "has no data plane" in dms_stream.refuse("stop", "--drain", "--yes")

    operated.settings(emulated=False)
    waited: dict[str, Any] = {}

    def wait(_: Any, pipeline: Any, **options: Any) -> None:
        waited.update(options, name=pipeline.name)

    monkeypatch.setattr(running_commands, "await_drained", wait)
    text = dms_stream.succeed("stop", "--drain", "--yes")
    assert text == "tickets stands still already (stopped); its stream is drained\n"
    (task,) = operated.account.dms.describe_replication_tasks()["ReplicationTasks"]
    stopped_at = task["ReplicationTaskStats"]["StopDate"]
    assert waited == {"name": "tickets", "stopped_at": stopped_at}


def test_a_state_that_may_not_be_read_is_said(
    dms_stream: OperatingCommand, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refusing(workspace: Any, service: str) -> Any:
        made = client(workspace, service)
        return Refusing(made, "get_object", "AccessDenied") if service == "s3" else made

    monkeypatch.setattr("dms_stream.cli.operable.client", refusing)
    said = dms_stream.refuse("stop", "--yes")
    assert said.startswith("AWS refuses for want of a permission: docs/permissions.md lists what")


def test_what_is_not_deployed_is_named(dms_stream: OperatingCommand, operated: Operated) -> None:
    operated.client("s3").delete_object(
        Bucket=operated.workspace.settings.state.bucket_name, Key="local/local-tickets.tfstate"
    )
    said = dms_stream.refuse("stop", "--yes")
    assert said.startswith("local: not deployed: tickets (no state in s3://dms-stream-local-")
    assert "run `dms-stream deploy --env local" in said


def test_the_end_of_a_wait_says_what_is_going_on(operating: Operating) -> None:
    operated = operating(serverless=True)
    dms, replicator = operated.account.dms, operated.pipeline.replicator

    class Failing:
        """A start after which the replication fails."""

        def __getattr__(self, name: str) -> object:
            return getattr(dms, name)

        def start_replication(self, **asked: object) -> None:
            """It fails."""
            dms.start_replication(**asked)
            backend().replications[operated.arn] |= {
                "Status": "failed",
                "FailureMessages": ["No binary log"],
            }

    with pytest.raises(OperationError) as failed:
        begin(Failing(), replicator, "start", here=HERE, poll_seconds=0)
    assert str(failed.value) == (
        "tickets failed: No binary log. Look with `dms-stream logs --env local --pipeline tickets "
        "--errors`, mend the cause, then `dms-stream resume --env local --pipeline tickets`"
    )


def test_a_start_is_not_waited_for_where_nobody_asks_for_it(operated: Operated) -> None:
    dms, replicator = operated.account.dms, operated.pipeline.replicator
    done = begin(dms, replicator, "start", here=HERE, wait=False, poll_seconds=0)
    said = "tickets: started for the first time; not waited for"
    assert done == Done("tickets", True, "starting", said)


def test_one_that_dms_is_busy_with_is_not_started(operated: Operated) -> None:
    dms, replicator = operated.account.dms, operated.pipeline.replicator
    busy = Changing(dms, "modifying")
    with pytest.raises(OperationError) as refused:
        begin(busy, replicator, "start", here=HERE, poll_seconds=0)
    assert str(refused.value) == ("tickets: DMS is still busy with it (modifying): try again later")


@pytest.mark.parametrize(
    ("found", "why"),
    [
        ({"LastFailureMessage": "no log", "StopReason": "FATAL"}, "no log"),
        ({"StopReason": "FATAL"}, "FATAL"),
        ({}, "DMS gives no reason"),
    ],
)
def test_a_failure_has_the_best_reason_that_dms_gives(
    operated: Operated, found: dict[str, str], why: str
) -> None:
    dms, replicator = operated.account.dms, operated.pipeline.replicator
    failed = Changing(dms, "ready", "ready", "failed", **found)
    with pytest.raises(OperationError, match=f"^tickets failed: {why}. Look with `dms-stream logs"):
        begin(failed, replicator, "start", here=HERE, poll_seconds=0)


class Changing:
    """boto3's client to which a task is in one state after another; the last one stays."""

    def __init__(self, dms: object, *states: str, **more: str) -> None:
        self._dms, self._states, self._more = dms, [*states], more

    def describe_replication_tasks(self, **_: object) -> dict[str, object]:
        """The next."""
        state = self._states.pop(0) if len(self._states) > 1 else self._states[0]
        task = {"ReplicationTaskIdentifier": "cdc", "Status": state, **self._more}
        return {"ReplicationTasks": [task]}

    def __getattr__(self, name: str) -> object:
        return getattr(self._dms, name)


def backend() -> Any:
    """What the embedded AWS knows of DMS."""
    return dms_backends["123456789012"]["eu-central-1"]
