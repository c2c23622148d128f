"""What does not fit between a catalog and the layout of the objects it describes."""

from constructs_lib.data_catalog.props import DataCatalogProps
from constructs_lib.data_catalog.table import RESERVED_COLUMNS
from constructs_lib.errors import Fault
from constructs_lib.landing_bucket import LandingLayout

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
    return faults
