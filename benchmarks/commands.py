"""How long the commands that ask no service take, beside `python main.py` alone.

    python -m benchmarks.commands [--check] [--rounds N] [--beside FOLDER]

Every round runs each command once, so that whatever else the machine does hits all of them alike.
docs/benchmarks.md says what is measured and shows a run.
"""

import os
import statistics
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.plans import plan_json
from benchmarks.process_tree import Usage, measure

ROOT = Path(__file__).parents[1]
_MAIN = "python main.py"
# at most so many times the processor time of `python main.py`: the wall's ratios are alike on an
# idle machine, and on a busy one they say what else it did
LIMITS = {"dms-stream synth": 1.2, "dms-stream schema": 0.4, "dms-stream review PLAN": 0.4}
# as many as the seed's stack has
_RESOURCES = 62


@dataclass
class Command:
    """What is measured: a command line, in a checkout."""

    name: str
    arguments: list[str]
    checkout: Path
    # exit codes beside 0: a review that finds something ends with 1
    allowed: tuple[int, ...] = ()
    usages: list[Usage] = field(default_factory=list)

    def run(self, outdir: Path) -> None:
        """Measure it once more."""
        env = {**os.environ, "CDKTF_OUTDIR": str(outdir), "DMS_STREAM_LOCAL_AWS": str(outdir)}
        command = [sys.executable, *self.arguments]
        self.usages.append(measure(command, cwd=self.checkout, env=env, allowed=self.allowed))

    @property
    def wall(self) -> float:
        """The quickest round's seconds: the one that others on the machine disturbed least."""
        return min(usage.wall.total_seconds() for usage in self.usages)

    @property
    def cpu(self) -> float:
        """Median processor seconds, of its processes together."""
        return statistics.median(usage.cpu.total_seconds() for usage in self.usages)


def _commands(checkout: Path, plan: Path) -> list[Command]:
    cli = ["-m", "dms_stream"]
    return [
        Command(_MAIN, ["main.py"], checkout),
        Command("dms-stream synth", [*cli, "synth", "--emulated"], checkout),
        Command("dms-stream schema", [*cli, "schema"], checkout),
        Command("dms-stream review PLAN", [*cli, "review", str(plan)], checkout, allowed=(1,)),
    ]


def _table(title: str, commands: list[Command]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("", no_wrap=True)
    for column in ("best s", "of main.py", "median CPU s", "of main.py"):
        table.add_column(column, justify="right")
    main = commands[0]
    for command in commands:
        table.add_row(
            command.name,
            f"{command.wall:.2f}",
            f"{command.wall / main.wall:.2f}",
            f"{command.cpu:.2f}",
            f"{command.cpu / main.cpu:.2f}",
        )
    return table


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Runs of each command.")] = 15,
    check: Annotated[bool, typer.Option(help="Exit with 1 if a target is missed.")] = False,
    beside: Annotated[
        Path | None,
        typer.Option(help="Another checkout, such as a worktree of an older commit."),
    ] = None,
) -> None:
    """Measure side by side and print a table for each checkout."""
    with tempfile.TemporaryDirectory(prefix="dms-stream-bench-") as folder:
        plan = Path(folder, "plan.json")
        plan.write_text(plan_json(_RESOURCES), encoding="utf-8")
        checkouts = {
            path: _commands(path, plan) for path in [ROOT, *([beside.resolve()] if beside else [])]
        }
        every = [command for commands in checkouts.values() for command in commands]
        for command in every:  # what is cached: bytecode, jsii's packages
            command.run(Path(folder))
            command.usages.clear()
        for _ in track(range(rounds), "rounds", transient=True, disable=not sys.stdout.isatty()):
            for command in every:
                command.run(Path(folder))
    console = Console(width=None if sys.stdout.isatty() else 100)
    load = f", load {os.getloadavg()[0]:.1f} at the end" if hasattr(os, "getloadavg") else ""
    console.print(f"{os.cpu_count()} cores{load}; {rounds} interleaved rounds", highlight=False)
    for path, commands in checkouts.items():
        console.print(_table("this checkout" if path == ROOT else f"beside: {path.name}", commands))
    missed = False
    whole = checkouts[ROOT][0].cpu
    for command in checkouts[ROOT][1:]:
        limit, ratio = LIMITS[command.name], command.cpu / whole
        missed |= ratio > limit
        console.print(
            f"{'met   ' if ratio <= limit else 'MISSED'} {command.name} at most {limit} times "
            f"`{_MAIN}`: {ratio:.2f}",
            highlight=False,
        )
    if check and missed:
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
