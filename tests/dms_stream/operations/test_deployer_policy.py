"""The deployer may make every type of resource of ours, by its environment's names only."""

import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from dms_stream.operations.deployer_policy import (
    ACTIONS,
    INLINE_POLICY_MAX_LENGTH,
    Deployment,
    deployer_policy,
    deployment_of,
)
from dms_stream.settings.environment import environment_names, load_environment
from tests.support import variants
from tests.support.command import DmsStream
from tests.support.synth import addresses

pytestmark = pytest.mark.slow

SEED = Path("environments/seed.yaml")
HERE = Deployment("production", "123456789012", "eu-west-1", "example-states")
STACKS = [*variants.NAMES, *(f"{name}-bootstrap" for name in environment_names())]


def types_of(name: str) -> set[str]:
    environment = name.removesuffix("-bootstrap")
    document = variants.bootstrap(environment) if name != environment else variants.pipeline(name)
    return {address.rpartition(".")[0] for address in addresses(document)}


@pytest.mark.parametrize("name", STACKS)
def test_every_type_of_resource_has_its_actions(name: str) -> None:
    assert types_of(name) - set(ACTIONS) == set()


def test_the_actions_of_each_type_and_the_document_are_as_they_were(
    snapshot: SnapshotAssertion,
) -> None:
    """An action that drops out is seen; `--snapshot-update` takes it."""
    found = {"actions": ACTIONS, "document": deployer_policy(HERE)}
    assert found == snapshot(extension_class=JSONSnapshotExtension)


def test_it_fits_into_a_role() -> None:
    text = json.dumps(deployer_policy(HERE), separators=(",", ":"))
    assert len(text) <= INLINE_POLICY_MAX_LENGTH


def statement(document: dict[str, Any], sid: str) -> dict[str, Any]:
    (found,) = (s for s in document["Statement"] if s["Sid"] == sid)
    return dict(found)


def test_what_has_a_name_is_bound_to_the_environments() -> None:
    document = deployer_policy(HERE)
    where = "eu-west-1:123456789012"
    assert statement(document, "Kinesis")["Resource"] == [
        f"arn:aws:kinesis:{where}:stream/production-*"
    ]
    assert statement(document, "S3")["Resource"] == [
        "arn:aws:s3:::production-*",
        "arn:aws:s3:::example-states",
    ]
    assert statement(document, "States")["Resource"] == ["arn:aws:s3:::example-states/production/*"]
    without_names = {s["Sid"] for s in document["Statement"] if s["Resource"] == ["*"]}
    assert without_names == {"Chatbot", "Dms", "Ec2", "Kms", "Lists", "Sts"}


def test_roles_are_passed_to_their_services_only() -> None:
    passed = statement(deployer_policy(HERE), "PassRoles")
    assert passed["Resource"] == [
        "arn:aws:iam::123456789012:role/production-*",
        "arn:aws:iam::123456789012:role/dms-*-role",
    ]
    assert passed["Condition"]["StringEquals"]["iam:PassedToService"] == [
        "chatbot.amazonaws.com",
        "dms.amazonaws.com",
        "firehose.amazonaws.com",
        "dms.eu-west-1.amazonaws.com",
    ]


def test_with_a_boundary_no_role_is_made_without() -> None:
    boundary = "arn:aws:iam::123456789012:policy/boundary"
    here = Deployment(
        *("production", "123456789012", "eu-west-1", "states"),
        role_path="/data/",
        permissions_boundary=boundary,
    )
    document = deployer_policy(here)
    bounded = statement(document, "BoundedRoles")
    assert bounded["Condition"] == {"StringEquals": {"iam:PermissionsBoundary": boundary}}
    assert "arn:aws:iam::123456789012:role/data/production-*" in bounded["Resource"]
    assert "iam:CreateRole" not in statement(document, "Roles")["Action"]


def test_nothing_of_a_wider_kind_is_allowed() -> None:
    actions = {a for s in deployer_policy(HERE)["Statement"] for a in s["Action"]}
    assert not {a for a in actions if a.endswith(":*")}
    assert not actions & {"iam:CreateUser", "iam:CreateAccessKey", "iam:CreatePolicy"}
    assert {a for a in actions if "*" in a} == {"s3:Get*"}


def test_only_what_is_asked_for_is_allowed() -> None:
    document = deployer_policy(HERE, types=["aws_kinesis_stream", "aws_iam_role"])
    assert {s["Sid"] for s in document["Statement"]} == {
        *("Kinesis", "Lists", "Roles", "PassRoles", "ServiceLinkedRoles", "States"),
    }


@pytest.mark.parametrize(
    ("region", "partition"),
    [
        *(("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")),
        *(("us-east-1", "aws"), ("ca-central-1", "aws")),
    ],
)
def test_an_environments_partition_is_that_of_its_region(region: str, partition: str) -> None:
    settings = load_environment(SEED)
    found = deployment_of("trial", settings.model_copy(update={"region": region}))
    assert (found.environment, found.region, found.partition) == ("trial", region, partition)


def test_of_several_accounts_each_may_be_deployed_to() -> None:
    settings = load_environment(SEED)
    for accounts, found in (
        (("123456789012",), "123456789012"),
        (("123456789012", "210987654321"), "*"),
        ((), "*"),
    ):
        given = settings.model_copy(update={"account_ids": accounts})
        assert deployment_of("trial", given).account_id == found


def test_the_command_prints_it(tmp_path: Any) -> None:
    text = DmsStream(tmp_path).succeed("deployer-policy", "--env", "production")
    document = json.loads(text)
    assert statement(document, "Kinesis")["Resource"] == [
        "arn:aws:kinesis:eu-west-1:123456789012:stream/production-*"
    ]


@pytest.mark.parametrize(
    "service",
    sorted({a.partition(":")[0] for actions in ACTIONS.values() for a in actions} - {"s3"}),
)
def test_each_action_is_a_call_of_the_service(service: str) -> None:
    session = boto3.Session(region_name="eu-west-1")
    calls = session.client(service).meta.service_model.operation_names  # type: ignore[call-overload]
    asked = {
        action.partition(":")[2]
        for actions in ACTIONS.values()
        for action in actions
        if action.startswith(f"{service}:")
    }
    assert asked - set(calls) == set()
