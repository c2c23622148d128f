"""Stand-ins have the ids that were asked for, as AWS's own calls show them."""

import json
import re
from collections.abc import Callable
from typing import Any

import pytest

from constructs_lib.dms.engine_versions import AWS_DEFAULT
from dms_stream.local_aws import LocalAws, LocalAwsError, StandIn, make_stand_ins

# on an embedded AWS
pytestmark = pytest.mark.slow

Clients = Callable[[str], Any]

REGION, ACCOUNT = "eu-central-1", "123456789012"
VPC, GROUP = "vpc-0a1b2c3d4e5f60718", "sg-0a1b2c3d4e5f60719"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f0e0d0c-1111-2222-3333-444455556601"
SECRET = f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:tickets/dms-Ab12Cd"


def make(aws: LocalAws, *stand_ins: StandIn) -> None:
    make_stand_ins(aws.url, stand_ins, region=REGION)


def test_a_network_of_given_ids(aws: LocalAws, client: Clients) -> None:
    subnets = [f"subnet-0a1b2c3d4e5f6071{number}" for number in range(3)]
    table = "rtb-0a1b2c3d4e5f60718"
    make(
        aws,
        StandIn("VPC", VPC),
        *(StandIn("subnet", subnet, {"vpc": VPC}) for subnet in subnets),
        StandIn("security group", GROUP, {"vpc": VPC}),
        StandIn("route table", table, {"vpc": VPC}),
    )
    ec2 = client("ec2")

    made = ec2.describe_subnets(SubnetIds=subnets)["Subnets"]
    assert {subnet["VpcId"] for subnet in made} == {VPC}
    assert len({subnet["AvailabilityZone"] for subnet in made}) == 3
    (group,) = ec2.describe_security_groups(GroupIds=[GROUP])["SecurityGroups"]
    assert group["VpcId"] == VPC
    (found,) = ec2.describe_route_tables(RouteTableIds=[table])["RouteTables"]
    assert found["VpcId"] == VPC
    for attribute in ("enableDnsSupport", "enableDnsHostnames"):
        told = ec2.describe_vpc_attribute(VpcId=VPC, Attribute=attribute)
        assert told[attribute[0].upper() + attribute[1:]] == {"Value": True}
    # moto's own ids go on as ever
    assert ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"] != VPC


def test_roles_and_policies(aws: LocalAws, client: Clients) -> None:
    boundary = f"arn:aws:iam::{ACCOUNT}:policy/bounds/data-platform"
    make(
        aws,
        StandIn("IAM role", "dms-vpc-role"),
        StandIn("IAM role", "AWSServiceRoleForDMSServerless"),
        StandIn("IAM policy", boundary),
    )
    iam = client("iam")

    attached = iam.list_attached_role_policies(RoleName="dms-vpc-role")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AmazonDMSVPCManagementRole"]
    role = iam.get_role(RoleName="dms-vpc-role")["Role"]
    assert role["AssumeRolePolicyDocument"] == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "dms.amazonaws.com"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
    assert (role["Path"], role["MaxSessionDuration"]) == ("/", 3600)
    assert role["Description"] == "stand-in of the embedded AWS"
    linked = iam.get_role(RoleName="AWSServiceRoleForDMSServerless")["Role"]
    assert linked["Arn"] == (
        f"arn:aws:iam::{ACCOUNT}:role/aws-service-role/dms.amazonaws.com/"
        "AWSServiceRoleForDMSServerless"
    )
    assert iam.get_policy(PolicyArn=boundary)["Policy"]["Path"] == "/bounds/"


def test_keys_and_secrets(aws: LocalAws, client: Clients) -> None:
    make(
        aws,
        StandIn("KMS key", KEY),
        StandIn("secret", SECRET, {"host": "db.example.org", "port": 3306}),
    )

    assert client("kms").describe_key(KeyId=KEY)["KeyMetadata"]["Arn"] == KEY
    told = client("secretsmanager").get_secret_value(SecretId=SECRET)
    assert told["ARN"] == SECRET
    assert json.loads(told["SecretString"]).keys() == {"username", "password", "host", "port"}


def test_what_rows_move_through(aws: LocalAws, client: Clients) -> None:
    topic = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
    stream = f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/shared"
    certificate = f"arn:aws:dms:{REGION}:{ACCOUNT}:cert:ABCDEFGHIJKLMNOP"
    make(
        aws,
        StandIn("SNS topic", topic),
        StandIn("KMS key", KEY),
        StandIn("Kinesis stream", stream, {"key": KEY}),
        StandIn("S3 bucket", "example-company-logs", {"takes_access_logs": True}),
        StandIn("S3 bucket", "example-company-lake"),
        StandIn("replication instance", "shared", {"security_group": GROUP, "vpc": VPC}),
        StandIn("certificate", certificate),
        StandIn("Glue table", "lake.changes"),
        StandIn("cluster snapshot", "before-the-move"),
    )

    assert client("sns").get_topic_attributes(TopicArn=topic)["Attributes"]["TopicArn"] == topic
    summary = client("kinesis").describe_stream_summary(StreamARN=stream)
    assert summary["StreamDescriptionSummary"]["KeyId"] == KEY
    client("s3").put_bucket_logging(
        Bucket="example-company-lake",
        BucketLoggingStatus={
            "LoggingEnabled": {"TargetBucket": "example-company-logs", "TargetPrefix": "lake/"}
        },
    )
    dms = client("dms")
    (instance,) = dms.describe_replication_instances()["ReplicationInstances"]
    assert instance["ReplicationInstanceIdentifier"] == "shared"
    assert [each["VpcSecurityGroupId"] for each in instance["VpcSecurityGroups"]] == [GROUP]
    (found,) = dms.describe_certificates()["Certificates"]
    assert found["CertificateArn"] == certificate
    table = client("glue").get_table(DatabaseName="lake", Name="changes")["Table"]
    columns = [column["Name"] for column in table["StorageDescriptor"]["Columns"]]
    assert columns == ["data", "metadata", "control"]
    client("rds").describe_db_cluster_snapshots(DBClusterSnapshotIdentifier="before-the-move")


def test_what_is_there_stays(aws: LocalAws, client: Clients) -> None:
    stand_ins = [
        StandIn("VPC", VPC),
        StandIn("subnet", "subnet-0a1b2c3d4e5f60711", {"vpc": VPC}),
        StandIn("security group", GROUP, {"vpc": VPC}),
        StandIn("route table", "rtb-0a1b2c3d4e5f60718", {"vpc": VPC}),
        StandIn("IAM role", "dms-vpc-role"),
        StandIn("IAM policy", f"arn:aws:iam::{ACCOUNT}:policy/bounds"),
        StandIn("KMS key", KEY),
        StandIn("secret", SECRET, {"host": "db.example.org", "port": 3306}),
        StandIn("SNS topic", f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"),
        StandIn("S3 bucket", "example-company-lake"),
        StandIn("Kinesis stream", f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/shared"),
        StandIn("replication instance", "shared", {}),
        StandIn("certificate", f"arn:aws:dms:{REGION}:{ACCOUNT}:cert:ABCDEFGHIJKLMNOP"),
        StandIn("Glue table", "lake.changes"),
        StandIn("cluster snapshot", "before-the-move"),
    ]
    make(aws, *stand_ins)
    client("s3").put_object(Bucket="example-company-lake", Key="a", Body=b"1")
    make(aws, *stand_ins)

    assert client("s3").list_objects_v2(Bucket="example-company-lake")["KeyCount"] == 1
    (instance,) = client("dms").describe_replication_instances()["ReplicationInstances"]
    assert instance["VpcSecurityGroups"] == []


@pytest.mark.parametrize(
    ("stand_in", "reason"),
    [
        (
            StandIn("IAM policy", "arn:aws:iam::aws:policy/NoSuchPolicy"),
            "it knows no policy of AWS's by that name",
        ),
        (StandIn("subnet", "subnet-0a1b2c3d4e5f60711", {"vpc": VPC}), "does not exist"),
        (StandIn("message queue", "jobs"), "the embedded AWS has no stand-in for a message queue"),
    ],
    ids=lambda value: value.kind if isinstance(value, StandIn) else "",
)
def test_what_cannot_be_made_is_refused_by_name(
    aws: LocalAws, stand_in: StandIn, reason: str
) -> None:
    with pytest.raises(LocalAwsError) as refused:
        make(aws, stand_in)
    assert str(refused.value).startswith(f"{stand_in.kind} {stand_in.name}: ")
    assert reason in str(refused.value)


def test_a_replication_instance_takes_tasks(aws: LocalAws, client: Clients) -> None:
    details = {"security_group": GROUP, "vpc": VPC}
    make(aws, StandIn("replication instance", "shared", details))
    (found,) = client("dms").describe_replication_instances()["ReplicationInstances"]
    arn = found.pop("ReplicationInstanceArn")
    assert re.fullmatch(f"arn:aws:dms:{REGION}:{ACCOUNT}:rep:[0-9A-Z]{{26}}", arn)
    assert found.pop("InstanceCreateTime")
    assert found == {
        "ReplicationInstanceIdentifier": "shared",
        "ReplicationInstanceClass": "dms.r6i.large",
        "ReplicationInstanceStatus": "available",
        "AllocatedStorage": 50,
        "AutoMinorVersionUpgrade": False,
        "AvailabilityZone": f"{REGION}a",
        "EngineVersion": AWS_DEFAULT.value,
        "KmsKeyId": f"arn:aws:kms:{REGION}:{ACCOUNT}:alias/aws/dms",
        "MultiAZ": False,
        "NetworkType": "IPV4",
        "PendingModifiedValues": {},
        "PreferredMaintenanceWindow": "sun:03:00-sun:03:30",
        "PubliclyAccessible": False,
        "ReplicationInstancePrivateIpAddresses": ["10.200.0.10"],
        "ReplicationInstancePublicIpAddresses": [],
        "ReplicationSubnetGroup": {
            "ReplicationSubnetGroupIdentifier": "stand-in",
            "VpcId": VPC,
            "SubnetGroupStatus": "Complete",
            "Subnets": [],
        },
        "VpcSecurityGroups": [{"VpcSecurityGroupId": GROUP, "Status": "active"}],
    }


def test_a_vpc_is_full_some_day(aws: LocalAws) -> None:
    names = [f"subnet-0a1b2c3d4e5f60{number:03}" for number in range(257)]
    subnets = [StandIn("subnet", name, {"vpc": VPC}) for name in names]
    make(aws, StandIn("VPC", VPC), *subnets[:-1])
    with pytest.raises(LocalAwsError) as refused:
        make(aws, subnets[-1])
    assert str(refused.value) == (
        f"subnet {names[-1]}: the embedded AWS cannot make it: a VPC here has 256 subnets at most"
    )


def test_a_region_whose_zones_are_not_known_has_no_subnets(aws: LocalAws) -> None:
    with pytest.raises(LocalAwsError) as refused:
        make_stand_ins(
            aws.url,
            [StandIn("VPC", VPC), StandIn("subnet", "subnet-0a1b2c3d4e5f60711", {"vpc": VPC})],
            region="us-iso-east-1",
        )
    assert str(refused.value) == (
        "subnet subnet-0a1b2c3d4e5f60711: the embedded AWS cannot make it: it knows no zones of "
        "us-iso-east-1"
    )
