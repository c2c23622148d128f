"""What checks make of answers that only a real account gives: states, refusals, offers."""

from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dms_stream.preflight.account import Account, Json
from dms_stream.preflight.check import PipelineCheck, Result
from dms_stream.preflight.checks import (
    buckets,
    database,
    delivery,
    identity,
    names,
    network,
    quotas,
    replication,
    source_secret,
    stream,
    topics,
)
from tests.dms_stream.preflight.conftest import OWNER, REGION, settings

pytestmark = pytest.mark.usefixtures("words")

KEY = f"arn:aws:kms:{REGION}:{OWNER}:key/0f0e0d0c-1111-2222-3333-444455556601"
SECRET = f"arn:aws:secretsmanager:{REGION}:{OWNER}:secret:tickets-Ab12Cd"
STREAM = f"arn:aws:kinesis:{REGION}:{OWNER}:stream/changes"

OWN_SOURCE = {
    "source": {
        "kind": "existing",
        "host": "db.example.org",
        "secret_arn": SECRET,
        "cidr": "10.0.0.0/16",
    },
    "network": {
        "kind": "existing",
        "vpc_id": "vpc-0a1b2c3d4e5f60718",
        "subnet_ids": ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"],
        "replication_security_group_id": "sg-0a1b2c3d4e5f60719",
    },
}

Answers = Mapping[str, Any]


class Client:
    """A service, by what it answers to each call: an answer, a list of pages, or a refusal."""

    def __init__(self, answers: Answers) -> None:
        self._answers = answers

    def __getattr__(self, call: str) -> Any:
        if call == "get_paginator":
            return lambda called: Client({"paginate": self._answers[called]})

        def answer(**_: Any) -> Any:
            found = self._answers[call]
            if isinstance(found, Exception):
                raise found
            return found

        return answer


class Answering(Account):
    """An account, by what each of its services answers."""

    def __init__(
        self, answers: Mapping[str, Any], stacks: Mapping[str, Json] | None = None, **given: Any
    ) -> None:
        whole = {"trial-bootstrap": {}, "trial-tickets": {}, **(stacks or {})}
        super().__init__(settings(**given), whole, {}, {})
        identity_ = {"get_caller_identity": {"Account": OWNER, "Arn": f"arn:aws:iam::{OWNER}:root"}}
        self._answers = {"sts": identity_, **answers}

    def client(self, service: str, *, region: str | None = None) -> Any:
        """What stands for it; all that is asked here is asked in one region."""
        assert region in (None, REGION)
        return Client(self._answers[service])


def refusal(code: str, status: int = 400) -> ClientError:
    """How AWS refuses."""
    return ClientError(
        {
            "Error": {"Code": code, "Message": "no"},
            "ResponseMetadata": {"HTTPStatusCode": status},  # type: ignore[typeddict-item]
        },
        "Call",
    )


def outcomes(check: PipelineCheck, account: Account) -> str:
    """What a check of the pipeline finds."""
    found = check(account, "tickets", account.settings.pipelines["tickets"])
    return " ".join(result.outcome for result in found)


# Databases

SNAPSHOT = {
    "Status": "available",
    "Engine": "aurora-mysql",
    "EngineVersion": "8.0.mysql_aurora.3.08.0",
}


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "pass"),
        ({"Status": "creating"}, "fail pass"),
        ({"Engine": "aurora-postgresql"}, "fail"),
        ({"EngineVersion": "5.7.mysql_aurora.2.12.1"}, "warn pass"),
        ({"EngineVersion": "8.0.mysql_aurora.3.99.0"}, "fail pass"),
        ({"KmsKeyId": KEY}, "pass"),
    ],
)
def test_a_snapshot_is_whole_of_the_engine_and_no_newer(changes: Json, outcome: str) -> None:
    kms = {"describe_key": {"KeyMetadata": {"KeyState": "Enabled", "KeyManager": "CUSTOMER"}}}
    answers = {
        "rds": {"describe_db_cluster_snapshots": {"DBClusterSnapshots": [SNAPSHOT | changes]}},
        "kms": kms,
    }
    source = {
        "kind": "snapshot",
        "snapshot_identifier": "tickets",
        "engine_version": "8.0.mysql_aurora.3.10.4",
    }
    account = Answering(answers, pipeline={"source": source})
    assert outcomes(database.snapshot, account) == outcome


@pytest.mark.parametrize(
    "answer", [{"DBClusterSnapshots": []}, refusal("DBClusterSnapshotNotFoundFault")]
)
def test_a_snapshot_that_is_not_there_is_told(answer: Any) -> None:
    answers = {"rds": {"describe_db_cluster_snapshots": answer}}
    source = {"kind": "snapshot", "snapshot_identifier": "tickets"}
    account = Answering(answers, pipeline={"source": source})
    assert outcomes(database.snapshot, account) == "fail"


VERSION = "8.0.mysql_aurora.3.10.4"


@pytest.mark.parametrize(
    ("offered", "outcome"),
    [
        ([{"EngineVersion": VERSION}], "pass"),
        ([{"EngineVersion": VERSION, "Status": "deprecated"}], "fail"),
        (
            [
                {"EngineVersion": "8.0.mysql_aurora.3.9.1"},
                {"EngineVersion": "8.0.mysql_aurora.3.10.1"},
            ],
            "fail",
        ),
        ([], "fail"),
    ],
)
def test_a_version_is_offered_or_the_newest_is_named(offered: list[Json], outcome: str) -> None:
    pages = [{"DBEngineVersions": [each]} for each in offered]
    answers = {"rds": {"describe_db_engine_versions": pages}}
    source = {"kind": "new", "engine_version": VERSION}
    account = Answering(answers, pipeline={"source": source})
    assert outcomes(database.engine_version, account) == outcome


# Streams and deliveries


def own_stream(**more: Any) -> Json:
    """Settings with a stream that exists."""
    return {"stream": {"kind": "existing", "stream_arn": STREAM, **more}}


ACTIVE = {"StreamStatus": "ACTIVE", "RetentionPeriodHours": 24}
OTHER_KEY = KEY.replace("601", "602")


@pytest.mark.parametrize(
    ("answer", "more", "outcome"),
    [
        (ACTIVE, {}, "pass"),
        (ACTIVE | {"StreamStatus": "UPDATING"}, {}, "pass"),
        (ACTIVE | {"StreamStatus": "DELETING"}, {}, "fail"),
        (ACTIVE | {"EncryptionType": "KMS", "KeyId": "alias/aws/kinesis"}, {}, "pass"),
        (ACTIVE | {"EncryptionType": "KMS", "KeyId": KEY}, {}, "fail"),
        (ACTIVE | {"EncryptionType": "KMS", "KeyId": KEY}, {"key_arn": KEY}, "pass"),
        (ACTIVE | {"EncryptionType": "KMS", "KeyId": OTHER_KEY}, {"key_arn": KEY}, "fail"),
        (ACTIVE | {"EncryptionType": "NONE", "KeyId": KEY}, {"key_arn": KEY}, "warn"),
        (refusal("ResourceNotFoundException"), {}, "fail"),
    ],
)
def test_an_existing_stream(answer: Any, more: Json, outcome: str) -> None:
    whole = {"StreamDescriptionSummary": answer} if isinstance(answer, dict) else answer
    answers = {"kinesis": {"describe_stream_summary": whole}}
    account = Answering(answers, pipeline=own_stream(**more))
    assert outcomes(stream.stream, account) == outcome


def reads(arn: str | None, status: str = "ACTIVE") -> Json:
    """A delivery stream."""
    source = {"KinesisStreamSourceDescription": {"KinesisStreamARN": arn}} if arn else {}
    return {"DeliveryStreamDescription": {"DeliveryStreamStatus": status, "Source": source}}


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (reads(STREAM), "pass"),
        (reads(STREAM, "CREATING"), "fail"),
        (reads(f"{STREAM}-other"), "fail"),
        (reads(None), "fail"),
        (refusal("ResourceNotFoundException"), "fail"),
    ],
)
def test_an_existing_delivery_stream(answer: Any, outcome: str) -> None:
    answers = {"firehose": {"describe_delivery_stream": answer}}
    pipeline = {
        **own_stream(),
        "delivery_stream": {"kind": "existing", "name": "tickets"},
        "landing_bucket": None,
    }
    account = Answering(answers, pipeline=pipeline)
    assert outcomes(delivery.delivery_stream, account) == outcome


# Secrets

WHOLE = '{"username": "u", "password": "p", "host": "h", "port": 3306}'


@pytest.mark.parametrize(
    ("described", "text", "outcome"),
    [
        ({}, WHOLE, "pass"),
        ({"KmsKeyId": f"arn:aws:kms:{REGION}:{OWNER}:alias/aws/secretsmanager"}, WHOLE, "pass"),
        ({"KmsKeyId": KEY}, WHOLE, "fail pass"),
        ({"DeletedDate": "today"}, WHOLE, "fail"),
        ({}, '{"username": "", "password": "p", "host": "h"}', "fail"),
        ({}, "no JSON", "fail"),
        ({}, "[]", "fail"),
        (refusal("ResourceNotFoundException"), WHOLE, "fail"),
    ],
)
def test_a_databases_secret(described: Any, text: str, outcome: str) -> None:
    answers = {
        "secretsmanager": {
            "describe_secret": described,
            "get_secret_value": {"SecretString": text},
        }
    }
    account = Answering(answers, pipeline=OWN_SOURCE)
    assert outcomes(source_secret.secret, account) == outcome


# Buckets and names


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({}, "pass"),
        (refusal("404", 404), "fail"),
        (refusal("403", 403), "warn"),
        (refusal("301", 301), "warn"),
        (refusal("400", 400), "warn"),
    ],
)
def test_an_existing_bucket(answer: Any, outcome: str) -> None:
    encryption = refusal("ServerSideEncryptionConfigurationNotFoundError", 404)
    answers = {"s3": {"head_bucket": answer, "get_bucket_encryption": encryption}}
    bucket = {"kind": "existing", "bucket_name": "lake"}
    account = Answering(answers, pipeline={"landing_bucket": bucket})
    assert outcomes(buckets.landing_bucket, account) == outcome
    logged = {"access_log": {"bucket_name": "logs"}}
    account = Answering(answers, pipeline={"landing_bucket": logged})
    assert outcomes(buckets.landing_bucket, account) == outcome


@pytest.mark.parametrize(
    ("key", "more", "outcome"),
    [
        (None, {}, "pass"),
        (KEY, {}, "pass fail"),
        (KEY, {"key_arn": KEY}, "pass"),
        (f"arn:aws:kms:{REGION}:{OWNER}:alias/aws/s3", {}, "pass"),
    ],
)
def test_an_existing_buckets_key_has_to_be_named(key: str | None, more: Json, outcome: str) -> None:
    default = {"ApplyServerSideEncryptionByDefault": {"KMSMasterKeyID": key}} if key else {}
    encryption = {"ServerSideEncryptionConfiguration": {"Rules": [default]}}
    answers = {"s3": {"head_bucket": {}, "get_bucket_encryption": encryption}}
    bucket = {"kind": "existing", "bucket_name": "lake", **more}
    account = Answering(answers, pipeline={"landing_bucket": bucket})
    assert outcomes(buckets.landing_bucket, account) == outcome


DENIED = refusal("AccessDenied", 500)


@pytest.mark.parametrize(
    ("check", "answers", "pipeline"),
    [
        (
            buckets.landing_bucket,
            {"s3": {"head_bucket": DENIED}},
            {"landing_bucket": {"kind": "existing", "bucket_name": "lake"}},
        ),
        (stream.stream, {"kinesis": {"describe_stream_summary": DENIED}}, own_stream()),
        (source_secret.secret, {"secretsmanager": {"describe_secret": DENIED}}, OWN_SOURCE),
        (
            database.snapshot,
            {"rds": {"describe_db_cluster_snapshots": DENIED}},
            {"source": {"kind": "snapshot", "snapshot_identifier": "tickets"}},
        ),
    ],
)
def test_a_refusal_is_not_taken_for_an_answer(
    check: PipelineCheck, answers: Any, pipeline: Json
) -> None:
    """Whoever runs the checks says which one could not be made."""
    with pytest.raises(ClientError):
        outcomes(check, Answering(answers, pipeline=pipeline))


@pytest.mark.parametrize(
    ("answer", "is_taken"),
    [({"BucketRegion": REGION}, True), (refusal("404", 404), False), (refusal("403", 403), True)],
)
def test_a_buckets_name_is_taken_by_anybody(answer: Any, is_taken: bool) -> None:
    stacks = {"trial-tickets": {"resource": {"aws_s3_bucket": {"landing": {"bucket": "lake"}}}}}
    account = Answering({"s3": {"head_bucket": answer}}, stacks)
    found: Iterator[Result] = names.names(account)
    assert ["fail" if is_taken else "pass"] == [each.outcome for each in found]


NOT_FOUND, DMS = "ResourceNotFoundException", "ResourceNotFoundFault"


@pytest.mark.parametrize(
    ("type_", "attribute", "service", "call", "codes"),
    [
        ("kinesis_stream", "name", "kinesis", "describe_stream_summary", NOT_FOUND),
        (
            "kinesis_firehose_delivery_stream",
            "name",
            "firehose",
            "describe_delivery_stream",
            NOT_FOUND,
        ),
        (
            "rds_cluster",
            "cluster_identifier",
            "rds",
            "describe_db_clusters",
            "DBClusterNotFoundFault",
        ),
        (
            "rds_cluster_instance",
            "identifier",
            "rds",
            "describe_db_instances",
            "DBInstanceNotFound DBInstanceNotFoundFault",
        ),
        (
            "rds_cluster_parameter_group",
            "name",
            "rds",
            "describe_db_cluster_parameter_groups",
            "DBParameterGroupNotFound DBParameterGroupNotFoundFault",
        ),
        (
            "db_subnet_group",
            "name",
            "rds",
            "describe_db_subnet_groups",
            "DBSubnetGroupNotFoundFault",
        ),
        (
            "dms_replication_instance",
            "replication_instance_id",
            "dms",
            "describe_replication_instances",
            DMS,
        ),
        (
            "dms_replication_subnet_group",
            "replication_subnet_group_id",
            "dms",
            "describe_replication_subnet_groups",
            DMS,
        ),
        ("dms_replication_task", "replication_task_id", "dms", "describe_replication_tasks", DMS),
        (
            "dms_replication_config",
            "replication_config_identifier",
            "dms",
            "describe_replication_configs",
            DMS,
        ),
        ("dms_endpoint", "endpoint_id", "dms", "describe_endpoints", DMS),
        ("dms_certificate", "certificate_id", "dms", "describe_certificates", DMS),
        ("iam_role", "name", "iam", "get_role", "NoSuchEntity"),
        ("glue_catalog_database", "name", "glue", "get_database", "EntityNotFoundException"),
        ("athena_workgroup", "name", "athena", "get_work_group", "InvalidRequestException"),
        ("s3_bucket", "bucket", "s3", "head_bucket", "404 NoSuchBucket"),
        ("kms_alias", "name", "kms", "describe_key", "NotFoundException"),
        (
            "cloudwatch_dashboard",
            "dashboard_name",
            "cloudwatch",
            "get_dashboard",
            "ResourceNotFound DashboardNotFoundError 404",
        ),
    ],
)
def test_each_service_says_in_its_own_words_that_a_name_is_free(
    type_: str, attribute: str, service: str, call: str, codes: str
) -> None:
    stacks = {"trial-tickets": {"resource": {f"aws_{type_}": {"it": {attribute: "tickets"}}}}}
    for code in codes.split():
        (found,) = names.names(Answering({service: {call: refusal(code, 400)}}, stacks))
        assert found.outcome == "pass"
    with pytest.raises(ClientError):
        list(names.names(Answering({service: {call: DENIED}}, stacks)))


# Replication instances

ORDERABLE = [
    {
        "ReplicationInstanceClass": "dms.t3.medium",
        "EngineVersion": version,
        "AvailabilityZones": [f"{REGION}a", f"{REGION}b"],
    }
    for version in ("3.5.4", "3.6.1")
]


@pytest.mark.parametrize(
    ("changes", "outcome"),
    [
        ({}, "pass"),
        ({"engine_version": "3.6.1"}, "pass"),
        ({"instance_class": "dms.r6i.large"}, "fail"),
        ({"engine_version": "3.6.9"}, "fail"),
        ({"availability_zone": f"{REGION}b"}, "pass"),
        ({"availability_zone": f"{REGION}c"}, "fail"),
    ],
)
def test_an_instances_class_and_version_are_offered(changes: Json, outcome: str) -> None:
    pages = [{"OrderableReplicationInstances": [each]} for each in ORDERABLE]
    answers = {
        "dms": {"describe_orderable_replication_instances": pages},
        "ec2": {
            "describe_availability_zones": {
                "AvailabilityZones": [{"ZoneName": f"{REGION}{each}"} for each in "abc"]
            }
        },
    }
    compute = {"kind": "instance", "instance_class": "dms.t3.medium", **changes}
    account = Answering(answers, pipeline=replicating(compute))
    assert outcomes(replication.offered, account) == outcome


def replicating(compute: Json) -> Json:
    """Settings with what the task runs on."""
    return {
        "replication": {
            "table_mappings": {"tables": ["a.b"]},
            "source_endpoint": {"tls": {"kind": "none"}},
            "compute": compute,
        }
    }


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        ({"ReplicationInstanceStatus": "available", "EngineVersion": "3.6.1"}, "pass"),
        ({"ReplicationInstanceStatus": "modifying", "EngineVersion": "3.6.1"}, "warn"),
        (None, "fail"),
        (refusal("ResourceNotFoundFault"), "fail"),
    ],
)
def test_an_existing_instance(answer: Any, outcome: str) -> None:
    found = {"ReplicationInstances": [answer] if answer else []}
    whole = answer if isinstance(answer, Exception) else found
    compute = {"kind": "existing", "replication_instance_id": "shared"}
    given = {**replicating(compute), **OWN_SOURCE}
    account = Answering({"dms": {"describe_replication_instances": whole}}, pipeline=given)
    assert outcomes(replication.existing, account) == outcome


# Topics


def test_a_topic_without_a_policy_lets_nobody_publish() -> None:
    arn = f"arn:aws:sns:{REGION}:{OWNER}:alarms"
    monitoring = {"notify": {"kind": "existing", "topic_arns": [arn]}}
    answers: dict[str, Any] = {"sns": {"get_topic_attributes": {"Attributes": {}}}}
    account = Answering(answers, pipeline={"monitoring": monitoring})
    assert set(outcomes(topics.alarm_topics, account).split()) == {"fail"}


# Identity, roles, room


def test_the_root_user_may_do_everything() -> None:
    (found,) = identity.deployer_may_deploy(Answering({}))
    assert found.outcome == "pass"


@pytest.mark.parametrize(("used", "outcome"), [(4, "pass"), (5, "fail")])
def test_vpcs_fit_until_the_quota(used: int, outcome: str) -> None:
    answers = {
        "ec2": {"describe_vpcs": [{"Vpcs": [{}] * (used - 1)}, {"Vpcs": [{}]}]},
        "service-quotas": {"get_service_quota": {"Quota": {"Value": 5.0}}},
    }
    (found,) = quotas.vpcs(Answering(answers))
    assert found.outcome == outcome


# Security groups of endpoints

SUBNETS = (IPv4Network("10.0.0.0/24"), IPv4Network("10.0.1.0/24"))


def permission(
    protocol: str = "tcp", ports: tuple[int, int] | None = (443, 443), **more: Any
) -> Json:
    """A rule that lets something in."""
    of_ports = {"FromPort": ports[0], "ToPort": ports[1]} if ports else {}
    return {"IpProtocol": protocol, **of_ports, **more}


def from_(cidr: str) -> Json:
    """Addresses."""
    return {"IpRanges": [{"CidrIp": cidr}]}


@pytest.mark.parametrize(
    ("rules", "admits"),
    [
        ([], False),
        ([permission(**from_("10.0.0.0/16"))], True),
        ([permission(**from_("10.0.0.0/8"))], True),
        ([permission(**from_("10.0.0.0/23"))], True),
        ([permission(**from_("0.0.0.0/0"))], True),
        # of one subnet only
        ([permission(**from_("10.0.0.0/24"))], False),
        ([permission(**from_("10.0.0.0/24")), permission(**from_("10.0.1.0/24"))], True),
        ([permission(**from_("192.168.0.0/16"))], False),
        ([permission("-1", None, **from_("10.0.0.0/16"))], True),
        ([permission("tcp", (0, 65535), **from_("10.0.0.0/16"))], True),
        ([permission("tcp", (443, 444), **from_("10.0.0.0/16"))], True),
        ([permission("tcp", (444, 500), **from_("10.0.0.0/16"))], False),
        ([permission("tcp", (80, 442), **from_("10.0.0.0/16"))], False),
        ([permission("udp", (443, 443), **from_("10.0.0.0/16"))], False),
        ([permission(UserIdGroupPairs=[{"GroupId": "sg-own"}])], True),
        ([permission(UserIdGroupPairs=[{"GroupId": "sg-other"}])], False),
    ],
)
def test_an_endpoints_group_admits_all_of_dmss_subnets_or_its_group(
    rules: list[Json], admits: bool
) -> None:
    ec2 = Client({"describe_security_groups": {"SecurityGroups": [{"IpPermissions": rules}]}})
    endpoint = {"VpcEndpointType": "Interface", "Groups": [{"GroupId": "sg-endpoint"}]}
    assert network._admits(ec2, endpoint, SUBNETS, "sg-own") is admits
    assert network._admits(ec2, {"VpcEndpointType": "Interface"}, SUBNETS, "sg-own") is False
    assert network._admits(ec2, {"VpcEndpointType": "Gateway"}, SUBNETS, "sg-own") is True
