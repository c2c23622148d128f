"""Each call of DMS, answered whole: what is read back of each resource through its life.

Ids that DMS invents are numbered in their order, and moments are left out.
"""

import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from syrupy.assertion import SnapshotAssertion

from tests.dms_stream.local_aws.conftest import Client
from tests.support.dms_account import MAPPINGS, DmsAccount

# on an embedded AWS
pytestmark = pytest.mark.slow

_INVENTED = re.compile(r"\b(vpc|subnet|sg)-[0-9a-f]{8,}\b|(?<=:)[0-9A-F]{26}\b")
TAGS = [{"Key": "team", "Value": "data"}]


class Told:
    """What DMS answers, call by call.

    Args:
        account: Whose.
    """

    def __init__(self, account: DmsAccount) -> None:
        self._dms = account.dms
        self._invented: dict[str, str] = {}
        self.answers: list[Any] = []

    def ask(self, call: str, **request: Any) -> Any:
        """Make a call; its answer, or its refusal, is kept."""
        try:
            answer = getattr(self._dms, call)(**request)
        except ClientError as error:
            self.answers.append({call: self._plain(error.response["Error"])})
            return {}
        del answer["ResponseMetadata"]
        self.answers.append({call: self._plain(answer)})
        return answer

    def _plain(self, value: Any) -> Any:
        if isinstance(value, dict):
            return {key: self._plain(value[key]) for key in sorted(value)}
        if isinstance(value, list):
            return [self._plain(each) for each in value]
        if isinstance(value, datetime):
            return "(a moment)"
        if isinstance(value, str):
            value = re.sub(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d", "(a moment)", value)
            value = _INVENTED.sub(self._number, value)
            if value.startswith('{"rules"'):
                return "(the mappings)" if value == MAPPINGS else value
            if value.startswith("{"):
                # they are complete: test_dms.py
                return {"EnableLogging": json.loads(value)["Logging"]["EnableLogging"]}
        return value

    def _number(self, found: re.Match[str]) -> str:
        kind = found[1] or "ID"
        return self._invented.setdefault(found[0], f"{kind}-{len(self._invented) + 1}")


@pytest.fixture
def told(account: DmsAccount) -> Told:
    """An account with a network, a stream, a role and a topic."""
    account.vpc_role()
    account.client("iam").create_role(RoleName="anybody", AssumeRolePolicyDocument="{}")
    account.client("kinesis").create_stream(StreamName="changes", ShardCount=1)
    account.client("sns").create_topic(Name="dms")
    return Told(account)


def the(answer: Any, key: str) -> str:
    """An ARN of the only resource that an answer holds."""
    (resource,) = answer.values()
    return str(resource[key])


def test_a_subnet_groups_life(account: DmsAccount, told: Told, snapshot: SnapshotAssertion) -> None:
    subnets = account.subnets("abc")
    one = {"ReplicationSubnetGroupIdentifier": "Group"}
    made = {**one, "ReplicationSubnetGroupDescription": "Private", "SubnetIds": subnets[:2]}
    told.ask("create_replication_subnet_group", **made, Tags=TAGS)
    told.ask("create_replication_subnet_group", **made)
    group = "arn:aws:dms:eu-central-1:123456789012:subgrp:group"
    told.ask("list_tags_for_resource", ResourceArn=group)
    told.ask("modify_replication_subnet_group", **one, SubnetIds=subnets[1:])
    told.ask(
        "modify_replication_subnet_group",
        **one,
        SubnetIds=subnets,
        ReplicationSubnetGroupDescription="Other",
    )
    for wrong in (subnets[:1], ["subnet-0"], [subnets[0], account.subnets("b")[0]]):
        told.ask("modify_replication_subnet_group", **one, SubnetIds=wrong)
    told.ask("describe_replication_subnet_groups")
    instance = account.instance()
    told.ask("delete_replication_subnet_group", **one)
    account.dms.delete_replication_instance(ReplicationInstanceArn=instance)
    told.ask("delete_replication_subnet_group", **one)
    told.ask("delete_replication_subnet_group", **one)
    told.ask("describe_replication_subnet_groups")
    assert told.answers == snapshot


def test_an_instances_life(account: DmsAccount, told: Told, snapshot: SnapshotAssertion) -> None:
    account.subnet_group()
    made = {
        "ReplicationInstanceIdentifier": "Instance",
        "ReplicationInstanceClass": "dms.t3.medium",
        "ReplicationSubnetGroupIdentifier": "group",
        "VpcSecurityGroupIds": ["sg-own"],
        "PubliclyAccessible": False,
    }
    arn = the(told.ask("create_replication_instance", **made, Tags=TAGS), "ReplicationInstanceArn")
    told.ask("create_replication_instance", **made)
    told.ask("create_replication_instance", **made | {"ReplicationSubnetGroupIdentifier": "none"})
    told.ask("list_tags_for_resource", ResourceArn=arn)
    for immediately in (False, True):
        told.ask(
            "modify_replication_instance",
            ReplicationInstanceArn=arn,
            ReplicationInstanceClass="dms.r6i.large",
            AllocatedStorage=100,
            EngineVersion="3.6.1",
            MultiAZ=True,
            AllowMajorVersionUpgrade=True,
            VpcSecurityGroupIds=["sg-own", "sg-more"],
            ApplyImmediately=immediately,
        )
    told.ask("describe_replication_instances")
    task = account.dms.create_replication_task(
        ReplicationTaskIdentifier="task",
        SourceEndpointArn=account.source(),
        TargetEndpointArn=account.target(),
        ReplicationInstanceArn=arn,
        MigrationType="cdc",
        TableMappings=MAPPINGS,
    )["ReplicationTask"]["ReplicationTaskArn"]
    told.ask("delete_replication_instance", ReplicationInstanceArn=arn)
    account.dms.delete_replication_task(ReplicationTaskArn=task)
    told.ask("delete_replication_instance", ReplicationInstanceArn=arn)
    told.ask("delete_replication_instance", ReplicationInstanceArn=arn)
    assert told.answers == snapshot


def certificates() -> Iterator[str]:
    """A certificate that signs itself, and another one."""
    for year in (2026, 2030):
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
        begin = datetime(year, 1, 2, tzinfo=UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(7)
            .not_valid_before(begin)
            .not_valid_after(begin + timedelta(days=10))
            .sign(key, SHA256())
        )
        yield made.public_bytes(Encoding.PEM).decode()


def test_a_certificates_life(account: DmsAccount, told: Told) -> None:
    """Its dates are those of the first one of a bundle."""
    pem = "".join(certificates())
    before = datetime.now(UTC)
    made = account.dms.import_certificate(
        CertificateIdentifier="RDS", CertificatePem=pem, Tags=TAGS, KmsKeyId="own"
    )["Certificate"]
    arn = made["CertificateArn"]
    assert made.pop("CertificateCreationDate") >= before - timedelta(seconds=1)
    assert made == {
        "CertificateIdentifier": "rds",
        "CertificateArn": arn,
        "CertificateOwner": "123456789012",
        "CertificatePem": pem,
        "ValidFromDate": datetime(2026, 1, 2, tzinfo=UTC),
        "ValidToDate": datetime(2026, 1, 12, tzinfo=UTC),
    }
    assert arn.startswith("arn:aws:dms:eu-central-1:123456789012:cert:")
    tags = account.dms.list_tags_for_resource(ResourceArn=arn)["TagList"]
    assert tags == [{"Key": "team", "Value": "data", "ResourceArn": arn}]
    source = account.source(CertificateArn=arn)
    told.ask("import_certificate", CertificateIdentifier="rds", CertificatePem=pem)
    told.ask("delete_certificate", CertificateArn=arn)
    account.dms.delete_endpoint(EndpointArn=source)
    deleted = account.dms.delete_certificate(CertificateArn=arn)["Certificate"]
    assert deleted["CertificateIdentifier"] == "rds"
    told.ask("describe_certificates")
    assert [str(each) for each in told.answers] == [
        "{'import_certificate': {'Code': 'ResourceAlreadyExistsFault', "
        "'Message': 'CertificateIdentifier rds already exists.'}}",
        "{'delete_certificate': {'Code': 'InvalidResourceStateFault', "
        "'Message': 'Certificate rds is in use by source.'}}",
        "{'describe_certificates': {'Certificates': []}}",
    ]


def test_an_endpoints_life(account: DmsAccount, told: Told, snapshot: SnapshotAssertion) -> None:
    account.subnet_group()
    instance = account.instance()
    made = {
        "EndpointIdentifier": "Source",
        "EndpointType": "source",
        "EngineName": "aurora",
        "ServerName": "db.example.com",
        "Port": 3306,
        "Username": "dms",
        "Password": "not-a-secret",
        "MySQLSettings": {"EventsPollInterval": 5, "ServerTimezone": "UTC"},
    }
    arn = the(told.ask("create_endpoint", **made, Tags=TAGS), "EndpointArn")
    told.ask("create_endpoint", **made)
    told.ask("list_tags_for_resource", ResourceArn=arn)
    told.ask("modify_endpoint", EndpointArn=arn, MySQLSettings={"EventsPollInterval": 7})
    told.ask(
        "modify_endpoint",
        EndpointArn=arn,
        ExactSettings=True,
        SslMode="verify-ca",
        MySQLSettings={"EventsPollInterval": 9},
    )
    told.ask("test_connection", EndpointArn=arn, ReplicationInstanceArn=instance)
    told.ask("describe_connections")
    target = account.target(StreamArn="arn:aws:kinesis:eu-central-1:123456789012:stream/none")
    told.ask("test_connection", EndpointArn=target, ReplicationInstanceArn=instance)
    told.ask("describe_connections", Filters=[{"Name": "endpoint-arn", "Values": [target]}])
    # what was found of the endpoint as it was
    told.ask("modify_endpoint", EndpointArn=arn, Port=3307)
    told.ask("describe_connections", Filters=[{"Name": "endpoint-arn", "Values": [arn]}])
    task = account.dms.create_replication_task(
        ReplicationTaskIdentifier="task",
        SourceEndpointArn=arn,
        TargetEndpointArn=target,
        ReplicationInstanceArn=instance,
        MigrationType="cdc",
        TableMappings=MAPPINGS,
    )["ReplicationTask"]["ReplicationTaskArn"]
    for of in (arn, target):
        told.ask("delete_endpoint", EndpointArn=of)
    account.start(task)
    told.ask("modify_endpoint", EndpointArn=target, Port=1)
    account.dms.stop_replication_task(ReplicationTaskArn=task)
    told.ask("describe_replication_tasks", Filters=[{"Name": "endpoint-arn", "Values": [target]}])
    account.dms.delete_replication_task(ReplicationTaskArn=task)
    told.ask("delete_endpoint", EndpointArn=target)
    told.ask("describe_connections")
    told.ask("delete_endpoint", EndpointArn=target)
    told.ask("describe_endpoints", Filters=[{"Name": "endpoint-type", "Values": ["source"]}])
    assert told.answers == snapshot


def test_a_tasks_life(account: DmsAccount, told: Told, snapshot: SnapshotAssertion) -> None:
    account.subnet_group()
    made = {
        "ReplicationTaskIdentifier": "Task",
        "SourceEndpointArn": account.source(),
        "TargetEndpointArn": account.target(),
        "ReplicationInstanceArn": account.instance(),
        "MigrationType": "full-load-and-cdc",
        "TableMappings": MAPPINGS,
    }
    moment = datetime(2026, 1, 2, tzinfo=UTC)
    told.ask(
        "create_replication_task", **made, CdcStartTime=moment, CdcStartPosition="bin.000001:4"
    )
    told.ask("create_replication_task", **made, CdcStopPosition="next week")
    answer = told.ask(
        "create_replication_task",
        **made,
        Tags=TAGS,
        CdcStartPosition="bin.000001:4",
        CdcStopPosition="server_time:2026-02-01T00:00:00",
    )
    arn = the(answer, "ReplicationTaskArn")
    told.ask("create_replication_task", **made)
    told.ask("list_tags_for_resource", ResourceArn=arn)
    told.ask("stop_replication_task", ReplicationTaskArn=arn)
    one = {"ReplicationTaskArn": arn}
    told.ask("start_replication_task", **one, StartReplicationTaskType="resume-processing")
    told.ask(
        "modify_replication_task",
        **one,
        MigrationType="cdc",
        ReplicationTaskSettings='{"Logging": {"EnableLogging": true}}',
        CdcStartTime=moment,
    )
    told.ask("start_replication_task", **one, StartReplicationTaskType="start-replication")
    told.ask("describe_replication_tasks")
    told.ask("start_replication_task", **one, StartReplicationTaskType="resume-processing")
    told.ask("delete_replication_task", **one)
    seats = [{"SchemaName": "shop", "TableName": "seats"}]
    told.ask("reload_tables", **one, TablesToReload=seats)
    told.ask("reload_tables", **one, TablesToReload=seats, ReloadOption="validate-only")
    told.ask("describe_table_statistics", **one)
    told.ask("stop_replication_task", **one)
    told.ask("describe_replication_tasks")
    told.ask("reload_tables", **one, TablesToReload=seats)
    told.ask("start_replication_task", **one, StartReplicationTaskType="start-replication")
    for kind in ("resume-processing", "reload-target"):
        told.ask("start_replication_task", **one, StartReplicationTaskType=kind)
        told.ask("describe_replication_tasks")
        account.dms.stop_replication_task(**one)
    told.ask("delete_replication_task", **one)
    told.ask("delete_replication_task", **one)
    assert told.answers == snapshot


def test_a_serverless_replications_life(
    account: DmsAccount, told: Told, snapshot: SnapshotAssertion
) -> None:
    account.subnet_group()
    source = account.source()
    made = {
        "ReplicationConfigIdentifier": "Serverless",
        "SourceEndpointArn": source,
        "TargetEndpointArn": account.target(),
        "ComputeConfig": {"MaxCapacityUnits": 4, "ReplicationSubnetGroupId": "group"},
        "ReplicationType": "cdc",
        "TableMappings": MAPPINGS,
    }
    arn = the(told.ask("create_replication_config", **made, Tags=TAGS), "ReplicationConfigArn")
    told.ask("create_replication_config", **made)
    told.ask("list_tags_for_resource", ResourceArn=arn)
    one = {"ReplicationConfigArn": arn}
    told.ask("describe_replications")
    told.ask("stop_replication", **one)
    told.ask("delete_endpoint", EndpointArn=source)
    told.ask("delete_replication_subnet_group", ReplicationSubnetGroupIdentifier="group")
    told.ask(
        "modify_replication_config",
        **one,
        ComputeConfig={"MinCapacityUnits": 2, "MultiAZ": True},
        ReplicationSettings='{"Logging": {"EnableLogging": true}}',
    )
    told.ask(
        "start_replication",
        **one,
        StartReplicationType="start-replication",
        CdcStartTime=datetime(2026, 1, 2, tzinfo=UTC),
        CdcStopPosition="commit_time:2026-02-01T00:00:00",
    )
    told.ask("describe_replications")
    told.ask("start_replication", **one, StartReplicationType="resume-processing")
    told.ask("delete_replication_config", **one)
    told.ask("describe_replication_table_statistics", **one)
    seats = [{"SchemaName": "shop", "TableName": "seats"}]
    told.ask("reload_replication_tables", **one, TablesToReload=seats)
    told.ask("stop_replication", **one)
    told.ask("describe_replications")
    for kind in ("resume-processing", "reload-target"):
        told.ask("start_replication", **one, StartReplicationType=kind)
        told.ask("describe_replications")
        account.dms.stop_replication(**one)
    told.ask("delete_replication_config", **one)
    told.ask("describe_replications")
    told.ask("describe_replication_configs")
    told.ask("start_replication", **one, StartReplicationType="reload-target")
    assert told.answers == snapshot


def test_a_load_of_its_own_is_over_and_begins_again_without_its_reason(
    account: DmsAccount,
) -> None:
    """Serverless, as of a task."""
    arn = account.config(ReplicationType="full-load")
    for kind in ("start-replication", "reload-target"):
        account.dms.start_replication(ReplicationConfigArn=arn, StartReplicationType=kind)
        (found,) = account.dms.describe_replications()["Replications"]
        assert (found["Status"], found["StopReason"]) == (
            "stopped",
            "Stop Reason FULL_LOAD_ONLY_FINISHED",
        )
    account.dms.modify_replication_config(ReplicationConfigArn=arn, ReplicationType="cdc")
    for _ in range(9):  # the change takes a while
        account.dms.describe_replications()
    account.dms.start_replication(ReplicationConfigArn=arn, StartReplicationType="reload-target")
    (found,) = account.dms.describe_replications()["Replications"]
    assert found["Status"] == "running"
    assert "StopReason" not in found


def test_an_event_subscriptions_life(told: Told, snapshot: SnapshotAssertion) -> None:
    topic = "arn:aws:sns:eu-central-1:123456789012:dms"
    one = {"SubscriptionName": "Tasks"}
    made = {**one, "SnsTopicArn": topic}
    told.ask(
        "create_event_subscription",
        **made,
        SourceType="replication-task",
        EventCategories=["failure"],
        SourceIds=["tickets"],
        Tags=TAGS,
    )
    told.ask("create_event_subscription", **made)
    subscription = "arn:aws:dms:eu-central-1:123456789012:es:tasks"
    told.ask("list_tags_for_resource", ResourceArn=subscription)
    told.ask("modify_event_subscription", **one, Enabled=False, EventCategories=["deletion"])
    told.ask("modify_event_subscription", **one, SnsTopicArn=f"{topic}-gone")
    told.ask("describe_event_subscriptions")
    told.ask("describe_event_subscriptions", **one)
    told.ask("delete_event_subscription", **one)
    told.ask("describe_event_subscriptions", **one)
    told.ask("describe_event_subscriptions")
    assert told.answers == snapshot


def test_tagged_resources_are_found_by_their_tags(
    account: DmsAccount, client: Callable[[str], Client]
) -> None:
    task = account.task(Tags=TAGS)
    tagging = client("resourcegroupstaggingapi")
    found = tagging.get_resources(TagFilters=[{"Key": "team", "Values": ["data"]}])
    assert [each["ResourceARN"] for each in found["ResourceTagMappingList"]] == [task]
    instances = tagging.get_resources(ResourceTypeFilters=["dms:replication-instance"])
    (instance,) = account.dms.describe_replication_instances()["ReplicationInstances"]
    assert [each["ResourceARN"] for each in instances["ResourceTagMappingList"]] == [
        instance["ReplicationInstanceArn"]
    ]
