"""What settings import: nothing that they name as there already is overlooked."""

import json
import re
from collections.abc import Iterator
from typing import Any, get_args

import pytest

from constructs_lib.bindings import cdktf
from constructs_lib.props import Props
from dms_stream.settings.environment import (
    Environment,
    environment_file,
    environment_names,
    load_environment,
)
from dms_stream.settings.imports import ImportKind, imports
from stacks.app import build_app
from tests.support.imported_environment import imported_environment
from tests.support.model_walk import holds_text, instances, models_below
from tests.support.synth import synth_stack

# Named like something imported, and nothing that has to be there for a deployment
NOT_IMPORTED = {
    ("Environment", "account_ids"): "accounts, not resources of one",
    ("ImportedBucketProps", "owner_account_id"): "an account, not a resource of one",
    ("StateBackendProps", "bucket_name"): "the bootstrap stack makes it",
    ("ImportedSourceProps", "host"): "the rows come from another database",
    ("ImportedSourceProps", "cidr"): "addresses, not a resource",
    ("ImportedTableProps", "database_name"): "goes with table_name, and is made with it",
    ("ImportedDeliveryStreamProps", "name"): "nothing asks for it before an alarm does",
    ("SlackChannel", "team_id"): "Slack's, not AWS's",
    ("SlackChannel", "channel_id"): "Slack's, not AWS's",
    ("TTS3Settings", "service_access_role_arn"): "in the settings' text, which no API looks up",
    ("TTS3Settings", "server_side_encryption_kms_key_id"): "in the settings' text as well",
    ("TTS3Settings", "bucket_name"): "in the settings' text as well",
    ("ResyncSettings", "validation_task_id"): "in the settings' text as well",
}
_NAMED_LIKE_IMPORTS = re.compile(r"(_arns?|_ids?|bucket_name|snapshot_identifier|boundary)$|^arn$")
_OF_AN_ACCOUNT = re.compile(r"^arn:aws:[a-z]+:[a-z0-9-]*:\d{12}:")
_OF_THE_MAPPINGS = "constructs_lib.dms.table_mappings"


def importing_fields() -> Iterator[tuple[type[Props], str]]:
    """Fields that name something of an account, by their names or by what their model is."""
    for model in models_below(Environment):
        if model.__module__.startswith(_OF_THE_MAPPINGS):
            continue  # ids of rules, names of tables
        kind = model.model_fields.get("kind")
        exists = kind is not None and "existing" in get_args(kind.annotation)
        for name, field in model.model_fields.items():
            names_something = exists or _NAMED_LIKE_IMPORTS.search(name)
            if name != "kind" and names_something and holds_text(field.annotation):
                yield model, name


@pytest.fixture(scope="module")
def environment() -> Environment:
    """Settings in which all is imported."""
    return Environment.model_validate(imported_environment())


def test_what_names_a_resource_is_an_import_or_known_to_be_none(environment: Environment) -> None:
    """A new setting that imports something has a stand-in, or stands above with a reason."""
    found = {each.name for each in imports(environment)}
    overlooked = []
    for model, name in importing_fields():
        if (model.__name__, name) in NOT_IMPORTED:
            continue
        given = [
            value
            for _, props in instances(environment)
            if isinstance(props, model)
            for value in _texts(getattr(props, name))
        ]
        known = all(value in found or _is_table(value, found) for value in given)
        if not given or not known:
            overlooked.append(f"{model.__name__}.{name}")
    assert overlooked == []


def _texts(value: Any) -> list[str]:
    if isinstance(value, tuple):
        return [text for item in value for text in _texts(item)]
    return [value] if isinstance(value, str) and not isinstance(value, bool) else []


def _is_table(value: str, found: set[str]) -> bool:
    return any(name.endswith(f".{value}") for name in found)


def test_no_reason_is_left_over() -> None:
    fields = {(model.__name__, name) for model, name in importing_fields()}
    assert set(NOT_IMPORTED) <= fields


def test_every_kind_is_imported_by_some_setting(environment: Environment) -> None:
    assert {each.kind for each in imports(environment)} == set(get_args(ImportKind))


_ID = re.compile(r"\b(?:vpc|subnet|sg|rtb)-[0-9a-f]{17}\b")
_ARN = re.compile(r"\barn:aws:[a-z0-9-]+:[a-z0-9-]*:\d{12}:[^\"*\\$]+")


def test_terraform_names_nothing_else_of_an_account(environment: Environment) -> None:
    """Ids and ARNs in the Terraform JSON are references, or they are imports."""
    found = {each.name for each in imports(environment)}
    app = build_app("imported", environment, app=cdktf.Testing.app())
    seen = set()
    for stack in app.node.children:
        assert isinstance(stack, cdktf.TerraformStack)
        text = json.dumps(synth_stack(stack))
        named = {*_ID.findall(text), *_ARN.findall(text)}
        seen |= named
        unknown = {name for name in named if not any(name.startswith(each) for each in found)}
        assert unknown == set(), stack.node.id
    assert len(seen) > len(found) / 2


_VPC = "vpc-0a1b2c3d4e5f60718"
_IN_THE_VPC = {"vpc": _VPC}
_CUSTOMERS = "key/0f0e0d0c-1111-2222-3333-4444555566"
_EXPECTED: list[tuple[object, ...]] = [
    ("shared.network.vpc_id", "VPC", _VPC, {}),
    ("shared.network.subnet_ids.0", "subnet", "subnet-0a1b2c3d4e5f60711", _IN_THE_VPC),
    ("shared.network.subnet_ids.1", "subnet", "subnet-0a1b2c3d4e5f60712", _IN_THE_VPC),
    (
        *("shared.network.replication_security_group_id", "security group"),
        *("sg-0a1b2c3d4e5f60720", _IN_THE_VPC),
    ),
    ("restored.network.route_table_ids.0", "route table", "rtb-0a1b2c3d4e5f60718", _IN_THE_VPC),
    (
        *("restored.network.endpoints_admit_security_group_ids.0", "security group"),
        *("sg-0a1b2c3d4e5f60721", _IN_THE_VPC),
    ),
    (
        *("restored.network.database_security_group_id", "security group"),
        *("sg-0a1b2c3d4e5f60722", _IN_THE_VPC),
    ),
    (
        *("beside.network.endpoints_security_group_id", "security group"),
        *("sg-0a1b2c3d4e5f60723", _IN_THE_VPC),
    ),
    ("account_roles.vpc_role", "IAM role", "dms-vpc-role", {}),
    ("account_roles.cloudwatch_logs_role", "IAM role", "dms-cloudwatch-logs-role", {}),
    ("account_roles.serverless_role", "IAM role", "AWSServiceRoleForDMSServerless", {}),
    ("roles.permissions_boundary", "IAM policy", "policy/bounds/data-platform", {}),
    (
        *("shared.source.secret_arn", "secret", "secret:tickets-Ab34Cd"),
        {"host": "tickets.example.com", "port": 3306},
    ),
    ("shared.source.key_arn", "KMS key", f"{_CUSTOMERS}01", {}),
    ("shared.source.security_group_id", "security group", "sg-0a1b2c3d4e5f60719", _IN_THE_VPC),
    (
        *("shared.replication.source_endpoint.tls.certificate.arn", "certificate"),
        *("cert:ABCDEFGHIJKLMNOP", {}),
    ),
    (
        *("shared.replication.compute.replication_instance_id", "replication instance", "shared"),
        {"security_group": "sg-0a1b2c3d4e5f60720", "vpc": _VPC},
    ),
    ("shared.replication.event_subscription.sns_topic_arn", "SNS topic", "dms-events", {}),
    ("shared.stream.stream_arn", "Kinesis stream", "stream/shared", {"key": f"{_CUSTOMERS}02"}),
    ("shared.stream.key_arn", "KMS key", f"{_CUSTOMERS}02", {}),
    # beside the landing bucket, access logs of another pipeline
    (
        *("shared.landing_bucket.bucket_name", "S3 bucket", "example-company-lake"),
        {"takes_access_logs": True},
    ),
    ("shared.landing_bucket.key_arn", "KMS key", f"{_CUSTOMERS}03", {}),
    ("shared.data_catalog.table_name", "Glue table", "lake.changes", {}),
    ("shared.monitoring.notify.topic_arns.0", "SNS topic", "data-platform-alarms", {}),
    ("shared.monitoring.notify.warning_topic_arns.0", "SNS topic", "data-platform-warnings", {}),
    (
        *("restored.source.snapshot_identifier", "cluster snapshot", "orders-before-the-move"),
        {"engine_version": "8.0.mysql_aurora.3.10.4"},
    ),
    (
        *("restored.source.dms_credentials.secret_arn", "secret", "secret:orders/dms-Ef56Gh"),
        {"host": "stand-in.invalid", "port": 3306},
    ),
    ("restored.source.dms_credentials.key_arn", "KMS key", f"{_CUSTOMERS}05", {}),
    ("restored.source.encryption.key_arn", "KMS key", f"{_CUSTOMERS}04", {}),
    ("restored.replication.encryption.key_arn", "KMS key", f"{_CUSTOMERS}06", {}),
]


def test_each_is_told_once_with_its_key_and_what_a_stand_in_needs() -> None:
    """At the first key that names it, with all that any key tells of it."""
    settings = imported_environment()
    pipelines = settings["pipelines"]
    access_log = {"bucket_name": pipelines["shared"]["landing_bucket"]["bucket_name"]}
    restored = {**pipelines["restored"], "landing_bucket": {"access_log": access_log}}
    beside = {**pipelines["beside"], "landing_bucket": {}}
    settings["pipelines"] = {**pipelines, "restored": restored, "beside": beside}
    told = [
        (
            each.where.removeprefix("pipelines."),
            each.kind,
            _without_account(each.name),
            {key: _without_account(value) for key, value in each.details.items()},
        )
        for each in imports(Environment.model_validate(settings))
    ]
    assert told == _EXPECTED


def _without_account(value: object) -> object:
    return _OF_AN_ACCOUNT.sub("", value) if isinstance(value, str) else value


@pytest.mark.parametrize("name", sorted({*environment_names()} - {"production"}))
def test_an_environment_that_makes_all_itself_imports_a_snapshot_at_most(name: str) -> None:
    kinds = {each.kind for each in imports(load_environment(environment_file(name)))}
    assert kinds <= {"cluster snapshot"}


def test_a_secret_that_stands_in_holds_where_to_log_in(environment: Environment) -> None:
    secrets = {each.where: each.details for each in imports(environment) if each.kind == "secret"}
    assert secrets
    for where, details in secrets.items():
        assert set(details) == {"host", "port"}, where
    of_a_user = [details for where, details in secrets.items() if "dms_credentials" in where]
    assert {"host": "stand-in.invalid", "port": 3306} in of_a_user
