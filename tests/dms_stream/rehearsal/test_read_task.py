"""A task as DMS's API tells of it, or what of it is refused; running: test_deployed_task.py."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dms_stream.rehearsal.deployed_task import KinesisTarget, read_task, task_arns
from dms_stream.rehearsal.errors import RefusedError, RehearsalError
from tests.support.pipelines import Json, selection

TASK = "arn:aws:dms:eu-west-1:123456789012:task:ABC"
CONFIG = "arn:aws:dms:eu-west-1:123456789012:replication-config:DEF"
STREAM = "arn:aws:kinesis:eu-west-1:123456789012:stream/changes"
RULES = {"rules": [selection("shop")]}
SETTINGS = {"BeforeImageSettings": None, "TargetMetadata": {"LobMaxSize": 64}}


class Dms:
    """boto3's client: a task, or a config with its replication, and their endpoints.

    Attributes:
        task: The task.
        config: The config.
        replication: What DMS Serverless says of it beside that.
        source: The source endpoint.
        target: The target endpoint.
    """

    def __init__(self) -> None:
        both = {"SourceEndpointArn": "s", "TargetEndpointArn": "t"}
        self.task: Json = {
            **both,
            "ReplicationTaskArn": TASK,
            "ReplicationTaskIdentifier": "cdc",
            "MigrationType": "full-load-and-cdc",
            "TableMappings": json.dumps(RULES),
            "ReplicationTaskSettings": json.dumps(SETTINGS),
        }
        self.config: Json = {
            **both,
            "ReplicationConfigArn": CONFIG,
            "ReplicationConfigIdentifier": "serverless",
            "TableMappings": json.dumps(RULES),
            "ReplicationSettings": json.dumps(SETTINGS),
        }
        self.replication: Json = {"ReplicationType": "cdc", "CdcStartPosition": "bin.000001:4"}
        self.source: Json = {"EngineName": "aurora"}
        self.target: Json = {"EngineName": "kinesis", "KinesisSettings": {"StreamArn": STREAM}}
        self.error = ""

    def _found(self, key: str, name: str, by: dict[str, Json], given: Json) -> Json:
        if self.error:
            answer: Any = {"Error": {"Code": self.error, "Message": "no"}}
            raise ClientError(answer, "Describe")
        if not given:
            return {key: [*by.values()]}
        (wanted,) = given["Filters"]
        assert wanted["Name"] == name
        (value,) = wanted["Values"]
        return {key: [by[value]] if value in by else []}

    def describe_replication_tasks(self, **given: Any) -> Json:
        """By ARN, or all."""
        return self._found("ReplicationTasks", "replication-task-arn", {TASK: self.task}, given)

    def describe_replication_configs(self, **given: Any) -> Json:
        """By ARN, or all."""
        found = {CONFIG: self.config}
        return self._found("ReplicationConfigs", "replication-config-arn", found, given)

    def describe_replications(self, **given: Any) -> Json:
        """By the config's ARN."""
        found = {CONFIG: self.replication}
        return self._found("Replications", "replication-config-arn", found, given)

    def describe_endpoints(self, **given: Any) -> Json:
        """By ARN."""
        found = {"s": self.source, "t": self.target}
        return self._found("Endpoints", "endpoint-arn", found, given)


@pytest.fixture
def dms() -> Dms:
    """All in order."""
    return Dms()


def refused(dms: Dms) -> tuple[str, ...]:
    """What is refused of the task: of what, and each reason."""
    with pytest.raises(RefusedError) as found:
        read_task(dms, TASK)
    return (str(found.value).partition("\n")[0], *found.value.refusals)


def test_a_task_on_an_instance(dms: Dms) -> None:
    found = read_task(dms, TASK)
    assert (found.arn, found.identifier, found.migration_type) == (TASK, "cdc", "full-load-and-cdc")
    assert (found.loads, found.captures, found.is_serverless) == (True, True, False)
    assert (found.account_specific_id, found.cdc_start_position) == ("ABC", None)
    assert [rule.schema_name for rule in found.mappings.selections] == ["shop"]
    assert found.settings.target_metadata is not None
    assert found.settings.target_metadata.lob_max_size_kb == 64
    assert found.settings.before_image_settings is None
    assert found.source_settings == {}
    assert found.target == KinesisTarget(STREAM, "json", *[False] * 8)
    assert (found.target.stream_name, found.target.is_on_one_line) == ("changes", False)


def test_a_serverless_replication(dms: Dms) -> None:
    found = read_task(dms, CONFIG)
    assert (found.arn, found.identifier, found.migration_type) == (CONFIG, "serverless", "cdc")
    assert (found.loads, found.captures, found.is_serverless) == (False, True, True)
    assert (found.account_specific_id, found.cdc_start_position) == ("DEF", "bin.000001:4")
    del dms.replication["CdcStartPosition"]
    assert read_task(dms, CONFIG).cdc_start_position is None


@pytest.mark.parametrize(
    ("given", "loads", "captures"),
    [("full-load", True, False), ("cdc", False, True), ("full-load-and-cdc", True, True)],
)
def test_what_it_moves(dms: Dms, given: str, loads: bool, captures: bool) -> None:
    dms.task["MigrationType"] = given
    found = read_task(dms, TASK)
    assert (found.loads, found.captures) == (loads, captures)
    dms.task["MigrationType"] = "all"
    assert refused(dms)[1:] == ("its migration type all is not known",)


SWITCHES = {
    "IncludeTransactionDetails": "include_transaction_details",
    "IncludePartitionValue": "include_partition_value",
    "PartitionIncludeSchemaTable": "partition_include_schema_table",
    "IncludeTableAlterOperations": "include_table_alter_operations",
    "IncludeControlDetails": "include_control_details",
    "IncludeNullAndEmpty": "include_null_and_empty",
    "NoHexPrefix": "no_hex_prefix",
    "UseLargeIntegerValue": "use_large_integer_value",
}


@pytest.mark.parametrize("switch", SWITCHES)
def test_each_switch_of_the_target(dms: Dms, switch: str) -> None:
    dms.target["KinesisSettings"] |= {switch: True, "ServiceAccessRoleArn": "arn:role"}
    found = read_task(dms, TASK).target
    assert [name for name in SWITCHES.values() if getattr(found, name)] == [SWITCHES[switch]]


def test_the_message_format(dms: Dms) -> None:
    dms.target["KinesisSettings"]["MessageFormat"] = "json-unformatted"
    assert read_task(dms, TASK).target.is_on_one_line
    dms.target["KinesisSettings"]["MessageFormat"] = "xml"
    assert refused(dms)[1:] == ("its message format xml is not known",)


def test_another_target_is_refused(dms: Dms) -> None:
    dms.target["KinesisSettings"] |= {"New": 1, "Another": 2}
    assert refused(dms)[1:] == (
        "unknown setting KinesisSettings.Another",
        "unknown setting KinesisSettings.New",
    )
    dms.target["KinesisSettings"] = {}
    assert refused(dms)[1:] == ("its engine is kinesis; only kinesis can be rehearsed",)
    dms.target = {"EngineName": "s3", "KinesisSettings": {"StreamArn": STREAM}}
    assert refused(dms)[1:] == ("its engine is s3; only kinesis can be rehearsed",)


@pytest.mark.parametrize("engine", ["mysql", "aurora", "mariadb"])
def test_the_sources_settings_without_where_it_is(dms: Dms, engine: str) -> None:
    dms.source = {
        "EngineName": engine,
        "ExtraConnectionAttributes": "a=1;b=2=3;;word;",
        "MySQLSettings": {
            "EventsPollInterval": 5,
            "ServerTimezone": "Europe/Zurich",
            **dict.fromkeys(("ServerName", "Port", "Username", "Password", "DatabaseName"), "x"),
            **dict.fromkeys(("SecretsManagerSecretId", "SecretsManagerAccessRoleArn"), "x"),
        },
    }
    assert read_task(dms, TASK).source_settings == {
        **{"a": "1", "b": "2=3", "EventsPollInterval": "5"},
        "ServerTimezone": "Europe/Zurich",
    }


def test_another_source_is_refused(dms: Dms) -> None:
    dms.source["EngineName"] = "oracle"
    (sentence,) = refused(dms)[1:]
    assert sentence.startswith("its engine is oracle; only ")
    assert sentence.endswith(" can be rehearsed")


def test_mappings_and_settings_with_mistakes_are_refused(dms: Dms) -> None:
    rule = selection("shop")
    for rules, what in (
        ([{**rule, "rule-type": "x"}], "the deployed table mappings"),
        ([rule, rule], "the deployed table mappings have mistakes that DMS refuses or silently"),
    ):
        dms.task["TableMappings"] = json.dumps({"rules": rules})
        first, *reasons = refused(dms)
        assert first.startswith(what)
        assert reasons
    dms.task["TableMappings"] = json.dumps(RULES)
    dms.task["ReplicationTaskSettings"] = json.dumps({"TargetMetadata": {"LobMaxSize": -1}})
    first, *reasons = refused(dms)
    assert first.startswith("the deployed task settings")
    assert "LobMaxSize" in reasons[0]


def test_what_dms_does_not_know_or_tell(dms: Dms) -> None:
    for arn in (f"{TASK}D", f"{CONFIG}D"):
        with pytest.raises(RehearsalError) as unknown:
            read_task(dms, arn)
        assert str(unknown.value) == f"DMS does not know {arn}: deploy the pipeline first"
    dms.task["SourceEndpointArn"] = "gone"
    with pytest.raises(RehearsalError, match="DMS does not know gone: deploy the pipeline first"):
        read_task(dms, TASK)
    dms.error = "AccessDeniedFault"
    with pytest.raises(RehearsalError, match=f"^DMS cannot describe {TASK}: .*AccessDenied"):
        read_task(dms, TASK)


def test_all_tasks_and_replications_of_an_account(dms: Dms) -> None:
    assert task_arns(dms) == [TASK, CONFIG]
