"""The MySQL database whose changes are captured."""

from collections.abc import Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any, Protocol

from constructs_lib.aurora_source.password import EphemeralPassword
from constructs_lib.aurora_source.props import (
    BINLOG_PARAMETERS,
    TLS_PARAMETER,
    AuroraSourceProps,
    ClusterProps,
    ImportedSourceProps,
    ServerlessCapacity,
    SnapshotSourceProps,
)
from constructs_lib.aurora_source.sql import binlog_retention_sql, dms_user_sql
from constructs_lib.bindings import aws, cdktf
from constructs_lib.construct import Construct
from constructs_lib.customer_key import AwsManagedEncryption, CustomerKey, IKey, KeyUse, key_for
from constructs_lib.dms.vocabulary import SourceEngine
from constructs_lib.iam import Grant, IRole, Statement, grant
from constructs_lib.naming import physical_name
from constructs_lib.network import INetwork
from constructs_lib.terraform_text import literal_map

_ENGINE = "aurora-mysql"
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
_IDENTIFIER_MAX_LENGTH = 63
_LONGEST_INSTANCE_SUFFIX = "-reader-15"
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBClusterParameterGroup.html
_GROUP_NAME_MAX_LENGTH = 255
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Security.html
_FAMILY_WITHOUT_TLS = "aurora-mysql8.0"
# https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_CreateSecret.html
_SECRET_NAME_MAX_LENGTH = 512
_LENGTH_OF_UNIQUE_ENDING = 26


class ISource(Protocol):
    """A database DMS reads: `AuroraSource`, one that exists already, or anything alike."""

    @property
    def engine_name(self) -> SourceEngine:
        """What DMS calls the engine."""

    @property
    def host(self) -> str:
        """Host that writes the binary log."""

    @property
    def port(self) -> int:
        """TCP port."""

    @property
    def secret_arn(self) -> str:
        """ARN of the secret DMS logs in with: username, password, host and port."""

    @property
    def secret_key(self) -> IKey | None:
        """The customer key that encrypts the secret, None for AWS's own."""

    @property
    def tls_required(self) -> bool:
        """Whether the database refuses connections without TLS."""

    @property
    def dependencies(self) -> list[Any]:
        """What must be there before DMS connects."""

    @property
    def resource(self) -> Any | None:
        """The `aws_rds_cluster`, None where the database exists already."""

    @property
    def binlog_retention_sql(self) -> list[str]:
        """Statements that keep the binary log as long as the props say."""

    def dms_user_sql(
        self, *, tables: Sequence[tuple[str, str]] = (), schemas: Sequence[str] = ()
    ) -> list[str]:
        """Statements that make a user with the rights DMS needs."""

    def grant_read_credentials(self, role: IRole) -> Grant:
        """Let `role` read the secret, its key included."""


class _Source(Construct):
    """What an owned and an imported source have in common."""

    _network: INetwork
    _secret_arn: str
    _secret_key: IKey | None = None
    _port: int
    _tls_required: bool
    _binlog_retention: timedelta
    _managed_by_rds = True

    @property
    def port(self) -> int:
        """TCP port."""
        return self._port

    @property
    def secret_arn(self) -> str:
        """ARN of the secret DMS logs in with: username, password, host and port."""
        return self._secret_arn

    @property
    def secret_key(self) -> IKey | None:
        """The customer key that encrypts the secret, None for AWS's own."""
        return self._secret_key

    @property
    def tls_required(self) -> bool:
        """Whether the database refuses connections without TLS."""
        return self._tls_required

    @property
    def binlog_retention_sql(self) -> list[str]:
        """Statements that keep the binary log as long as the props say."""
        return binlog_retention_sql(self._binlog_retention, rds=self._managed_by_rds)

    def dms_user_sql(
        self, *, tables: Sequence[tuple[str, str]] = (), schemas: Sequence[str] = ()
    ) -> list[str]:
        """Statements that make a user with the rights DMS needs.

        Args:
            tables: Schema and table, exact names, of the tables DMS reads.
            schemas: Schemas DMS reads all tables of. Default of both: everything.
        """
        return dms_user_sql(tables=tables, schemas=schemas, tls_required=self._tls_required)

    def grant_read_credentials(self, role: IRole) -> Grant:
        """Let `role` read the secret and decrypt it, if a customer's key encrypts it.

        The actions DMS needs:
        https://docs.aws.amazon.com/dms/latest/userguide/security_iam_secretsmanager.html
        """
        given = grant(
            self,
            role,
            "read-credentials",
            [
                Statement(
                    ["secretsmanager:DescribeSecret", "secretsmanager:GetSecretValue"],
                    [self.secret_arn],
                )
            ],
        )
        if self.secret_key is None:
            return given
        # https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html
        use = KeyUse("secretsmanager", {"SecretARN": [self.secret_arn]})
        key = self.secret_key
        return Grant(
            given.policies
            + key.grant_decrypt(role, use=use).policies
            # asked by DMS itself, not by Secrets Manager
            + key.grant_describe(role).policies
        )


class ImportedSource(_Source):
    """An existing database; made by `AuroraSource.from_address`.

    Args:
        scope: Where it belongs.
        id_: Its id.
        network: Where DMS stands, which is let out to the database.
        host: Host that writes the binary log; of a cluster its writer endpoint.
        secret_arn: Secret with username, password, host and port.
        port: TCP port.
        key_arn: Customer key that encrypts the secret; default: AWS's own key does.
        engine_name: What DMS calls the engine.
        security_group_id: Security group of the database, which DMS is let into.
        cidr: Addresses of the database, where its group is somebody else's.
        tls_required: Whether it refuses connections without TLS.
        binlog_retention: What `binlog_retention_sql` asks for.
        managed_by_rds: Whether Aurora or RDS runs it.
    """

    resource: None = None

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        network: INetwork,
        host: str,
        secret_arn: str,
        port: int = 3306,
        key_arn: str | None = None,
        engine_name: SourceEngine = "aurora",
        security_group_id: str | None = None,
        cidr: str | None = None,
        tls_required: bool = False,
        binlog_retention: timedelta = timedelta(hours=24),
        managed_by_rds: bool = True,
    ) -> None:
        super().__init__(scope, id_)
        self._host = host
        self._engine_name = engine_name
        self._port = port
        self._secret_arn = secret_arn
        if key_arn is not None:
            self._secret_key = CustomerKey.from_arn(self, "secret-key", key_arn=key_arn)
        self._tls_required = tls_required
        self._binlog_retention = binlog_retention
        self._managed_by_rds = managed_by_rds
        self._rules = network.allow_replication_to_database(
            port=port, security_group_id=security_group_id, cidr=cidr
        )

    @property
    def engine_name(self) -> SourceEngine:
        """What DMS calls the engine."""
        return self._engine_name

    @property
    def host(self) -> str:
        """Host that writes the binary log."""
        return self._host

    @property
    def dependencies(self) -> list[Any]:
        """What must be there before DMS connects: the rules that let it out and in."""
        return list(self._rules)


class AuroraSource(_Source):
    """An Aurora MySQL cluster that DMS can read changes from, kept when the stack goes.

    The master user's password is drawn while Terraform runs and handed to the cluster and to the
    secret as write-only values: it stands in no state and in no plan.

    Args:
        scope: Where it belongs.
        id_: Its id.
        props: See `AuroraSourceProps` and `SnapshotSourceProps`; default: an empty serverless
            cluster.
        network: Where it stands; DMS is let in there on the cluster's port.

    Attributes:
        resource: The `aws_rds_cluster`, the escape hatch.
        writer: The first `aws_rds_cluster_instance`; after a failover a reader may be the writer.
        readers: The other instances.
        key: The customer key of the storage and the secret, None for AWS's own.
        master_secret_arn: ARN of the master user's secret: the one DMS reads, unless the props
            name another.
    """

    from_address = ImportedSource
    """An existing one, see `ImportedSource`."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        props: AuroraSourceProps | SnapshotSourceProps | None = None,
        network: INetwork,
    ) -> None:
        super().__init__(scope, id_)
        props = props or AuroraSourceProps()
        self._port = props.port
        self._tls_required = props.tls_required
        self._binlog_retention = props.binlog_retention
        self._name = props.name or physical_name(
            self, max_length=_IDENTIFIER_MAX_LENGTH - len(_LONGEST_INSTANCE_SUFFIX)
        )
        self.key = key_for(
            self,
            props.encryption,
            description=f"Aurora cluster {self._name} and its secret",
            deletion_protection=props.deletion_protection,
        )
        # The secret holds the port beside the password, so a change of either writes both anew,
        # in the cluster and in the secret, which would otherwise fall apart.
        version = props.password_version * 100_000 + props.port
        password = EphemeralPassword(self, "password")
        self.resource = self._make_cluster(props, network, password.value, version)
        self.writer = self._make_instance(props, "writer", promotion_tier=0)
        self.readers = [
            # after the writer: Aurora takes the first instance there is for the writer
            self._make_instance(
                props, f"reader-{number}", promotion_tier=number, depends_on=[self.writer]
            )
            for number in range(1, props.readers + 1)
        ]
        self.master_secret_arn, self._secret_version = self._make_secret(password.value, version)
        self._secret_arn, self._secret_key = self.master_secret_arn, self.key
        if props.dms_credentials is not None:
            self._secret_arn = props.dms_credentials.secret_arn
            key_arn = props.dms_credentials.key_arn
            self._secret_key = (
                CustomerKey.from_arn(self, "dms-secret-key", key_arn=key_arn) if key_arn else None
            )
        self._rules = network.allow_replication_to_database(port=props.port)

    @cached_property
    def cluster_identifier(self) -> str:
        """Identifier of the cluster, as a token."""
        return str(self.resource.cluster_identifier)

    @property
    def engine_name(self) -> SourceEngine:
        """What DMS calls the engine: `aurora`."""
        return "aurora"

    @cached_property
    def host(self) -> str:
        """The cluster's writer endpoint, as a token."""
        return str(self.resource.endpoint)

    @property
    def dependencies(self) -> list[Any]:
        """What must be there before DMS connects: the writer, the secret's value, the rules."""
        return [self.writer, self._secret_version, *self._rules]

    def _make_cluster(
        self,
        props: AuroraSourceProps | SnapshotSourceProps,
        network: INetwork,
        password: str,
        password_version: int,
    ) -> Any:
        subnets = aws.db_subnet_group.DbSubnetGroup(
            self,
            "subnets",
            name=physical_name(self, max_length=_GROUP_NAME_MAX_LENGTH),
            description=f"Aurora cluster {self._name}",
            subnet_ids=network.subnet_ids,
        )
        kms_key_id = self.key.key_arn if self.key else None
        database_name = master_username = snapshot_identifier = None
        ignored = ["final_snapshot_identifier"]
        if isinstance(props, SnapshotSourceProps):
            snapshot_identifier = props.snapshot_identifier
            # once it is restored, another snapshot's name would replace the cluster
            ignored.append("snapshot_identifier")
            if isinstance(props.encryption, AwsManagedEncryption):
                kms_key_id = str(
                    aws.data_aws_kms_key.DataAwsKmsKey(self, "rds-key", key_id="alias/aws/rds").arn
                )
        else:
            database_name, master_username = props.database_name, props.master_username
        capacity = props.capacity
        return aws.rds_cluster.RdsCluster(
            self,
            "Resource",
            cluster_identifier=self._name,
            engine=_ENGINE,
            engine_version=props.engine_version,
            snapshot_identifier=snapshot_identifier,
            database_name=database_name,
            master_username=master_username,
            master_password_wo=password,
            master_password_wo_version=password_version,
            port=props.port,
            db_subnet_group_name=subnets.name,
            vpc_security_group_ids=[network.database_security_group_id],
            db_cluster_parameter_group_name=self._make_parameter_group(props).name,
            serverlessv2_scaling_configuration=(
                aws.rds_cluster.RdsClusterServerlessv2ScalingConfiguration(
                    min_capacity=capacity.min_acu, max_capacity=capacity.max_acu
                )
                if isinstance(capacity, ServerlessCapacity)
                else None
            ),
            storage_encrypted=True,
            kms_key_id=kms_key_id,
            backup_retention_period=props.backup_retention.days,
            preferred_backup_window=props.preferred_backup_window,
            preferred_maintenance_window=props.preferred_maintenance_window,
            copy_tags_to_snapshot=True,
            enabled_cloudwatch_logs_exports=sorted(props.log_exports) or None,
            deletion_protection=props.deletion_protection,
            enable_http_endpoint=props.has_data_api,
            apply_immediately=props.apply_immediately,
            skip_final_snapshot=False,
            # Set when the cluster is created and ignored afterwards, so every cluster that ever
            # stood here leaves a snapshot of its own name; a second of one name is refused.
            final_snapshot_identifier=(
                f"{self._name}-final-{cdktf.Fn.formatdate('YYYYMMDDhhmmss', cdktf.Fn.timestamp())}"
            ),
            lifecycle=cdktf.TerraformResourceLifecycle(
                prevent_destroy=props.deletion_protection,
                ignore_changes=ignored,
                postcondition=_encrypted_snapshot(props),
            ),
        )

    def _make_parameter_group(self, props: ClusterProps) -> Any:
        family = props.parameter_group_family
        static = {**BINLOG_PARAMETERS, **literal_map(props.parameters)}
        parameter = aws.rds_cluster_parameter_group.RdsClusterParameterGroupParameter
        parameters = [
            # applied at once, a static parameter would differ in every plan
            parameter(name=name, value=value, apply_method="pending-reboot")
            for name, value in sorted(static.items())
        ]
        # Applied at once, a parameter that equals its default differs in every plan: OFF, which is
        # the default of 8.0, is left out. What it is in later families is open; applied at the
        # restart, neither value differs. https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/rds_cluster_parameter_group.html.markdown
        off_by_default = family == _FAMILY_WITHOUT_TLS
        if props.tls_required or not off_by_default:
            parameters.append(
                parameter(
                    name=TLS_PARAMETER,
                    value="ON" if props.tls_required else "OFF",
                    apply_method="immediate" if off_by_default else "pending-reboot",
                )
            )
        return aws.rds_cluster_parameter_group.RdsClusterParameterGroup(
            self,
            "parameters",
            # With the family in its name a new one can be made before the cluster lets go of the
            # old one, which AWS does not delete while it is in use.
            name=physical_name(
                self,
                max_length=_GROUP_NAME_MAX_LENGTH,
                suffix=f"-{family.replace('.', '-')}",
            ),
            family=family,
            description=f"Aurora cluster {self._name}: binary log for DMS",
            parameter=parameters,
            lifecycle=cdktf.TerraformResourceLifecycle(create_before_destroy=True),
        )

    def _make_instance(self, props: ClusterProps, id_: str, **settings: Any) -> Any:
        capacity = props.capacity
        insights = props.performance_insights
        return aws.rds_cluster_instance.RdsClusterInstance(
            self,
            id_,
            identifier=f"{self._name}-{id_}",
            cluster_identifier=self.resource.id,
            engine=self.resource.engine,
            instance_class=(
                "db.serverless"
                if isinstance(capacity, ServerlessCapacity)
                else capacity.instance_class
            ),
            publicly_accessible=False,
            # the version is pinned: an upgrade by AWS would be a downgrade in the next plan
            auto_minor_version_upgrade=False,
            copy_tags_to_snapshot=True,
            performance_insights_enabled=insights,
            performance_insights_kms_key_id=self.key.key_arn if self.key and insights else None,
            apply_immediately=props.apply_immediately,
            **settings,
        )

    def _make_secret(self, password: str, password_version: int) -> tuple[str, Any]:
        secret = aws.secretsmanager_secret.SecretsmanagerSecret(
            self,
            "secret",
            # A deleted secret keeps its name for 30 days, in which it can be restored: a prefix
            # lets the stack be deployed again meanwhile.
            name_prefix=physical_name(
                self, max_length=_SECRET_NAME_MAX_LENGTH - _LENGTH_OF_UNIQUE_ENDING, suffix="-"
            ),
            description=f"Master user of Aurora cluster {self._name}",
            kms_key_id=self.key.key_arn if self.key else None,
        )
        version = aws.secretsmanager_secret_version.SecretsmanagerSecretVersion(
            self,
            "secret-value",
            secret_id=secret.id,
            secret_string_wo=cdktf.Fn.jsonencode(
                {
                    "username": self.resource.master_username,
                    "password": password,
                    "host": self.resource.endpoint,
                    "port": self.resource.port,
                }
            ),
            secret_string_wo_version=password_version,
            lifecycle=cdktf.TerraformResourceLifecycle(
                # another cluster has another password, though nobody raised the version
                replace_triggered_by=[
                    f"{self.resource.terraform_resource_type}."
                    f"{self.resource.friendly_unique_id}.cluster_resource_id"
                ]
            ),
        )
        return str(secret.arn), version

    @classmethod
    def from_props(
        cls,
        scope: Construct,
        id_: str,
        *,
        props: AuroraSourceProps | SnapshotSourceProps | ImportedSourceProps,
        network: INetwork,
    ) -> "AuroraSource | ImportedSource":
        """The database that a settings file asks for: new, from a snapshot or existing."""
        if isinstance(props, ImportedSourceProps):
            return cls.from_address(
                scope,
                id_,
                network=network,
                host=props.host,
                secret_arn=props.secret_arn,
                port=props.port,
                key_arn=props.key_arn,
                engine_name=props.engine_name,
                security_group_id=props.security_group_id,
                cidr=props.cidr,
                tls_required=props.tls_required,
                binlog_retention=props.binlog_retention,
                managed_by_rds=props.managed_by_rds,
            )
        return cls(scope, id_, props=props, network=network)


def _encrypted_snapshot(props: AuroraSourceProps | SnapshotSourceProps) -> list[Any] | None:
    # only where the key is the snapshot's: RDS leaves a plain snapshot plain
    if not isinstance(props, SnapshotSourceProps) or props.encryption is not None:
        return None
    return [
        cdktf.Postcondition(
            condition="${self.storage_encrypted}",
            error_message=(
                f"The snapshot {props.snapshot_identifier} is not encrypted, and neither is the "
                "cluster restored from it. Set source.encryption to kind: aws or kind: customer, "
                "destroy this cluster, and deploy again."
            ),
        )
    ]
