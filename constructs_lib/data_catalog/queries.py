"""Queries to start from, which stand in the workgroup beside the user's own.

They are Athena's SQL: https://docs.aws.amazon.com/athena/latest/ug/select.html. What somebody has
to put in is a literal of a condition, with a value of the first table that the settings describe.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from constructs_lib.data_catalog.current_state import (
    Changes,
    log_position,
    metadata,
    text,
)
from constructs_lib.data_catalog.props import CatalogTableProps
from constructs_lib.landing_bucket import LandingLayout, TimePartition

_DATE_FORMATS: dict[TimePartition, str] = {
    "hour": "%Y-%m-%d-%H",
    "day": "%Y-%m-%d",
    "month": "%Y-%m",
}
# that of DMS's timestamps, as Athena's date_format has it
_MOMENT = "%Y-%m-%dT%H:%i:%s"
_COMMITTED = f"coalesce({metadata('commit-timestamp')}, {metadata('timestamp')})"
_IS_CHANGE = f"{metadata('operation')} IN ('insert', 'update', 'delete')"


@dataclass(frozen=True)
class NamedQuery:
    """A query with a name.

    Attributes:
        name: Its name in the workgroup.
        description: What it answers, and what to change in it.
        sql: Its text.
    """

    name: str
    description: str
    sql: str


@dataclass(frozen=True)
class QuerySubject:
    """What the queries are about.

    Attributes:
        changes: The table of changes.
        layout: How its objects are named.
        partition_values: Known values of partition keys.
        tables: Tables of the source by `schema.table`.
        errors: The table over the error prefix, quoted as SQL wants it; None: there is none.
    """

    changes: Changes
    layout: LandingLayout
    partition_values: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, CatalogTableProps]
    errors: str | None = None


def named_queries(subject: QuerySubject) -> list[NamedQuery]:
    """All of them."""
    found = [
        _changes_of_one_row(subject),
        _changed_between(subject),
        _lag(subject),
        _volume_by_hour(subject),
    ]
    if subject.errors is not None:
        found.append(_delivery_errors(subject.errors))
    return found


def _changes_of_one_row(subject: QuerySubject) -> NamedQuery:
    table, props = next(iter(subject.tables.items()), ("<schema>.<table>", None))
    schema_name, _, table_name = table.partition(".")
    key = props.primary_key if props else ("id",)
    in_document = props.in_document if props else False
    changes = subject.changes
    wanted = " AND ".join(
        f"CAST({changes.value(name, in_document=in_document)} AS varchar) = '1'" for name in key
    )
    before = ",\n  before_image" if changes.has_before_image else ""
    return NamedQuery(
        "changes-of-one-row",
        "The history of one row, the oldest record first: put in the table and the values of its "
        "key.",
        f"SELECT\n  {metadata('operation')} AS operation,\n  {_COMMITTED} AS committed,\n"
        f"  {metadata('transaction-id')} AS transaction_id,\n  data{before}\n"
        f"FROM {changes.name}\nWHERE {wanted}\n"
        f"  AND {changes.of_table(schema_name, table_name)}{_folders(subject, by_table=True)}\n"
        f"ORDER BY {log_position()} NULLS FIRST, "
        f"TRY_CAST({metadata('transaction-record-id')} AS bigint), {metadata('timestamp')}",
    )


def _changed_between(subject: QuerySubject) -> NamedQuery:
    changes = subject.changes
    before = ",\n  before_image" if changes.has_before_image else ""
    return NamedQuery(
        "changed-between-two-times",
        "What was committed between two times, by default in the last hour, the newest first.",
        f"SELECT\n  {_COMMITTED} AS committed,\n  {metadata('schema-name')} AS source_schema,\n"
        f"  {metadata('table-name')} AS source_table,\n  {metadata('operation')} AS operation,\n"
        f"  data{before}\nFROM {changes.name}\n"
        f"WHERE {_COMMITTED} >= {_before_now('1', 'hour')}\n"
        f"  AND {_COMMITTED} < {_before_now('0', 'hour')}\n"
        f"  AND {_since(subject, '1')}\n  AND {_IS_CHANGE}{_folders(subject)}\n"
        "ORDER BY 1 DESC\nLIMIT 1000",
    )


def _lag(subject: QuerySubject) -> NamedQuery:
    committed = _moment(metadata("commit-timestamp"))
    made = _moment(metadata("timestamp"))
    return NamedQuery(
        "lag-by-hour",
        "How long after its commit DMS wrote a change to the stream, in seconds, by hour. It needs "
        "the target endpoint's include_transaction_details.",
        "SELECT\n  hour,\n  count(*) AS changes,\n  avg(seconds) AS average_seconds,\n"
        "  max(seconds) AS most_seconds\nFROM (\n"
        f"  SELECT\n    substr({metadata('timestamp')}, 1, 13) AS hour,\n"
        f"    date_diff('millisecond', {committed}, {made}) / 1000.0 AS seconds\n"
        f"  FROM {subject.changes.name}\n  WHERE {_since(subject, '1')}\n"
        f"    AND {_IS_CHANGE}{_folders(subject, indent=4)}\n) AS changes_with_lag\n"
        "GROUP BY hour\nORDER BY hour DESC",
    )


def _volume_by_hour(subject: QuerySubject) -> NamedQuery:
    row = "json_format(CAST(data AS json))" if subject.changes.has_fields else "data"
    return NamedQuery(
        "volume-by-hour",
        "Records and the size of their rows as JSON, by hour, table and operation, of two days.",
        f"SELECT\n  substr({metadata('timestamp')}, 1, 13) AS hour,\n"
        f"  {metadata('schema-name')} AS source_schema,\n"
        f"  {metadata('table-name')} AS source_table,\n  {metadata('operation')} AS operation,\n"
        f"  count(*) AS records,\n  sum(length({row})) AS row_characters\n"
        f"FROM {subject.changes.name}\nWHERE {_since(subject, '2')}\n"
        f"  AND {metadata('record-type')} = 'data'{_folders(subject)}\n"
        "GROUP BY 1, 2, 3, 4\nORDER BY 1 DESC, 5 DESC",
    )


def _delivery_errors(errors: str) -> NamedQuery:
    return NamedQuery(
        "records-in-the-error-prefix",
        "Records that Firehose could not deliver, with its reason, the newest first.",
        "SELECT\n  CAST(from_unixtime(arrivaltimestamp / 1000) AS timestamp) AS arrived,\n"
        "  coalesce(errorcode, lasterrorcode) AS code,\n"
        "  coalesce(errormessage, lasterrormessage) AS reason,\n"
        "  from_utf8(from_base64(rawdata)) AS record\n"
        f"FROM {errors}\nORDER BY arrivaltimestamp DESC\nLIMIT 100",
    )


def _folders(subject: QuerySubject, *, by_table: bool = False, indent: int = 2) -> str:
    """Values of the partition keys that Athena has to be given."""
    if by_table and subject.changes.by_table:
        return ""
    first = next(iter(subject.tables), "")
    known = {}
    if subject.changes.by_table and first:
        known = dict(zip(("schema_name", "table_name"), first.split("."), strict=True))
    return "".join(
        f"\n{' ' * indent}AND {key} = {text(known.get(key, f'<{key}>'))}"
        for key in subject.layout.keys
        if key not in subject.partition_values
    )


def _since(subject: QuerySubject, days: str) -> str:
    """Only the folders of the last days: one more, as the date is that of the arrival."""
    layout = subject.layout
    day = f"current_timestamp - interval '{int(days) + 1}' day"
    return f"{layout.time_column} >= date_format({day}, '{_DATE_FORMATS[layout.time]}')"


def _before_now(count: str, unit: str) -> str:
    return f"date_format(current_timestamp - interval '{count}' {unit}, '{_MOMENT}')"


def _moment(value: str) -> str:
    return f"TRY_CAST(replace(replace({value}, 'T', ' '), 'Z', '') AS timestamp(6))"
