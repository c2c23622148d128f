"""DMS's documents, read with the models of this project."""

from functools import lru_cache

from constructs_lib.dms.table_mappings import TableMappings
from constructs_lib.errors import DmsStreamError


@lru_cache(maxsize=64)
def read_mappings(text: str) -> TableMappings | None:
    """The table mappings in a text; None where it holds none that can be understood."""
    try:
        return TableMappings.from_json(text, lint=False)
    except DmsStreamError:
        return None
