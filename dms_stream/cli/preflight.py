"""`dms-stream preflight`: what the account says to a deployment, before anything is made."""

import json
from collections import Counter
from collections.abc import Sequence

from rich.console import Console
from rich.text import Text

from constructs_lib.state_backend import state_key
from dms_stream.cli.errors import CommandError
from dms_stream.cli.terraform_runner import synthesize
from dms_stream.cli.workspace import Workspace
from dms_stream.hanging_text import print_hanging
from dms_stream.preflight.account import Account
from dms_stream.preflight.preflight import Checked, run_preflight, worst

_STYLES = {"pass": "green", "warn": "yellow", "fail": "bold red", "unknown": "magenta"}


def preflight(workspace: Workspace, pipeline_stacks: Sequence[str]) -> list[Checked]:
    """Ask the account that the environment is deployed to; nothing is changed there.

    Args:
        workspace: The environment.
        pipeline_stacks: Stacks of the pipelines that are to be deployed.
    """
    synthesize(workspace)
    stacks = [workspace.bootstrap_stack, *pipeline_stacks]
    settings = workspace.settings
    pipelines = {
        name: props
        for name, props in settings.pipelines.items()
        if f"{workspace.name}-{name}" in pipeline_stacks
    }
    return run_preflight(
        Account(
            settings.model_copy(update={"pipelines": pipelines}),
            {
                stack: json.loads((workspace.stack_folder(stack) / "cdk.tf.json").read_text())
                for stack in stacks
            },
            {stack: state_key(workspace.name, stack) for stack in stacks},
            workspace.process_environment,
        )
    )


def refuse_failures(console: Console, workspace: Workspace, pipeline_stacks: Sequence[str]) -> None:
    """Run the preflight before a deployment, show what did not pass, and refuse what would fail.

    Raises:
        CommandError: AWS would refuse the deployment, or records would be lost.
    """
    console.rule("Preflight")
    with console.status("asking the account"):
        checked = preflight(workspace, pipeline_stacks)
    notable = [
        Checked(check.title, results)
        for check in checked
        if (results := tuple(r for r in check.results if r.outcome != "pass"))
    ]
    show(console, notable)
    if worst(checked) == "fail":
        raise CommandError(
            "nothing was changed: the preflight failed. Mend what it names, or pass "
            "`--no-preflight` to deploy all the same"
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


def print_results(console: Console, checked: Sequence[Checked]) -> None:
    """Print the results for a person, each with what to do about it."""
    for check in checked:
        for result in check.results:
            what = Text.assemble((check.title, "bold"), f": {result.found}")
            if result.outcome != "pass":
                what.append(f"\n{result.where}", style="dim")
            if result.fix:
                what.append(f"\n→ {result.fix}")
            print_hanging(console, Text(result.outcome, _STYLES[result.outcome]), what, indent=9)


def summary(checked: Sequence[Checked]) -> str:
    """How many results of each outcome there are."""
    outcomes = Counter(result.outcome for check in checked for result in check.results)
    return ", ".join(f"{count} {outcome}" for outcome, count in outcomes.most_common())


def show(console: Console, checked: Sequence[Checked]) -> None:
    """Print the results and the counts."""
    print_results(console, checked)
    console.print(summary(checked) or "all checks passed", markup=False, highlight=False)
