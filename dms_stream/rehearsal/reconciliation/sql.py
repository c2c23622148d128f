"""The SQL that reads landed records of one table."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
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
_KINDS = ("data", "control")
_WHOSE = ("record-type", "schema-name", "table-name")
_WHOLE = ("BIGINT", "UBIGINT")
_SCALE = re.compile(r"DECIMAL\(\d+,\s*(\d+)\)")
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


def odd_note(name: str, note: str) -> str:
    """What `odd` holds where something else than its JSON text is to be said of a column."""
    return _NEXT_ODD + name + _ODD_VALUE + note


def odd_values(odd: str | None) -> dict[str, str]:
    """What is odd in a record: column → its JSON text."""
    if not odd:
        return {}
    pairs = (part.partition(_ODD_VALUE) for part in odd.split(_NEXT_ODD)[1:])
    return {name: value for name, _, value in pairs}


WHOSE = "[metadata['schema-name'], metadata['table-name']]"
"""Whose a record is: schema and table."""

WHOSE_LINES = "metadata_texts[3:4]"
"""Whose the record of a JSON line is."""

_DATA = "chr(2)"
IS_UNTOLD = f"starts_with(odd, {_DATA})"
"""Whether what is odd in a record is still to be told."""


class LandedTable:
    """How the records of one table are found in the landed files.

    Args:
        source: The table.
        columns: Its columns, in the order of their places.
        key_places: Places of the columns that belong to its key at any time.
        other_names: Names in `data` that are right without being compared.
        before_image_field: Key of the row before the change; None: there is none.
        document_field: Key under which the columns stand in `data`; None: directly.

    Attributes:
        name: Its schema and name in the records.
    """

    def __init__(
        self,
        source: SourceRows,
        columns: Sequence[Column],
        key_places: Sequence[int],
        other_names: Iterable[str],
        before_image_field: str | None,
        document_field: str | None,
    ) -> None:
        self.name = (source.schema_name, source.table_name)
        self._source = source
        self._columns = list(columns)
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

    def events(self, reader: str, file: str, *, types: Mapping[str, str], first_line: int) -> str:
        """The history of the table, with the changes of its definition, from records with types.

        Args:
            reader: The records.
            file: Its name.
            types: Types of their columns.
            first_line: Number of the first record.
        """
        if types["data"] in ("VARCHAR", "JSON"):
            unpacked = self._unpacked()
            values = self._in_json(is_exact=False)
            return self._history(
                f"(SELECT *, {unpacked} FROM {reader} WHERE {self._mine()})",
                file,
                "row_number() OVER ()",
                metadata,
                self._odd(values, has_names=True),
                [value.typed for value in values],
                [self._old_value(values[place], types) for place in self._key_places],
                first_line,
            )
        values = [
            _Value(column, self._steps(column.name), None, is_exact=False)
            for column in self._columns
        ]
        return self._history(
            f"{reader} WHERE {self._mine()}",
            file,
            "row_number() OVER ()",
            metadata,
            self._odd(values, has_names=False),
            [value.typed for value in values],
            [self._old_value(values[place], types) for place in self._key_places],
            first_line,
        )

    def events_of_lines(
        self, reader: str, file: str, *, first_line: int, is_exact: bool = False
    ) -> str:
        """The same from JSON lines; follow it by `tell_odd`.

        Args:
            reader: The lines, as `line_reader` gives them.
            file: Its name.
            first_line: Number of the first record.
            is_exact: Whether numbers are texts that begin with `EXACT_NUMBER`.
        """
        places = {key: f"metadata_texts[{place}]" for place, key in enumerate(_METADATA, 1)}
        values = self._in_json(is_exact=is_exact)
        # most records are right at a quick look; of the others the data are kept
        held = " + ".join(["0", *(f"({value.is_held})::INT" for value in values)])
        names = [value_name(place) for place in range(len(values))]
        is_right = [value.is_surely_right(name) for name, value in zip(names, values, strict=True)]
        is_right.append(
            f"(coalesce(len(data_names), 0) = {held} OR list_has_all({self._known_names}, "
            "data_names))"
        )
        odd = f"CASE WHEN {' AND '.join(is_right)} THEN NULL ELSE {_DATA} || data END"
        kinds = ", ".join(map(literal, _KINDS))
        kind, schema, table = (places[key] for key in _WHOSE)
        typed = "".join(
            f", {value.typed} AS {name}" for name, value in zip(names, values, strict=True)
        )
        return self._history(
            f"(SELECT *{typed} FROM (SELECT *, {self._unpacked()} FROM {reader} "
            f"WHERE {kind} IN ({kinds}) AND {schema} = {literal(self.name[0])} "
            f"AND {table} = {literal(self.name[1])}))",
            file,
            "line",
            places.__getitem__,
            odd,
            names,
            [self._former(values[place], is_exact=is_exact) for place in self._key_places],
            first_line,
        )

    def tell_odd(self, *, is_exact: bool = False) -> str:
        """Puts what is odd in place of the data of records that are not surely right.

        Args:
            is_exact: As in `events_of_lines`.
        """
        odd = self._odd(self._in_json(is_exact=is_exact), has_names=True)
        lines = f"SELECT rowid AS place, substr(odd, 2) AS data FROM events WHERE {IS_UNTOLD}"
        return (
            f"UPDATE events SET odd = told.odd FROM (SELECT place, {odd} AS odd FROM "
            f"(SELECT *, {self._unpacked()} FROM ({lines}))) AS told "
            "WHERE rowid = told.place"
        )

    def _history(
        self,
        records: str,
        file: str,
        line: str,
        of_metadata: Callable[[str], str],
        odd: str,
        values: Sequence[str],
        old_values: Sequence[str],
        first_line: int,
    ) -> str:
        position, operation = of_metadata("stream-position"), of_metadata("operation")
        columns = [
            literal(file),
            f"{line} + {first_line}",
            operation,
            f"{operation} <> 'load'",
            f"TRY_CAST(regexp_extract({position}, '{_LOG_POSITION}', 1) AS BIGINT)",
            f"TRY_CAST(regexp_extract({position}, '{_LOG_POSITION}', 2) AS BIGINT)",
            of_metadata("transaction-id"),
            f"TRY_CAST({of_metadata('transaction-record-id')} AS BIGINT)",
            f"TRY_CAST({of_metadata('timestamp')} AS TIMESTAMP)",
            odd,
            *values,
            *old_values,
        ]
        return f"SELECT {', '.join(columns)} FROM {records}"

    def _unpacked(self) -> str:
        """Texts, kinds and names of the values in `data`."""
        field = self._document_field
        paths = ", ".join(literal(_pointer(field, column.name)) for column in self._columns)
        names = f"json_keys(data, {literal(_pointer(field))})" if field else "json_keys(data)"
        return (
            f"json_extract_string(data, [{paths}]) AS data_texts, "
            f"json_type(data, [{paths}]) AS data_kinds, {names} AS data_names"
        )

    def _in_json(self, *, is_exact: bool) -> list["_Value"]:
        return [
            _Value(column, f"data_texts[{place}]", f"data_kinds[{place}]", is_exact=is_exact)
            for place, column in enumerate(self._columns, 1)
        ]

    def _odd(self, values: Sequence["_Value"], *, has_names: bool) -> str:
        parts = [
            f"CASE WHEN {value.is_odd} THEN "
            f"{literal(_NEXT_ODD + value.column.name + _ODD_VALUE)} || {value.shown} ELSE '' END"
            for value in values
        ]
        if has_names:
            known = self._known_names
            parts.append(
                f"CASE WHEN data_names IS NULL OR list_has_all({known}, data_names) THEN '' ELSE "
                f"array_to_string(list_transform(list_filter(data_names, lambda name: NOT "
                f"list_contains({known}, name)), lambda name: {literal(_NEXT_ODD)} || name || "
                f"{literal(_ODD_VALUE + _EXTRA)}), '') END"
            )
        return f"nullif(concat({', '.join(parts)}), '')" if parts else "NULL"

    @property
    def _known_names(self) -> str:
        return f"[{', '.join(map(literal, sorted(self._known)))}]::VARCHAR[]"

    def _mine(self) -> str:
        kind, schema, table = map(metadata, _WHOSE)
        source = self._source
        return (
            f"{kind} IN ({', '.join(map(literal, _KINDS))}) "
            f"AND {schema} = {literal(source.schema_name)} "
            f"AND {table} = {literal(source.table_name)}"
        )

    def _steps(self, name: str) -> str:
        steps = [*([self._document_field] if self._document_field else []), name]
        return "data" + "".join(f"[{literal(step)}]" for step in steps)

    def _old_value(self, new: "_Value", types: Mapping[str, str]) -> str:
        # in a Glue table it is called so, whatever its key in the records
        field = "before_image"
        if self._before_image_field is None or field not in types:
            return new.typed
        name = new.column.name
        former = f"{identifier(field)}[{literal(name)}]"
        if types[field] in ("VARCHAR", "JSON"):
            former = f"json_extract_string({identifier(field)}, {literal(_pointer(name))})"
        return f"coalesce({_typed(former, new.column, is_exact=False)}, {new.typed})"

    def _former(self, new: "_Value", *, is_exact: bool) -> str:
        if self._before_image_field is None:
            return new.typed
        path = literal(_pointer(new.column.name))
        former, kind = f"json_extract_string(former, {path})", f"json_type(former, {path})"
        value = _Value(new.column, former, kind, is_exact=is_exact)
        return f"coalesce({value.typed}, {new.typed})"


class _Value:
    """How the value of one column is found in a record."""

    def __init__(self, column: Column, text: str, kind: str | None, *, is_exact: bool) -> None:
        self.column, self._text, self._kind, self._is_exact = column, text, kind, is_exact

    @property
    def typed(self) -> str:
        """The value, in the column's type; null where it is none."""
        # what has types of its own, such as Parquet, does not tell 5 from "5"
        if self.column.duckdb_type == "JSON" and self._is_exact:
            return self.shown
        return _typed(self._text, self.column, is_exact=self._is_exact)

    @property
    def is_held(self) -> str:
        """Whether the record has it, and it is not null."""
        return f"{self._text} IS NOT NULL"

    def is_surely_right(self, typed: str) -> str:
        """Where this is true, `is_odd` is not; it is quicker.

        Args:
            typed: The value in the column's type.
        """
        type_ = self.column.duckdb_type
        scale = _SCALE.search(type_)
        if self._kind is None or self._is_exact or not (type_ in _WHOLE or scale):
            return f"NOT ({self.is_odd})"
        is_whole = f"{self._kind} IN ('BIGINT', 'UBIGINT')"
        if scale:
            # no more digits behind the point than the type has
            is_whole = (
                f"({is_whole} OR ({self._kind} = 'DOUBLE' AND NOT contains(lower({self._text}), "
                f"'e') "
                f"AND length({self._text}) - strpos({self._text}, '.') <= {scale[1]}))"
            )
        return f"({self._text} IS NULL OR ({typed} IS NOT NULL AND {is_whole}))"

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
        if not self.column.is_text or type_ == "JSON":
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
    if column.duckdb_type in ("NUMBER", "JSON"):
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


def _plain_digits(text: str) -> str:
    """The SQL that does the same with a number without an exponent."""
    point = f"CASE WHEN contains({text}, '.') THEN rtrim(rtrim({text}, '0'), '.') ELSE {text} END"
    digits = f"regexp_replace({point}, '^(-?)0+([0-9])', '\\1\\2')"
    return f"CASE WHEN {digits} = '-0' THEN '0' ELSE {digits} END"


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


def json_reader(path: Path, columns: Mapping[str, str]) -> str:
    """JSON lines with explicit types."""
    typed = ", ".join(f"{literal(name)}: {literal(type_)}" for name, type_ in columns.items())
    return (
        f"read_json({literal(str(path))}, format = 'newline_delimited', columns = {{{typed}}}, "
        f"maximum_object_size = {_LONGEST_LINE})"
    )


def csv_reader(path: Path, names: Iterable[str]) -> str:
    """Lines of CSV, all of them texts; what is in quotes is never null."""
    columns = ", ".join(f"{literal(name)}: 'VARCHAR'" for name in names)
    return (
        f"read_csv({literal(str(path))}, columns = {{{columns}}}, auto_detect = false, "
        "header = false, delim = ',', quote = '\"', escape = '\"', nullstr = '', "
        f"allow_quoted_nulls = false, new_line = '\\n', parallel = false, "
        f"max_line_size = {2 * _LONGEST_LINE}, strict_mode = true)"
    )


def rendered_value(name: str, column: Column) -> str:
    """A text that the server rendered, in the type in which it is compared."""
    if is_by_digits(column):
        return f"{_plain_digits(name)} AS {name}"
    if column.duckdb_type == "VARCHAR":
        return f"{shown_text(name)} AS {name}"
    return f"CAST({name} AS {column.duckdb_type}) AS {name}"


def line_reader(path: Path, before_image_field: str | None) -> str:
    """JSON lines: `data` and `former` as JSON, their metadata's values, and their numbers."""
    former = "NULL::JSON"
    if before_image_field is not None:
        former = f"json_extract(json, {literal(_pointer(before_image_field))})"
    keys = ", ".join(literal(_pointer("metadata", key)) for key in _METADATA)
    return (
        f"(SELECT json_extract(json, '/data') AS data, {former} AS former, "
        f"json_extract_string(json, [{keys}]) AS metadata_texts, row_number() OVER () AS line FROM "
        f"read_ndjson_objects({literal(str(path))}, maximum_object_size = {_LONGEST_LINE}))"
    )


def parquet_reader(paths: Iterable[Path]) -> str:
    """Parquet files, whose own types count."""
    return f"read_parquet([{', '.join(literal(str(path)) for path in paths)}])"


def metadata(key: str) -> str:
    """A value of a record's metadata: of a struct or of a map."""
    return f"metadata[{literal(key)}]"


def identifier(name: str) -> str:
    """A name."""
    return '"' + name.replace('"', '""') + '"'


def literal(text: str) -> str:
    """A text."""
    return "'" + text.replace("'", "''") + "'"
