"""The MySQL database whose changes are captured: `AuroraSource`."""

from typing import TYPE_CHECKING

from constructs_lib.lazy import lazy_exports

if TYPE_CHECKING:
    from constructs_lib.aurora_source.construct import (
        AuroraSource,
        ImportedSource,
        ISource,
    )
    from constructs_lib.aurora_source.props import (
        AnySourceProps,
        AuroraSourceProps,
        Capacity,
        ClusterProps,
        DmsCredentials,
        ImportedSourceProps,
        InstanceCapacity,
        SecretArn,
        ServerlessCapacity,
        SnapshotSourceProps,
    )
    from constructs_lib.aurora_source.sql import (
        DMS_USER,
        PASSWORD_PLACEHOLDER,
        binlog_retention_sql,
        dms_user_sql,
    )
else:
    lazy_exports(__name__, "props", "sql", "construct")

__all__ = [
    "DMS_USER",
    "PASSWORD_PLACEHOLDER",
    "AnySourceProps",
    "AuroraSource",
    "AuroraSourceProps",
    "Capacity",
    "ClusterProps",
    "DmsCredentials",
    "ISource",
    "ImportedSource",
    "ImportedSourceProps",
    "InstanceCapacity",
    "SecretArn",
    "ServerlessCapacity",
    "SnapshotSourceProps",
    "binlog_retention_sql",
    "dms_user_sql",
]
