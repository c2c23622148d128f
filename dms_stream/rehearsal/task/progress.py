"""How far a task has got: written after records were accepted, read by the next run."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.source.database import LogPosition
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable
from dms_stream.whole_file import write_whole

Counts = dict[str, dict[str, int]]
"""By table on the target, then by operation."""


@dataclass(frozen=True)
class Progress:
    """A checkpoint.

    Attributes:
        identity: Tells this task, stream and source from others, whose progress is ignored.
        position: Where to read the log from; None: not known yet.
        loaded: Tables of the source that are loaded.
        loading: Key of the last row of each table that is being loaded.
        announced: Tables whose control record was sent.
        counts: Records sent, each counted once.
        last_stamp: Last time stamp given, in microseconds since 1970.
        transaction: Last transaction's id, and the number of its last record.
        tables: How each table was defined at that place in the log; the source no longer knows
            that if the table was altered since.
        names: Every name that `data` has had, by table on the target.
        keys: The keys that each source table has had on the target: since when, and the names.
        run_starts: When each run began.
        mappings: The table mappings: a table that they select, and that is not among `tables`, was
            created behind `position`.
        alterations: What the log says of changed definitions, by table on the target: the last few.
    """

    identity: Mapping[str, str]
    position: LogPosition | None = None
    loaded: tuple[str, ...] = ()
    loading: Mapping[str, list[Any]] = field(default_factory=dict)
    announced: tuple[str, ...] = ()
    counts: Counts = field(default_factory=dict)
    last_stamp: int = 0
    transaction: tuple[int, int] = (0, 0)
    tables: Mapping[str, SourceTable] = field(default_factory=dict)
    names: Mapping[str, Sequence[str]] = field(default_factory=dict)
    keys: Mapping[str, Sequence[tuple[str, Sequence[str]]]] = field(default_factory=dict)
    run_starts: Sequence[str] = ()
    mappings: str = ""
    alterations: Mapping[str, Sequence[str]] = field(default_factory=dict)

    def save(self, path: Path) -> None:
        """Write it, whole or not at all."""
        write_whole(path, json.dumps(asdict(self), default=str))


def read_progress(path: Path, identity: Mapping[str, str]) -> Progress:
    """The progress of an earlier run of the same task, or an empty one.

    Raises:
        RehearsalError: the file is not one of ours.
    """
    fresh = Progress(dict(identity))
    try:
        given = json.loads(path.read_text())
        return fresh if given["identity"] != dict(identity) else _parsed(given)
    except FileNotFoundError:
        return fresh
    except (ValueError, KeyError, TypeError, AttributeError):
        raise RehearsalError(
            f"{path} is not the checkpoint of a task: remove it to start over"
        ) from None


def _parsed(given: Mapping[str, Any]) -> Progress:
    position = given["position"]
    return Progress(
        given["identity"],
        position=LogPosition(**position) if position else None,
        loaded=tuple(given["loaded"]),
        loading=given["loading"],
        announced=tuple(given["announced"]),
        counts=given["counts"],
        last_stamp=given["last_stamp"],
        transaction=tuple(given["transaction"]),
        tables={name: _table(found) for name, found in given["tables"].items()},
        # a checkpoint of an earlier version has none of these
        names=given.get("names", {}),
        keys=given.get("keys", {}),
        run_starts=given.get("run_starts", ()),
        mappings=given.get("mappings", ""),
        alterations=given.get("alterations", {}),
    )


def _table(given: Mapping[str, Any]) -> SourceTable:
    columns = tuple(
        SourceColumn(**{**column, "elements": tuple(column["elements"])})
        for column in given["columns"]
    )
    return SourceTable(
        given["schema"],
        given["name"],
        columns,
        tuple(given["primary_key"]),
        given["is_view"],
        given["collation"],
        given.get("is_versioned", False),
        given.get("has_unique_key", False),
    )
