"""Props of the Glue table over the landed changes."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, ValidationInfo, field_validator, model_validator

from constructs_lib.bucket_name import no_dots_alone
from constructs_lib.errors import Fault
from constructs_lib.faults import refuse
from constructs_lib.props import Form, Props, default_kind, different

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
_DECIMAL = re.compile(r"decimal\(([0-9]+),([0-9]+)\)")


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
        r"|decimal\([0-9]+,[0-9]+\))$",
        "a type of Hive: boolean, tinyint, smallint, int, bigint, float, double, string, date, "
        "timestamp or decimal(digits,digits behind the point)",
    ),
    AfterValidator(_within_hive),
]
"""A Hive type: `boolean`, `tinyint`, `smallint`, `int`, `bigint`, `float`, `double`, `string`,
`date`, `timestamp` or `decimal(p,s)`, of 1 to 38 digits and no more behind the point than that."""

ColumnName = Annotated[
    str,
    Form(
        r"^(?!_dms_)[^\W][\w ]{0,63}$",
        "1 to 64 letters, digits, spaces and `_`, not beginning with a space or `_dms_`",
    ),
]
"""1 to 64 letters, digits, spaces and `_`, as the records write it."""

TableName = Annotated[
    str,
    Form(
        r"^[^.\x00-\x1f${}%\"\\]{1,64}\.[^.\x00-\x1f${}%\"\\]{1,64}$",
        "schema.table, such as dms_sample.person, without wildcards",
    ),
]
"""`schema.table`, as the records name them."""

ERRORS_TABLE = "delivery_errors"
"""Name of the Glue table over the error prefix."""

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

    result_prefix: Annotated[
        str,
        Field(pattern=r"^([A-Za-z0-9_.=-]+/)+$", max_length=256),
        AfterValidator(no_dots_alone),
    ] = "athena-results/"
    """Folder of the landing bucket for query results, ending in `/`. They are encrypted as the
    bucket is and expire as its other objects do."""

    scan_limit_mib: Annotated[int, Field(ge=10, le=2**33)] | None = 102_400
    """MiB a query may scan before Athena cancels it, 10 to 8589934592 (8 PiB). Default: 102400 (100
    GiB); null: no limit. Source:
    https://docs.aws.amazon.com/athena/latest/ug/workgroups-setting-control-limits-cloudwatch.html
    """

    named_queries: bool = True
    """Whether queries to start from are saved in it: the changes of one row, what changed between
    two times, lag, volume by hour, records in the error prefix. Default: yes."""


class CatalogTableProps(Props):
    """A table as its records have it: names, columns and key after all transformation rules."""

    columns: Annotated[dict[ColumnName, ColumnType], Field(min_length=1)]
    """Its columns and their types, in the order of the view. A value that is not of its column's
    type is null in the view."""

    primary_key: Annotated[tuple[str, ...], Field(min_length=1), AfterValidator(different)]
    """The columns that tell its rows apart."""

    view_name: GlueName | None = None
    """Name of the view. Default: the table's name in lower case, with `_` in place of what Athena
    does not take in a name."""

    in_document: bool = False
    """Whether the records hold the columns under `_doc`, as `map-record-to-document` writes them.
    Default: no."""

    @field_validator("columns")
    @classmethod
    def _refuse_one_column_twice(cls, columns: dict[str, str]) -> dict[str, str]:
        seen: dict[str, str] = {}
        for name in columns:
            if name.lower() in seen:
                raise ValueError(
                    f"{seen[name.lower()]} and {name} are one column for Athena, which does not "
                    "tell cases apart: leave one of them out, or rename it by a rule"
                )
            seen[name.lower()] = name
        return columns

    @model_validator(mode="after")
    def _key_has_its_columns(self) -> Self:
        missing = [name for name in self.primary_key if name not in self.columns]
        refuse(
            self,
            [
                Fault(
                    "primary_key",
                    "must name columns of the table: add it to `columns`, or correct the name",
                    name,
                )
                for name in missing
            ],
        )
        return self


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

    tables: dict[TableName, CatalogTableProps] = {}
    """Tables of the source by `schema.table`, as the records name them, each with its columns and
    key: what a view of its current rows is made of. `dms-stream catalog` writes them. Default:
    none, and there is no view."""

    views: bool = True
    """Whether each of `tables` gets a view that replays its changes into the rows that the source
    has now. Default: yes."""

    workgroup: WorkgroupProps | None = WorkgroupProps()
    """An Athena workgroup for queries. Default: one with a scan limit; null: none is made."""

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

    @model_validator(mode="after")
    def _views_are_possible(self) -> Self:
        refuse(self, [*self._name_faults(), *self._field_faults()] if self.views else [])
        return self

    def view_name(self, table: str) -> str:
        """Name of the view of one of `tables`."""
        name = table.partition(".")[2].lower()
        plain = re.sub("[^a-z0-9_]", "_", name)
        return self.tables[table].view_name or (f"_{plain}" if plain[0].isdigit() else plain)

    def _name_faults(self) -> Iterator[Fault]:
        taken = {self.table_name: "the table of all changes", ERRORS_TABLE: "the table of errors"}
        for table in self.tables:
            name = self.view_name(table)
            if name in taken:
                yield Fault(
                    f"tables.{table}.view_name",
                    f"is the name of {taken[name]}, too: set view_name to another name",
                    name,
                )
            taken.setdefault(name, f"the view of {table}")

    def _field_faults(self) -> Iterator[Fault]:
        if not self.data_columns:
            return
        for table, given in self.tables.items():
            if given.in_document:
                yield Fault(
                    f"tables.{table}.in_document",
                    "cannot be used with data_columns, whose fields are not under `_doc`: leave "
                    "data_columns out, so that `data` is JSON text",
                    "true",
                )
            for name, type_ in given.columns.items():
                found = self.data_columns.get(name.lower())
                if found != type_:
                    yield Fault(
                        f"tables.{table}.columns.{name}",
                        "must be a field of `data` of the same type, and data_columns has "
                        + (f"{name.lower()}: {found}" if found else f"no {name.lower()}")
                        + ": make the two agree, or leave data_columns out",
                        type_,
                    )


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
