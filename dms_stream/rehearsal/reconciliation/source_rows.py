"""What must have landed: the source's current rows, turned into records by the same rules.

They are selected, while changes came from the binary log: so a value that the log's reader decodes
wrongly shows as a difference.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from dms_stream.rehearsal.mapping.filters import filter_sql
from dms_stream.rehearsal.mapping.table_recipe import TableRecipe
from dms_stream.rehearsal.result import Column
from dms_stream.rehearsal.source.database import DatabaseAddress, connected
from dms_stream.rehearsal.source.row_chunks import read_chunks


class RecipeRows:
    """The rows of one table, as `dms_stream.rehearsal.result.SourceRows` asks for them.

    Args:
        source: The database.
        recipe: How its rows become records.
    """

    def __init__(self, source: DatabaseAddress, recipe: TableRecipe) -> None:
        self._source, self._recipe = source, recipe
        self._compared = recipe.compared()

    @property
    def schema_name(self) -> str:
        """Schema in the records."""
        return self._recipe.target.schema_name

    @property
    def table_name(self) -> str:
        """Table in the records."""
        return self._recipe.target.table_name

    @property
    def columns(self) -> Sequence[Column]:
        """The columns to compare."""
        return [Column(name, kind.duckdb) for name, kind, _ in self._compared]

    @property
    def primary_key(self) -> Sequence[str]:
        """The key's columns; none where the records do not have all of them."""
        names = {name for name, *_ in self._compared}
        key = self._recipe.target.primary_key
        return key if all(name in names for name in key) else ()

    def rows(self) -> Iterator[tuple[object, ...]]:
        """The rows."""
        values = [value_of for *_, value_of in self._compared]
        is_double = [kind.duckdb == "DOUBLE" for _, kind, _ in self._compared]
        table = self._recipe.table
        condition, arguments = filter_sql(table, self._recipe.rules)
        with connected(self._source) as connection:
            for chunk in read_chunks(connection, table, condition=condition, arguments=arguments):
                for row in chunk.rows:
                    yield tuple(
                        float(found) if double and isinstance(found, Decimal) else found
                        for double, found in zip(
                            is_double, (value_of(row) for value_of in values), strict=True
                        )
                    )
