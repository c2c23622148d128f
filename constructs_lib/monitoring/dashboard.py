"""The CloudWatch dashboard: rows of graphs made of metrics.

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
_HEIGHT = 6


@dataclass(frozen=True)
class Graph:
    """A graph of metrics that share a unit.

    Attributes:
        title: Heading.
        metrics: Lines.
        threshold: Where an alarm on these begins, drawn as a line; None: no line.
    """

    title: str
    metrics: Sequence[Metric]
    threshold: float | None = None


def dashboard_body(rows: Sequence[Sequence[Graph]], *, region: str) -> str:
    """The dashboard's JSON, one row of graphs for each part of the pipeline."""
    widgets = []
    for y, row in enumerate(rows):
        width = _GRID_WIDTH // len(row)
        for x, graph in enumerate(row):
            widgets.append(
                {
                    "type": "metric",
                    "x": x * width,
                    "y": y * _HEIGHT,
                    "width": width,
                    "height": _HEIGHT,
                    "properties": _properties(graph, region),
                }
            )
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
        properties["annotations"] = {"horizontal": [{"label": "alarm", "value": graph.threshold}]}
    return properties


def _line(metric: Metric) -> list[Any]:
    dimensions = [word for pair in metric.dimensions.items() for word in pair]
    options = {"stat": metric.statistic, "label": metric.label}
    return [metric.namespace, metric.name, *dimensions, options]
