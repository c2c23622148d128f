"""What must have landed: the source's current rows, turned into records by the same rules.

They are selected, while changes came from the binary log: so a value that the log's reader decodes
wrongly shows as a difference.
"""

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from dms_stream.rehearsal.mapping.filters import filter_sql
from dms_stream.rehearsal.mapping.table_recipe import TableRecipe
from dms_stream.rehearsal.reconciliation.sql import is_number
from dms_stream.rehearsal.result import Column
from dms_stream.rehearsal.source.data_types import Value
from dms_stream.rehearsal.source.database import Connection, DatabaseAddress, connected
from dms_stream.rehearsal.source.rendered_rows import lines_of_rows
from dms_stream.rehearsal.source.row_chunks import read_chunks


class RecipeRows:
    """The rows of one table of the target, as `dms_stream.rehearsal.result.SourceRows` asks for.

    Args:
        source: The database.
        recipes: How the rows of each source table that becomes this one become records.
    """

    def __init__(self, source: DatabaseAddress, recipes: Sequence[TableRecipe]) -> None:
        self._source, self._recipes = source, recipes
        self._target = recipes[0].target
        self._columns: dict[str, Column] = {}
        for recipe in recipes:
            attributes = {attribute.name for attribute in recipe.mapping.attributes}
            for name, kind, _ in recipe.compared():
                column = Column(name, kind.duckdb, is_text=name not in attributes)
                self._columns[name] = _both(self._columns.get(name, column), column)

    @property
    def schema_name(self) -> str:
        """Schema in the records."""
        return self._target.schema_name

    @property
    def table_name(self) -> str:
        """Table in the records."""
        return self._target.table_name

    @property
    def columns(self) -> Sequence[Column]:
        """The columns to compare."""
        return list(self._columns.values())

    @property
    def primary_key(self) -> Sequence[str]:
        """The key's columns; none where the records do not have all of them, or tables differ."""
        keys = {recipe.target.primary_key for recipe in self._recipes}
        key = self._target.primary_key
        return key if len(keys) == 1 and all(name in self._columns for name in key) else ()

    def rows(self) -> Iterator[tuple[object, ...]]:
        """The rows."""
        with connected(self._source) as connection:
            for recipe in self._recipes:
                yield from self._rows_of(connection, recipe)

    def rendered(self) -> Iterator[bytes] | None:
        """The rows as the server renders them; None where a rule decides about a value."""
        values = [recipe.rendered() for recipe in self._recipes]
        if not all(
            found and self._has_its_types(recipe)
            for found, recipe in zip(values, self._recipes, strict=True)
        ):
            return None
        return self._lines([found for found in values if found])

    def _has_its_types(self, recipe: TableRecipe) -> bool:
        return all(
            kind.duckdb == self._columns[name].duckdb_type for name, kind, _ in recipe.compared()
        )

    def _lines(self, values: Sequence[Mapping[str, str]]) -> Iterator[bytes]:
        with connected(self._source) as connection:
            for recipe, of_recipe in zip(self._recipes, values, strict=True):
                condition, arguments = filter_sql(recipe.table, recipe.rules)
                lobs, lob_kb = recipe.lobs
                yield from lines_of_rows(
                    connection,
                    recipe.table,
                    [of_recipe.get(name, "''") for name in self._columns],
                    lobs=lobs,
                    lob_kb=lob_kb,
                    condition=condition,
                    arguments=arguments,
                )

    def _rows_of(self, connection: Connection, recipe: TableRecipe) -> Iterator[tuple[object, ...]]:
        compared = {name: value_of for name, _, value_of in recipe.compared()}
        values = [compared.get(name, _nothing) for name in self._columns]
        is_double = [column.duckdb_type == "DOUBLE" for column in self._columns.values()]
        condition, arguments = filter_sql(recipe.table, recipe.rules)
        chunks = read_chunks(connection, recipe.table, condition=condition, arguments=arguments)
        for chunk in chunks:
            for row in chunk.rows:
                yield tuple(
                    float(found) if double and isinstance(found, Decimal) else found
                    for double, found in zip(
                        is_double, (value_of(row) for value_of in values), strict=True
                    )
                )


def _nothing(row: Sequence[Value]) -> None:
    del row


def _both(one: Column, other: Column) -> Column:
    """A column that has several types in several source tables."""
    if one == other:
        return one
    if is_number(one.duckdb_type) and is_number(other.duckdb_type):
        return Column(one.name, "NUMBER")
    return Column(one.name, "JSON")
