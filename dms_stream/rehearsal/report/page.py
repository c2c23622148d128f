"""The verdict as one self-contained page: no script, no font, no picture from elsewhere."""

import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

import pygal
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from pygal.style import Style

from dms_stream.rehearsal.report import words
from dms_stream.rehearsal.result import RehearsalResult, Series

# pygal adds an importer that lacks what Python asks of one, which warns at every import thereafter
sys.meta_path[:] = [one for one in sys.meta_path if type(one).__module__ != pygal.__name__]

# on light ground and on dark
_COLORS = ("#3b82f6", "#f59e0b", "#10b981", "#a855f7", "#ef4444", "#64748b")
_WIDE, _NARROW = (900, 300), (400, 260)
_SHORTEST_AXIS_SECONDS = 1.0
_SHORT_SECONDS = 10.0


def write_page(result: RehearsalResult, path: Path) -> None:
    """Write the page.

    Args:
        result: What the rehearsal found out.
        path: File to write; its folder is made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render_page(result), encoding="utf-8")


def render_page(result: RehearsalResult) -> str:
    """The page as text."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "bytes": words.in_bytes,
        "pretty": words.pretty_json,
        "seconds": lambda wall: f"{wall.total_seconds():,.1f}",
    }
    return environment.get_template("page.html.j2").render(
        result=result,
        words=words,
        tree=words.bucket_tree(result),
        throughput=_plot(result.throughput, "records/s", lambda value: f"{value:,.0f}"),
        latency=_plot(result.latency, "seconds", lambda value: f"{value:,.2f}"),
    )


@dataclass(frozen=True)
class _Plot:
    """A chart for a screen and one for a telephone, whose text a scaled one would make too small.

    Attributes:
        wide: SVG for a screen.
        narrow: SVG for a telephone.
    """

    wide: Markup
    narrow: Markup


def _plot(series: Sequence[Series], unit: str, shown: Callable[[float], str]) -> _Plot | None:
    """Charts of some series over time; None where there is nothing to plot."""
    if not any(one.samples for one in series):
        return None
    return _Plot(*(_chart(series, unit, shown, size) for size in (_WIDE, _NARROW)))


def _chart(
    series: Sequence[Series], unit: str, shown: Callable[[float], str], size: tuple[int, int]
) -> Markup:
    moments = [sample.at.total_seconds() for one in series for sample in one.samples]
    first, last = min(moments), max(moments)
    decimals = 0 if last - first > _SHORT_SECONDS else 1
    width, height = size
    chart = pygal.XY(
        style=Style(
            background="transparent",
            plot_background="transparent",
            foreground="#475569",
            foreground_strong="#0f172a",
            foreground_subtle="#cbd5e1",
            guide_stroke_color="#e2e8f0",
            major_guide_stroke_color="#e2e8f0",
            colors=_COLORS,
            opacity="1",
            font_family="inherit",
            label_font_size=11,
            major_label_font_size=11,
            legend_font_size=12,
            title_font_size=12,
        ),
        # pygal would have the page fetch its script for tooltips
        js=(),
        width=width,
        height=height,
        show_dots=any(len(one.samples) < 3 for one in series),
        dots_size=2,
        stroke_style={"width": 2},
        legend_at_bottom=True,
        x_title="seconds since the start",
        y_title=unit,
        value_formatter=shown,
        x_value_formatter=lambda value: f"{value:,.{decimals}f}",
        xrange=(first, last),
        explicit_size=False,
        margin=10,
        min_scale=4,
        max_scale=6,
        x_labels_major_count=None if size == _WIDE else 3,
        show_minor_x_labels=size == _WIDE,
        range=(0, _top(series)),
    )
    for one in series:
        chart.add(one.name, [(at.at.total_seconds(), at.value) for at in one.samples])
    chart.add_xml_filter(_without_scripts)
    return Markup(chart.render(is_unicode=True, disable_xml_declaration=True))


def _without_scripts(root: Element) -> Element:
    # what is left of pygal's tooltips: their settings
    for parent in root.iter():
        for child in list(parent):
            if str(child.tag).rpartition("}")[2] == "script":  # a comment's tag is a function
                parent.remove(child)
    return root


def _top(series: Sequence[Series]) -> float:
    highest = max(sample.value for one in series for sample in one.samples)
    return max(highest * 1.05, _SHORTEST_AXIS_SECONDS if highest <= 0 else highest * 1.05)
