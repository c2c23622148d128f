"""AuroraSource: what reaches Terraform, where the password goes, and what is refused."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.aurora_source import (
    AnySourceProps,
    AuroraSource,
    AuroraSourceProps,
    DmsCredentials,
    ImportedSourceProps,
    InstanceCapacity,
    ISource,
    ServerlessCapacity,
    SnapshotSourceProps,
)
from constructs_lib.bindings import aws, cdktf
from constructs_lib.customer_key import AwsManagedEncryption, CustomerKeyEncryption
from constructs_lib.errors import InvalidPropsError
from constructs_lib.iam import ServiceRole
from constructs_lib.network import Network
from tests.support.synth import Json, addresses, only, policy, resource, synth, synth_stack

HOST = "orders.cluster-c0ffee.eu-west-1.rds.amazonaws.com"
SECRET = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:orders-AbCdEf"
KEY = "arn:aws:kms:eu-west-1:123456789012:key/0f0e0d0c-1111-2222-3333-444455556666"
GROUP = "sg-0a1b2c3d"
PASSWORD = "ephemeral.aws_secretsmanager_random_password.db_password.random_password"

AnySource = AuroraSourceProps | SnapshotSourceProps | ImportedSourceProps


def network_of(stack: ReadableAddressStack, id_: str = "net") -> Any:
    return Network.from_existing(
        stack, id_, vpc_id="vpc-0a1b2c3d", subnet_ids=["subnet-0a1b2c3d", "subnet-0a1b2c3e"]
    )


def synth_source(
    props: AnySource | None = None, use: Callable[[Any], object] = lambda _: None
) -> Json:
    def build(stack: ReadableAddressStack) -> None:
        network = network_of(stack)
        given = props or AuroraSourceProps()
        use(AuroraSource.from_props(stack, "db", props=given, network=network))

    return synth(build)


def snapshot(**props: Any) -> SnapshotSourceProps:
    return SnapshotSourceProps(kind="snapshot", snapshot_identifier="tickets-mysql", **props)


def existing(**props: Any) -> ImportedSourceProps:
    given = {"host": HOST, "secret_arn": SECRET, "security_group_id": GROUP, **props}
    return ImportedSourceProps(kind="existing", **given)


def parameters(document: Json) -> dict[str, tuple[str, str]]:
    group = only(document, "aws_rds_cluster_parameter_group")
    return {p["name"]: (p["value"], p["apply_method"]) for p in group["parameter"]}


def test_defaults_are_a_protected_encrypted_serverless_writer() -> None:
    document = synth_source()
    cluster = resource(document, "aws_rds_cluster.db")
    assert cluster == {
        "cluster_identifier": "app-db",
        "engine": "aurora-mysql",
        "engine_version": "8.0.mysql_aurora.3.10.4",
        "master_username": "admin",
        "master_password_wo": f"${{{PASSWORD}}}",
        "master_password_wo_version": 103306,
        "port": 3306,
        "db_subnet_group_name": "${aws_db_subnet_group.db_subnets.name}",
        "vpc_security_group_ids": ["${aws_security_group.net_database.id}"],
        "db_cluster_parameter_group_name": (
            "${aws_rds_cluster_parameter_group.db_parameters.name}"
        ),
        "serverlessv2_scaling_configuration": {"min_capacity": 0.5, "max_capacity": 4},
        "storage_encrypted": True,
        "backup_retention_period": 7,
        "copy_tags_to_snapshot": True,
        "deletion_protection": True,
        "enable_http_endpoint": True,
        "apply_immediately": False,
        "skip_final_snapshot": False,
        "final_snapshot_identifier": ('app-db-final-${formatdate("YYYYMMDDhhmmss", timestamp())}'),
        "lifecycle": {
            "prevent_destroy": True,
            "ignore_changes": ["final_snapshot_identifier"],
        },
    }
    assert only(document, "aws_rds_cluster_instance") == {
        "identifier": "app-db-writer",
        "cluster_identifier": "${aws_rds_cluster.db.id}",
        "engine": "${aws_rds_cluster.db.engine}",
        "instance_class": "db.serverless",
        "promotion_tier": 0,
        "publicly_accessible": False,
        "auto_minor_version_upgrade": False,
        "copy_tags_to_snapshot": True,
        "performance_insights_enabled": False,
        "apply_immediately": False,
    }
    subnets = only(document, "aws_db_subnet_group")
    assert subnets["subnet_ids"] == ["subnet-0a1b2c3d", "subnet-0a1b2c3e"]


def test_everything_set() -> None:
    document = synth_source(
        AuroraSourceProps(
            name="orders",
            engine_version="8.0.mysql_aurora.3.08.2",
            capacity=InstanceCapacity(kind="provisioned", instance_class="db.r7g.large"),
            readers=2,
            port=3307,
            backup_retention=timedelta(days=35),
            preferred_backup_window="03:00-03:30",
            preferred_maintenance_window="sun:04:00-sun:04:30",
            encryption=CustomerKeyEncryption(kind="customer", key_arn=KEY),
            tls_required=False,
            parameters={"max_connections": "200", "slow_query_log": "1"},
            log_exports=("slowquery", "error"),
            performance_insights=True,
            password_version=2,
            deletion_protection=False,
            apply_immediately=True,
            database_name="dms_sample",
            master_username="root1",
        )
    )
    cluster = resource(document, "aws_rds_cluster.db")
    assert (
        cluster.items()
        >= {
            "cluster_identifier": "orders",
            "engine_version": "8.0.mysql_aurora.3.08.2",
            "database_name": "dms_sample",
            "master_username": "root1",
            "master_password_wo_version": 203307,
            "port": 3307,
            "kms_key_id": KEY,
            "backup_retention_period": 35,
            "preferred_backup_window": "03:00-03:30",
            "preferred_maintenance_window": "sun:04:00-sun:04:30",
            "deletion_protection": False,
            "apply_immediately": True,
        }.items()
    )
    assert cluster["enabled_cloudwatch_logs_exports"] == ["error", "slowquery"]
    assert cluster["lifecycle"]["prevent_destroy"] is False
    assert "serverlessv2_scaling_configuration" not in cluster
    # Aurora's default, which would differ in every plan
    assert "require_secure_transport" not in parameters(document)
    assert parameters(document)["max_connections"] == ("200", "pending-reboot")
    reader = resource(document, "aws_rds_cluster_instance.db_reader_2")
    assert (
        reader.items()
        >= {
            "identifier": "orders-reader-2",
            "instance_class": "db.r7g.large",
            "promotion_tier": 2,
            "performance_insights_enabled": True,
            "performance_insights_kms_key_id": KEY,
            "apply_immediately": True,
        }.items()
    )
    assert reader["depends_on"] == ["aws_rds_cluster_instance.db_writer"]
    assert only(document, "aws_secretsmanager_secret")["kms_key_id"] == KEY


def test_the_binary_log_is_as_dms_needs_it() -> None:
    assert parameters(synth_source()) == {
        "binlog_checksum": ("NONE", "pending-reboot"),
        "binlog_format": ("ROW", "pending-reboot"),
        "binlog_row_image": ("FULL", "pending-reboot"),
        "require_secure_transport": ("ON", "immediate"),
    }


@pytest.mark.parametrize(("required", "value"), [(True, "ON"), (False, "OFF")])
def test_in_a_family_whose_default_is_open_tls_never_differs(required: bool, value: str) -> None:
    props = AuroraSourceProps(engine_version="8.4.mysql_aurora.8.4.7", tls_required=required)
    found = parameters(synth_source(props))["require_secure_transport"]
    assert found == (value, "pending-reboot")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("binlog_transaction_compression", "OFF"),
        ("binlog_transaction_compression", "0"),
        ("binlog_row_value_options", ""),
        ("max_connections", "200"),
    ],
)
def test_parameters_that_leave_the_binary_log_readable_are_taken(name: str, value: str) -> None:
    assert AuroraSourceProps(parameters={name: value}).parameters == {name: value}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("binlog_transaction_compression", "ON"),
        ("binlog_transaction_compression", "1"),
        ("binlog-transaction-compression", "on"),
        ("binlog_row_value_options", "PARTIAL_JSON"),
    ],
)
def test_parameters_that_break_capture_are_refused(name: str, value: str) -> None:
    with pytest.raises(InvalidPropsError, match=f"parameters: sets {name}={value}: DMS reads nei"):
        AuroraSourceProps(parameters={name: value})


def test_a_new_parameter_group_family_comes_under_another_name_before_the_old_one_goes() -> None:
    def group(version: str) -> Json:
        props = AuroraSourceProps(engine_version=version)
        return only(synth_source(props), "aws_rds_cluster_parameter_group")

    eight_zero, eight_four = group("8.0.mysql_aurora.3.10.4"), group("8.4.mysql_aurora.8.4.7")
    assert eight_zero["lifecycle"] == {"create_before_destroy": True}
    assert (eight_zero["name"], eight_zero["family"]) == (
        "app-db-aurora-mysql8-0",
        "aurora-mysql8.0",
    )
    assert (eight_four["name"], eight_four["family"]) == (
        "app-db-aurora-mysql8-4",
        "aurora-mysql8.4",
    )


@pytest.mark.parametrize("props", [AuroraSourceProps(), snapshot()])
def test_the_password_goes_into_write_only_attributes_and_nowhere_else(props: AnySource) -> None:
    document = synth_source(props)
    assert document["ephemeral"] == {
        "aws_secretsmanager_random_password": {
            "db_password": {"password_length": 40, "exclude_punctuation": True}
        }
    }
    cluster = resource(document, "aws_rds_cluster.db")
    value = resource(document, "aws_secretsmanager_secret_version.db_secret_value")
    assert cluster["master_password_wo"] == f"${{{PASSWORD}}}"
    assert value["secret_string_wo"] == (
        '${jsonencode({"username" = aws_rds_cluster.db.master_username, '
        f'"password" = {PASSWORD}, '
        '"host" = aws_rds_cluster.db.endpoint, "port" = aws_rds_cluster.db.port})}'
    )
    assert not {"master_password", "manage_master_user_password"} & cluster.keys()
    assert not {"secret_string", "secret_binary"} & value.keys()
    # both references counted above: a third would be an attribute that state keeps
    assert json.dumps(document["resource"]).count("random_password.") == 2
    assert "output" not in document


def test_cluster_and_secret_get_a_new_password_together() -> None:
    def versions(**props: Any) -> tuple[int, int]:
        document = synth_source(AuroraSourceProps(**props))
        cluster = resource(document, "aws_rds_cluster.db")
        value = resource(document, "aws_secretsmanager_secret_version.db_secret_value")
        return cluster["master_password_wo_version"], value["secret_string_wo_version"]

    seen = [
        versions(),
        versions(password_version=2),
        versions(port=3307),
        versions(password_version=2, port=3307),
    ]
    assert all(cluster == secret for cluster, secret in seen)
    assert len(set(seen)) == 4


def test_a_replaced_cluster_has_its_secret_written_anew() -> None:
    value = only(synth_source(), "aws_secretsmanager_secret_version")
    assert value["lifecycle"] == {
        "replace_triggered_by": ["aws_rds_cluster.db.cluster_resource_id"]
    }


def test_a_destroyed_secret_leaves_its_name_free() -> None:
    secret = only(synth_source(), "aws_secretsmanager_secret")
    assert secret["name_prefix"] == "app-db-"
    assert "name" not in secret


def test_a_new_customer_key_encrypts_storage_and_secret() -> None:
    props = AuroraSourceProps(encryption=CustomerKeyEncryption(kind="customer"))
    document = synth_source(props)
    key = "${aws_kms_key.db_key.arn}"
    assert resource(document, "aws_rds_cluster.db")["kms_key_id"] == key
    assert only(document, "aws_secretsmanager_secret")["kms_key_id"] == key
    assert resource(document, "aws_kms_key.db_key")["lifecycle"] == {"prevent_destroy": True}


def test_a_snapshot_decides_only_what_the_cluster_starts_with() -> None:
    cluster = resource(synth_source(snapshot()), "aws_rds_cluster.db")
    assert cluster["snapshot_identifier"] == "tickets-mysql"
    assert cluster["lifecycle"]["ignore_changes"] == [
        "final_snapshot_identifier",
        "snapshot_identifier",
    ]
    # the snapshot brings both along
    assert not {"database_name", "master_username"} & cluster.keys()


def test_a_restored_cluster_keeps_the_snapshots_key_and_a_plain_one_is_told() -> None:
    document = synth_source(snapshot())
    cluster = resource(document, "aws_rds_cluster.db")
    assert "kms_key_id" not in cluster
    (told,) = cluster["lifecycle"]["postcondition"]
    assert told["condition"] == "${self.storage_encrypted}"
    assert told["error_message"] == (
        "The snapshot tickets-mysql is not encrypted, and neither is the cluster restored from "
        "it. Set source.encryption to kind: aws or kind: customer, destroy this cluster, and "
        "deploy again."
    )


def test_a_restored_cluster_is_encrypted_as_the_props_say() -> None:
    document = synth_source(snapshot(encryption=AwsManagedEncryption()))
    assert resource(document, "data.aws_kms_key.db_rds_key") == {"key_id": "alias/aws/rds"}
    cluster = resource(document, "aws_rds_cluster.db")
    assert cluster["kms_key_id"] == "${data.aws_kms_key.db_rds_key.arn}"
    assert cluster["storage_encrypted"] is True
    assert "postcondition" not in cluster["lifecycle"]

    own = snapshot(encryption=CustomerKeyEncryption(kind="customer", key_arn=KEY))
    assert resource(synth_source(own), "aws_rds_cluster.db")["kms_key_id"] == KEY


@pytest.mark.parametrize(
    ("given", "on"),
    [
        ({}, True),
        ({"data_api": False}, False),
        ({"capacity": {"kind": "provisioned", "instance_class": "db.r7g.large"}}, True),
        # AWS has it for neither
        ({"capacity": {"kind": "provisioned", "instance_class": "db.t4g.medium"}}, False),
        ({"engine_version": "8.0.mysql_aurora.3.04.2"}, False),
    ],
)
def test_the_data_api_runs_the_sql_where_aurora_has_it(given: dict[str, Any], on: bool) -> None:
    cluster = resource(synth_source(AuroraSourceProps(**given)), "aws_rds_cluster.db")
    assert cluster["enable_http_endpoint"] is on


def test_dms_reaches_the_cluster_on_its_port() -> None:
    document = synth_source(AuroraSourceProps(port=3307))
    ingress = only(document, "aws_vpc_security_group_ingress_rule")
    assert ingress["from_port"] == ingress["to_port"] == 3307
    assert ingress["security_group_id"] == "${aws_security_group.net_database.id}"


def test_an_existing_database_makes_only_the_rules_to_it() -> None:
    document = synth_source(existing())
    assert [a for a in addresses(document) if "net_replication" not in a] == [
        "aws_vpc_security_group_ingress_rule.net_sg_0a1b2c3d_3306_from_replication"
    ]
    assert "ephemeral" not in document
    by_address = synth_source(existing(security_group_id=None, cidr="10.1.2.3/32"))
    egress = "aws_vpc_security_group_egress_rule.net_replication_to_10_1_2_3_32_3306"
    assert resource(by_address, egress)["cidr_ipv4"] == "10.1.2.3/32"
    assert "aws_vpc_security_group_ingress_rule" not in by_address["resource"]


def facts_of(props: AnySource) -> dict[str, Any]:
    facts: dict[str, Any] = {}

    def use(source: ISource) -> None:
        facts.update(
            engine_name=source.engine_name,
            host=source.host,
            port=source.port,
            secret_arn=source.secret_arn,
            key=source.secret_key,
            tls=source.tls_required,
            binlog=source.binlog_retention_sql,
            user=source.dms_user_sql(tables=[("s", "t")]),
            owned=source.resource is not None,
        )

    synth_source(props, use)
    return facts


def test_what_an_existing_database_says_of_itself() -> None:
    facts = facts_of(
        existing(
            engine_name="mariadb",
            host="db.example.org",
            port=3310,
            tls_required=True,
            binlog_retention=timedelta(hours=48),
        )
    )
    user = facts.pop("user")
    assert user[0].endswith("REQUIRE SSL;")
    assert facts == {
        "engine_name": "mariadb",
        "host": "db.example.org",
        "port": 3310,
        "secret_arn": SECRET,
        "key": None,
        "tls": True,
        "binlog": ["SET GLOBAL binlog_expire_logs_seconds = 172800;"],
        "owned": False,
    }


def test_what_a_new_cluster_says_of_itself() -> None:
    facts = facts_of(AuroraSourceProps(binlog_retention=timedelta(days=7)))
    assert facts["engine_name"] == "aurora"
    assert facts["binlog"] == ["CALL mysql.rds_set_configuration('binlog retention hours', 168);"]
    assert facts["user"][0].endswith("REQUIRE SSL;")
    assert facts["owned"] is True
    assert facts["key"] is None


def test_rds_is_told_in_its_own_way() -> None:
    facts = facts_of(existing(engine_name="mysql", host="a.b.eu-west-1.rds.amazonaws.com"))
    assert facts["binlog"] == ["CALL mysql.rds_set_configuration('binlog retention hours', 24);"]


def synth_with_role(props: AnySource) -> Json:
    def use(source: Any) -> None:
        stack = cdktf.TerraformStack.of(source)
        role = ServiceRole(stack, "role", service="dms.amazonaws.com", description="dms")
        given = source.grant_read_credentials(role)
        consumer = [*source.dependencies, *given.policies]
        aws.vpc.Vpc(stack, "consumer", depends_on=consumer)

    return synth_source(props, use)


def test_credentials_of_a_cluster_with_its_key() -> None:
    props = AuroraSourceProps(encryption=CustomerKeyEncryption(kind="customer"))
    document = synth_with_role(props)
    assert policy(document, "aws_iam_role_policy.role_read_credentials_db") == [
        {
            "Effect": "Allow",
            "Action": ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
            "Resource": ["${aws_secretsmanager_secret.db_secret.arn}"],
        }
    ]
    region = "${data.aws_region.current_region.name}"
    assert policy(document, "aws_iam_role_policy.role_decrypt_db_key") == [
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": ["${aws_kms_key.db_key.arn}"],
            "Condition": {
                "StringEquals": {"kms:ViaService": f"secretsmanager.{region}.amazonaws.com"},
                "StringLike": {
                    "kms:EncryptionContext:SecretARN": [
                        "${aws_secretsmanager_secret.db_secret.arn}"
                    ]
                },
            },
        }
    ]
    assert policy(document, "aws_iam_role_policy.role_describe_db_key") == [
        {
            "Effect": "Allow",
            "Action": ["kms:DescribeKey"],
            "Resource": ["${aws_kms_key.db_key.arn}"],
        }
    ]


def test_dms_depends_on_the_writer_the_secrets_value_the_rules_and_the_grant() -> None:
    needed = resource(synth_with_role(AuroraSourceProps()), "aws_vpc.consumer")["depends_on"]
    assert sorted(needed) == [
        "aws_iam_role_policy.role_read_credentials_db",
        "aws_rds_cluster_instance.db_writer",
        "aws_secretsmanager_secret_version.db_secret_value",
        "aws_vpc_security_group_egress_rule.net_replication_to_database_3306",
        "aws_vpc_security_group_ingress_rule.net_database_3306_from_replication",
    ]


def test_dms_depends_on_the_rules_to_an_existing_database() -> None:
    needed = resource(synth_with_role(existing()), "aws_vpc.consumer")["depends_on"]
    assert sorted(needed) == [
        "aws_iam_role_policy.role_read_credentials_db",
        "aws_vpc_security_group_egress_rule.net_replication_to_sg_0a1b2c3d_3306",
        "aws_vpc_security_group_ingress_rule.net_sg_0a1b2c3d_3306_from_replication",
    ]


@pytest.mark.parametrize(
    ("props", "key_policy"),
    [
        (existing(key_arn=KEY), "aws_iam_role_policy.role_decrypt_db_secret_key"),
        (
            AuroraSourceProps(dms_credentials=DmsCredentials(secret_arn=SECRET, key_arn=KEY)),
            "aws_iam_role_policy.role_decrypt_db_dms_secret_key",
        ),
    ],
)
def test_credentials_of_a_secret_of_ones_own(props: AnySource, key_policy: str) -> None:
    document = synth_with_role(props)
    (read,) = policy(document, "aws_iam_role_policy.role_read_credentials_db")
    assert read["Resource"] == [SECRET]
    (decrypt,) = policy(document, key_policy)
    assert decrypt["Resource"] == [KEY]


def test_a_secret_of_ones_own_is_not_opened_with_the_clusters_key() -> None:
    props = AuroraSourceProps(
        encryption=CustomerKeyEncryption(kind="customer"),
        dms_credentials=DmsCredentials(secret_arn=SECRET),
    )
    document = synth_with_role(props)
    assert sorted(document["resource"]["aws_iam_role_policy"]) == ["role_read_credentials_db"]
    # the master user's secret is still there for people
    assert only(document, "aws_secretsmanager_secret")["name_prefix"] == "app-db-"


@pytest.mark.parametrize(
    ("given", "where", "message"),
    [
        ({"name": "Orders"}, "name", "must match"),
        ({"name": "a--b"}, "name", "must match"),
        ({"name": "a" * 54}, "name", "must have 53 characters or fewer"),
        ({"engine_version": "8.0"}, "engine_version", "must match"),
        ({"readers": 16}, "readers", "must be 15 or less"),
        ({"port": 80}, "port", "must be 1150 or more"),
        ({"backup_retention": "PT36H"}, "backup_retention", "whole number of days, from 1 to 35"),
        ({"backup_retention": "P36D"}, "backup_retention", "from 1 to 35"),
        ({"backup_retention": 7}, "backup_retention", "a duration needs its unit"),
        ({"binlog_retention": "PT0S"}, "binlog_retention", "hours, from 1 to 2160"),
        ({"binlog_retention": "PT2161H"}, "binlog_retention", "hours, from 1 to 2160"),
        (
            {"preferred_backup_window": "3:00-4:00"},
            "preferred_backup_window",
            "must be hh:mm-hh:mm in UTC",
        ),
        (
            {"preferred_maintenance_window": "04:00-04:30"},
            "preferred_maintenance_window",
            "must be ddd:hh:mm-ddd:hh:mm in UTC",
        ),
        ({"password_version": 0}, "password_version", "must be 1 or more"),
        ({"master_username": "dms_user"}, "master_username", "must match"),
        ({"database_name": "1st"}, "database_name", "must match"),
        ({"log_exports": ("all",)}, "log_exports.0", "must be 'audit'"),
        (
            {"capacity": {"min_acu": 0.7}},
            "capacity.min_acu",
            "must be a multiple of 0.5",
        ),
        ({"capacity": {"max_acu": 0.5}}, "capacity.max_acu", "must be 1 or more"),
        (
            {"capacity": {"min_acu": 8, "max_acu": 4}},
            "capacity",
            "min_acu 8 is more than max_acu 4: raise max_acu or lower min_acu",
        ),
        (
            {"capacity": {"kind": "provisioned"}},
            "capacity.instance_class",
            "is required",
        ),
        (
            {"capacity": {"kind": "provisioned", "instance_class": "db.serverless"}},
            "capacity.instance_class",
            "must match",
        ),
        (
            {"engine_version": "8.0.mysql_aurora.3.00.1"},
            "(top level)",
            "serverless capacity needs Aurora MySQL 3.02.0 or later, engine_version is "
            "8.0.mysql_aurora.3.00.1: raise it or change capacity",
        ),
        (
            {"engine_version": "8.0.mysql_aurora.3.04.1", "capacity": {"min_acu": 0}},
            "(top level)",
            "serverless capacity with min_acu 0 needs Aurora MySQL 3.08.0 or later",
        ),
        (
            {"engine_version": "8.0.mysql_aurora.3.04.1", "capacity": {"max_acu": 128.5}},
            "(top level)",
            "serverless capacity with max_acu 128.5 needs Aurora MySQL 3.06.0 or later",
        ),
        (
            {"parameters": {"binlog_format": "MIXED", "require_secure_transport": "OFF"}},
            "parameters",
            "sets binlog_format, require_secure_transport: DMS needs binlog_format=ROW, "
            "binlog_row_image=FULL and binlog_checksum=NONE, and require_secure_transport is the "
            "prop tls_required: leave them out",
        ),
        (
            {"dms_credentials": {"secret_arn": SECRET[:-7]}},
            "dms_credentials.secret_arn",
            "must match",
        ),
    ],
)
def test_refusals_of_a_new_cluster(given: dict[str, object], where: str, message: str) -> None:
    with pytest.raises(InvalidPropsError) as caught:
        AuroraSourceProps(**given)
    assert f"- {where}: " in str(caught.value)
    assert message in str(caught.value)


def test_the_family_of_the_parameters_follows_the_version() -> None:
    props = AuroraSourceProps(engine_version="8.4.mysql_aurora.8.4.7")
    group = only(synth_source(props), "aws_rds_cluster_parameter_group")
    assert group["family"] == "aurora-mysql8.4"


def test_refusals_of_a_snapshot() -> None:
    given = {"kind": "snapshot", "master_username": "admin"}
    with pytest.raises(InvalidPropsError) as caught:
        SnapshotSourceProps(**given)
    assert "- snapshot_identifier: is required" in str(caught.value)
    assert "- master_username: unknown setting" in str(caught.value)


@pytest.mark.parametrize(
    ("given", "where", "message"),
    [
        (
            {"host": HOST.replace(".cluster-", ".cluster-ro-")},
            "(top level)",
            f"host {HOST.replace('.cluster-', '.cluster-ro-')} is Aurora's reader endpoint, and "
            "DMS reads changes from the binary log, which only the writer has: give the writer "
            f"endpoint, {HOST}",
        ),
        ({"host": "mysql://db"}, "host", "must match"),
        ({"engine_name": "postgres"}, "engine_name", "must be 'aurora'"),
        (
            {"security_group_id": None},
            "(top level)",
            "give security_group_id or cidr, and one only: DMS is let out to the database there",
        ),
        ({"cidr": "10.0.0.0/8"}, "(top level)", "give security_group_id or cidr, and one only"),
        (
            {"security_group_id": None, "cidr": "10.0.0.1/8"},
            "cidr",
            "write one such as 10.20.0.0/16, its host bits zero",
        ),
        (
            {"engine_name": "mysql", "binlog_retention": "PT169H"},
            "(top level)",
            "binlog_retention must be 168 hours at most for a database of RDS: shorten it",
        ),
    ],
)
def test_refusals_of_an_existing_database(
    given: dict[str, object], where: str, message: str
) -> None:
    with pytest.raises(InvalidPropsError) as caught:
        existing(**given)
    assert f"- {where}: " in str(caught.value)
    assert message in str(caught.value)


def test_settings_choose_by_kind_and_a_new_cluster_needs_none() -> None:
    read = TypeAdapter[Any](AnySourceProps).validate_python
    assert isinstance(read({}), AuroraSourceProps)
    assert isinstance(
        read({"kind": "snapshot", "snapshot_identifier": "tickets-mysql"}), SnapshotSourceProps
    )
    assert read({"capacity": {"max_acu": 8}}).capacity == ServerlessCapacity(max_acu=8)


def test_two_in_one_stack_and_network_do_not_collide() -> None:
    def build(stack: ReadableAddressStack) -> None:
        network = network_of(stack)
        for id_ in ("orders", "tickets"):
            AuroraSource(stack, id_, network=network)

    document = synth(build)
    clusters = document["resource"]["aws_rds_cluster"]
    assert {c["cluster_identifier"] for c in clusters.values()} == {"app-orders", "app-tickets"}
    passwords = document["ephemeral"]["aws_secretsmanager_random_password"]
    assert sorted(passwords) == ["orders_password", "tickets_password"]


def test_it_works_in_a_stack_with_hashed_addresses() -> None:
    stack = cdktf.TerraformStack(cdktf.Testing.app(), "foreign")
    aws.provider.AwsProvider(stack, "aws", region="eu-west-1")
    network = Network.from_existing(
        stack, "net", vpc_id="vpc-0a1b2c3d", subnet_ids=["subnet-0a1b2c3d", "subnet-0a1b2c3e"]
    )
    AuroraSource(stack, "db", network=network)
    document = synth_stack(stack)
    (password,) = document["ephemeral"]["aws_secretsmanager_random_password"]
    (cluster,) = document["resource"]["aws_rds_cluster"]
    (value,) = document["resource"]["aws_secretsmanager_secret_version"].values()
    assert f"random_password.{password}.random_password" in value["secret_string_wo"]
    assert value["lifecycle"]["replace_triggered_by"] == [
        f"aws_rds_cluster.{cluster}.cluster_resource_id"
    ]
