"""The picture of the CloudWatch dashboard: what the environment `seed` synthesizes, as SVG.

Every graph, line and threshold in it is read from the dashboard's definition. The lines are no
data: they show only which metrics share a graph.
"""

import json
import re
from pathlib import Path
from typing import Any

from dms_stream.cli.svg_template import draw
from dms_stream.settings.project import Project

PICTURE_FILE = Path("docs", "dashboard.svg")
_TEMPLATE = Path(__file__).with_name("dashboard_picture.svg.j2")
# of a unit of CloudWatch's grid, in pixels
_UNIT_WIDTH, _UNIT_HEIGHT = 58, 27
_MARGIN, _TITLE = 20, 46
_LINES = ("#1f77b4", "#ff7f0e", "#2ca02c", "#9467bd", "#8c564b", "#e377c2", "#7f7f7f")
_STEPS = {"bytes": ((1024**3, "GiB"), (1024**2, "MiB")), "ms": ((60_000, "min"), (1000, "s"))}


def dashboard_picture() -> str:
    """The picture as SVG, with a background of its own: it looks the same on dark pages."""
    from dms_stream.cli.pipeline_picture import ENVIRONMENT, PIPELINE, resources_of

    resources = resources_of(f"{ENVIRONMENT}-{PIPELINE}")
    [dashboard] = resources["aws_cloudwatch_dashboard"].values()
    alarms = resources["aws_cloudwatch_metric_alarm"]
    # it becomes JSON when Terraform has put the names in: its expressions hold quotes of their own
    body = re.sub(
        r"\$\{[^}]*\}", lambda found: found[0].replace('"', "'"), dashboard["dashboard_body"]
    )
    widgets = json.loads(body)["widgets"]
    name = dashboard["dashboard_name"]
    lowest = max(widget["y"] + widget["height"] for widget in widgets)
    return draw(
        _TEMPLATE,
        {
            "name": name,
            "width": 24 * _UNIT_WIDTH + 2 * _MARGIN,
            "height": _TITLE + _MARGIN + _UNIT_HEIGHT * lowest,
            "widgets": [_drawn(widget, alarms, name) for widget in widgets],
        },
    )


def write_dashboard_picture(project: Project) -> Path:
    """Write it into the project."""
    return project.write(PICTURE_FILE, dashboard_picture())


def _drawn(widget: dict[str, Any], alarms: Any, name: str) -> dict[str, Any]:
    properties = widget["properties"]
    place = {
        "x": _MARGIN + widget["x"] * _UNIT_WIDTH,
        "y": _TITLE + widget["y"] * _UNIT_HEIGHT,
        "width": widget["width"] * _UNIT_WIDTH - 6,
        "height": widget["height"] * _UNIT_HEIGHT - 6,
    }
    match widget["type"]:
        case "text":
            return {**place, "kind": "text", "text": properties["markdown"].removeprefix("## ")}
        case "alarm":
            # `${aws_cloudwatch_metric_alarm.<address>.arn}`
            addresses = [arn.split(".")[1] for arn in properties["alarms"]]
            names = [alarms[each]["alarm_name"].removeprefix(f"{name}-") for each in addresses]
            return {**place, "kind": "alarm", "title": properties["title"], "names": names}
        case "metric":
            lines = [
                {"label": metric[-1]["label"], "color": _LINES[number]}
                for number, metric in enumerate(properties["metrics"])
            ]
            limits = [
                {"text": _shown(limit["value"], properties["title"]), "side": limit["fill"]}
                for limit in properties.get("annotations", {}).get("horizontal", [])
            ]
            title = properties["title"]
            return {**place, "kind": "metric", "title": title, "lines": lines, "limits": limits}
        case other:
            raise ValueError(f"the picture draws no widget of the type {other}: add a case")


def _shown(value: float, title: str) -> str:
    """A threshold in the unit that its graph's title names, or in one that is read more easily."""
    unit = title.rpartition("(")[2].rstrip(")") if title.endswith(")") else ""
    unit = "" if unit == "ratio" else unit
    for size, name in _STEPS.get(unit, ()):
        if value >= size:
            return f"{value / size:g} {name}"
    return f"{value:,g} {unit}".strip()
