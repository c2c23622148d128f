"""DMS's own calls show what a task moves, while it runs and after."""

from pathlib import Path
from typing import Any

import pytest

from dms_stream.rehearsal.source.database import Connection, current_position, execute
from dms_stream.rehearsal.task.process import EngineProcess
from dms_stream.rehearsal.task.table_statistics import TableStatistics
from tests.support.pipelines import Pipeline, Source, numbers, selection

pytestmark = pytest.mark.rehearsal

COLUMNS = ("TableState", "FullLoadRows", "Inserts", "Updates", "Deletes")


def test_table_statistics_are_those_of_the_task(
    pipeline: Pipeline, source: Source, connection: Connection, tmp_path: Path
) -> None:
    execute(connection, "CREATE TABLE seats (id INT PRIMARY KEY, price INT)")
    execute(connection, f"INSERT INTO seats SELECT seq, seq FROM {numbers(500)}")
    pipeline.deploy([selection(source.schema)])

    def seats() -> tuple[Any, ...]:
        (table,) = pipeline.dms.describe_table_statistics(ReplicationTaskArn=pipeline.arn)[
            "TableStatistics"
        ]
        assert (table["SchemaName"], table["TableName"]) == (source.schema, "seats")
        return tuple(table[column] for column in COLUMNS)

    def task() -> Any:
        filters = [{"Name": "replication-task-arn", "Values": [pipeline.arn]}]
        (found,) = pipeline.dms.describe_replication_tasks(Filters=filters)["ReplicationTasks"]
        return found

    with (
        TableStatistics(pipeline.task, pipeline.url) as statistics,
        EngineProcess(
            pipeline.arn,
            source.dms,
            progress_path=tmp_path / "task.json",
            process_environment=pipeline.process_environment,
            on_event=statistics.take,
        ) as engine,
    ):
        engine.wait_until_loaded()
        assert seats() == ("Table completed", 500, 0, 0, 0)
        assert task()["Status"] == "running"
        execute(connection, "INSERT INTO seats VALUES (501, 1), (502, 2)")
        execute(connection, "UPDATE seats SET price = 0 WHERE id <= 30")
        execute(connection, "DELETE FROM seats WHERE id > 499")
        engine.finish(current_position(connection))

    assert seats() == ("Table completed", 500, 2, 30, 3)
    assert (task()["Status"], task()["StopReason"]) == ("stopped", "Stop Reason NORMAL")
    stats = task()["ReplicationTaskStats"]
    assert (stats["TablesLoaded"], stats["FullLoadProgressPercent"]) == (1, 100)
    assert stats["FullLoadFinishDate"] <= stats["StopDate"]
