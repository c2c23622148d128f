"""Parts of Firehose's S3 destination: processors and record format conversion."""

from collections.abc import Mapping
from typing import Any

from constructs_lib.bindings import aws
from constructs_lib.data_catalog import ITable
from constructs_lib.delivery_stream.props import (
    DeliveryStreamProps,
    JsonFormat,
    OrcFormat,
    ParquetFormat,
    metadata_query,
)
from constructs_lib.terraform_text import literal

_MIB = 1024**2


def _struct(name: str, **attributes: Any) -> Any:
    module = aws.kinesis_firehose_delivery_stream
    prefix = "KinesisFirehoseDeliveryStreamExtendedS3Configuration"
    return getattr(module, prefix + name)(**attributes)


def _processor(type_: str, parameters: Mapping[str, str]) -> Any:
    return _struct(
        "ProcessingConfigurationProcessors",
        type=type_,
        parameters=[
            _struct(
                "ProcessingConfigurationProcessorsParameters",
                parameter_name=name,
                parameter_value=value,
            )
            for name, value in parameters.items()
        ],
    )


def processing(props: DeliveryStreamProps) -> Any:
    """What Firehose does to each record, None where it does nothing.

    No parameter that equals its default is sent: it would come back as a difference in each plan.
    https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/r/kinesis_firehose_delivery_stream.html.markdown
    """
    processors = []
    if props.uses_dynamic_partitioning:
        extraction = {
            "MetadataExtractionQuery": metadata_query(props.partitioning.expressions),
            "JsonParsingEngine": "JQ-1.6",
        }
        processors.append(_processor("MetadataExtraction", extraction))
    if isinstance(props.format, JsonFormat) and props.format.newline_delimiter:
        # backslash and n: Firehose itself makes the newline of it
        processors.append(_processor("AppendDelimiterToRecord", {"Delimiter": r"\n"}))
    if not processors:
        return None
    return _struct("ProcessingConfiguration", enabled=True, processors=processors)


def conversion(format_: ParquetFormat | OrcFormat, table: ITable, role_arn: str) -> Any:
    """The conversion from JSON, with the table's columns as the schema."""
    conversion_ = "DataFormatConversionConfiguration"
    input_ = f"{conversion_}InputFormatConfiguration"
    output = f"{conversion_}OutputFormatConfiguration"
    if isinstance(format_, ParquetFormat):
        serializer = {
            "parquet_ser_de": _struct(
                f"{output}SerializerParquetSerDe",
                compression=format_.compression,
                writer_version=format_.writer_version,
                enable_dictionary_compression=format_.dictionary_compression,
                block_size_bytes=format_.block_mib and format_.block_mib * _MIB,
                page_size_bytes=format_.page_kib and format_.page_kib * 1024,
            )
        }
    else:
        serializer = {
            "orc_ser_de": _struct(
                f"{output}SerializerOrcSerDe",
                compression=format_.compression,
                format_version=format_.format_version,
                bloom_filter_columns=[literal(name) for name in format_.bloom_filter_columns]
                or None,
                block_size_bytes=format_.block_mib and format_.block_mib * _MIB,
                stripe_size_bytes=format_.stripe_mib and format_.stripe_mib * _MIB,
            )
        }
    return _struct(
        conversion_,
        input_format_configuration=_struct(
            input_,
            deserializer=_struct(
                f"{input_}Deserializer",
                open_x_json_ser_de=_struct(
                    f"{input_}DeserializerOpenXJsonSerDe",
                    column_to_json_key_mappings=dict(table.json_key_mappings) or None,
                ),
            ),
        ),
        output_format_configuration=_struct(
            output, serializer=_struct(f"{output}Serializer", **serializer)
        ),
        schema_configuration=_struct(
            f"{conversion_}SchemaConfiguration",
            database_name=table.database_name,
            table_name=table.table_name,
            role_arn=role_arn,
        ),
    )
