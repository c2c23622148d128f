"""Record format conversion: JSON to Parquet with the columns of a Glue table, through DuckDB."""

import json
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import IO, Any

import duckdb

from dms_stream.rehearsal.delivery.errors import DeliveryError
from dms_stream.rehearsal.delivery.failures import Failure
from dms_stream.rehearsal.delivery.hive_types import Struct, parse

_ROW_GROUP_BYTES = 256 * 1024 * 1024
# a record of Kinesis is 1 MiB at most, and its text may grow by escapes
_LONGEST_LINE = 16 * 1024 * 1024


class RejectedRecordError(DeliveryError, ValueError):
    """A record that does not fit the table.

    Attributes:
        failure: What Firehose says of it.
    """

    def __init__(self, failure: Failure) -> None:
        self.failure = failure
        super().__init__(failure.message)


@dataclass(frozen=True)
class ParquetConversion:
    """How records become Parquet.

    Attributes:
        row: The table's columns.
        catalog_table: The table, as a failed record names it.
        compression: Parquet's own: `SNAPPY`, `GZIP` or `UNCOMPRESSED`.
        writer_version: `V1` or `V2`.
        row_group_bytes: Size of a row group.
    """

    row: Struct
    catalog_table: dict[str, str]
    compression: str
    writer_version: str
    row_group_bytes: int

    def normalized(self, data: bytes) -> bytes:
        """A record as one line with the table's columns only.

        Raises:
            RejectedRecordError: it is not a JSON object or does not fit the columns.
        """
        try:
            document = json.loads(data, parse_float=Decimal)
        except (ValueError, RecursionError) as error:
            raise self._rejected("ParseError", f"Encountered malformed JSON. {error}") from None
        try:
            row = self.row.read(document)
        except (ValueError, OverflowError) as error:
            raise self._rejected(
                "MalformedData", f"Data does not match the schema. {error}"
            ) from None
        return json.dumps(row, ensure_ascii=False).encode() + b"\n"

    def _rejected(self, code: str, message: str) -> RejectedRecordError:
        return RejectedRecordError(
            Failure(
                "format-conversion-failed",
                f"DataFormatConversion.{code}",
                message,
                self.catalog_table,
            )
        )


class ParquetEncoder:
    """A Parquet file under construction: lines on disk, converted when it is finished.

    Args:
        conversion: The columns and settings.
    """

    extension = ".parquet"
    content_encoding = None

    def __init__(self, conversion: ParquetConversion) -> None:
        self._conversion = conversion
        self._folder = tempfile.TemporaryDirectory(prefix="dms-stream-parquet-")
        self._lines: IO[bytes] = (Path(self._folder.name) / "lines.json").open("wb")
        self._parquet: IO[bytes] | None = None

    def write(self, data: bytes) -> None:
        """Append normalized records."""
        self._lines.write(data)

    def finish(self) -> IO[bytes]:
        """The Parquet file, at its start."""
        self._lines.close()
        conversion = self._conversion
        target = Path(self._folder.name) / "rows.parquet"
        columns = ", ".join(
            f"{_text(name)}: {_text(type_.duckdb)}" for name, type_ in conversion.row.fields.items()
        )
        with duckdb.connect(":memory:") as database:
            database.execute(
                f"COPY (SELECT * FROM read_json({_text(self._lines.name)}, columns = {{{columns}}}"
                f", format = 'newline_delimited', maximum_object_size = {_LONGEST_LINE})) "
                f"TO {_text(str(target))} (FORMAT parquet, COMPRESSION {conversion.compression}, "
                f"PARQUET_VERSION {conversion.writer_version}, "
                f"ROW_GROUP_SIZE_BYTES {conversion.row_group_bytes})"
            )
        self._parquet = target.open("rb")
        return self._parquet

    def close(self) -> None:
        """Close it."""
        self._lines.close()
        if self._parquet is not None:
            self._parquet.close()
        self._folder.cleanup()


def read_conversion(
    configuration: Mapping[str, Any], table: Mapping[str, Any]
) -> tuple[ParquetConversion | None, list[str], list[str]]:
    """How a delivery stream converts.

    Args:
        configuration: Its DataFormatConversionConfiguration.
        table: The Glue table that it names.

    Returns:
        The conversion, None where it is refused; sentences that refuse it; and sentences on what
        is accepted but has no effect here.
    """
    refused: list[str] = []
    remarks: list[str] = []
    serializer = configuration["OutputFormatConfiguration"]["Serializer"]
    deserializer = configuration["InputFormatConfiguration"]["Deserializer"]
    if serializer.get("OrcSerDe") is not None:
        refused.append("record format conversion to ORC: the rehearsal writes Parquet only")
    if deserializer.get("HiveJsonSerDe") is not None:
        refused.append("HiveJsonSerDe is not reproduced, only OpenXJsonSerDe")
    openx = deserializer.get("OpenXJsonSerDe") or {}
    if openx.get("ConvertDotsInJsonKeysToUnderscores"):
        refused.append("OpenXJsonSerDe.ConvertDotsInJsonKeysToUnderscores is not reproduced")
    ignores_case = openx.get("CaseInsensitive", True)
    fields = {}
    for column in table["StorageDescriptor"]["Columns"]:
        try:
            fields[column["Name"]] = parse(column["Type"], ignores_case=ignores_case)
        except ValueError as error:
            refused.append(f"column {column['Name']} of the Glue table: {error}")
    parquet = serializer.get("ParquetSerDe") or {}
    inert = ("PageSizeBytes", "EnableDictionaryCompression", "MaxPaddingBytes")
    remarks += [
        f"ParquetSerDe.{name} has no effect here: DuckDB decides the layout inside the files"
        for name in inert
        if parquet.get(name)
    ]
    if refused:
        return None, refused, remarks
    schema = configuration["SchemaConfiguration"]
    conversion = ParquetConversion(
        row=Struct(fields, dict(openx.get("ColumnToJsonKeyMappings") or {}), ignores_case),
        catalog_table={
            "catalogId": schema.get("CatalogId", ""),
            "databaseName": schema["DatabaseName"],
            "tableName": schema["TableName"],
            "region": schema.get("Region", ""),
            "versionId": schema.get("VersionId", "LATEST"),
        },
        compression=parquet.get("Compression", "SNAPPY"),
        writer_version=parquet.get("WriterVersion", "V1"),
        row_group_bytes=parquet.get("BlockSizeBytes", _ROW_GROUP_BYTES),
    )
    return conversion, refused, remarks


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
