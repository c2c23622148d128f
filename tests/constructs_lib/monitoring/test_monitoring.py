"""Monitoring: what reaches Terraform, and what is refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, get_args

import pytest

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.change_stream import ChangeStream
from constructs_lib.customer_key import CustomerKeyEncryption
from constructs_lib.errors import ConstructError, InvalidPropsError
from constructs_lib.monitoring import (
    ExistingTopics,
    Monitoring,
    MonitoringProps,
    NewTopic,
    SlackChannel,
    Subscribers,
    Thresholds,
)
from constructs_lib.monitoring.props import AlarmName
from tests.support.synth import Json, new_stack, only, policy, resource, synth

TOPIC_ARN = "arn:aws:sns:eu-west-1:123456789012:on-call"
KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/0f0e0d0c-1111-2222-3333-444455556666"
TASK_ARN = "arn:aws:dms:eu-west-1:123456789012:task:ABC123"
CONFIG_ARN = "arn:aws:dms:eu-west-1:123456789012:replication-config:orders"
TASK = {"ReplicationInstanceIdentifier": "dms-1", "ReplicationTaskIdentifier": "ABC123"}
INSTANCE = {"ReplicationInstanceIdentifier": "dms-1"}


@dataclass
class Replication:
    task_dimensions: Mapping[str, str]
    instance_dimensions: Mapping[str, str] | None
    replication_arn: str = TASK_ARN


@dataclass
class Stream:
    stream_name: str = "orders"
    shard_count: int | None = None


@dataclass
class Delivery:
    delivery_stream_name: str = "orders-to-s3"
    converts_format: bool = False
    uses_dynamic_partitioning: bool = False
    has_customer_key: bool = False


@dataclass
class Source:
    cluster_identifier: str = "orders-db"


TASK_ON_INSTANCE = Replication(TASK, INSTANCE)


def synth_monitoring(props: MonitoringProps | None = None, **watched: Any) -> Json:
    return synth(lambda stack: Monitoring(stack, "monitoring", props=props, **watched))


def synth_everything(props: MonitoringProps | None = None) -> Json:
    return synth_monitoring(
        props,
        replication=TASK_ON_INSTANCE,
        stream=Stream(shard_count=2),
        delivery=Delivery(
            converts_format=True, uses_dynamic_partitioning=True, has_customer_key=True
        ),
        source=Source(),
    )


def alarms(document: Json) -> dict[str, Json]:
    found = document.get("resource", {}).get("aws_cloudwatch_metric_alarm", {})
    return {
        name.removeprefix("monitoring_"): {key: alarm[key] for key in alarm if key != "//"}
        for name, alarm in found.items()
    }


def widgets(document: Json) -> list[Json]:
    body = json.loads(only(document, "aws_cloudwatch_dashboard")["dashboard_body"])
    found: list[Json] = body["widgets"]
    return found


def graphs(document: Json) -> dict[str, Json]:
    return {
        widget["properties"]["title"]: widget
        for widget in widgets(document)
        if widget["type"] == "metric"
    }


def test_every_alarm_has_its_metric_dimensions_and_meaning_of_missing_data() -> None:
    found = {
        name: (
            f"{alarm['namespace']} {alarm['metric_name']}",
            alarm["dimensions"],
            alarm["statistic"],
            alarm["threshold"],
            alarm["treat_missing_data"],
        )
        for name, alarm in alarms(synth_everything()).items()
    }
    stream, delivery = {"StreamName": "orders"}, {"DeliveryStreamName": "orders-to-s3"}
    dms, firehose = "AWS/DMS", "AWS/Firehose"
    writer = {"DBClusterIdentifier": "orders-db", "Role": "WRITER"}
    assert found == {
        "source_latency": (f"{dms} CDCLatencySource", TASK, "Maximum", 600, "breaching"),
        "target_latency": (f"{dms} CDCLatencyTarget", TASK, "Maximum", 600, "breaching"),
        "source_changes_on_disk": (
            f"{dms} CDCChangesDiskSource",
            TASK,
            "Average",
            100_000,
            "notBreaching",
        ),
        "target_changes_on_disk": (
            f"{dms} CDCChangesDiskTarget",
            TASK,
            "Average",
            100_000,
            "notBreaching",
        ),
        "instance_swap": (f"{dms} SwapUsage", INSTANCE, "Maximum", 268_435_456, "ignore"),
        "instance_memory": (f"{dms} FreeableMemory", INSTANCE, "Minimum", 268_435_456, "ignore"),
        "instance_storage": (
            f"{dms} FreeStorageSpace",
            INSTANCE,
            "Minimum",
            10_737_418_240,
            "ignore",
        ),
        "instance_cpu": (f"{dms} CPUUtilization", INSTANCE, "Average", 90, "ignore"),
        "unread_age": (
            "AWS/Kinesis GetRecords.IteratorAgeMilliseconds",
            stream,
            "Maximum",
            900_000,
            "breaching",
        ),
        "refused_writes": (
            "AWS/Kinesis WriteProvisionedThroughputExceeded",
            stream,
            "Sum",
            0,
            "notBreaching",
        ),
        "throttled_reads": (
            "AWS/Kinesis ReadProvisionedThroughputExceeded",
            stream,
            "Sum",
            0,
            "notBreaching",
        ),
        # 80 % of what 2 shards take in 5 minutes
        "shard_bytes": ("AWS/Kinesis IncomingBytes", stream, "Sum", 480_000_000, "notBreaching"),
        "shard_records": ("AWS/Kinesis IncomingRecords", stream, "Sum", 480_000, "notBreaching"),
        "undelivered_age": (
            f"{firehose} DeliveryToS3.DataFreshness",
            delivery,
            "Maximum",
            1800,
            "notBreaching",
        ),
        "delivery_success": (
            f"{firehose} DeliveryToS3.Success",
            delivery,
            "Average",
            1,
            "notBreaching",
        ),
        "failed_conversions": (
            f"{firehose} FailedConversion.Records",
            delivery,
            "Sum",
            0,
            "notBreaching",
        ),
        "too_many_partitions": (
            f"{firehose} PartitionCountExceeded",
            delivery,
            "Maximum",
            0,
            "notBreaching",
        ),
        **{
            f"key_{words}": (f"{firehose} KMSKey{metric}", delivery, "Sum", 0, "notBreaching")
            for words, metric in (
                ("access_denied", "AccessDenied"),
                ("disabled", "Disabled"),
                ("invalid_state", "InvalidState"),
                ("not_found", "NotFound"),
            )
        },
        "source_cpu": ("AWS/RDS CPUUtilization", writer, "Average", 90, "ignore"),
        "source_binlog": (
            "AWS/RDS SumBinaryLogSize",
            writer,
            "Maximum",
            107_374_182_400,
            "ignore",
        ),
        "source_local_storage": (
            "AWS/RDS FreeLocalStorage",
            writer,
            "Minimum",
            5_368_709_120,
            "ignore",
        ),
    }


def test_alarms_go_off_on_the_right_side_after_a_quarter_of_an_hour() -> None:
    found = alarms(synth_everything())
    below = {name for name, a in found.items() if a["comparison_operator"] == "LessThanThreshold"}
    assert below == {
        "instance_memory",
        "instance_storage",
        "delivery_success",
        "source_local_storage",
    }
    assert {a["comparison_operator"] for name, a in found.items() if name not in below} == {
        "GreaterThanThreshold"
    }
    assert {a["period"] for a in found.values()} == {300}
    at_once = {name for name, a in found.items() if a["evaluation_periods"] == 1}
    assert at_once == {
        "failed_conversions",
        "too_many_partitions",
        *(
            f"key_{reason}"
            for reason in ("access_denied", "disabled", "invalid_state", "not_found")
        ),
    }
    assert {a["evaluation_periods"] for name, a in found.items() if name not in at_once} == {3}


def test_by_default_alarms_tell_nobody_and_say_what_to_do() -> None:
    alarm = alarms(synth_everything())["refused_writes"]
    assert "alarm_actions" not in alarm
    assert alarm["alarm_name"] == "app-monitoring-refused-writes"
    assert alarm["alarm_description"] == (
        "Warning. The stream refuses records for want of shards: give it more, or on-demand "
        "capacity; look for a partition key that sends all to one shard. Look with `dms-stream "
        "status`. Runbook: docs/runbooks/refused-writes.md"
    )


def test_everything_set() -> None:
    props = MonitoringProps(
        thresholds=Thresholds(
            source_latency=timedelta(seconds=30),
            target_latency=timedelta(minutes=1),
            instance_free_memory_mib=1,
            instance_free_storage_gib=2,
            instance_cpu_percent=50.5,
            unread_age=timedelta(hours=1),
            refused_writes=7,
            undelivered_age=timedelta(hours=2),
            delivery_success_percent=99,
            failed_conversions=3,
            source_cpu_percent=80,
            changes_on_disk=5,
            instance_swap_mib=1,
            throttled_reads=4,
            shard_use_percent=50,
            source_binlog_gib=1,
            source_free_local_storage_gib=2,
        ),
        sustained_for=timedelta(hours=1),
        notify=ExistingTopics(kind="existing", topic_arns=(TOPIC_ARN,)),
        dashboard=False,
    )
    document = synth_everything(props)
    found = alarms(document)
    assert {name: alarm["threshold"] for name, alarm in found.items()} == {
        "source_latency": 30,
        "target_latency": 60,
        "instance_memory": 1_048_576,
        "instance_storage": 2_147_483_648,
        "instance_cpu": 50.5,
        "unread_age": 3_600_000,
        "refused_writes": 7,
        "undelivered_age": 7200,
        "delivery_success": 0.99,
        "failed_conversions": 3,
        "too_many_partitions": 0,
        "source_cpu": 80,
        "source_changes_on_disk": 5,
        "target_changes_on_disk": 5,
        "instance_swap": 1_048_576,
        "throttled_reads": 4,
        "shard_bytes": 300_000_000,
        "shard_records": 300_000,
        "key_access_denied": 0,
        "key_disabled": 0,
        "key_invalid_state": 0,
        "key_not_found": 0,
        "source_binlog": 1_073_741_824,
        "source_local_storage": 2_147_483_648,
    }
    assert found["unread_age"]["evaluation_periods"] == 12
    for alarm in found.values():
        assert alarm["alarm_actions"] == alarm["ok_actions"] == [TOPIC_ARN]
    assert "aws_cloudwatch_dashboard" not in document["resource"]
    assert "aws_sns_topic" not in document["resource"]


def test_a_threshold_of_none_makes_no_alarm() -> None:
    thresholds = Thresholds(
        source_latency=None,
        target_latency=None,
        instance_free_memory_mib=None,
        instance_free_storage_gib=None,
        instance_cpu_percent=None,
        unread_age=None,
        refused_writes=None,
        undelivered_age=None,
        delivery_success_percent=None,
        failed_conversions=None,
        too_many_partitions=False,
        source_cpu_percent=None,
        changes_on_disk=None,
        instance_swap_mib=None,
        throttled_reads=None,
        shard_use_percent=None,
        key_errors=False,
        source_binlog_gib=None,
        source_free_local_storage_gib=None,
    )
    assert alarms(synth_everything(MonitoringProps(thresholds=thresholds))) == {}


def test_without_alarms_the_dashboard_stays_and_draws_no_thresholds() -> None:
    document = synth_everything(MonitoringProps(alarms=False))
    assert alarms(document) == {}
    found = graphs(document)
    assert len(found) == 20
    assert not [title for title, graph in found.items() if "annotations" in graph["properties"]]
    assert not [widget for widget in widgets(document) if widget["type"] == "alarm"]


def test_the_dashboard_draws_metrics_and_where_alarms_begin() -> None:
    document = synth_everything()
    assert only(document, "aws_cloudwatch_dashboard")["dashboard_name"] == "app-monitoring"
    latency = graphs(document)["DMS: latency (s)"]["properties"]
    assert latency["region"] == "${data.aws_region.current_region.name}"
    assert latency["annotations"] == {
        "horizontal": [{"label": "alarm", "value": 600, "fill": "above"}]
    }
    storage = graphs(document)["DMS instance: free storage (bytes)"]["properties"]
    assert storage["annotations"]["horizontal"][0]["fill"] == "below"
    dimensions = ["ReplicationInstanceIdentifier", "dms-1", "ReplicationTaskIdentifier", "ABC123"]
    assert latency["metrics"] == [
        ["AWS/DMS", metric, *dimensions, {"stat": "Maximum", "label": label}]
        for metric, label in [
            ("CDCLatencySource", "behind the source (s)"),
            ("CDCLatencyTarget", "behind, at the stream (s)"),
        ]
    ]


def test_the_graphs_neither_overlap_nor_leave_the_grid() -> None:
    taken = set()
    for widget in widgets(synth_everything()):
        for x in range(widget["x"], widget["x"] + widget["width"]):
            for y in range(widget["y"], widget["y"] + widget["height"]):
                assert (x, y) not in taken
                assert 0 <= x < 24
                taken.add((x, y))


def test_the_dashboard_reads_from_left_to_right_like_the_pipeline() -> None:
    document = synth_everything()
    first, *others = widgets(document)
    assert first["type"] == "alarm"
    assert len(first["properties"]["alarms"]) == len(alarms(document))
    assert [
        (widget["x"], widget["properties"]["markdown"])
        for widget in others
        if widget["type"] == "text"
    ] == [(0, "## Source →"), (6, "## DMS →"), (12, "## Kinesis →"), (18, "## Firehose to S3")]
    by_place = {title.partition(":")[0]: graph["x"] for title, graph in graphs(document).items()}
    assert by_place == {"Source": 0, "DMS": 6, "DMS instance": 6, "Kinesis": 12, "Firehose": 18}


def test_what_is_not_there_is_not_watched() -> None:
    serverless = Replication({"ReplicationConfigIdentifier": "orders"}, None)
    assert set(alarms(synth_monitoring(replication=serverless))) == {
        "source_latency",
        "target_latency",
        "source_changes_on_disk",
        "target_changes_on_disk",
    }
    # on demand, nobody knows how many shards there are
    assert set(alarms(synth_monitoring(stream=Stream()))) == {
        "unread_age",
        "refused_writes",
        "throttled_reads",
    }
    # neither conversion nor partitioning: nothing to alarm of them
    assert set(alarms(synth_monitoring(delivery=Delivery()))) == {
        "undelivered_age",
        "delivery_success",
    }


def test_a_construct_is_watched_by_its_tokens() -> None:
    def build(stack: ReadableAddressStack) -> None:
        stream = ChangeStream(stack, "stream")
        Monitoring(stack, "monitoring", stream=stream)

    document = synth(build)
    name = "${aws_kinesis_stream.stream.name}"
    assert alarms(document)["unread_age"]["dimensions"] == {"StreamName": name}
    assert name in only(document, "aws_cloudwatch_dashboard")["dashboard_body"]


def test_an_imported_streams_name_survives_the_dashboards_json() -> None:
    def build(stack: ReadableAddressStack) -> None:
        arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders"
        stream = ChangeStream.from_arn(stack, "stream", stream_arn=arn)
        Monitoring(stack, "monitoring", stream=stream)

    body = only(synth(build), "aws_cloudwatch_dashboard")["dashboard_body"]
    # Terraform reads the expression, not JSON: its quotes must not be escaped
    assert '${element(split("/", "arn:aws:kinesis:' in body


def test_a_new_topic_takes_messages_of_this_accounts_alarms_only() -> None:
    props = MonitoringProps(notify=NewTopic(kind="new", emails=("a@example.com", "b@example.com")))
    document = synth_monitoring(props, stream=Stream())
    arn = "${aws_sns_topic.monitoring_topic.arn}"
    assert resource(document, "aws_sns_topic.monitoring_topic") == {"name": "app-monitoring"}
    assert policy(document, "aws_sns_topic_policy.monitoring_topic_policy") == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": arn,
            "Condition": {
                "StringEquals": {
                    "aws:SourceAccount": "${data.aws_caller_identity.current_identity.account_id}"
                }
            },
        },
        {
            "Sid": "TlsOnly",
            "Effect": "Deny",
            "Principal": "*",
            "Action": "sns:Publish",
            "Resource": arn,
            "Condition": {"Bool": {"aws:SecureTransport": "false"}},
        },
    ]
    assert resource(document, "aws_sns_topic_subscription.monitoring_email_2") == {
        "topic_arn": arn,
        "protocol": "email",
        "endpoint": "b@example.com",
    }
    assert alarms(document)["unread_age"]["alarm_actions"] == [arn]


def test_a_topic_may_be_encrypted_with_a_key_that_lets_cloudwatch_in() -> None:
    topic = NewTopic(kind="new", encryption=CustomerKeyEncryption(kind="customer"))
    document = synth_monitoring(MonitoringProps(notify=topic), stream=Stream())
    found = resource(document, "aws_sns_topic.monitoring_topic")
    assert found["kms_master_key_id"] == "${aws_kms_key.monitoring_key.arn}"
    owner, cloudwatch = policy(document, "aws_kms_key.monitoring_key")
    account = "${data.aws_caller_identity.current_identity.account_id}"
    assert owner["Principal"]["AWS"].endswith(f":iam::{account}:root")
    assert cloudwatch == {
        "Sid": "PublishCloudwatch",
        "Effect": "Allow",
        "Principal": {"Service": "cloudwatch.amazonaws.com"},
        "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
        "Resource": "*",
        "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": account}},
    }
    existing = CustomerKeyEncryption(kind="customer", key_arn=KEY_ARN)
    topic = NewTopic(kind="new", encryption=existing)
    document = synth_monitoring(MonitoringProps(notify=topic), stream=Stream())
    assert "aws_kms_key" not in document["resource"]
    found = resource(document, "aws_sns_topic.monitoring_topic")
    assert found["kms_master_key_id"] == KEY_ARN


def test_a_topic_lets_others_publish_who_are_named_and_so_does_its_key() -> None:
    topic = NewTopic(kind="new", encryption=CustomerKeyEncryption(kind="customer"))

    def build(stack: ReadableAddressStack) -> None:
        monitoring = Monitoring(
            stack, "monitoring", props=MonitoringProps(notify=topic), stream=Stream()
        )
        (waits,) = monitoring.let_publish("dms.amazonaws.com", "events.amazonaws.com")
        assert waits.friendly_unique_id == "monitoring_topic_policy"

    document = synth(build)
    account = "${data.aws_caller_identity.current_identity.account_id}"
    own, tls, dms, events = policy(document, "aws_sns_topic_policy.monitoring_topic_policy")
    assert own["Principal"] == {"Service": "cloudwatch.amazonaws.com"}
    assert tls["Effect"] == "Deny"
    for statement, service in ((dms, "dms"), (events, "events")):
        assert statement == {
            "Effect": "Allow",
            "Principal": {"Service": f"{service}.amazonaws.com"},
            "Action": "sns:Publish",
            "Resource": "${aws_sns_topic.monitoring_topic.arn}",
            "Condition": {"StringEqualsIfExists": {"aws:SourceAccount": account}},
        }
    of_key = policy(document, "aws_kms_key.monitoring_key")
    assert [statement["Sid"] for statement in of_key[1:]] == [
        "PublishCloudwatch",
        "PublishDms",
        "PublishEvents",
    ]


def test_without_a_topic_of_its_own_there_is_nothing_to_publish_to() -> None:
    monitoring = Monitoring(new_stack(), "monitoring", stream=Stream())
    with pytest.raises(ConstructError, match="has no topic of its own to publish to: set notify"):
        monitoring.let_publish("dms.amazonaws.com")


@pytest.mark.parametrize(
    ("given", "where", "message"),
    [
        (
            {"sustained_for": "PT7M"},
            "sustained_for",
            "must be a multiple of 5 minutes, from PT5M to PT24H",
        ),
        ({"sustained_for": "PT0M"}, "sustained_for", "must be a multiple of 5 minutes"),
        ({"sustained_for": "PT25H"}, "sustained_for", "must be a multiple of 5 minutes"),
        (
            {"thresholds": {"source_latency": 60}},
            "thresholds.source_latency",
            "a duration needs its unit",
        ),
        (
            {"thresholds": {"unread_age": "PT0S"}},
            "thresholds.unread_age",
            "must be a whole number of seconds, from 1 to 604800",
        ),
        (
            {"thresholds": {"instance_cpu_percent": 101}},
            "thresholds.instance_cpu_percent",
            "must be 100 or less",
        ),
        ({"notify": {"kind": "existing"}}, "notify.topic_arns", "is required"),
        (
            {"notify": {"kind": "existing", "topic_arns": ["on-call"]}},
            "notify.topic_arns.0",
            "must match",
        ),
        (
            {"notify": {"kind": "existing", "topic_arns": [f"{TOPIC_ARN}.fifo"]}},
            "notify.topic_arns.0",
            "must match",
        ),
        (
            {"notify": {"kind": "new", "emails": ["nobody"]}},
            "notify.emails.0",
            "must be an address such as team@example.com",
        ),
        ({"notify": {"topic_arns": [TOPIC_ARN]}}, "notify.topic_arns", "unknown setting"),
        (
            {"notify": {"kind": "new", "https_endpoints": ["http://example.com"]}},
            "notify.https_endpoints.0",
            "must match",
        ),
        (
            # no password in a settings file
            {"notify": {"kind": "new", "https_endpoints": ["https://me:secret@example.com/"]}},
            "notify.https_endpoints.0",
            "must match",
        ),
        (
            {"notify": {"kind": "new", "slack": {"team_id": "#alarms", "channel_id": "C1"}}},
            "notify.slack.team_id",
            "must match",
        ),
        ({"severities": {"source-cpu": "loud"}}, "severities.source-cpu", "must be 'critical' or"),
        ({"severities": {"sauce-cpu": "warning"}}, "severities.sauce-cpu", "source-cpu"),
        (
            {"thresholds": {"replication_events": ["paused"]}},
            "thresholds.replication_events.0",
            "must be 'failed'",
        ),
        ({"runbooks": "docs/runbooks"}, "runbooks", "must match"),
        ({"thresholds": {"shard_use_percent": 0}}, "thresholds.shard_use_percent", "more than 0"),
    ],
)
def test_refusals_say_where_and_what_is_allowed(
    given: dict[str, Any], where: str, message: str
) -> None:
    with pytest.raises(InvalidPropsError) as caught:
        MonitoringProps(**given)
    assert f"- {where}: " in str(caught.value)
    assert message in str(caught.value)


def test_a_failed_or_stopped_replication_is_told_to_the_topic() -> None:
    props = MonitoringProps(notify=NewTopic(kind="new"))
    document = synth_monitoring(props, replication=TASK_ON_INSTANCE)
    rule = only(document, "aws_cloudwatch_event_rule")
    assert rule["name"] == "app-monitoring-replication-events"
    assert json.loads(rule["event_pattern"]) == {
        "source": ["aws.dms"],
        "detail-type": ["DMS Replication Task State Change"],
        "detail": {"eventType": ["REPLICATION_TASK_FAILED", "REPLICATION_TASK_STOPPED"]},
        "resources": [TASK_ARN],
    }
    assert rule["description"].endswith("Runbook: docs/runbooks/replication-events.md")
    topic = "${aws_sns_topic.monitoring_topic.arn}"
    target = only(document, "aws_cloudwatch_event_target")
    assert target["arn"] == topic
    assert target["depends_on"] == ["aws_sns_topic_policy.monitoring_topic_policy"]
    statements = policy(document, "aws_sns_topic_policy.monitoring_topic_policy")
    assert statements[-1]["Principal"] == {"Service": "events.amazonaws.com"}

    serverless = Replication({"ReplicationConfigId": "1:orders"}, None, CONFIG_ARN)
    failures = Thresholds(replication_events=("failed",))
    existing = ExistingTopics(kind="existing", topic_arns=(TOPIC_ARN,))
    props = MonitoringProps(thresholds=failures, notify=existing)
    document = synth_monitoring(props, replication=serverless)
    assert json.loads(only(document, "aws_cloudwatch_event_rule")["event_pattern"]) == {
        "source": ["aws.dms"],
        "detail-type": ["DMS Replication State Change"],
        "detail": {"eventType": ["REPLICATION_FAILED"]},
        "resources": [CONFIG_ARN],
    }
    assert only(document, "aws_cloudwatch_event_target")["arn"] == TOPIC_ARN


@pytest.mark.parametrize(
    "props",
    [
        MonitoringProps(),
        MonitoringProps(alarms=False, notify=NewTopic(kind="new")),
        MonitoringProps(thresholds=Thresholds(replication_events=()), notify=NewTopic(kind="new")),
    ],
)
def test_without_anybody_to_tell_there_is_no_rule(props: MonitoringProps) -> None:
    document = synth_monitoring(props, replication=TASK_ON_INSTANCE)
    assert "aws_cloudwatch_event_rule" not in document["resource"]


def test_warnings_may_go_elsewhere_and_severities_may_differ() -> None:
    topic = NewTopic(
        kind="new",
        emails=("pager@example.com",),
        encryption=CustomerKeyEncryption(kind="customer"),
        warnings=Subscribers(https_endpoints=("https://example.com/warnings",)),
    )
    props = MonitoringProps(
        notify=topic,
        severities={"refused-writes": "critical", "replication-events": "warning"},
        runbooks="https://example.com/runbooks/",
    )
    document = synth_monitoring(props, stream=Stream(), replication=TASK_ON_INSTANCE)
    critical, warnings = (
        f"${{aws_sns_topic.monitoring_{name}.arn}}" for name in ("topic", "warnings_topic")
    )
    found = alarms(document)
    assert {name: alarm["alarm_actions"] for name, alarm in found.items()} == {
        "source_latency": [critical],
        "target_latency": [critical],
        "source_changes_on_disk": [warnings],
        "target_changes_on_disk": [warnings],
        "instance_memory": [warnings],
        "instance_swap": [warnings],
        "instance_storage": [critical],
        "instance_cpu": [warnings],
        "unread_age": [critical],
        "refused_writes": [critical],
        "throttled_reads": [warnings],
    }
    description = found["refused_writes"]["alarm_description"]
    assert description.startswith("Critical. The stream refuses records")
    assert description.endswith("Runbook: https://example.com/runbooks/refused-writes.md")
    assert only(document, "aws_cloudwatch_event_target")["arn"] == warnings
    named = resource(document, "aws_sns_topic.monitoring_warnings_topic")
    assert named["name"] == "app-monitoring-warnings"
    assert resource(document, "aws_sns_topic_subscription.monitoring_warnings_https_1") == {
        "topic_arn": warnings,
        "protocol": "https",
        "endpoint": "https://example.com/warnings",
    }
    # one key for both, which lets each publisher in once
    assert [statement["Sid"] for statement in policy(document, "aws_kms_key.monitoring_key")] == [
        "IamPoliciesOfTheAccount",
        "PublishCloudwatch",
        "PublishEvents",
    ]
    of_critical = policy(document, "aws_sns_topic_policy.monitoring_topic_policy")
    assert [s["Principal"] for s in of_critical if s["Effect"] == "Allow"] == [
        {"Service": "cloudwatch.amazonaws.com"}
    ]


def test_existing_topics_may_differ_for_warnings() -> None:
    other = f"{TOPIC_ARN}-office-hours"
    topics = ExistingTopics(kind="existing", topic_arns=(TOPIC_ARN,), warning_topic_arns=(other,))
    found = alarms(synth_monitoring(MonitoringProps(notify=topics), stream=Stream()))
    assert found["unread_age"]["alarm_actions"] == [TOPIC_ARN]
    assert found["throttled_reads"]["ok_actions"] == [other]


def test_a_channel_of_slack_is_configured_once_and_may_only_look_at_cloudwatch() -> None:
    channel = SlackChannel(team_id="T07EA123LEP", channel_id="C07EZ1ABC23")
    other = SlackChannel(team_id="T07EA123LEP", channel_id="C0OTHER")
    arns = [f"${{aws_sns_topic.monitoring_{name}.arn}}" for name in ("topic", "warnings_topic")]
    for warnings, expected in ((channel, [arns]), (other, [arns[:1], arns[1:]])):
        topic = NewTopic(kind="new", slack=channel, warnings=Subscribers(slack=warnings))
        document = synth_monitoring(MonitoringProps(notify=topic), stream=Stream())
        made = document["resource"]["aws_chatbot_slack_channel_configuration"]
        assert [each["sns_topic_arns"] for each in made.values()] == expected
    assert resource(document, "aws_chatbot_slack_channel_configuration.monitoring_slack_2") == {
        "configuration_name": "app-monitoring-2",
        "iam_role_arn": "${aws_iam_role.monitoring_slack_role.arn}",
        "slack_team_id": "T07EA123LEP",
        "slack_channel_id": "C0OTHER",
        "sns_topic_arns": arns[1:],
        "guardrail_policy_arns": [
            "arn:${data.aws_partition.current_partition.partition}:iam::aws:policy/"
            "CloudWatchReadOnlyAccess"
        ],
        "depends_on": ["aws_iam_role_policy.monitoring_slack_role_draw_monitoring"],
    }
    role = resource(document, "aws_iam_role.monitoring_slack_role")
    (trust,) = json.loads(role["assume_role_policy"])["Statement"]
    assert trust["Principal"] == {"Service": "chatbot.amazonaws.com"}
    (allowed,) = policy(document, "aws_iam_role_policy.monitoring_slack_role_draw_monitoring")
    assert {action.partition(":")[0] for action in allowed["Action"]} == {"cloudwatch"}


def test_every_alarm_has_a_name_a_severity_and_a_description_that_aws_takes() -> None:
    props = MonitoringProps(
        notify=NewTopic(kind="new"), runbooks="https://example.com/" + "r" * 179 + "/"
    )
    document = synth_everything(props)
    found = {
        alarm["alarm_name"].removeprefix("app-monitoring-"): alarm["alarm_description"]
        for alarm in alarms(document).values()
    }
    rule = only(document, "aws_cloudwatch_event_rule")["description"]
    # https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
    assert len(rule) <= 512
    assert {*found, "replication-events"} == set(get_args(AlarmName))
    for description in (*found.values(), rule):
        # https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
        assert len(description) <= 1024
        assert description.startswith(("Critical. ", "Warning. "))


def test_nothing_to_monitor_is_refused() -> None:
    with pytest.raises(ConstructError) as caught:
        Monitoring(new_stack(), "monitoring")
    assert str(caught.value) == (
        "app/monitoring: has nothing to monitor: pass at least one of replication, stream, "
        "delivery and source"
    )


def test_two_in_one_stack_do_not_collide() -> None:
    def build(stack: ReadableAddressStack) -> None:
        for id_ in ("orders", "tickets"):
            Monitoring(
                stack, id_, props=MonitoringProps(notify=NewTopic(kind="new")), stream=Stream(id_)
            )

    document = synth(build)
    names = {
        alarm["alarm_name"]
        for alarm in document["resource"]["aws_cloudwatch_metric_alarm"].values()
    }
    assert names == {
        f"app-{id_}-{alarm}"
        for id_ in ("orders", "tickets")
        for alarm in ("unread-age", "refused-writes", "throttled-reads")
    }
    dashboards = document["resource"]["aws_cloudwatch_dashboard"].values()
    assert {board["dashboard_name"] for board in dashboards} == {"app-orders", "app-tickets"}
