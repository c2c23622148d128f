"""A pipeline on an embedded AWS that moves rows, driven by the calls of DMS alone."""

import os
import signal
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dms_stream.local_aws.data_plane_client import DataPlaneClient
from tests.support.pipelines import Json, Pipeline
from tests.support.waiting import until

_ENDED = ("stopped", "failed")


@dataclass
class LivePipeline(Pipeline):
    """A task that is started, stopped and looked at as on AWS."""

    def __post_init__(self) -> None:
        """Names, nothing deployed yet."""
        super().__post_init__()
        self.plane = DataPlaneClient(self.url)

    @property
    def is_serverless(self) -> bool:
        """Whether it is DMS Serverless."""
        return ":replication-config:" in self.arn

    def deploy_task(self, rules: Sequence[Json], **more: Any) -> None:
        """Make everything but the delivery, which most tests have no need of."""
        self.deploy(rules, delivers=False, **more)

    def start(self, kind: str = "start-replication", **more: Any) -> None:
        """Start it."""
        if self.is_serverless:
            self.dms.start_replication(
                ReplicationConfigArn=self.arn, StartReplicationType=kind, **more
            )
        else:
            self.dms.start_replication_task(
                ReplicationTaskArn=self.arn, StartReplicationTaskType=kind, **more
            )

    def stop(self) -> Json:
        """Stop it, and wait until it has ended."""
        if self.is_serverless:
            self.dms.stop_replication(ReplicationConfigArn=self.arn)
        else:
            self.dms.stop_replication_task(ReplicationTaskArn=self.arn)
        return self.until_status(*_ENDED)

    def reload(self, *tables: tuple[str, str]) -> None:
        """Load tables again."""
        asked = [{"SchemaName": schema, "TableName": table} for schema, table in tables]
        if self.is_serverless:
            self.dms.reload_replication_tables(ReplicationConfigArn=self.arn, TablesToReload=asked)
        else:
            self.dms.reload_tables(ReplicationTaskArn=self.arn, TablesToReload=asked)

    def described(self) -> Json:
        """What DMS says of it."""
        if self.is_serverless:
            filters = [{"Name": "replication-config-arn", "Values": [self.arn]}]
            (found,) = self.dms.describe_replications(Filters=filters)["Replications"]
        else:
            filters = [{"Name": "replication-task-arn", "Values": [self.arn]}]
            (found,) = self.dms.describe_replication_tasks(Filters=filters)["ReplicationTasks"]
        return dict(found)

    def until_status(self, *wanted: str) -> Json:
        """Wait for a status; one that failed is shown."""
        until(lambda: self.described()["Status"] in (*wanted, "failed"))
        found = self.described()
        assert found["Status"] in wanted, found
        return found

    def statistics(self) -> dict[str, Json]:
        """The statistics of its tables, by name."""
        if self.is_serverless:
            found = self.dms.describe_replication_table_statistics(ReplicationConfigArn=self.arn)
            tables = found["ReplicationTableStatistics"]
        else:
            found = self.dms.describe_table_statistics(ReplicationTaskArn=self.arn)
            tables = found["TableStatistics"]
        return {table["TableName"]: table for table in tables}

    def until_counted(self, table: str, **wanted: object) -> None:
        """Wait for figures of a table."""
        until(lambda: wanted.items() <= self.statistics().get(table, {}).items())

    def engine(self) -> int:
        """The process of the running task."""
        task = self.plane.task(self.arn)
        assert task is not None
        return int(task["process_id"])

    def kill_engine(self) -> Json:
        """End the task's process as a crash would."""
        os.kill(self.engine(), signal.SIGKILL)
        until(lambda: self.described()["Status"] == "failed")
        return self.described()

    def landed(self) -> list[Json]:
        """Data records in the bucket, once all on the stream are there."""
        arn = self.plane.delivery(self.delivery.name)["arn"]
        number = self.plane.drain(arn)
        until(lambda: self.plane.delivery(self.delivery.name)["drained"] >= number)
        return [
            document
            for document in self.delivery.documents()
            if document["metadata"]["record-type"] == "data"
        ]

    def replayed(self, key: str = "id") -> dict[Any, Json]:
        """The rows that the history on the stream leaves."""
        rows: dict[Any, Json] = {}
        for record in self.records():
            if record["metadata"]["record-type"] != "data":
                continue
            if record["metadata"]["operation"] == "delete":
                rows.pop(record["data"][key], None)
            else:
                rows[record["data"][key]] = record["data"]
        return rows

    def remove(self) -> None:
        """End what runs."""
        if self.arn and self.described()["Status"] in ("starting", "running"):
            self.stop()
        self.delivery.remove()


def processes(word: str) -> dict[int, str]:
    """Processes with a word on their command lines."""
    return dict(_processes(word))


def _processes(word: str) -> Iterator[tuple[int, str]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                line = (entry / "cmdline").read_text(errors="replace")
            except OSError:
                continue  # it has just ended
            if word in line:
                yield int(entry.name), line.replace("\0", " ")
