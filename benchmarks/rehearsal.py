"""How fast a rehearsal is: `python -m benchmarks.rehearsal [--rows N] [--changes N]`.

The whole loop (real database → task → emulated Kinesis → delivery → S3 → query) on an embedded AWS
of its own, beside its two limits: reading the binary log with mysql-replication alone, and putting
records on the emulated stream alone. The ratios hold on any machine, the rates only on this one.
"""

import json
import resource
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

import local_aws
from rehearsal.binary_log import Idle, RowChange, read_log
from rehearsal.database import connected, current_position
from rehearsal.local_database import LocalDatabase
from rehearsal.result import RehearsalResult
from rehearsal.run import rehearse
from rehearsal.sample import load_sample, make_changes
from tests.rehearsal.pipelines import Pipeline, selection
from tests.unit.rehearsal.delivery_setup import ROLE, session

TABLE = "ticket_purchase_hist"
_A_BATCH = 500
_SERVER_ID = 4_000_002


def main() -> int:
    """Measure and print; 1 when what landed is not what the source holds."""
    parser = ArgumentParser(prog="python -m benchmarks.rehearsal", description=__doc__)
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--changes", type=int, default=50_000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dms-stream-bench-") as name:
        folder = Path(name)
        (folder / "aws").mkdir()
        try:
            url = local_aws.start(folder / "aws").url
            pipeline = _pipeline(url)
            result = rehearse(
                pipeline.plan(folder / "run", purchases=arguments.rows, changes=arguments.changes),
                tell=_say,
            )
            _say(f"largest process of the loop: {_largest_child_mib():,.0f} MiB")
            put = _raw_put(pipeline, arguments.changes)
            read = _raw_read(folder / "raw", arguments.changes)
        finally:
            local_aws.stop(folder / "aws")
    _show(result, put, read)
    return 0 if result.passed else 1


def _pipeline(url: str) -> Pipeline:
    iam: Any = session().client("iam", endpoint_url=url)
    role = iam.create_role(RoleName="bench", AssumeRolePolicyDocument=json.dumps(ROLE))
    pipeline = Pipeline(url, role["Role"]["Arn"])
    pipeline.deploy([selection("dms_sample", TABLE)])
    return pipeline


def _raw_put(pipeline: Pipeline, records: int) -> float:
    """Records a second that the emulated stream takes, from one client."""
    kinesis = pipeline.clients.kinesis
    kinesis.create_stream(StreamName="raw", ShardCount=1)
    batch = [{"Data": b"x" * 350, "PartitionKey": str(n)} for n in range(_A_BATCH)]
    began = time.perf_counter()
    for _ in range(records // _A_BATCH):
        kinesis.put_records(StreamName="raw", Records=batch)
    return records // _A_BATCH * _A_BATCH / (time.perf_counter() - began)


def _raw_read(folder: Path, changes: int) -> float:
    """Changes a second that mysql-replication decodes."""
    with LocalDatabase(folder) as database, connected(database.address) as connection:
        load_sample(connection, purchases=changes)
        start = current_position(connection)
        make_changes(connection, changes=changes, purchases=changes)
        count, began = 0, time.perf_counter()
        for entry in read_log(database.dms_address, start, server_id=_SERVER_ID):
            if isinstance(entry, RowChange):
                count += 1
            if isinstance(entry, Idle):
                break
        return count / (time.perf_counter() - began)


def _show(result: RehearsalResult, put: float, read: float) -> None:
    phases = {phase.name: phase for phase in result.phases}
    seconds = {name: phase.wall.total_seconds() for name, phase in phases.items()}
    tail = seconds["delivery of the rest"]
    changes = phases["changes"].records / (seconds["changes"] + tail)
    _say("")
    _say(f"full load, on the stream: {phases['full load'].records_per_second:,.0f} rows/s")
    _say(f"changes, into S3 (their making and the delivery's rest included): {changes:,.0f}/s")
    _say(f"raw read of the binary log: {read:,.0f} changes/s")
    _say(f"raw put on the emulated stream: {put:,.0f} records/s")
    for name, part in seconds.items():
        _say(f"  {name}: {part:.1f} s")
    _say(f"verdict: {'passed' if result.passed else 'FAILED'}")


def _largest_child_mib() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
