"""What is repaired in the other services."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dms_stream.local_aws import LocalAws, seed_snapshot
from tests.dms_stream.local_aws.conftest import Client

# on an embedded AWS
pytestmark = pytest.mark.slow

Clients = Callable[[str], Client]


def read(kinesis: Client, stream_arn: str, limit: int | None = None) -> list[bytes]:
    """Every record of a stream's shards, read by the stream's ARN."""
    found: list[bytes] = []
    for shard in kinesis.list_shards(StreamARN=stream_arn)["Shards"]:
        iterator = kinesis.get_shard_iterator(
            StreamARN=stream_arn, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        while True:
            limited = {"Limit": limit} if limit else {}
            page = kinesis.get_records(ShardIterator=iterator, **limited)
            if not page["Records"]:
                break
            assert limit is None or len(page["Records"]) <= limit
            found += [record["Data"] for record in page["Records"]]
            iterator = page["NextShardIterator"]
    return found


def stream(kinesis: Client, **more: Any) -> str:
    """A new stream's ARN."""
    kinesis.create_stream(StreamName="changes", ShardCount=2, **more)
    summary = kinesis.describe_stream_summary(StreamName="changes")["StreamDescriptionSummary"]
    return str(summary["StreamARN"])


def test_a_stream_keeps_the_tags_it_is_created_with(client: Clients) -> None:
    kinesis = client("kinesis")
    arn = stream(kinesis, Tags={"project": "dms-stream"})
    tags = kinesis.list_tags_for_stream(StreamARN=arn)["Tags"]
    assert tags == [{"Key": "project", "Value": "dms-stream"}]


def test_records_put_at_the_same_time_all_arrive_once(client: Clients) -> None:
    kinesis = client("kinesis")
    arn = stream(kinesis)
    sent = [f"{batch}.{number}".encode() for batch in range(24) for number in range(100)]

    def put(batch: int) -> int:
        records = [{"Data": d, "PartitionKey": d.decode()} for d in sent[batch * 100 :][:100]]
        return int(kinesis.put_records(StreamARN=arn, Records=records)["FailedRecordCount"])

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(put, range(24))) == 0
    assert sorted(read(kinesis, arn, limit=500)) == sorted(sent)


def test_records_of_one_shard_are_read_in_their_order(client: Clients) -> None:
    kinesis = client("kinesis")
    arn = stream(kinesis)
    sent = [str(number).encode() for number in range(50)]
    for data in sent:
        kinesis.put_record(StreamARN=arn, Data=data, PartitionKey="one")
    assert read(kinesis, arn, limit=7) == sent


def bucket(s3: Client) -> str:
    """A new bucket's name."""
    s3.create_bucket(
        Bucket="landing", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    return "landing"


def deny(condition: dict[str, Any] | None) -> str:
    """A policy that denies everything to everybody, under a condition."""
    statement: dict[str, Any] = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::landing", "arn:aws:s3:::landing/*"],
    }
    if condition:
        statement["Condition"] = condition
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_tls_only_policy_locks_nobody_out_and_is_read_back(client: Clients) -> None:
    s3 = client("s3")
    name = bucket(s3)
    policy = deny({"Bool": {"aws:SecureTransport": "false"}})
    s3.put_bucket_policy(Bucket=name, Policy=policy)
    s3.put_object(Bucket=name, Key="k", Body=b"1")
    assert s3.get_object(Bucket=name, Key="k")["Body"].read() == b"1"
    assert json.loads(s3.get_bucket_policy(Bucket=name)["Policy"]) == json.loads(policy)


def test_a_policy_that_denies_without_a_condition_denies(client: Clients) -> None:
    s3 = client("s3")
    name = bucket(s3)
    s3.put_bucket_policy(Bucket=name, Policy=deny(None))
    with pytest.raises(ClientError, match="403"):
        s3.put_object(Bucket=name, Key="k", Body=b"1")


def test_eventbridge_is_read_back(client: Clients) -> None:
    s3 = client("s3")
    name = bucket(s3)
    s3.put_bucket_notification_configuration(
        Bucket=name, NotificationConfiguration={"EventBridgeConfiguration": {}}
    )
    read_back = s3.get_bucket_notification_configuration(Bucket=name)
    assert read_back["EventBridgeConfiguration"] == {}


def test_a_delete_marker_goes_after_versioning_is_suspended(client: Clients) -> None:
    s3 = client("s3")
    name = bucket(s3)
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Enabled"})
    s3.put_object(Bucket=name, Key="k", Body=b"1")
    s3.delete_object(Bucket=name, Key="k")
    s3.put_bucket_versioning(Bucket=name, VersioningConfiguration={"Status": "Suspended"})
    held = s3.list_object_versions(Bucket=name)
    for version in held["Versions"] + held["DeleteMarkers"]:
        deleted = {"Key": version["Key"], "VersionId": version["VersionId"]}
        s3.delete_objects(Bucket=name, Delete={"Objects": [deleted]})
    s3.delete_bucket(Bucket=name)
    assert s3.list_buckets()["Buckets"] == []


@pytest.mark.parametrize("by_arn", [False, True])
def test_the_seed_snapshot_is_restored(aws: LocalAws, client: Clients, by_arn: bool) -> None:
    rds = client("rds")
    arn = seed_snapshot(aws.url)
    assert rds.describe_db_clusters()["DBClusters"] == []
    rds.restore_db_cluster_from_snapshot(
        DBClusterIdentifier="restored",
        SnapshotIdentifier=arn if by_arn else "tickets-mysql",
        Engine="aurora-mysql",
    )
    (cluster,) = rds.describe_db_clusters()["DBClusters"]
    assert cluster["DatabaseName"] == "dms_sample"
    assert cluster["EngineVersion"] == "8.0.mysql_aurora.3.10.4"
    assert cluster["StorageEncrypted"]
    assert "ScalingConfigurationInfo" not in cluster


def cluster(rds: Client, **more: Any) -> str:
    """A new Aurora cluster's name."""
    asked = {
        "DBClusterIdentifier": "source",
        "Engine": "aurora-mysql",
        "MasterUsername": "admin",
        "MasterUserPassword": "not-a-secret",
        **more,
    }
    return str(rds.create_db_cluster(**asked)["DBCluster"]["DBClusterIdentifier"])


@pytest.mark.parametrize("by_arn", [False, True])
def test_a_restored_cluster_has_what_the_snapshot_holds_and_nothing_else(
    client: Clients, by_arn: bool
) -> None:
    rds = client("rds")
    held = {
        "EngineVersion": "8.0.mysql_aurora.3.10.4",
        "DatabaseName": "shop",
        "MasterUsername": "admin",
        "StorageEncrypted": True,
        "KmsKeyId": "arn:aws:kms:eu-central-1:123456789012:key/own",
        "Port": 3307,
        "BackupRetentionPeriod": 9,
        "PreferredBackupWindow": "01:00-02:00",
        "PreferredMaintenanceWindow": "sun:03:00-sun:04:00",
    }
    rds.create_db_cluster(
        DBClusterIdentifier="source",
        Engine="aurora-mysql",
        MasterUserPassword="not-a-secret",
        DeletionProtection=True,
        **held,
    )
    made = rds.create_db_cluster_snapshot(
        DBClusterIdentifier="source", DBClusterSnapshotIdentifier="snapshot"
    )["DBClusterSnapshot"]
    given = {"Engine": "aurora-mysql", "Port": 3308}
    restored = rds.restore_db_cluster_from_snapshot(
        DBClusterIdentifier="restored",
        SnapshotIdentifier=made["DBClusterSnapshotArn"] if by_arn else "snapshot",
        **given,
    )["DBCluster"]
    assert {name: restored[name] for name in held} == held | {"Port": 3308}
    assert restored["DeletionProtection"] is False


def test_a_refused_change_does_not_lose_the_cluster(client: Clients) -> None:
    rds = client("rds")
    name = cluster(rds)
    with pytest.raises(ClientError, match="shorter than 8"):
        rds.modify_db_cluster(DBClusterIdentifier=name, MasterUserPassword="short")
    (kept,) = rds.describe_db_clusters()["DBClusters"]
    assert kept["DBClusterIdentifier"] == name


def test_exported_logs_and_iam_authentication_change(client: Clients) -> None:
    rds = client("rds")
    cluster(rds, DBClusterIdentifier="another")
    name = cluster(rds, EnableCloudwatchLogsExports=["error", "slowquery"])
    rds.modify_db_cluster(
        DBClusterIdentifier=name,
        EnableIAMDatabaseAuthentication=True,
        CloudwatchLogsExportConfiguration={
            "EnableLogTypes": ["audit"],
            "DisableLogTypes": ["slowquery"],
        },
    )
    other, changed = rds.describe_db_clusters()["DBClusters"]
    assert changed["EnabledCloudwatchLogsExports"] == ["audit", "error"]
    assert changed["IAMDatabaseAuthenticationEnabled"]
    assert not other.get("EnabledCloudwatchLogsExports")
    assert not other["IAMDatabaseAuthenticationEnabled"]
    # what is not asked for stays
    rds.modify_db_cluster(DBClusterIdentifier=name, BackupRetentionPeriod=3)
    (kept,) = rds.describe_db_clusters(DBClusterIdentifier=name)["DBClusters"]
    moving = {key: value for key, value in kept.items() if key.endswith("RestorableTime")}
    assert kept == changed | moving | {"BackupRetentionPeriod": 3}


def test_performance_insights_are_read_back_and_change(client: Clients) -> None:
    rds = client("rds")
    rds.create_db_instance(
        DBInstanceIdentifier="source-1",
        DBClusterIdentifier=cluster(rds),
        Engine="aurora-mysql",
        DBInstanceClass="db.serverless",
        EnablePerformanceInsights=True,
        PerformanceInsightsRetentionPeriod=7,
    )
    (instance,) = rds.describe_db_instances()["DBInstances"]
    assert instance["PerformanceInsightsEnabled"]
    assert instance["PerformanceInsightsRetentionPeriod"] == 7
    rds.modify_db_instance(DBInstanceIdentifier="source-1", EnablePerformanceInsights=False)
    (instance,) = rds.describe_db_instances()["DBInstances"]
    assert not instance["PerformanceInsightsEnabled"]


def test_a_parameter_is_the_users_until_it_is_reset(client: Clients) -> None:
    rds = client("rds")
    rds.create_db_cluster_parameter_group(
        DBClusterParameterGroupName="rows",
        DBParameterGroupFamily="aurora-mysql8.0",
        Description="Row-based binary log",
    )
    parameter = {
        "ParameterName": "binlog_format",
        "ParameterValue": "ROW",
        "ApplyMethod": "pending-reboot",
    }
    rds.modify_db_cluster_parameter_group(
        DBClusterParameterGroupName="rows", Parameters=[parameter]
    )
    (kept,) = rds.describe_db_cluster_parameters(DBClusterParameterGroupName="rows")["Parameters"]
    assert kept == parameter | {"Source": "user"}
    rds.reset_db_cluster_parameter_group(DBClusterParameterGroupName="rows", Parameters=[parameter])
    left = rds.describe_db_cluster_parameters(DBClusterParameterGroupName="rows")["Parameters"]
    assert left == []


@pytest.mark.parametrize("all_of_them", [False, True])
def test_an_instances_parameters_are_reset_one_by_one_or_together(
    client: Clients, all_of_them: bool
) -> None:
    rds = client("rds")
    rds.create_db_parameter_group(
        DBParameterGroupName="slow", DBParameterGroupFamily="aurora-mysql8.0", Description="Log"
    )
    of_two = [
        {"ParameterName": name, "ParameterValue": "1", "ApplyMethod": "immediate"}
        for name in ("long_query_time", "slow_query_log")
    ]
    rds.modify_db_parameter_group(DBParameterGroupName="slow", Parameters=of_two)
    asked = {"ResetAllParameters": True} if all_of_them else {"Parameters": of_two[:1]}
    rds.reset_db_parameter_group(DBParameterGroupName="slow", **asked)
    left = rds.describe_db_parameters(DBParameterGroupName="slow")["Parameters"]
    names = [parameter["ParameterName"] for parameter in left]
    assert names == ([] if all_of_them else ["slow_query_log"])


def test_a_rule_that_names_a_group_keeps_its_description(client: Clients) -> None:
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    source, dms = (
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"]
        for name in ("source", "dms")
    )
    (rule,) = ec2.authorize_security_group_ingress(
        GroupId=source,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 3306,
                "ToPort": 3306,
                "UserIdGroupPairs": [{"GroupId": dms, "Description": "MySQL from DMS"}],
            }
        ],
    )["SecurityGroupRules"]

    def described() -> Any:
        ids = [rule["SecurityGroupRuleId"]]
        return ec2.describe_security_group_rules(SecurityGroupRuleIds=ids)["SecurityGroupRules"][0]

    before = described()
    assert before["Description"] == "MySQL from DMS"
    ec2.modify_security_group_rules(
        GroupId=source,
        SecurityGroupRules=[
            {
                "SecurityGroupRuleId": rule["SecurityGroupRuleId"],
                "SecurityGroupRule": {
                    "IpProtocol": "tcp",
                    "FromPort": 3307,
                    "ToPort": 3307,
                    "ReferencedGroupId": dms,
                    "Description": "another port",
                },
            }
        ],
    )
    assert described() == before | {
        "Description": "another port",
        "FromPort": 3307,
        "ToPort": 3307,
        "ReferencedGroupInfo": {"GroupId": dms},
    }


ROLE = "arn:aws:iam::123456789012:role/delivery"


def delivery(client: Clients, stream_arn: str, **destination: Any) -> None:
    """Create a delivery stream."""
    client("firehose").create_delivery_stream(
        DeliveryStreamName="delivery",
        DeliveryStreamType="KinesisStreamAsSource",
        KinesisStreamSourceConfiguration={"KinesisStreamARN": stream_arn, "RoleARN": ROLE},
        ExtendedS3DestinationConfiguration={
            "RoleARN": ROLE,
            "BucketARN": "arn:aws:s3:::landing",
            **destination,
        },
    )


CONVERSION = {
    "SchemaConfiguration": {"DatabaseName": "lake", "TableName": "changes", "RoleARN": ROLE},
    "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": {}}},
    "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
}


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"CompressionFormat": "GZIP"}, "CompressionFormat must be UNCOMPRESSED"),
        (
            {"BufferingHints": {"SizeInMBs": 63, "IntervalInSeconds": 60}},
            "SizeInMBs must be at least 64",
        ),
    ],
)
def test_a_conversion_takes_no_compression_and_no_small_buffer(
    client: Clients, settings: dict[str, Any], message: str
) -> None:
    client("iam").create_role(RoleName="delivery", AssumeRolePolicyDocument="{}")
    bucket(client("s3"))
    arn = stream(client("kinesis"))
    with pytest.raises(ClientError, match=message):
        delivery(client, arn, DataFormatConversionConfiguration=CONVERSION, **settings)


@pytest.mark.parametrize("enabled", [True, False])
def test_dynamic_partitioning_is_taken_at_creation_only(client: Clients, enabled: bool) -> None:
    client("iam").create_role(RoleName="delivery", AssumeRolePolicyDocument="{}")
    bucket(client("s3"))
    delivery(
        client, stream(client("kinesis")), DynamicPartitioningConfiguration={"Enabled": enabled}
    )
    described = client("firehose").describe_delivery_stream(DeliveryStreamName="delivery")[
        "DeliveryStreamDescription"
    ]

    def update(asked: bool) -> None:
        client("firehose").update_destination(
            DeliveryStreamName="delivery",
            CurrentDeliveryStreamVersionId=described["VersionId"],
            DestinationId=described["Destinations"][0]["DestinationId"],
            ExtendedS3DestinationUpdate={"DynamicPartitioningConfiguration": {"Enabled": asked}},
        )

    with pytest.raises(ClientError, match="at the creation of a delivery stream only"):
        update(not enabled)
    update(enabled)


def test_a_delivery_stream_needs_its_role_stream_and_bucket(client: Clients) -> None:
    missing = "arn:aws:kinesis:eu-central-1:123456789012:stream/missing"
    with pytest.raises(ClientError, match=r"unable to assume role .*role/delivery"):
        delivery(client, missing)
    client("iam").create_role(RoleName="delivery", AssumeRolePolicyDocument="{}")
    with pytest.raises(ClientError, match="stream/missing is not found"):
        delivery(client, missing)
    arn = stream(client("kinesis"))
    with pytest.raises(ClientError, match="bucket landing does not exist"):
        delivery(client, arn)
    bucket(client("s3"))
    delivery(client, arn)
    names = client("firehose").list_delivery_streams()["DeliveryStreamNames"]
    assert names == ["delivery"]


@pytest.mark.parametrize(("version", "is_taken"), [("3.04.2", False), ("3.10.4", True)])
def test_an_older_aurora_has_less_serverless_capacity(
    client: Clients, version: str, is_taken: bool
) -> None:
    def create() -> None:
        client("rds").create_db_cluster(
            DBClusterIdentifier="source",
            Engine="aurora-mysql",
            EngineVersion=f"8.0.mysql_aurora.{version}",
            MasterUsername="admin",
            MasterUserPassword="of-no-importance",
            ServerlessV2ScalingConfiguration={"MinCapacity": 0.5, "MaxCapacity": 200},
        )

    if is_taken:
        create()
    else:
        with pytest.raises(ClientError, match=r"max_acu 200 needs Aurora MySQL 3\.06\.0 or later"):
            create()


def test_a_clusters_data_api_is_switched_on_and_off(client: Callable[[str], Any]) -> None:
    rds = client("rds")

    def is_on() -> bool:
        (cluster,) = rds.describe_db_clusters()["DBClusters"]
        return bool(cluster["HttpEndpointEnabled"])

    arn = rds.create_db_cluster(
        DBClusterIdentifier="source",
        Engine="aurora-mysql",
        MasterUsername="admin",
        MasterUserPassword="of-no-importance",
        EnableHttpEndpoint=True,
    )["DBCluster"]["DBClusterArn"]
    assert is_on()
    rds.disable_http_endpoint(ResourceArn=arn)
    assert not is_on()
    rds.enable_http_endpoint(ResourceArn=arn)
    assert is_on()


def test_a_saved_query_is_deleted_and_then_unknown(client: Clients) -> None:
    """Terraform destroys the workgroup's queries, and asks for those that somebody deleted."""
    athena = client("athena")
    made = athena.create_named_query(
        Name="lag", Database="lake", QueryString="SELECT 1", WorkGroup="primary"
    )["NamedQueryId"]
    assert athena.get_named_query(NamedQueryId=made)["NamedQuery"]["Name"] == "lag"
    athena.delete_named_query(NamedQueryId=made)
    for call in (athena.get_named_query, athena.delete_named_query):
        with pytest.raises(ClientError, match=r"InvalidRequestException.*was not found"):
            call(NamedQueryId=made)
