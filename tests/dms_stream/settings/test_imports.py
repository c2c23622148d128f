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


def test_each_is_told_once_with_its_key() -> None:
    production = load_environment(environment_file("production"))
    told = [(each.where, each.kind, each.name) for each in imports(production)]

    assert told[0] == ("pipelines.orders.network.vpc_id", "VPC", "vpc-0a1b2c3d4e5f60718")
    assert len({(kind, name) for _, kind, name in told}) == len(told)
    assert (
        "pipelines.tickets.source.secret_arn",
        "secret",
        "arn:aws:secretsmanager:eu-west-1:123456789012:secret:tickets/dms-Ab12Cd",
    ) in told


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
