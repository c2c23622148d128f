"""`dms-stream local-aws status` shows what the embedded AWS runs, also in a narrow terminal."""

from io import StringIO
from typing import Any

import pytest
from rich.console import Console

from dms_stream.cli import local_aws_status
from dms_stream.local_aws import Endpoint, LocalAwsError

ENDPOINT = Endpoint("http://127.0.0.1:4", 12, "2026-01-01T00:00:00+00:00")
TABLE = {
    "SchemaName": "shop",
    "TableName": "orders",
    "TableState": "Table completed",
    "FullLoadRows": 10_000,
    "Inserts": 5,
    "Updates": 1_234,
    "Deletes": 0,
}
CHILDREN = {
    "tasks": [
        {
            "identifier": "orders",
            "status": "running",
            "process_id": 13,
            "message": "",
            "tables": [TABLE],
        },
        {
            "identifier": "broken",
            "status": "failed",
            "process_id": None,
            "message": "the database [is] gone",
            "tables": [],
        },
    ],
    "deliveries": [
        {
            "name": "orders",
            "status": "running",
            "process_id": 14,
            "message": "",
            "records": 11_239,
            "objects": 3,
            "bucket": "landing",
            "millis_behind": 1500,
        }
    ],
    "database": {"is_ours": True, "address": None},
}


class Plane:
    """A data plane that says what a test wants; None: there is none."""

    children: dict[str, Any] | None = None

    def __init__(self, _url: str) -> None:
        """Of any embedded AWS."""

    def status(self) -> Any:
        if self.children is None:
            raise LocalAwsError("none")
        return self.children


@pytest.fixture(autouse=True)
def plane(monkeypatch: pytest.MonkeyPatch) -> type[Plane]:
    """What it says."""
    monkeypatch.setattr(local_aws_status, "DataPlaneClient", Plane)
    monkeypatch.setattr(Plane, "children", None)
    return Plane


def shown() -> str:
    """What a narrow terminal shows."""
    output = StringIO()
    local_aws_status.show_status(Console(file=output, width=80, color_system=None), ENDPOINT)
    return output.getvalue()


def test_tasks_tables_and_deliveries(plane: type[Plane]) -> None:
    plane.children = CHILDREN
    said = shown()
    assert "a database of our own, started when a task first needs it" in said
    assert "task orders: running (process 13)\n" in said
    (row,) = (line for line in said.splitlines() if "shop.orders" in line)
    assert row.split() == ["shop.orders", "Table", "completed", "10,000", "5", "1,234", "0"]
    assert "task broken: failed\n" in said
    assert "broken: the database [is] gone\n" in said
    assert (
        "delivery orders: running (process 14), 11,239 records in 3 objects of landing, 1.5 s "
        "behind the stream\n"
    ) in said


@pytest.mark.parametrize(
    ("database", "told"),
    [
        ({"is_ours": True, "address": "127.0.0.1:5"}, "with the sample, at 127.0.0.1:5"),
        ({"is_ours": False, "address": "db:3306"}, "stood in for by db:3306"),
    ],
)
def test_the_source(plane: type[Plane], database: dict[str, Any], told: str) -> None:
    plane.children = CHILDREN | {"database": database, "tasks": [], "deliveries": []}
    assert told in shown().replace("\n", " ")


def test_one_without_a_data_plane(plane: type[Plane]) -> None:
    assert plane.children is None
    assert "no rows move" in shown()
    assert local_aws_status.status_document(ENDPOINT) == {
        "url": "http://127.0.0.1:4",
        "process_id": 12,
        "started": "2026-01-01T00:00:00+00:00",
    }


def test_as_json(plane: type[Plane]) -> None:
    plane.children = CHILDREN
    document = local_aws_status.status_document(ENDPOINT)
    assert document["url"] == ENDPOINT.url
    assert {key: document[key] for key in CHILDREN} == CHILDREN
