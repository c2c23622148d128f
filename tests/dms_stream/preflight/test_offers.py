"""What the embedded AWS does not answer: what AWS offers, whose a bucket is, and quotas."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from constructs_lib.network.props import ImportedNetworkProps, NetworkProps
from dms_stream.operations.deployer_policy import policy_of_environment
from dms_stream.preflight.account import Account
from dms_stream.preflight.check import Result
from dms_stream.preflight.checks import buckets, database, identity, quotas, replication
from dms_stream.preflight.zones import zones_of_network
from dms_stream.settings.environment import Environment
from tests.dms_stream.preflight.conftest import OWNER, REGION, settings

pytestmark = pytest.mark.usefixtures("words")

ZONES = {
    "AvailabilityZones": [
        {"ZoneName": f"{REGION}{letter}", "OptInStatus": "opt-in-not-required"} for letter in "abc"
    ]
}
VERSION = "8.0.mysql_aurora.3.10.4"


class Answers(Account):
    """An account that answers what a test says, and is asked nothing else."""

    def __init__(self, environment_settings: Environment, stacks: dict[str, Any]) -> None:
        super().__init__(environment_settings, stacks, {}, {})
        self._stubs: dict[str, Stubber] = {}

    account_id = OWNER

    def client(self, service: str, *, region: str | None = None) -> Any:  # noqa: ARG002
        return self.stub(service).client

    def stub(self, service: str) -> Stubber:
        """The answers of a service."""
        if service not in self._stubs:
            made = boto3.client(  # type: ignore[call-overload]
                service, region_name=REGION, aws_access_key_id="x", aws_secret_access_key="y"
            )
            self._stubs[service] = Stubber(made)
            self._stubs[service].activate()
        return self._stubs[service]

    def is_in_state(self, stack: str, address: str) -> bool:  # noqa: ARG002
        return address.endswith(".known")


def pipeline_check(check: Callable[..., Any], account: Account) -> list[Result]:
    return list(check(account, "tickets", account.settings.pipelines["tickets"]))


def answers(pipeline: dict[str, Any] | None = None, **resources: list[str]) -> Answers:
    """An account, and a stack with resources of these types and names."""
    named: dict[str, dict[str, Any]] = {
        type_: {name: {} for name in names} for type_, names in resources.items()
    }
    return Answers(
        settings(pipeline), {"trial-bootstrap": {}, "trial-tickets": {"resource": named}}
    )


@pytest.mark.parametrize(
    ("offered", "outcome", "found"),
    [
        ([{"EngineVersion": VERSION, "Status": "available"}], "pass", f"{VERSION} is offered"),
        (
            [{"EngineVersion": VERSION, "Status": "deprecated"}],
            "fail",
            f"{VERSION} is deprecated",
        ),
        (
            [{"EngineVersion": "8.0.mysql_aurora.3.11.0"}],
            "fail",
            f"{VERSION} is not offered in eu-west-1",
        ),
    ],
)
def test_the_engines_version(offered: list[dict[str, str]], outcome: str, found: str) -> None:
    account = answers()
    account.stub("rds").add_response("describe_db_engine_versions", {"DBEngineVersions": offered})
    (result,) = pipeline_check(database.engine_version, account)
    assert (result.outcome, result.found) == (outcome, found)
    if "3.11.0" in str(offered):
        assert result.fix == "The newest here is 8.0.mysql_aurora.3.11.0."


@pytest.mark.parametrize(
    ("zones", "outcome"), [(["a", "c"], "pass"), (["c"], "fail"), (None, "fail")]
)
def test_the_class_of_the_databases_instances(zones: list[str] | None, outcome: str) -> None:
    account = answers({"source": {"kind": "new", "capacity": {"kind": "serverless"}}})
    options = [] if zones is None else [{
        "DBInstanceClass": "db.serverless",
        "AvailabilityZones": [{"Name": f"{REGION}{zone}"} for zone in zones],
    }]  # fmt: skip
    account.stub("rds").add_response(
        "describe_orderable_db_instance_options",
        {"OrderableDBInstanceOptions": options},
        {"Engine": "aurora-mysql", "EngineVersion": VERSION, "DBInstanceClass": "db.serverless"},
    )
    account.stub("ec2").add_response("describe_availability_zones", ZONES)
    (result,) = pipeline_check(database.instance_class, account)
    assert result.outcome == outcome


@pytest.mark.parametrize(
    ("class_", "version", "zones", "outcome", "where"),
    [
        ("dms.t3.medium", "3.5.4", ["a"], "pass", "compute"),
        ("dms.t3.medium", "3.6.1", ["a"], "fail", "compute.engine_version"),
        ("dms.c6i.large", "3.5.4", ["a"], "fail", "compute.instance_class"),
        ("dms.t3.medium", "3.5.4", ["c"], "fail", "compute"),
    ],
)
def test_the_replication_instance(
    class_: str, version: str, zones: list[str], outcome: str, where: str
) -> None:
    account = answers(
        {
            "replication": {
                "table_mappings": {"tables": ["a.b"]},
                "source_endpoint": {"tls": {"kind": "none"}},
                "compute": {"instance_class": "dms.t3.medium", "engine_version": "3.5.4"},
            }
        }
    )
    option = {
        "ReplicationInstanceClass": class_,
        "EngineVersion": version,
        "AvailabilityZones": [f"{REGION}{zone}" for zone in zones],
    }
    account.stub("dms").add_response(
        "describe_orderable_replication_instances", {"OrderableReplicationInstances": [option]}
    )
    account.stub("ec2").add_response("describe_availability_zones", ZONES)
    (result,) = pipeline_check(replication.offered, account)
    assert (result.outcome, result.where) == (outcome, f"pipelines.tickets.replication.{where}")


def test_the_zones_of_a_network() -> None:
    """Of one that is there, of one that names them, and of one for which Terraform chooses."""
    account = answers()
    ec2 = account.stub("ec2")
    subnets = ["subnet-0a1b2c3d4e5f60711", "subnet-0a1b2c3d4e5f60712"]
    there = ImportedNetworkProps(
        kind="existing", vpc_id="vpc-0a1b2c3d4e5f60718", subnet_ids=tuple(subnets)
    )
    found = [{"AvailabilityZone": f"{REGION}{zone}"} for zone in "bc"]
    ec2.add_response(
        "describe_subnets",
        {"Subnets": found},
        {"Filters": [{"Name": "subnet-id", "Values": subnets}]},
    )
    assert zones_of_network(account, there) == {f"{REGION}b", f"{REGION}c"}
    named = NetworkProps(zone_names=(f"{REGION}a", f"{REGION}c"))
    assert zones_of_network(account, named) == {f"{REGION}a", f"{REGION}c"}
    ec2.add_response(
        "describe_availability_zones",
        ZONES,
        {"Filters": [{"Name": "opt-in-status", "Values": ["opt-in-not-required"]}]},
    )
    assert zones_of_network(account, NetworkProps(zones=2)) == {f"{REGION}a", f"{REGION}b"}


@pytest.mark.parametrize(
    ("status", "outcome"),
    [("opted-in", "pass"), ("opt-in-not-required", "pass"), ("not-opted-in", "fail")],
)
def test_a_region_has_to_be_enabled(status: str, outcome: str) -> None:
    account = answers()
    account.stub("ec2").add_response(
        "describe_regions",
        {"Regions": [{"RegionName": REGION, "OptInStatus": status}]},
        {"AllRegions": True, "RegionNames": [REGION]},
    )
    (result,) = identity.region_is_enabled(account)
    assert (result.outcome, result.where) == (outcome, "region")


@pytest.mark.parametrize("denied", [None, "kinesis:CreateStream"])
def test_what_the_deployer_may_not_do_is_warned_of(denied: str | None) -> None:
    account = answers()
    role = "arn:aws:iam::123456789012:role/teams/deployer"
    account.stub("sts").add_response(
        "get_caller_identity",
        {"Arn": "arn:aws:sts::123456789012:assumed-role/deployer/somebody", "Account": OWNER},
    )
    account.stub("iam").add_response(
        "get_role",
        {
            "Role": {
                "Arn": role,
                "Path": "/teams/",
                "RoleName": "deployer",
                "RoleId": "AROAEXAMPLEEXAMPLE00",
                "CreateDate": datetime(2026, 1, 1, tzinfo=UTC),
            }
        },
        {"RoleName": "deployer"},
    )
    policy = policy_of_environment("trial", account.settings)
    asked = [s for s in policy["Statement"] if s["Effect"] == "Allow" and "Condition" not in s]
    assert any("kinesis:CreateStream" in statement["Action"] for statement in asked)
    for statement in asked:
        resources = statement["Resource"]
        account.stub("iam").add_response(
            "simulate_principal_policy",
            {
                "EvaluationResults": [
                    {
                        "EvalActionName": action,
                        "EvalDecision": "implicitDeny" if action == denied else "allowed",
                    }
                    for action in statement["Action"]
                ]
            },
            {
                "PolicySourceArn": role,
                "ActionNames": statement["Action"],
                "ResourceArns": [resources] if isinstance(resources, str) else resources,
            },
        )
    (result,) = identity.deployer_may_deploy(account)
    if denied:
        assert (result.outcome, denied in result.found) == ("warn", True)
        assert "deployer-policy" in result.fix
    else:
        assert result.outcome == "pass"


def test_a_region_that_does_not_exist_fails() -> None:
    account = answers()
    account.stub("ec2").add_client_error("describe_regions", "InvalidParameterValue")
    (result,) = identity.region_is_enabled(account)
    assert (result.outcome, result.found) == ("fail", "AWS has no region eu-west-1 here")


def test_a_squatters_state_bucket_fails() -> None:
    account = answers()
    account.stub("s3").add_client_error(
        "head_bucket",
        "403",
        http_status_code=403,
        expected_params={"Bucket": "example-state", "ExpectedBucketOwner": OWNER},
    )
    (result,) = buckets.state_bucket(account)
    assert (result.outcome, result.found) == ("fail", "example-state belongs to another account")


@pytest.mark.parametrize(("used", "outcome"), [(58, "pass"), (59, "fail")])
def test_dmss_quotas(used: int, outcome: str) -> None:
    account = answers(
        aws_dms_endpoint=["source", "target", "known"], aws_dms_replication_task=["known"]
    )
    account.stub("dms").add_response(
        "describe_account_attributes",
        {
            "AccountQuotas": [
                {"AccountQuotaName": "Endpoints", "Used": used, "Max": 60},
                {"AccountQuotaName": "ReplicationTasks", "Used": 600, "Max": 600},
            ]
        },
    )
    (result,) = quotas.dms(account)
    assert (result.outcome, result.found) == (
        outcome,
        f"Endpoints: {used} of 60 are used, 2 more are wanted",
    )


@pytest.mark.parametrize(("used", "outcome"), [(39, "pass"), (40, "fail")])
def test_rdss_quotas(used: int, outcome: str) -> None:
    account = answers(aws_rds_cluster=["source"])
    account.stub("rds").add_response(
        "describe_account_attributes",
        {
            "AccountQuotas": [
                {"AccountQuotaName": "DBClusters", "Used": used, "Max": 40},
                {"AccountQuotaName": "DBInstances", "Used": 40, "Max": 40},
            ]
        },
    )
    (result,) = quotas.rds(account)
    assert result.outcome == outcome
