"""Checks of what a rehearsal moved, in addition to the verdicts on the tables."""

from collections.abc import Mapping, Sequence
from typing import Any

from constructs_lib.dms.limits import LARGEST_LOB_KB
from dms_stream.rehearsal.delivery import Put
from dms_stream.rehearsal.deployed_task import DeployedTask
from dms_stream.rehearsal.result import Check, TableVerdict


def check_delivery(puts: Sequence[Put]) -> list[Check]:
    """What the delivery put: no record may be below the error prefix."""
    errors = [put for put in puts if put.is_error]
    if not errors:
        return [Check("no record is below the error prefix", "pass", group="delivery")]
    return [
        Check(
            "no record is below the error prefix",
            "fail",
            f"{sum(put.records for put in errors)} records in {len(errors)} objects, such as "
            f"{errors[0].key}",
            "open that object: it says why its first record failed",
            "delivery",
        )
    ]


def check_task(task: DeployedTask, done: Mapping[str, Any]) -> list[Check]:
    """What the task put on the stream: LOBs, changes of keys, lines.

    Args:
        task: The deployed task.
        done: Its process's event `done`.
    """
    checks = []
    cut = done["lobs_cut"]
    if cut:
        checks.append(
            Check(
                "no LOB was cut",
                "warn",
                ", ".join(f"{table}: {number}" for table, number in cut.items()),
                f"raise TargetMetadata.LobMaxSize (at most {LARGEST_LOB_KB} KB)",
                "task",
            )
        )
    moved = done["key_changes"]
    if moved:
        checks.append(
            Check(
                "consumers can follow key changes",
                "warn",
                ", ".join(f"{table}: {number}" for table, number in moved.items())
                + " updates changed the key, and no record holds the old key",
                "set BeforeImageSettings, at least with ColumnFilter pk-only",
                "task",
            )
        )
    unsupported = done["unsupported"]
    if unsupported:
        checks.append(
            Check(
                "DMS supports what changed the tables",
                "warn",
                "; ".join(f"{table}: {', '.join(kinds)}" for table, kinds in unsupported.items()),
                "DMS's guide lists these as not supported while it captures changes from MySQL: "
                "stop the task before, and reload the table afterwards",
                "task",
            )
        )
    if not task.target.is_on_one_line:
        checks.append(
            Check(
                "each record is one line",
                "warn",
                f"message format {task.target.message_format} spreads a record over several lines",
                "set message_format to json-unformatted: one record per line",
                "task",
            )
        )
    return checks


def check_alterations(
    tables: Sequence[TableVerdict], alterations: Mapping[str, Sequence[str]]
) -> list[Check]:
    """What changed the definitions of tables whose rows differ: it may be why.

    Args:
        tables: The verdicts.
        alterations: What was captured of it, by table on the target.
    """
    return [
        Check(
            f"{table.name} was defined alike all the time",
            "warn",
            "captured: " + "; ".join(alterations[table.name]),
            "records of before hold the rows as they were then: a new default, name or type shows "
            "in a row's next record only, and TRUNCATE or DROP of one of several tables that "
            "become one empties them all; reload the tables to send all rows anew",
            "reconciliation",
        )
        for table in tables
        if not table.passed and alterations.get(table.name)
    ]
