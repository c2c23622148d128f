"""A task with its endpoints beside a delivery, on the embedded AWS, without Terraform."""

import json
import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from dms_stream import local_aws
from dms_stream.messages import decode
from dms_stream.rehearsal.delivery import Clients
from dms_stream.rehearsal.deployed_task import DeployedTask, read_task
from dms_stream.rehearsal.run import Rehearsal
from dms_stream.rehearsal.source.database import (
    Connection,
    DatabaseAddress,
    current_position,
    execute,
    log_files,
    variables,
)
from tests.support.delivery_setup import NEWLINE, ROLE, Deployed, processing
from tests.support.dms_account import DmsAccount
from tests.support.waiting import until

Json = dict[str, Any]

# https://dev.mysql.com/doc/refman/9.0/en/vector.html
_FIRST_WITH_VECTOR = 9


def selection(schema: str, table: str = "%", *, number: int = 1, **more: Any) -> Json:
    """A selection rule."""
    return {
        "rule-type": "selection",
        "rule-id": str(number),
        "rule-name": f"select-{number}",
        "rule-action": "include",
        "object-locator": {"schema-name": schema, "table-name": table},
        **more,
    }


def renamed_to(target: str, tables: Sequence[str], *, schema: str, first: int = 100) -> list[Json]:
    """Rules that make one table of several, numbered from a first."""
    return [
        {
            "rule-type": "transformation",
            "rule-id": str(number),
            "rule-name": f"rename-{number}",
            "rule-target": "table",
            "rule-action": "rename",
            "object-locator": {"schema-name": schema, "table-name": table},
            "value": target,
        }
        for number, table in enumerate(tables, first)
    ]


@dataclass
class Pipeline:
    """Stream, bucket, delivery stream, endpoints and task under names of its own."""

    url: str
    role: str
    arn: str = ""
    before_image_field: str = "before-image"
    delivery: Deployed = field(init=False)

    def __post_init__(self) -> None:
        """Names, nothing deployed yet."""
        self.clients = Clients.of(local_aws.session(), endpoint_url=self.url)
        self.delivery = Deployed(self.clients, self.role)
        self.dms: Any = local_aws.client("dms", self.url)

    def deploy(
        self,
        rules: Sequence[Json],
        *,
        settings: Json | None = None,
        kinesis: Json | None = None,
        migration_type: str = "full-load-and-cdc",
        source: Json | None = None,
        cdc_start_position: str | None = None,
        is_serverless: bool = False,
        delivers: bool = True,
        destination: Json | None = None,
    ) -> None:
        """Make everything; without a delivery, if that is not asked for."""
        image = (settings or {}).get("BeforeImageSettings", {})
        self.before_image_field = image.get("FieldName", self.before_image_field)
        if delivers:
            self.delivery.deploy(
                **(
                    destination
                    or {
                        **processing(**NEWLINE),
                        "BufferingHints": {"SizeInMBs": 5, "IntervalInSeconds": 60},
                        "CompressionFormat": "GZIP",
                    }
                )
            )
        else:
            self.delivery.deploy_stream()
        stream = self.clients.kinesis.describe_stream_summary(StreamName=self.delivery.name)
        name = f"t{uuid.uuid4().hex[:12]}"
        from_ = self.dms.create_endpoint(
            EndpointIdentifier=f"{name}-s",
            EndpointType="source",
            EngineName="aurora",
            **(source or {}),
        )
        to = self.dms.create_endpoint(
            EndpointIdentifier=f"{name}-t",
            EndpointType="target",
            EngineName="kinesis",
            KinesisSettings={
                "StreamArn": stream["StreamDescriptionSummary"]["StreamARN"],
                "MessageFormat": "json-unformatted",
                "ServiceAccessRoleArn": self.role,
                "UseLargeIntegerValue": True,
                **(kinesis or {}),
            },
        )
        both = {
            "SourceEndpointArn": from_["Endpoint"]["EndpointArn"],
            "TargetEndpointArn": to["Endpoint"]["EndpointArn"],
            "TableMappings": json.dumps({"rules": list(rules)}),
        }
        group = instance(self.url)["ReplicationSubnetGroup"]["ReplicationSubnetGroupIdentifier"]
        if is_serverless:
            config = self.dms.create_replication_config(
                ReplicationConfigIdentifier=name,
                ReplicationType=migration_type,
                ComputeConfig={"MaxCapacityUnits": 4, "ReplicationSubnetGroupId": group},
                ReplicationSettings=json.dumps(settings or {}),
                **both,
            )
            self.arn = config["ReplicationConfig"]["ReplicationConfigArn"]
            return
        made = self.dms.create_replication_task(
            ReplicationTaskIdentifier=name,
            ReplicationInstanceArn=instance(self.url)["ReplicationInstanceArn"],
            MigrationType=migration_type,
            ReplicationTaskSettings=json.dumps(settings or {}),
            **both,
            **({"CdcStartPosition": cdc_start_position} if cdc_start_position else {}),
        )
        self.arn = made["ReplicationTask"]["ReplicationTaskArn"]

    @property
    def task(self) -> DeployedTask:
        """What DMS says of it."""
        return read_task(self.dms, self.arn)

    @property
    def process_environment(self) -> Mapping[str, str]:
        """For its processes."""
        return local_aws.process_environment(self.url)

    def rehearsal(self, folder: Path, **more: Any) -> Rehearsal:
        """A rehearsal of it."""
        return Rehearsal(
            environment="test",
            pipeline="test",
            task_arn=self.arn,
            delivery_stream=self.delivery.name,
            process_environment=self.process_environment,
            folder=folder,
            **more,
        )

    def records(self) -> list[Json]:
        """What is on the stream, by time stamp."""
        found = [json.loads(text) for text in self.texts()]
        return sorted(found, key=lambda record: str(record["metadata"]["timestamp"]))

    def texts(self) -> Iterator[str]:
        """What is on the stream, as it is: each a record that our own messages can read."""
        for text in self._texts():
            decode(text, before_image_field=self.before_image_field)
            yield text

    def _texts(self) -> Iterator[str]:
        kinesis, name = self.clients.kinesis, self.delivery.name
        for shard in kinesis.list_shards(StreamName=name)["Shards"]:
            at = kinesis.get_shard_iterator(
                StreamName=name, ShardId=shard["ShardId"], ShardIteratorType="TRIM_HORIZON"
            )["ShardIterator"]
            while records := (answer := kinesis.get_records(ShardIterator=at))["Records"]:
                yield from (record["Data"].decode() for record in records)
                at = answer["NextShardIterator"]

    def data(self, *operations: str) -> list[Json]:
        """`data` of the records with these operations."""
        return [
            record["data"]
            for record in self.records()
            if record["metadata"]["operation"] in operations
        ]


def make_role(url: str) -> str:
    """A role for everything."""
    iam: Any = local_aws.client("iam", url)
    made = iam.create_role(RoleName="rehearsal", AssumeRolePolicyDocument=json.dumps(ROLE))
    allow_decryption(url)
    return str(made["Role"]["Arn"])


def allow_decryption(url: str) -> None:
    """Let that role decrypt with every key."""
    statement = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": "*"}
    iam: Any = local_aws.client("iam", url)
    iam.put_role_policy(
        RoleName="rehearsal",
        PolicyName="decrypt",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def forbid_decryption(url: str) -> None:
    """Take that away."""
    iam: Any = local_aws.client("iam", url)
    iam.delete_role_policy(RoleName="rehearsal", PolicyName="decrypt")


def instance(url: str) -> Json:
    """The replication instance, made when it is first asked for."""
    account = DmsAccount(lambda service: local_aws.client(service, url))
    if not account.dms.describe_replication_instances()["ReplicationInstances"]:
        account.vpc_role()
        account.subnet_group()
        account.instance()
    (found,) = account.dms.describe_replication_instances()["ReplicationInstances"]
    return dict(found)


@dataclass(frozen=True)
class Source:
    """A schema of its own on the tests' database."""

    administrator: DatabaseAddress
    dms: DatabaseAddress
    schema: str


def numbers(count: int) -> str:
    """What to select `seq` from 1 to `count` from, on MariaDB and MySQL in one statement."""
    array = f"CONCAT('[', REPEAT('0,', {count - 1}), '0]')"
    return f"JSON_TABLE({array}, '$[*]' COLUMNS (seq FOR ORDINALITY)) AS numbers"


def server(connection: Connection) -> tuple[str, int]:
    """MariaDB or MySQL, and its major version."""
    ((version,),) = execute(connection, "SELECT VERSION()")
    return ("MariaDB" if "MariaDB" in version else "MySQL"), int(version.partition(".")[0])


def skip_without(connection: Connection, variable: str) -> None:
    """Skip a test of what only the other server has."""
    if variable not in variables(connection):
        product, version = server(connection)
        pytest.skip(f"{product} {version} has no {variable}")


def skip_without_vector(connection: Connection) -> None:
    """Skip a test of MySQL's type VECTOR."""
    product, version = server(connection)
    if product != "MySQL" or version < _FIRST_WITH_VECTOR:
        pytest.skip(f"{product} {version} has no VECTOR")


def purge_log(connection: Connection) -> None:
    """Remove all of the source's log but its newest file."""
    now = current_position(connection).file

    def is_purged() -> bool:
        # the server keeps what it still sends to a reader, which it may not have missed yet
        execute(connection, f"PURGE BINARY LOGS TO '{now}'")
        return log_files(connection) == [now]

    until(is_purged)
