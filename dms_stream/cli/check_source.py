"""`dms-stream check-source`: whether a database can be a source of DMS."""

import os
from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

import typer
from rich.console import Console
from rich.text import Text

from dms_stream.cli.json_output import print_json
from dms_stream.cli.workspace import open_workspace
from dms_stream.hanging_text import print_hanging
from dms_stream.rehearsal.date_check import check_dates
from dms_stream.rehearsal.result import Check
from dms_stream.rehearsal.source.check import CaptureRules, check_source, source_name
from dms_stream.rehearsal.source.database import PASSWORD_VARIABLE, DatabaseAddress

_STYLES = {"pass": "green", "warn": "yellow", "fail": "red"}


def run_check_source(
    console: Console,
    database: str,
    *,
    environment: str | None = None,
    pipelines: list[str] | None = None,
    as_json: bool = False,
) -> bool:
    """Show whether a database can be a source of DMS, in words or as JSON.

    Args:
        console: Where to show it.
        database: Its URL.
        environment: Whose tables are judged. None, and no pipelines either: all that the user sees.
        pipelines: Only these pipelines' tables; None: those of all.
        as_json: Whether to print JSON.

    Returns:
        Whether nothing failed.

    Raises:
        DmsStreamError: the database cannot be reached, or the settings are not valid.
    """
    address = read_address(database)
    checked = _checked(address, _rules(environment, pipelines))
    name = source_name(address)
    if as_json:
        told = [
            {
                "outcome": check.outcome,
                "check": check.name,
                "found": check.detail,
                "fix": check.fix,
                "pipelines": judged,
            }
            for check, judged in checked.items()
        ]
        print_json({"source": name, "checks": told})
    else:
        console.print(Text(name, "bold"))
        print_checks(console, checked)
    return all(check.outcome != "fail" for check in checked)


def read_address(url: str) -> DatabaseAddress:
    """The database that a command line names; the password may be in the process environment.

    A password in the URL is used, and warned of.

    Raises:
        SourceError: it is no such URL.
    """
    address = DatabaseAddress.from_url(url, password=os.environ.get(PASSWORD_VARIABLE))
    if urlsplit(url).password is not None:
        typer.echo(
            "warning: the URL holds the password, which the shell's history and the list of "
            f"processes keep: leave it out, and give it in the variable {PASSWORD_VARIABLE}",
            err=True,
        )
    return address


def _rules(
    environment: str | None, pipelines: list[str] | None
) -> Mapping[str, CaptureRules | None]:
    """The rules to judge by, by pipeline; without an environment one entry without rules."""
    if environment is None and not pipelines:
        return {"": None}
    workspace = open_workspace(environment, needs_aws=False)
    workspace.pipeline_stacks(pipelines)  # refuses names that it does not know
    settings = workspace.settings.pipelines
    replications = {name: settings[name].replication for name in pipelines or settings}
    return {
        name: CaptureRules(replication.table_mappings, replication.task_settings)
        for name, replication in replications.items()
    }


def _checked(
    address: DatabaseAddress, by_pipeline: Mapping[str, CaptureRules | None]
) -> Mapping[Check, Sequence[str]]:
    """Each outcome once, with the pipelines that it is about: the server is the same for all."""
    found: dict[Check, list[str]] = {}
    for pipeline, rules in by_pipeline.items():
        mappings = rules.mappings if rules else None
        for check in [*check_source(address, rules=rules), *check_dates(address, mappings)]:
            found.setdefault(check, []).extend([pipeline] if pipeline else [])
    return found


def print_checks(console: Console, checked: Mapping[Check, Sequence[str]]) -> None:
    """Print checks, each with what was found and what to do about those that did not pass."""
    several = len({tuple(judged) for judged in checked.values()}) > 1
    for check, judged in checked.items():
        what = Text.assemble((check.name, "bold"), f": {check.detail}")
        if several:
            what.append(f"\n{', '.join(judged)}", style="dim")
        if check.fix:
            what.append(f"\n→ {check.fix}")
        print_hanging(console, Text(check.outcome, _STYLES[check.outcome]), what)
