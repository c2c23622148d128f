"""The verdict of a rehearsal for programs."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from dms_stream.rehearsal.report.words import headline
from dms_stream.rehearsal.result import RehearsalResult, TableVerdict, Version


def as_document(result: RehearsalResult) -> Mapping[str, Any]:
    """What a program wants to know, ready for JSON: times in seconds, moments in ISO 8601.

    Args:
        result: The rehearsal. Landed records and objects, which may hold anybody's data, and the
            measurements of the charts are left to the page.
    """
    return {
        "environment": result.environment,
        "pipeline": result.pipeline,
        "passed": result.passed,
        "verdict": headline(result),
        "started": result.started.isoformat(timespec="seconds"),
        "seconds": round(result.wall.total_seconds(), 3),
        "source": result.source,
        "stream": result.stream,
        "delivery_stream": result.delivery_stream,
        "bucket": result.bucket,
        "settings": result.settings,
        "bytes_per_record": result.bytes_per_record,
        "checks": [
            {"outcome": check.outcome, "check": check.name, "found": check.detail, "fix": check.fix}
            for check in result.checks
        ],
        "tables": [_table(table) for table in result.tables],
        "phases": [
            {
                "name": phase.name,
                "seconds": round(phase.wall.total_seconds(), 3),
                "records": phase.records,
            }
            for phase in result.phases
        ],
        "remarks": list(result.remarks),
        "then": [_version(version) for version in result.versions],
    }


def _version(version: Version) -> Mapping[str, Any]:
    return {
        "settings": version.settings,
        "agrees": version.agrees,
        "seconds": round(version.deployed.total_seconds(), 3),
        "announced": [asdict(each) for each in version.announced],
        "unannounced": list(version.unannounced),
        "happened": version.happened,
        "quiet": list(version.quiet),
        "tables": [_table(table) for table in version.tables],
    }


def _table(table: TableVerdict) -> Mapping[str, Any]:
    return {
        "table": table.name,
        "passed": table.passed,
        "source_rows": table.source_rows,
        "replayed_rows": table.replayed_rows,
        "sent": asdict(table.sent),
        "landed": asdict(table.landed),
        "duplicates": table.duplicates,
        "difference_count": table.difference_count,
        "differences": [asdict(difference) for difference in table.differences],
        "not_compared": table.not_compared,
    }
