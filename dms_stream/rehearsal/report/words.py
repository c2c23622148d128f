"""Wording that both reports share."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from dms_stream.plural import plural
from dms_stream.rehearsal.result import (
    Announced,
    CheckOutcome,
    LandedObject,
    OperationCounts,
    RehearsalResult,
    TableVerdict,
    Version,
)

MOST_OBJECTS_OF_A_FOLDER = 3

MODEL = "The verdict is against our model of DMS, which is built from its guide and from captures."
MODEL_PAGE = "docs/rehearsal.md#what-cannot-be-proven-here"
CANNOT_SHOW = (
    "IAM, VPC and TLS of the endpoints.",
    "Throttling of shards, and order between several writers.",
    "Retention of real streams.",
    "DMS's own memory limits, retries and error policies. `ErrorBehavior` is accepted, and errors "
    "stop the rehearsal.",
    "DMS's exact values for LOBs and rare types.",
    "What DMS does where its guide and captures are silent: see what is assumed, above.",
    "Cost.",
)
"""What a verdict cannot show: the list of that page."""


@dataclass
class Folder:
    """A folder of the bucket.

    Attributes:
        name: Its name, ending in `/`.
        folders: The folders in it, by name.
        objects: The objects in it.
    """

    name: str
    folders: dict[str, "Folder"] = field(default_factory=dict)
    objects: list[LandedObject] = field(default_factory=list)

    @property
    def summary(self) -> str:
        """What is in it and below, in words."""
        count, size, records = self._total()
        counted = f", {plural(records, 'record')}" if records else ""
        return f"{plural(count, 'object')}{counted}, {in_bytes(size)}"

    @property
    def shown(self) -> Sequence[LandedObject]:
        """The first of its objects."""
        return self.objects[:MOST_OBJECTS_OF_A_FOLDER]

    @property
    def hidden(self) -> int:
        """How many others there are."""
        return max(0, len(self.objects) - MOST_OBJECTS_OF_A_FOLDER)

    def _total(self) -> tuple[int, int, int]:
        count = len(self.objects)
        size = sum(one.bytes for one in self.objects)
        records = sum(one.records or 0 for one in self.objects)
        for folder in self.folders.values():
            below = folder._total()
            count, size, records = count + below[0], size + below[1], records + below[2]
        return count, size, records


def bucket_tree(result: RehearsalResult) -> Folder:
    """The objects of the bucket in their folders."""
    root = Folder(f"{result.bucket}/")
    for landed in sorted(result.objects, key=lambda one: one.key):
        *folders, _ = landed.key.split("/")
        here = root
        for name in folders:
            here = here.folders.setdefault(name, Folder(f"{name}/"))
        here.objects.append(landed)
    return root


def headline(result: RehearsalResult) -> str:
    """The verdict in one sentence."""
    if result.passed:
        rows = sum(table.source_rows for table in result.tables)
        tables = plural(len(result.tables), "table")
        return f"What landed, replayed, equals the source: {tables}, {plural(rows, 'row')}."
    if not result.tables:
        return "No table was compared, so nothing is proven."
    reasons = []
    if failed := [table.name for table in result.tables if not table.passed]:
        tables = plural(len(failed), "table")
        reasons.append(f"{tables} different from the source ({', '.join(failed)})")
    if checks := [check.name for check in result.checks if check.outcome == "fail"]:
        reasons.append(f"{plural(len(checks), 'check')} failed ({', '.join(checks)})")
    if others := [version.settings for version in result.versions if not version.agrees]:
        reasons.append(f"{', '.join(others)}: not what its review said")
    return f"The rehearsal failed: {'; '.join(reasons)}."


def findings(table: TableVerdict) -> list[str]:
    """What is wrong with a table, a sentence each; none where nothing is."""
    found = []
    if table.not_compared:
        found.append(f"Rows were not compared: {table.not_compared}.")
    missing = table.missing
    if missing.total:
        found.append(f"Sent but not landed: {operations(missing)}.")
    if table.difference_count:
        found.append(
            f"{plural(table.difference_count, 'row')} different: "
            f"{table.source_rows:,} in the source, {table.replayed_rows:,} after the replay."
        )
    return found


def operations(counts: OperationCounts) -> str:
    """`3 loads, 1 update`."""
    by_name = {
        "load": counts.load,
        "insert": counts.insert,
        "update": counts.update,
        "delete": counts.delete,
    }
    return ", ".join(plural(count, name) for name, count in by_name.items() if count) or "nothing"


def moved(table: TableVerdict, operation: str) -> str:
    """What this run moved: `12`, or `10 of 12` where some are missing."""
    landed: int = getattr(table.moved, operation)
    missing: int = getattr(table.missing, operation)
    return f"{landed:,} of {landed + missing:,}" if missing else f"{landed:,}"


def in_bytes(size: int) -> str:
    """A size, in the unit that suits it."""
    for unit, bytes_ in (("GiB", 2**30), ("MiB", 2**20), ("KiB", 2**10)):
        if size >= bytes_:
            return f"{size / bytes_:.1f} {unit}"
    return f"{size} B"


_KEPT = re.compile(r'"\\u0000([^"]*)\\u0000"')


def pretty_json(text: str) -> str:
    """JSON with indents and every digit unchanged; other text stays as it is."""
    try:
        document = json.loads(text, parse_float=lambda number: f"\0{number}\0")
    except ValueError:
        return text
    return _KEPT.sub(r"\1", json.dumps(document, indent=2, ensure_ascii=False))


def agreement(announced: Announced) -> CheckOutcome:
    """Whether what the review said has happened; `warn` where this machine cannot tell."""
    if announced.agrees is None:
        return "warn"
    return "pass" if announced.agrees else "fail"


def agreed(version: Version) -> str:
    """Whether a version's deployment did what its review said, as a sentence."""
    if not version.agrees:
        return "What happened is not what the review said."
    if not version.announced:
        return "The review announced no interruption and no loss, and there was none."
    return "What happened is what the review said, and nothing else was lost."
