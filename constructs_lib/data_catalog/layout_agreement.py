"""What does not fit between a catalog and the layout of the objects it describes."""

from collections.abc import Iterator
from typing import assert_never

from constructs_lib.data_catalog.props import DataCatalogProps
from constructs_lib.data_catalog.table import RESERVED_COLUMNS
from constructs_lib.errors import Fault
from constructs_lib.landing_bucket import LandingLayout
from constructs_lib.landing_bucket.layout import ENDINGS, Unreadable

_PROJECTION = (
    "https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html"
)
_COMPRESSION = "https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html"
_CONVERSION = "https://docs.aws.amazon.com/firehose/latest/dev/record-format-conversion.html"
_JSON = "https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html"


def layout_faults(props: DataCatalogProps, layout: LandingLayout) -> list[Fault]:
    """What is wrong between the two, at the keys of a pipeline's settings."""
    partitions = ", ".join(layout.keys) or "the date alone"
    faults = [
        Fault(
            f"data_catalog.partition_values.{key}",
            f"is no partition key: the delivery stream partitions by {partitions}. Take it out, "
            "or partition by it (delivery_stream.partitioning)",
            ", ".join(values),
        )
        for key, values in props.partition_values.items()
        if key not in layout.keys
    ]
    columns = (*RESERVED_COLUMNS, layout.time_column)
    faults += [
        Fault(
            f"delivery_stream.partitioning.keys.{key}",
            f"has the name of a column of the catalog's table ({', '.join(columns)}): rename "
            "it, or set data_catalog to null",
            key,
        )
        for key in layout.keys
        if key in columns
    ]
    faults += _views_read_all(props, layout)
    if layout.file_format == "json":
        return [*faults, *(_unreadable(reason, layout) for reason in layout.unreadable)]
    if not props.data_columns:
        faults.append(
            Fault(
                "data_catalog.data_columns",
                f"must name the columns, as `delivery_stream.format.kind: {layout.file_format}` "
                "takes its schema from the table, and Firehose wants a structure like that of the "
                f"records: name them, or deliver JSON ({_CONVERSION})",
                "none",
            )
        )
    return faults


def _unreadable(reason: Unreadable, layout: LandingLayout) -> Fault:
    compression = layout.compression
    match reason:
        case Unreadable.COMPRESSION:
            return Fault(
                "delivery_stream.format.compression",
                "is what Athena does not read as Firehose writes it, and data_catalog is there for "
                f"Athena: use GZIP or HADOOP_SNAPPY, or set data_catalog to null ({_COMPRESSION})",
                compression,
            )
        case Unreadable.ENDING:
            right = ENDINGS.get(compression)
            wanted = f"let it end in {right}, such as .json{right}" if right else "write .json"
            return Fault(
                "delivery_stream.file_extension",
                "is not the ending by which Athena tells the compression, "
                f"`delivery_stream.format.compression: {compression}`, so that it could not read "
                f"the objects: {wanted}, leave it out, or set data_catalog to null "
                f"({_COMPRESSION})",
                str(layout.file_extension),
            )
        case Unreadable.NO_NEWLINE:
            return Fault(
                "delivery_stream.format.newline_delimiter",
                "must be true with data_catalog: a table reads one record from each line, and "
                "DMS's guide does not say that its records end in a newline. Leave it out, or set "
                f"data_catalog to null ({_JSON})",
                "False",
            )
    assert_never(reason)


def _views_read_all(props: DataCatalogProps, layout: LandingLayout) -> Iterator[Fault]:
    """A view finds its records only where Athena looks into their folders."""
    if not (props.views and props.tables):
        return
    if not layout.by_table:
        unknown = [key for key in layout.keys if key not in props.partition_values]
        for key in unknown:
            yield Fault(
                "data_catalog.views",
                f"needs all values of the partition key {key}, which Athena cannot look up: list "
                f"them (data_catalog.partition_values.{key}), or set views to false "
                f"({_PROJECTION})",
                "true",
            )
        return
    for table in props.tables:
        for key, name in zip(("schema_name", "table_name"), table.split("."), strict=True):
            values = props.partition_values.get(key, (name,))
            if name not in values:
                yield Fault(
                    f"data_catalog.partition_values.{key}",
                    f"lacks {name}, so that Athena finds nothing of {table}, which data_catalog."
                    f"tables describes: add it, or leave {key} out",
                    ", ".join(values),
                )
