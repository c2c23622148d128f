"""The query that the demo ends with."""

import json
from datetime import UTC, datetime, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from dms_stream.cli import landed_query
from dms_stream.rehearsal.reconciliation import LandedFile
from dms_stream.rehearsal.result import RehearsalResult


def record(operation: str, at: str, **data: Any) -> str:
    """A record as it lands."""
    kind = "control" if operation == "create-table" else "data"
    metadata = {
        "timestamp": at,
        "record-type": kind,
        "operation": operation,
        "schema-name": "s",
        "table-name": "ticket_purchase_hist",
    }
    return json.dumps({"data": data, "metadata": metadata} if data else {"metadata": metadata})


def test_counts_what_landed_by_operation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    landed = tmp_path / "0.json"
    landed.write_text(
        "\n".join(
            [
                record("create-table", "2026-01-01T00:00:00.000000Z"),
                record(
                    "load", "2026-01-01T00:00:01.000000Z", purchase_id=1, purchase_price=1000.25
                ),
                record("load", "2026-01-01T00:00:02.000000Z", purchase_id=2, purchase_price=234.5),
                record("delete", "2026-01-01T00:00:03.000000Z", purchase_id=1),
            ]
        )
    )
    monkeypatch.setattr(
        landed_query,
        "fetch_landed",
        lambda *_, **__: [LandedFile("changes/0", landed.stat().st_size, landed, "json")],
    )
    result = RehearsalResult(
        environment="local",
        pipeline="tickets",
        started=datetime(2026, 1, 1, tzinfo=UTC),
        wall=timedelta(seconds=1),
        source="a database",
        stream="stream",
        delivery_stream="delivery",
        bucket="landing-bucket",
    )
    out = StringIO()
    landed_query.show_query(Console(file=out, width=100), result, s3=None)

    lines = [line.replace("│", " ").split() for line in out.getvalue().splitlines()]
    assert ["FROM", "read_json('s3://landing-bucket/**',"] in lines
    assert ["load", "2", "2", "1,234.75", "00:00:02"] in lines
    assert ["delete", "1", "1", "00:00:03"] in lines
