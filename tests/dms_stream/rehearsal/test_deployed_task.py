"""Kinds of tasks as DMS's API tells of them, and what is made of them."""

from pathlib import Path

import pytest

from dms_stream.rehearsal.source.database import Connection, current_position, execute
from dms_stream.rehearsal.task.engine import Engine
from tests.support.pipelines import Pipeline, Source, selection

pytestmark = pytest.mark.rehearsal


def run(pipeline: Pipeline, source: Source, connection: Connection, folder: Path) -> None:
    """Run the task up to where the log ends now."""
    engine = Engine(pipeline.task, source.dms, pipeline.clients.kinesis, folder / "task.json")
    engine.stop_at(current_position(connection))
    engine.run()


def test_a_serverless_replication_is_read_back_and_run(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """Its config holds what a task does, and the type is told of the replication."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    execute(connection, "INSERT INTO t VALUES (1), (2)")
    settings = {"BeforeImageSettings": {"EnableBeforeImage": True, "FieldName": "before"}}
    pipeline.deploy([selection(source.schema)], settings=settings, is_serverless=True)
    run(pipeline, source, connection, tmp_path)
    execute(connection, "UPDATE t SET id = 3 WHERE id = 2")
    run(pipeline, source, connection, tmp_path)

    assert pipeline.task.is_serverless
    assert pipeline.data("load") == [{"id": 1}, {"id": 2}]
    assert pipeline.data("update") == [{"id": 3}]
    (update,) = (r for r in pipeline.records() if r["metadata"]["operation"] == "update")
    assert update["before"] == {"id": 2}


def test_a_task_of_changes_begins_at_the_position_it_is_given(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    """Not before it, and not where the log is now."""
    execute(connection, "CREATE TABLE t (id INT PRIMARY KEY)")
    execute(connection, "INSERT INTO t VALUES (1)")
    position = current_position(connection)
    execute(connection, "INSERT INTO t VALUES (2)")
    pipeline.deploy(
        [selection(source.schema)], migration_type="cdc", cdc_start_position=str(position)
    )
    run(pipeline, source, connection, tmp_path)

    assert pipeline.data("load") == []
    assert pipeline.data("insert") == [{"id": 2}]
