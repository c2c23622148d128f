"""The reports: what a reader must find in them, and that the page needs nothing from elsewhere."""

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode

from dms_stream.rehearsal.report import print_report, render_page, words, write_page
from dms_stream.rehearsal.report.document import as_document
from dms_stream.rehearsal.report.words import in_bytes, pretty_json
from dms_stream.rehearsal.result import (
    Announced,
    Check,
    Difference,
    LandedObject,
    OperationCounts,
    Phase,
    RehearsalResult,
    Sample,
    SampleRecord,
    Series,
    TableVerdict,
    Version,
)
from tests.support.checkout import ROOT


class Page(SingleFileSnapshotExtension):
    """A page as a file that a browser can show."""

    file_extension = "html"
    _write_mode = WriteMode.TEXT


COUNTS = OperationCounts(load=3, insert=1, update=2)
TABLE = TableVerdict(
    "shop",
    "orders",
    source_rows=4,
    replayed_rows=4,
    sent=COUNTS,
    landed=COUNTS,
    duplicates=7,
    objects=2,
    bytes=2048,
)
FAILED = replace(
    TABLE,
    table_name="items",
    sent=replace(COUNTS, update=1002),
    landed=replace(COUNTS, update=1000),
    difference_count=1234,
    differences=(
        Difference({"id": "1"}, "missing"),
        Difference({"id": "2"}, "different", {"note": (None, "<b>bold</b> [red]")}),
    ),
)
KEY = "changes/schema_name=shop/arrival_day=2024-07-29/delivery-1-2024-07-29-00-00-00-{}.gz"
RESULT = RehearsalResult(
    environment="local",
    pipeline="tickets",
    started=datetime(2024, 7, 29, tzinfo=UTC),
    wall=timedelta(seconds=28.4),
    source="MariaDB 10.11 on 127.0.0.1:40123",
    stream="tickets-stream",
    delivery_stream="tickets-delivery",
    bucket="tickets-landing",
    settings={"buffer": "5 MiB or 60 s"},
    checks=(
        Check("binlog_format is ROW", "pass", "ROW", group="source"),
        Check("binlog retention", "warn", "unset", "CALL mysql.rds_set_configuration(…)", "source"),
    ),
    tables=(TABLE,),
    samples=(SampleRecord("load", KEY.format(0), '{"data":{"price":1.10,"name":"<i>[bold]"}}'),),
    objects=tuple(LandedObject(KEY.format(number), 1024, 3) for number in range(5)),
    phases=(Phase("full load", timedelta(seconds=2), 3000), Phase("preflight", timedelta(1), 0)),
    throughput=(
        Series("sent", tuple(Sample(timedelta(seconds=n), 1000.0 * n) for n in range(10))),
        Series("delivered", tuple(Sample(timedelta(seconds=n), 900.0 * n) for n in range(10))),
    ),
    latency=(Series("latency", (Sample(timedelta(seconds=3), 0.7),)),),
    remarks=("RetryOptions has no effect here",),
)


def terminal(result: RehearsalResult, width: int = 160) -> str:
    """The report as text."""
    console = Console(width=width, record=True, file=None, quiet=False, force_terminal=False)
    with console.capture() as capture:
        print_report(result, console)
    return capture.get()


class Elements(HTMLParser):
    """Tags that are open, and addresses that a browser would fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note it."""
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "data"):
                self.addresses.append(value or "")


@pytest.mark.parametrize("report", [terminal, render_page])
def test_both_say_what_was_found(report: object) -> None:
    text = report(RESULT)  # type: ignore[operator]
    assert "PASS" in text
    assert "What landed, replayed, equals the source: 1 table, 4 rows." in text
    for found in (
        *("shop.orders", "tickets-landing", "MariaDB 10.11 on 127.0.0.1:40123", "2.0 KiB"),
        *("binlog retention", "unset", "CALL mysql.rds_set_configuration", "5 MiB or 60 s"),
        *("full load", "1,500", "28.4", "RetryOptions has no effect here", "… and 2 more"),
        *("schema_name=shop/", "5 objects, 15 records, 5.0 KiB", "1.10"),
    ):
        assert found in text, found


@pytest.mark.parametrize("report", [terminal, render_page])
def test_both_say_what_is_wrong(report: object) -> None:
    result = replace(RESULT, tables=(TABLE, FAILED))
    assert not result.passed
    text = report(result)  # type: ignore[operator]
    assert "FAIL" in text
    for found in (
        "The rehearsal failed: 1 table different from the source (shop.items).",
        "1,234 rows different: 4 in the source, 4 after the replay.",
        "Sent but not landed: 2 updates.",
        "1,000 of 1,002",
        "missing",
        "1,232 more",
    ):
        assert found in text, found


SAID = Announced(
    "task-stopped",
    "interruption",
    "aws_dms_replication_task.t",
    "t is stopped and started again",
    "the task stood still for 2.5 s; no record lost",
    True,
)
NEXT = Version(
    "next.yaml",
    timedelta(seconds=41.5),
    (SAID, replace(SAID, rule="credentials-changed", observed="not seen here", agrees=None)),
    (),
    {"longest silence on the stream": "2.6 s"},
    (replace(TABLE, table_name="next_orders"),),
)
BROKEN = replace(
    NEXT,
    announced=(replace(SAID, observed="the task did not stop", agrees=False),),
    unannounced=("1 record lost <b>",),
)


@pytest.mark.parametrize("report", [terminal, render_page])
def test_both_put_what_was_said_beside_what_happened(report: Any) -> None:
    text = report(replace(RESULT, versions=(NEXT,)))
    for found in (
        *("next.yaml", "task-stopped", "t is stopped and started again", "warn", "2.6 s"),
        *("the task stood still for 2.5 s; no record lost", "not seen here"),
        "What happened is what the review said, and nothing else was lost.",
        "What landed, replayed, equals the source: 1 table, 4 rows.",
    ):
        assert found in text, found
    assert "FAIL" not in text


@pytest.mark.parametrize("report", [terminal, render_page])
def test_both_say_what_nobody_had_said(report: Any) -> None:
    result = replace(RESULT, versions=(NEXT, BROKEN))
    assert not result.passed
    text = report(result).replace("&lt;", "<").replace("&gt;", ">")
    for found in (
        *("1 record lost <b>", "the task did not stop", "FAIL"),
        "What happened is not what the review said.",
        "The rehearsal failed: next.yaml: not what its review said.",
    ):
        assert found in text, found


def test_a_version_without_announcements_says_so() -> None:
    quiet = replace(NEXT, announced=())
    said = "The review announced no interruption and no loss, and there was none."
    assert said in terminal(replace(RESULT, versions=(quiet,)))
    document = as_document(replace(RESULT, versions=(quiet, BROKEN)))
    assert [(each["settings"], each["agrees"]) for each in document["then"]] == [
        ("next.yaml", True),
        ("next.yaml", False),
    ]


def test_what_a_row_holds_is_no_markup() -> None:
    result = replace(RESULT, tables=(FAILED,))
    page = render_page(result)
    assert "&lt;b&gt;bold&lt;/b&gt; [red]" in page
    assert "<b>bold" not in page
    assert "<i>" not in page
    text = terminal(result)
    assert "<b>bold</b> [red]" in text
    assert "<i>[bold]" in text


def test_a_failed_check_fails_the_rehearsal() -> None:
    failed = replace(RESULT, checks=(Check("log_bin", "fail", "OFF", "turn it on"),))
    assert not failed.passed
    assert "The rehearsal failed: 1 check failed (log_bin)." in terminal(failed)


def test_nothing_compared_proves_nothing() -> None:
    empty = replace(
        RESULT,
        checks=(),
        tables=(),
        samples=(),
        objects=(),
        phases=(),
        throughput=(),
        latency=(),
    )
    assert not empty.passed
    assert "No table was compared, so nothing is proven." in terminal(empty)
    assert "No table was compared, so nothing is proven." in render_page(empty)
    assert "<svg" not in render_page(empty)


def test_the_page_needs_nothing_from_elsewhere(tmp_path: Path) -> None:
    target = tmp_path / "reports" / "rehearsal.html"
    write_page(RESULT, target)
    page = target.read_text()
    elements = Elements()
    elements.feed(page)
    # two charts, each for a screen and for a telephone
    assert page.count("<svg") == 4
    assert not elements.tags & {"script", "link", "img", "iframe", "object"}
    assert elements.addresses == []
    assert "@import" not in page
    assert not re.search(r"url\((?!#)", page)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_a_narrow_terminal_loses_no_verdict(width: int) -> None:
    text = terminal(RESULT, width)
    assert "PASS What landed, replayed," in text
    # a line of the tree of objects may be longer, for nothing in it is broken up
    assert all(len(line) <= width or line.endswith("KiB") for line in text.splitlines())
    for found in ("shop.orders", "2 objects", "2.0 KiB", "tickets-landing"):
        assert found in text


@pytest.mark.parametrize("report", [terminal, render_page])
def test_both_say_that_the_verdict_is_against_a_model(report: object) -> None:
    text = " ".join(report(RESULT).split())  # type: ignore[operator]
    assert "against our model of DMS" in text
    assert words.MODEL_PAGE in text or "Throttling of shards" in text


def test_what_a_verdict_cannot_show_is_the_list_of_the_page() -> None:
    page = " ".join((ROOT / "docs/rehearsal.md").read_text(encoding="utf-8").split())
    section = page.partition("## What cannot be proven here")[2].partition(" ## ")[0]
    listed = section.partition("cannot show: - ")[2]
    assert listed.split(" - ") == list(words.CANNOT_SHOW)


def test_sizes() -> None:
    sizes = [0, 1023, 1024, 5 * 2**20, 3 * 2**30]
    assert [in_bytes(size) for size in sizes] == ["0 B", "1023 B", "1.0 KiB", "5.0 MiB", "3.0 GiB"]


def test_digits_stay_as_they_are() -> None:
    text = '{"a":1.10,"b":12345678901234567890.1234567890,"c":"é","d":1e400}'
    assert '"a": 1.10,' in pretty_json(text)
    assert '"b": 12345678901234567890.1234567890,' in pretty_json(text)
    assert '"c": "é"' in pretty_json(text)
    assert pretty_json("no json") == "no json"


def test_charts_begin_where_the_data_begins() -> None:
    late = Series("sent", tuple(Sample(timedelta(seconds=100 + n), 5.0 * n) for n in range(11)))
    page = render_page(replace(RESULT, throughput=(late,), latency=()))
    axes = [text.partition("<g transform")[0] for text in page.split('<g class="axis x')[1:]]
    assert len(axes) == 2, "one for a screen, one for a telephone"
    for axis in axes:
        labels = [float(text) for text in re.findall(r">([\d.,]+)</text>", axis)]
        assert min(labels) >= 100
        assert max(labels) <= 110


def test_the_page_is_light_or_dark_as_its_reader_is() -> None:
    page = render_page(RESULT)
    style = page[page.index("<style>") : page.index("</style>")]
    assert "@media (prefers-color-scheme: dark)" in style
    # a colour that is not among the variables would stay as it is
    rest = re.sub(r":root \{[^}]*\}", "", style)
    assert set(re.findall(r"#[0-9a-f]{3,8}\b", rest)) <= {"#fff", "#0f172a1a"}


def test_a_narrow_page_says_what_each_figure_is() -> None:
    page = render_page(replace(RESULT, tables=(TABLE, FAILED)))
    assert "@media (max-width: 640px)" in page
    for card in re.findall(r'<table class="cards">(.*?)</table>', page, re.DOTALL):
        cells = re.findall(r"<td([^>]*)>(.)", card)
        assert cells
        assert all("data-label" in attributes or first == "<" for attributes, first in cells)


def everything() -> RehearsalResult:
    """A rehearsal that found something of each kind."""
    more = "changes/schema_name=shop/"
    return replace(
        RESULT,
        tables=(TABLE, FAILED, replace(TABLE, table_name="seats", not_compared="it has no key")),
        checks=(*RESULT.checks, Check("no LOB was cut", "fail", "shop.orders: 3", group="task")),
        objects=(
            *RESULT.objects,
            LandedObject(f"{more}none.gz", 5),
            LandedObject("errors/a", 9, 1),
        ),
        phases=(*RESULT.phases, Phase("sample", timedelta(seconds=1.25), 1_234_567)),
        samples=(*RESULT.samples, SampleRecord("control", "errors/a", "not JSON")),
        versions=(
            Version(
                settings="then.yaml",
                deployed=timedelta(seconds=75.2),
                announced=(SAID, replace(SAID, agrees=None), replace(SAID, agrees=False)),
                unannounced=("the stream was replaced",),
                happened={"the task": "stood still for 75.2 s"},
                tables=(TABLE,),
                quiet=("tags",),
            ),
        ),
    )


@pytest.mark.parametrize("width", [80, 140])
def test_the_terminal_is_as_it_was(width: int, snapshot: SnapshotAssertion) -> None:
    """With its colours; `--snapshot-update` takes another one, which somebody has looked at."""
    console = Console(
        width=width,
        force_terminal=True,
        color_system="truecolor",
        no_color=False,
        _environ={},
        legacy_windows=False,
    )
    with console.capture() as capture:
        print_report(everything(), console)
    assert capture.get() == snapshot


@pytest.mark.parametrize("result", [everything(), RESULT], ids=["everything", "passed"])
def test_the_page_is_as_it_was(result: RehearsalResult, snapshot: SnapshotAssertion) -> None:
    """But for the charts' numbers of their own."""
    page = re.sub(r"chart-[0-9a-f-]{36}|(?<=id=.)[0-9a-f-]{36}", "chart", render_page(result))
    assert page == snapshot(extension_class=Page)
