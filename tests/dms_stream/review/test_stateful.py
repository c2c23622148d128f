"""Whatever holds data is guarded, and no construct can bring a type that nobody weighed."""

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.bindings import cdktf
from dms_stream.cli.toolchain import terraform, terraform_variables
from dms_stream.review import Severity
from dms_stream.review.provider_schema import all_types
from dms_stream.review.stateful import DEPENDED_ON, STATEFUL, STATELESS, TELLTALE_ATTRIBUTES
from dms_stream.settings.environment import environment_file, environment_names, load_environment
from scripts import review_schema
from stacks.app import build_app
from tests.support.small_plans import change, findings

_CORPUS = Path(__file__).with_name("corpus.yaml")
_PROVIDER = {
    "terraform": {"required_providers": {"aws": {"source": "hashicorp/aws", "version": "5.100.0"}}}
}


@pytest.fixture(scope="module")
def synthesized(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, dict[str, Any]]]:
    """Type and configuration of every resource of all environments."""
    found = []
    files = [environment_file(name) for name in environment_names()]
    for file in [*files, _CORPUS]:
        output = tmp_path_factory.mktemp(file.stem)
        app = cdktf.App(outdir=str(output))
        build_app(file.stem, load_environment(file), app=app).synth()
        for path in output.glob("stacks/*/cdk.tf.json"):
            resources = json.loads(path.read_text(encoding="utf-8"))["resource"]
            found += [(type_, each) for type_, of in resources.items() for each in of.values()]
    return found


@pytest.fixture(scope="module")
def provider_schema(tmp_path_factory: pytest.TempPathFactory) -> dict[str, set[str]]:
    """The attributes of every type, from the provider itself."""
    folder = tmp_path_factory.mktemp("schema")
    (folder / "main.tf.json").write_text(json.dumps(_PROVIDER))
    environment = terraform_variables(os.environ)
    for command in (["init", "-input=false", "-no-color"], ["providers", "schema", "-json"]):
        done = subprocess.run(
            [terraform(), *command],
            cwd=folder,
            env=environment,
            check=True,
            capture_output=True,
            text=True,
        )
    (schemas,) = json.loads(done.stdout)["provider_schemas"].values()
    shutil.rmtree(folder / ".terraform")
    return {
        type_: set(schema["block"].get("attributes", {}))
        for type_, schema in schemas["resource_schemas"].items()
    }


def test_every_type_of_the_stacks_is_weighed(
    synthesized: list[tuple[str, dict[str, Any]]],
) -> None:
    weighed = STATEFUL.keys() | STATELESS.keys() | DEPENDED_ON.keys()
    unweighed = {type_ for type_, _ in synthesized} - weighed
    assert not unweighed, "decide in review/stateful.py whether these hold data"


def test_no_type_is_weighed_twice_or_without_words() -> None:
    tables = (STATEFUL, STATELESS, DEPENDED_ON)
    assert sum(map(len, tables)) == len({type_ for table in tables for type_ in table})
    assert all(text for table in tables for text in table.values())


@pytest.mark.plan
def test_types_with_telltale_attributes_are_stateful_or_exempt_with_a_reason_of_their_own(
    synthesized: list[tuple[str, dict[str, Any]]], provider_schema: dict[str, set[str]]
) -> None:
    used = {type_ for type_, _ in synthesized}
    protected = {type_ for type_, each in synthesized if "prevent_destroy" in _lifecycle(each)}
    telling = {type_ for type_ in used if TELLTALE_ATTRIBUTES & provider_schema[type_]}
    exempt = (telling | protected) - STATEFUL.keys()
    # these are protected, or have such an attribute, and hold no data: each says why
    assert exempt == {
        "aws_cloudwatch_event_rule",
        "aws_cloudwatch_event_target",
        "aws_dms_replication_config",
        "aws_dms_replication_instance",
        "aws_dms_replication_task",
        "aws_iam_role",
        "aws_iam_role_policy_attachment",
        "aws_rds_cluster_instance",
    }
    assert telling - exempt >= {
        "aws_cloudwatch_log_group",
        "aws_kinesis_stream",
        "aws_kms_key",
        "aws_rds_cluster",
        "aws_s3_bucket",
        "aws_secretsmanager_secret",
    }


@pytest.mark.plan
def test_types_are_the_providers(provider_schema: dict[str, set[str]]) -> None:
    assert STATEFUL.keys() | STATELESS.keys() | DEPENDED_ON.keys() <= provider_schema.keys()
    assert provider_schema.keys() == all_types()


@pytest.mark.plan
def test_every_type_of_the_provider_that_guards_data_is_weighed(
    provider_schema: dict[str, set[str]],
) -> None:
    weighed = STATEFUL.keys() | STATELESS.keys() | DEPENDED_ON.keys()
    telling = {
        type_
        for type_, attributes in provider_schema.items()
        if attributes & TELLTALE_ATTRIBUTES and type_ not in weighed
    }
    assert not telling, "decide in review/stateful.py whether these hold data"


@pytest.mark.plan
def test_what_is_kept_of_the_schema_is_the_providers() -> None:
    kept = review_schema.TARGET.read_text(encoding="utf-8")
    made = review_schema.text(review_schema.reduced(review_schema.provider_schema()))
    assert kept == made, "run `python scripts/review_schema.py` and read the difference"


def test_losing_anything_stateful_of_the_stacks_is_data_loss(
    synthesized: list[tuple[str, dict[str, Any]]],
) -> None:
    stateful = sorted({type_ for type_, _ in synthesized} & STATEFUL.keys())
    assert len(stateful) >= 6
    for type_ in stateful:
        for entry in (
            change(type_, {"id": "a"}, None),
            change(type_, {"id": "a"}, {"id": "b"}, replace=("id",)),
        ):
            assert max(each.severity for each in findings(entry)) is Severity.DATA_LOSS, type_


@pytest.mark.parametrize("type_", sorted(STATEFUL))
def test_destroying_each_stateful_type_is_data_loss(type_: str) -> None:
    (seen,) = findings(change(type_, {"id": "a"}, None))
    assert (seen.rule, seen.severity) == ("stateful-destroyed", Severity.DATA_LOSS)
    assert STATEFUL[type_] in seen.what


@pytest.mark.parametrize("type_", sorted(DEPENDED_ON))
def test_destroying_what_somebody_may_depend_on_is_said_and_no_data_loss(type_: str) -> None:
    severities = {each.severity for each in findings(change(type_, {"id": "a"}, None))}
    assert severities
    assert Severity.DATA_LOSS not in severities


@pytest.mark.parametrize("name", sorted(TELLTALE_ATTRIBUTES))
def test_each_telltale_attribute_makes_an_unknown_type_count_as_stateful(name: str) -> None:
    (seen,) = findings(change("aws_novel_store", {"id": "a", name: None}, None))
    assert seen.severity is Severity.DATA_LOSS


DATA = [
    "aws_ami",
    "aws_cloudformation_stack",
    "aws_codecommit_repository",
    "aws_db_snapshot",
    "aws_ebs_snapshot",
    "aws_efs_file_system",
    "aws_fsx_windows_file_system",
    "aws_glacier_vault",
    "aws_instance",
    "aws_keyspaces_table",
    "aws_memorydb_cluster",
    "aws_mq_broker",
    "aws_s3tables_table_bucket",
    "aws_timestreamwrite_database",
    "aws_workspaces_workspace",
]
NO_DATA = [
    "aws_autoscaling_group",
    "aws_default_vpc",
    "aws_dx_lag",
    "aws_ecs_service",
    "aws_iam_user",
    "aws_neptune_cluster_instance",
    "aws_redshift_snapshot_schedule",
    "aws_s3_object_copy",
    "aws_service_discovery_service",
    "aws_transfer_server",
]


@pytest.mark.parametrize("type_", DATA + NO_DATA)
def test_what_holds_data_and_what_does_not(type_: str) -> None:
    replaced = change(
        type_, {"name": "a", "force_destroy": False}, {"name": "b"}, replace=("name",)
    )
    worst = max(each.severity for each in findings(replaced))
    assert (worst is Severity.DATA_LOSS) is (type_ in DATA)


def _lifecycle(resource: dict[str, Any]) -> dict[str, Any]:
    lifecycle: dict[str, Any] = resource.get("lifecycle", {})
    return lifecycle
