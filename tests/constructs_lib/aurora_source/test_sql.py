"""The SQL a person runs: exact, quoted, and never with a password."""

from datetime import timedelta

from constructs_lib.aurora_source import binlog_retention_sql, dms_user_sql


def test_binlog_retention_of_aurora_and_rds_is_in_hours() -> None:
    assert binlog_retention_sql(timedelta(days=3)) == [
        "CALL mysql.rds_set_configuration('binlog retention hours', 72);"
    ]


def test_binlog_retention_of_a_server_of_ones_own_is_in_seconds() -> None:
    assert binlog_retention_sql(timedelta(hours=2), rds=False) == [
        "SET GLOBAL binlog_expire_logs_seconds = 7200;"
    ]


def test_the_user_may_read_the_named_tables_and_the_binary_log() -> None:
    assert dms_user_sql(tables=[("dms_sample", "ticket"), ("dms_sample", "seat")]) == [
        "CREATE USER IF NOT EXISTS 'dms_user'@'%' IDENTIFIED BY '<password>' REQUIRE SSL;",
        "GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO 'dms_user'@'%';",
        "GRANT SELECT ON `dms_sample`.`ticket` TO 'dms_user'@'%';",
        "GRANT SELECT ON `dms_sample`.`seat` TO 'dms_user'@'%';",
    ]


def test_a_schema_is_no_pattern_for_others() -> None:
    assert dms_user_sql(schemas=["a_b%"])[2:] == [r"GRANT SELECT ON `a\_b\%`.* TO 'dms_user'@'%';"]


def test_names_are_quoted() -> None:
    statements = dms_user_sql(user="o'hara", tables=[("we`ird", "ta_ble")], tls_required=False)
    assert statements == [
        "CREATE USER IF NOT EXISTS 'o''hara'@'%' IDENTIFIED BY '<password>';",
        "GRANT REPLICATION CLIENT, REPLICATION SLAVE ON *.* TO 'o''hara'@'%';",
        "GRANT SELECT ON `we``ird`.`ta_ble` TO 'o''hara'@'%';",
    ]


def test_nothing_named_is_everything() -> None:
    assert dms_user_sql()[-1] == "GRANT SELECT ON *.* TO 'dms_user'@'%';"
