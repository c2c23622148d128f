"""A status tells how every part is, what is wrong and what to do; a refusal hides one part."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto.dms.models import dms_backends
from rich.console import Console

from dms_stream.cli.console import open_console
from dms_stream.cli.status_screen import run_status
from dms_stream.operations.health import Finding, judge
from dms_stream.operations.metrics import Progress
from dms_stream.operations.status import SERVICES, PipelineStatus, read_status
from tests.dms_stream.operations.conftest import Operating
from tests.support.operated import BUCKET, ERRORS, Operated, OperatingCommand

# each asks an embedded AWS or a stand-in of it
pytestmark = pytest.mark.slow

HERE = "--env local --pipeline tickets"


def statistics(operated: Operated, *tables: dict[str, Any]) -> None:
    """What DMS counts of these tables."""
    dms: Any = dms_backends["123456789012"]["eu-central-1"]
    dms.table_statistics[operated.arn] = [{"SchemaName": "dms_sample", **t} for t in tables]


def metric(operated: Operated, namespace: str, name: str, value: float, **dimensions: str) -> None:
    """A value of a metric, a minute ago."""
    operated.client("cloudwatch").put_metric_data(
        Namespace=namespace,
        MetricData=[
            {
                "MetricName": name,
                "Dimensions": [{"Name": k, "Value": v} for k, v in dimensions.items()],
                "Timestamp": datetime.now(UTC) - timedelta(minutes=1),
                "Value": value,
            }
        ],
    )


def task_metric(operated: Operated, name: str, value: float) -> None:
    """A value of a metric of the task."""
    task = operated.arn.rpartition(":")[2]
    metric(
        operated,
        "AWS/DMS",
        name,
        value,
        ReplicationInstanceIdentifier="instance",
        ReplicationTaskIdentifier=task,
    )


def read(operated: Operated, **instead: Any) -> PipelineStatus:
    clients = {name: operated.client(name) for name in SERVICES} | instead
    return read_status(clients, operated.pipeline)


def findings(operated: Operated, **instead: Any) -> list[Finding]:
    return judge(read(operated, **instead), option="--env local")


def test_one_that_runs_is_well(operated: Operated) -> None:
    operated.start()
    table = {"TableName": "tickets", "TableState": "Table completed", "FullLoadRows": 7}
    statistics(operated, {**table, "Inserts": 2, "LastUpdateTime": datetime.now(UTC).timestamp()})
    task_metric(operated, "CDCLatencySource", 3)
    metric(operated, "AWS/Firehose", "DeliveryToS3.Records", 40, DeliveryStreamName="delivery")
    found = read(operated)
    assert judge(found, option="--env local") == []
    assert found.replication is not None
    assert (found.replication.status, found.replication.migration_type) == (
        "running",
        "full-load-and-cdc",
    )
    assert found.stream is not None
    assert (found.stream.status, found.stream.shards) == ("ACTIVE", 1)
    assert found.delivery is not None
    assert found.delivery.status == "ACTIVE"
    assert found.tables is not None
    assert [(t.name, t.loaded, t.inserts) for t in found.tables] == [("dms_sample.tickets", 7, 2)]
    assert found.progress is not None
    assert found.progress.source_latency is not None
    assert found.progress.source_latency.value == 3
    assert found.progress.delivered is not None
    assert found.progress.delivered.value == 40
    assert found.progress.target_latency is None


@pytest.mark.parametrize("serverless", [False, True], ids=["instance", "serverless"])
def test_one_that_does_not_run_says_how_to_go_on(operating: Operating, serverless: bool) -> None:
    operated = operating(serverless=serverless)
    (never,) = findings(operated)
    assert never.severity == "wrong"
    assert never.do == f"start it with `dms-stream start {HERE}`"

    operated.start()
    assert findings(operated) == []
    if serverless:
        operated.account.dms.stop_replication(ReplicationConfigArn=operated.arn)
    else:
        operated.account.dms.stop_replication_task(ReplicationTaskArn=operated.arn)
    (stopped,) = findings(operated)
    assert re.match(
        r"the replication stands still since 20\d\d-.* \(Stop Reason NORMAL\)", stopped.what
    )
    assert stopped.do == f"go on with `dms-stream resume {HERE}`"


def test_a_failed_one_gives_dmss_reason(operated: Operated) -> None:
    operated.start()
    dms: Any = dms_backends["123456789012"]["eu-central-1"]
    dms.tasks[operated.arn] |= {"Status": "failed", "LastFailureMessage": "No binary log"}
    (failed,) = findings(operated)
    assert failed.what == "the replication failed: No binary log"
    assert f"`dms-stream logs {HERE} --errors`, mend the cause" in failed.do


def test_a_full_load_that_is_complete_is_no_trouble(operating: Operating) -> None:
    operated = operating(MigrationType="full-load")
    operated.start()
    (done,) = findings(operated)
    assert (done.severity, done.what) == (
        "notice",
        "the full load is complete; nothing is captured after it",
    )


def test_tables_in_trouble_are_named_with_what_reloads_them(operated: Operated) -> None:
    operated.start()
    statistics(
        operated,
        {"TableName": "tickets", "TableState": "Table error"},
        {"TableName": "seats", "TableState": "Table completed", "FullLoadErrorRows": 2},
        {"TableName": "persons", "TableState": "Table completed"},
    )
    (found,) = findings(operated)
    assert found.what == (
        "2 tables are in trouble: dms_sample.seats (Table completed), dms_sample.tickets "
        "(Table error)"
    )
    assert f"`dms-stream reload dms_sample.seats dms_sample.tickets {HERE}`" in found.do


def test_lag_is_told_where_it_begins(operated: Operated) -> None:
    operated.start()
    task_metric(operated, "CDCLatencySource", 2)
    task_metric(operated, "CDCLatencyTarget", 900)
    metric(
        operated, "AWS/Kinesis", "GetRecords.IteratorAgeMilliseconds", 1_800_000,
        StreamName="changes",
    )  # fmt: skip
    metric(
        operated, "AWS/Firehose", "DeliveryToS3.DataFreshness", 7200, DeliveryStreamName="delivery"
    )
    assert [found.what for found in findings(operated)] == [
        "what DMS writes is 900 s behind the source, while it reads in time",
        "the oldest record that nobody has read from the stream is 1800 s old; beyond the stream's "
        "retention it is lost",
        "the oldest record that Firehose has not delivered is 7200 s old",
    ]


DESCRIPTION = (
    "Critical. DMS reads behind the source. Look with `dms-stream status`. "
    "Runbook: docs/runbooks/source-latency.md"
)


def alarm(operated: Operated, state: str, **described: str) -> None:
    cloudwatch = operated.client("cloudwatch")
    cloudwatch.put_metric_alarm(
        AlarmName="local-tickets-source-latency",
        Namespace="AWS/DMS",
        MetricName="CDCLatencySource",
        Statistic="Maximum",
        Period=300,
        EvaluationPeriods=1,
        Threshold=600,
        ComparisonOperator="GreaterThanThreshold",
        **described,
    )
    cloudwatch.set_alarm_state(
        AlarmName="local-tickets-source-latency", StateValue=state, StateReason="900 > 600"
    )


def test_an_alarm_is_told_once_with_what_it_means(operated: Operated) -> None:
    operated.start()
    task_metric(operated, "CDCLatencySource", 900)
    alarm(operated, "ALARM", AlarmDescription=DESCRIPTION)
    assert findings(operated) == [
        Finding(
            "wrong",
            "alarm local-tickets-source-latency: 900 > 600",
            "Critical. DMS reads behind the source. Look with `dms-stream status --env local "
            "--pipeline tickets`. Runbook: docs/runbooks/source-latency.md",
        )
    ]
    alarm(operated, "OK")
    assert [found.what for found in findings(operated)] == ["DMS reads 900 s behind the source"]


def test_an_alarm_that_nobody_described_is_told(operated: Operated) -> None:
    operated.start()
    alarm(operated, "ALARM")
    (found,) = findings(operated)
    assert (found.what, found.do) == ("alarm local-tickets-source-latency: 900 > 600", "")


def test_records_that_were_not_delivered_are_counted(operated: Operated) -> None:
    operated.start()
    s3 = operated.client("s3")
    for number in range(2):
        s3.put_object(Bucket=BUCKET, Key=f"{ERRORS}processing-failed/{number}", Body=b"{}")
    s3.put_object(Bucket=BUCKET, Key="changes/1", Body=b"{}")
    (found,) = findings(operated)
    assert found.what.startswith("2 objects hold records that Firehose could not deliver")
    assert f"`dms-stream landed {HERE} --errors`" in found.do


def test_the_last_errors_of_task_and_delivery_are_there(operated: Operated) -> None:
    operated.start()
    logs, now = operated.client("logs"), int(datetime.now(UTC).timestamp() * 1000)

    def log(group: str, *messages: str) -> None:
        logs.create_log_stream(logGroupName=group, logStreamName="one")
        logs.put_log_events(
            logGroupName=group,
            logStreamName="one",
            logEvents=[{"timestamp": now - 1000, "message": text} for text in messages],
        )

    told = {"errorCode": "S3.AccessDenied", "message": "Access was denied", "count": 3}
    log("/aws/kinesisfirehose/delivery", json.dumps(told))
    found = read(operated).errors
    assert found is not None
    assert [(line.kind, line.text) for line in found] == [
        ("delivery", "S3.AccessDenied: Access was denied (3 records)")
    ]


class Refusing:
    """boto3's client of somebody who may not call something."""

    def __init__(self, client: Any, call: str, code: str = "AccessDeniedException") -> None:
        self._client, self._call, self._code = client, call, code

    def __getattr__(self, name: str) -> Any:
        if name != self._call:
            return getattr(self._client, name)

        def refuse(**_: object) -> None:
            answer: Any = {"Error": {"Code": self._code, "Message": "may not perform it"}}
            raise ClientError(answer, name)

        return refuse


def test_a_missing_permission_hides_its_part_only(operated: Operated) -> None:
    operated.start()
    kinesis = Refusing(operated.client("kinesis"), "describe_stream_summary")
    found = read(operated, kinesis=kinesis)
    assert found.stream is None
    assert found.delivery is not None
    (notice,) = judge(found, option="--env local")
    assert (notice.severity, notice.what) == (
        "notice",
        "not asked, for want of a permission: stream: may not perform it",
    )
    with pytest.raises(ClientError):
        read(operated, kinesis=Refusing(operated.client("kinesis"), "describe_stream_summary", "X"))


def test_what_is_gone_is_told(operated: Operated) -> None:
    operated.start()
    operated.client("firehose").delete_delivery_stream(DeliveryStreamName="delivery")
    operated.client("kinesis").delete_stream(StreamName="changes")
    operated.account.dms.stop_replication_task(ReplicationTaskArn=operated.arn)
    operated.account.dms.delete_replication_task(ReplicationTaskArn=operated.arn)
    assert [found.what for found in findings(operated)] == [
        "the replication that Terraform's state names does not exist in DMS",
        "the stream changes is MISSING",
        "the delivery stream delivery is MISSING",
    ]


def test_the_command_shows_it_on_one_screen(
    dms_stream: OperatingCommand, operated: Operated
) -> None:
    text = dms_stream.succeed("status", code=1)
    assert "the replication has never run" in text
    assert "→ start it with `dms-stream start --env local --pipeline tickets`" in text
    operated.start()
    statistics(operated, {"TableName": "tick[bold]ets", "TableState": "Table completed"})
    text = dms_stream.succeed("status")
    assert "Nothing is wrong." in text
    assert "dms_sample.tick[bold]ets" in text
    assert len(text.splitlines()) < 24


def test_the_command_gives_programs_all_of_it(
    dms_stream: OperatingCommand, operated: Operated
) -> None:
    operated.start()
    (told,) = json.loads(dms_stream.succeed("status", "--json"))
    assert told["pipeline"] == "tickets"
    assert told["replication"]["status"] == "running"
    assert told["findings"] == []
    assert set(PipelineStatus.__dataclass_fields__) <= set(told)


def test_a_pipeline_that_is_not_deployed_is_told_beside_the_others(
    dms_stream: OperatingCommand, operated: Operated
) -> None:
    pipelines = operated.workspace.settings.pipelines
    operated.settings(pipelines={**pipelines, "orders": pipelines["tickets"]})
    operated.start()
    text = dms_stream.succeed("status")
    assert "it is not deployed" in text
    assert "run `dms-stream deploy --env local --pipeline orders`" in text
    tickets, orders = json.loads(dms_stream.succeed("status", "--json"))
    assert (tickets["is_deployed"], orders["is_deployed"]) == (True, False)
    assert dms_stream.succeed("start") == "tickets runs already\nnot deployed: orders\n"


def test_a_watch_looks_again_until_it_is_ended(
    dms_stream: OperatingCommand, operated: Operated, capsys: pytest.CaptureFixture[str]
) -> None:
    del dms_stream  # has opened the way
    looks = []

    def sleep(seconds: float) -> None:
        looks.append(seconds)
        if len(looks) == 2:
            raise KeyboardInterrupt
        operated.start()

    def watch(console: Console, **options: Any) -> None:
        run_status(
            console, "local", None, watch=True, every=7, emulated=False, sleep=sleep, **options
        )

    with pytest.raises(KeyboardInterrupt):
        watch(open_console(), as_json=True)
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert looks == [7, 7]
    assert (first[0]["replication"]["status"], second[0]["replication"]["status"]) == (
        "ready",
        "running",
    )
    with pytest.raises(Exception, match="--watch draws on a terminal"):
        watch(open_console(), as_json=False)


def test_what_cloudwatch_does_not_have_is_nothing_and_no_figure() -> None:
    assert set(vars(Progress()).values()) == {None}
