"""DeliveryStream: what reaches Terraform, and what is refused."""

from datetime import timedelta
from typing import Any

import pytest

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.change_stream import ChangeStream, ChangeStreamProps
from constructs_lib.customer_key import CustomerKeyEncryption
from constructs_lib.data_catalog import DataCatalog, DataCatalogProps
from constructs_lib.delivery_stream import (
    CustomPartitioning,
    DeliveryStream,
    DeliveryStreamProps,
    JsonFormat,
    OrcFormat,
    ParquetFormat,
    PartitioningByTable,
)
from constructs_lib.errors import ConstructError, InvalidPropsError
from constructs_lib.landing_bucket import LandingBucket, LandingBucketProps
from tests.support.synth import Json, new_stack, policy, resource, synth

DELIVERY = "aws_kinesis_firehose_delivery_stream.delivery"
NEWLINE = {
    "type": "AppendDelimiterToRecord",
    "parameters": [{"parameter_name": "Delimiter", "parameter_value": "\\n"}],
}


def build(
    stack: ReadableAddressStack, props: DeliveryStreamProps | None = None, id_: str = "delivery"
) -> DeliveryStream:
    return DeliveryStream(
        stack,
        id_,
        stream=ChangeStream.from_arn(
            stack,
            f"{id_}-source",
            stream_arn="arn:aws:kinesis:eu-west-1:123456789012:stream/orders",
        ),
        bucket=LandingBucket.from_name(stack, f"{id_}-landing", bucket_name="landing"),
        table=DataCatalog.from_names(
            stack, f"{id_}-table", database_name="lake", table_name="changes"
        ),
        props=props,
    )


def synth_delivery(props: DeliveryStreamProps | None = None) -> Json:
    return synth(lambda stack: build(stack, props))


def destination(props: DeliveryStreamProps | None = None) -> Json:
    delivery = resource(synth_delivery(props), DELIVERY)
    found: Json = delivery["extended_s3_configuration"]
    return found


def test_defaults_are_gzip_lines_of_json_by_day() -> None:
    delivery = resource(synth_delivery(), DELIVERY)
    assert delivery["name"] == "app-delivery"
    assert delivery["destination"] == "extended_s3"
    assert delivery["kinesis_source_configuration"] == {
        "kinesis_stream_arn": "arn:aws:kinesis:eu-west-1:123456789012:stream/orders",
        "role_arn": "${aws_iam_role.delivery_role.arn}",
    }
    assert delivery["extended_s3_configuration"] == {
        "bucket_arn": "arn:${data.aws_partition.current_partition.partition}:s3:::landing",
        "role_arn": "${aws_iam_role.delivery_role.arn}",
        "prefix": "changes/arrival_day=!{timestamp:yyyy-MM-dd}/",
        "error_output_prefix": "errors/!{firehose:error-output-type}/!{timestamp:yyyy-MM-dd}/",
        "buffering_interval": 300,
        "buffering_size": 5,
        "compression_format": "GZIP",
        "processing_configuration": {"enabled": True, "processors": [NEWLINE]},
        "cloudwatch_logging_options": {
            "enabled": True,
            "log_group_name": "${aws_cloudwatch_log_group.delivery_log.name}",
            "log_stream_name": "${aws_cloudwatch_log_stream.delivery_log_stream.name}",
        },
    }


def test_everything_set_for_json() -> None:
    props = DeliveryStreamProps(
        name="orders-to-s3",
        format=JsonFormat(compression="HADOOP_SNAPPY", newline_delimiter=False),
        time_partition="month",
        timezone="Europe/Berlin",
        prefix="cdc/orders/",
        error_prefix="!{timestamp:yyyy}/bad-!{firehose:error-output-type}/",
        file_extension=".json.snappy",
        buffer_interval=timedelta(0),
        buffer_mib=128,
        log_retention=None,
    )
    document = synth_delivery(props)
    delivery = resource(document, DELIVERY)
    assert delivery["name"] == "orders-to-s3"
    s3 = delivery["extended_s3_configuration"]
    assert s3["prefix"] == "cdc/orders/arrival_month=!{timestamp:yyyy-MM}/"
    assert s3["error_output_prefix"] == "!{timestamp:yyyy}/bad-!{firehose:error-output-type}/"
    assert s3["custom_time_zone"] == "Europe/Berlin"
    assert s3["file_extension"] == ".json.snappy"
    assert (s3["buffering_interval"], s3["buffering_size"]) == (0, 128)
    assert s3["compression_format"] == "HADOOP_SNAPPY"
    assert "processing_configuration" not in s3
    assert resource(document, "aws_cloudwatch_log_group.delivery_log") == {
        "name": "/aws/kinesisfirehose/orders-to-s3"
    }


def test_by_table_gives_records_without_a_table_a_folder_too() -> None:
    s3 = destination(DeliveryStreamProps(partitioning=PartitioningByTable(kind="by-table")))
    assert s3["dynamic_partitioning_configuration"] == {"enabled": True, "retry_duration": 300}
    assert s3["buffering_size"] == 64
    assert s3["prefix"] == (
        "changes/schema_name=!{partitionKeyFromQuery:schema_name}/"
        "table_name=!{partitionKeyFromQuery:table_name}/arrival_day=!{timestamp:yyyy-MM-dd}/"
    )
    extraction, newline = s3["processing_configuration"]["processors"]
    assert newline == NEWLINE
    assert extraction == {
        "type": "MetadataExtraction",
        "parameters": [
            {
                "parameter_name": "MetadataExtractionQuery",
                "parameter_value": (
                    '{schema_name:(.metadata["schema-name"] // "" '
                    '| if . == "" then "unnamed" else . end),'
                    'table_name:(.metadata["table-name"] // "" '
                    '| if . == "" then "unnamed" else . end)}'
                ),
            },
            {"parameter_name": "JsonParsingEngine", "parameter_value": "JQ-1.6"},
        ],
    }


def test_custom_keys_keep_their_order() -> None:
    props = DeliveryStreamProps(
        partitioning=CustomPartitioning(
            kind="custom",
            keys={"operation": ".metadata.operation", "customer": '.data.customer // "none"'},
            retry=timedelta(hours=2),
        ),
        buffer_interval=timedelta(seconds=60),
    )
    s3 = destination(props)
    assert s3["dynamic_partitioning_configuration"]["retry_duration"] == 7200
    assert s3["prefix"].startswith(
        "changes/operation=!{partitionKeyFromQuery:operation}/"
        "customer=!{partitionKeyFromQuery:customer}/arrival_day="
    )
    query = s3["processing_configuration"]["processors"][0]["parameters"][0]
    assert query["parameter_value"] == (
        '{operation:.metadata.operation,customer:(.data.customer // "none")}'
    )


def test_parquet_takes_its_schema_from_the_table_and_leaves_s3_uncompressed() -> None:
    props = DeliveryStreamProps(
        format=ParquetFormat(
            kind="parquet",
            compression="GZIP",
            writer_version="V2",
            dictionary_compression=True,
            block_mib=128,
            page_kib=512,
        )
    )
    s3 = destination(props)
    assert s3["compression_format"] == "UNCOMPRESSED"
    assert s3["buffering_size"] == 128
    assert "processing_configuration" not in s3
    assert s3["data_format_conversion_configuration"] == {
        "input_format_configuration": {"deserializer": {"open_x_json_ser_de": {}}},
        "output_format_configuration": {
            "serializer": {
                "parquet_ser_de": {
                    "compression": "GZIP",
                    "writer_version": "V2",
                    "enable_dictionary_compression": True,
                    "block_size_bytes": 134_217_728,
                    "page_size_bytes": 524_288,
                }
            }
        },
        "schema_configuration": {
            "database_name": "lake",
            "table_name": "changes",
            "role_arn": "${aws_iam_role.delivery_role.arn}",
        },
    }


def test_orc() -> None:
    props = DeliveryStreamProps(
        format=OrcFormat(
            kind="orc",
            compression="ZLIB",
            format_version="V0_11",
            bloom_filter_columns=("id",),
            block_mib=64,
            stripe_mib=8,
        )
    )
    conversion = destination(props)["data_format_conversion_configuration"]
    assert conversion["output_format_configuration"]["serializer"] == {
        "orc_ser_de": {
            "compression": "ZLIB",
            "format_version": "V0_11",
            "bloom_filter_columns": ["id"],
            "block_size_bytes": 67_108_864,
            "stripe_size_bytes": 8_388_608,
        }
    }


def test_a_conversion_passes_on_keys_that_are_no_column_names() -> None:
    props = DeliveryStreamProps(format=ParquetFormat(kind="parquet"))

    def with_catalog(stack: ReadableAddressStack) -> None:
        bucket = LandingBucket(stack, "landing")
        catalog = DataCatalog(
            stack,
            "catalog",
            bucket=bucket,
            layout=props.layout,
            props=DataCatalogProps(data_columns={"id": "bigint"}, before_image_key="before-image"),
        )
        stream = ChangeStream(stack, "stream")
        DeliveryStream(stack, "delivery", stream=stream, bucket=bucket, props=props, table=catalog)

    s3 = resource(synth(with_catalog), DELIVERY)["extended_s3_configuration"]
    conversion = s3["data_format_conversion_configuration"]
    assert conversion["input_format_configuration"]["deserializer"] == {
        "open_x_json_ser_de": {"column_to_json_key_mappings": {"before_image": "before-image"}}
    }
    assert conversion["schema_configuration"]["table_name"] == (
        "${aws_glue_catalog_table.catalog.name}"
    )


def test_firehose_alone_and_for_this_account_alone_assumes_the_role() -> None:
    (trust,) = policy(synth_delivery(), "aws_iam_role.delivery_role", "assume_role_policy")
    account = "${data.aws_caller_identity.current_identity.account_id}"
    assert trust["Principal"] == {"Service": "firehose.amazonaws.com"}
    assert trust["Condition"] == {
        "StringEquals": {"sts:ExternalId": account},
        "StringEqualsIfExists": {"aws:SourceAccount": account},
    }


def test_it_waits_for_every_policy_of_its_role() -> None:
    def all_with_keys(stack: ReadableAddressStack) -> None:
        key = CustomerKeyEncryption(kind="customer")
        bucket = LandingBucket(stack, "landing", props=LandingBucketProps(encryption=key))
        DeliveryStream(
            stack,
            "delivery",
            stream=ChangeStream(stack, "stream", props=ChangeStreamProps(encryption=key)),
            bucket=bucket,
            props=DeliveryStreamProps(format=ParquetFormat(kind="parquet")),
            table=DataCatalog.from_names(
                stack, "catalog", database_name="lake", table_name="changes"
            ),
        )

    document = synth(all_with_keys)
    policies = {
        f"aws_iam_role_policy.{name}" for name in document["resource"]["aws_iam_role_policy"]
    }
    assert policies == {
        "aws_iam_role_policy.delivery_role_read_stream",
        "aws_iam_role_policy.delivery_role_decrypt_stream_key",
        "aws_iam_role_policy.delivery_role_write_landing",
        "aws_iam_role_policy.delivery_role_use_landing_key",
        "aws_iam_role_policy.delivery_role_log_delivery",
        "aws_iam_role_policy.delivery_role_read_schema_catalog",
    }
    # and for what makes its objects land encrypted, versioned and private
    bucket = {
        "aws_s3_bucket_policy.landing_policy",
        "aws_s3_bucket_server_side_encryption_configuration.landing_encryption",
        "aws_s3_bucket_versioning.landing_versioning",
    }
    assert set(resource(document, DELIVERY)["depends_on"]) == policies | bucket


def test_the_role_reaches_its_folders_and_its_log_and_no_more() -> None:
    document = synth_delivery()
    _, objects = policy(document, "aws_iam_role_policy.delivery_role_write_delivery_landing")
    bucket = "arn:${data.aws_partition.current_partition.partition}:s3:::landing"
    assert objects["Resource"] == [f"{bucket}/changes/*", f"{bucket}/errors/*"]
    assert policy(document, "aws_iam_role_policy.delivery_role_log_delivery") == [
        {
            "Effect": "Allow",
            "Action": ["logs:PutLogEvents"],
            "Resource": [
                "${aws_cloudwatch_log_group.delivery_log.arn}:log-stream:"
                "${aws_cloudwatch_log_stream.delivery_log_stream.name}"
            ],
        }
    ]
    # JSON takes no schema
    assert not [name for name in document["resource"]["aws_iam_role_policy"] if "schema" in name]


def test_a_conversion_without_a_table_is_refused() -> None:
    stack = new_stack()
    with pytest.raises(ConstructError) as caught:
        DeliveryStream(
            stack,
            "delivery",
            stream=ChangeStream(stack, "stream"),
            bucket=LandingBucket(stack, "landing"),
            props=DeliveryStreamProps(format=OrcFormat(kind="orc")),
        )
    assert str(caught.value) == (
        "app/delivery: `format: orc` takes the columns from a Glue table: pass `table`, such as a "
        "DataCatalog, or choose `format: json`"
    )


BY_TABLE = {"kind": "by-table"}


@pytest.mark.parametrize(
    ("given", "where", "message"),
    [
        (
            {"buffer_interval": "PT901S"},
            "buffer_interval",
            "whole number of seconds, from 0 to 900",
        ),
        ({"buffer_interval": 300}, "buffer_interval", "a duration needs its unit"),
        (
            {"partitioning": BY_TABLE, "buffer_interval": "PT59S"},
            "buffer_interval",
            "must be PT60S or more with `partitioning: by-table`",
        ),
        ({"buffer_mib": 0}, "buffer_mib", "must be 1 or more"),
        ({"buffer_mib": 129}, "buffer_mib", "must be 128 or less"),
        (
            {"partitioning": BY_TABLE, "buffer_mib": 63},
            "buffer_mib",
            "must be 64 or more with `partitioning: by-table`: raise it or leave it out",
        ),
        (
            {"format": {"kind": "parquet"}, "buffer_mib": 63},
            "buffer_mib",
            "must be 64 or more with `format: parquet`",
        ),
        (
            {"format": {"kind": "parquet", "newline_delimiter": True}},
            "format.newline_delimiter",
            "unknown setting",
        ),
        ({"format": {"compression": "gzip"}}, "format.compression", "'UNCOMPRESSED', 'GZIP'"),
        (
            {"partitioning": BY_TABLE | {"retry": "PT7201S"}},
            "partitioning.retry",
            "must be a whole number of seconds, from 0 to 7200",
        ),
        (
            {"partitioning": BY_TABLE | {"fallback": "_none"}},
            "partitioning.fallback",
            "must match",
        ),
        ({"partitioning": {"kind": "custom"}}, "partitioning.keys", "is required"),
        (
            {"partitioning": {"kind": "custom", "keys": {}}},
            "partitioning.keys",
            "must hold 1 or more",
        ),
        (
            {"partitioning": {"kind": "custom", "keys": {"a": f'"{"x" * 5116}"'}}},
            "partitioning.keys",
            "Firehose takes 5120 characters for all expressions together; these are 5124",
        ),
        (
            {"partitioning": {"kind": "custom", "keys": {"a": "${a}"}}},
            "partitioning.keys.a",
            "holds `${` or `%{`, which Terraform would read",
        ),
        (
            {"error_prefix": "errors/"},
            "error_prefix",
            "must contain !{firehose:error-output-type}",
        ),
        (
            {"error_prefix": "!{firehose:error-output-type}/!{timestamp:yyyy"},
            "error_prefix",
            "has a `!{` without its `}`",
        ),
        (
            {"error_prefix": "!{firehose:error-output-type}/!{date:yyyy}/"},
            "error_prefix",
            "`!{date:yyyy}` is no expression of Firehose",
        ),
        (
            {"error_prefix": "!{firehose:error-output-type}/!{firehose:random}/"},
            "error_prefix",
            "`!{firehose:random}` is no expression of Firehose",
        ),
        (
            {"error_prefix": "!{firehose:error-output-type}/!{partitionKeyFromQuery:t}/"},
            "error_prefix",
            "`!{partitionKeyFromQuery:t}` cannot stand in an error prefix",
        ),
        (
            {"error_prefix": "!{firehose:error-output-type}/${x}/"},
            "error_prefix",
            "may hold letters, digits, ! _ . * ' ( ) / = - and !{…} expressions only",
        ),
        (
            {"error_prefix": "!{firehose:error-output-type}/!{timestamp:today/}"},
            "error_prefix",
            "`!{timestamp:today/}` has o, t, which no date is written with: put text in single "
            "quotes",
        ),
        (
            {"error_prefix": "!{firehose:error-output-type}/!{timestamp:'day=yyyy/}"},
            "error_prefix",
            "`!{timestamp:'day=yyyy/}` has a ' without the one that ends the text",
        ),
        (
            {"prefix": "", "error_prefix": "arrival_day=!{firehose:error-output-type}/"},
            "error_prefix",
            "lies in the folders of the data, `arrival_day=`",
        ),
        (
            {
                "prefix": "",
                "partitioning": BY_TABLE,
                "error_prefix": "schema_name=!{firehose:error-output-type}/",
            },
            "error_prefix",
            "lies in the folders of the data, `schema_name=`",
        ),
        ({"prefix": "changes"}, "prefix", "must match"),
        ({"prefix": "!{timestamp:yyyy}/"}, "prefix", "must match"),
        ({"file_extension": "json"}, "file_extension", "must match"),
        (
            {"timezone": "Europe/Zuerich"},
            "timezone",
            "must be the name of a time zone such as Europe/Zurich\n      given: 'Europe/Zuerich'",
        ),
        ({"timezone": "Etc/GMT+5"}, "timezone", "must match"),
        (
            {"partitioning": {"kind": "custom", "keys": {"a": ".a |"}}},
            "partitioning.keys.a",
            "is not a valid jq expression: syntax error, unexpected end of file "
            "(https://jqlang.github.io/jq/manual/v1.6/): write one such as .metadata.operation\n"
            "      given: '.a |'",
        ),
        (
            {"partitioning": {"kind": "custom", "keys": {"A": ".a"}}},
            "partitioning.keys.A",
            "must be 1 to 64 lower-case letters, digits and `_`, beginning with a letter: it "
            "becomes a column of the table\n      given: 'A'",
        ),
        *(
            (
                {"prefix": prefix, "error_prefix": f"{errors}!{{firehose:error-output-type}}/"},
                "error_prefix",
                f"lies in the folder of the data, `prefix: {prefix}`, whose readers would take "
                "what could not be delivered for data: choose a folder beside it, such as errors/"
                f"\n      given: {errors}",
            )
            for prefix, errors in [("all/", "all/"), ("all/", "all/errors/")]
        ),
        ({"name": "a" * 65}, "name", "must match"),
        ({"log_retention": "P31D"}, "log_retention", "one of these numbers of days: 1, 3, 5, 7,"),
    ],
)
def test_refusals_say_where_and_what_is_allowed(
    given: dict[str, Any], where: str, message: str
) -> None:
    with pytest.raises(InvalidPropsError) as caught:
        DeliveryStreamProps(**given)
    assert f"- {where}: " in str(caught.value)
    assert message in str(caught.value)


def test_two_in_one_stack_do_not_collide() -> None:
    def two(stack: ReadableAddressStack) -> None:
        for id_ in ("orders", "tickets"):
            build(stack, id_=id_)

    document = synth(two)
    deliveries = document["resource"]["aws_kinesis_firehose_delivery_stream"]
    assert {delivery["name"] for delivery in deliveries.values()} == {"app-orders", "app-tickets"}
    logs = document["resource"]["aws_cloudwatch_log_group"]
    assert {log["name"] for log in logs.values()} == {
        "/aws/kinesisfirehose/app-orders",
        "/aws/kinesisfirehose/app-tickets",
    }
    assert len(document["resource"]["aws_iam_role"]) == 2


def test_it_tells_monitoring_what_it_does() -> None:
    stack = new_stack()
    props = DeliveryStreamProps(partitioning=PartitioningByTable(kind="by-table"))
    delivery = build(stack, props)
    assert (delivery.uses_dynamic_partitioning, delivery.converts_format) == (True, False)
