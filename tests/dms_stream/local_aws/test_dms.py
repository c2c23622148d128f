"""The control plane of DMS: what is read back, what is refused, what a task's states are."""

import json
from datetime import datetime
from typing import Any

import pytest
from botocore.exceptions import ClientError

from constructs_lib.dms.engine_versions import DEFAULT
from tests.support.dms_account import MAPPINGS, DmsAccount

# on an embedded AWS
pytestmark = pytest.mark.slow


def test_a_subnet_group_holds_the_subnets_that_were_asked_for(account: DmsAccount) -> None:
    account.vpc_role()
    subnets = account.subnets()
    account.subnet_group(subnets)
    (group,) = account.dms.describe_replication_subnet_groups()["ReplicationSubnetGroups"]
    assert [s["SubnetIdentifier"] for s in group["Subnets"]] == subnets
    assert group["SubnetGroupStatus"] == "Complete"


def test_a_subnet_group_needs_the_accounts_vpc_role(account: DmsAccount) -> None:
    with pytest.raises(ClientError, match="role/dms-vpc-role is not configured properly"):
        account.subnet_group()


def test_a_subnet_group_needs_the_policy_on_the_role(account: DmsAccount) -> None:
    account.client("iam").create_role(RoleName="dms-vpc-role", AssumeRolePolicyDocument="{}")
    with pytest.raises(ClientError, match="role/dms-vpc-role is not configured properly"):
        account.subnet_group()


def test_a_subnet_group_needs_two_zones(account: DmsAccount) -> None:
    account.vpc_role()
    with pytest.raises(ClientError, match="ReplicationSubnetGroupDoesNotCoverEnoughAZs"):
        account.subnet_group(account.subnets("aa"))


def test_an_instance_is_available_and_its_dates_are_numbers(account: DmsAccount) -> None:
    account.vpc_role()
    account.subnet_group()
    account.instance()
    (instance,) = account.dms.describe_replication_instances()["ReplicationInstances"]
    assert instance["ReplicationInstanceStatus"] == "available"
    assert isinstance(instance["InstanceCreateTime"], datetime)


@pytest.mark.parametrize(
    ("at_once", "class_now"), [(True, "dms.t3.large"), (False, "dms.t3.medium")]
)
def test_an_instances_class_waits_for_its_window_unless_told_otherwise(
    account: DmsAccount, at_once: bool, class_now: str
) -> None:
    account.vpc_role()
    account.subnet_group()
    account.dms.modify_replication_instance(
        ReplicationInstanceArn=account.instance(),
        ReplicationInstanceClass="dms.t3.large",
        ApplyImmediately=at_once,
    )
    (instance,) = account.dms.describe_replication_instances()["ReplicationInstances"]
    assert instance["ReplicationInstanceClass"] == class_now
    assert bool(instance["PendingModifiedValues"]) is not at_once


def test_a_resource_identifier_ends_the_arn(account: DmsAccount) -> None:
    chosen = {"ResourceIdentifier": "CHOSEN-BY-US"}
    made = [account.task(**chosen), account.source(EndpointIdentifier="another", **chosen)]
    account.dms.delete_replication_task(ReplicationTaskArn=made[0])
    (instance,) = account.dms.describe_replication_instances()["ReplicationInstances"]
    account.dms.delete_replication_instance(
        ReplicationInstanceArn=instance["ReplicationInstanceArn"]
    )
    made.append(account.instance(**chosen))
    (source, target, _) = account.dms.describe_endpoints()["Endpoints"]
    made.append(
        account.dms.create_replication_config(
            ReplicationConfigIdentifier="serverless",
            SourceEndpointArn=source["EndpointArn"],
            TargetEndpointArn=target["EndpointArn"],
            ComputeConfig={"MaxCapacityUnits": 4, "ReplicationSubnetGroupId": "group"},
            ReplicationType="cdc",
            TableMappings=MAPPINGS,
            **chosen,
        )["ReplicationConfig"]["ReplicationConfigArn"]
    )
    assert [arn.split(":")[5:] for arn in made] == [
        [kind, "CHOSEN-BY-US"] for kind in ("task", "endpoint", "rep", "replication-config")
    ]
    assert source["EndpointArn"].split(":")[6] != "CHOSEN-BY-US"


def test_an_endpoint_is_read_back_without_its_password(account: DmsAccount) -> None:
    arn = account.source(Username="admin", Password="hidden", ServerName="host", Port=3306)
    (endpoint,) = account.dms.describe_endpoints(
        Filters=[{"Name": "endpoint-arn", "Values": [arn]}]
    )["Endpoints"]
    assert (endpoint["Username"], endpoint["ServerName"]) == ("admin", "host")
    assert "hidden" not in str(endpoint)


def test_a_change_of_an_endpoint_keeps_what_it_does_not_name(account: DmsAccount) -> None:
    arn = account.target(MessageFormat="json")
    account.dms.modify_endpoint(
        EndpointArn=arn, KinesisSettings={"IncludeNullAndEmpty": True}, ExactSettings=False
    )
    (endpoint,) = account.dms.describe_endpoints()["Endpoints"]
    settings = endpoint["KinesisSettings"]
    assert (settings["MessageFormat"], settings["IncludeNullAndEmpty"]) == ("json", True)


def test_an_endpoint_needs_its_certificate_to_exist(account: DmsAccount) -> None:
    with pytest.raises(ClientError, match=r"ResourceNotFoundFault.*Certificate .* could not be"):
        account.source(CertificateArn="arn:aws:dms:eu-central-1:123456789012:cert:NONE")


def test_a_certificate_has_to_be_one(account: DmsAccount) -> None:
    with pytest.raises(ClientError, match="InvalidCertificateFault"):
        account.dms.import_certificate(CertificateIdentifier="rds", CertificatePem="nonsense")


def test_a_task_is_ready_then_running_then_stopped(account: DmsAccount) -> None:
    task = account.task()
    assert account.status() == "ready"
    account.start(task)
    assert account.status() == "running"
    account.dms.stop_replication_task(ReplicationTaskArn=task)
    assert account.status() == "stopped"
    account.start(task, "resume-processing")
    assert account.status() == "running"


def test_a_running_task_is_not_started_changed_or_deleted(account: DmsAccount) -> None:
    task = account.task()
    account.start(task)
    with pytest.raises(ClientError, match=r"InvalidResourceStateFault.*currently running"):
        account.start(task, "resume-processing")
    with pytest.raises(ClientError, match=r"InvalidResourceStateFault.*currently running"):
        account.dms.modify_replication_task(ReplicationTaskArn=task, TableMappings=MAPPINGS)
    with pytest.raises(ClientError, match=r"InvalidResourceStateFault.*currently running"):
        account.dms.delete_replication_task(ReplicationTaskArn=task)
    (source, _) = account.dms.describe_endpoints()["Endpoints"]
    with pytest.raises(ClientError, match=r"InvalidResourceStateFault.*in use by task"):
        account.dms.modify_endpoint(EndpointArn=source["EndpointArn"], Port=3307)


def test_a_task_starts_once_and_is_resumed_after(account: DmsAccount) -> None:
    task = account.task()
    with pytest.raises(ClientError, match="RESUME_PROCESSING, not valid for tasks running for"):
        account.start(task, "resume-processing")
    account.start(task)
    account.dms.stop_replication_task(ReplicationTaskArn=task)
    with pytest.raises(ClientError, match="START_REPLICATION, valid only for tasks running for"):
        account.start(task)


def test_only_a_running_task_is_stopped(account: DmsAccount) -> None:
    task = account.task()
    with pytest.raises(ClientError, match=r"InvalidResourceStateFault.*not running"):
        account.dms.stop_replication_task(ReplicationTaskArn=task)


@pytest.mark.parametrize("mappings", ["no JSON", "[]", '{"rules": [{"rule-id": "1"}]}'])
def test_table_mappings_are_rules(account: DmsAccount, mappings: str) -> None:
    with pytest.raises(ClientError, match="Invalid table mappings document: JSON"):
        account.task(TableMappings=mappings)


def test_table_mappings_select_something(account: DmsAccount) -> None:
    with pytest.raises(ClientError, match="at least one selection rule is needed"):
        account.task(TableMappings='{"rules": []}')


def by_pattern(table: str) -> str:
    """Table mappings with an object mapping."""
    locator = {"schema-name": "shop", "table-name": table}
    select = {"rule-type": "selection", "rule-id": "1", "rule-name": "1", "rule-action": "include"}
    record = {"rule-type": "object-mapping", "rule-id": "2", "rule-name": "2"}
    return json.dumps(
        {
            "rules": [
                {**select, "object-locator": locator},
                {**record, "rule-action": "map-record-to-record", "object-locator": locator},
            ]
        }
    )


def test_dms_3_5_wants_exact_names_in_object_mappings(account: DmsAccount) -> None:
    # the engine that DMS takes by itself is a 3.5
    with pytest.raises(ClientError, match=r"Exact schema and table required .* '3.5' engine"):
        account.task(TableMappings=by_pattern("%"))


def test_whether_dms_3_6_takes_patterns_is_open_so_they_are_taken(account: DmsAccount) -> None:
    account.vpc_role()
    account.subnet_group()
    instance = account.dms.create_replication_instance(
        ReplicationInstanceIdentifier="newer",
        ReplicationInstanceClass="dms.t3.medium",
        EngineVersion=DEFAULT.value,
        ReplicationSubnetGroupIdentifier="group",
    )["ReplicationInstance"]["ReplicationInstanceArn"]
    account.dms.create_replication_task(
        ReplicationTaskIdentifier="task",
        SourceEndpointArn=account.source(),
        TargetEndpointArn=account.target(),
        ReplicationInstanceArn=instance,
        MigrationType="cdc",
        TableMappings=by_pattern("%"),
    )


@pytest.mark.parametrize(
    ("most", "least", "wrong"), [(3, 1, "Max"), (512, 1, "Max"), (8, 3, "Min")]
)
def test_serverless_has_the_capacities_that_there_are(
    account: DmsAccount, most: int, least: int, wrong: str
) -> None:
    refused = most if wrong == "Max" else least
    words = f"{wrong}CapacityUnits must be one of 1, 2, 4, .* 384, not {refused}"
    with pytest.raises(ClientError, match=words):
        account.config(
            ComputeConfig={
                "MaxCapacityUnits": most,
                "MinCapacityUnits": least,
                "ReplicationSubnetGroupId": "group",
            }
        )


def test_settings_are_completed_with_defaults(account: DmsAccount) -> None:
    account.task(ReplicationTaskSettings='{"FullLoadSettings": {"MaxFullLoadSubTasks": 4}}')
    (task,) = account.dms.describe_replication_tasks()["ReplicationTasks"]
    settings = json.loads(task["ReplicationTaskSettings"])
    assert settings["FullLoadSettings"]["MaxFullLoadSubTasks"] == 4
    assert settings["FullLoadSettings"]["CommitRate"] == 10000
    assert settings["ChangeProcessingTuning"]["MemoryKeepTime"] == 60


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("no JSON", "Invalid task settings JSON"),
        ('{"Logging": {"CloudWatchLogGroup": "g"}}', "CloudWatchLogGroup are read only"),
    ],
)
def test_settings_that_dms_refuses(account: DmsAccount, settings: str, message: str) -> None:
    with pytest.raises(ClientError, match=message):
        account.task(ReplicationTaskSettings=settings)


@pytest.mark.parametrize(
    "argument", ["SourceEndpointArn", "TargetEndpointArn", "ReplicationInstanceArn"]
)
def test_a_tasks_parts_have_to_exist(account: DmsAccount, argument: str) -> None:
    with pytest.raises(ClientError, match="ResourceNotFoundFault"):
        account.task(**{argument: "arn:aws:dms:eu-central-1:123456789012:none:NONE"})


def test_what_a_task_uses_is_not_deleted(account: DmsAccount) -> None:
    account.task()
    source, target = (e["EndpointArn"] for e in account.dms.describe_endpoints()["Endpoints"])
    (instance,) = account.dms.describe_replication_instances()["ReplicationInstances"]
    for arn in (source, target):
        with pytest.raises(ClientError, match="in use by task"):
            account.dms.delete_endpoint(EndpointArn=arn)
    with pytest.raises(ClientError, match="in use by task"):
        account.dms.delete_replication_instance(
            ReplicationInstanceArn=instance["ReplicationInstanceArn"]
        )
    with pytest.raises(ClientError, match="in use by instance"):
        account.dms.delete_replication_subnet_group(ReplicationSubnetGroupIdentifier="group")


def test_names_are_taken_once(account: DmsAccount) -> None:
    account.source()
    with pytest.raises(ClientError, match="ResourceAlreadyExistsFault"):
        account.source()


def test_a_serverless_replication_is_created_running_and_stopped(account: DmsAccount) -> None:
    config = account.config()

    def status() -> str:
        (replication,) = account.dms.describe_replications()["Replications"]
        return str(replication["Status"])

    def start() -> None:
        account.dms.start_replication(
            ReplicationConfigArn=config, StartReplicationType="start-replication"
        )

    assert status() == "created"
    start()
    assert status() == "running"
    with pytest.raises(ClientError, match="currently running"):
        start()
    with pytest.raises(ClientError, match="currently running"):
        account.dms.modify_replication_config(ReplicationConfigArn=config)
    account.dms.stop_replication(ReplicationConfigArn=config)
    assert status() == "stopped"

    def stats() -> dict[str, Any]:
        (replication,) = account.dms.describe_replications()["Replications"]
        return dict(replication["ReplicationStats"])

    first = stats()
    assert first["StartDate"] == first["FreshStartDate"] <= first["StopDate"]
    account.dms.start_replication(
        ReplicationConfigArn=config, StartReplicationType="resume-processing"
    )
    assert stats()["FreshStartDate"] == first["FreshStartDate"] < stats()["StartDate"]
    assert "StopDate" not in stats()
    account.dms.stop_replication(ReplicationConfigArn=config)
    account.dms.delete_replication_config(ReplicationConfigArn=config)
    assert account.dms.describe_replication_configs()["ReplicationConfigs"] == []


def test_dms_tests_a_changed_endpoints_connection_and_nobody_else_may_meanwhile(
    account: DmsAccount,
) -> None:
    account.task()
    (source, _) = (e["EndpointArn"] for e in account.dms.describe_endpoints()["Endpoints"])
    (instance,) = account.dms.describe_replication_instances()["ReplicationInstances"]
    both = {
        "EndpointArn": source,
        "ReplicationInstanceArn": instance["ReplicationInstanceArn"],
    }
    account.dms.test_connection(**both)
    account.dms.modify_endpoint(EndpointArn=source, Port=3307)
    with pytest.raises(ClientError, match=r"InvalidResourceStateFault.*already being tested"):
        account.dms.test_connection(**both)
    seen = [account.dms.describe_connections()["Connections"][0]["Status"] for _ in range(3)]
    assert seen == ["testing", "testing", "successful"]
    account.dms.test_connection(**both)


def test_a_changed_serverless_replication_takes_no_start_until_the_change_is_done(
    account: DmsAccount,
) -> None:
    config = account.config()

    def start(kind: str) -> None:
        account.dms.start_replication(ReplicationConfigArn=config, StartReplicationType=kind)

    def status() -> str:
        (replication,) = account.dms.describe_replications()["Replications"]
        return str(replication["Status"])

    # one that was never provisioned changes at once
    account.dms.modify_replication_config(ReplicationConfigArn=config, TableMappings=MAPPINGS)
    start("start-replication")
    account.dms.stop_replication(ReplicationConfigArn=config)
    account.dms.modify_replication_config(ReplicationConfigArn=config, TableMappings=MAPPINGS)
    with pytest.raises(ClientError, match="is in MODIFYING state and cannot start"):
        start("resume-processing")
    assert [status() for _ in range(3)] == ["modifying", "modifying", "stopped"]
    start("resume-processing")
    assert status() == "running"


def test_a_serverless_replication_that_is_being_changed_can_be_stopped_for_its_end(
    account: DmsAccount,
) -> None:
    config = account.config()
    account.dms.start_replication(
        ReplicationConfigArn=config, StartReplicationType="start-replication"
    )
    account.dms.stop_replication(ReplicationConfigArn=config)
    account.dms.modify_replication_config(ReplicationConfigArn=config, TableMappings=MAPPINGS)
    # whoever sees it being changed may stop it, however often they have looked
    for _ in range(2):
        (replication,) = account.dms.describe_replications()["Replications"]
        assert replication["Status"] == "modifying"
    account.dms.stop_replication(ReplicationConfigArn=config)
    (replication,) = account.dms.describe_replications()["Replications"]
    assert replication["Status"] == "stopped"
    account.dms.delete_replication_config(ReplicationConfigArn=config)


def test_a_load_that_nothing_follows_is_over_at_once(account: DmsAccount) -> None:
    account.start(account.task(MigrationType="full-load"))
    (task,) = account.dms.describe_replication_tasks()["ReplicationTasks"]
    assert (task["Status"], task["StopReason"]) == (
        "stopped",
        "Stop Reason FULL_LOAD_ONLY_FINISHED",
    )


def test_an_event_subscription_needs_its_topic(account: DmsAccount) -> None:
    missing = "arn:aws:sns:eu-central-1:123456789012:missing"
    with pytest.raises(ClientError, match="SNSInvalidTopicFault"):
        account.dms.create_event_subscription(SubscriptionName="s", SnsTopicArn=missing)


@pytest.mark.parametrize(
    ("secret", "message"),
    [
        ('{"username": "u", "password": "p", "host": "h", "port": 3306}', None),
        ('{"username": "u", "password": "p"}', "lacks host, port"),
        ("no JSON", "cannot be read or is not JSON"),
    ],
)
def test_a_source_connects_when_its_secret_has_what_dms_reads(
    account: DmsAccount, secret: str, message: str | None
) -> None:
    account.vpc_role()
    account.subnet_group()
    role = account.client("iam").create_role(RoleName="reader", AssumeRolePolicyDocument="{}")
    name = account.client("secretsmanager").create_secret(Name="source", SecretString=secret)
    source = account.source(
        MySQLSettings={
            "SecretsManagerSecretId": name["ARN"],
            "SecretsManagerAccessRoleArn": role["Role"]["Arn"],
        }
    )
    account.dms.test_connection(ReplicationInstanceArn=account.instance(), EndpointArn=source)
    (connection,) = account.dms.describe_connections()["Connections"]
    assert connection["Status"] == ("failed" if message else "successful")
    assert (message or "") in connection.get("LastFailureMessage", "")


def test_a_target_does_not_connect_without_its_stream(account: DmsAccount) -> None:
    account.vpc_role()
    account.subnet_group()
    target = account.target()
    account.dms.test_connection(ReplicationInstanceArn=account.instance(), EndpointArn=target)
    (connection,) = account.dms.describe_connections()["Connections"]
    assert connection["LastFailureMessage"].endswith("stream/changes does not exist.")


def test_tags_are_kept_added_and_removed(account: DmsAccount) -> None:
    arn = account.source(Tags=[{"Key": "a", "Value": "1"}])
    account.dms.add_tags_to_resource(ResourceArn=arn, Tags=[{"Key": "b", "Value": "2"}])
    account.dms.remove_tags_from_resource(ResourceArn=arn, TagKeys=["a"])
    tags = account.dms.list_tags_for_resource(ResourceArn=arn)["TagList"]
    assert [(tag["Key"], tag["Value"]) for tag in tags] == [("b", "2")]


_OF = {
    "describe_replication_subnet_groups": ["replication-subnet-group-id"],
    "describe_replication_instances": [
        *("replication-instance-arn", "replication-instance-id", "replication-instance-class"),
        "engine-version",
    ],
    "describe_endpoints": ["endpoint-arn", "endpoint-id", "endpoint-type", "engine-name"],
    "describe_replication_tasks": [
        *("replication-task-arn", "replication-task-id", "migration-type", "endpoint-arn"),
        "replication-instance-arn",
    ],
    "describe_replication_configs": ["replication-config-arn", "replication-config-id"],
    "describe_replications": ["replication-config-arn", "replication-config-id"],
}


@pytest.mark.parametrize(("call", "name"), [(call, each) for call in _OF for each in _OF[call]])
def test_each_filter_finds_what_has_its_value_and_nothing_else(
    account: DmsAccount, call: str, name: str
) -> None:
    account.task()
    (task,) = account.dms.describe_replication_tasks()["ReplicationTasks"]
    config = account.dms.create_replication_config(
        ReplicationConfigIdentifier="serverless",
        SourceEndpointArn=task["SourceEndpointArn"],
        TargetEndpointArn=task["TargetEndpointArn"],
        ComputeConfig={"MaxCapacityUnits": 4, "ReplicationSubnetGroupId": "group"},
        ReplicationType="cdc",
        TableMappings=MAPPINGS,
    )["ReplicationConfig"]
    (instance,) = account.dms.describe_replication_instances()["ReplicationInstances"]
    value = {
        "replication-subnet-group-id": "GROUP",
        "replication-instance-arn": instance["ReplicationInstanceArn"],
        "replication-instance-id": "instance",
        "replication-instance-class": "dms.t3.medium",
        "engine-version": instance["EngineVersion"],
        "endpoint-arn": task["SourceEndpointArn"],
        "endpoint-id": "source",
        "endpoint-type": "SOURCE",
        "engine-name": "aurora",
        "replication-task-arn": task["ReplicationTaskArn"],
        "replication-task-id": "task",
        "migration-type": "full-load-and-cdc",
        "replication-config-arn": config["ReplicationConfigArn"],
        "replication-config-id": "serverless",
    }[name]
    for wanted, count in (([value], 1), (["none"], 0), (["none", value], 1)):
        answer = getattr(account.dms, call)(Filters=[{"Name": name, "Values": wanted}])
        (found,) = (each for each in answer.values() if isinstance(each, list))
        assert len(found) == count


def test_an_unknown_filter_is_refused(account: DmsAccount) -> None:
    with pytest.raises(ClientError, match="filter colour is not supported"):
        account.dms.describe_endpoints(Filters=[{"Name": "colour", "Values": ["red"]}])


def test_words_that_dms_does_not_know_are_refused(account: DmsAccount) -> None:
    with pytest.raises(ClientError, match="MessageFormat must be one of json, json-unformatted"):
        account.target(MessageFormat="csv")
    with pytest.raises(ClientError, match=r"MigrationType must be one of full-load, cdc, .*replay"):
        account.task(MigrationType="replay")


def test_a_serverless_replication_has_one_of_the_types_of_tasks(account: DmsAccount) -> None:
    with pytest.raises(ClientError, match=r"ReplicationType must be one of full-load, .*replay"):
        account.config(ReplicationType="replay")


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"FullLoadSetings": {}}, "FullLoadSetings"),
        ({"Logging": {"EnableLogging": True, "Loud": True}}, "Logging.Loud"),
    ],
)
def test_settings_that_are_not_known_are_refused(
    account: DmsAccount, given: dict[str, object], named: str
) -> None:
    with pytest.raises(ClientError, match=f"Unknown task settings: {named}\\."):
        account.task(ReplicationTaskSettings=json.dumps(given))
