"""The SQL that reads landed records of one table."""

import re
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
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
    "log_offset BIGINT, transaction_id VARCHAR, transaction_record_id BIGINT, emitted TIMESTAMP, "
    "odd VARCHAR"
)
"""Columns of every table's history, beside those of its rows.

`odd` says what in a record is not exactly a value of its column: see `odd_values`.
"""

EXACT_NUMBER = "\x01"
"""Begins a number that was written as text to keep its digits."""

_NEXT_ODD, _ODD_VALUE = "\x1e", "\x1f"
_EXTRA = "a column that no rule makes"


def value_name(place: int) -> str:
    """The column of a value: source columns may be called like ours, or alike but for case."""
    return f"c{place}"


def old_name(place: int) -> str:
    """The column for what a column of the key was before the change."""
    return f"o{place}"


def odd_values(odd: str | None) -> dict[str, str]:
    """What is odd in a record: column → its JSON text."""
    if not odd:
        return {}
    pairs = (part.partition(_ODD_VALUE) for part in odd.split(_NEXT_ODD)[1:])
    return {name: value for name, _, value in pairs}


TABLE_NAMES = "metadata['schema-name'], metadata['table-name']"
"""Whose a record is."""


class LandedTable:
    """How the records of one table are found in the landed files.

    Args:
        source: The table.
        key_places: Places of the columns that belong to its key at any time.
        other_names: Names in `data` that are right without being compared.
        before_image_field: Key of the row before the change; None: there is none.
        document_field: Key under which the columns stand in `data`; None: directly.
    """

    def __init__(
        self,
        source: SourceRows,
        key_places: Sequence[int],
        other_names: Iterable[str],
        before_image_field: str | None,
        document_field: str | None,
    ) -> None:
        self._source = source
        self._columns = list(source.columns)
        self._key_places = list(key_places)
        self._known = {*(column.name for column in self._columns), *other_names}
        self._before_image_field = before_image_field
        self._document_field = document_field

    @property
    def table_columns(self) -> str:
        """The columns of the history, with their types."""
        columns = [
            f"{value_name(place)} {stored_type(column)}"
            for place, column in enumerate(self._columns)
        ]
        columns += [
            f"{old_name(place)} {stored_type(self._columns[place])}" for place in self._key_places
        ]
        return ", ".join([FIXED_COLUMNS, *columns])

    def json_reader(self, paths: Iterable[Path]) -> str:
        """Records of files with JSON lines."""
        names = ", ".join(f"{identifier(name)} VARCHAR" for name in _METADATA)
        columns = {"data": "JSON", "metadata": f"STRUCT({names})"}
        if self._before_image_field is not None:
            columns[self._before_image_field] = "JSON"
        return json_reader(paths, columns, filename=True)

    def events(
        self, reader: str, *, types: Mapping[str, str], first_line: int, is_exact: bool = False
    ) -> str:
        """The history of the table, with the changes of its definition.

        Args:
            reader: The records.
            types: Types of the columns of a Parquet file; empty for JSON.
            first_line: Number of its first record.
            is_exact: Whether numbers are texts that begin with `EXACT_NUMBER`.
        """
        position = metadata("stream-position")
        is_json = types.get("data", "VARCHAR") in ("VARCHAR", "JSON")
        values = [
            _Value(column, place, "data_texts", "data_kinds", is_exact=is_exact)
            if is_json
            else _Value(column, place, self._steps(column.name), None, is_exact=False)
            for place, column in enumerate(self._columns)
        ]
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
            self._odd(values, has_names=is_json),
            *(value.typed for value in values),
            *(self._old_value(values[place], types, is_exact) for place in self._key_places),
        ]
        if not is_json:
            return f"SELECT {', '.join(columns)} FROM {reader} WHERE {self._mine()}"
        paths = _pointers([column.name for column in self._columns], self._document_field)
        inside = f"json_extract(data, {literal(_pointer(self._document_field))})"
        names = inside if self._document_field else "data"
        unpacked = (
            f"SELECT *, json_extract_string(data, {paths}) AS data_texts, "
            f"json_type(data, {paths}) AS data_kinds, json_keys({names}) AS data_names "
            f"FROM {reader} WHERE {self._mine()}"
        )
        return f"SELECT {', '.join(columns)} FROM ({unpacked})"

    def _odd(self, values: Sequence["_Value"], *, has_names: bool) -> str:
        parts = [
            f"CASE WHEN {value.is_odd} THEN "
            f"{literal(_NEXT_ODD + value.column.name + _ODD_VALUE)} || {value.shown} ELSE '' END"
            for value in values
        ]
        if has_names:
            known = f"[{', '.join(map(literal, sorted(self._known)))}]::VARCHAR[]"
            parts.append(
                f"CASE WHEN data_names IS NULL OR list_has_all({known}, data_names) THEN '' ELSE "
                f"array_to_string(list_transform(list_filter(data_names, lambda name: NOT "
                f"list_contains({known}, name)), lambda name: {literal(_NEXT_ODD)} || name || "
                f"{literal(_ODD_VALUE + _EXTRA)}), '') END"
            )
        return f"nullif(concat({', '.join(parts)}), '')" if parts else "NULL"

    def _mine(self) -> str:
        source = self._source
        return (
            f"{metadata('record-type')} IN ('data', 'control') "
            f"AND {metadata('schema-name')} = {literal(source.schema_name)} "
            f"AND {metadata('table-name')} = {literal(source.table_name)}"
        )

    def _steps(self, name: str) -> str:
        steps = [*([self._document_field] if self._document_field else []), name]
        return "data" + "".join(f"[{literal(step)}]" for step in steps)

    def _old_value(self, new: "_Value", types: Mapping[str, str], is_exact: bool) -> str:
        field = self._before_image_field
        if field is None:
            return new.typed
        if types:
            # in a Glue table it is called so, whatever its key in the records
            field = "before_image"
            if field not in types:
                return new.typed
        name = new.column.name
        if types.get(field, "VARCHAR") in ("VARCHAR", "JSON"):
            former = f"json_extract_string({identifier(field)}, {literal(_pointer(name))})"
        else:
            former = f"{identifier(field)}[{literal(name)}]"
            is_exact = False
        return f"coalesce({_typed(former, new.column, is_exact=is_exact)}, {new.typed})"


class _Value:
    """How the value of one column is found in a record."""

    def __init__(
        self, column: Column, place: int, texts: str, kinds: str | None, *, is_exact: bool
    ) -> None:
        self.column = column
        self._text = texts if kinds is None else f"{texts}[{place + 1}]"
        self._kind = None if kinds is None else f"{kinds}[{place + 1}]"
        self._is_exact = is_exact

    @property
    def typed(self) -> str:
        """The value, in the column's type; null where it is none."""
        return _typed(self._text, self.column, is_exact=self._is_exact)

    @property
    def is_odd(self) -> str:
        """Whether it is not exactly a value of the column: `30.4` or `"30"` for an integer."""
        text, type_ = _number(self._text, self._is_exact), self.column.duckdb_type
        is_value = f"{self._text} IS NOT NULL"
        wrong = ["false"]
        if self._kind is not None:
            wrong = [f"NOT ({self._has_kind})"]
        if stored_type(self.column) != "VARCHAR":
            wrong.append(f"TRY_CAST({text} AS {type_}) IS NULL")
        if is_number(type_) and stored_type(self.column) not in ("VARCHAR", "DOUBLE"):
            wrong.append(
                f"CAST(TRY_CAST({text} AS {type_}) AS DOUBLE) IS DISTINCT FROM "
                f"TRY_CAST({text} AS DOUBLE)"
            )
        return f"{is_value} AND ({' OR '.join(wrong)})"

    @property
    def shown(self) -> str:
        """The value as it stands in the record."""
        text = shown_text(f"CAST({self._text} AS VARCHAR)")
        if self._kind is None:
            return text
        plain = _number(self._text, self._is_exact)
        is_text = f"{self._kind} = 'VARCHAR'"
        if self._is_exact:
            is_text += f" AND NOT {_begins_exact(self._text)}"
        return f"CASE WHEN {is_text} THEN '\"' || {text} || '\"' ELSE {plain} END"

    @property
    def _has_kind(self) -> str:
        type_, kind = self.column.duckdb_type, self._kind
        if is_number(type_):
            if self._is_exact:
                return f"{kind} = 'VARCHAR' AND {_begins_exact(self._text)}"
            return f"{kind} IN ('BIGINT', 'UBIGINT', 'DOUBLE', 'HUGEINT')"
        if type_ == "BOOLEAN":
            return f"{kind} = 'BOOLEAN'"
        if type_ in ("DATE", "TIMESTAMP"):
            return f"{kind} = 'VARCHAR'"
        if not self.column.is_text:
            return "true"
        if self._is_exact:
            return f"{kind} = 'VARCHAR' AND NOT {_begins_exact(self._text)}"
        return f"{kind} = 'VARCHAR'"


def is_number(duckdb_type: str) -> bool:
    """Whether the values of a type are JSON numbers."""
    return duckdb_type in ("BIGINT", "UBIGINT", "DOUBLE", "NUMBER") or duckdb_type.startswith(
        "DECIMAL"
    )


def is_by_digits(column: Column) -> bool:
    """Whether a column has more digits than a double holds: it is compared by its digits."""
    if column.duckdb_type == "NUMBER":
        return True
    match = re.match(r"\s*DECIMAL\s*\(\s*(\d+)", column.duckdb_type, re.IGNORECASE)
    return match is not None and int(match[1]) > _DOUBLES_DIGITS


def stored_type(column: Column) -> str:
    """DuckDB's type of a column in our tables."""
    return "VARCHAR" if is_by_digits(column) else column.duckdb_type


def plain_digits(number: Decimal) -> str:
    """A number by its digits: without an exponent, or zeros that say nothing."""
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


def _begins_exact(text: str) -> str:
    return f"starts_with({text}, chr({ord(EXACT_NUMBER)}))"


def _number(text: str, is_exact: bool) -> str:
    return f"ltrim({text}, chr({ord(EXACT_NUMBER)}))" if is_exact else text


def _typed(text: str, column: Column, *, is_exact: bool) -> str:
    type_ = stored_type(column)
    if type_ == "VARCHAR" and is_exact:
        text = _number(text, is_exact)
    if type_ == "VARCHAR":
        return shown_text(f"CAST({text} AS VARCHAR)")
    return f"TRY_CAST({_number(text, is_exact)} AS {type_})"


def _pointer(*steps: str | None) -> str:
    """A path as RFC 6901 writes it."""
    return "".join(
        f"/{step.replace('~', '~0').replace('/', '~1')}" for step in steps if step is not None
    )


def _pointers(names: Iterable[str], document_field: str | None) -> str:
    return f"[{', '.join(literal(_pointer(document_field, name)) for name in names)}]"


def shortened(text: str) -> str:
    """A text for the comparison: a long one by its digest, or LOBs would fill the memory."""
    if len(text) <= _LONGEST_TEXT:
        return text
    digest = md5(text.encode(), usedforsecurity=False).hexdigest()
    return f"{text[:_SHOWN_OF_A_TEXT]}… ({len(text)} characters, MD5 {digest})"


def shown_text(text: str) -> str:
    """The SQL that does the same."""
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


def metadata_reader(path: Path) -> str:
    """JSON lines, only with what tells whose they are."""
    names = 'STRUCT("schema-name" VARCHAR, "table-name" VARCHAR)'
    return json_reader([path], {"metadata": names}, filename=False)


def parquet_reader(paths: Iterable[Path]) -> str:
    """Parquet files, whose own types count."""
    return f"read_parquet([{', '.join(literal(str(path)) for path in paths)}], filename = true)"


def metadata(key: str) -> str:
    """A value of a record's metadata: of a struct or of a map."""
    return f"metadata[{literal(key)}]"


def identifier(name: str) -> str:
    """A name."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text."""
    return "'" + text.replace("'", "''") + "'"
