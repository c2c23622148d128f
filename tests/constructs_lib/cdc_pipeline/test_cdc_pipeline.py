"""CdcPipeline wires its parts; what does not fit between them is refused."""

import json
from datetime import timedelta
from typing import Any

import pytest

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.cdc_pipeline import CdcPipeline, CdcPipelineProps
from constructs_lib.errors import InvalidPropsError
from tests.support.synth import Json, addresses, only, resource, synth

KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/0f0e0d0c-1111-2222-3333-444455556666"
CERTIFICATE_ARN = "arn:aws:dms:eu-west-1:123456789012:cert:ABCDEFGHIJKLMNOP"
_NAMED_WITHIN_ANOTHER = (
    "aws_iam_role_policy",
    "aws_glue_catalog_table",
    "aws_athena_named_query",
    "aws_cloudwatch_log_stream",
)
TLS = {"kind": "verify-full", "certificate": {"arn": CERTIFICATE_ARN}}


def props(**changes: Any) -> dict[str, Any]:
    replication = {
        "table_mappings": {"tables": ["dms_sample.ticket_purchase_hist"]},
        "source_endpoint": {"tls": TLS},
        **changes.pop("replication", {}),
    }
    return {"source": {"kind": "new"}, "replication": replication, **changes}


def synth_pipeline(**changes: Any) -> Json:
    return synth(
        lambda stack: CdcPipeline(stack, "tickets", props=CdcPipelineProps(**props(**changes)))
    )


def test_data_flows_from_the_database_to_the_bucket() -> None:
    document = synth_pipeline()
    target = resource(document, "aws_dms_endpoint.tickets_replication_target_endpoint")
    delivery = resource(document, "aws_kinesis_firehose_delivery_stream.tickets_delivery")
    stream_arn = "${aws_kinesis_stream.tickets_stream.arn}"
    assert target["kinesis_settings"]["stream_arn"] == stream_arn
    assert delivery["kinesis_source_configuration"]["kinesis_stream_arn"] == stream_arn
    assert (
        delivery["extended_s3_configuration"]["bucket_arn"]
        == "${aws_s3_bucket.tickets_landing.arn}"
    )
    source = resource(document, "aws_dms_endpoint.tickets_replication_source_endpoint")
    assert source["secrets_manager_arn"] == (
        "${aws_secretsmanager_secret.tickets_source_secret.arn}"
    )
    task = resource(document, "aws_dms_replication_task.tickets_replication_task")
    assert task["source_endpoint_arn"].startswith("${aws_dms_endpoint.tickets_replication_source")
    assert task["start_replication_task"] is True


def test_outputs_are_all_a_consumer_needs_and_cannot_clash_with_a_pipelines_name() -> None:
    def build(stack: ReadableAddressStack) -> None:
        made.append(CdcPipeline(stack, "tickets", props=CdcPipelineProps(**props())))

    made: list[CdcPipeline] = []
    synth(build)
    outputs = made[0].outputs
    assert sorted(outputs) == [
        "binlog_retention_sql",
        "database_name",
        "delivery_stream_arn",
        "delivery_stream_name",
        "dms_user_sql",
        "endpoints_security_group_id",
        "example_query",
        "landing_bucket_name",
        "landing_prefix",
        "replication_arn",
        "replication_instance_arn",
        "source_endpoint_arn",
        "source_host",
        "source_secret_arn",
        "stream_arn",
        "stream_name",
        "table_name",
        "target_endpoint_arn",
        "vpc_id",
    ]
    assert all("_" in name for name in outputs), "a pipeline's name never holds an underscore"
    assert outputs["landing_prefix"] == "changes/"
    assert "GRANT SELECT ON `dms_sample`.`ticket_purchase_hist`" in outputs["dms_user_sql"]


def test_the_dms_user_may_read_what_the_mappings_select_and_no_more() -> None:
    def grants(*rules: dict[str, Any]) -> str:
        def build(stack: ReadableAddressStack) -> None:
            replication = {
                "table_mappings": {"rules": list(rules)},
                "source_endpoint": {"tls": TLS},
            }
            pipeline = CdcPipelineProps(**props(replication=replication))
            found.append(CdcPipeline(stack, "tickets", props=pipeline).outputs["dms_user_sql"])

        found: list[str] = []
        synth(build)
        return "\n".join(line for line in found[0].splitlines() if "SELECT" in line)

    def select(schema: str, table: str, action: str = "include") -> dict[str, Any]:
        return {
            "rule-type": "selection",
            "rule-action": action,
            "object-locator": {"schema-name": schema, "table-name": table},
        }

    assert "`shop`.`orders`" in grants(select("shop", "orders"), select("shop", "x", "exclude"))
    assert "`x`" not in grants(select("shop", "orders"), select("shop", "x", "exclude"))
    assert "`shop`.*" in grants(select("shop", "ord%"))
    assert "*.*" in grants(select("%", "orders"))


GUIDE = "https://docs.aws.amazon.com/dms/latest/userguide/"
NETWORK = {
    "kind": "existing",
    "vpc_id": "vpc-0a1b2c3d4e5f60718",
    "subnet_ids": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
}
SOURCE = {
    "kind": "existing",
    "host": "tickets.example.com",
    "secret_arn": "arn:aws:secretsmanager:eu-west-1:123456789012:secret:tickets-Ab12Cd",
    "cidr": "10.0.0.0/16",
}
EXISTING_INSTANCE = {"compute": {"kind": "existing", "replication_instance_id": "shared"}}
ASSESSED = {"premigration_assessments": True}
LOGGING = {"task_settings": {"logging": {"enable_logging": True}}}
NOT_LET_IN = (
    "only network.replication_security_group_id is let in there, by default a new security group "
    "which the instance is not in. Set network to `kind: existing` with the instance's VPC and "
    "replication_security_group_id to a security group of the instance, or replication.compute to "
    "`kind: instance`"
)


@pytest.mark.parametrize(
    ("changes", "where", "problem", "given"),
    [
        (
            {"source": SOURCE},
            "source.kind",
            "existing cannot be used with `network.kind: new`: a new VPC has no way out, so that "
            "DMS in it never reaches a database outside. Set network to `kind: existing` with "
            "vpc_id and subnet_ids of a VPC that reaches the database",
            "existing",
        ),
        (
            {"replication": EXISTING_INSTANCE},
            "replication.compute.kind",
            "existing cannot reach the database that `source.kind: new` makes: " + NOT_LET_IN,
            "existing",
        ),
        (
            {
                "replication": EXISTING_INSTANCE,
                "network": NETWORK,
                "source": {"kind": "snapshot", "snapshot_identifier": "tickets"},
            },
            "replication.compute.kind",
            "existing cannot reach the database that `source.kind: snapshot` makes: " + NOT_LET_IN,
            "existing",
        ),
        (
            {"network": {"endpoints": ["s3"]}},
            "network.endpoints",
            "must hold kinesis-streams, secretsmanager too: a new network (`network.kind: new`) "
            "has no other way to a service. Add what is missing, or leave endpoints out "
            f"({GUIDE}CHAP_VPC_Endpoints.html)",
            "s3",
        ),
        (
            {
                "network": {"endpoints": ["kinesis-streams", "secretsmanager"]},
                "replication": LOGGING,
            },
            "network.endpoints",
            "must hold logs too (logs because task_settings.logging is enabled): a new network "
            "(`network.kind: new`) has no other way to a service. Add what is missing, or leave "
            f"endpoints out ({GUIDE}CHAP_VPC_Endpoints.html)",
            "kinesis-streams, secretsmanager",
        ),
        (
            {"replication": {"source_endpoint": {"tls": {"kind": "none"}}}},
            "replication.source_endpoint.tls.kind",
            "must not be none, as the source refuses connections without TLS "
            "(source.tls_required): set it to verify-full with a certificate, or set "
            "source.tls_required to false",
            "none",
        ),
        (
            {"replication": {"target_endpoint": {"message_format": "json"}}},
            "replication.target_endpoint.message_format",
            "breaks a record over several lines, and data_catalog needs one record on a line: set "
            f"it to json-unformatted, or data_catalog to null ({GUIDE}CHAP_Target.Kinesis.html)",
            "json",
        ),
        (
            {
                "data_catalog": None,
                "delivery_stream": {"format": {"kind": "parquet"}, "buffer_mib": 64},
            },
            "delivery_stream.format.kind",
            "parquet takes its schema from data_catalog, which is null: set data_catalog, or "
            "deliver JSON",
            "parquet",
        ),
        (
            {"data_catalog": {"before_image_key": "before"}},
            "data_catalog.before_image_key",
            "must be the field_name that the task writes before-images under "
            "(replication.task_settings.before_image_settings), which is none, as they are not "
            "enabled: give both the same name",
            "before",
        ),
        (
            {"data_catalog": {"partition_values": {"schema_name": ["shop", "crm"]}}},
            "data_catalog.partition_values.schema_name",
            "is no partition key: the delivery stream partitions by the date alone. Take it out, "
            "or partition by it (delivery_stream.partitioning)",
            "shop, crm",
        ),
        (
            {
                "delivery_stream": {
                    "partitioning": {"kind": "custom", "keys": {"data": ".metadata.operation"}}
                }
            },
            "delivery_stream.partitioning.keys.data",
            "has the name of a column of the catalog's table (data, metadata, control, "
            "before_image, arrival_day): rename it, or set data_catalog to null",
            "data",
        ),
        (
            {"delivery_stream": {"format": {"compression": "ZIP"}}},
            "delivery_stream.format.compression",
            "is what Athena does not read as Firehose writes it, and data_catalog is there for "
            "Athena: use GZIP or HADOOP_SNAPPY, or set data_catalog to null "
            "(https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html)",
            "ZIP",
        ),
        (
            {"delivery_stream": {"file_extension": ".json"}},
            "delivery_stream.file_extension",
            "is not the ending by which Athena tells the compression, "
            "`delivery_stream.format.compression: GZIP`, so that it could not read the objects: "
            "let it end in .gz, such as .json.gz, leave it out, or set data_catalog to null "
            "(https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html)",
            ".json",
        ),
        (
            {"delivery_stream": {"name": "_changes"}},
            "delivery_stream.name",
            "begins with _ or ., and so do the objects' names, which Athena takes for hidden and "
            "leaves out: begin it with a letter, or set data_catalog to null "
            "(https://docs.aws.amazon.com/athena/latest/ug/troubleshooting-athena.html)",
            "_changes",
        ),
        (
            {"replication": ASSESSED, "delivery_stream": None},
            "replication.premigration_assessments",
            "needs a landing bucket of this account to write into, and this pipeline has none: "
            "leave it out, and name a role and a bucket to `dms-stream assess` with --role and "
            "--bucket",
            "True",
        ),
        (
            {
                "replication": ASSESSED,
                "landing_bucket": {
                    "kind": "existing",
                    "bucket_name": "theirs",
                    "owner_account_id": "210987654321",
                },
                "data_catalog": None,
            },
            "replication.premigration_assessments",
            "needs a landing bucket of this account to write into, and this pipeline has one of "
            "another: leave it out, and name a role and a bucket to `dms-stream assess` with "
            "--role and --bucket",
            "True",
        ),
        (
            {"replication": ASSESSED, "delivery_stream": {"prefix": ""}},
            "replication.premigration_assessments",
            "writes to premigration-assessments/ of the landing bucket, which lies in the folder "
            "of the data, `delivery_stream.prefix: ''`: set that to a folder beside it, such as "
            "changes/",
            "True",
        ),
        (
            {
                "replication": {
                    **ASSESSED,
                    "compute": {"kind": "serverless", "max_capacity_units": 2},
                }
            },
            "replication.premigration_assessments",
            "is only for a task on an instance: DMS Serverless is assessed while it starts, with "
            "PremigrationAssessmentSettings of StartReplication (https://docs.aws.amazon.com/dms/"
            "latest/APIReference/API_StartReplication.html). Leave it out, or set compute.kind to "
            "instance",
            "True",
        ),
    ],
)
def test_parts_that_do_not_fit_are_refused(
    changes: dict[str, Any], where: str, problem: str, given: str
) -> None:
    with pytest.raises(InvalidPropsError) as caught:
        CdcPipelineProps(**props(**changes))
    assert str(caught.value) == (
        f"CdcPipelineProps: 1 mistake\n  - {where}: {problem}\n      given: {given}"
    )


STREAM = {"kind": "existing", "stream_arn": "arn:aws:kinesis:eu-west-1:123456789012:stream/a"}
IMPORTED_DELIVERY = {"kind": "existing", "name": "shared"}


def outputs_of(**changes: Any) -> dict[str, str]:
    made: list[CdcPipeline] = []
    synth(
        lambda stack: made.append(
            CdcPipeline(stack, "tickets", props=CdcPipelineProps(**props(**changes)))
        )
    )
    return made[0].outputs


def test_assessments_are_written_beside_the_data_with_a_role_of_dms() -> None:
    """https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.AssessmentReport.Prerequisites.html"""
    role = "aws_iam_role.tickets_replication_assessment_role"
    document = synth_pipeline(
        replication=ASSESSED, landing_bucket={"encryption": {"kind": "customer"}}
    )
    trust = json.loads(resource(document, role)["assume_role_policy"])
    assert trust["Statement"][0]["Principal"] == {"Service": "dms.amazonaws.com"}
    below = "aws_iam_role_policy.tickets_replication_assessment_role"
    given = json.loads(resource(document, f"{below}_replace_tickets_landing")["policy"])
    bucket = "${aws_s3_bucket.tickets_landing.arn}"
    assert given["Statement"] == [
        {
            "Effect": "Allow",
            "Action": ["s3:GetBucketLocation", "s3:ListBucket"],
            "Resource": [bucket],
        },
        {
            "Effect": "Allow",
            "Action": ["s3:DeleteObject", "s3:GetObject", "s3:PutObject", "s3:PutObjectTagging"],
            "Resource": [f"{bucket}/premigration-assessments/*"],
        },
    ]
    key = json.loads(resource(document, f"{below}_use_tickets_landing_key")["policy"])
    assert key["Statement"][0]["Action"] == ["kms:Decrypt", "kms:GenerateDataKey"]
    assert "assessment_role_arn" in outputs_of(replication=ASSESSED)

    assert role not in addresses(synth_pipeline())
    assert "assessment_role_arn" not in outputs_of()


def test_without_a_delivery_the_changes_stay_on_the_stream() -> None:
    document = synth_pipeline(delivery_stream=None)
    types = {address.partition(".")[0] for address in addresses(document)}
    assert {type_ for type_ in types if "firehose" in type_ or "s3" in type_} == set()
    assert not any("glue" in type_ for type_ in types)
    assert "aws_dms_replication_task" in types
    found = outputs_of(delivery_stream=None)
    assert not any(name.startswith(("delivery_", "landing_")) for name in found)


def test_an_existing_delivery_stream_is_told_and_watched_and_not_made() -> None:
    changes = {"stream": STREAM, "delivery_stream": IMPORTED_DELIVERY}
    document = synth_pipeline(**changes)
    assert "aws_kinesis_firehose_delivery_stream" not in document["resource"]
    assert "aws_s3_bucket" not in document["resource"]
    found = outputs_of(**changes)
    assert found["delivery_stream_name"] == "shared"
    assert found["delivery_stream_arn"].endswith(":deliverystream/shared")
    assert "landing_bucket_name" not in found
    alarms = document["resource"]["aws_cloudwatch_metric_alarm"]
    freshness = alarms["tickets_monitoring_undelivered_age"]
    assert freshness["dimensions"] == {"DeliveryStreamName": "shared"}


@pytest.mark.parametrize(
    ("changes", "where", "problem"),
    [
        (
            {"delivery_stream": IMPORTED_DELIVERY},
            "stream.kind",
            "must be existing with `delivery_stream.kind: existing`",
        ),
        (
            {"delivery_stream": None, "landing_bucket": {}},
            "landing_bucket",
            "is for a delivery stream of the pipeline's own, and delivery_stream is null",
        ),
        (
            {"delivery_stream": IMPORTED_DELIVERY, "stream": STREAM, "data_catalog": {}},
            "data_catalog",
            "is for a delivery stream of the pipeline's own, and delivery_stream is existing",
        ),
        ({"landing_bucket": None}, "landing_bucket", "is where delivery_stream puts the changes"),
    ],
)
def test_what_no_delivery_stream_of_ours_fills_is_refused(
    changes: dict[str, Any], where: str, problem: str
) -> None:
    with pytest.raises(InvalidPropsError) as caught:
        CdcPipelineProps(**props(**changes))
    (fault,) = caught.value.faults
    assert (fault.where, fault.problem.startswith(problem)) == (where, True)


def test_events_go_to_the_topic_of_the_alarms_once_it_lets_dms_publish() -> None:
    document = synth_pipeline(
        replication={"event_subscription": {"categories": {"task": ["failure"], "instance": []}}},
        monitoring={"notify": {"kind": "new"}},
    )
    subscription = only(document, "aws_dms_event_subscription")
    assert subscription["sns_topic_arn"] == "${aws_sns_topic.tickets_monitoring_topic.arn}"
    assert subscription["event_categories"] == ["failure"]
    assert "aws_sns_topic_policy.tickets_monitoring_topic_policy" in subscription["depends_on"]


@pytest.mark.parametrize("monitoring", [None, {"notify": {"kind": "none"}}])
def test_events_need_a_topic(monitoring: Any) -> None:
    with pytest.raises(InvalidPropsError) as caught:
        CdcPipelineProps(**props(replication={"event_subscription": {}}, monitoring=monitoring))
    assert str(caught.value) == (
        "CdcPipelineProps: 1 mistake\n  - replication.event_subscription.sns_topic_arn: is needed, "
        "as the pipeline makes no topic of its own: name a topic, or set monitoring.notify to "
        "`kind: new`\n      given: none"
    )


def test_all_that_does_not_fit_is_told_at_once() -> None:
    with pytest.raises(InvalidPropsError) as caught:
        CdcPipelineProps(
            **props(
                source=SOURCE | {"tls_required": True},
                network={"endpoints": []},
                replication={"source_endpoint": {"tls": {"kind": "none"}}},
                delivery_stream={"format": {"compression": "ZIP"}},
            )
        )
    assert [fault.where for fault in caught.value.faults] == [
        "source.kind",
        "network.endpoints",
        "replication.source_endpoint.tls.kind",
        "delivery_stream.format.compression",
    ]


def test_an_existing_instance_reaches_a_new_database_by_its_own_security_group() -> None:
    group = "sg-0a1b2c3d4e5f60720"
    document = synth_pipeline(
        network=NETWORK | {"replication_security_group_id": group}, replication=EXISTING_INSTANCE
    )
    rule = resource(
        document,
        "aws_vpc_security_group_ingress_rule.tickets_network_database_3306_from_replication",
    )
    assert rule["referenced_security_group_id"] == group


def test_the_paid_endpoint_of_the_logs_is_made_where_the_task_logs() -> None:
    logs = "aws_vpc_endpoint.tickets_network_logs"
    assert logs not in addresses(synth_pipeline())
    assert logs in addresses(synth_pipeline(replication=LOGGING))


def test_existing_parts_make_nothing_of_their_own() -> None:
    document = synth_pipeline(
        network=NETWORK,
        source=SOURCE,
        stream={
            "kind": "existing",
            "stream_arn": "arn:aws:kinesis:eu-west-1:123456789012:stream/tickets",
            "key_arn": KEY_ARN,
        },
        landing_bucket={"kind": "existing", "bucket_name": "example-landing"},
        data_catalog=None,
        monitoring=None,
    )
    types = {address.split(".")[0] for address in addresses(document)}
    assert types.isdisjoint(
        {
            "aws_vpc",
            "aws_subnet",
            "aws_rds_cluster",
            "aws_kinesis_stream",
            "aws_s3_bucket",
            "aws_glue_catalog_table",
            "aws_cloudwatch_metric_alarm",
        }
    )


def test_a_full_load_has_no_alarms_about_latency_once_it_has_ended() -> None:
    alarm = "aws_cloudwatch_metric_alarm.tickets_monitoring_source_latency"
    assert alarm in addresses(synth_pipeline())
    assert alarm not in addresses(synth_pipeline(replication={"migration_type": "full-load"}))


def test_two_pipelines_in_one_stack_do_not_collide() -> None:
    def build(stack: ReadableAddressStack) -> None:
        for id_ in ("orders", "tickets"):
            CdcPipeline(stack, id_, props=CdcPipelineProps(**props()))

    document = synth(build)
    one = [a for a in addresses(document) if ".orders" in a]
    other = [a for a in addresses(document) if ".tickets" in a]
    assert len(one) == len(other) > 60
    names = [
        (type_, r[key])
        for type_, resources in document["resource"].items()
        for r in resources.values()
        for key in ("name", "identifier", "cluster_identifier", "endpoint_id", "bucket_prefix")
        if key in r and type_ not in _NAMED_WITHIN_ANOTHER and "${" not in str(r[key])
    ]
    assert len(names) == len(set(names))


def test_retention_must_be_whole_hours_wherever_it_stands_in_the_pipeline() -> None:
    with pytest.raises(InvalidPropsError, match=r"stream\.retention: must be a whole number"):
        CdcPipelineProps(**props(stream={"retention": timedelta(minutes=90)}))
