"""Props of the Glue table over the landed changes."""

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from constructs_lib.props import Form, Props, default_kind

# https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html
GlueName = Annotated[
    str,
    Form(
        r"^[a-z_][a-z0-9_]{0,254}$",
        "1 to 255 lower-case letters, digits and `_`, beginning with a letter or `_`, as Athena "
        "wants its names",
    ),
]
"""1 to 255 lower-case letters, digits and `_`, no digit first."""

# https://docs.aws.amazon.com/athena/latest/ug/data-types.html
_MOST_DIGITS = 38
_DECIMAL = re.compile(r"decimal\((\d+),(\d+)\)")


def _within_hive(type_: str) -> str:
    if found := _DECIMAL.fullmatch(type_):
        precision, scale = int(found[1]), int(found[2])
        if not 1 <= precision <= _MOST_DIGITS or scale > precision:
            raise ValueError(
                f"must have 1 to {_MOST_DIGITS} digits, and no more of them behind the point than "
                "there are: decimal(10,2) has ten, two of them behind it. Use string for longer "
                "ones (https://docs.aws.amazon.com/athena/latest/ug/data-types.html)"
            )
    return type_


ColumnType = Annotated[
    str,
    Form(
        r"^(boolean|tinyint|smallint|int|bigint|float|double|string|date|timestamp"
        r"|decimal\(\d+,\d+\))$",
        "a type of Hive: boolean, tinyint, smallint, int, bigint, float, double, string, date, "
        "timestamp or decimal(digits,digits behind the point)",
    ),
    AfterValidator(_within_hive),
]
"""A Hive type: `boolean`, `tinyint`, `smallint`, `int`, `bigint`, `float`, `double`, `string`,
`date`, `timestamp` or `decimal(p,s)`, of 1 to 38 digits and no more behind the point than that."""

PartitionValue = Annotated[str, Field(pattern=r"^[^,${}%\n]{1,255}$")]
"""A value of a partition key: no comma, which separates the values in Glue, and no `$`, `%` or
braces, which Terraform would read."""


# Firehose began in October 2015: nothing landed before
_FIRST_DAY_THERE_IS = date(2015, 10, 1)


def _a_day_of_the_past(day: date) -> date:
    # beyond UTC's day by the time zones ahead of it
    last = datetime.now(UTC).date() + timedelta(days=1)
    if not _FIRST_DAY_THERE_IS <= day <= last:
        raise ValueError(
            f"must be from {_FIRST_DAY_THERE_IS} to today: Athena looks for objects from this day "
            "until now, and wants the range to begin before it ends (https://docs.aws.amazon.com/"
            "athena/latest/ug/partition-projection-supported-types.html)"
        )
    return day


# Athena's own schema, and the database that accounts have already
_TAKEN_DATABASES = ("default", "information_schema")


def _a_database_of_its_own(name: str) -> str:
    if name in _TAKEN_DATABASES:
        raise ValueError(
            f"is a database that Athena has already: choose another name than "
            f"{', '.join(_TAKEN_DATABASES)}"
        )
    return name


def _not_the_accounts_own(name: str) -> str:
    # https://docs.aws.amazon.com/athena/latest/ug/manage-queries-control-costs-with-workgroups.html
    if name.lower() == "primary":
        raise ValueError("is the workgroup that every account has already: choose another name")
    return name


class WorkgroupProps(Props):
    """An Athena workgroup whose settings hold for every query in it."""

    name: (
        Annotated[
            str, Field(pattern=r"^[a-zA-Z0-9._-]{1,128}$"), AfterValidator(_not_the_accounts_own)
        ]
        | None
    ) = None
    """Name of the workgroup; not `primary`, which every account has. Default: derived from the
    construct's path."""

    result_prefix: Annotated[str, Field(pattern=r"^([A-Za-z0-9_.=-]+/)+$")] = "athena-results/"
    """Folder of the landing bucket for query results, ending in `/`. They are encrypted as the
    bucket is and expire as its other objects do."""

    scan_limit_mib: Annotated[int, Field(ge=10, le=2**33)] | None = None
    """MiB a query may scan before Athena cancels it, 10 to 8589934592 (8 PiB). Default: no limit.
    Source:
    https://docs.aws.amazon.com/athena/latest/ug/workgroups-setting-control-limits-cloudwatch.html
    """


class DataCatalogProps(Props):
    """Props of `DataCatalog`."""

    kind: Literal["new"] = "new"
    """A table of the pipeline's own."""

    database_name: Annotated[GlueName, AfterValidator(_a_database_of_its_own)] | None = None
    """Name of the Glue database, not `default` or `information_schema`. Default: derived from the
    construct's path."""

    table_name: GlueName = "changes"
    """Name of the table in that database."""

    data_columns: dict[GlueName, ColumnType] = {}
    """Columns of the source tables and their types, in order, for a `data` column with fields
    (`data.id`). Of several tables: all columns of all of them; what a table lacks is null.
    Default: none, and `data` is the JSON text of the row, for `json_extract_scalar(data, '$.id')`.
    """

    before_image_key: Annotated[str, Field(pattern=r"^[A-Za-z][A-Za-z0-9_-]{0,254}$")] | None = None
    """Key of the row before the change, the `FieldName` of DMS's BeforeImageSettings. Default: no
    such key in the records, and no column `before_image`."""

    partition_values: dict[GlueName, tuple[PartitionValue, ...]] = {}
    """Known values of partition keys, such as `schema_name: [dms_sample]`: Athena then looks into
    all of these where a query names none, and never into others. Default: none, and a query has
    to name the value of each key (`WHERE schema_name = 'dms_sample'`). Source:
    https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html"""

    first_day: Annotated[date, AfterValidator(_a_day_of_the_past)] = date(2024, 1, 1)
    """The oldest day Athena looks for, not one to come. Default: 2024-01-01. A later one makes
    queries without a date faster; what landed before it is not found."""

    workgroup: WorkgroupProps | None = None
    """An Athena workgroup for queries. Default: none is made."""

    @field_validator("before_image_key")
    @classmethod
    def _refuse_hidden_column(cls, key: str | None, info: ValidationInfo) -> str | None:
        # the SerDe maps a column's name to its key in nested fields, too
        if key not in (None, "before_image") and "before_image" in info.data.get(
            "data_columns", {}
        ):
            raise ValueError(
                "data_columns has a column before_image, which the SerDe would read from the key "
                f"{key}: set before_image_key and DMS's FieldName to before_image"
            )
        return key

    @field_validator("partition_values")
    @classmethod
    def _refuse_empty(cls, values: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        empty = [key for key, allowed in values.items() if not allowed]
        if empty:
            raise ValueError(f"{empty[0]} has no values: list at least one or leave the key out")
        for key, allowed in values.items():
            if repeated := next((each for each in allowed if allowed.count(each) > 1), None):
                raise ValueError(
                    f"{key} lists {repeated} twice: Athena would count its records twice. Leave "
                    "one out"
                )
        return values


class ImportedTableProps(Props):
    """Props of a Glue table that exists already, for use as the schema of a conversion."""

    kind: Literal["existing"]
    """A table that exists already."""

    database_name: GlueName
    """Name of the Glue database."""

    table_name: GlueName
    """Name of the table."""


Catalog = Annotated[
    DataCatalogProps | ImportedTableProps, Field(discriminator="kind"), default_kind("new")
]
"""`kind: new` (the default where `kind` is left out) or `kind: existing`."""
