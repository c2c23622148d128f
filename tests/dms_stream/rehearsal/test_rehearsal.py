"""Real rows from a real database through the embedded AWS, and the verdict on them."""

from pathlib import Path

import pytest

from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.run import rehearse
from tests.support.alive import LivePipeline
from tests.support.pipelines import selection

pytestmark = pytest.mark.rehearsal


def test_the_sample_arrives_whole_and_a_rerun_goes_on(
    live_pipeline: LivePipeline, tmp_path: Path
) -> None:
    """All five tables are loaded, changes follow, and a second run adds only changes."""
    live_pipeline.deploy([selection("dms_sample")])
    first = rehearse(
        live_pipeline.rehearsal(tmp_path, purchases=600, changes=200), on_progress=print
    )

    assert first.passed, (first.tables, first.checks)
    assert {table.table_name: table.sent.load for table in first.tables} == {
        "persons": 75,
        "events": 1,
        "seats": 300,
        "tickets": 300,
        "ticket_purchase_hist": 600,
    }
    purchases = (
        first.tables[-1]
        if first.tables[-1].table_name.startswith("ticket_p")
        else next(t for t in first.tables if t.table_name == "ticket_purchase_hist")
    )
    changed = purchases.landed
    assert changed.insert + changed.update + changed.delete == 200
    assert {sample.kind for sample in first.samples} >= {"load", "insert", "control"}
    # each is read by our own messages on the way
    assert len(live_pipeline.data("load")) == sum(table.sent.load for table in first.tables)

    # the rows are there already, so another number of them would have no effect
    with pytest.raises(RehearsalError, match="--purchases 60: the source has 600 already"):
        rehearse(live_pipeline.rehearsal(tmp_path, purchases=60))

    second = rehearse(live_pipeline.rehearsal(tmp_path, changes=100, seed=2))

    assert second.passed, (second.tables, second.checks)
    again = next(t for t in second.tables if t.table_name == "ticket_purchase_hist").landed
    assert again.load == 600
    assert again.insert + again.update + again.delete == 300
    moved = next(t for t in second.tables if t.table_name == "ticket_purchase_hist").moved
    assert moved.load == 0
    assert moved.insert + moved.update + moved.delete == 100


def test_records_that_end_in_a_newline_land_as_well_and_blank_lines_are_none(
    live_pipeline: LivePipeline, tmp_path: Path
) -> None:
    """DMS's guide leaves open whether they do, and Firehose appends a newline in any case."""
    live_pipeline.deploy([selection("dms_sample")])

    result = rehearse(
        live_pipeline.rehearsal(tmp_path, purchases=60, changes=20, ends_in_newline=True)
    )

    assert all(text.endswith("}\n") for text in live_pipeline.texts())
    assert result.passed, (result.tables, result.checks)
    landed = next(t for t in result.tables if t.table_name == "ticket_purchase_hist").landed
    assert landed.load == 60
    assert landed.insert + landed.update + landed.delete == 20
