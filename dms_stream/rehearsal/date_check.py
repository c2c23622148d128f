"""Whether the source holds dates that no calendar has, such as 0000-00-00 or 2024-02-31."""

from datetime import date

import pymysql

from constructs_lib.dms.table_mappings import TableMappings, TransformationRule
from dms_stream.rehearsal.mapping.filters import filter_sql
from dms_stream.rehearsal.mapping.transformations import transform
from dms_stream.rehearsal.result import Check
from dms_stream.rehearsal.source.check import either
from dms_stream.rehearsal.source.data_types import DATE_LENGTH, SUPPORTED
from dms_stream.rehearsal.source.database import (
    Connection,
    DatabaseAddress,
    connected,
    execute,
    reason,
)
from dms_stream.rehearsal.source.row_chunks import name_in, named_table
from dms_stream.rehearsal.source.table import read_tables, selected_tables


def check_dates(address: DatabaseAddress, mappings: TableMappings | None = None) -> list[Check]:
    """Whether every date that is moved is one: no index finds others, so tables are read once.

    Args:
        address: The database.
        mappings: Only what these move is checked; None: all that the user sees.

    Raises:
        SourceError: the database cannot be reached.
        RefusedError: the rules do not fit the tables.
    """
    with connected(address) as connection:
        return _dates(connection, mappings)


def _dates(connection: Connection, mappings: TableMappings | None) -> list[Check]:
    tables = selected_tables(connection, mappings) if mappings else read_tables(connection)
    rules = mappings.all_rules if mappings else ()
    transformations = [rule for rule in rules if isinstance(rule, TransformationRule)]
    offenders: list[str] = []
    judged = 0
    for table in tables:
        if any(column.data_type not in SUPPORTED for column in table.columns):
            continue  # another check tells
        selecting = (
            mappings.including_rules(table.schema, table.name, is_view=table.is_view)
            if mappings
            else []
        )
        # which refuses what it cannot compare, with or without dates
        condition, arguments = filter_sql(table, selecting)
        kept = {column.source.name for column in transform(table, transformations).columns}
        columns = [
            column.name
            for column in table.columns
            if column.data_type in ("date", "datetime", "timestamp") and column.name in kept
        ]
        if not columns:
            continue
        judged += len(columns)
        impossible = " OR ".join(f"({_impossible(name_in(name))})" for name in columns)
        wanted = ", ".join(f"CAST({name_in(name)} AS CHAR)" for name in columns)
        try:
            rows = execute(
                connection,
                f"SELECT {wanted} FROM {named_table(table)} WHERE "
                f"{f'({condition}) AND ' if condition else ''}({impossible}) LIMIT 1",
                arguments,
            )
        except pymysql.MySQLError as error:
            offenders.append(f"{table.full_name} (it cannot be read: {reason(error)})")
            continue
        offenders += [
            f"{table.full_name}.{name} ({text})"
            for row in rows
            for name, text in zip(columns, row, strict=True)
            if text is not None and not _is_date(text)
        ]
    found = either(
        "every date is one",
        offenders,
        "fail",
        "no calendar has such dates, and nothing says what DMS makes of them: correct them, set an "
        "sql_mode with NO_ZERO_DATE and NO_ZERO_IN_DATE and without ALLOW_INVALID_DATES, or remove "
        "the column by a rule",
        judged=judged,
    )
    return list(found)


def _impossible(column: str) -> str:
    # by its text: what functions of dates make of such a date depends on the server and its mode
    text = f"CAST({column} AS CHAR)"
    year, month, day = f"LEFT({text}, 4)", f"SUBSTR({text}, 6, 2)", f"SUBSTR({text}, 9, 2)"
    leap = f"(MOD({year}, 4) = 0 AND (MOD({year}, 100) <> 0 OR MOD({year}, 400) = 0))"
    return (
        f"{year} = '0000' OR {month} = '00' OR {day} = '00' OR "
        f"({day} = '31' AND {month} IN ('02', '04', '06', '09', '11')) OR "
        f"({month} = '02' AND ({day} = '30' OR ({day} = '29' AND NOT {leap})))"
    )


def _is_date(text: str) -> bool:
    try:
        date.fromisoformat(text[:DATE_LENGTH])
    except ValueError:
        return False
    return True
