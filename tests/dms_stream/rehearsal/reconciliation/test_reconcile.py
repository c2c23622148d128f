"""The verdict on a table: what landed, replayed, against its source."""

import gzip
import json
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dms_stream.rehearsal.reconciliation import History as TaskHistory
from dms_stream.rehearsal.reconciliation import LandedFile, Reconciliation, sample_records
from dms_stream.rehearsal.reconciliation.landed import fetch_landed
from dms_stream.rehearsal.result import Column, Difference, OperationCounts, TableVerdict

# on DuckDB
pytestmark = pytest.mark.slow

COLUMNS = (
    Column("id", "BIGINT"),
    Column("name", "VARCHAR"),
    Column("price", "DECIMAL(10,2)"),
)


@dataclass(frozen=True)
class Source:
    """Rows in memory."""

    content: Sequence[tuple[object, ...]]
    columns: Sequence[Column] = COLUMNS
    primary_key: Sequence[str] = ("id",)
    schema_name: str = "shop"
    table_name: str = "orders"

    def rows(self) -> Iterator[tuple[object, ...]]:
        """The rows."""
        return iter(self.content)

    def rendered(self) -> None:
        """Nobody renders them."""


class History:
    """Records as DMS writes them, one after the other."""

    def __init__(self, *, has_details: bool = True, before_image: str | None = None) -> None:
        self.records: list[dict[str, Any]] = []
        self._has_details = has_details
        self._before_image = before_image

    def add(self, operation: str, data: dict[str, Any], **former: Any) -> "History":
        """A row; former holds what the key was."""
        number = len(self.records)
        metadata = {
            "timestamp": f"2024-07-29T00:00:00.{number:06d}Z",
            "record-type": "data",
            "operation": operation,
            "partition-key-type": "primary-key",
            "schema-name": "shop",
            "table-name": "orders",
        }
        if operation != "load":
            metadata["transaction-id"] = number  # type: ignore[assignment]
            if self._has_details:
                metadata["transaction-record-id"] = 1  # type: ignore[assignment]
                metadata["stream-position"] = f"mysql-bin.000002:{number + 9}:-1:0:0"
        record = {"data": data, "metadata": metadata}
        if self._before_image and operation == "update":
            record[self._before_image] = {"id": data["id"], **former}
        self.records.append(record)
        return self

    def control(self, operation: str) -> "History":
        """A change of the table."""
        self.add("load", {})
        record = self.records[-1]
        del record["data"]
        record["metadata"] |= {"record-type": "control", "operation": operation}
        return self


def row(number: int, name: str | None = "n", price: float | None = 1.5) -> dict[str, Any]:
    """A row of the table."""
    return {"id": number, "name": name, "price": price}


def landed(folder: Path, *objects: Sequence[dict[str, Any]]) -> list[LandedFile]:
    """Objects, alternately compressed and not."""
    files = []
    for number, records in enumerate(objects):
        content = "".join(json.dumps(record) + "\n" for record in records).encode()
        path = folder / (f"{number:08d}.json" + (".gz" if number % 2 == 0 else ""))
        path.write_bytes(gzip.compress(content) if number % 2 == 0 else content)
        files.append(LandedFile(f"changes/{number}", path.stat().st_size, path, "json"))
    return files


def verdict(
    files: list[LandedFile],
    source: Source,
    sent: OperationCounts | None = None,
    history: TaskHistory | None = None,
    **options: Any,
) -> TableVerdict:
    """The verdict on the table."""
    with Reconciliation(files, **options) as reconciliation:
        return reconciliation.verdict(
            source, sent=sent or OperationCounts(), history=history or TaskHistory()
        )


WHOLE = (
    History()
    .add("load", row(1))
    .add("load", row(2))
    .add("load", row(3, None, None))
    .add("insert", row(4))
    .add("update", row(1, "new", 12.3))
    .add("update", row(1, "newer", 12.3))
    .add("delete", {"id": 2, "name": None, "price": None})
)
WHOLE_SENT = OperationCounts(load=3, insert=1, update=2, delete=1)
LEFT = Source(
    [(4, "n", Decimal("1.50")), (1, "newer", Decimal("12.30")), (3, None, None)],
)


def test_a_history_that_leaves_the_source(tmp_path: Path) -> None:
    files = landed(tmp_path, WHOLE.records[:3], WHOLE.records[3:])
    found = verdict(files, LEFT, WHOLE_SENT)
    assert found.passed
    assert (found.source_rows, found.replayed_rows, found.duplicates) == (3, 3, 0)
    assert found.landed == WHOLE_SENT
    assert (found.objects, found.bytes) == (2, sum(file.bytes for file in files))
    assert found.differences == ()


@pytest.mark.parametrize("has_details", [True, False])
def test_the_order_of_objects_does_not_matter(tmp_path: Path, has_details: bool) -> None:
    history = History(has_details=has_details)
    history.add("load", row(1)).add("update", row(1, "a")).add("update", row(1, "b"))
    files = landed(tmp_path, *[[record] for record in reversed(history.records)])
    assert verdict(files, Source([(1, "b", Decimal("1.5"))])).passed


@pytest.mark.parametrize("has_details", [True, False])
def test_duplicates_are_counted_and_change_nothing(tmp_path: Path, has_details: bool) -> None:
    history = History(has_details=has_details)
    history.add("load", row(1)).add("insert", row(2)).add("update", row(2, "x"))
    history.add("delete", row(1))
    found = verdict(
        landed(tmp_path, history.records, history.records[1:], history.records[:2]),
        Source([(2, "x", Decimal("1.5"))]),
        OperationCounts(load=1, insert=1, update=1, delete=1),
    )
    assert found.passed
    assert found.duplicates == 5
    assert found.landed == OperationCounts(load=1, insert=1, update=1, delete=1)


def test_a_change_that_was_sent_twice_is_one_duplicate(tmp_path: Path) -> None:
    history = History().add("load", row(1)).add("update", row(1, "x"))
    again = json.loads(json.dumps(history.records[1]))
    again["metadata"]["timestamp"] = "2024-07-29T00:00:09.000000Z"
    found = verdict(landed(tmp_path, [*history.records, again]), Source([(1, "x", Decimal("1.5"))]))
    assert found.passed
    assert (found.landed.update, found.duplicates) == (1, 1)


def test_a_row_that_was_loaded_again_counts_as_it_was_last(tmp_path: Path) -> None:
    history = History().add("load", row(1, "old")).add("load", row(1, "new"))
    found = verdict(landed(tmp_path, history.records), Source([(1, "new", Decimal("1.5"))]))
    assert found.passed
    assert (found.landed.load, found.duplicates) == (1, 1)


def test_differences_are_named_by_key(tmp_path: Path) -> None:
    source = Source([(1, "newer", Decimal("12.31")), (4, "n", Decimal("1.5")), (9, "z", None)])
    found = verdict(landed(tmp_path, WHOLE.records), source, WHOLE_SENT)
    assert not found.passed
    assert found.difference_count == 3
    assert found.differences == (
        Difference({"id": "1"}, "different", {"price": ("12.31", "12.30")}),
        Difference({"id": "3"}, "unexpected"),
        Difference({"id": "9"}, "missing"),
    )


def test_only_the_first_differences_are_kept() -> None:
    found = verdict([], Source([(number, None, None) for number in range(5000)]))
    assert (found.source_rows, found.replayed_rows, found.difference_count) == (5000, 0, 5000)
    assert [one.key["id"] for one in found.differences] == [str(number) for number in range(10)]


def test_long_texts_are_compared_to_their_end(tmp_path: Path) -> None:
    text = "é" * 20_000
    history = History().add("load", row(1, text)).add("load", row(2, text))
    source = Source([(1, text, Decimal("1.5")), (2, text + "!", Decimal("1.5"))])
    found = verdict(landed(tmp_path, history.records), source)
    (difference,) = found.differences
    ours, theirs = difference.columns["name"]
    assert (difference.key, difference.kind) == ({"id": "2"}, "different")
    assert ours is not None
    assert ours.startswith(f"{'é' * 64}… (20001 characters, MD5 ")
    assert theirs is not None
    assert theirs.startswith(f"{'é' * 64}… (20000 characters, MD5 ")


def test_rows_of_more_bytes_than_the_memory_are_compared(tmp_path: Path) -> None:
    # 96 MiB here and as many there, where both together may take 128
    text = "x" * 1024 * 256
    objects = [[row(16 * part + n, f"{text}{n}") for n in range(16)] for part in range(24)]
    files = landed(
        tmp_path, *[[History().add("load", one).records[0] for one in part] for part in objects]
    )
    source = Source([(one["id"], one["name"], Decimal("1.5")) for part in objects for one in part])
    found = verdict(files, source, OperationCounts(load=384))
    assert found.passed, found.not_compared


@pytest.mark.parametrize("column", ["name", "price"])
def test_null_is_not_nothing(tmp_path: Path, column: str) -> None:
    history = History().add("load", row(1) | {column: None})
    found = verdict(landed(tmp_path, history.records), Source([(1, "n", Decimal("1.5"))]))
    assert found.difference_count == 1
    found = verdict(
        landed(tmp_path, History().add("load", row(1)).records),
        Source([(1, *((None, Decimal("1.5")) if column == "name" else ("n", None)))]),
    )
    assert found.difference_count == 1


def test_an_empty_text_is_not_null(tmp_path: Path) -> None:
    files = landed(tmp_path, History().add("load", row(1, "")).records)
    assert verdict(files, Source([(1, "", Decimal("1.5"))])).passed
    assert verdict(files, Source([(1, None, Decimal("1.5"))])).difference_count == 1


def test_what_was_sent_and_has_not_landed_fails(tmp_path: Path) -> None:
    files = landed(tmp_path, WHOLE.records)
    found = verdict(files, LEFT, replace(WHOLE_SENT, update=3))
    assert found.difference_count == 0
    assert found.missing == OperationCounts(update=1)
    assert not found.passed


def test_digits_that_a_double_loses_are_compared(tmp_path: Path) -> None:
    columns = (Column("id", "BIGINT"), Column("amount", "DECIMAL(38,10)"))
    text = "1234567890123456789.0123456789"
    history = History().add("load", {"id": 2**63 - 1, "amount": 0})
    files = landed(tmp_path, [])
    content = json.dumps(history.records[0]).replace('"amount": 0', f'"amount": {text}')
    # a record that ends in a newline, and the newline that Firehose appends
    files[0].path.write_bytes(gzip.compress(content.encode() + b"\n\n"))
    good = Source([(2**63 - 1, Decimal(text))], columns)
    found = verdict(files, good)
    assert found.passed
    assert found.objects == 1
    bad = Source([(2**63 - 1, Decimal(text) + Decimal("1E-10"))], columns)
    assert verdict(files, bad).difference_count == 1


def test_a_key_that_changes_needs_the_before_image(tmp_path: Path) -> None:
    left = Source([(7, "n", Decimal("1.5"))])
    history = History(before_image="before").add("load", row(1)).add("update", row(7), id=1)
    files = landed(tmp_path, history.records)
    assert verdict(files, left, before_image_field="before").passed
    found = verdict(files, left)
    assert found.differences == (Difference({"id": "1"}, "unexpected"),)


def test_keys_that_change_places(tmp_path: Path) -> None:
    history = History(before_image="before").add("load", row(1, "a")).add("load", row(2, "b"))
    history.add("update", row(3, "a"), id=1).add("update", row(1, "b"), id=2)
    history.add("update", row(2, "a"), id=3)
    left = Source([(1, "b", Decimal("1.5")), (2, "a", Decimal("1.5"))])
    assert verdict(landed(tmp_path, history.records), left, before_image_field="before").passed


def test_a_key_of_several_columns(tmp_path: Path) -> None:
    history = History().add("load", row(1, "a", 1)).add("load", row(1, "b", 1))
    history.add("delete", {"id": 1, "name": "a", "price": None})
    source = Source([(1, "b", Decimal(1))], primary_key=("id", "name"))
    assert verdict(landed(tmp_path, history.records), source).passed


def test_documents(tmp_path: Path) -> None:
    history = History().add("load", {"_doc": row(1)})
    files = landed(tmp_path, history.records)
    source = Source([(1, "n", Decimal("1.5"))])
    assert verdict(files, source, document_field="_doc").passed
    assert not verdict(files, source).passed


def test_rows_before_a_truncation_are_gone(tmp_path: Path) -> None:
    history = History().control("drop-table").control("create-table").add("load", row(1))
    history.control("truncate-table").add("insert", row(2))
    assert verdict(landed(tmp_path, history.records), Source([(2, "n", Decimal("1.5"))])).passed


def test_other_tables_are_others(tmp_path: Path) -> None:
    history = History().add("load", row(1)).add("load", row(2)).add("load", row(3))
    history.records[1]["metadata"]["table-name"] = "items"
    history.records[2]["metadata"]["schema-name"] = "archive"
    found = verdict(landed(tmp_path, history.records), Source([(1, "n", Decimal("1.5"))]))
    assert found.passed
    assert found.landed.load == 1


def test_without_a_key_rows_are_compared_as_a_bag(tmp_path: Path) -> None:
    history = History().add("load", row(1)).add("load", row(1)).add("insert", row(2))
    files = landed(tmp_path, history.records, history.records[:1])
    one, two = (1, "n", Decimal("1.5")), (2, "n", Decimal("1.5"))
    found = verdict(files, Source([one, two, one], primary_key=()))
    assert found.passed
    assert (found.landed.load, found.duplicates) == (2, 1)
    found = verdict(files, Source([one, two, two], primary_key=()))
    assert found.difference_count == 2
    assert [one.kind for one in found.differences] == ["missing", "unexpected"]
    assert found.differences[0].key == {"id": "2", "name": "n", "price": "1.50"}


def test_without_a_key_updates_are_not_compared(tmp_path: Path) -> None:
    history = History().add("load", row(1)).add("update", row(1, "x"))
    found = verdict(
        landed(tmp_path, history.records), Source([(1, "x", Decimal("1.5"))], primary_key=())
    )
    assert not found.passed
    assert found.not_compared.startswith("the table has no primary key")


def test_records_without_a_delimiter_are_named(tmp_path: Path) -> None:
    path = tmp_path / "00000000.json"
    path.write_text("".join(json.dumps(record) for record in WHOLE.records))
    found = verdict([LandedFile("k", 1, path, "json")], LEFT)
    assert not found.passed
    assert "does not hold one record per line" in found.not_compared
    assert "newline_delimiter" in found.not_compared


@pytest.mark.parametrize(
    ("column", "given", "landed_text"),
    [
        ("price", "cheap", '"cheap"'),
        ("price", "1.50", '"1.50"'),
        ("price", 1.504, "1.504"),
        ("price", True, "true"),
        ("id", 1.4, "1.4"),
        ("id", "1", '"1"'),
        ("name", 5, "5"),
        ("name", {"a": 1}, '{"a":1}'),
        ("surplus", 1, "a column that no rule makes"),
    ],
)
def test_a_value_that_dms_would_not_write_is_a_difference(
    tmp_path: Path, column: str, given: object, landed_text: str
) -> None:
    history = History().add("load", row(1) | {column: given})
    found = verdict(landed(tmp_path, history.records), Source([(1, "n", Decimal("1.5"))]))
    assert found.difference_count == 1
    (difference,) = found.differences
    assert difference.kind == "different"
    assert difference.columns[column][1] == landed_text


def test_a_column_that_an_earlier_definition_had_is_none_too_many(tmp_path: Path) -> None:
    files = landed(tmp_path, History().add("load", row(1) | {"gone": 1}).records)
    source = Source([(1, "n", Decimal("1.5"))])
    assert verdict(files, source, history=TaskHistory(other_names=["gone"])).passed
    assert not verdict(files, source).passed


RESERVED = (
    *("operation", "file", "line", "emitted", "copy", "is_change", "log_file", "log_offset"),
    *("transaction_id", "transaction_record_id", "step", "old id", "odd", "c0", "o0", "present"),
    *("turn", "moment", "data_texts", "filename", "metadata", "data", "ID", "a/b", "a~b", "$x"),
)


def test_columns_may_be_called_like_ours_or_alike_but_for_case(tmp_path: Path) -> None:
    columns = (Column("id", "BIGINT"), *(Column(name, "VARCHAR") for name in RESERVED))
    data = {name: f"of {name}" for name in RESERVED}
    history = History(before_image="before").add("load", {"id": 1} | data)
    history.add("update", {"id": 2} | data, id=1)
    source = Source([(2, *data.values())], columns)
    found = verdict(landed(tmp_path, history.records), source, before_image_field="before")
    assert found.passed, found


def test_decimals_of_more_digits_than_any_type_holds(tmp_path: Path) -> None:
    columns = (Column("id", "NUMBER"), Column("amount", "NUMBER"))
    texts = ["0.000000000000000000", "-1.500000000000000000", "12345678901234567890.123456789000"]
    history = History()
    for number in range(3):
        history.add("load", {"id": number, "amount": number})
    files = landed(tmp_path, [])
    lines = [
        json.dumps(record).replace(f'"amount": {number}', f'"amount": {texts[number]}')
        for number, record in enumerate(history.records)
    ]
    files[0].path.write_bytes(gzip.compress("\n".join(lines).encode()))
    rows = [(Decimal(f"{n}.0"), Decimal(text)) for n, text in enumerate(texts)]
    assert verdict(files, Source(rows, columns)).passed
    worse = [*rows[:2], (Decimal(2), Decimal(texts[2]) + Decimal("1E-12"))]
    assert verdict(files, Source(worse, columns)).difference_count == 1


def test_a_key_that_an_alteration_changed_is_replayed_by_each_in_its_time(tmp_path: Path) -> None:
    history = History().add("load", row(1, "a")).add("load", row(2, "b"))
    history.add("update", row(1, "c"))  # its name will be the key: the old one must not stay
    history.add("update", row(5, "c")).add("delete", row(2, "b"))
    keys = [("", ["id"]), ("2024-07-29T00:00:00.000003Z", ["name"])]
    source = Source([(5, "c", Decimal("1.5"))], primary_key=("name",))
    files = landed(tmp_path, history.records)
    assert verdict(files, source, history=TaskHistory(keys=keys)).passed
    assert not verdict(files, source).passed


@pytest.mark.parametrize("names", [["id", "key"], ["id", "pk", "key"]])
def test_a_key_whose_name_changed_is_followed(tmp_path: Path, names: list[str]) -> None:
    """Rows that no record came for since have no key in their records, which is a difference."""
    history = History()
    for number in (1, 2, 3):
        history.add("load", {"id": number, "name": "n"})
    history.add("update", {"id": 3, "name": "x"})
    keys = [("", ["id"])]
    for name in names[1:]:
        keys.append((f"2024-07-29T00:00:00.{len(history.records):06d}Z", [name]))
        history.add("update", {name: 1, "name": name}).add("insert", {name: 9, "name": name})
        history.add("delete", {name: 3, "name": "x"}).add("delete", {name: 9, "name": name})
    columns = (Column("key", "BIGINT"), Column("name", "VARCHAR"))
    source = Source([(1, "key"), (2, "n")], columns, primary_key=("key",))
    files = landed(tmp_path, history.records, history.records)
    found = verdict(files, source, history=TaskHistory(other_names=names, keys=keys))

    assert (found.landed.load, found.landed.total) == (3, len(history.records))
    assert found.differences == (
        Difference({"key": "2"}, "different", {"key": ("2", f"null: it was called {names[-2]}")}),
    )


def test_rows_of_before_the_first_key_are_not_copies_of_each_other(tmp_path: Path) -> None:
    history = History().add("load", row(1)).add("load", row(2)).add("insert", row(3))
    keys: list[tuple[str, list[str]]] = [("", []), ("2024-07-29T00:00:00.000002Z", ["id"])]
    source = Source([(number, "n", Decimal("1.5")) for number in (1, 2, 3)])
    found = verdict(landed(tmp_path, history.records), source, history=TaskHistory(keys=keys))
    assert found.passed
    assert (found.landed.load, found.duplicates) == (2, 0)


JSON_VALUES: list[tuple[Any, object]] = [
    ("5", "5"),
    (5, 5),
    (5.50, Decimal("5.5")),
    (True, True),
    (None, None),
    ("", ""),
    (12345678901234567890.123, Decimal("12345678901234567000")),
]


@pytest.mark.parametrize("place", range(len(JSON_VALUES)))
@pytest.mark.parametrize("primary_key", [("id",), ()])
def test_a_value_of_any_type_is_exactly_that(
    tmp_path: Path, place: int, primary_key: tuple[str, ...]
) -> None:
    """Of a column that tables of several types share; the number is no text, and no other one."""
    columns = (Column("id", "BIGINT"), Column("v", "JSON"))
    landed_value, _ = JSON_VALUES[place]
    files = landed(tmp_path, History().add("load", {"id": 1, "v": landed_value}).records)
    for other, (_, value) in enumerate(JSON_VALUES):
        found = verdict(files, Source([(1, value)], columns, primary_key))
        assert found.passed == (other == place), value
        shown = [difference.columns["v"] for difference in found.differences if primary_key]
        assert all(one != two for one, two in shown)


def test_values_that_differ_in_json_only_are_shown_in_json(tmp_path: Path) -> None:
    columns = (Column("id", "VARCHAR"), Column("v", "BIGINT"))
    files = landed(tmp_path, History().add("load", {"id": 4, "v": 4}).records)
    (found,) = verdict(files, Source([("4", 4)], columns)).differences
    assert found == Difference({"id": "4"}, "different", {"id": ('"4"', "4")})
    found, other = verdict(files, Source([("4", 4)], columns, ())).differences
    assert (found.key["id"], other.key["id"]) == ('"4"', "4")


def test_what_a_killed_run_sent_twice_counts_once_without_transaction_details(
    tmp_path: Path,
) -> None:
    history = History(has_details=False)
    for _ in range(2):
        # one transaction that changes a row there, back and there again; then the next run
        for price in (2.5, 1.5, 2.5):
            history.add("update", row(1, "n", price))
            history.records[-1]["metadata"]["transaction-id"] = 7
    second_run = history.records[3]["metadata"]["timestamp"]
    starts = ["2024-01-01T00:00:00.000000Z", second_run]
    source = Source([(1, "n", Decimal("2.5"))])
    found = verdict(
        landed(tmp_path, history.records), source, history=TaskHistory(run_starts=starts)
    )
    assert found.passed
    assert (found.landed.update, found.duplicates) == (3, 3)


def test_names_that_sql_would_read(tmp_path: Path) -> None:
    columns = (Column('i"d', "BIGINT"), Column("se'lect -- x", "VARCHAR"))
    source = Source([(1, "it's")], columns, ('i"d',), "sh'op", 'or"ders')
    history = History().add("load", {'i"d': 1, "se'lect -- x": "it's"})
    history.records[0]["metadata"] |= {"schema-name": "sh'op", "table-name": 'or"ders'}
    assert verdict(landed(tmp_path, history.records), source).passed


@pytest.mark.parametrize("data_type", ["STRUCT(id BIGINT, name VARCHAR, price DOUBLE)", "VARCHAR"])
def test_parquet(tmp_path: Path, data_type: str) -> None:
    lines = tmp_path / "lines.json"
    lines.write_text("".join(json.dumps(record) + "\n" for record in WHOLE.records))
    path = tmp_path / "00000000.parquet"
    duckdb.execute(
        f"COPY (SELECT * FROM read_json('{lines}', columns = {{data: '{data_type}', metadata: "
        f"'MAP(VARCHAR, VARCHAR)', control: 'VARCHAR'}})) TO '{path}' (FORMAT parquet)"
    )
    found = verdict([LandedFile("k.parquet", 9, path, "parquet")], LEFT, WHOLE_SENT)
    assert found.passed, found


def test_objects_and_their_records(tmp_path: Path) -> None:
    files = landed(tmp_path, WHOLE.records[:3], WHOLE.records[3:])
    broken = tmp_path / "x.json"
    broken.write_text("{}{}")
    with Reconciliation([*files, LandedFile("broken", 4, broken, "json")]) as reconciliation:
        objects = reconciliation.objects()
    assert [(one.key, one.records) for one in objects] == [
        ("changes/0", 3),
        ("changes/1", 4),
        ("broken", None),
    ]


def test_a_sample_of_each_kind_as_it_stands_there(tmp_path: Path) -> None:
    history = History().control("create-table")
    history.add("load", row(1) | {"operation": '{"operation": "delete"}'}).add("insert", row(2))
    files = landed(tmp_path, history.records)
    found = {sample.kind: sample for sample in sample_records(files)}
    assert list(found) == ["load", "insert", "control"]
    assert found["load"].text == json.dumps(history.records[1])
    assert found["load"].key == "changes/0"


class Bucket:
    """An S3 client of one bucket."""

    def __init__(self, **objects: bytes) -> None:
        self.objects = objects

    def get_paginator(self, _name: str) -> Any:
        """Itself."""
        return self

    def paginate(self, Bucket: str) -> list[Any]:  # noqa: ARG002, N803
        """One page."""
        return [{"Contents": [{"Key": key, "Size": len(v)} for key, v in self.objects.items()]}]

    def get_object(self, Bucket: str, Key: str) -> Any:  # noqa: ARG002, N803
        """An object."""
        from io import BytesIO

        return {"Body": BytesIO(self.objects[Key])}


def test_copies_are_told_apart_by_what_they_hold(tmp_path: Path) -> None:
    archive = tmp_path / "a.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        zipped.writestr("entry", b'{"a": 1}\n')
    folder = tmp_path / "copies"
    folder.mkdir()
    bucket = Bucket(
        plain=b'{"a": 1}\n',
        gz=gzip.compress(b'{"a": 1}\n'),
        zip=archive.read_bytes(),
        parquet=b"PAR1 and so on",
        errors=b"no data",
        empty=b"",
    )
    files = fetch_landed(bucket, "b", folder, wanted=lambda key: key != "errors")
    assert [(file.key, file.format, file.path.suffix) for file in files] == [
        ("plain", "json", ".json"),
        ("gz", "json", ".gz"),
        ("zip", "json", ".json"),
        ("parquet", "parquet", ".parquet"),
        ("empty", "json", ".json"),
    ]
    assert files[2].path.read_bytes() == b'{"a": 1}\n'
