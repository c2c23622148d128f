"""Under which names the sample's tables stand: their own, or those that a task selects."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from constructs_lib.dms.table_mappings import TableMappings
from constructs_lib.dms.table_mappings.selection import is_including
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.sample.schema import SCHEMA, TABLES
from dms_stream.rehearsal.source.database import identifier

# the one that changes comes first: it is what a rehearsal of one table is about
_ORDER = ("ticket_purchase_hist", "tickets", "persons", "events", "seats")
_BESIDE = " and beside"
_WILDCARD = re.compile(r"%|\[([^\[\]])[^\[\]]*\]")


@dataclass(frozen=True)
class SampleNames:
    """Schema and name of each of the sample's tables, by its own name."""

    by_table: Mapping[str, tuple[str, str]]

    @property
    def schemas(self) -> tuple[str, ...]:
        """The schemas they stand in."""
        return tuple(dict.fromkeys(schema for schema, _ in self.by_table.values()))

    @property
    def renamed(self) -> Mapping[str, str]:
        """`schema.table` of those that stand in for a table of another name, by their own."""
        return {
            table: f"{schema}.{name}"
            for table, (schema, name) in self.by_table.items()
            if (schema, name) != (SCHEMA, table) and not schema.endswith(_BESIDE)
        }

    def quoted(self, table: str) -> str:
        """A table for a statement."""
        schema, name = self.by_table[table]
        return f"{identifier(schema)}.{identifier(name)}"


OWN_NAMES = SampleNames(MappingProxyType({table: (SCHEMA, table) for table in TABLES}))


def names_for(mappings: TableMappings) -> SampleNames:
    """Names under which a task finds the sample.

    They are the sample's own where the task selects some of it. Otherwise the sample stands in: a
    wildcard takes its tables' names, and an exact name is given to one table, beginning with
    `ticket_purchase_hist`, which is the one that changes. What gets no name stands in a schema
    beside it, and is not selected.

    Raises:
        RehearsalError: the rules select no name that a table could have.
    """
    if any(mappings.captures(SCHEMA, table) for table in TABLES):
        return OWN_NAMES
    taken: dict[str, tuple[str, str]] = {}
    for table in _ORDER:
        for rule in filter(is_including, mappings.selections):
            candidate = (_filled(rule.schema_name, SCHEMA), _filled(rule.table_name, table))
            if candidate not in taken.values() and mappings.captures(*candidate):
                taken[table] = candidate
                break
    if _ORDER[0] not in taken:
        named = ", ".join(
            f"{rule.schema_name}.{rule.table_name}"
            for rule in mappings.selections
            if is_including(rule)
        )
        raise RehearsalError(
            f"the sample cannot stand in for what the rules select ({named}): rehearse with a "
            "database of your own, --database mysql://user@host:3306"
        )
    beside = f"{taken[_ORDER[0]][0]}{_BESIDE}"
    return SampleNames({table: taken.get(table, (beside, table)) for table in TABLES})


def _filled(pattern: str, name: str) -> str:
    # the first % stands for the name, others for nothing; `_` matches itself
    found = iter([name])
    return _WILDCARD.sub(
        lambda part: next(found, "") if part.group() == "%" else part.group(1), pattern
    )
