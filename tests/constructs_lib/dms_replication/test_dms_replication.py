"""DmsReplication: what reaches Terraform."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.bindings import cdktf
from constructs_lib.change_stream import ChangeStream, ChangeStreamProps
from constructs_lib.customer_key import CustomerKeyEncryption
from constructs_lib.dms_account_roles import DmsAccountRoles
from constructs_lib.dms_replication import (
    Certificate,
    DmsReplication,
    EventCategories,
    EventSubscriptionProps,
    InstanceCompute,
    KinesisTargetProps,
    NoTls,
    ServerlessCompute,
    SourceEndpoint,
    SourceEndpointProps,
    TableMappings,
    TaskSettings,
    VerifiedTls,
)
from constructs_lib.errors import ConstructError
from tests.support.replication_fakes import (
    SECRET_ARN,
    FakeNetwork,
    FakeSource,
    add_replication,
    props,
    synth_replication,
)
from tests.support.synth import Json, addresses, new_stack, policy, resource, synth, synth_stack

ACCOUNT = "${data.aws_caller_identity.current_identity.account_id}"
INSTANCE = "aws_dms_replication_instance.tickets_replication_instance"
TASK = "aws_dms_replication_task.tickets_replication_task"
CONFIG = "aws_dms_replication_config.tickets_replication_serverless"
SOURCE = "aws_dms_endpoint.tickets_replication_source_endpoint"
TARGET = "aws_dms_endpoint.tickets_replication_target_endpoint"
SUBNETS = "aws_dms_replication_subnet_group.tickets_replication_subnet_group"
TOPIC_ARN = "arn:aws:sns:eu-west-1:123456789012:alarms"
SERVERLESS = ServerlessCompute(kind="serverless", max_capacity_units=16)


# Instance


def test_the_instance_is_private_pinned_and_waits_for_its_network() -> None:
    document = synth_replication()
    assert resource(document, INSTANCE) == {
        "replication_instance_id": "app-tickets-replication-instance",
        "replication_instance_class": "dms.t3.medium",
        "allocated_storage": 50,
        "engine_version": "3.6.1",
        "auto_minor_version_upgrade": False,
        "allow_major_version_upgrade": False,
        "apply_immediately": True,
        "multi_az": False,
        "publicly_accessible": False,
        "replication_subnet_group_id": f"${{{SUBNETS}.replication_subnet_group_id}}",
        "vpc_security_group_ids": ["sg-1"],
        "lifecycle": {"prevent_destroy": True},
        "depends_on": ["aws_route_table.tickets_network_routes"],
    }
    assert resource(document, SUBNETS) == {
        "replication_subnet_group_id": "app-tickets-replication-subnet-group",
        "replication_subnet_group_description": "Subnets of app-tickets-replication-subnet-group",
        "subnet_ids": ["subnet-1", "subnet-2"],
    }


def test_an_instance_with_everything_set() -> None:
    compute = InstanceCompute(
        instance_class="dms.c6i.large",
        allocated_storage_gib=100,
        engine_version="3.6.1",
        allow_major_version_upgrade=True,
        apply_immediately=False,
        availability_zone="eu-west-1b",
        preferred_maintenance_window="Sun:03:00-Sun:04:00",
    )
    instance = resource(synth_replication(compute=compute), INSTANCE)
    assert instance["replication_instance_class"] == "dms.c6i.large"
    assert instance["allocated_storage"] == 100
    assert instance["engine_version"] == "3.6.1"
    assert instance["allow_major_version_upgrade"] is True
    assert instance["apply_immediately"] is False
    assert instance["availability_zone"] == "eu-west-1b"
    assert instance["preferred_maintenance_window"] == "sun:03:00-sun:04:00"


def test_aws_raises_the_version_only_where_none_is_pinned() -> None:
    instance = resource(synth_replication(compute=InstanceCompute(engine_version=None)), INSTANCE)
    assert instance["auto_minor_version_upgrade"] is True
    assert "engine_version" not in instance


def test_an_existing_instance_is_looked_up_and_nothing_is_made_for_it() -> None:
    document = synth_replication(compute={"kind": "existing", "replication_instance_id": "shared"})
    found = "data.aws_dms_replication_instance.tickets_replication_instance"
    looked_up = resource(document, found)
    assert looked_up["replication_instance_id"] == "shared"
    # the rules are made for this group: an instance without it would reach nothing
    (told,) = looked_up["lifecycle"]["postcondition"]
    assert told["condition"] == '${contains(self.vpc_security_group_ids, "sg-1")}'
    assert told["error_message"] == (
        "The replication instance shared is not in the security group sg-1, which the rules to "
        "database and endpoints let in. Set network.replication_security_group_id to a group that "
        "the instance has."
    )
    assert resource(document, TASK)["replication_instance_arn"] == (
        f"${{{found}.replication_instance_arn}}"
    )
    assert "aws_dms_replication_instance" not in document["resource"]
    assert "aws_dms_replication_subnet_group" not in document["resource"]


def test_where_the_stack_makes_the_account_roles_the_subnet_group_waits_for_them() -> None:
    def build(stack: ReadableAddressStack) -> None:
        DmsReplication(
            stack,
            "replication",
            props=props(),
            network=FakeNetwork(stack, "network"),
            source=FakeSource(stack, "source"),
            stream=ChangeStream(stack, "stream"),
            account_roles=DmsAccountRoles(stack, "account"),
        )

    group = resource(synth(build), "aws_dms_replication_subnet_group.replication_subnet_group")
    assert group["depends_on"] == [
        "aws_iam_role_policy_attachment.account_vpc_role_policy",
        "aws_iam_role_policy_attachment.account_cloudwatch_logs_role_policy",
    ]


# Endpoints


def test_the_source_takes_host_and_credentials_from_the_secret() -> None:
    document = synth_replication()
    role = "aws_iam_role.tickets_replication_source_endpoint_role"
    read = "tickets_replication_source_endpoint_role_read_tickets_source"
    assert resource(document, SOURCE) == {
        "endpoint_id": "app-tickets-replication-source-endpoint",
        "endpoint_type": "source",
        "engine_name": "aurora",
        "secrets_manager_arn": SECRET_ARN,
        "secrets_manager_access_role_arn": f"${{{role}.arn}}",
        "ssl_mode": "none",
        "pause_replication_tasks": True,
        "depends_on": [
            f"aws_iam_role_policy.{read}",
            "aws_secretsmanager_secret_version.tickets_source_secret_value",
        ],
    }
    (statement,) = policy(document, f"aws_iam_role_policy.{read}")
    assert statement["Resource"] == [SECRET_ARN]


def test_dms_reads_the_secret_as_its_regional_principal_for_this_account_only() -> None:
    document = synth_replication()
    (trust,) = policy(
        document, "aws_iam_role.tickets_replication_source_endpoint_role", "assume_role_policy"
    )
    region = "${data.aws_region.current_region.name}"
    assert trust["Principal"] == {"Service": f"dms.{region}.amazonaws.com"}
    assert trust["Condition"] == {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}}


def test_dms_writes_to_this_stream_only() -> None:
    document = synth_replication()
    role = "aws_iam_role.tickets_replication_target_endpoint_role"
    (trust,) = policy(document, role, "assume_role_policy")
    assert trust["Principal"] == {"Service": "dms.amazonaws.com"}
    assert trust["Condition"] == {"StringEqualsIfExists": {"aws:SourceAccount": ACCOUNT}}
    write = "aws_iam_role_policy.tickets_replication_target_endpoint_role_write_tickets_stream"
    assert policy(document, write) == [
        {
            "Effect": "Allow",
            "Action": ["kinesis:DescribeStream", "kinesis:PutRecord", "kinesis:PutRecords"],
            "Resource": ["${aws_kinesis_stream.tickets_stream.arn}"],
        }
    ]
    assert resource(document, TARGET)["depends_on"] == [write]


def test_messages_are_json_on_one_line_with_exact_integers() -> None:
    target = resource(synth_replication(), TARGET)
    assert target["kinesis_settings"] == {
        "stream_arn": "${aws_kinesis_stream.tickets_stream.arn}",
        "service_access_role_arn": ("${aws_iam_role.tickets_replication_target_endpoint_role.arn}"),
        "message_format": "json-unformatted",
        "use_large_integer_value": True,
        "include_transaction_details": False,
        "include_partition_value": False,
        "partition_include_schema_table": False,
        "include_table_alter_operations": False,
        "include_control_details": False,
        "include_null_and_empty": False,
    }


@pytest.mark.parametrize(
    "setting",
    [
        "include_transaction_details",
        "include_partition_value",
        "partition_include_schema_table",
        "include_table_alter_operations",
        "include_control_details",
        "include_null_and_empty",
    ],
)
def test_each_setting_of_the_messages_reaches_its_own_argument(setting: str) -> None:
    target_props = KinesisTargetProps(**{setting: True})
    settings = resource(synth_replication(target_endpoint=target_props), TARGET)["kinesis_settings"]
    switched_on = {key for key, value in settings.items() if value is True}
    assert switched_on == {setting, "use_large_integer_value"}


def test_the_secret_is_read_through_the_endpoint_that_is_ours() -> None:
    def build(stack: ReadableAddressStack) -> None:
        given = SourceEndpointProps(tls=NoTls(kind="none"), server_timezone="Europe/Zurich")
        DmsReplication(
            stack,
            "replication",
            props=props(source_endpoint=given),
            network=FakeNetwork(stack, "network"),
            source=FakeSource(stack, "source"),
            stream=ChangeStream(stack, "stream"),
            secrets_manager_endpoint="vpce-1.secretsmanager.eu-west-1.vpce.amazonaws.com",
        )

    source = resource(synth(build), "aws_dms_endpoint.replication_source_endpoint")
    assert source["extra_connection_attributes"] == (
        "serverTimezone=Europe/Zurich;secretsManagerEndpointOverride="
        "vpce-1.secretsmanager.eu-west-1.vpce.amazonaws.com"
    )


def test_a_certificate_is_brought_to_dms_and_checked_with(tmp_path: Path) -> None:
    pem = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"
    path = tmp_path / "bundle.pem"
    path.write_text(pem)
    source_props = SourceEndpointProps(
        tls=VerifiedTls(kind="verify-full", certificate=Certificate(file=path)),
        server_timezone="Europe/Zurich",
        events_poll_interval=timedelta(seconds=1),
        pause_replication_tasks=False,
    )
    document = synth_replication(source_endpoint=source_props)
    certificate = "aws_dms_certificate.tickets_replication_source_endpoint_certificate"
    found = resource(document, certificate)
    assert found["certificate_pem"] == pem
    assert found["lifecycle"] == {"create_before_destroy": True}
    id_ = found["certificate_id"]
    assert re.fullmatch("app-tickets-replication-source-endpoint-certificate-[0-9a-f]{8}", id_)
    path.write_text(pem.replace("MIIB", "MIIC"))
    rotated = resource(synth_replication(source_endpoint=source_props), certificate)
    assert rotated["certificate_id"] != id_, "another content is another certificate"
    source = resource(document, SOURCE)
    assert source["ssl_mode"] == "verify-full"
    assert source["certificate_arn"] == f"${{{certificate}.certificate_arn}}"
    assert source["extra_connection_attributes"] == (
        "eventsPollInterval=1;serverTimezone=Europe/Zurich"
    )
    assert source["pause_replication_tasks"] is False


@pytest.mark.parametrize(
    ("given", "starts"),
    [
        ({"migration_type": "full-load"}, False),
        ({"migration_type": "full-load", "start_replication_task": True}, True),
        ({"migration_type": "cdc"}, True),
        ({"start_replication_task": False}, False),
    ],
)
def test_a_full_load_alone_is_not_started_by_terraform_unless_asked(
    given: dict[str, Any], starts: bool
) -> None:
    assert resource(synth_replication(**given), TASK)["start_replication_task"] is starts


def test_the_provider_takes_a_serverless_load_that_is_over_for_started() -> None:
    compute = ServerlessCompute(kind="serverless", max_capacity_units=4)
    document = synth_replication(migration_type="full-load", compute=compute)
    config = "aws_dms_replication_config.tickets_replication_serverless"
    assert resource(document, config)["start_replication"] is True


def test_a_certificate_that_dms_has_is_used_as_it_is() -> None:
    arn = "arn:aws:dms:eu-west-1:123456789012:cert:RDS-BUNDLE"
    source_props = SourceEndpointProps(
        tls=VerifiedTls(kind="verify-ca", certificate=Certificate(arn=arn))
    )
    document = synth_replication(source_endpoint=source_props)
    source = resource(document, SOURCE)
    assert (source["ssl_mode"], source["certificate_arn"]) == ("verify-ca", arn)
    assert "aws_dms_certificate" not in document["resource"]


def test_a_source_that_requires_tls_is_not_read_without() -> None:
    stack = new_stack()
    source = FakeSource(stack, "source")
    source.tls_required = True
    with pytest.raises(ConstructError) as caught:
        SourceEndpoint(stack, "endpoint", props=props().source_endpoint, source=source)
    assert str(caught.value) == (
        "app/endpoint: the source refuses connections without TLS (tls_required), and tls.kind is "
        "none: set tls.kind to verify-full or verify-ca with the certificate of your region, "
        "https://truststore.pki.rds.amazonaws.com/<region>/<region>-bundle.pem for Aurora and RDS, "
        "or set the source's tls_required to false"
    )


# Task


def test_the_task_is_started_and_kept() -> None:
    task = resource(synth_replication(), TASK)
    mappings = json.loads(task.pop("table_mappings"))
    assert mappings["rules"][0]["object-locator"] == {
        "schema-name": "dms_sample",
        "table-name": "ticket_purchase_hist",
    }
    assert task == {
        "replication_task_id": "app-tickets-replication-task",
        "replication_instance_arn": f"${{{INSTANCE}.replication_instance_arn}}",
        "source_endpoint_arn": f"${{{SOURCE}.endpoint_arn}}",
        "target_endpoint_arn": f"${{{TARGET}.endpoint_arn}}",
        "migration_type": "full-load-and-cdc",
        "start_replication_task": True,
        "lifecycle": {
            "prevent_destroy": True,
            "ignore_changes": ["cdc_start_position", "cdc_start_time"],
        },
    }


def test_only_the_settings_that_are_set_are_sent_and_protection_is_lifted() -> None:
    settings = TaskSettings.from_json({"TargetMetadata": {"ParallelLoadThreads": 4}})
    document = synth_replication(
        task_settings=settings, start_replication_task=False, deletion_protection=False
    )
    task = resource(document, TASK)
    assert task["replication_task_settings"] == '{"TargetMetadata":{"ParallelLoadThreads":4}}'
    assert task["start_replication_task"] is False
    assert task["lifecycle"]["prevent_destroy"] is False
    assert resource(document, INSTANCE)["lifecycle"] == {"prevent_destroy": False}


@pytest.mark.parametrize(
    ("start", "argument", "value"),
    [
        (
            {"kind": "time", "time": "2026-03-01T01:00:00+01:00"},
            "cdc_start_time",
            "2026-03-01T00:00:00Z",
        ),
        (
            {"kind": "position", "position": "mysql-bin-changelog.000024:373"},
            "cdc_start_position",
            "mysql-bin-changelog.000024:373",
        ),
    ],
)
def test_a_task_of_changes_begins_where_it_is_told(
    start: dict[str, str], argument: str, value: str
) -> None:
    task = resource(synth_replication(migration_type="cdc", cdc_start=start), TASK)
    assert task["migration_type"] == "cdc"
    given = {key: found for key, found in task.items() if key.startswith("cdc_start")}
    assert given == {argument: value}


def test_what_looks_like_an_interpolation_reaches_dms_as_it_is() -> None:
    rule = {
        "rule-type": "transformation",
        "rule-target": "column",
        "rule-action": "add-column",
        "schema-name": "dms_sample",
        "table-name": "person",
        "value": "label",
        "expression": "'${AR_H_USER} %{x}'",
        "data-type": {"type": "string", "length": 50},
    }
    mappings = TableMappings(tables=("dms_sample.person",), rules=(rule,))
    task = resource(synth_replication(table_mappings=mappings), TASK)
    assert "'$${AR_H_USER} %%{x}'" in task["table_mappings"]


def test_metrics_of_a_task_go_by_the_instance_and_the_end_of_the_tasks_arn() -> None:
    assert _output(lambda replication: replication.task_dimensions) == {
        "ReplicationInstanceIdentifier": f"${{{INSTANCE}.replication_instance_id}}",
        "ReplicationTaskIdentifier": f'${{element(split(":", {TASK}.replication_task_arn), 6)}}',
    }
    assert _output(lambda replication: replication.instance_dimensions) == {
        "ReplicationInstanceIdentifier": f"${{{INSTANCE}.replication_instance_id}}"
    }


def test_what_others_need_of_a_task() -> None:
    replication = add_replication(new_stack())
    assert replication.is_serverless is False
    assert _output(
        lambda made: {
            "replication": made.replication_arn,
            "instance": made.replication_instance_arn,
            "source": made.source_endpoint_arn,
            "target": made.target_endpoint_arn,
        }
    ) == {
        "replication": f"${{{TASK}.replication_task_arn}}",
        "instance": f"${{{INSTANCE}.replication_instance_arn}}",
        "source": f"${{{SOURCE}.endpoint_arn}}",
        "target": f"${{{TARGET}.endpoint_arn}}",
    }


# Serverless


def test_serverless_runs_in_the_network_and_is_kept() -> None:
    config = resource(synth_replication(compute=SERVERLESS), CONFIG)
    assert json.loads(config.pop("table_mappings"))["rules"]
    assert config == {
        "replication_config_identifier": "app-tickets-replication-serverless",
        "replication_type": "full-load-and-cdc",
        "source_endpoint_arn": f"${{{SOURCE}.endpoint_arn}}",
        "target_endpoint_arn": f"${{{TARGET}.endpoint_arn}}",
        "start_replication": True,
        "compute_config": {
            "replication_subnet_group_id": f"${{{SUBNETS}.replication_subnet_group_id}}",
            "vpc_security_group_ids": ["sg-1"],
            "max_capacity_units": 16,
            "multi_az": False,
        },
        "lifecycle": {
            "prevent_destroy": True,
            # DMS deletes no endpoint that is in use
            "replace_triggered_by": [f"{SOURCE}.endpoint_arn", f"{TARGET}.endpoint_arn"],
        },
        "depends_on": ["aws_route_table.tickets_network_routes"],
    }


def test_serverless_with_everything_set_has_no_instance_and_no_task() -> None:
    compute = ServerlessCompute(
        kind="serverless",
        max_capacity_units=64,
        min_capacity_units=2,
        multi_az=True,
        preferred_maintenance_window="sat:23:45-sun:00:15",
    )
    document = synth_replication(
        compute=compute,
        migration_type="cdc",
        task_settings=TaskSettings.from_json({"Logging": {"EnableLogging": True}}),
        start_replication_task=False,
        deletion_protection=False,
        encryption=CustomerKeyEncryption(kind="customer"),
    )
    config = resource(document, CONFIG)
    assert config["compute_config"] == {
        "replication_subnet_group_id": f"${{{SUBNETS}.replication_subnet_group_id}}",
        "vpc_security_group_ids": ["sg-1"],
        "max_capacity_units": 64,
        "min_capacity_units": 2,
        "multi_az": True,
        "preferred_maintenance_window": "sat:23:45-sun:00:15",
        "kms_key_id": "${aws_kms_key.tickets_replication_key.arn}",
    }
    assert config["replication_type"] == "cdc"
    assert config["replication_settings"] == '{"Logging":{"EnableLogging":true}}'
    assert config["start_replication"] is False
    assert config["lifecycle"]["prevent_destroy"] is False
    assert not {"aws_dms_replication_instance", "aws_dms_replication_task"} & set(
        document["resource"]
    )


def test_what_others_need_of_a_serverless_replication() -> None:
    replication = add_replication(new_stack(), compute=SERVERLESS)
    assert replication.is_serverless is True
    assert replication.replication_instance_arn is None
    assert replication.instance_dimensions is None
    assert _output(
        lambda made: {"arn": made.replication_arn, **made.task_dimensions}, compute=SERVERLESS
    ) == {
        "arn": f"${{{CONFIG}.arn}}",
        "ReplicationConfigId": f'{ACCOUNT}:${{element(split(":", {CONFIG}.arn), 6)}}',
    }


# Encryption


def test_one_customer_key_encrypts_storage_and_connection_data() -> None:
    document = synth_replication(encryption=CustomerKeyEncryption(kind="customer"))
    key = "${aws_kms_key.tickets_replication_key.arn}"
    for address in (INSTANCE, SOURCE, TARGET):
        assert resource(document, address)["kms_key_arn"] == key


def test_a_stream_with_a_customer_key_is_written_only_after_both_grants() -> None:
    def build(stack: ReadableAddressStack) -> None:
        encryption = CustomerKeyEncryption(kind="customer")
        DmsReplication(
            stack,
            "replication",
            props=props(),
            network=FakeNetwork(stack, "network"),
            source=FakeSource(stack, "source"),
            stream=ChangeStream(stack, "stream", props=ChangeStreamProps(encryption=encryption)),
        )

    target = resource(synth(build), "aws_dms_endpoint.replication_target_endpoint")
    assert target["depends_on"] == [
        "aws_iam_role_policy.replication_target_endpoint_role_write_stream",
        "aws_iam_role_policy.replication_target_endpoint_role_encrypt_stream_key",
    ]


# Events


def test_events_that_need_attention_are_published_for_task_and_instance() -> None:
    with pytest.raises(ConstructError, match="event_subscription needs sns_topic_arn here"):
        synth_replication(event_subscription=EventSubscriptionProps())
    document = synth_replication(event_subscription=EventSubscriptionProps(sns_topic_arn=TOPIC_ARN))
    events = "aws_dms_event_subscription.tickets_replication"
    assert resource(document, f"{events}_task_events") == {
        "name": "app-tickets-replication-task-events",
        "enabled": True,
        "sns_topic_arn": TOPIC_ARN,
        "source_type": "replication-task",
        "source_ids": [f"${{{TASK}.replication_task_id}}"],
        "event_categories": ["failure", "state change"],
    }
    assert resource(document, f"{events}_instance_events") == {
        "name": "app-tickets-replication-instance-events",
        "enabled": True,
        "sns_topic_arn": TOPIC_ARN,
        "source_type": "replication-instance",
        "source_ids": [f"${{{INSTANCE}.replication_instance_id}}"],
        "event_categories": ["failover", "failure", "low storage"],
    }


def test_a_topic_of_the_same_stack_is_told_of_the_chosen_categories() -> None:
    def build(stack: ReadableAddressStack) -> None:
        categories = EventCategories(task=("failure",), instance=())
        add_replication(stack).publish_events(topic_arn="${topic}", categories=categories)

    document = synth(build)
    (subscription,) = document["resource"]["aws_dms_event_subscription"].values()
    assert subscription["sns_topic_arn"] == "${topic}"
    assert subscription["event_categories"] == ["failure"]


def test_publishing_events_of_serverless_is_refused() -> None:
    with pytest.raises(ConstructError) as caught:
        add_replication(new_stack(), compute=SERVERLESS).publish_events(topic_arn=TOPIC_ARN)
    assert str(caught.value) == (
        "app/tickets/replication: DMS has no event subscriptions for DMS Serverless, only for "
        "instances and tasks: use an EventBridge rule for `DMS Replication State Change`"
    )


# The stack as a whole


def test_two_in_one_stack_do_not_collide() -> None:
    def build(stack: ReadableAddressStack) -> None:
        for id_ in ("orders", "tickets"):
            add_replication(
                stack, id_, event_subscription=EventSubscriptionProps(sns_topic_arn=TOPIC_ARN)
            )

    found = [address for address in addresses(synth(build)) if address.startswith("aws_dms_")]
    assert len(found) == 2 * len({address.replace("orders", "tickets") for address in found})


def test_the_same_props_give_the_same_terraform() -> None:
    assert synth_replication() == synth_replication()


def _output(build: Any, **given: Any) -> Json:
    stack = new_stack()
    cdktf.TerraformOutput(stack, "found", value=build(add_replication(stack, **given)))
    value: Json = synth_stack(stack)["output"]["found"]["value"]
    return value
