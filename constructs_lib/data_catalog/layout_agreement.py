"""What does not fit between a catalog and the layout of the objects it describes."""

from collections.abc import Iterator

from constructs_lib.data_catalog.props import DataCatalogProps
from constructs_lib.data_catalog.table import RESERVED_COLUMNS
from constructs_lib.errors import Fault
from constructs_lib.landing_bucket import LandingLayout

_PROJECTION = (
    "https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html"
)
_COMPRESSION = "https://docs.aws.amazon.com/athena/latest/ug/compression-formats.html"


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
            f"has the name of a column of the catalog's table ({', '.join(columns)}): call it "
            "otherwise, or set data_catalog to null",
            key,
        )
        for key in layout.keys
        if key in columns
    ]
    if layout.file_format == "json" and layout.compression == "ZIP":
        faults.append(
            Fault(
                "delivery_stream.format.compression",
                "is what Athena does not read, and data_catalog is there for Athena: use GZIP, or "
                f"set data_catalog to null ({_COMPRESSION})",
                "ZIP",
            )
        )
    return [*faults, *_views_read_all(props, layout)]


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
