"""What a pipeline's state says of it, by a state that names everything once."""

import json
from typing import Any

import pytest

from dms_stream.operations.deployed import DeployedPipeline, parse_state
from dms_stream.operations.errors import OperationError

TASK = "arn:aws:dms:eu-west-1:123456789012:task:ABC"
CONFIG = "arn:aws:dms:eu-west-1:123456789012:replication-config:ABC"
OUTPUTS = {
    "replication_arn": TASK,
    "replication_instance_arn": "arn:instance",
    "source_endpoint_arn": "arn:source",
    "target_endpoint_arn": "arn:target",
    "stream_name": "changes",
    "delivery_stream_name": "delivery",
    "landing_bucket_name": "landing",
    "landing_prefix": "tickets/",
    "assessment_role_arn": "arn:assessment",
    "database_name": "lake",
    "table_name": "tickets",
}
DESTINATION = {
    "error_output_prefix": "errors/!{firehose:error-output-type}/",
    "buffering_interval": 60,
    "cloudwatch_logging_options": [{"enabled": True, "log_group_name": "/firehose/delivery"}],
}
SETTINGS = json.dumps({"BeforeImageSettings": {"FieldName": "before"}})
RESOURCES: dict[str, list[Any]] = {
    "aws_dms_replication_instance": [{"replication_instance_id": "instance"}],
    "aws_kinesis_firehose_delivery_stream": [{"extended_s3_configuration": [DESTINATION]}],
    "aws_cloudwatch_metric_alarm": [{"alarm_name": "b"}, {"alarm_name": "a"}],
    "aws_rds_cluster": [{"arn": "arn:cluster", "enable_http_endpoint": True}],
    "aws_secretsmanager_secret": [
        {"arn": "arn:secret", "kms_key_id": None},
        {"arn": "arn:other", "kms_key_id": "arn:key"},
    ],
    "aws_dms_endpoint": [
        {"endpoint_type": "target", "engine_name": "kinesis"},
        {
            "endpoint_type": "source",
            "engine_name": "aurora",
            "secrets_manager_access_role_arn": "arn:role",
        },
    ],
    "aws_dms_replication_task": [{"replication_task_settings": SETTINGS}],
    "aws_athena_workgroup": [{"name": "readers"}],
}


def state(outputs: dict[str, Any], resources: dict[str, list[Any]]) -> bytes:
    """A state as Terraform writes it."""
    document = {
        "outputs": {name: {"value": value} for name, value in outputs.items()},
        "resources": [
            {
                "mode": "data" if kind.startswith("data.") else "managed",
                "type": kind.removeprefix("data."),
                "instances": [{"attributes": each} for each in found],
            }
            for kind, found in resources.items()
        ],
    }
    return json.dumps(document).encode()


def pipeline(outputs: dict[str, Any], resources: dict[str, list[Any]]) -> DeployedPipeline:
    """What such a state says."""
    found = parse_state(state(outputs, resources), "tickets", where="the state")
    assert found is not None
    return found


def told(found: DeployedPipeline, names: Any) -> dict[str, Any]:
    """Its properties of these names."""
    return {name: getattr(found, name) for name in names}


WHOLE = {
    "instance_arn": "arn:instance",
    "instance_id": "instance",
    "endpoint_arns": {"source": "arn:source", "target": "arn:target"},
    "stream_name": "changes",
    "delivery_stream_name": "delivery",
    "bucket_name": "landing",
    "assessment_role_arn": "arn:assessment",
    "prefix": "tickets/",
    "error_prefix": "errors/",
    "buffer_interval_seconds": 60,
    "delivers_json": True,
    "alarm_names": ["a", "b"],
    "delivery_log_group": "/firehose/delivery",
    "task_log_group": "dms-tasks-instance",
    "task_log_stream_prefix": "dms-task-ABC",
    "replication_dimensions": {
        "ReplicationInstanceIdentifier": "instance",
        "ReplicationTaskIdentifier": "ABC",
    },
    "cluster_arn": "arn:cluster",
    "has_data_api": True,
    "cluster_key_arn": "arn:key",
    "master_secret_arn": "arn:secret",
    "source_engine": "aurora",
    "source_role_arn": "arn:role",
    "before_image_field": "before",
    "workgroup": "readers",
    "database": ("lake", "tickets"),
}


def test_a_whole_pipeline_is_told() -> None:
    found = pipeline(OUTPUTS, RESOURCES)
    assert told(found, WHOLE) == WHOLE
    assert found.replicator.arn == TASK


LEAST: dict[str, Any] = {
    "instance_arn": None,
    "instance_id": None,
    "delivery_stream_name": None,
    "bucket_name": None,
    "assessment_role_arn": None,
    "prefix": None,
    "error_prefix": "",
    "buffer_interval_seconds": 300,
    "delivers_json": True,
    "alarm_names": [],
    "delivery_log_group": None,
    "task_log_group": "dms-serverless-replication-abc",
    "serverless_names": ("abc", "abc"),
    "replication_dimensions": {"ReplicationConfigId": "123456789012:ABC"},
    "cluster_arn": None,
    "has_data_api": False,
    "cluster_key_arn": None,
    "master_secret_arn": None,
    "source_engine": "mysql",
    "source_role_arn": None,
    "before_image_field": "before-image",
    "workgroup": None,
    "database": None,
}


def test_one_of_a_serverless_replication_alone_is_told() -> None:
    assert told(pipeline({"replication_arn": CONFIG}, {}), LEAST) == LEAST


@pytest.mark.parametrize(
    ("resources", "told_then"),
    [
        (
            {"data.aws_dms_replication_instance": [{"replication_instance_id": "shared"}]},
            {"instance_id": "shared", "task_log_group": "dms-tasks-shared"},
        ),
        # a cluster that existed before has no secret of ours
        ({"aws_rds_cluster": []}, {"master_secret_arn": None, "cluster_arn": None}),
        ({"aws_rds_cluster": [{"arn": "arn:cluster"}]}, {"has_data_api": False}),
        ({"aws_secretsmanager_secret": [{"arn": "arn:secret"}]}, {"cluster_key_arn": None}),
        ({"aws_dms_replication_task": [{}]}, {"before_image_field": "before-image"}),
        (
            {"aws_dms_replication_task": [{"replication_task_settings": "no JSON"}]},
            {"before_image_field": "before-image"},
        ),
        (
            {"aws_dms_replication_task": [{"replication_task_settings": "{}"}]},
            {"before_image_field": "before-image"},
        ),
        (
            {
                "aws_dms_replication_task": [],
                "aws_dms_replication_config": [{"replication_settings": SETTINGS}],
            },
            {"before_image_field": "before"},
        ),
        (
            {
                "aws_kinesis_firehose_delivery_stream": [
                    {
                        "extended_s3_configuration": [
                            {
                                "data_format_conversion_configuration": [{"enabled": True}],
                                "cloudwatch_logging_options": [
                                    {"enabled": False, "log_group_name": "off"}
                                ],
                            }
                        ]
                    }
                ]
            },
            {"delivers_json": False, "delivery_log_group": None, "error_prefix": ""},
        ),
        (
            {"aws_kinesis_firehose_delivery_stream": [{"extended_s3_configuration": []}]},
            {"delivers_json": True, "buffer_interval_seconds": 300},
        ),
    ],
)
def test_what_differs_is_told(resources: dict[str, list[Any]], told_then: dict[str, Any]) -> None:
    changed = RESOURCES | resources
    if any(name.startswith("data.") for name in resources):
        del changed["aws_dms_replication_instance"]
    assert told(pipeline(OUTPUTS, changed), told_then) == told_then


def test_a_serverless_replication_has_a_name_beside_its_id() -> None:
    resources = {"aws_dms_replication_config": [{"replication_config_identifier": "Trial-Tickets"}]}
    found = pipeline({"replication_arn": CONFIG}, resources)
    assert found.serverless_names == ("trial-tickets", "abc")
    assert found.task_log_group == "dms-serverless-replication-trial-tickets"


@pytest.mark.parametrize("missing", ["database_name", "table_name"])
def test_a_database_without_a_table_is_none(missing: str) -> None:
    outputs = {name: value for name, value in OUTPUTS.items() if name != missing}
    assert pipeline(outputs, RESOURCES).database is None


def test_a_state_without_a_replication_is_no_pipeline() -> None:
    assert parse_state(state({"stream_name": "changes"}, RESOURCES), "tickets", where="s") is None


def test_an_output_that_is_missing_is_named() -> None:
    with pytest.raises(OperationError) as refused:
        _ = pipeline({"replication_arn": TASK}, RESOURCES).stream_name
    assert str(refused.value) == (
        "tickets: its deployment has no output stream_name: it was made by another version or by "
        "another stack; deploy it again"
    )


@pytest.mark.parametrize(
    "content",
    [
        b"no JSON",
        b"[]",
        b"{}",
        b'{"outputs": {}}',
        b'{"outputs": {}, "resources": [{}]}',
        b'{"outputs": {"a": {}}, "resources": []}',
        b'{"outputs": [], "resources": []}',
        b'{"outputs": {}, "resources": [{"type": "t", "mode": "managed"}]}',
    ],
)
def test_what_is_no_state_is_refused(content: bytes) -> None:
    with pytest.raises(OperationError) as refused:
        parse_state(content, "tickets", where="s3://states/tickets")
    assert str(refused.value) == (
        "s3://states/tickets is not a Terraform state: restore it from an older version"
    )
