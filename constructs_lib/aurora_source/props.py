"""Props of the MySQL database whose changes are captured."""

import re
from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from constructs_lib.aurora_source.offered import (
    DEFAULT_VERSION,
    SERVERLESS_CAPACITY,
    offered_class,
    offered_version,
    release_of,
    serverless_problem,
)
from constructs_lib.customer_key import AwsManagedEncryption, Encryption, KmsKeyArn
from constructs_lib.dms.vocabulary import SourceEngine
from constructs_lib.errors import Fault
from constructs_lib.faults import refuse
from constructs_lib.network import Ipv4Cidr, SecurityGroupId
from constructs_lib.props import (
    Duration,
    Form,
    Props,
    default_kind,
    different,
    plain_hyphens,
    whole_days,
    whole_hours,
)
from constructs_lib.windows import DailyWindow, WeeklyWindow, windows_overlap

SecretArn = Annotated[
    str,
    Field(
        pattern=r"^arn:aws[a-z-]*:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@-]+-[A-Za-z0-9]{6}$"
    ),
]
"""Whole ARN of a secret, with the six characters at its end."""

# Aurora adds `-reader-15` to name an instance, which may have 63 characters as well:
# https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html
ClusterName = Annotated[
    str, Field(pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$", min_length=1, max_length=53)
]
"""1 to 53 lower-case letters, digits and single hyphens, a letter first; the instances' names add
up to ten to Aurora's 63."""

EngineVersion = Annotated[
    str,
    Field(pattern=r"^[0-9]+\.[0-9]+\.mysql_aurora\.[0-9]+\.[0-9]+\.[0-9]+$"),
    AfterValidator(offered_version),
]
"""MySQL's version and Aurora's, such as 8.0.mysql_aurora.3.10.4."""

# What Aurora MySQL keeps for itself, in whatever case:
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.MasterAccounts.html
_RESERVED_USERS = ("mysql", "rdsadmin", "rdsproxyadmin", "rdsrepladmin", "root")
_RESERVED_DATABASES = ("information_schema", "mysql", "performance_schema", "rdsadmin", "sys")


def _not_one_of(reserved: tuple[str, ...]) -> AfterValidator:
    def check(name: str) -> str:
        if name.lower() in reserved:
            raise ValueError(
                f"is reserved by Aurora MySQL: choose another name than {', '.join(reserved)}"
            )
        return name

    return AfterValidator(check)


MasterUsername = Annotated[
    str, Field(pattern=r"^[A-Za-z][A-Za-z0-9]{0,15}$"), _not_one_of(_RESERVED_USERS)
]
"""1 to 16 letters and digits, a letter first, and no name that Aurora reserves:
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html"""

DatabaseName = Annotated[
    str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,63}$"), _not_one_of(_RESERVED_DATABASES)
]
"""1 to 64 letters, digits and `_`, a letter first, and no schema of MySQL's own."""

SnapshotIdentifier = Annotated[
    str,
    Form(
        r"^((rds:|awsbackup:)?[A-Za-z][A-Za-z0-9-]{0,254}"
        r"|arn:aws[a-z-]*:rds:[a-z0-9-]+:[0-9]{12}:(cluster-snapshot|snapshot):[A-Za-z0-9:-]{1,255})$",
        "the name of a snapshot, up to 255 letters, digits and `-`, or its ARN",
    ),
    AfterValidator(plain_hyphens),
]
"""Name of a cluster snapshot, or its ARN when another account shares it."""

InstanceClass = Annotated[
    str, Field(pattern=r"^db\.[a-z0-9-]+\.[a-z0-9]+$"), AfterValidator(offered_class)
]
"""Instance class, such as db.r7g.large."""

# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_PerfInsights.Overview.Engines.html
_WITHOUT_INSIGHTS = ("db.t2.", "db.t3.", "db.t4g.micro", "db.t4g.small")

Port = Annotated[int, Field(ge=1150, le=65535)]
"""TCP port of an Aurora cluster, 1150 to 65535:
https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html"""

LogExport = Literal["audit", "error", "general", "slowquery"]

_LOGS = (
    "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/"
    "AuroraMySQL.Integrating.CloudWatch.html"
)
# the error log alone is written by default; an audit without events writes nothing:
# https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Auditing.html
_SWITCHED_ON_BY: dict[LogExport, dict[str, str]] = {
    "audit": {"server_audit_logging": "1", "server_audit_events": "CONNECT,QUERY_DDL"},
    "general": {"general_log": "1"},
    "slowquery": {"slow_query_log": "1"},
}
_OFF = ("", "0", "off")

# https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html
BINLOG_PARAMETERS = {
    "binlog_checksum": "NONE",
    "binlog_format": "ROW",
    "binlog_row_image": "FULL",
}
"""What DMS needs of the binary log."""

TLS_PARAMETER = "require_secure_transport"


# What DMS cannot read, each with the values that switch it off:
# https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html#CHAP_Source.MySQL.Limitations
_BREAKS_CAPTURE = {
    "binlog_transaction_compression": ("0", "off", "false"),
    "binlog_row_value_options": ("",),
}


ParameterName = Annotated[
    str,
    Form(
        r"^[a-z][a-z0-9_.-]{0,254}$",
        "the name of a parameter, such as max_connections: lower-case letters, digits, `_`, `.` "
        "and `-`, beginning with a letter",
    ),
]
"""Name of a cluster parameter, in lower case: RDS takes it in any case, and one parameter in two
of them would have two values."""


def _no_parameter_of_ours(value: object) -> object:
    if not isinstance(value, dict):
        return value
    # before the names' form is looked at, as this says more; MySQL takes `-` for `_`
    given = {str(name).lower().replace("-", "_"): str(name) for name in value}
    ours = sorted(given[name] for name in {*BINLOG_PARAMETERS, TLS_PARAMETER} & given.keys())
    if ours:
        raise ValueError(
            f"sets {', '.join(ours)}: DMS needs binlog_format=ROW, binlog_row_image=FULL and "
            f"binlog_checksum=NONE, and {TLS_PARAMETER} is the prop tls_required: leave them out. "
            "Source: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html"
        )
    breaking = sorted(
        name
        for name, harmless in _BREAKS_CAPTURE.items()
        if name in given and str(value[given[name]]).strip().lower() not in harmless
    )
    if breaking:
        raise ValueError(
            f"sets {', '.join(f'{given[name]}={value[given[name]]}' for name in breaking)}: DMS "
            "reads neither compressed transactions nor parts of JSON documents in the binary log, "
            "and would miss changes: leave them out. "
            "Source: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html"
        )
    return value


BinlogRetention = Annotated[Duration, whole_hours(1, 2160)]
"""1 to 2160 whole hours:
https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/mysql-stored-proc-configuring.html"""


_LEAST_ACU = min(each.least for each in SERVERLESS_CAPACITY.value)
_MOST_ACU = max(each.most for each in SERVERLESS_CAPACITY.value)


class ServerlessCapacity(Props):
    """Aurora Serverless v2: every instance's capacity follows its load.

    A unit (ACU) is about 2 GiB of memory with its share of processor and network:
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-serverless-v2.setting-capacity.html
    """

    kind: Literal["serverless"] = "serverless"
    """Capacity that follows the load; paid by ACU and second."""

    min_acu: Annotated[float, Field(ge=_LEAST_ACU, le=_MOST_ACU, multiple_of=0.5)] = 0.5
    """Least capacity of an instance, 0 (from Aurora MySQL 3.08 on) or 0.5 to 256 in steps of 0.5.
    Default: 0.5. With 0 an instance without connections pauses, which one with a running DMS task
    never is."""

    max_acu: Annotated[float, Field(ge=1, le=_MOST_ACU, multiple_of=0.5)] = 4
    """Greatest capacity of an instance, 1 to 256 in steps of 0.5; before Aurora MySQL 3.06 to 128.
    Default: 4. It also decides how many connections the database takes."""

    @model_validator(mode="after")
    def _least_is_not_most(self) -> Self:
        if self.min_acu > self.max_acu:
            raise ValueError(
                f"min_acu {self.min_acu:g} is more than max_acu {self.max_acu:g}: raise max_acu or "
                "lower min_acu"
            )
        return self


class InstanceCapacity(Props):
    """Instances of a fixed size."""

    kind: Literal["provisioned"]
    """Instances of a fixed size; paid by the hour."""

    instance_class: InstanceClass
    """Class of every instance, such as db.r7g.large."""


Capacity = Annotated[
    ServerlessCapacity | InstanceCapacity,
    Field(discriminator="kind"),
    default_kind("serverless"),
]
"""`kind: serverless` (the default), or `kind: provisioned` with its `instance_class`."""


class DmsCredentials(Props):
    """A secret of your own with the credentials of a user made for DMS."""

    secret_arn: SecretArn
    """ARN of the secret: JSON with username, password, host and port."""

    key_arn: KmsKeyArn | None = None
    """ARN of the customer key that encrypts the secret. Default: AWS's own key does."""


class ClusterProps(Props):
    """What the props of a new cluster and of one from a snapshot have in common."""

    name: ClusterName | None = None
    """Identifier of the cluster. Default: derived from the construct's path. Changing it replaces
    the cluster."""

    engine_version: EngineVersion = DEFAULT_VERSION.value
    """Version of Aurora MySQL; its parameter group's family follows from it. Minor upgrades come
    by changing this, never by themselves: AWS would otherwise upgrade and the next plan try to
    downgrade. Versions:
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraMySQLReleaseNotes/Welcome.html"""

    capacity: Capacity = ServerlessCapacity()
    """Size of the instances. Default: serverless, 0.5 to 4 ACU."""

    readers: Annotated[int, Field(ge=0, le=15)] = 0
    """Instances beside the writer, 0 to 15. Default: none; with one, the cluster survives the
    loss of its writer in about a minute. Source:
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/CHAP_Limits.html"""

    port: Port = 3306
    """TCP port. Changing it gives the master user a new password too: the secret holds both."""

    backup_retention: Annotated[Duration, whole_days(1, 35)] = timedelta(days=7)
    """How long automatic backups are kept, 1 to 35 whole days. Default: 7 days. Source:
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Aurora.Managing.Backups.html"""

    preferred_backup_window: DailyWindow | None = None
    """When backups are taken, in UTC, such as 03:00-03:30. Default: AWS picks half an hour."""

    preferred_maintenance_window: WeeklyWindow | None = None
    """When AWS maintains the cluster, in UTC, such as sun:04:00-sun:04:30. Default: AWS picks
    half an hour. It must not overlap the backup window."""

    tls_required: bool = True
    """Whether connections without TLS are refused (`require_secure_transport`). Default: they are;
    the DMS endpoint must then use an SSL mode other than `none`."""

    parameters: Annotated[dict[ParameterName, str], BeforeValidator(_no_parameter_of_ours)] = {}
    """Further cluster parameters and their values, applied when the instances restart. Default:
    none beyond those DMS needs."""

    data_api: bool | None = None
    """Whether the RDS Data API is on, by which whoever may read the master user's secret runs SQL
    without a way into the VPC: `binlog_retention_sql`, for one. Default: it is, where Aurora has
    it: from Aurora MySQL 3.07 on, and not for instance classes of the kind db.t. A cluster from a
    snapshot has it off by default: a restore does not switch it on, so `true` takes a second
    deployment. Source:
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.html"""

    log_exports: Annotated[tuple[LogExport, ...], AfterValidator(different)] = ()
    """Logs sent to CloudWatch Logs. Default: none. All but `error` must be switched on among the
    `parameters`, too: `audit` with `server_audit_logging` and `server_audit_events`, `general` with
    `general_log`, `slowquery` with `slow_query_log`. Source:
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Integrating.CloudWatch.html
    """

    performance_insights: bool = False
    """Whether Performance Insights collects, for 7 days. Default: no; the smallest instance
    classes don't have it."""

    password_version: Annotated[int, Field(ge=1, le=9999)] = 1
    """Raise it to give the master user a new password, in the cluster and in the secret. Default:
    1. Raise it too after an apply that stopped between the two."""

    dms_credentials: DmsCredentials | None = None
    """Secret that DMS reads in place of the master user's. Default: DMS logs in as the master
    user. `dms_user_sql` is the SQL for a user with fewer rights."""

    binlog_retention: BinlogRetention = timedelta(hours=24)
    """How long the binary log is kept, 1 to 2160 whole hours. Default: 24 hours. It is the time a
    stopped task has before changes are lost. Aurora takes it only as SQL, which the source gives
    as `binlog_retention_sql`; it is no part of a plan."""

    deletion_protection: bool = True
    """Whether both AWS and Terraform refuse to destroy the cluster, and Terraform its key.
    Default: they refuse. A final snapshot is taken in any case."""

    apply_immediately: bool = False
    """Whether changes that interrupt the database are made at once. Default: in the next
    maintenance window."""

    @model_validator(mode="after")
    def _backup_beside_maintenance(self) -> Self:
        backup, maintenance = self.preferred_backup_window, self.preferred_maintenance_window
        if backup and maintenance and windows_overlap(backup, maintenance):
            problem = (
                f"overlaps preferred_maintenance_window, {maintenance}, which RDS refuses: move "
                "one of the two (https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/"
                "API_CreateDBCluster.html)"
            )
            refuse(self, [Fault("preferred_backup_window", problem, backup)])
        return self

    @model_validator(mode="after")
    def _what_is_exported_is_written(self) -> Self:
        faults = []
        for log in self.log_exports:
            missing = [
                f"{parameter}: {value!r}"
                for parameter, value in _SWITCHED_ON_BY.get(log, {}).items()
                if self.parameters.get(parameter, "").strip().lower() in _OFF
            ]
            if missing:
                problem = (
                    f"holds {log}, which Aurora writes only when it is switched on: set "
                    f"{' and '.join(missing)} in parameters, or take {log} out ({_LOGS})"
                )
                faults.append(Fault("log_exports", problem, ", ".join(self.log_exports)))
        refuse(self, faults)
        return self

    @model_validator(mode="after")
    def _class_and_version_have_it(self) -> Self:
        faults = []
        size = self.capacity.instance_class if isinstance(self.capacity, InstanceCapacity) else ""
        if self.performance_insights and size.startswith(_WITHOUT_INSIGHTS):
            problem = (
                f"cannot be true with capacity.instance_class {size}, which has no Performance "
                "Insights: leave it out, or choose a larger class such as db.r7g.large "
                "(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/"
                "USER_PerfInsights.Overview.Engines.html)"
            )
            faults.append(Fault("performance_insights", problem, "true"))
        if self.data_api and not self._offers_data_api:
            problem = (
                f"cannot be true with {size or self.engine_version}: Aurora has it from Aurora "
                "MySQL 3.07 on, and not for instance classes of the kind db.t. Leave it out "
                "(https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/data-api.html)"
            )
            faults.append(Fault("data_api", problem, "true"))
        refuse(self, faults)
        return self

    @model_validator(mode="after")
    def _version_has_serverless(self) -> Self:
        if isinstance(self.capacity, ServerlessCapacity):
            least, most = self.capacity.min_acu, self.capacity.max_acu
            if problem := serverless_problem(self.engine_version, least, most):
                raise ValueError(problem)
        return self

    @property
    def has_data_api(self) -> bool:
        """`data_api`, or what it is by default."""
        return self._offers_data_api if self.data_api is None else self.data_api

    @property
    def _offers_data_api(self) -> bool:
        is_new_enough = release_of(self.engine_version) >= (3, 7, 0)
        is_burstable = isinstance(
            self.capacity, InstanceCapacity
        ) and self.capacity.instance_class.startswith("db.t")
        return is_new_enough and not is_burstable

    @property
    def parameter_group_family(self) -> str:
        """Family of the cluster's parameter group, such as aurora-mysql8.0."""
        return f"aurora-mysql{self.engine_version.partition('.mysql_aurora.')[0]}"


class AuroraSourceProps(ClusterProps):
    """Props of an `AuroraSource` that starts empty."""

    kind: Literal["new"] = "new"
    """A cluster that starts empty."""

    database_name: DatabaseName | None = None
    """Schema to create with the cluster. Default: none. Changing it replaces the cluster."""

    master_username: MasterUsername = "admin"
    """Name of the master user. Default: admin. Changing it replaces the cluster."""

    encryption: Encryption = AwsManagedEncryption()
    """Key for the storage, the secret and Performance Insights. Default: the keys AWS manages. The
    storage is always encrypted; changing its key replaces the cluster."""


class SnapshotSourceProps(ClusterProps):
    """Props of an `AuroraSource` restored from a snapshot, with its master user and schemas.

    The master user gets a new password.
    """

    kind: Literal["snapshot"]
    """A cluster restored from a snapshot."""

    snapshot_identifier: SnapshotIdentifier
    """Name or ARN of the cluster snapshot. Later changes are ignored, as the snapshot only decides
    what the cluster starts with; a cluster that is replaced is restored from the one named then.
    An older version may be restored into a newer `engine_version` where Aurora allows the upgrade:
    https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/aurora-restore-snapshot.html"""

    encryption: Encryption | None = None
    """Key for the storage, the secret and Performance Insights. Default: the storage keeps the
    snapshot's own key, and the others have the keys AWS manages. `kind: aws` changes the storage
    to the key AWS manages (`aws/rds`), `kind: customer` to a key of yours. A snapshot that is not
    encrypted needs one of the two: without it the deployment ends once the cluster is there,
    before DMS reads it. Changing the key afterwards replaces the cluster. Source:
    https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_RestoreDBClusterFromSnapshot.html
    """

    @property
    def has_data_api(self) -> bool:
        """`data_api`; off by default, as the call that restores a cluster has no such argument."""
        return bool(self.data_api)


_HOST = r"^[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*\.?$"


def _another_host(host: str) -> str:
    try:
        address = ip_address(host)
    except ValueError:
        is_own = host.lower().rstrip(".") == "localhost"
    else:
        is_own = address.is_loopback or address.is_unspecified or address.is_link_local
    if is_own:
        raise ValueError(
            "is no host that DMS reaches: for it, this is the replication instance itself. Name "
            "the database's host as the VPC knows it"
        )
    return host


class ImportedSourceProps(Props):
    """Props of a database that exists already: Aurora, RDS or one of your own.

    Its parameters and its user for DMS are yours to set; `binlog_retention_sql` and
    `dms_user_sql` give the statements.
    """

    kind: Literal["existing"]
    """A database that exists already."""

    engine_name: SourceEngine = "aurora"
    """What DMS calls it: `aurora` for Aurora MySQL (the default), `mysql` or `mariadb`."""

    host: Annotated[
        str,
        Field(pattern=_HOST, max_length=253),
        AfterValidator(_another_host),
    ]
    """Name or address of the host: of an Aurora cluster its writer endpoint."""

    port: Annotated[int, Field(ge=1, le=65535)] = 3306
    """TCP port. Default: 3306."""

    secret_arn: SecretArn
    """ARN of the secret DMS logs in with: JSON with username, password, host and port, the last
    two as given here. A secret that RDS manages holds only the first two, so it won't do. Source:
    https://docs.aws.amazon.com/dms/latest/userguide/security_iam_secretsmanager.html"""

    key_arn: KmsKeyArn | None = None
    """ARN of the customer key that encrypts the secret. Default: AWS's own key does."""

    security_group_id: SecurityGroupId | None = None
    """Security group of the database; a rule that lets DMS in on `port` is added to it, so it must
    not be one whose rules are written inline elsewhere. Default: `cidr` is given."""

    cidr: Ipv4Cidr | None = None
    """Addresses DMS is let out to on `port`, for a database whose own rules are somebody else's
    or that is no neighbour in the VPC. Default: `security_group_id` is given."""

    tls_required: bool = False
    """Whether the database refuses connections without TLS. Default: it takes both."""

    binlog_retention: BinlogRetention = timedelta(hours=24)
    """How long the binary log shall be kept, as whole hours: 1 to 2160 in Aurora, to 168 in RDS.
    Default: 24 hours. It is used for `binlog_retention_sql` only."""

    @model_validator(mode="after")
    def _writes_the_binary_log(self) -> Self:
        if re.search(r"\.cluster-ro-", self.host):
            writer = self.host.replace(".cluster-ro-", ".cluster-")
            raise ValueError(
                f"host {self.host} is Aurora's reader endpoint, and DMS reads changes from the "
                f"binary log, which only the writer has: give the writer endpoint, {writer}. "
                "Source: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html"
            )
        return self

    @model_validator(mode="after")
    def _one_way_in(self) -> Self:
        if (self.security_group_id is None) == (self.cidr is None):
            raise ValueError(
                "give security_group_id or cidr, and one only: DMS is let out to the database "
                "there, and to nothing else"
            )
        return self

    @model_validator(mode="after")
    def _rds_keeps_a_week(self) -> Self:
        rds = self.engine_name != "aurora" and self.managed_by_rds
        if rds and self.binlog_retention > timedelta(hours=168):
            raise ValueError(
                "binlog_retention must be 168 hours at most for a database of RDS: shorten it. "
                "Source: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/"
                "mysql-stored-proc-configuring.html"
            )
        return self

    @property
    def managed_by_rds(self) -> bool:
        """Whether Aurora or RDS runs the database, by its engine or the name of its host."""
        return self.engine_name == "aurora" or bool(
            re.search(r"\.rds\.amazonaws\.com(\.cn)?$", self.host)
        )


AnySourceProps = Annotated[
    AuroraSourceProps | SnapshotSourceProps | ImportedSourceProps,
    Field(discriminator="kind"),
    default_kind("new"),
]
"""`kind: new` (the default where `kind` is left out), `kind: snapshot` or `kind: existing`."""
