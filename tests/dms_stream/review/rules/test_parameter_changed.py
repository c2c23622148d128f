"""Examples of the rule `parameter-changed`."""

import pytest

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import found, update

GROUP = "aws_rds_cluster_parameter_group"


def _parameter(name: str, value: str, method: str = "immediate") -> dict[str, str]:
    return {"name": name, "value": value, "apply_method": method}


EXAMPLES = (
    example(
        "the binary log without whole rows",
        update(
            GROUP,
            "parameter",
            [_parameter("binlog_format", "ROW", "pending-reboot")],
            [_parameter("binlog_format", "STATEMENT", "pending-reboot")],
        ),
        finds="aws_rds_cluster_parameter_group.it: binlog_format: ROW → STATEMENT once the "
        "instances are restarted. DMS needs row to capture changes.",
        severity=Severity.INTERRUPTION,
    ),
    *(
        example(
            f"{name} {value}",
            update(GROUP, "parameter", [], [_parameter(name, value, "pending-reboot")]),
            finds=f"aws_rds_cluster_parameter_group.it: {name}: the engine's default → {value} "
            "once the instances are restarted. DMS cannot read the binary log so, and misses "
            "changes.",
            severity=Severity.INTERRUPTION,
        )
        for name, value in (
            ("binlog_transaction_compression", "ON"),
            ("binlog_row_value_options", "PARTIAL_JSON"),
        )
    ),
    example(
        "a transaction is no longer compressed",
        update(
            GROUP,
            "parameter",
            [_parameter("binlog_transaction_compression", "ON", "pending-reboot")],
            [_parameter("binlog_transaction_compression", "OFF", "pending-reboot")],
        ),
        finds="aws_rds_cluster_parameter_group.it: binlog_transaction_compression: ON → OFF once "
        "the instances are restarted.",
    ),
    example(
        "one that waits",
        update(GROUP, "parameter", [], [_parameter("max_connections", "9", "pending-reboot")]),
        finds="aws_rds_cluster_parameter_group.it: max_connections: the engine's default → 9 "
        "once the instances are restarted",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "one that does not",
        update(GROUP, "parameter", [_parameter("long_query_time", "1")], []),
        finds="aws_rds_cluster_parameter_group.it: long_query_time: 1 → the engine's default",
        severity=Severity.NOTICE,
    ),
    example(
        "in another order",
        update(
            GROUP,
            "parameter",
            [_parameter("a", "1"), _parameter("b", "2")],
            [_parameter("b", "2"), _parameter("a", "1")],
        ),
    ),
)

test_examples = examples_of("parameter-changed", EXAMPLES)


@pytest.mark.parametrize(
    "name",
    [
        "binlog_format",
        "binlog_row_image",
        "binlog_checksum",
        "binlog_row_metadata",
        "binlog_row_value_options",
        "binlog_transaction_compression",
        "binlog_expire_logs_seconds",
        "enforce_gtid_consistency",
        "gtid-mode",
        "gtid_mode",
        "log_bin",
        "log_slave_updates",
        "log_replica_updates",
        "server_id",
        "aurora_enhanced_binlog",
    ],
)
@pytest.mark.parametrize("type_", ["aws_rds_cluster_parameter_group", "aws_db_parameter_group"])
def test_each_parameter_of_the_binary_log_interrupts(type_: str, name: str) -> None:
    (seen,) = found(
        "parameter-changed",
        update(type_, "parameter", [{"name": name, "value": "a"}], [{"name": name, "value": "b"}]),
    )
    assert seen.severity is Severity.INTERRUPTION
