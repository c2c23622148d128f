"""A task's checkpoint is read back as it was written, and what is none is told."""

import json
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any

import pytest

from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.source.database import LogPosition
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable
from dms_stream.rehearsal.task.progress import Progress, read_progress

IDENTITY = {"task": "arn:task", "stream": "changes"}
COLUMN = SourceColumn(
    "size",
    "enum",
    is_unsigned=True,
    is_nullable=False,
    length=3,
    precision=4,
    scale=2,
    fraction=6,
    elements=("s", "m"),
    is_compressed=True,
)
TABLE = SourceTable(
    "shop",
    "orders",
    (COLUMN, SourceColumn("id", "int")),
    primary_key=("id", "size"),
    is_view=True,
    collation="utf8mb4_bin",
    is_versioned=True,
    has_unique_key=True,
)
# JSON has no tuples
JSON_KEYS: Any = {"shop.orders": [["log.000001:4", ["id"]]]}
PROGRESS = Progress(
    IDENTITY,
    LogPosition("log.000003", 77),
    loaded=("shop.seats",),
    loading={"shop.orders": [1, "m"]},
    announced=("shop.seats", "shop.orders"),
    counts={"shop.seats": {"load": 5}},
    last_stamp=9,
    transaction=(4, 2),
    tables={"shop.orders": TABLE},
    names={"shop.orders": ["id", "size"]},
    keys=JSON_KEYS,
    run_starts=["2026-01-02T03:04:05Z"],
    mappings='{"rules": []}',
    alterations={"shop.orders": ["column a added"]},
)


@pytest.mark.parametrize("one", [PROGRESS, TABLE, COLUMN])
def test_the_example_has_no_default(one: Any) -> None:
    """A new field that is not read back would not be noticed otherwise."""
    for field in fields(one):
        default = field.default_factory() if field.default_factory is not MISSING else field.default
        assert getattr(one, field.name) != default, field.name


def test_it_is_read_back_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "task.json"
    PROGRESS.save(path)
    assert read_progress(path, dict(IDENTITY)) == PROGRESS
    Progress(IDENTITY, run_starts=[]).save(path)
    assert read_progress(path, IDENTITY) == Progress(IDENTITY, run_starts=[])
    assert list(tmp_path.iterdir()) == [path]


def test_that_of_another_task_or_none_is_an_empty_one(tmp_path: Path) -> None:
    path = tmp_path / "task.json"
    assert read_progress(path, IDENTITY) == Progress(IDENTITY)
    PROGRESS.save(path)
    other = IDENTITY | {"task": "arn:other"}
    assert read_progress(path, other) == Progress(other)


def test_that_of_an_earlier_version_lacks_what_came_later(tmp_path: Path) -> None:
    path = tmp_path / "task.json"
    PROGRESS.save(path)
    document = json.loads(path.read_text())
    for name in ("names", "keys", "run_starts", "mappings", "alterations"):
        del document[name]
    for name in ("is_versioned", "has_unique_key"):
        del document["tables"]["shop.orders"][name]
    path.write_text(json.dumps(document))
    found = read_progress(path, IDENTITY)
    assert (found.position, found.loaded) == (PROGRESS.position, PROGRESS.loaded)
    assert (found.names, found.keys, found.run_starts) == ({}, {}, ())
    assert (found.mappings, found.alterations) == ("", {})
    table = found.tables["shop.orders"]
    assert (table.columns, table.is_versioned, table.has_unique_key) == (
        TABLE.columns,
        False,
        False,
    )


@pytest.mark.parametrize(
    "change",
    [
        lambda _: "",
        lambda _: "[]",
        lambda _: "null",
        lambda _: "{}",
        lambda text: text[:-5],
        lambda text: text.replace('"position"', '"place"', 1),
        lambda text: text.replace('"offset"', '"at"'),
        lambda text: text.replace('"columns"', '"fields"'),
        lambda text: text.replace('"elements": ["s", "m"]', '"elements": 7'),
    ],
)
def test_what_is_no_checkpoint_is_told_in_a_sentence(tmp_path: Path, change: Any) -> None:
    path = tmp_path / "task.json"
    PROGRESS.save(path)
    text = path.read_text()
    path.write_text(change(text))
    assert path.read_text() != text
    with pytest.raises(RehearsalError) as refused:
        read_progress(path, IDENTITY)
    assert str(refused.value) == (
        f"{path} is not the checkpoint of a task: remove it to start over"
    )
