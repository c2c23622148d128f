"""The collaborators of a replication, and a stack with one."""

from collections.abc import Sequence
from typing import Any, ClassVar

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.bindings import aws
from constructs_lib.change_stream import ChangeStream
from constructs_lib.construct import Construct
from constructs_lib.dms.vocabulary import SourceEngine
from constructs_lib.dms_replication import (
    DmsReplication,
    DmsReplicationProps,
    NoTls,
    SourceEndpointProps,
    TableMappings,
)
from constructs_lib.iam import Grant, IRole, Statement, grant
from tests.support.synth import Json, synth

SECRET_ARN = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:source-AbCdEf"
TABLES = TableMappings(tables=("dms_sample.ticket_purchase_hist",))


class FakeNetwork(Construct):
    """Two subnets, and a route without which nothing works."""

    vpc_id = "vpc-1"
    subnet_ids: ClassVar[list[str]] = ["subnet-1", "subnet-2"]
    replication_security_group_id = "sg-1"
    database_security_group_id = "sg-2"
    secrets_manager_endpoint = None
    endpoints_security_group_id = None

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        self.dependencies = [aws.route_table.RouteTable(self, "routes", vpc_id="vpc-1")]

    def allow_replication_to_database(
        self, *, port: int, security_group_id: str | None = None, cidr: str | None = None
    ) -> list[Any]:
        """Nothing stands in the way here."""
        del port, security_group_id, cidr
        return []


class FakeSource(Construct):
    """An Aurora cluster whose secret has a value."""

    engine_name: SourceEngine = "aurora"
    host = "db.example.com"
    port = 3306
    secret_arn = SECRET_ARN
    secret_key = None
    tls_required = False
    resource = None
    binlog_retention_sql: ClassVar[list[str]] = []

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        version = aws.secretsmanager_secret_version.SecretsmanagerSecretVersion(
            self, "secret-value", secret_id=SECRET_ARN, secret_string="{}"
        )
        self.dependencies = [version]

    def dms_user_sql(
        self, *, tables: Sequence[tuple[str, str]] = (), schemas: Sequence[str] = ()
    ) -> list[str]:
        """Its user is there already."""
        del tables, schemas
        return []

    def grant_read_credentials(self, role: IRole) -> Grant:
        """Let `role` read the secret."""
        statement = Statement(["secretsmanager:GetSecretValue"], [SECRET_ARN])
        return grant(self, role, "read", [statement])


def props(**given: Any) -> DmsReplicationProps:
    """Props with what is required, and `given`."""
    source_endpoint = SourceEndpointProps(tls=NoTls(kind="none"))
    required: dict[str, Any] = {"table_mappings": TABLES, "source_endpoint": source_endpoint}
    return DmsReplicationProps(**required | given)


def add_replication(
    stack: ReadableAddressStack, id_: str = "tickets", **given: Any
) -> DmsReplication:
    """A replication with all it needs, below `id_`."""
    scope = Construct(stack, id_)
    return DmsReplication(
        scope,
        "replication",
        props=props(**given),
        network=FakeNetwork(scope, "network"),
        source=FakeSource(scope, "source"),
        stream=ChangeStream(scope, "stream"),
    )


def synth_replication(**given: Any) -> Json:
    """The Terraform JSON of a stack with one replication."""
    return synth(lambda stack: add_replication(stack, **given))
