"""Each check, in an account that passes it and in accounts that do not."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dms_stream.preflight.account import Account, Json
from dms_stream.preflight.check import PipelineCheck, Result
from dms_stream.preflight.checks import (
    buckets,
    catalog,
    database,
    delivery,
    identity,
    keys,
    names,
    network,
    quotas,
    replication,
    roles,
    source_secret,
    stream,
    topics,
)
from tests.dms_stream.preflight.conftest import OWNER, REGION, settings
from tests.support.checkout import ENVIRONMENTS
from tests.support.dms_account import DmsAccount

# each asks an embedded AWS or a stand-in of it
pytestmark = [pytest.mark.slow, pytest.mark.usefixtures("words")]

VPC = "vpc-0a1b2c3d4e5f60718"
SUBNETS = ("subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712")
EXISTING_NETWORK = {"kind": "existing", "vpc_id": VPC, "subnet_ids": SUBNETS}
PEM = (ENVIRONMENTS / "certificates" / "eu-west-1-bundle.pem").read_text()
AccountOf = Callable[..., Account]
Aws = Callable[[str], Any]


def outcomes(found: Iterator[Result]) -> list[tuple[str, str]]:
    """Outcome and place of each result."""
    return [(result.outcome, result.where) for result in found]


def of_pipeline(check: PipelineCheck, account: Account) -> list[Result]:
    """What a pipeline's check finds."""
    return list(check(account, "tickets", account.settings.pipelines["tickets"]))


def only(results: list[Result] | Iterator[Result]) -> Result:
    """The one result."""
    (result,) = results
    return result


def trust(service: str) -> str:
    """A role's trust policy."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": service},
        "Action": "sts:AssumeRole",
    }
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


class TestIdentity:
    def test_the_account_is_one_of_the_settings(self, account_of: AccountOf) -> None:
        found = only(identity.account_is_the_environments(account_of(settings())))
        assert found.outcome == "pass"

    def test_another_account_fails(self, account_of: AccountOf) -> None:
        account = account_of(settings(account_ids=["999999999999"]))
        found = only(identity.account_is_the_environments(account))
        assert found.outcome == "fail"
        assert "belong to 123456789012; allowed: 999999999999" in found.found

    def test_any_account_is_warned_of_with_the_line_to_write(self, account_of: AccountOf) -> None:
        found = only(identity.account_is_the_environments(account_of(settings(account_ids=[]))))
        assert (found.outcome, found.where) == ("warn", "account_ids")
        assert 'account_ids: ["123456789012"]' in found.fix


class TestRoles:
    def account(self, account_of: AccountOf, handling: str) -> Account:
        bootstrap = {"resource": {"aws_iam_role": {"dms_vpc_role": {"name": "dms-vpc-role"}}}}
        return account_of(
            settings(account_roles={"vpc_role": handling}), {"trial-bootstrap": bootstrap}
        )

    def make(self, aws: Aws, service: str = "dms.amazonaws.com", *, policy: bool = True) -> None:
        iam = aws("iam")
        iam.create_role(RoleName="dms-vpc-role", AssumeRolePolicyDocument=trust(service))
        if policy:
            iam.attach_role_policy(
                RoleName="dms-vpc-role",
                PolicyArn="arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole",
            )

    @pytest.mark.parametrize(
        ("handling", "exists", "outcome"),
        [
            ("create", False, "pass"),
            ("create", True, "fail"),
            ("adopt", False, "fail"),
            ("adopt", True, "pass"),
            ("skip", False, "warn"),
            ("skip", True, "pass"),
        ],
    )
    def test_every_handling(
        self, account_of: AccountOf, aws: Aws, handling: str, exists: bool, outcome: str
    ) -> None:
        if exists:
            self.make(aws)
        found = only(roles.vpc_role(self.account(account_of, handling)))
        assert found.outcome == outcome
        if handling == "create" and exists:
            assert "account_roles.vpc_role: adopt" in found.fix
            assert "skip" in found.fix

    def test_one_that_the_bootstrap_made_is_no_fault(self, account_of: AccountOf, aws: Aws) -> None:
        self.make(aws)
        put_state(aws, "trial-bootstrap", "aws_iam_role", "dms_vpc_role")
        assert only(roles.vpc_role(self.account(account_of, "create"))).outcome == "pass"

    def test_one_that_does_not_trust_dms_fails(self, account_of: AccountOf, aws: Aws) -> None:
        self.make(aws, "ec2.amazonaws.com")
        found = only(roles.vpc_role(self.account(account_of, "adopt")))
        assert found.outcome == "fail"
        assert "does not trust dms.amazonaws.com" in found.found

    def test_one_left_alone_without_its_policy_is_warned_of(
        self, account_of: AccountOf, aws: Aws
    ) -> None:
        self.make(aws, policy=False)
        assert only(roles.vpc_role(self.account(account_of, "skip"))).outcome == "warn"

    def test_the_log_role_is_looked_for_by_its_own_name(self, account_of: AccountOf) -> None:
        account = account_of(settings(account_roles={"cloudwatch_logs_role": "adopt"}))
        found = only(roles.cloudwatch_logs_role(account))
        assert found.found == "dms-cloudwatch-logs-role does not exist"

    def test_serverless_wants_its_service_linked_role(
        self, account_of: AccountOf, aws: Aws
    ) -> None:
        serverless = settings(
            {
                "replication": {
                    "table_mappings": {"tables": ["a.b"]},
                    "source_endpoint": {"tls": {"kind": "none"}},
                    "compute": {"kind": "serverless", "max_capacity_units": 4},
                }
            }
        )
        account = account_of(serverless)
        assert "create-service-linked-role" in only(of_pipeline(roles.serverless_role, account)).fix
        aws("iam").create_role(
            RoleName="AWSServiceRoleForDMSServerless",
            AssumeRolePolicyDocument=trust("dms.amazonaws.com"),
        )
        assert only(of_pipeline(roles.serverless_role, account)).outcome == "pass"
        assert of_pipeline(roles.serverless_role, account_of(settings())) == []


class TestBuckets:
    def test_a_free_name_passes(self, account_of: AccountOf) -> None:
        assert only(buckets.state_bucket(account_of(settings()))).outcome == "pass"

    def test_one_of_ours_with_a_state_passes(self, account_of: AccountOf, aws: Aws) -> None:
        put_state(aws, "trial-bootstrap", "aws_s3_bucket", "state")
        assert only(buckets.state_bucket(account_of(settings()))).found == "example-state is ours"

    def test_one_of_the_account_without_a_state_fails(
        self, account_of: AccountOf, aws: Aws
    ) -> None:
        make_bucket(aws, "example-state")
        assert only(buckets.state_bucket(account_of(settings()))).outcome == "fail"

    def test_the_examples_own_name_is_refused_in_a_real_account_only(
        self, account_of: AccountOf
    ) -> None:
        name = {"bucket_name": "dms-stream-seed-terraform-state"}
        assert only(buckets.state_bucket(account_of(settings(state=name)))).outcome == "fail"
        emulated = account_of(settings(state=name, emulated=True))
        assert only(buckets.state_bucket(emulated)).outcome == "pass"

    def test_an_existing_landing_bucket(self, account_of: AccountOf, aws: Aws) -> None:
        account = account_of(
            settings({"landing_bucket": {"kind": "existing", "bucket_name": "example-landing"}})
        )
        missing = only(of_pipeline(buckets.landing_bucket, account))
        assert (missing.outcome, missing.found) == ("fail", "there is no bucket example-landing")
        make_bucket(aws, "example-landing")
        assert only(of_pipeline(buckets.landing_bucket, account)).outcome == "pass"
        rule = {
            "ApplyServerSideEncryptionByDefault": {
                "SSEAlgorithm": "aws:kms",
                "KMSMasterKeyID": f"arn:aws:kms:{REGION}:{OWNER}:key/unnamed",
            }
        }
        aws("s3").put_bucket_encryption(
            Bucket="example-landing", ServerSideEncryptionConfiguration={"Rules": [rule]}
        )
        _, encrypted = of_pipeline(buckets.landing_bucket, account)
        assert (encrypted.outcome, encrypted.where) == (
            "fail",
            "pipelines.tickets.landing_bucket.key_arn",
        )

    def test_the_access_logs_bucket_must_exist(self, account_of: AccountOf) -> None:
        account = account_of(
            settings({"landing_bucket": {"access_log": {"bucket_name": "example-logs"}}})
        )
        found = only(of_pipeline(buckets.landing_bucket, account))
        assert found.where == "pipelines.tickets.landing_bucket.access_log.bucket_name"
        assert found.outcome == "fail"


def make_subnet_groups(aws: Aws) -> None:
    """One of DMS's, and one of RDS's."""
    account = DmsAccount(aws)
    account.vpc_role()
    account.subnet_group()
    aws("rds").create_db_subnet_group(
        DBSubnetGroupName="group",
        DBSubnetGroupDescription="Private subnets",
        SubnetIds=account.subnets(),
    )


def make_instance(aws: Aws) -> None:
    """An instance of a cluster."""
    aws("rds").create_db_instance(
        DBInstanceIdentifier="taken", Engine="mysql", DBInstanceClass="db.r7g.large"
    )


def make_delivery_stream(aws: Aws) -> None:
    """A delivery stream that producers write to."""
    make_bucket(aws, "landing")
    role = aws("iam").create_role(
        RoleName="delivery", AssumeRolePolicyDocument=trust("firehose.amazonaws.com")
    )
    aws("firehose").create_delivery_stream(
        DeliveryStreamName="taken",
        ExtendedS3DestinationConfiguration={
            "RoleARN": role["Role"]["Arn"],
            "BucketARN": "arn:aws:s3:::landing",
        },
    )


NAMES: dict[str, tuple[dict[str, str], Callable[[Aws], Any]]] = {
    "aws_db_subnet_group": ({"name": "group"}, make_subnet_groups),
    "aws_dms_replication_subnet_group": (
        {"replication_subnet_group_id": "group"},
        make_subnet_groups,
    ),
    "aws_dms_replication_instance": (
        {"replication_instance_id": "instance"},
        lambda aws: DmsAccount(aws).task(),
    ),
    "aws_dms_replication_task": (
        {"replication_task_id": "task"},
        lambda aws: DmsAccount(aws).task(),
    ),
    "aws_dms_replication_config": (
        {"replication_config_identifier": "serverless"},
        lambda aws: DmsAccount(aws).config(),
    ),
    "aws_rds_cluster_instance": ({"identifier": "taken"}, make_instance),
    "aws_kinesis_firehose_delivery_stream": ({"name": "taken"}, make_delivery_stream),
    "aws_kinesis_stream": (
        {"name": "taken"},
        lambda aws: aws("kinesis").create_stream(StreamName="taken", ShardCount=1),
    ),
    "aws_iam_role": (
        {"name": "taken"},
        lambda aws: aws("iam").create_role(
            RoleName="taken", AssumeRolePolicyDocument=trust("dms.amazonaws.com")
        ),
    ),
    "aws_rds_cluster": (
        {"cluster_identifier": "taken"},
        lambda aws: aws("rds").create_db_cluster(
            DBClusterIdentifier="taken",
            Engine="aurora-mysql",
            MasterUsername="admin",
            MasterUserPassword="not-a-real-one",
        ),
    ),
    "aws_rds_cluster_parameter_group": (
        {"name": "taken"},
        lambda aws: aws("rds").create_db_cluster_parameter_group(
            DBClusterParameterGroupName="taken",
            DBParameterGroupFamily="aurora-mysql8.0",
            Description="x",
        ),
    ),
    "aws_cloudwatch_log_group": (
        {"name": "/aws/taken"},
        lambda aws: aws("logs").create_log_group(logGroupName="/aws/taken"),
    ),
    "aws_glue_catalog_database": (
        {"name": "taken"},
        lambda aws: aws("glue").create_database(DatabaseInput={"Name": "taken"}),
    ),
    "aws_athena_workgroup": (
        {"name": "taken"},
        lambda aws: aws("athena").create_work_group(Name="taken", Configuration={}),
    ),
    "aws_s3_bucket": ({"bucket": "taken-name"}, lambda aws: make_bucket(aws, "taken-name")),
    "aws_kms_alias": (
        {"name": "alias/taken"},
        lambda aws: aws("kms").create_alias(
            AliasName="alias/taken", TargetKeyId=aws("kms").create_key()["KeyMetadata"]["KeyId"]
        ),
    ),
    "aws_cloudwatch_metric_alarm": (
        {"alarm_name": "taken"},
        lambda aws: aws("cloudwatch").put_metric_alarm(
            AlarmName="taken",
            MetricName="x",
            Namespace="y",
            Statistic="Sum",
            Period=60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="GreaterThanThreshold",
        ),
    ),
    "aws_cloudwatch_dashboard": (
        {"dashboard_name": "taken"},
        lambda aws: aws("cloudwatch").put_dashboard(
            DashboardName="taken", DashboardBody='{"widgets": []}'
        ),
    ),
    "aws_dms_certificate": (
        {"certificate_id": "taken"},
        lambda aws: aws("dms").import_certificate(
            CertificateIdentifier="taken", CertificatePem=PEM
        ),
    ),
    "aws_dms_endpoint": (
        {"endpoint_id": "taken"},
        lambda aws: aws("dms").create_endpoint(
            EndpointIdentifier="taken",
            EndpointType="source",
            EngineName="mysql",
            ServerName="db.example.org",
            Port=3306,
            Username="someone",
            Password="not-a-real-one",
        ),
    ),
}


class TestNames:
    @pytest.mark.parametrize("type_", NAMES)
    def test_a_name_that_exists_is_found_unless_the_state_knows_it(
        self, account_of: AccountOf, aws: Aws, type_: str
    ) -> None:
        resource, make = NAMES[type_]
        stacks = {"trial-tickets": {"resource": {type_: {"tickets": resource}}}}
        assert outcomes(names.names(account_of(settings(), stacks))) == [("pass", "pipelines")]
        make(aws)
        overwritten = type_ in ("aws_cloudwatch_metric_alarm", "aws_cloudwatch_dashboard")
        found = only(names.names(account_of(settings(), stacks)))
        assert found.outcome == ("warn" if overwritten else "fail")
        assert found.where == f"trial-tickets: {type_}.tickets"
        put_state(aws, "trial-tickets", type_, "tickets")
        assert list(names.names(account_of(settings(), stacks))) == []

    def test_a_name_that_only_begins_alike_is_free(self, account_of: AccountOf, aws: Aws) -> None:
        aws("logs").create_log_group(logGroupName="/aws/taken-too")
        group = {"aws_cloudwatch_log_group": {"tickets": {"name": "/aws/taken"}}}
        account = account_of(settings(), {"trial-tickets": {"resource": group}})
        assert only(names.names(account)).outcome == "pass"


class TestKeys:
    def key(self, aws: Aws, **more: Any) -> str:
        return str(aws("kms").create_key(**more)["KeyMetadata"]["Arn"])

    def account(self, account_of: AccountOf, arn: str) -> Account:
        encryption = {"kind": "customer", "key_arn": arn}
        return account_of(settings({"stream": {"encryption": encryption}}))

    def test_an_enabled_key_passes(self, account_of: AccountOf, aws: Aws) -> None:
        found = only(keys.customer_keys(self.account(account_of, self.key(aws))))
        assert (found.outcome, found.where) == (
            "pass",
            "pipelines.tickets.stream.encryption.key_arn",
        )

    def test_a_key_that_does_not_exist_fails(self, account_of: AccountOf) -> None:
        arn = f"arn:aws:kms:{REGION}:{OWNER}:key/00000000-0000-0000-0000-000000000000"
        found = only(keys.customer_keys(self.account(account_of, arn)))
        assert (found.outcome, found.found) == ("fail", f"there is no key {arn}")

    def test_a_disabled_key_fails(self, account_of: AccountOf, aws: Aws) -> None:
        arn = self.key(aws)
        aws("kms").disable_key(KeyId=arn.rpartition("/")[2])
        found = only(keys.customer_keys(self.account(account_of, arn)))
        assert (found.outcome, found.found) == ("fail", "the key's state is Disabled")

    def test_an_asymmetric_key_fails(self, account_of: AccountOf, aws: Aws) -> None:
        arn = self.key(aws, KeyUsage="SIGN_VERIFY", KeySpec="RSA_2048")
        assert only(keys.customer_keys(self.account(account_of, arn))).outcome == "fail"

    def test_a_policy_that_shuts_iam_out_is_warned_of(
        self, account_of: AccountOf, aws: Aws
    ) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{OWNER}:role/one-role"},
            "Action": "kms:*",
            "Resource": "*",
        }
        arn = self.key(aws, Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
        assert only(keys.customer_keys(self.account(account_of, arn))).outcome == "warn"


class TestSourceSecret:
    def account(self, account_of: AccountOf, arn: str) -> Account:
        return account_of(
            settings(
                {
                    "source": {
                        "kind": "existing",
                        "host": "db.example.org",
                        "secret_arn": arn,
                        "cidr": "10.0.0.0/16",
                    },
                    "network": EXISTING_NETWORK,
                }
            )
        )

    def secret(self, aws: Aws, value: dict[str, Any], **more: Any) -> str:
        made = aws("secretsmanager").create_secret(
            Name="tickets", SecretString=json.dumps(value), **more
        )
        return str(made["ARN"])

    def test_all_four_keys_pass_and_no_value_is_shown(
        self, account_of: AccountOf, aws: Aws
    ) -> None:
        value = {"username": "u-sentinel", "password": "p-sentinel", "host": "h", "port": 3306}
        found = only(
            of_pipeline(source_secret.secret, self.account(account_of, self.secret(aws, value)))
        )
        assert found.outcome == "pass"
        assert "sentinel" not in str(found)

    @pytest.mark.parametrize("lacking", ["username", "password", "host", "port"])
    def test_each_key_is_needed(self, account_of: AccountOf, aws: Aws, lacking: str) -> None:
        value: dict[str, Any] = {"username": "u", "password": "p", "host": "h", "port": 3306}
        del value[lacking]
        account = self.account(account_of, self.secret(aws, value))
        found = only(of_pipeline(source_secret.secret, account))
        assert (found.outcome, found.found) == ("fail", f"it lacks {lacking}")

    @pytest.mark.parametrize("value", [b"{}", "no JSON", "[]"])
    def test_whatever_is_no_json_object_lacks_them_all(
        self, account_of: AccountOf, aws: Aws, value: bytes | str
    ) -> None:
        secrets = aws("secretsmanager")
        made = (
            secrets.create_secret(Name="tickets", SecretString=value)
            if isinstance(value, str)
            else secrets.create_secret(Name="tickets", SecretBinary=value)
        )
        found = only(of_pipeline(source_secret.secret, self.account(account_of, made["ARN"])))
        assert found.found == "it lacks username, password, host, port"

    def test_a_secret_that_does_not_exist_fails(self, account_of: AccountOf) -> None:
        arn = f"arn:aws:secretsmanager:{REGION}:{OWNER}:secret:tickets-Ab12Cd"
        found = only(of_pipeline(source_secret.secret, self.account(account_of, arn)))
        assert (found.outcome, found.found) == ("fail", "there is no such secret")

    def test_a_customer_key_that_is_not_named_fails(self, account_of: AccountOf, aws: Aws) -> None:
        value = {"username": "u", "password": "p", "host": "h", "port": 3306}
        key = aws("kms").create_key()["KeyMetadata"]["Arn"]
        account = self.account(account_of, self.secret(aws, value, KmsKeyId=key))
        first, _ = of_pipeline(source_secret.secret, account)
        assert (first.outcome, first.where) == ("fail", "pipelines.tickets.source.key_arn")


class TestTopics:
    def topic(self, aws: Aws, service: str | None, **attributes: str) -> str:
        arn = str(aws("sns").create_topic(Name="alarms", Attributes=attributes)["TopicArn"])
        principal = {"Service": service} if service else {"AWS": f"arn:aws:iam::{OWNER}:user/one"}
        statement = {
            "Effect": "Allow",
            "Principal": principal,
            "Action": "sns:Publish",
            "Resource": arn,
        }
        aws("sns").set_topic_attributes(
            TopicArn=arn,
            AttributeName="Policy",
            AttributeValue=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
        )
        return arn

    def check(self, account_of: AccountOf, arn: str, **monitoring: Any) -> Result:
        notify = {"kind": "existing", "topic_arns": [arn]}
        no_events: dict[str, Any] = {"thresholds": {"replication_events": []}}
        account = account_of(
            settings({"monitoring": {"notify": notify, **no_events, **monitoring}})
        )
        return only(of_pipeline(topics.alarm_topics, account))

    def test_those_that_are_told_of_events_let_eventbridge_publish(
        self, account_of: AccountOf, aws: Aws
    ) -> None:
        arn = self.topic(aws, "cloudwatch.amazonaws.com")
        quiet = f"arn:aws:sns:{REGION}:{OWNER}:nothing"
        notify = {"kind": "existing", "topic_arns": [arn], "warning_topic_arns": [quiet]}

        def found(**monitoring: Any) -> list[tuple[str, str, str]]:
            account = account_of(settings({"monitoring": {"notify": notify, **monitoring}}))
            return [
                (each.where.partition("notify.")[2], each.outcome, each.found)
                for each in of_pipeline(topics.alarm_topics, account)
            ]

        passes = ("topic_arns.0", "pass", "cloudwatch.amazonaws.com may publish to it")
        missing = ("warning_topic_arns.0", "fail", "there is no such topic")
        refused = ("topic_arns.0", "fail", "its policy does not let events.amazonaws.com publish")
        assert found() == [passes, refused, missing]
        assert found(severities={"replication-events": "warning"}) == [passes, missing]
        assert found(alarms=False) == [passes, missing]

    def test_one_that_lets_cloudwatch_publish_passes(self, account_of: AccountOf, aws: Aws) -> None:
        found = self.check(account_of, self.topic(aws, "cloudwatch.amazonaws.com"))
        assert found.outcome == "pass"

    def test_one_that_lets_another_service_publish_fails(
        self, account_of: AccountOf, aws: Aws
    ) -> None:
        found = self.check(account_of, self.topic(aws, "events.amazonaws.com"))
        assert found.outcome == "fail"
        assert "cloudwatch.amazonaws.com" in found.found

    def test_one_that_does_not_exist_fails(self, account_of: AccountOf) -> None:
        found = self.check(account_of, f"arn:aws:sns:{REGION}:{OWNER}:nothing")
        assert (found.outcome, found.found) == ("fail", "there is no such topic")

    def test_awss_own_key_fails(self, account_of: AccountOf, aws: Aws) -> None:
        arn = self.topic(aws, "cloudwatch.amazonaws.com", KmsMasterKeyId="alias/aws/sns")
        assert "AWS's own key" in self.check(account_of, arn).found

    @pytest.mark.parametrize("lets_in", [True, False])
    def test_a_customer_key_has_to_let_the_service_in(
        self, account_of: AccountOf, aws: Aws, lets_in: bool
    ) -> None:
        statement = {
            "Effect": "Allow",
            "Principal": {"Service": "cloudwatch.amazonaws.com" if lets_in else "x.amazonaws.com"},
            "Action": ["kms:GenerateDataKey*", "kms:Decrypt"],
            "Resource": "*",
        }
        key = aws("kms").create_key(
            Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]})
        )["KeyMetadata"]["Arn"]
        arn = self.topic(aws, "cloudwatch.amazonaws.com", KmsMasterKeyId=key)
        assert self.check(account_of, arn).outcome == ("pass" if lets_in else "fail")

    def test_the_events_topic_has_to_let_dms_publish(self, account_of: AccountOf, aws: Aws) -> None:
        arn = self.topic(aws, "cloudwatch.amazonaws.com")
        replication_settings = {
            "table_mappings": {"tables": ["a.b"]},
            "source_endpoint": {"tls": {"kind": "none"}},
            "event_subscription": {"sns_topic_arn": arn},
        }
        account = account_of(settings({"replication": replication_settings}))
        found = of_pipeline(topics.event_topic, account)
        assert [each.outcome for each in found] == ["fail", "fail"]
        for each, service in zip(found, ("dms", "events"), strict=True):
            assert f"{service}.amazonaws.com" in each.found


class TestStream:
    def account(self, account_of: AccountOf, key_arn: str | None = None) -> Account:
        arn = f"arn:aws:kinesis:{REGION}:{OWNER}:stream/events"
        imported = {"kind": "existing", "stream_arn": arn}
        return account_of(
            settings({"stream": {**imported, **({"key_arn": key_arn} if key_arn else {})}})
        )

    def test_one_that_exists_passes(self, account_of: AccountOf, aws: Aws) -> None:
        missing = only(of_pipeline(stream.stream, self.account(account_of)))
        assert (missing.outcome, missing.found) == ("fail", "there is no such stream")
        aws("kinesis").create_stream(StreamName="events", ShardCount=1)
        assert only(of_pipeline(stream.stream, self.account(account_of))).outcome == "pass"

    def test_its_key_has_to_be_named(self, account_of: AccountOf, aws: Aws) -> None:
        kinesis = aws("kinesis")
        kinesis.create_stream(StreamName="events", ShardCount=1)
        key = aws("kms").create_key()["KeyMetadata"]["Arn"]
        kinesis.start_stream_encryption(StreamName="events", EncryptionType="KMS", KeyId=key)
        assert only(of_pipeline(stream.stream, self.account(account_of))).outcome == "fail"
        named = only(of_pipeline(stream.stream, self.account(account_of, key)))
        assert named.outcome == "pass"
        other = aws("kms").create_key()["KeyMetadata"]["Arn"]
        assert only(of_pipeline(stream.stream, self.account(account_of, other))).outcome == "fail"

    def test_a_key_that_it_does_not_use_is_warned_of(self, account_of: AccountOf, aws: Aws) -> None:
        aws("kinesis").create_stream(StreamName="events", ShardCount=1)
        key = aws("kms").create_key()["KeyMetadata"]["Arn"]
        found = only(of_pipeline(stream.stream, self.account(account_of, key)))
        assert (found.outcome, found.where) == ("warn", "pipelines.tickets.stream.key_arn")


class TestDelivery:
    ARN = f"arn:aws:kinesis:{REGION}:{OWNER}:stream/events"

    def check(self, account_of: AccountOf) -> Result:
        account = account_of(
            settings(
                {
                    "stream": {"kind": "existing", "stream_arn": self.ARN},
                    "delivery_stream": {"kind": "existing", "name": "shared"},
                }
            )
        )
        return only(of_pipeline(delivery.delivery_stream, account))

    def make(self, aws: Aws, stream: str) -> None:
        kinesis = aws("kinesis")
        kinesis.create_stream(StreamName=stream, ShardCount=1)
        arn = kinesis.describe_stream_summary(StreamName=stream)["StreamDescriptionSummary"][
            "StreamARN"
        ]
        trust = {"Version": "2012-10-17", "Statement": []}
        role = aws("iam").create_role(
            RoleName="firehose", AssumeRolePolicyDocument=json.dumps(trust)
        )["Role"]["Arn"]
        aws("s3").create_bucket(
            Bucket="lake", CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        aws("firehose").create_delivery_stream(
            DeliveryStreamName="shared",
            DeliveryStreamType="KinesisStreamAsSource",
            KinesisStreamSourceConfiguration={"KinesisStreamARN": arn, "RoleARN": role},
            ExtendedS3DestinationConfiguration={
                "RoleARN": role,
                "BucketARN": "arn:aws:s3:::lake",
            },
        )

    def test_one_that_does_not_exist_fails(self, account_of: AccountOf) -> None:
        found = self.check(account_of)
        assert (found.outcome, found.found) == ("fail", "there is no such delivery stream")

    @pytest.mark.parametrize(("stream", "outcome"), [("events", "pass"), ("others", "fail")])
    def test_it_reads_the_pipelines_stream(
        self, account_of: AccountOf, aws: Aws, stream: str, outcome: str
    ) -> None:
        self.make(aws, stream)
        found = self.check(account_of)
        assert found.outcome == outcome
        assert ("others" in found.found) == (outcome == "fail")


class TestDatabase:
    def account(self, account_of: AccountOf, version: str, **top: Any) -> Account:
        source = {
            "kind": "snapshot",
            "snapshot_identifier": "tickets-mysql",
            "engine_version": version,
        }
        # its default key is a name only, which the check leaves alone there
        return account_of(settings({"source": source}, emulated=True, **top))

    def make(self, aws: Aws, version: str = "8.0.mysql_aurora.3.10.4") -> None:
        rds = aws("rds")
        rds.create_db_cluster(
            DBClusterIdentifier="origin",
            Engine="aurora-mysql",
            EngineVersion=version,
            MasterUsername="admin",
            MasterUserPassword="not-a-real-one",
        )
        rds.create_db_cluster_snapshot(
            DBClusterSnapshotIdentifier="tickets-mysql", DBClusterIdentifier="origin"
        )

    def test_a_snapshot_that_is_there_passes(self, account_of: AccountOf, aws: Aws) -> None:
        account = self.account(account_of, "8.0.mysql_aurora.3.10.4")
        missing = only(of_pipeline(database.snapshot, account))
        assert (missing.outcome, missing.found) == (
            "fail",
            "no cluster snapshot tickets-mysql in eu-west-1",
        )
        self.make(aws)
        assert only(of_pipeline(database.snapshot, account)).outcome == "pass"

    def test_an_older_version_than_the_snapshots_fails(
        self, account_of: AccountOf, aws: Aws
    ) -> None:
        self.make(aws)
        account = self.account(account_of, "8.0.mysql_aurora.3.08.0")
        first, _ = of_pipeline(database.snapshot, account)
        assert (first.outcome, first.where) == ("fail", "pipelines.tickets.source.engine_version")

    def test_a_cluster_that_stands_needs_no_snapshot(self, account_of: AccountOf, aws: Aws) -> None:
        put_state(aws, "trial-tickets", "aws_rds_cluster", "tickets_source")
        stacks: dict[str, Json] = {
            "trial-tickets": {"resource": {"aws_rds_cluster": {"tickets_source": {}}}}
        }
        source = {"kind": "snapshot", "snapshot_identifier": "gone"}
        account = account_of(settings({"source": source}), stacks)
        assert of_pipeline(database.snapshot, account) == []


class TestNetwork:
    def vpc(self, aws: Aws, *, zones: tuple[str, ...] = ("a", "b")) -> dict[str, Any]:
        ec2 = aws("ec2")
        vpc_id = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
        for attribute in ("EnableDnsSupport", "EnableDnsHostnames"):
            ec2.modify_vpc_attribute(VpcId=vpc_id, **{attribute: {"Value": True}})
        subnets = [
            ec2.create_subnet(
                VpcId=vpc_id, CidrBlock=f"10.0.{number}.0/24", AvailabilityZone=f"{REGION}{zone}"
            )["Subnet"]["SubnetId"]
            for number, zone in enumerate(zones)
        ]
        return {"kind": "existing", "vpc_id": vpc_id, "subnet_ids": subnets}

    def endpoint(self, aws: Aws, vpc_id: str, service: str, cidr: str) -> None:
        ec2 = aws("ec2")
        group = ec2.create_security_group(
            GroupName=f"endpoint-{service}", Description="x", VpcId=vpc_id
        )["GroupId"]
        ec2.authorize_security_group_ingress(
            GroupId=group,
            IpPermissions=[
                {
                    "IpProtocol": "tcp",
                    "FromPort": 443,
                    "ToPort": 443,
                    "IpRanges": [{"CidrIp": cidr}],
                }
            ],
        )
        ec2.create_vpc_endpoint(
            VpcId=vpc_id,
            ServiceName=f"com.amazonaws.{REGION}.{service}",
            VpcEndpointType="Interface",
            SecurityGroupIds=[group],
            PrivateDnsEnabled=True,
        )

    def test_a_whole_vpc_passes(self, account_of: AccountOf, aws: Aws) -> None:
        account = account_of(settings({"network": self.vpc(aws)}))
        found = only(of_pipeline(network.vpc, account))
        assert (found.outcome, found.found) == ("pass", "subnets in eu-west-1a, eu-west-1b")

    def test_a_vpc_that_does_not_exist_fails_once(self, account_of: AccountOf) -> None:
        imported = {"kind": "existing", "vpc_id": VPC, "subnet_ids": list(SUBNETS)}
        account = account_of(settings({"network": imported}))
        assert only(of_pipeline(network.vpc, account)).outcome == "fail"
        assert of_pipeline(network.way_to_services, account) == []

    def test_subnets_in_one_zone_fail(self, account_of: AccountOf, aws: Aws) -> None:
        account = account_of(settings({"network": self.vpc(aws, zones=("a", "a"))}))
        assert only(of_pipeline(network.vpc, account)).found == "all are in eu-west-1a"

    def test_a_subnet_of_another_vpc_fails(self, account_of: AccountOf, aws: Aws) -> None:
        first, second = self.vpc(aws), self.vpc(aws)
        mixed = {**first, "subnet_ids": [first["subnet_ids"][0], second["subnet_ids"][1]]}
        failing, _ = of_pipeline(network.vpc, account_of(settings({"network": mixed})))
        assert (failing.outcome, failing.where) == (
            "fail",
            "pipelines.tickets.network.subnet_ids.1",
        )

    @pytest.mark.parametrize("attribute", ["EnableDnsSupport", "EnableDnsHostnames"])
    def test_dns_has_to_be_on(self, account_of: AccountOf, aws: Aws, attribute: str) -> None:
        vpc = self.vpc(aws)
        aws("ec2").modify_vpc_attribute(VpcId=vpc["vpc_id"], **{attribute: {"Value": False}})
        failing, *_ = of_pipeline(network.vpc, account_of(settings({"network": vpc})))
        assert failing.outcome == "fail"
        assert attribute[1:] in failing.found

    def test_without_endpoint_or_route_dms_reaches_nothing(
        self, account_of: AccountOf, aws: Aws
    ) -> None:
        account = account_of(settings({"network": self.vpc(aws)}))
        found = of_pipeline(network.way_to_services, account)
        assert [result.outcome for result in found] == ["fail", "fail"]

    def test_an_endpoint_that_admits_the_vpc_passes(self, account_of: AccountOf, aws: Aws) -> None:
        vpc = self.vpc(aws)
        self.endpoint(aws, vpc["vpc_id"], "kinesis-streams", "10.0.0.0/16")
        self.endpoint(aws, vpc["vpc_id"], "secretsmanager", "192.168.0.0/16")
        found = of_pipeline(network.way_to_services, account_of(settings({"network": vpc})))
        assert [result.outcome for result in found] == ["pass", "fail"]
        assert "admits neither" in found[1].found

    def test_a_second_endpoint_with_private_dns_fails(
        self, account_of: AccountOf, aws: Aws
    ) -> None:
        vpc = self.vpc(aws)
        for service in ("kinesis-streams", "secretsmanager"):
            self.endpoint(aws, vpc["vpc_id"], service, "10.0.0.0/16")
        asked = {**vpc, "endpoints": ["kinesis-streams"]}
        found = of_pipeline(network.way_to_services, account_of(settings({"network": asked})))
        assert [result.outcome for result in found] == ["fail", "pass"]
        assert "has an endpoint for kinesis-streams" in found[0].found

    def test_a_nat_gateway_is_a_way(self, account_of: AccountOf, aws: Aws) -> None:
        vpc = self.vpc(aws)
        ec2 = aws("ec2")
        gateway = ec2.create_nat_gateway(
            SubnetId=vpc["subnet_ids"][0],
            AllocationId=ec2.allocate_address(Domain="vpc")["AllocationId"],
        )["NatGateway"]["NatGatewayId"]
        main = ec2.describe_route_tables(Filters=[{"Name": "vpc-id", "Values": [vpc["vpc_id"]]}])[
            "RouteTables"
        ][0]["RouteTableId"]
        ec2.create_route(RouteTableId=main, DestinationCidrBlock="0.0.0.0/0", NatGatewayId=gateway)
        found = of_pipeline(network.way_to_services, account_of(settings({"network": vpc})))
        assert [result.outcome for result in found] == ["pass", "pass"]

    def test_security_groups_have_to_exist_in_the_vpc(
        self, account_of: AccountOf, aws: Aws
    ) -> None:
        vpc, other = self.vpc(aws), self.vpc(aws)
        group = aws("ec2").create_security_group(
            GroupName="database", Description="x", VpcId=other["vpc_id"]
        )["GroupId"]
        named = {
            **vpc,
            "replication_security_group_id": "sg-0a1b2c3d4e5f60719",
            "database_security_group_id": group,
        }
        found = of_pipeline(network.security_groups, account_of(settings({"network": named})))
        assert [result.outcome for result in found] == ["fail", "warn"]

    def test_endpoint_services_are_looked_for_in_each_zone(self, account_of: AccountOf) -> None:
        endpoint = {
            "vpc_endpoint_type": "Interface",
            "service_name": f"com.amazonaws.{REGION}.kinesis-streams",
        }
        stacks = {"trial-tickets": {"resource": {"aws_vpc_endpoint": {"one": endpoint}}}}
        account = account_of(settings(), stacks)
        assert only(of_pipeline(network.endpoint_services, account)).outcome == "pass"
        elsewhere = settings()
        props = elsewhere.pipelines["tickets"]
        # a zone that the region has got since
        network_props = props.network.model_copy(
            update={"zone_names": (f"{REGION}a", f"{REGION}x")}
        )
        props = props.model_copy(update={"network": network_props})
        elsewhere = elsewhere.model_copy(update={"pipelines": {"tickets": props}})
        failing = only(of_pipeline(network.endpoint_services, account_of(elsewhere, stacks)))
        assert (failing.outcome, "is not offered in eu-west-1x" in failing.found) == ("fail", True)


class TestQuotas:
    def test_shards_fit_or_not(self, account_of: AccountOf) -> None:
        def check(count: int) -> Result:
            capacity = {"kind": "provisioned", "shard_count": count}
            return only(quotas.shards(account_of(settings({"stream": {"capacity": capacity}}))))

        assert check(4).outcome == "pass"
        assert check(20_000).outcome == "fail"
        assert list(quotas.shards(account_of(settings()))) == []

    def test_vpcs_fit_until_the_quota(self, account_of: AccountOf, aws: Aws) -> None:
        assert only(quotas.vpcs(account_of(settings()))).outcome == "pass"
        for number in range(4):
            aws("ec2").create_vpc(CidrBlock=f"10.{number}.0.0/16")
        assert only(quotas.vpcs(account_of(settings()))).outcome == "fail"

    def test_endpoints_fit_into_an_existing_vpc_until_the_quota(
        self, account_of: AccountOf, aws: Aws
    ) -> None:
        def check(*endpoints: str) -> list[Result]:
            tables = {"route_table_ids": ["rtb-0a1b2c3d"]} if "s3" in endpoints else {}
            asked = {**vpc, "endpoints": endpoints, **tables}
            return of_pipeline(quotas.endpoints, account_of(settings({"network": asked})))

        vpc = TestNetwork().vpc(aws)
        assert check() == []
        # a gateway endpoint counts elsewhere
        assert check("s3") == []
        of_new_vpcs = of_pipeline(quotas.endpoints, account_of(settings()))
        assert of_new_vpcs == []
        there = TestNetwork().vpc(aws)["vpc_id"]
        TestNetwork().endpoint(aws, there, "kinesis-streams", "10.0.0.0/16")
        # another VPC's do not count
        (fits,) = check("kinesis-streams", "secretsmanager", "s3")
        assert (fits.outcome, fits.where, fits.found) == (
            "pass",
            "pipelines.tickets.network.endpoints",
            "interface endpoints: 0 of 50 are used, 2 more are wanted",
        )
        for number in range(49):
            TestNetwork().endpoint(aws, vpc["vpc_id"], f"service-{number}", "10.0.0.0/16")
        (full,) = check("kinesis-streams", "secretsmanager")
        assert (full.outcome, full.found) == (
            "fail",
            "interface endpoints: 49 of 50 are used, 2 more are wanted",
        )
        (just,) = check("kinesis-streams")
        assert just.outcome == "pass"


class TestCatalog:
    def test_lake_formation_is_warned_of(self, account_of: AccountOf, aws: Aws) -> None:
        account = account_of(settings({"data_catalog": {}}))
        assert only(catalog.lake_formation(account)).outcome == "pass"
        aws("lakeformation").put_data_lake_settings(
            DataLakeSettings={"DataLakeAdmins": [], "CreateDatabaseDefaultPermissions": []}
        )
        assert only(catalog.lake_formation(account)).outcome == "warn"
        assert list(catalog.lake_formation(account_of(settings()))) == []


class TestReplication:
    def test_an_instance_that_does_not_exist_fails(self, account_of: AccountOf) -> None:
        existing = {
            "table_mappings": {"tables": ["a.b"]},
            "source_endpoint": {"tls": {"kind": "none"}},
            "compute": {"kind": "existing", "replication_instance_id": "shared"},
        }
        source = {
            "kind": "existing",
            "host": "db.example.org",
            "secret_arn": f"arn:aws:secretsmanager:{REGION}:{OWNER}:secret:tickets-Ab12Cd",
            "cidr": "10.0.0.0/16",
        }
        network_of_the_instance = {
            **EXISTING_NETWORK,
            "replication_security_group_id": "sg-0a1b2c3d4e5f60719",
        }
        account = account_of(
            settings(
                {"replication": existing, "source": source, "network": network_of_the_instance}
            )
        )
        found = only(of_pipeline(replication.existing, account))
        assert (found.outcome, found.found) == (
            "fail",
            "no replication instance shared in eu-west-1",
        )


def make_bucket(aws: Aws, name: str) -> None:
    """A bucket of the account's."""
    aws("s3").create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": REGION})


def put_state(aws: Aws, stack: str, type_: str, name: str) -> None:
    """A state in the state bucket that knows one resource."""
    make_bucket(aws, "example-state")
    state = {"resources": [{"mode": "managed", "type": type_, "name": name}]}
    aws("s3").put_object(
        Bucket="example-state", Key=f"trial/{stack}.tfstate", Body=json.dumps(state).encode()
    )
