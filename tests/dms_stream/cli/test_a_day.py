"""A day in the life of a pipeline, as docs/a-day.md shows it: the page is what happens."""

import json
from pathlib import Path

import pytest

from tests.support.a_day import PAGE, Day, end, live, shape, text_of


@pytest.mark.deploy
def test_a_day_goes_as_its_page_says(tmp_path: Path) -> None:
    day = Day(tmp_path)
    try:
        live(day)
        assert day.client("dms").describe_replication_tasks()["ReplicationTasks"] == []
        assert day.client("kinesis").list_streams()["StreamNames"] == []
        found = day.client("rds").describe_db_cluster_snapshots(SnapshotType="manual")
        names = [each["DBClusterSnapshotIdentifier"] for each in found["DBClusterSnapshots"]]
        assert sum("final" in name for name in names) == 1
        # DMS's user outlives the pipeline, and nobody was ever shown its password
        secret = day.client("secretsmanager").get_secret_value(SecretId="local-tickets-dms-user")
        assert json.loads(secret["SecretString"])["password"] not in text_of(day)
        end(day)
    finally:
        day.end()
    assert shape(text_of(day)) == shape(PAGE.read_text()), "write the page anew: make day"


def test_what_differs_from_day_to_day_is_left_out_and_what_is_said_is_not() -> None:
    first = """# A day

Prose of 3 words.

```text
$ dms-stream landed -n 1
4 objects, 487.8 KiB, below s3://landing-20261126153340435400000003/
2026-11-26 15:39:02  90.3 KiB  changes/a.gz
{"data":{"n":1}}
        continued
wrong   alarm one
wrong   alarm two
```
"""
    assert shape(first) == [
        "# A day",
        "",
        "Prose of 3 words.",
        "",
        "```text",
        "$ dms-stream landed -n 1",
        "0 objects,",
        "0 0",
        "{…}",
        "wrong alarm",
        "```",
    ]
    assert shape(first.replace("4 objects", "5 objects")) == shape(first)
    for said, otherwise in (("objects", "things"), ("Prose", "Verse"), ("-n 1", "-n 2")):
        assert shape(first.replace(said, otherwise)) != shape(first)
