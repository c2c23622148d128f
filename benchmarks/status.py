"""How long `dms-stream status` takes on a deployed environment, and how long where AWS is far away.

    python -m benchmarks.status [--env NAME] [--latency-ms N] [--rounds N] [--check]

It takes an environment that is deployed, such as that of `dms-stream demo --keep`. Each round runs
the command as it is, and once with a pause before every request, which stands for the way to AWS.
docs/benchmarks.md shows a run.
"""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from benchmarks.process_tree import Usage, measure

ROOT = Path(__file__).parents[1]
LIMIT_SECONDS = 2.0
_PAUSING = """
import sys, time
from botocore.httpsession import URLLib3Session
from dms_stream.cli.app import main
send, pause = URLLib3Session.send, float(sys.argv.pop(1))
def sent(self, request):
    time.sleep(pause)
    return send(self, request)
URLLib3Session.send = sent
main()
"""


def main(
    env: Annotated[str, typer.Option(help="The deployed environment.")] = "local",
    latency_ms: Annotated[int, typer.Option(min=1, help="Pause before each request.")] = 100,
    rounds: Annotated[int, typer.Option(min=1, help="Runs of each.")] = 10,
    check: Annotated[bool, typer.Option(help="Exit with 1 if the target is missed.")] = False,
) -> None:
    """Measure both in turn, and print a table."""
    status = ["status", "--env", env, "--json"]
    subjects: dict[str, list[str]] = {
        "dms-stream status": ["-m", "dms_stream", *status],
        f"{latency_ms} ms before each request": ["-c", _PAUSING, str(latency_ms / 1000), *status],
    }
    usages: dict[str, list[Usage]] = {name: [] for name in subjects}
    for _ in range(rounds + 1):
        for name, arguments in subjects.items():
            # 1: somebody has to act
            usage = measure([sys.executable, *arguments], cwd=ROOT, env=os.environ, allowed=(1,))
            usages[name].append(usage)
    table = Table()
    for column in ("", "best s", "best CPU s"):
        table.add_column(column, justify="right" if column else "left", no_wrap=True)
    walls = {}
    for name, measured in usages.items():
        warm = measured[1:]
        walls[name] = min(usage.wall.total_seconds() for usage in warm)
        cpu = min(usage.cpu.total_seconds() for usage in warm)
        table.add_row(name, f"{walls[name]:.2f}", f"{cpu:.2f}")
    console = Console(width=None if sys.stdout.isatty() else 100, highlight=False)
    load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    console.print(f"{os.cpu_count()} cores{load}; {rounds} interleaved rounds")
    console.print(table)
    near, far = walls.values()
    turns = (far - near) / (latency_ms / 1000)
    console.print(f"requests that wait for one another: {turns:.0f}")
    for name, wall in walls.items():
        word = "met   " if wall <= LIMIT_SECONDS else "MISSED"
        console.print(f"{word} {name} in at most {LIMIT_SECONDS:g} s: {wall:.2f} s")
    if check and max(walls.values()) > LIMIT_SECONDS:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
