"""The SQL that prepares a database for DMS: exact statements, run by whoever may.

The password stands as a placeholder: `PASSWORD_PLACEHOLDER`.
"""

from collections.abc import Sequence
from datetime import timedelta

PASSWORD_PLACEHOLDER = "<password>"
DMS_USER = "dms_user"


def binlog_retention_sql(retention: timedelta, *, rds: bool = True) -> list[str]:
    """Keep the binary log this long, so that DMS can catch up after a stop.

    Args:
        retention: Whole hours.
        rds: Whether RDS or Aurora manages the database; otherwise the server's own variable is
            set, which lasts until it restarts unless its configuration file says the same.

    Sources:
        https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/mysql-stored-proc-configuring.html
        https://dev.mysql.com/doc/refman/8.0/en/replication-options-binary-log.html
    """
    if not rds:
        return [f"SET GLOBAL binlog_expire_logs_seconds = {int(retention.total_seconds())};"]
    hours = retention // timedelta(hours=1)
    return [f"CALL mysql.rds_set_configuration('binlog retention hours', {hours});"]


def dms_user_sql(
    *,
    user: str = DMS_USER,
    tables: Sequence[tuple[str, str]] = (),
    schemas: Sequence[str] = (),
    tls_required: bool = True,
) -> list[str]:
    """Make a user that may do what DMS does and nothing else.

    Args:
        user: Name of the user.
        tables: Schema and table, exact names, of the tables DMS reads.
        schemas: Schemas DMS reads all tables of.
        tls_required: Whether the user may log in over TLS only.

    With neither tables nor schemas named, the user may read all of them.

    Source: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html
    """
    account = f"{_string(user)}@'%'"
    tls = " REQUIRE SSL" if tls_required else ""
    readable = [f"{_database(schema)}.*" for schema in schemas]
    readable += [f"{_identifier(schema)}.{_identifier(table)}" for schema, table in tables]
    return [
        f"CREATE USER IF NOT EXISTS {account} IDENTIFIED BY '{PASSWORD_PLACEHOLDER}'{tls};",
        f"GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO {account};",
        *(f"GRANT SELECT ON {what} TO {account};" for what in readable or ["*.*"]),
    ]


def _identifier(name: str) -> str:
    return "`" + name.replace("`", "``") + "`"


def _database(name: str) -> str:
    # In a grant on a whole schema _ and % are wildcards, in one on a table they are not:
    # https://dev.mysql.com/doc/refman/8.0/en/grant.html
    return _identifier(name.replace("_", r"\_").replace("%", r"\%"))


def _string(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
