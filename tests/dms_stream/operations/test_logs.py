"""The logs of task and delivery: where they are, what is read, and how they are followed."""

import json
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any

import pytest
from moto.dms.models import dms_backends

from dms_stream.operations.logs import LogSource, delivery_log, follow, read_log, task_log
from tests.dms_stream.operations.conftest import Operating
from tests.support.operated import Operated, OperatingCommand

# each asks an embedded AWS or a stand-in of it
pytestmark = pytest.mark.slow

NOW = datetime.now(UTC)
LOGGING = json.dumps({"Logging": {"EnableLogging": True}})


def write(operated: Operated, group: str, stream: str, *messages: str, ago: float = 60) -> None:
    """Write events of a log, `ago` seconds old."""
    logs = operated.client("logs")
    if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        logs.create_log_group(logGroupName=group)
    if not logs.describe_log_streams(logGroupName=group, logStreamNamePrefix=stream)["logStreams"]:
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
    at = int((datetime.now(UTC).timestamp() - ago) * 1000)
    logs.put_log_events(
        logGroupName=group,
        logStreamName=stream,
        logEvents=[{"timestamp": at + n, "message": text} for n, text in enumerate(messages)],
    )


def located(operated: Operated) -> LogSource:
    return task_log(operated.account.dms, operated.client("logs"), operated.pipeline)


def test_a_tasks_log_is_in_its_instances_group(operating: Operating) -> None:
    operated = operating(ReplicationTaskSettings=LOGGING)
    task = operated.arn.rpartition(":")[2]
    assert located(operated) == LogSource(
        "task", "dms-tasks-instance", f"dms-task-{task}", is_on=True
    )
    write(operated, "dms-tasks-instance", f"dms-task-{task}", "00001: started ]I:  it is up")
    write(operated, "dms-tasks-instance", "dms-task-OTHER", "of another task")
    lines = read_log(operated.client("logs"), located(operated), since=NOW - timedelta(hours=1))
    assert [line.text for line in lines] == ["00001: started ]I:  it is up"]


def test_where_dms_says_its_log_is_it_is_read_there(operated: Operated) -> None:
    assert not located(operated).is_on
    dms: Any = dms_backends["123456789012"]["eu-central-1"]
    told = {"EnableLogging": True, "CloudWatchLogGroup": "there", "CloudWatchLogStream": "one"}
    dms.tasks[operated.arn]["ReplicationTaskSettings"] = json.dumps({"Logging": told})
    assert located(operated) == LogSource("task", "there", "one")


def test_a_serverless_replications_group_is_looked_for(operating: Operating) -> None:
    operated = operating(serverless=True)
    own = operated.arn.rpartition(":")[2].lower()
    assert located(operated).group == f"dms-serverless-replication-{own}"
    write(operated, "dms-serverless-replication-another", "one", "x")
    write(operated, f"dms-serverless-replication-{own}-2", "one", "x")
    assert located(operated).group == f"dms-serverless-replication-{own}-2"


def test_a_log_that_does_not_exist_yet_is_empty(operated: Operated) -> None:
    source = LogSource("task", "nowhere")
    assert read_log(operated.client("logs"), source, since=NOW) == []


def test_it_is_followed_without_repeating_or_losing_a_line(operated: Operated) -> None:
    source = delivery_log(operated.pipeline)
    assert source is not None
    group = source.group
    looks: list[None] = []
    write(operated, group, "one", "first", "second")

    def sleep(seconds: float) -> None:
        assert seconds == 2
        looks.append(None)
        write(operated, group, "one", f"look {len(looks)}", ago=0)
        # one that CloudWatch takes in late
        write(operated, group, "two", f"late {len(looks)}", ago=5)

    logs = operated.client("logs")
    lines = follow(logs, [source], since=NOW - timedelta(hours=1), sleep=sleep)
    assert [line.text for line in islice(lines, 6)] == [
        *("first", "second"),
        *("late 1", "look 1"),
        *("late 2", "look 2"),
    ]


def test_the_command_shows_both_or_one(dms_stream: OperatingCommand, operated: Operated) -> None:
    task = operated.arn.rpartition(":")[2]
    group = "/aws/kinesisfirehose/delivery"
    write(operated, "dms-tasks-instance", f"dms-task-{task}", "[bold]captured", ago=100)
    write(operated, group, "one", json.dumps({"errorCode": "X", "message": "no key"}), ago=50)
    write(operated, group, "one", "old", ago=7200)
    done = dms_stream.run("logs")
    assert [line.split(maxsplit=2)[2] for line in done.stdout.splitlines()] == [
        "task     [bold]captured",
        "delivery X: no key",
    ]
    assert "the task logs nothing: replication.task_settings.logging.enable_logging" in done.stderr
    told = dms_stream.succeed("logs", "--only", "delivery", "--json", "--since", "1d")
    assert [json.loads(line)["text"] for line in told.splitlines()] == ["old", "X: no key"]
    assert dms_stream.succeed("logs", "--since", "30m", "--only", "delivery", "--errors")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--only", "alarms"), "--only alarms: no such log; allowed: task, delivery"),
        (("--since", "soon"), "--since soon: is no time span; allowed: a number and m, h or d"),
        (("--since", "0m"), "--since 0m: is no time span"),
        (("--only", "task"), "tickets: its task logs nothing: set replication.task_settings."),
    ],
)
def test_wrong_input_is_refused(
    dms_stream: OperatingCommand, arguments: tuple[str, ...], message: str
) -> None:
    assert message in dms_stream.refuse("logs", *arguments)
