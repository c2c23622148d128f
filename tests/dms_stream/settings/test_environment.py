"""Settings files: what is accepted, and every mistake told with its file and key."""

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from ruamel.yaml import YAML

from constructs_lib.delivery_stream import DeliveryStreamProps
from constructs_lib.errors import InvalidPropsError, SettingsError
from dms_stream.settings.environment import (
    Environment,
    environment_file,
    environment_names,
    load_environment,
)
from tests.support.checkout import ENVIRONMENTS, ROOT

MINIMAL = """
region: eu-west-1
state: {bucket_name: example-state}
pipelines:
  tickets:
    source: {kind: new}
    replication:
      table_mappings: {tables: [dms_sample.person]}
      source_endpoint: {tls: {kind: verify-ca, certificate: {file: ca.pem}}}
"""
CERTIFICATE = "arn:aws:dms:eu-west-1:123456789012:cert:ABCDEFGHIJKLMNOP"
PEM = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"


def settings_file(folder: Path, text: str, name: str = "trial.yaml") -> Path:
    (folder / "ca.pem").write_text(PEM)
    path = folder / name
    path.write_text(text)
    return path


def mistakes(folder: Path, text: str) -> str:
    path = settings_file(folder, text)
    with pytest.raises(SettingsError) as caught:
        load_environment(path)
    message = str(caught.value)
    assert message.startswith(str(path))
    return message


@pytest.mark.parametrize("name", environment_names())
def test_every_environment_of_ours_is_valid_and_follows_its_schema(name: str) -> None:
    path = environment_file(name)
    load_environment(path)
    assert path.read_text().startswith("# yaml-language-server: $schema=schema.json\n")
    schema = json.loads((ENVIRONMENTS / "schema.json").read_text())
    Draft202012Validator.check_schema(schema)
    Draft202012Validator(schema).validate(YAML(typ="safe").load(path.read_text()))


def test_there_are_the_promised_environments() -> None:
    assert {"seed", "local", "production"} <= set(environment_names())


def test_no_environment_holds_a_password() -> None:
    for name in environment_names():
        assert "password" not in str(environment_settings(name)).lower().replace(
            "password_version", ""
        )


def environment_settings(name: str) -> Any:
    return YAML(typ="safe").load(environment_file(name).read_text())


def test_the_seed_is_the_blog_posts_pipeline() -> None:
    tickets = load_environment(environment_file("seed")).pipelines["tickets"]
    assert tickets.source.kind == "snapshot"
    assert tickets.source.snapshot_identifier == "tickets-mysql"
    assert tickets.replication.migration_type == "full-load-and-cdc"
    assert tickets.replication.table_mappings.captures("dms_sample", "ticket_purchase_hist")
    assert not tickets.replication.table_mappings.captures("dms_sample", "person")
    delivery = tickets.delivery_stream
    assert isinstance(delivery, DeliveryStreamProps)
    assert delivery.buffer_interval.total_seconds() == 300
    assert delivery.buffer_mib == 5
    assert delivery.layout.compression == "GZIP"


def test_a_minimal_file_is_enough(tmp_path: Path) -> None:
    environment = load_environment(settings_file(tmp_path, MINIMAL))
    assert list(environment.pipelines) == ["tickets"]
    assert environment.account_roles.vpc_role == "create"
    assert not environment.emulated


def test_a_file_named_in_the_settings_is_looked_for_beside_them(tmp_path: Path) -> None:
    text = MINIMAL.replace("ca.pem", "elsewhere.pem")
    message = mistakes(tmp_path, text)
    assert "pipelines.tickets.replication.source_endpoint.tls.certificate.file: " in message


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = MINIMAL.replace("eu-west-1", "Ireland").replace("example-state", "Bad_Name")
    text = text.replace("{kind: new}", "{kind: new, readers: 16, password: hunter2}")
    text = text.replace("tables: [dms_sample.person]", "tables: []")
    message = mistakes(tmp_path, text)
    for where in (
        "region",
        "state.bucket_name",
        "pipelines.tickets.source.readers",
        "pipelines.tickets.source.password",
        "pipelines.tickets.replication.table_mappings",
    ):
        assert f"- {where}" in message
    assert "hunter2" not in message
    assert "Traceback" not in message


def test_a_duplicate_key_is_refused_not_overwritten(tmp_path: Path) -> None:
    message = mistakes(tmp_path, MINIMAL + "region: us-east-1\n")
    assert "is not valid YAML, as it names `region` a second time" in message
    assert "line 10" in message


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "must be a mapping of settings"),
        ("- a\n- b\n", "must be a mapping of settings"),
        ("region: [", "is not valid YAML"),
        ("region: !!python/object:os.system x\n", "is not valid YAML"),
    ],
)
def test_what_is_no_settings_file_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    assert problem in mistakes(tmp_path, text)


def test_a_binary_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "trial.yaml"
    path.write_bytes(b"\xff\xfe\x00\x01")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_environment(path)


@pytest.mark.parametrize("name", ["bootstrap", "aws", "current", "backend"])
def test_a_pipeline_may_not_take_a_name_of_ours(tmp_path: Path, name: str) -> None:
    message = mistakes(tmp_path, MINIMAL.replace("tickets:", f"{name}:"))
    assert "is taken: choose another name than bootstrap, aws, backend, current" in message


@pytest.mark.parametrize("name", ["Tickets", "x", "with_underscore", "a" * 21, "1st"])
def test_a_pipelines_name_must_begin_names_and_addresses(tmp_path: Path, name: str) -> None:
    message = mistakes(tmp_path, MINIMAL.replace("tickets:", f'"{name}":'))
    assert message.splitlines()[1:] == [
        f"  - pipelines.{name}: must be 2 to 20 lower-case letters, digits and single `-`, "
        "beginning with a letter and not ending with `-`, because names and addresses begin with "
        "it",
        f"      given: '{name}'",
    ]


def test_what_does_not_fit_in_a_pipeline_is_told_by_its_keys(tmp_path: Path) -> None:
    text = MINIMAL + "    delivery_stream: {format: {compression: ZIP}}\n"
    message = mistakes(tmp_path, text + "    network: {endpoints: [s3, kms]}\n")
    assert [line.partition(": ")[0] for line in message.splitlines()[1:]] == [
        "  - pipelines.tickets.network.endpoints",
        "      given",
        "  - pipelines.tickets.delivery_stream.format.compression",
        "      given",
    ]


ELSEWHERE = """
account_ids: ["123456789012"]
pipelines:
  tickets:
    network: {zone_names: [eu-west-1a, eu-central-1b]}
    source:
      kind: new
      encryption:
        {kind: customer, key_arn: "arn:aws:kms:eu-central-1:123456789012:key/0f0e-44"}
      dms_credentials:
        secret_arn: "arn:aws:secretsmanager:eu-west-1:111122223333:secret:dms-Ab12Cd"
        key_arn: "arn:aws:kms:eu-west-1:111122223333:key/0f0e0d0c-1111-2222-3333-444455556601"
    replication:
      table_mappings: {tables: [dms_sample.person]}
      compute: {kind: instance, availability_zone: us-east-1a}
      source_endpoint: {tls: {kind: verify-ca, certificate: {file: ca.pem}}}
    stream: {kind: existing, stream_arn: "arn:aws:kinesis:eu-west-1:111122223333:stream/changes"}
"""


def test_what_is_of_another_region_or_account_is_told_by_its_keys(tmp_path: Path) -> None:
    # a tag may tell of anything
    tags = "tags: {moved-from: 'arn:aws:kms:eu-central-1:111122223333:key/0f0e-44'}\n"
    text = MINIMAL.partition("pipelines:")[0] + tags + ELSEWHERE
    zone = "is no availability zone of eu-west-1 (region): name one such as eu-west-1a, or change "
    assert mistakes(tmp_path, text).splitlines()[1:] == [
        f"  - pipelines.tickets.network.zone_names.1: {zone}region",
        "      given: eu-central-1b",
        "  - pipelines.tickets.source.encryption.key_arn: is in eu-central-1, and the environment "
        "in eu-west-1 (region): name one of that region, or change region",
        "      given: arn:aws:kms:eu-central-1:123456789012:key/0f0e-44",
        f"  - pipelines.tickets.replication.compute.availability_zone: {zone}region",
        "      given: us-east-1a",
        "  - pipelines.tickets.stream.stream_arn: is of the account 111122223333, and DMS uses it "
        "only in its own, here 123456789012 (account_ids): name one of that account, or change "
        "account_ids",
        "      given: arn:aws:kinesis:eu-west-1:111122223333:stream/changes",
    ]


def test_mistakes_of_an_environment_built_in_python_are_told_by_its_class() -> None:
    with pytest.raises(InvalidPropsError) as refused:
        Environment(
            region="eu-west-1",
            state={"bucket_name": "example-state"},
            pipelines={},
            tags={"aws:owner": "me"},
        )
    assert str(refused.value).startswith("Environment: 1 mistake\n  - tags.aws:owner: ")


def test_without_account_ids_any_account_will_do(tmp_path: Path) -> None:
    stream = "arn:aws:kinesis:eu-west-1:111122223333:stream/changes"
    text = MINIMAL + f"    stream: {{kind: existing, stream_arn: '{stream}'}}\n"
    load_environment(settings_file(tmp_path, text))


@pytest.mark.parametrize(
    "replication",
    [
        {
            "table_mappings": """{"rules": [{
                "rule-type": "selection", "rule-id": 1, "rule-name": null, "tag-set": null,
                "object-locator": {"schema-name": "shop", "table-name": "%"}
            }]}""",
        },
        {
            "table_mappings": {"tables": ["shop.orders"]},
            "task_settings": {"FullLoadSettings": {"CommitRate": 5}, "Logging": None},
        },
        {
            "table_mappings": {"tables": ["shop.orders"]},
            "task_settings": '{"FullLoadSettings": {"TransactionConsistencyTimeout": 600}}',
        },
    ],
)
def test_editors_take_awss_own_documents_as_well(replication: dict[str, Any]) -> None:
    document = YAML(typ="safe").load(MINIMAL)
    tls = {"kind": "verify-ca", "certificate": {"arn": CERTIFICATE}}
    document["pipelines"]["tickets"]["replication"] = {
        **replication,
        "source_endpoint": {"tls": tls},
    }
    Environment.model_validate(document)
    Draft202012Validator(Environment.model_json_schema()).validate(document)


def test_an_unknown_environment_is_told_the_known_ones() -> None:
    with pytest.raises(
        SettingsError, match="no such environment; allowed: local, production, seed"
    ):
        environment_file("nowhere")


@pytest.mark.parametrize("name", ["My Trial.yaml", "prod-eu.yaml", "x.yaml"])
def test_a_file_whose_name_cannot_begin_a_stacks_is_refused(tmp_path: Path, name: str) -> None:
    path = settings_file(tmp_path, MINIMAL, name)
    with pytest.raises(SettingsError, match="an environment is named by its file"):
        environment_file(str(path))


def test_the_committed_schema_and_reference_are_current() -> None:
    from dms_stream.cli.settings_docs import REFERENCE_FILE, settings_reference
    from dms_stream.settings.schema import SCHEMA_FILE, settings_schema

    assert (ROOT / SCHEMA_FILE).read_text() == settings_schema(), "run `make docs`"
    assert (ROOT / REFERENCE_FILE).read_text() == settings_reference(), "run `make docs`"


def test_every_setting_is_described() -> None:
    schema = Environment.model_json_schema()
    for name, definition in [("Environment", schema), *schema["$defs"].items()]:
        for key, prop in definition.get("properties", {}).items():
            assert prop.get("description"), f"{name}.{key} has no description"
