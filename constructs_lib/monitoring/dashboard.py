"""The CloudWatch dashboard: a column for each part of the pipeline, as records pass them.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from constructs_lib.monitoring.metrics import Metric
from constructs_lib.monitoring.props import PERIOD

# CloudWatch's grid is 24 units wide
_GRID_WIDTH = 24
_HEADING_HEIGHT = 1
_HEIGHT = 6
# of the alarms' states, which stand beside each other
_ALARMS_A_ROW = 8
_ALARMS_ROW_HEIGHT = 1


@dataclass(frozen=True)
class Graph:
    """A graph of metrics that share a unit.

    Attributes:
        title: Heading.
        metrics: Lines.
        threshold: Where an alarm on these begins, drawn as a line; None: no line.
        alarms_below: Whether it goes off below the threshold; that side is filled.
    """

    title: str
    metrics: Sequence[Metric]
    threshold: float | None = None
    alarms_below: bool = False


@dataclass(frozen=True)
class Column:
    """A part of the pipeline.

    Attributes:
        title: What it is called.
        graphs: Its graphs, the most telling first.
    """

    title: str
    graphs: Sequence[Graph]


def dashboard_body(columns: Sequence[Column], *, region: str, alarm_arns: Sequence[str]) -> str:
    """The dashboard's JSON: the state of all alarms, and below it the parts from left to right."""
    widgets: list[dict[str, Any]] = []
    top = 0
    if alarm_arns:
        # a heading, and the rows of states
        top = 1 + _ALARMS_ROW_HEIGHT * -(-len(alarm_arns) // _ALARMS_A_ROW)
        place = {"x": 0, "y": 0, "width": _GRID_WIDTH, "height": top}
        properties = {"title": "Alarms", "alarms": list(alarm_arns)}
        widgets.append({"type": "alarm", **place, "properties": properties})
    width = _GRID_WIDTH // len(columns)
    for number, column in enumerate(columns):
        x, arrow = number * width, " →" if number < len(columns) - 1 else ""
        heading = {"markdown": f"## {column.title}{arrow}"}
        place = {"x": x, "y": top, "width": width, "height": _HEADING_HEIGHT}
        widgets.append({"type": "text", **place, "properties": heading})
        for y, graph in enumerate(column.graphs):
            place = {
                "x": x,
                "y": top + _HEADING_HEIGHT + y * _HEIGHT,
                "width": width,
                "height": _HEIGHT,
            }
            widgets.append({"type": "metric", **place, "properties": _properties(graph, region)})
    return json.dumps({"widgets": widgets}, ensure_ascii=False)


def _properties(graph: Graph, region: str) -> dict[str, Any]:
    properties: dict[str, Any] = {
        "title": graph.title,
        "region": region,
        "view": "timeSeries",
        "period": int(PERIOD.total_seconds()),
        "metrics": [_line(metric) for metric in graph.metrics],
    }
    if graph.threshold is not None:
        line = {
            "label": "alarm",
            "value": graph.threshold,
            "fill": "below" if graph.alarms_below else "above",
        }
        properties["annotations"] = {"horizontal": [line]}
    return properties


def _line(metric: Metric) -> list[Any]:
    dimensions = [word for pair in metric.dimensions.items() for word in pair]
    options = {"stat": metric.statistic, "label": metric.label}
    return [metric.namespace, metric.name, *dimensions, options]
