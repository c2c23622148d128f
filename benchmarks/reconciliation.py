"""How long what landed takes to be compared: `python -m benchmarks.reconciliation`.

A real database holds the sample's `ticket_purchase_hist`; its full load lies in objects as Firehose
makes them, a tenth of the rows was changed afterwards. Measured is the comparison alone.

    --rows N          rows of the table (100,000)
    --beside FOLDER   another checkout, measured in turn with this one
    --rounds N        how often each is measured (3)
"""

import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from argparse import ArgumentParser
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from constructs_lib.dms.table_mappings import TableMappings
from constructs_lib.dms.task_settings import TaskSettings
from dms_stream.rehearsal.deployed_task import DeployedTask, KinesisTarget
from dms_stream.rehearsal.mapping.messages import Clock
from dms_stream.rehearsal.mapping.table_recipe import ChangeOrigin, TableRecipe
from dms_stream.rehearsal.reconciliation import Reconciliation
from dms_stream.rehearsal.reconciliation.landed import LandedFile
from dms_stream.rehearsal.reconciliation.source_rows import RecipeRows
from dms_stream.rehearsal.result import OperationCounts
from dms_stream.rehearsal.sample import load_sample
from dms_stream.rehearsal.source.database import DatabaseAddress, connected, execute
from dms_stream.rehearsal.source.local_database import LocalDatabase
from dms_stream.rehearsal.source.row_chunks import read_chunks
from dms_stream.rehearsal.source.table import SourceTable, selected_tables

_TABLE = "ticket_purchase_hist"
_RECORDS_OF_AN_OBJECT = 15_000
_CHANGED = 10


def main() -> int:
    """Measure and print; 1 when a comparison finds a difference, as there is none."""
    parser = ArgumentParser(prog="python -m benchmarks.reconciliation", description=__doc__)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--beside", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--measure", nargs=3, metavar=("HOST", "PORT", "FOLDER"))
    arguments = parser.parse_args()
    if arguments.measure:
        host, port, folder = arguments.measure
        sys.stdout.write(json.dumps(_measured(host, int(port), Path(folder))))
        return 0
    checkouts = {"this checkout": Path.cwd()}
    if arguments.beside:
        checkouts[str(arguments.beside)] = arguments.beside
    seconds: dict[str, list[tuple[float, float, int]]] = {name: [] for name in checkouts}
    console = Console()
    console.print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} at the start")
    with tempfile.TemporaryDirectory(prefix="dms-stream-bench-") as name:
        folder = Path(name)
        with LocalDatabase(folder / "database") as database:
            counts = _prepare(database, folder, arguments.rows)
            for _ in range(arguments.rounds):
                for checkout, path in checkouts.items():
                    address = database.dms_address
                    (folder / "password").write_text(address.password)
                    output = subprocess.check_output(
                        [
                            *(sys.executable, "-m", "benchmarks.reconciliation", "--measure"),
                            *(address.host, str(address.port), str(folder)),
                        ],
                        cwd=path,
                    )
                    wall, cpu, mib, passed = json.loads(output)
                    if not passed:
                        console.print(f"FAILED in {checkout}: what landed is what the source holds")
                        return 1
                    seconds[checkout].append((wall, cpu, mib))
    table = Table("", "median s", "CPU s", "peak MiB", title=f"{arguments.rows:,} rows, {counts}")
    for checkout, taken in seconds.items():
        walls, cpus, mibs = zip(*taken, strict=True)
        table.add_row(checkout, f"{median(walls):.1f}", f"{median(cpus):.1f}", f"{max(mibs)}")
    console.print(table)
    return 0


def _task() -> DeployedTask:
    rule = {
        "rule-type": "selection",
        "rule-action": "include",
        "object-locator": {"schema-name": "dms_sample", "table-name": _TABLE},
    }
    return DeployedTask(
        arn="arn:aws:dms:eu-west-1:123456789012:task:T",
        identifier="t",
        migration_type="full-load-and-cdc",
        mappings=TableMappings.from_json({"rules": [rule]}),
        settings=TaskSettings(),
        target=KinesisTarget("arn:aws:kinesis:eu-west-1:123456789012:stream/s", "json-unformatted"),
        source_settings={},
        cdc_start_position=None,
        is_serverless=False,
    )


def _prepare(database: LocalDatabase, folder: Path, rows: int) -> str:
    """Fill the database and land its history."""
    task = _task()
    with connected(database.address) as connection:
        load_sample(connection, purchases=rows)
        (table,) = selected_tables(connection, task.mappings)
        recipe = TableRecipe(task, table, Clock())
        lines: list[str] = []
        number = _land(folder, lines, 0)
        for chunk in read_chunks(connection, table):
            for row in chunk.rows:
                lines.append(recipe.load(row).text)
                number = _land(folder, lines, number)
        key = table.primary_key[0]
        execute(
            connection,
            f"UPDATE dms_sample.{_TABLE} SET purchase_price = purchase_price + 1 "
            f"WHERE MOD({key}, {_CHANGED}) = 0",
        )
        changed = 0
        for chunk in read_chunks(connection, table, condition=f"MOD({key}, {_CHANGED}) = 0"):
            for row in chunk.rows:
                changed += 1
                origin = ChangeOrigin(changed, 1, 0, 0, "", "")
                lines.append(recipe.change("update", row, row, origin).text)
                number = _land(folder, lines, number)
        _land(folder, lines, number, is_last=True)
    return f"{changed:,} changes"


def _land(folder: Path, lines: list[str], number: int, *, is_last: bool = False) -> int:
    if len(lines) < _RECORDS_OF_AN_OBJECT and not (is_last and lines):
        return number
    text = "".join(f"{line}\n" for line in lines)
    (folder / f"{number:08d}.json.gz").write_bytes(gzip.compress(text.encode(), 1))
    lines.clear()
    return number + 1


def _measured(host: str, port: int, folder: Path) -> tuple[float, float, int, bool]:
    """Seconds, CPU seconds and MiB of one comparison, and whether it passed."""
    address = DatabaseAddress(host, port, "dms_user", (folder / "password").read_text())
    task = _task()
    with connected(address) as connection:
        (table,) = selected_tables(connection, task.mappings)
    files = [
        LandedFile(path.name, path.stat().st_size, path, "json")
        for path in sorted(folder.glob("*.json.gz"))
    ]
    began, cpu = time.perf_counter(), time.process_time()
    with Reconciliation(files) as reconciliation:
        verdict = reconciliation.verdict(_rows(address, task, table), sent=OperationCounts())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    passed = not verdict.difference_count and not verdict.not_compared
    return time.perf_counter() - began, time.process_time() - cpu, peak, passed


def _rows(address: DatabaseAddress, task: DeployedTask, table: SourceTable) -> RecipeRows:
    return RecipeRows(address, [TableRecipe(task, table, Clock())])


if __name__ == "__main__":
    sys.exit(main())
