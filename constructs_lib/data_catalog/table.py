"""What the Glue table says about the records: columns, SerDe, partition projection."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from constructs_lib.landing_bucket import FileFormat, LandingLayout, TimePartition
from constructs_lib.terraform_text import literal

METADATA_COLUMN = "metadata"
RESERVED_COLUMNS = ("data", METADATA_COLUMN, "control", "before_image")

SOURCE_SCHEMA, SOURCE_TABLE = "dms-stream.source-schema", "dms-stream.source-table"
"""Parameters of a view that say whose rows it shows."""

ERROR_COLUMNS = {
    "attemptsmade": "int",
    "arrivaltimestamp": "bigint",
    "errorcode": "string",
    "errormessage": "string",
    "lasterrorcode": "string",
    "lasterrormessage": "string",
    "attemptendingtimestamp": "bigint",
    "rawdata": "string",
}
"""What Firehose writes of a record that it could not deliver; of one that it could not convert, the
keys begin with `last`. Sources:
https://docs.aws.amazon.com/firehose/latest/dev/data-transformation-failure-handling.html,
https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion-error-handling.html"""


@dataclass(frozen=True)
class Storage:
    """Hive classes of a file format."""

    input_format: str
    output_format: str
    serde: str


_HIVE = "org.apache.hadoop.hive.ql.io"
STORAGE: dict[FileFormat, Storage] = {
    # https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html
    "json": Storage(
        "org.apache.hadoop.mapred.TextInputFormat",
        f"{_HIVE}.HiveIgnoreKeyTextOutputFormat",
        "org.openx.data.jsonserde.JsonSerDe",
    ),
    # https://docs.aws.amazon.com/athena/latest/ug/parquet-serde.html
    "parquet": Storage(
        f"{_HIVE}.parquet.MapredParquetInputFormat",
        f"{_HIVE}.parquet.MapredParquetOutputFormat",
        f"{_HIVE}.parquet.serde.ParquetHiveSerDe",
    ),
    # https://docs.aws.amazon.com/athena/latest/ug/orc-serde.html
    "orc": Storage(
        f"{_HIVE}.orc.OrcInputFormat",
        f"{_HIVE}.orc.OrcOutputFormat",
        f"{_HIVE}.orc.OrcSerde",
    ),
}

_INTERVALS: dict[TimePartition, str] = {"hour": "HOURS", "day": "DAYS", "month": "MONTHS"}
_PYTHON_FORMATS: dict[TimePartition, str] = {
    "hour": "%Y-%m-%d-%H",
    "day": "%Y-%m-%d",
    "month": "%Y-%m",
}


def columns(data_columns: Mapping[str, str], *, before_image: bool) -> dict[str, str]:
    """Columns of the table and their types.

    The keys of `metadata` hold hyphens, which a struct's fields cannot: a map takes them as they
    are, and with them whatever DMS adds later.
    """
    fields = ",".join(f"{name}:{type_}" for name, type_ in data_columns.items())
    row = f"struct<{fields}>" if fields else "string"
    found = {"data": row, METADATA_COLUMN: "map<string,string>", "control": "string"}
    return found | ({"before_image": row} if before_image else {})


def projection(
    layout: LandingLayout,
    *,
    bucket_name: str,
    partition_values: Mapping[str, tuple[str, ...]],
    first_day: date,
) -> dict[str, str]:
    """Table parameters with which Athena works out the partitions itself, without a crawler.

    https://docs.aws.amazon.com/athena/latest/ug/partition-projection-setting-up.html
    """
    time = f"projection.{layout.time_column}"
    # the path's date may be a day ahead of Athena's UTC, in another time zone
    until = "NOW+1MONTHS" if layout.time == "month" else "NOW+1DAYS"
    parameters = {
        "projection.enabled": "true",
        "storage.location.template": f"s3://{bucket_name}/{literal(layout.athena_path)}",
        f"{time}.type": "date",
        f"{time}.format": layout.time_format,
        f"{time}.range": f"{first_day.strftime(_PYTHON_FORMATS[layout.time])},{until}",
        f"{time}.interval": "1",
        f"{time}.interval.unit": _INTERVALS[layout.time],
    }
    for key in layout.keys:
        if values := partition_values.get(key):
            parameters[f"projection.{key}.type"] = "enum"
            parameters[f"projection.{key}.values"] = ",".join(values)
        else:
            parameters[f"projection.{key}.type"] = "injected"
    return parameters


def example_query(
    layout: LandingLayout,
    *,
    database_name: str,
    table_name: str,
    partition_values: Mapping[str, tuple[str, ...]],
) -> str:
    """SQL for Athena: how many records of each operation landed in the last week.

    DMS's guide does not say whether `json-unformatted` ends in a newline, and Firehose appends one:
    a line without an object is a row of NULLs for the SerDe, and no record.
    https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html
    """
    since = f"date_format(current_timestamp - interval '7' day, '{_PYTHON_FORMATS[layout.time]}')"
    where = [f"{layout.time_column} >= {since}"]
    if layout.file_format == "json":
        where.append(f"{METADATA_COLUMN} IS NOT NULL")
    # in quotes, as a key may be called `order` or `user`
    where += [
        f'"{key}" = {_text(partition_values.get(key, (f"<{key}>",))[0])}' for key in layout.keys
    ]
    return (
        "SELECT metadata['operation'] AS operation, count(*) AS records\n"
        f'FROM "{database_name}"."{table_name}"\n'
        f"WHERE {' AND '.join(where)}\n"
        "GROUP BY 1"
    )


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
