"""`dms-stream preflight`: what the account says to a deployment, before anything is made."""

import json
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from constructs_lib.state_backend import state_key
from dms_stream.cli.terraform_runner import synthesize
from dms_stream.cli.workspace import Workspace
from dms_stream.preflight.account import Account
from dms_stream.preflight.preflight import Checked, run_preflight

_STYLES = {"pass": "green", "warn": "yellow", "fail": "bold red", "unknown": "magenta"}


def preflight(workspace: Workspace) -> list[Checked]:
    """Ask the account that the environment is deployed to; nothing is changed there."""
    synthesize(workspace)
    stacks = [workspace.bootstrap_stack, *workspace.pipeline_stacks()]
    return run_preflight(
        Account(
            workspace.settings,
            {
                stack: json.loads((workspace.stack_folder(stack) / "cdk.tf.json").read_text())
                for stack in stacks
            },
            {stack: state_key(workspace.name, stack) for stack in stacks},
            workspace.environment,
        )
    )


def as_json(checked: Sequence[Checked]) -> str:
    """The results for a program."""
    results = [
        {
            "check": check.title,
            "where": result.where,
            "outcome": result.outcome,
            "found": result.found,
            "fix": result.fix,
        }
        for check in checked
        for result in check.results
    ]
    return json.dumps(results, indent=2)


def as_table(checked: Sequence[Checked]) -> Table:
    """The results for a person, each with what to do about it."""
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for check in checked:
        for result in check.results:
            what = Text.assemble((check.title, "bold"), f": {result.found}")
            if result.outcome != "pass":
                what.append(f"\n{result.where}", style="dim")
            if result.fix:
                what.append(f"\n→ {result.fix}")
            table.add_row(Text(result.outcome, style=_STYLES[result.outcome]), what)
    return table


def summary(checked: Sequence[Checked]) -> str:
    """How many results of each outcome there are."""
    outcomes = Counter(result.outcome for check in checked for result in check.results)
    return ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())


def show(console: Console, checked: Sequence[Checked]) -> None:
    """Print the table and the counts."""
    console.print(as_table(checked))
    console.print(summary(checked), markup=False, highlight=False)
