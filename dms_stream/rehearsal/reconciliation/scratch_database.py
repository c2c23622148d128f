"""A DuckDB with bounded memory, whose files are gone at its end."""

import tempfile
from pathlib import Path
from types import TracebackType
from typing import Self

import duckdb

from dms_stream.rehearsal.reconciliation.sql import literal

_MEMORY_MIB = 192
# each takes its own buffers
_THREADS = 2


class ScratchDatabase:
    """A database in memory, and a folder that goes with it.

    Attributes:
        database: DuckDB's connection; its time zone is UTC.
        folder: For files of its user, too.

    Args:
        purpose: A word for the folder's name.
    """

    def __init__(self, purpose: str) -> None:
        self._temporary = tempfile.TemporaryDirectory(prefix=f"dms-stream-{purpose}-")
        self.folder = Path(self._temporary.name)
        # beyond the limit DuckDB moves tables into the folder; nothing is to outlive it
        self.database = duckdb.connect(":memory:")
        self.database.execute(f"SET memory_limit = '{_MEMORY_MIB}MiB'")
        self.database.execute(f"SET threads = {_THREADS}")
        self.database.execute(f"SET temp_directory = {literal(str(self.folder))}")
        self.database.execute("SET GLOBAL TimeZone = 'UTC'")

    def close(self) -> None:
        """Remove its files."""
        self.database.close()
        self._temporary.cleanup()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()
