"""The source's tables and columns, as its dictionary describes them."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from constructs_lib.dms.table_mappings import TableMappings
from dms_stream.rehearsal.source.database import Connection, rows_by_name

# one name for all of them in the binary log
GEOMETRIES = frozenset(
    {
        "geometry",
        "point",
        "linestring",
        "polygon",
        "multipoint",
        "multilinestring",
        "multipolygon",
        "geometrycollection",
        "geomcollection",
    }
)
SYSTEM_SCHEMAS = ("information_schema", "mysql", "performance_schema", "sys")
# https://mariadb.com/kb/en/storage-engine-independent-column-compression/
_COMPRESSED = "COMPRESSED"
# https://mariadb.com/kb/en/server-system-variables/#mysql56_temporal_format
_OLD_FORMAT = "/* mariadb-5.3 */"
# https://mariadb.com/kb/en/create-sequence/
_SEQUENCE = (
    *("next_not_cached_value", "minimum_value", "maximum_value", "start_value", "increment"),
    *("cache_size", "cycle_option", "cycle_count"),
)
_ELEMENT = re.compile(r"'((?:[^']|'')*)'")


@dataclass(frozen=True)
class SourceColumn:
    """A column of the source.

    Attributes:
        name: Its name.
        data_type: MySQL's type in lower case, without length: `int`, `varchar`, `geometry`.
            A date or time in MariaDB's old format, which nobody reads, is a type of its own.
        is_unsigned: Whether it holds no negative numbers.
        is_nullable: Whether it may be NULL.
        length: Characters, bytes or, for BIT, bits; 0 where the type has none.
        precision: Digits of a decimal.
        scale: Digits after the point of a decimal.
        fraction: Digits of a second's fraction.
        elements: Values of an ENUM or SET, in their order.
        is_compressed: Whether MariaDB stores and logs it compressed.
    """

    name: str
    data_type: str
    is_unsigned: bool = False
    is_nullable: bool = True
    length: int = 0
    precision: int = 0
    scale: int = 0
    fraction: int = 0
    elements: tuple[str, ...] = ()
    is_compressed: bool = False


@dataclass(frozen=True)
class SourceTable:
    """A table or view of the source.

    Attributes:
        schema: Name of its schema.
        name: Its name.
        columns: Its columns, in order, including generated ones, as in the binary log.
        primary_key: Names of the key's columns, in the key's order; empty where there is none.
        is_view: Whether it is a view.
        collation: Its default collation.
        is_versioned: Whether MariaDB keeps its former rows in it (WITH SYSTEM VERSIONING).
        has_unique_key: Whether it has a unique key beside the primary one; the log does not tell.
    """

    schema: str
    name: str
    columns: tuple[SourceColumn, ...]
    primary_key: tuple[str, ...] = ()
    is_view: bool = False
    collation: str | None = None
    is_versioned: bool = False
    has_unique_key: bool = False
    positions: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Where each column is, by name."""
        places = {column.name: place for place, column in enumerate(self.columns)}
        object.__setattr__(self, "positions", places)

    @property
    def full_name(self) -> str:
        """`schema.table`."""
        return f"{self.schema}.{self.name}"

    @property
    def signature(self) -> tuple[tuple[object, ...], ...]:
        """Names, types and key, to tell one definition from another.

        Of a type, what decides how its values are written and what the log knows, too: its lengths
        of texts are in bytes.
        """
        columns = tuple(
            (
                *(column.name, column.data_type, column.is_unsigned, column.fraction),
                *(column.precision, column.scale),
                column.length if column.data_type == "bit" else 0,
            )
            for column in self.columns
        )
        return (*columns, self.primary_key)

    def column(self, name: str) -> SourceColumn | None:
        """The column of that name."""
        place = self.positions.get(name)
        return None if place is None else self.columns[place]


def read_tables(connection: Connection, schema: str | None = None) -> list[SourceTable]:
    """All tables and views that the user may read, by schema and name.

    Args:
        connection: To the source.
        schema: Only this schema's; None: all but the server's own.
    """
    wanted = (
        f"= {connection.escape(schema)}"
        if schema is not None
        else f"NOT IN ({', '.join(connection.escape(name) for name in SYSTEM_SCHEMAS)})"
    )
    columns: dict[tuple[str, str], list[SourceColumn]] = {}
    for row in rows_by_name(
        connection,
        "SELECT table_schema, table_name, column_name, data_type, column_type, is_nullable, "
        "character_maximum_length, numeric_precision, numeric_scale, datetime_precision "
        f"FROM information_schema.columns WHERE table_schema {wanted} "
        "ORDER BY table_schema, table_name, ordinal_position",
    ):
        columns.setdefault((row["table_schema"], row["table_name"]), []).append(_column(row))
    keys: dict[tuple[str, str], list[str]] = {}
    unique = set()
    for row in rows_by_name(
        connection,
        "SELECT table_schema, table_name, index_name, column_name FROM "
        f"information_schema.statistics WHERE non_unique = 0 AND table_schema {wanted} "
        "ORDER BY table_schema, table_name, seq_in_index",
    ):
        place = (row["table_schema"], row["table_name"])
        if row["index_name"] == "PRIMARY":
            keys.setdefault(place, []).append(row["column_name"])
        else:
            unique.add(place)
    return [
        SourceTable(
            row["table_schema"],
            row["table_name"],
            tuple(columns[place]),
            tuple(keys.get(place, ())),
            row["table_type"].endswith("VIEW"),
            row["table_collation"],
            row["table_type"] == "SYSTEM VERSIONED",
            place in unique,
        )
        for row in rows_by_name(
            connection,
            "SELECT table_schema, table_name, table_type, table_collation "
            f"FROM information_schema.tables WHERE table_schema {wanted} "
            "AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW') "
            "ORDER BY table_schema, table_name",
        )
        if (place := (row["table_schema"], row["table_name"])) in columns
    ]


def selected_tables(connection: Connection, mappings: TableMappings) -> list[SourceTable]:
    """The tables and views that the selection rules select: what is moved, and what is compared.

    Args:
        connection: To the source.
        mappings: The rules.
    """
    return [
        table
        for table in read_tables(connection)
        if mappings.captures(table.schema, table.name, is_view=table.is_view)
    ]


def is_sequence(table: SourceTable) -> bool:
    """Whether MariaDB's log describes a sequence, which is no table: it names no kind there."""
    return tuple(column.name for column in table.columns) == _SEQUENCE


def _column(row: dict[str, object]) -> SourceColumn:
    data_type = str(row["data_type"]).lower()
    column_type = str(row["column_type"])
    if _OLD_FORMAT in column_type and data_type in ("datetime", "time", "timestamp"):
        data_type += " in the format of MariaDB 5.3"
    is_listed = data_type in ("enum", "set")
    is_bit = data_type == "bit"
    return SourceColumn(
        name=str(row["column_name"]),
        data_type="geometry" if data_type in GEOMETRIES else data_type,
        is_unsigned="unsigned" in column_type.lower() and not is_listed,
        is_nullable=row["is_nullable"] == "YES",
        length=_number(row["numeric_precision" if is_bit else "character_maximum_length"]),
        precision=_number(row["numeric_precision"]) if data_type == "decimal" else 0,
        scale=_number(row["numeric_scale"]) if data_type == "decimal" else 0,
        fraction=_number(row["datetime_precision"]),
        elements=tuple(_elements(column_type)) if is_listed else (),
        is_compressed=not is_listed and _COMPRESSED in column_type,
    )


def _elements(column_type: str) -> Iterable[str]:
    return (found.group(1).replace("''", "'") for found in _ELEMENT.finditer(column_type))


def _number(value: object) -> int:
    return int(str(value)) if value is not None else 0
