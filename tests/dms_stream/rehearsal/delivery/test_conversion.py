"""Records to Parquet, with the types of a Glue table."""

import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dms_stream.rehearsal.delivery.compression import finished
from dms_stream.rehearsal.delivery.conversion import (
    ParquetConversion,
    ParquetEncoder,
    RejectedRecordError,
    read_conversion,
)

TABLE = {"databaseName": "lake", "tableName": "changes"}


def conversion(
    *columns: tuple[str, str], openx: dict[str, Any] | None = None, **parquet: Any
) -> ParquetConversion:
    """A conversion with these columns."""
    found, refused, _ = read_conversion(
        {
            "InputFormatConfiguration": {"Deserializer": {"OpenXJsonSerDe": openx or {}}},
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": parquet}},
            "SchemaConfiguration": {"DatabaseName": "lake", "TableName": "changes"},
        },
        {"StorageDescriptor": {"Columns": [{"Name": n, "Type": t} for n, t in columns]}},
    )
    assert found is not None, refused
    return found


def written(tmp_path: Path, how: ParquetConversion, *records: Any) -> Path:
    """A Parquet file of these records."""
    encoder = ParquetEncoder(how)
    for record in records:
        encoder.write(how.normalized(json.dumps(record).encode()))
    path = tmp_path / "found.parquet"
    with finished(encoder) as file:
        path.write_bytes(file.read())
    return path


def rows(path: Path) -> list[dict[str, Any]]:
    """What is in it."""
    cursor = duckdb.execute(f"SELECT * FROM read_parquet('{path}')")
    names = [column[0] for column in cursor.description or []]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@pytest.mark.parametrize(
    ("type_", "given", "found"),
    [
        ("boolean", True, True),
        ("boolean", False, False),
        ("boolean", "true", True),
        ("boolean", "false", False),
        ("tinyint", -128, -128),
        ("smallint", "5", 5),
        ("int", 2**31 - 1, 2**31 - 1),
        ("bigint", 2**63 - 1, 2**63 - 1),
        ("float", 0.5, 0.5),
        ("double", 1, 1.0),
        ("double", "1e3", 1000.0),
        ("decimal(10,2)", 12.3, Decimal("12.30")),
        (
            "decimal(38,10)",
            "1234567890123456789.0123456789",
            Decimal("1234567890123456789.0123456789"),
        ),
        ("string", "x", "x"),
        ("string", 1.5, "1.5"),
        ("string", True, "true"),
        ("string", {"a": [1, "é"]}, '{"a":[1,"é"]}'),
        ("varchar(5)", "x", "x"),
        ("date", "2024-02-29", date(2024, 2, 29)),
        ("timestamp", "2024-07-29T01:00:00+02:00", datetime(2024, 7, 28, 23)),
        ("timestamp", "2024-07-29 01:00:00.5", datetime(2024, 7, 29, 1, 0, 0, 500_000)),
        ("timestamp", 1722211200, datetime(2024, 7, 29)),
        ("timestamp", 1722211200500, datetime(2024, 7, 29, 0, 0, 0, 500_000)),
        ("array<int>", [1, None], [1, None]),
        ("map<string,string>", {"schema-name": "s", "n": 1}, {"schema-name": "s", "n": "1"}),
        ("struct<id:bigint,name:string>", {"id": 1, "more": 2}, {"id": 1, "name": None}),
        ("struct<a:array<struct<b:int>>>", {"a": [{"b": 1}]}, {"a": [{"b": 1}]}),
        ("bigint", None, None),
        ("struct<id:bigint>", None, None),
    ],
)
def test_types(tmp_path: Path, type_: str, given: Any, found: Any) -> None:
    path = written(tmp_path, conversion(("value", type_)), {"value": given})
    assert rows(path) == [{"value": found}]


@pytest.mark.parametrize(
    ("type_", "given"),
    [
        ("int", 2**31),
        ("int", 1.5),
        ("int", True),
        ("int", "x"),
        ("bigint", {}),
        ("boolean", 1),
        ("boolean", [True]),
        ("decimal(10,2)", "x"),
        ("double", [1]),
        ("date", "29.2.2024"),
        ("date", 1),
        ("timestamp", "soon"),
        ("timestamp", True),
        ("timestamp", 10**30),
        ("array<int>", {}),
        ("map<string,string>", []),
        ("struct<id:bigint>", 1),
    ],
)
def test_what_does_not_fit_is_a_failed_record(type_: str, given: Any) -> None:
    how = conversion(("value", type_))
    with pytest.raises(
        RejectedRecordError, match=r"Data does not match the schema\. value: "
    ) as no:
        how.normalized(json.dumps({"value": given}).encode())
    failure = no.value.failure
    assert failure.error_type == "format-conversion-failed"
    assert failure.code == "DataFormatConversion.MalformedData"
    line = json.loads(failure.line(b"raw", arrival=1.5, now=2.5, sequence_number="7"))
    assert line["dataCatalogTable"]["tableName"] == "changes"
    assert (line["rawData"], line["arrivalTimestamp"], line["sequenceNumber"]) == (
        "cmF3",
        1500,
        "7",
    )


@pytest.mark.parametrize("data", [b"", b"{", b"\xff", b"[" * 100_000])
def test_no_json_is_a_failed_record(data: bytes) -> None:
    with pytest.raises(RejectedRecordError, match="Encountered malformed JSON") as rejected:
        conversion(("value", "int")).normalized(data)
    assert rejected.value.failure.code == "DataFormatConversion.ParseError"


def test_a_list_is_no_row() -> None:
    with pytest.raises(RejectedRecordError, match="is not an object"):
        conversion(("value", "int")).normalized(b"[]")


def test_keys_of_another_name_and_case(tmp_path: Path) -> None:
    openx = {"ColumnToJsonKeyMappings": {"before_image": "before-image"}}
    how = conversion(("before_image", "struct<id:int>"), ("name", "string"), openx=openx)
    record = {"before-image": {"ID": 1}, "NAME": "n", "other": 1}
    assert rows(written(tmp_path, how, record)) == [{"before_image": {"id": 1}, "name": "n"}]
    exact = conversion(("name", "string"), openx={"CaseInsensitive": False})
    assert rows(written(tmp_path, exact, record)) == [{"name": None}]


@pytest.mark.parametrize("compression", ["SNAPPY", "GZIP", "UNCOMPRESSED"])
@pytest.mark.parametrize("version", ["V1", "V2"])
def test_parquets_own_settings(tmp_path: Path, compression: str, version: str) -> None:
    how = conversion(
        ("it's", "string"), ("n", "int"), Compression=compression, WriterVersion=version
    )
    path = written(tmp_path, how, *({"it's": "x" * 50, "n": n} for n in range(1000)))
    assert [row["n"] for row in rows(path)] == list(range(1000))
    found = duckdb.execute(f"SELECT DISTINCT compression FROM parquet_metadata('{path}')")
    assert found.fetchall() == [(compression,)]


def test_nothing_is_left_on_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    encoder = ParquetEncoder(conversion(("n", "int")))
    encoder.write(b'{"n":1}\n')
    assert list(tmp_path.iterdir())
    with finished(encoder) as file:
        assert file.read(4) == b"PAR1"
    assert not list(tmp_path.iterdir())
