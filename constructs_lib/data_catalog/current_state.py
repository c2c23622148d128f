"""The rows that a table of the source has now, as SQL over the log of its changes.

How the log is replayed, the same as in the rehearsal's reconciliation:

- What came before the table was emptied or dropped is gone.
- Of each key, the newest record is the row; a delete leaves none.
- A change is newer than a load, unless the table was loaded again after it.
- Changes come in the order of the source's log: by file and offset, from `stream-position` or else
  from `transaction-id`, which holds both; then by their number in the transaction; then by DMS's
  clock. So a record that was delivered twice counts once.
- An update that changes the key leaves the old row behind, unless the before image holds the old
  key: then it also deletes that.

The records: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html
The dialect: https://docs.aws.amazon.com/athena/latest/ug/functions-env3.html
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

CLEARING = ("truncate-table", "drop-table")
"""Operations of control records after which a table holds nothing."""

OWN_NAMES = "_dms_"
"""What the columns that a view uses inside begin with."""

DOCUMENT_KEY = "_doc"
"""Key under which `map-record-to-document` writes the columns."""

_FILE_SIZE = 2**32
# mysql-bin-changelog.000003:1203:-1:1230:…
_LOG_FILE, _LOG_OFFSET = r"\.(\d+):\d+", r"\.\d+:(\d+)"
_OTHER_WORDS = {"string": "varchar", "int": "integer", "float": "real"}
# of a DATETIME(6); a Hive table's own timestamps have milliseconds
_TIMESTAMP = "timestamp(6)"


@dataclass(frozen=True)
class Changes:
    """The table of landed changes that a query reads.

    Attributes:
        name: Its name, quoted as SQL wants it: `"lake"."changes"`.
        has_fields: Whether `data` has a field for each column; otherwise it is JSON text.
        has_before_image: Whether there is a column `before_image`, of the same type as `data`.
        by_table: Whether the partition keys `schema_name` and `table_name` are those of the table.
    """

    name: str
    has_fields: bool = False
    has_before_image: bool = False
    by_table: bool = False

    def of_table(self, schema_name: str, table_name: str) -> str:
        """The condition for the records of one table of the source."""
        wanted = {"schema-name": schema_name, "table-name": table_name}
        conditions = [f"{metadata(key)} = {text(name)}" for key, name in wanted.items()]
        if self.by_table:
            # the folders, without which Athena would read those of all tables
            conditions[:0] = [
                f"schema_name = {text(schema_name)}",
                f"table_name = {text(table_name)}",
            ]
        return "\n    AND ".join(conditions)

    def value(self, column: str, *, of: str = "data", in_document: bool = False) -> str:
        """A column's value in a record: its field, or its text."""
        if self.has_fields:
            return f"{of}.{identifier(column.lower())}"
        # before images hold the columns directly
        steps = [DOCUMENT_KEY, column] if in_document and of == "data" else [column]
        path = "$" + "".join(f'["{step}"]' for step in steps)
        return f"json_extract_scalar({of}, {text(path)})"

    def typed_value(
        self, column: str, type_: str, *, of: str = "data", in_document: bool = False
    ) -> str:
        """A column's value in its type; null where it is no such value."""
        value = self.value(column, of=of, in_document=in_document)
        wanted = presto_type(type_)
        if self.has_fields:
            return f"CAST({value} AS {wanted})" if type_ == "timestamp" else value
        if type_ == "string":
            return value
        if type_ == "timestamp":
            value = f"replace(replace({value}, 'T', ' '), 'Z', '')"
        return f"TRY_CAST({value} AS {wanted})"


def current_state_sql(
    changes: Changes,
    *,
    schema_name: str,
    table_name: str,
    columns: Mapping[str, str],
    primary_key: Sequence[str],
    in_document: bool = False,
) -> str:
    """The SELECT of a view of the rows that a table has now.

    Args:
        changes: Where its records are.
        schema_name: Its schema in the records.
        table_name: Its name in the records.
        columns: Its columns in the records, with their Hive types.
        primary_key: Those of them that are its key.
        in_document: Whether they stand under `_doc`.
    """
    of_table = changes.of_table(schema_name, table_name)
    values = [
        f"{changes.typed_value(name, type_, in_document=in_document)} AS {identifier(name)}"
        for name, type_ in columns.items()
    ]
    former = [
        f"{changes.typed_value(name, columns[name], of='before_image')} AS {_former(place)}"
        for place, name in enumerate(primary_key)
        if changes.has_before_image
    ]
    read = ",\n    ".join(
        [
            f"{metadata('operation')} AS _dms_operation",
            f"{log_position()} AS _dms_position",
            f"TRY_CAST({metadata('transaction-record-id')} AS bigint) AS _dms_number",
            f"{emitted()} AS _dms_emitted",
            *values,
            *former,
        ]
    )
    key = ", ".join(identifier(name) for name in primary_key)
    operations = "('load', 'insert', 'update', 'delete')"
    steps = [
        f"emptied AS (\n  SELECT max({emitted()}) AS _dms_at\n  FROM {changes.name}\n"
        f"  WHERE {of_table}\n    AND {metadata('operation')} IN "
        f"({', '.join(map(text, CLEARING))})\n)",
        f"records AS (\n  SELECT\n    {read}\n  FROM {changes.name}\n  WHERE {of_table}\n"
        f"    AND {metadata('operation')} IN {operations}\n)",
        _steps(columns, primary_key, has_before_image=changes.has_before_image),
        "loaded AS (\n  SELECT\n    *,\n    max(CASE WHEN _dms_operation = 'load' THEN "
        f"_dms_emitted END) OVER (PARTITION BY {key}) AS _dms_loaded\n  FROM steps\n)",
        "newest AS (\n  SELECT\n    *,\n    row_number() OVER (\n"
        f"      PARTITION BY {key}\n      ORDER BY\n"
        "        CASE\n          WHEN _dms_operation = 'load' THEN 1\n"
        "          WHEN _dms_emitted < _dms_loaded THEN 0\n          ELSE 2\n        END DESC,\n"
        "        _dms_position DESC NULLS LAST,\n        _dms_number DESC NULLS LAST,\n"
        "        _dms_emitted DESC NULLS LAST,\n        _dms_step DESC\n    ) AS _dms_place\n"
        "  FROM loaded\n)",
    ]
    shown = ",\n  ".join(identifier(name) for name in columns)
    return (
        f"WITH {', '.join(steps)}\nSELECT\n  {shown}\nFROM newest\n"
        "WHERE _dms_place = 1 AND _dms_operation <> 'delete'"
    )


def _steps(
    columns: Mapping[str, str], primary_key: Sequence[str], *, has_before_image: bool
) -> str:
    """What each record does: an update that changes the key deletes the old one first."""
    alive = (
        "(emptied._dms_at IS NULL OR records._dms_emitted IS NULL "
        "OR records._dms_emitted >= emptied._dms_at)"
    )
    order = "_dms_position,\n    _dms_number,\n    _dms_emitted"
    if not has_before_image:
        shown = ",\n    ".join(identifier(name) for name in columns)
        return (
            f"steps AS (\n  SELECT\n    _dms_operation,\n    {order},\n    1 AS _dms_step,\n"
            f"    {shown}\n  FROM records\n  CROSS JOIN emptied\n  WHERE {alive}\n)"
        )
    places = {name: place for place, name in enumerate(primary_key)}
    shown = ",\n    ".join(
        f"CASE WHEN turns.step = 0 THEN coalesce({_former(places[name])}, {identifier(name)}) "
        f"ELSE {identifier(name)} END AS {identifier(name)}"
        if name in places
        else identifier(name)
        for name in columns
    )
    moved = " OR ".join(f"{_former(place)} <> {identifier(name)}" for name, place in places.items())
    return (
        "steps AS (\n  SELECT\n    CASE WHEN turns.step = 0 THEN 'delete' ELSE _dms_operation END "
        f"AS _dms_operation,\n    {order},\n    turns.step AS _dms_step,\n    {shown}\n"
        "  FROM records\n  CROSS JOIN emptied\n  CROSS JOIN (VALUES (0), (1)) AS turns(step)\n"
        f"  WHERE {alive}\n    AND (turns.step = 1 OR (_dms_operation = 'update' AND ({moved})))\n)"
    )


def log_position() -> str:
    """A change's place in the source's log as a number that grows: its file and its offset."""
    position = metadata("stream-position")
    file, offset = (
        f"TRY_CAST(regexp_extract({position}, {text(pattern)}, 1) AS bigint)"
        for pattern in (_LOG_FILE, _LOG_OFFSET)
    )
    transaction = f"TRY_CAST({metadata('transaction-id')} AS bigint)"
    return f"coalesce({file} * {_FILE_SIZE} + {offset}, {transaction})"


def emitted() -> str:
    """When DMS made a record, as text that sorts: a fraction of a second may be missing."""
    return f"replace({metadata('timestamp')}, 'Z', '')"


def metadata(key: str) -> str:
    """A value of a record's metadata; null where there is none."""
    return f"element_at(metadata, {text(key)})"


def presto_type(hive_type: str) -> str:
    """What Athena's SQL calls a type of a Glue table."""
    if hive_type == "timestamp":
        return _TIMESTAMP
    return _OTHER_WORDS.get(hive_type, hive_type)


def identifier(name: str) -> str:
    """A name."""
    return '"' + name.replace('"', '""') + '"'


def text(value: str) -> str:
    """A text."""
    return "'" + value.replace("'", "''") + "'"


def _former(place: int) -> str:
    return f"_dms_former_{place}"
