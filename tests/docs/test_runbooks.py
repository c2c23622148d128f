"""Each alarm has a runbook that tells what is true of it, and each runbook has an alarm."""

import re
from functools import cache
from pathlib import Path
from typing import Any, get_args

import pytest

from constructs_lib.monitoring import AlarmName, MonitoringProps
from constructs_lib.monitoring.props import Thresholds
from dms_stream.settings.environment import Environment
from tests.support.model_walk import models_below
from tests.support.own_alarms import Watched, own_alarms

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "runbooks"
ALARMS = get_args(AlarmName)
_MISSING = {"breaching": "goes off", "notBreaching": "is fine", "ignore": "changes nothing"}


@cache
def alarms() -> dict[str, dict[str, Any]]:
    """Every metric alarm that there can be."""
    watched = Watched({"ReplicationTaskIdentifier": "A"}, {"a": "b"}, "changes", "to-s3")
    return own_alarms(watched, MonitoringProps())


def test_each_alarm_has_a_page_and_each_page_an_alarm() -> None:
    pages = {page.stem for page in FOLDER.glob("*.md")} - {"README"}
    assert pages == set(ALARMS)
    listed = re.findall(r"^ +- ([a-z-]+): docs/runbooks/", (ROOT / "mkdocs.yml").read_text(), re.M)
    assert listed == list(ALARMS)
    index = re.findall(r"^\| \[([a-z-]+)\]", (FOLDER / "README.md").read_text(), re.MULTILINE)
    assert index == list(ALARMS)


@pytest.mark.parametrize("name", ALARMS)
def test_a_page_says_what_to_look_at_and_what_to_do(name: str) -> None:
    text = (FOLDER / f"{name}.md").read_text()
    title, *_ = text.splitlines()
    assert title == f"# {name}"
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [
        "What it means",
        "How to look",
        "What to do",
    ]
    look = text.partition("## How to look")[2].partition("##")[0]
    assert "\ndms-stream " in look
    assert re.search(r"^1\. ", text.partition("## What to do")[2], re.MULTILINE)


@pytest.mark.parametrize("name", ALARMS)
def test_a_pages_facts_are_the_alarms(name: str) -> None:
    text = (FOLDER / f"{name}.md").read_text()
    row = re.findall(r"^\| (critical|warning) \|(.*)\|(.*)\|(.*)\|(.*)\|$", text, re.MULTILINE)
    ((severity, metric, _, missing, setting),) = row
    index = (FOLDER / "README.md").read_text()
    assert f"| [{name}]({name}.md) | {severity} |{metric}|" in index
    key = setting.strip().strip("`").removeprefix("monitoring.thresholds.")
    assert key in Thresholds.model_fields
    if name == "replication-events":
        return
    alarm = alarms()[name]
    assert alarm["AlarmDescription"].startswith(f"{severity.capitalize()}. ")
    assert alarm["AlarmDescription"].endswith(f"Runbook: docs/runbooks/{name}.md")
    (command,) = re.findall(r"Look with `dms-stream ([^`]+)`", alarm["AlarmDescription"])
    assert f"\ndms-stream {command.split()[0]} " in text
    assert metric.strip() == f"`{alarm['MetricName']}`"
    assert missing.strip() == _MISSING[alarm["TreatMissingData"]]
    # and the setting is the one that leaves it out
    off = Thresholds.model_validate(
        {key: False if isinstance(getattr(Thresholds(), key), bool) else None}
    )
    watched = Watched({"ReplicationTaskIdentifier": "A"}, {"a": "b"}, "changes", "to-s3")
    assert name not in own_alarms(watched, MonitoringProps(thresholds=off))


@pytest.mark.parametrize("name", ALARMS)
def test_the_settings_that_a_page_names_exist(name: str) -> None:
    known = {field for model in models_below(Environment) for field in model.model_fields}
    spans = re.findall(r"`([a-z_]+(?:\.[a-z_]+)*)`", (FOLDER / f"{name}.md").read_text())
    named = {part for span in spans if "_" in span or "." in span for part in span.split(".")}
    assert named <= known
