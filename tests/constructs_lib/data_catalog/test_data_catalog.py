"""DataCatalog: what reaches Terraform, and what is refused."""

import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.customer_key import CustomerKeyEncryption
from constructs_lib.data_catalog import (
    CatalogTableProps,
    DataCatalog,
    DataCatalogProps,
    ImportedTable,
    ImportedTableProps,
    WorkgroupProps,
    layout_faults,
)
from constructs_lib.errors import ConstructError, InvalidPropsError
from constructs_lib.iam import ServiceRole
from constructs_lib.landing_bucket import LandingBucket, LandingBucketProps, LandingLayout
from constructs_lib.landing_bucket.layout import FileFormat
from tests.support.synth import Json, new_stack, only, policy, resource, synth

COMPRESSION = "https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html"
COLUMNAR: tuple[FileFormat, ...] = ("parquet", "orc")
ORDERS = CatalogTableProps(columns={"id": "bigint", "total": "double"}, primary_key=("id",))
WITH_ERRORS = LandingLayout(prefix="changes/", error_folder="errors/")
BY_DAY = LandingLayout(prefix="changes/")
BY_TABLE = LandingLayout(prefix="changes/", keys=("schema_name", "table_name"))


def make(
    stack: ReadableAddressStack,
    props: DataCatalogProps | None = None,
    layout: LandingLayout = BY_DAY,
) -> DataCatalog:
    bucket = LandingBucket.from_name(stack, "landing", bucket_name="landing")
    return DataCatalog(stack, "catalog", bucket=bucket, layout=layout, props=props)


def synth_catalog(props: DataCatalogProps | None = None, layout: LandingLayout = BY_DAY) -> Json:
    return synth(lambda stack: make(stack, props, layout))


def column_types(table: Json) -> dict[str, str]:
    return {column["name"]: column["type"] for column in table["storage_descriptor"]["columns"]}


def test_by_default_rows_are_json_text_and_athena_finds_the_days_itself() -> None:
    document = synth_catalog()
    database = resource(document, "aws_glue_catalog_database.catalog_database")
    assert database == {"name": "app_catalog"}
    table = resource(document, "aws_glue_catalog_table.catalog")
    assert (table["name"], table["table_type"]) == ("changes", "EXTERNAL_TABLE")
    assert table["database_name"] == "${aws_glue_catalog_database.catalog_database.name}"
    assert table["parameters"] == {
        "EXTERNAL": "TRUE",
        "classification": "json",
        "projection.enabled": "true",
        "storage.location.template": "s3://landing/changes/arrival_day=$${arrival_day}",
        "projection.arrival_day.type": "date",
        "projection.arrival_day.format": "yyyy-MM-dd",
        "projection.arrival_day.range": "2024-01-01,NOW+1DAYS",
        "projection.arrival_day.interval": "1",
        "projection.arrival_day.interval.unit": "DAYS",
    }
    assert table["partition_keys"] == [{"name": "arrival_day", "type": "string"}]
    storage = table["storage_descriptor"]
    assert storage["location"] == "s3://landing/changes/"
    assert storage["ser_de_info"]["serialization_library"] == "org.openx.data.jsonserde.JsonSerDe"
    # hyphens in the keys of metadata: a map takes them, a struct would not
    assert column_types(table) == {
        "data": "string",
        "metadata": "map<string,string>",
        "control": "string",
    }
    assert set(document["resource"]["aws_glue_catalog_table"]) == {"catalog"}
    workgroup = only(document, "aws_athena_workgroup")
    # a query cannot cost more than a hundredth of a TB does
    assert workgroup["configuration"]["bytes_scanned_cutoff_per_query"] == 100 * 1024**3


def test_without_a_workgroup_there_are_no_queries() -> None:
    document = synth_catalog(DataCatalogProps(workgroup=None), WITH_ERRORS)
    assert not any(type_.startswith("aws_athena") for type_ in document["resource"])
    assert set(document["resource"]["aws_glue_catalog_table"]) == {"catalog"}


def test_the_workgroup_holds_queries_to_start_from_unless_they_are_off() -> None:
    document = synth_catalog(layout=WITH_ERRORS)
    queries = document["resource"]["aws_athena_named_query"]
    assert set(queries) == {
        "catalog_changed_between_two_times",
        "catalog_changes_of_one_row",
        "catalog_lag_by_hour",
        "catalog_records_in_the_error_prefix",
        "catalog_volume_by_hour",
    }
    for query in queries.values():
        assert query["workgroup"] == "${aws_athena_workgroup.catalog_workgroup.name}"
        assert '"app_catalog".' in query["query"]
    errors = resource(document, "aws_glue_catalog_table.catalog_errors")
    assert errors["storage_descriptor"]["location"] == "s3://landing/errors/"

    without = synth_catalog(DataCatalogProps(workgroup=WorkgroupProps(named_queries=False)))
    assert "aws_athena_named_query" not in without["resource"]


def test_errors_without_a_folder_of_their_own_have_no_query() -> None:
    queries = synth_catalog()["resource"]["aws_athena_named_query"]
    assert "catalog_records_in_the_error_prefix" not in queries


def test_a_query_names_the_partitions_that_athena_has_to_be_given() -> None:
    layout = LandingLayout(prefix="changes/", keys=("schema_name", "table_name"), by_table=True)
    props = DataCatalogProps(tables={"shop.orders": ORDERS}, partition_values={})
    queries = synth_catalog(props, layout)["resource"]["aws_athena_named_query"]
    for query in queries.values():
        assert "schema_name = 'shop'" in query["query"]
        assert "table_name = 'orders'" in query["query"]
    listed = DataCatalogProps(partition_values={"schema_name": ("a",), "table_name": ("b",)})
    lag = resource(synth_catalog(listed, layout), "aws_athena_named_query.catalog_lag_by_hour")
    assert "schema_name =" not in lag["query"]


# Views


def view(document: Json, name: str) -> tuple[Json, Json]:
    """The resource of a view and its definition, as Terraform would encode it."""
    table = resource(document, f"aws_glue_catalog_table.catalog_view_{name}")
    start, end = "/* Presto View: ${base64encode(jsonencode(", "))} */"
    text = table["view_original_text"]
    assert text.startswith(start)
    assert text.endswith(end)
    return table, json.loads(text.removeprefix(start).removesuffix(end))


def test_each_table_gets_a_view_as_athena_writes_it() -> None:
    tables = {
        "shop.Order Lines": CatalogTableProps(
            columns={"Id": "int", "at": "timestamp", "weight": "float", "note": "string"},
            primary_key=("Id",),
        ),
        "shop.orders": ORDERS,
    }
    document = synth_catalog(DataCatalogProps(tables=tables))
    table, definition = view(document, "order_lines")
    assert table["name"] == "order_lines"
    assert table["table_type"] == "VIRTUAL_VIEW"
    assert table["view_expanded_text"] == "/* Presto View */"
    assert table["depends_on"] == ["aws_glue_catalog_table.catalog"]
    assert table["parameters"] == {
        "presto_view": "true",
        "comment": "Presto View",
        "dms-stream.source-schema": "shop",
        "dms-stream.source-table": "Order Lines",
    }
    assert column_types(table) == {
        "id": "int",
        "at": "timestamp",
        "weight": "float",
        "note": "string",
    }
    # Athena asks for one, whatever it is called
    assert table["storage_descriptor"]["ser_de_info"] == {
        "name": "-",
        "serialization_library": "-",
    }
    assert definition.pop("originalSql").startswith("WITH emptied AS (")
    assert definition == {
        "catalog": "awsdatacatalog",
        "schema": "app_catalog",
        "columns": [
            {"name": "id", "type": "integer"},
            {"name": "at", "type": "timestamp(6)"},
            {"name": "weight", "type": "real"},
            {"name": "note", "type": "varchar"},
        ],
        "runAsInvoker": False,
        "properties": {},
    }
    assert view(document, "orders")[0]["name"] == "orders"


def test_views_can_be_off() -> None:
    document = synth_catalog(DataCatalogProps(tables={"shop.orders": ORDERS}, views=False))
    assert set(document["resource"]["aws_glue_catalog_table"]) == {"catalog"}


@pytest.mark.parametrize(
    ("props", "message"),
    [
        (
            {"tables": {"shop.changes": ORDERS}},
            "tables.shop.changes.view_name: is the name of the table of all changes, too: set "
            "view_name to another name\n      given: changes",
        ),
        (
            {"tables": {"shop.orders": ORDERS, "old.Orders": ORDERS}},
            "tables.old.Orders.view_name: is the name of the view of shop.orders, too: set "
            "view_name to another name\n      given: orders",
        ),
        (
            {"tables": {"shop.orders": ORDERS}, "data_columns": {"id": "int"}},
            "tables.shop.orders.columns.id: must be a field of `data` of the same type, and "
            "data_columns has id: int: make the two agree, or leave data_columns out\n"
            "      given: bigint",
        ),
        (
            {
                "tables": {
                    "shop.orders": {
                        "columns": {"id": "bigint"},
                        "primary_key": ["id"],
                        "in_document": True,
                    }
                },
                "data_columns": {"id": "bigint"},
            },
            "tables.shop.orders.in_document: cannot be used with data_columns, whose fields are "
            "not under `_doc`: leave data_columns out, so that `data` is JSON text\n"
            "      given: true",
        ),
        (
            {"tables": {"shop.orders": {"columns": {"id": "bigint"}, "primary_key": ["key"]}}},
            "tables.shop.orders.primary_key: must name columns of the table: add it to `columns`, "
            "or correct the name\n      given: key",
        ),
        (
            {
                "tables": {
                    "shop.orders": {
                        "columns": {"id": "bigint", "ID": "bigint"},
                        "primary_key": ["id"],
                    }
                }
            },
            "id and ID are one column for Athena, which does not tell cases apart: leave one of "
            "them out, or rename it by a rule",
        ),
        (
            {"tables": {"shop.orders": {"columns": {"_dms_step": "int"}, "primary_key": ["x"]}}},
            "must be 1 to 64 letters, digits, spaces and `_`, not beginning with a space or "
            "`_dms_`",
        ),
        (
            {"tables": {"shop.%": {"columns": {"id": "int"}, "primary_key": ["id"]}}},
            "must be schema.table, such as dms_sample.person, without wildcards",
        ),
    ],
)
def test_tables_that_make_no_view_are_refused(props: Json, message: str) -> None:
    with pytest.raises(InvalidPropsError) as refusal:
        DataCatalogProps(**props)
    assert message in str(refusal.value)


def test_a_view_finds_its_records_in_every_partition() -> None:
    custom = LandingLayout(prefix="changes/", keys=("op",))
    props = DataCatalogProps(tables={"shop.orders": ORDERS})
    with pytest.raises(ConstructError, match="needs all values of the partition key op"):
        synth_catalog(props, custom)
    synth_catalog(props.model_copy(update={"partition_values": {"op": ("insert",)}}), custom)
    synth_catalog(props.model_copy(update={"views": False}), custom)

    by_table = LandingLayout(prefix="changes/", keys=("schema_name", "table_name"), by_table=True)
    synth_catalog(props, by_table)
    lacking = props.model_copy(update={"partition_values": {"schema_name": ("other",)}})
    with pytest.raises(
        ConstructError, match=r"lacks shop, so that Athena finds nothing of shop\.orders"
    ):
        synth_catalog(lacking, by_table)


def test_everything_set() -> None:
    props = DataCatalogProps(
        database_name="lake",
        table_name="purchases",
        data_columns={"id": "bigint", "price": "decimal(10,2)"},
        before_image_key="before-image",
        partition_values={"schema_name": ("dms_sample", "other")},
        first_day=date(2026, 3, 1),
        workgroup=WorkgroupProps(name="analysts", result_prefix="results/", scan_limit_mib=100),
    )
    layout = LandingLayout(prefix="changes/", keys=BY_TABLE.keys, time="hour")
    document = synth_catalog(props, layout)
    assert only(document, "aws_glue_catalog_database") == {"name": "lake"}
    table = only(document, "aws_glue_catalog_table")
    assert table["name"] == "purchases"
    row = "struct<id:bigint,price:decimal(10,2)>"
    assert column_types(table) == {
        "data": row,
        "metadata": "map<string,string>",
        "control": "string",
        "before_image": row,
    }
    assert table["storage_descriptor"]["ser_de_info"]["parameters"] == {
        "mapping.before_image": "before-image"
    }
    parameters = table["parameters"]
    assert parameters["projection.schema_name.type"] == "enum"
    assert parameters["projection.schema_name.values"] == "dms_sample,other"
    assert parameters["projection.table_name.type"] == "injected"
    assert parameters["projection.arrival_hour.range"] == "2026-03-01-00,NOW+1DAYS"
    assert parameters["projection.arrival_hour.interval.unit"] == "HOURS"
    assert parameters["storage.location.template"] == (
        "s3://landing/changes/schema_name=$${schema_name}/table_name=$${table_name}"
        "/arrival_hour=$${arrival_hour}"
    )
    assert [key["name"] for key in table["partition_keys"]] == [
        "schema_name",
        "table_name",
        "arrival_hour",
    ]
    assert only(document, "aws_athena_workgroup") == {
        "name": "analysts",
        "force_destroy": True,
        "configuration": {
            "enforce_workgroup_configuration": True,
            "publish_cloudwatch_metrics_enabled": True,
            "bytes_scanned_cutoff_per_query": 104_857_600,
            "result_configuration": {
                "output_location": "s3://landing/results/",
                "encryption_configuration": {"encryption_option": "SSE_S3"},
            },
        },
    }


@pytest.mark.parametrize(
    ("file_format", "serde"),
    [
        ("parquet", "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"),
        ("orc", "org.apache.hadoop.hive.ql.io.orc.OrcSerde"),
    ],
)
def test_columnar_files_have_their_own_serde_and_no_mappings(file_format: Any, serde: str) -> None:
    layout = LandingLayout(prefix="changes/", file_format=file_format)
    table = only(
        synth_catalog(
            DataCatalogProps(data_columns={"id": "bigint"}, before_image_key="before-image"),
            layout,
        ),
        "aws_glue_catalog_table",
    )
    assert table["parameters"]["classification"] == file_format
    assert table["storage_descriptor"]["ser_de_info"] == {"serialization_library": serde}


def test_results_are_encrypted_with_the_buckets_key() -> None:
    def build(stack: ReadableAddressStack) -> None:
        props = LandingBucketProps(encryption=CustomerKeyEncryption(kind="customer"))
        bucket = LandingBucket(stack, "landing", props=props)
        DataCatalog(
            stack,
            "catalog",
            bucket=bucket,
            layout=BY_DAY,
            props=DataCatalogProps(workgroup=WorkgroupProps()),
        )

    workgroup = only(synth(build), "aws_athena_workgroup")
    assert workgroup["name"] == "app-catalog"
    result = workgroup["configuration"]["result_configuration"]
    assert result["encryption_configuration"] == {
        "encryption_option": "SSE_KMS",
        "kms_key_arn": "${aws_kms_key.landing_key.arn}",
    }


def test_the_example_query_names_what_athena_needs_to_know() -> None:
    def build(stack: ReadableAddressStack) -> None:
        props = DataCatalogProps(partition_values={"schema_name": ("dms_sample",)})
        query = make(stack, props, BY_TABLE).example_query
        assert query.startswith("SELECT metadata['operation'] AS operation, count(*) AS records")
        assert (
            "WHERE arrival_day >= "
            "date_format(current_timestamp - interval '7' day, '%Y-%m-%d') "
            "AND metadata IS NOT NULL "
            "AND \"schema_name\" = 'dms_sample' AND \"table_name\" = '<table_name>'" in query
        )

    synth(build)


def test_the_example_query_quotes_words_of_sql_and_values() -> None:
    layout = LandingLayout(prefix="changes/", keys=("order",))

    def build(stack: ReadableAddressStack) -> None:
        query = make(
            stack, DataCatalogProps(partition_values={"order": ("O'Hara",)}), layout
        ).example_query
        assert "AND \"order\" = 'O''Hara'" in query

    synth(build)


@pytest.mark.parametrize("type_", ["decimal(1,0)", "decimal(38,0)", "decimal(38,38)"])
def test_hives_decimals_are_taken(type_: str) -> None:
    assert DataCatalogProps(data_columns={"price": type_}).data_columns == {"price": type_}


@pytest.mark.parametrize(
    "type_", ["decimal(39,0)", "decimal(0,0)", "decimal(10,11)", "decimal(99,1)"]
)
def test_other_decimals_are_refused(type_: str) -> None:
    with pytest.raises(InvalidPropsError, match=r"data_columns\.price: must have 1 to 38 digits"):
        DataCatalogProps(data_columns={"price": type_})


def test_the_first_day_has_been() -> None:
    today = datetime.now(UTC).date()
    assert DataCatalogProps(first_day=today).first_day == today
    for day in (today + timedelta(days=3), date(2015, 9, 30), date(1, 1, 1)):
        with pytest.raises(InvalidPropsError, match="first_day: must be from 2015-10-01 to today"):
            DataCatalogProps(first_day=day)


@pytest.mark.parametrize(
    ("given", "where", "message"),
    [
        (
            {"table_name": "Changes"},
            "table_name",
            "must be 1 to 255 lower-case letters, digits and `_`, beginning with a letter or `_`, "
            "as Athena wants its names",
        ),
        (
            {"data_columns": {"Id": "int"}},
            "data_columns.Id",
            "must be 1 to 255 lower-case letters, digits and `_`, beginning with a letter or `_`, "
            "as Athena wants its names\n      given: 'Id'",
        ),
        (
            {"data_columns": {"id": "integer"}},
            "data_columns.id",
            "must be a type of Hive: boolean, tinyint, smallint, int, bigint",
        ),
        ({"database_name": "default"}, "database_name", "is a database that Athena has already"),
        (
            {"partition_values": {"schema_name": ["shop", "crm", "shop"]}},
            "partition_values",
            "schema_name lists shop twice: Athena would count its records twice",
        ),
        (
            {"data_columns": {"before_image": "int"}, "before_image_key": "before-image"},
            "before_image_key",
            "data_columns has a column before_image, which the SerDe would read from the key "
            "before-image",
        ),
        (
            {"partition_values": {"schema_name": []}},
            "partition_values",
            "schema_name has no values: list at least one or leave the key out",
        ),
        (
            {"partition_values": {"schema_name": ["a,b"]}},
            "partition_values.schema_name.0",
            "must match",
        ),
        ({"workgroup": {"scan_limit_mib": 9}}, "workgroup.scan_limit_mib", "must be 10 or more"),
        ({"workgroup": {"result_prefix": ""}}, "workgroup.result_prefix", "must match"),
    ],
)
def test_refusals_say_where_and_what_is_allowed(
    given: dict[str, object], where: str, message: str
) -> None:
    with pytest.raises(InvalidPropsError) as caught:
        DataCatalogProps(**given)
    assert f"- {where}: " in str(caught.value)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("props", "layout", "message"),
    [
        (
            DataCatalogProps(partition_values={"schema": ("a",)}),
            BY_TABLE,
            "app/catalog: data_catalog.partition_values.schema is no partition key: the delivery "
            "stream partitions by schema_name, table_name. Take it out, or partition by it "
            "(delivery_stream.partitioning)",
        ),
        (
            DataCatalogProps(partition_values={"schema_name": ("a",)}),
            BY_DAY,
            "app/catalog: data_catalog.partition_values.schema_name is no partition key: the "
            "delivery stream partitions by the date alone. Take it out, or partition by it "
            "(delivery_stream.partitioning)",
        ),
        (
            DataCatalogProps(),
            LandingLayout(prefix="", keys=("data",)),
            "app/catalog: delivery_stream.partitioning.keys.data has the name of a column of the "
            "catalog's table (data, metadata, control, before_image, arrival_day): rename "
            "it, or set data_catalog to null",
        ),
        (
            DataCatalogProps(),
            LandingLayout(prefix="", compression="ZIP"),
            "app/catalog: delivery_stream.format.compression is what Athena does not read as "
            "Firehose writes it, and data_catalog is there for Athena: use GZIP or HADOOP_SNAPPY, "
            f"or set data_catalog to null ({COMPRESSION})",
        ),
        (
            DataCatalogProps(),
            LandingLayout(prefix="", newline_delimiter=False),
            "app/catalog: delivery_stream.format.newline_delimiter must be true with data_catalog: "
            "a table reads one record from each line, and DMS's guide does not say that its "
            "records end in a newline. Leave it out, or set data_catalog to null "
            "(https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html)",
        ),
        *(
            (
                DataCatalogProps(),
                LandingLayout(prefix="", file_format=file_format, newline_delimiter=False),
                "app/catalog: data_catalog.data_columns must name the columns, as "
                f"`delivery_stream.format.kind: {file_format}` takes its schema from the table, "
                "and Firehose wants a structure like that of the records: name them, or deliver "
                "JSON (https://docs.aws.amazon.com/firehose/latest/dev/"
                "record-format-conversion.html)",
            )
            for file_format in COLUMNAR
        ),
    ],
)
def test_props_that_do_not_fit_the_layout_are_refused(
    props: DataCatalogProps, layout: LandingLayout, message: str
) -> None:
    with pytest.raises(ConstructError) as caught:
        make(new_stack(), props, layout)
    assert str(caught.value) == message


READABLE = {
    "UNCOMPRESSED": (None, ".json", ".gz.json", ".jsonl"),
    "GZIP": (None, ".gz", ".json.gz"),
    "HADOOP_SNAPPY": (None, ".snappy", ".json.snappy"),
    "Snappy": (),
    "ZIP": (),
}
ENDINGS = (
    *(None, ".json", ".jsonl", ".gz.json", ".gz", ".json.gz", ".snappy", ".json.snappy"),
    *(".zip", ".bz2", ".json.zst", ".lz4"),
)


@pytest.mark.parametrize("compression", READABLE)
@pytest.mark.parametrize("ending", ENDINGS)
def test_athena_reads_each_ending_and_compression_that_is_taken(
    compression: str, ending: str | None
) -> None:
    layout = LandingLayout(prefix="", compression=compression, file_extension=ending)
    refused = layout_faults(DataCatalogProps(), layout)
    assert bool(refused) == (ending not in READABLE[compression])
    for fault in refused:
        # both keys that do not fit are named
        assert "delivery_stream.format.compression" in f"{fault.where} {fault.problem}"
        assert fault.where.startswith("delivery_stream.")


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("file_format", COLUMNAR)
def test_columnar_files_tell_their_compression_themselves(
    file_format: Any, ending: str | None
) -> None:
    layout = LandingLayout(prefix="", file_format=file_format, file_extension=ending)
    assert layout_faults(DataCatalogProps(data_columns={"id": "int"}), layout) == []


def test_the_grant_names_the_table_and_its_parents() -> None:
    def build(stack: ReadableAddressStack) -> None:
        role = ServiceRole(stack, "role", service="firehose.amazonaws.com", description="r")
        assert len(make(stack).grant_read_schema(role).policies) == 1

    (statement,) = policy(synth(build), "aws_iam_role_policy.role_read_schema_catalog")
    assert statement["Action"] == [
        "glue:GetDatabase",
        "glue:GetTable",
        "glue:GetTableVersion",
        "glue:GetTableVersions",
    ]
    database = "${aws_glue_catalog_database.catalog_database.name}"
    assert [arn.split(":", maxsplit=5)[5] for arn in statement["Resource"]] == [
        "catalog",
        f"database/{database}",
        f"table/{database}/${{aws_glue_catalog_table.catalog.name}}",
    ]


def test_an_imported_table_makes_nothing_and_grants_alike() -> None:
    def build(stack: ReadableAddressStack) -> None:
        bucket = LandingBucket.from_name(stack, "landing", bucket_name="landing")
        table = DataCatalog.from_props(
            stack,
            "catalog",
            bucket=bucket,
            layout=BY_DAY,
            props=ImportedTableProps(kind="existing", database_name="lake", table_name="changes"),
        )
        assert isinstance(table, ImportedTable)
        assert table.json_key_mappings == {}
        role = ServiceRole(stack, "role", service="firehose.amazonaws.com", description="r")
        table.grant_read_schema(role)

    document = synth(build)
    assert not [type_ for type_ in document["resource"] if type_.startswith("aws_glue_")]
    (statement,) = policy(document, "aws_iam_role_policy.role_read_schema_catalog")
    assert statement["Resource"][2].endswith(":table/lake/changes")


def test_two_in_one_stack_do_not_collide() -> None:
    def build(stack: ReadableAddressStack) -> None:
        bucket = LandingBucket(stack, "landing")
        props = DataCatalogProps(workgroup=WorkgroupProps())
        for id_ in ("orders", "tickets"):
            DataCatalog(stack, id_, bucket=bucket, layout=BY_DAY, props=props)

    document = synth(build)
    for type_, names in {
        "aws_glue_catalog_database": {"app_orders", "app_tickets"},
        "aws_athena_workgroup": {"app-orders", "app-tickets"},
    }.items():
        assert {found["name"] for found in document["resource"][type_].values()} == names
