"""The SQL that reads landed records of one table."""

import re
from collections.abc import Iterable, Mapping, Sequence
from hashlib import md5
from pathlib import Path

from dms_stream.rehearsal.result import Column, SourceRows

# above it a double does not hold all digits
_DOUBLES_DIGITS = 15
# a record of Kinesis is 1 MiB at most; without delimiters a line is a whole object
_LONGEST_LINE = 16 * 1024 * 1024
_METADATA = (
    *("record-type", "operation", "schema-name", "table-name", "timestamp"),
    *("transaction-id", "transaction-record-id", "stream-position"),
)
_LONGEST_TEXT = 256
_SHOWN_OF_A_TEXT = 64
# mysql-bin-changelog.000003:1203:-1:1230:…
_LOG_POSITION = r"\.(\d+):(\d+)"

FIXED_COLUMNS = (
    "file VARCHAR, line BIGINT, operation VARCHAR, is_change BOOLEAN, log_file BIGINT, "
    "log_offset BIGINT, transaction_id VARCHAR, transaction_record_id BIGINT, emitted TIMESTAMP"
)
"""Columns of every table's history, beside those of its rows."""


class LandedTable:
    """How the records of one table are found in the landed files.

    Args:
        source: The table.
        before_image_field: Key of the row before the change; None: there is none.
        document_field: Key under which the columns stand in `data`; None: directly.
    """

    def __init__(
        self, source: SourceRows, before_image_field: str | None, document_field: str | None
    ) -> None:
        self._source = source
        self._before_image_field = before_image_field
        self._document_field = document_field
        self._types = {column.name: column.duckdb_type for column in source.columns}

    @property
    def table_columns(self) -> str:
        """The columns of the history, with their types."""
        columns = [f"{identifier(name)} {type_}" for name, type_ in self._types.items()]
        columns += [f"{old(name)} {self._types[name]}" for name in self._source.primary_key]
        return ", ".join([FIXED_COLUMNS, *columns])

    def json_reader(self, paths: Iterable[Path]) -> str:
        """Records of files with JSON lines."""
        row = f"STRUCT({', '.join(f'{identifier(name)} VARCHAR' for name in self._types)})"
        key_names = self._source.primary_key
        if self._document_field is not None:
            row = f"STRUCT({identifier(self._document_field)} {row})"
        metadata = f"STRUCT({', '.join(f'{identifier(name)} VARCHAR' for name in _METADATA)})"
        columns = {"data": row, "metadata": metadata}
        if self._before_image_field is not None and key_names:
            key = ", ".join(f"{identifier(name)} VARCHAR" for name in key_names)
            columns[self._before_image_field] = f"STRUCT({key})"
        return json_reader(paths, columns, filename=True)

    def events(self, reader: str, *, types: Mapping[str, str], first_line: int) -> str:
        """The history of the table, with the changes of its definition.

        Args:
            reader: The records.
            types: Types of the columns of a Parquet file; empty for JSON.
            first_line: Number of its first record.
        """
        position = metadata("stream-position")
        columns = [
            "split_part(parse_filename(filename), '.', 1)",
            f"row_number() OVER () + {first_line}",
            metadata("operation"),
            f"{metadata('operation')} <> 'load'",
            f"TRY_CAST(regexp_extract({position}, '{_LOG_POSITION}', 1) AS BIGINT)",
            f"TRY_CAST(regexp_extract({position}, '{_LOG_POSITION}', 2) AS BIGINT)",
            metadata("transaction-id"),
            f"TRY_CAST({metadata('transaction-record-id')} AS BIGINT)",
            f"TRY_CAST({metadata('timestamp')} AS TIMESTAMP)",
            *(_cast(self._value(name, types), type_) for name, type_ in self._types.items()),
            *(self._old_value(name, types) for name in self._source.primary_key),
        ]
        return f"SELECT {', '.join(columns)} FROM {reader} WHERE {self._mine()}"

    def _mine(self) -> str:
        source = self._source
        return (
            f"{metadata('record-type')} IN ('data', 'control') "
            f"AND {metadata('schema-name')} = {literal(source.schema_name)} "
            f"AND {metadata('table-name')} = {literal(source.table_name)}"
        )

    def _value(self, name: str, types: Mapping[str, str]) -> str:
        steps = [*([self._document_field] if self._document_field else []), name]
        if types.get("data") == "VARCHAR":
            return _in_json("data", steps)
        return "data" + "".join(f"[{literal(step)}]" for step in steps)

    def _old_value(self, name: str, types: Mapping[str, str]) -> str:
        new = self._value(name, types)
        field = self._before_image_field
        if field is None:
            return _cast(new, self._types[name])
        if types:
            # in a Glue table it is called so, whatever its key in the records
            field = "before_image"
            if field not in types:
                return _cast(new, self._types[name])
        if types.get(field) == "VARCHAR":
            former = _in_json(identifier(field), [name])
        else:
            former = f"{identifier(field)}[{literal(name)}]"
        return _cast(f"coalesce({former}, {new})", self._types[name])


def shortened(text: str) -> str:
    """A text for the comparison: a long one by its digest, or LOBs would fill the memory."""
    if len(text) <= _LONGEST_TEXT:
        return text
    digest = md5(text.encode(), usedforsecurity=False).hexdigest()
    return f"{text[:_SHOWN_OF_A_TEXT]}… ({len(text)} characters, MD5 {digest})"


def _cast(value: str, type_: str) -> str:
    if type_ != "VARCHAR":
        return f"CAST({value} AS {type_})"
    text = f"CAST({value} AS VARCHAR)"
    return (
        f"CASE WHEN length({text}) <= {_LONGEST_TEXT} THEN {text} "
        f"ELSE left({text}, {_SHOWN_OF_A_TEXT}) || '… (' || length({text}) "
        f"|| ' characters, MD5 ' || md5({text}) || ')' END"
    )


def json_reader(paths: Iterable[Path], columns: Mapping[str, str], *, filename: bool) -> str:
    """JSON lines with explicit types; a missing delimiter is an error."""
    listed = ", ".join(literal(str(path)) for path in paths)
    typed = ", ".join(f"{literal(name)}: {literal(type_)}" for name, type_ in columns.items())
    return (
        f"read_json([{listed}], format = 'newline_delimited', columns = {{{typed}}}, "
        f"filename = {str(filename).lower()}, maximum_object_size = {_LONGEST_LINE})"
    )


def json_lines(path: Path) -> str:
    """The same, each as it is: three times as fast."""
    return (
        f"read_json_objects([{literal(str(path))}], format = 'newline_delimited', "
        f"maximum_object_size = {_LONGEST_LINE})"
    )


def parquet_reader(paths: Iterable[Path]) -> str:
    """Parquet files, whose own types count."""
    return f"read_parquet([{', '.join(literal(str(path)) for path in paths)}], filename = true)"


def has_long_decimals(columns: Sequence[Column]) -> bool:
    """Whether a column has more digits than a double holds."""
    precisions = (
        re.match(r"\s*DECIMAL\s*\(\s*(\d+)", column.duckdb_type, re.IGNORECASE)
        for column in columns
    )
    return any(match and int(match[1]) > _DOUBLES_DIGITS for match in precisions)


def metadata(key: str) -> str:
    """A value of a record's metadata: of a struct or of a map."""
    return f"metadata[{literal(key)}]"


def old(name: str) -> str:
    """The column for what a column of the key was before the change."""
    return identifier(f"old {name}")


def identifier(name: str) -> str:
    """A name."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text."""
    return "'" + text.replace("'", "''") + "'"


def _in_json(column: str, steps: Sequence[str]) -> str:
    path = "$" + "".join('."' + step.replace('"', '\\"') + '"' for step in steps)
    return f"json_extract_string({column}, {literal(path)})"
