"""Whoever operates may make every call that the operations make, by the environment's names."""

import ast
import json
from pathlib import Path
from typing import Any

import boto3
import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

import dms_stream.operations
from dms_stream.operations.deployer_policy import INLINE_POLICY_MAX_LENGTH, Deployment
from dms_stream.operations.operator_policy import OBSERVING, OPERATING, operator_policy
from tests.support.command import DmsStream

pytestmark = pytest.mark.slow

HERE = Deployment("production", "123456789012", "eu-west-1", "example-states")
SERVICES = (
    *("dms", "cloudwatch", "logs", "kinesis", "firehose", "s3", "athena"),
    *("secretsmanager", "rds-data"),
)
# IAM's name of what a call needs, where it is another one
IAM = {"s3:ListObjectsV2": "s3:ListBucket"}
# calls of another service that have the name of one that is made
SAME_NAME = {"logs:GetQueryResults"}
OBSERVERS = {
    *("deployed", "status", "health", "logs", "metrics", "peek", "landed", "drain", "athena"),
}


def test_the_document_is_as_it_was(snapshot: SnapshotAssertion) -> None:
    """An action that drops out is seen; `--snapshot-update` takes it."""
    found = [operator_policy(HERE, acts=acts) for acts in (False, True)]
    assert found == snapshot(extension_class=JSONSnapshotExtension)


def calls(path: Path) -> set[str]:
    """The calls of AWS's that a file makes, as IAM names them."""
    tree = ast.parse(path.read_text())
    names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    # paginators and waiters name them as text
    constants = (node.value for node in ast.walk(tree) if isinstance(node, ast.Constant))
    names |= {value for value in constants if isinstance(value, str)}
    found = set()
    for service in SERVICES:
        client: Any = boto3.client(service, region_name="eu-west-1")  # type: ignore[call-overload]
        by_method = client.meta.method_to_api_mapping
        operations = set(by_method.values())
        for name in names:
            operation = by_method.get(name, name if name in operations else None)
            if operation is not None:
                action = f"{service}:{operation}"
                found.add(IAM.get(action, action))
    return found - SAME_NAME


FILES = {
    path.stem: path
    for path in Path(dms_stream.operations.__path__[0]).glob("*.py")
    if path.stem not in ("__init__", "deployer_policy", "operator_policy")
}


def allowed(*, acts: bool) -> set[str]:
    document = operator_policy(HERE, acts=acts)
    return {action for statement in document["Statement"] for action in statement["Action"]}


@pytest.mark.parametrize("name", sorted(FILES))
def test_every_call_is_allowed(name: str) -> None:
    made = calls(FILES[name])
    assert made - allowed(acts=name not in OBSERVERS) == set()


def test_all_that_is_found_is_a_lot() -> None:
    assert len(set().union(*(calls(path) for path in FILES.values()))) > 30
    assert set(FILES) >= OBSERVERS


def test_looking_changes_nothing() -> None:
    acting = ("Start", "Stop", "Create", "Put", "Delete", "Modify", "Reload", "Test", "Execute")
    changing = {a for a in allowed(acts=False) if a.partition(":")[2].startswith(acting)}
    # a query writes its result
    assert changing == {"athena:StartQueryExecution", "athena:StopQueryExecution", "s3:PutObject"}
    assert not allowed(acts=False) & {a for actions in OPERATING.values() for a in actions}
    assert {a for actions in OBSERVING.values() for a in actions} <= allowed(acts=True)


def test_what_has_a_name_is_bound_to_the_environments() -> None:
    document = operator_policy(HERE, acts=True)
    found = {statement["Sid"]: statement for statement in document["Statement"]}
    without_names = {sid for sid, each in found.items() if each["Resource"] == ["*"]}
    assert without_names == {"Dms", "Cloudwatch", "LogGroups", "Passwords", "Kms"}
    assert found["Landing"]["Resource"] == ["arn:aws:s3:::production-*"]
    assert found["State"]["Resource"] == [
        "arn:aws:s3:::example-states",
        "arn:aws:s3:::example-states/production/*",
    ]
    assert found["RdsData"]["Resource"] == [
        "arn:aws:rds:eu-west-1:123456789012:cluster:production-*"
    ]
    services = found["Kms"]["Condition"]["StringEquals"]["kms:ViaService"]
    assert services[0] == "s3.eu-west-1.amazonaws.com"
    assert len(json.dumps(document, separators=(",", ":"))) <= INLINE_POLICY_MAX_LENGTH


@pytest.mark.slow
def test_the_command_prints_it(tmp_path: Path) -> None:
    dms_stream = DmsStream(tmp_path)
    for option, acts in (("--operate", True), ("--observe", False)):
        document = json.loads(dms_stream.succeed("deployer-policy", "--env", "production", option))
        assert document == operator_policy(
            Deployment(
                *("production", "123456789012", "eu-west-1"),
                "example-company-production-terraform-state",
            ),
            acts=acts,
        )
    assert "exclude each other" in dms_stream.refuse("deployer-policy", "--operate", "--observe")
