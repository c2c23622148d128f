"""Folders of one bucket where a pipeline's table would hold what another pipeline writes."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.data_catalog import DataCatalogProps
from constructs_lib.delivery_stream import DeliveryStreamProps
from constructs_lib.delivery_stream.expressions import folder_of
from constructs_lib.errors import Fault
from constructs_lib.landing_bucket import LandingBucketProps
from constructs_lib.landing_bucket.props import ImportedBucketProps


class _Folder(NamedTuple):
    bucket: str
    is_new: bool
    path: str
    given: str
    """As the settings give it."""

    is_table: bool = False
    """Whether a table of the pipeline's own reads it."""

    def is_read_with(self, data: "_Folder") -> bool:
        """Whether readers of `data` find what lies here."""
        # Athena reads a folder with all below it, and of the root its own partitions only
        return (data.is_table and self.bucket == data.bucket) and (
            self.path.startswith(data.path) if data.path else self.path == ""
        )


def shared_folder_faults(
    pipelines: Mapping[str, CdcPipelineProps],
    others: Mapping[str, CdcPipelineProps] | None = None,
    *,
    of: str = "",
) -> list[Fault]:
    """Folders that lie in the folder of another pipeline's table, or around it.

    Where no table of a pipeline's own reads the folder, several may deliver into it on purpose.

    Args:
        pipelines: The environment's pipelines by name.
        others: Those of another environment. Default: they are compared with each other.
        of: Name of that environment.
    """
    return [
        fault
        for number, (name, props) in enumerate(pipelines.items())
        for other, theirs in (
            list(pipelines.items())[:number] if others is None else others.items()
        )
        for fault in _faults(
            name,
            _folders(props),
            f"pipelines.{other}{f' of the environment {of}' if of else ''}",
            _folders(theirs),
        )
    ]


def _faults(
    name: str, ours: Mapping[str, _Folder], other: str, theirs: Mapping[str, _Folder]
) -> Iterator[Fault]:
    for key, folder in ours.items():
        for their_key, their_folder in theirs.items():
            # of two that would make the bucket, one takes another name anyway
            if folder.is_new and their_folder.is_new:
                continue
            if folder.is_read_with(their_folder) or their_folder.is_read_with(folder):
                yield Fault(
                    f"pipelines.{name}.{key}",
                    f"and {their_key} of {other}, `{their_folder.given}`, lie in one another in "
                    f"the bucket {folder.bucket}, so that the table of one would hold what the "
                    f"other writes: give each a folder of its own, such as {name}/",
                    folder.given,
                )


def _folders(props: CdcPipelineProps) -> dict[str, _Folder]:
    delivery, bucket, catalog = props.delivery_stream, props.landing_bucket, props.data_catalog
    is_new = isinstance(bucket, LandingBucketProps)
    if isinstance(bucket, ImportedBucketProps):
        name: str | None = bucket.bucket_name
    else:
        name = bucket.name if bucket is not None else None
    if name is None or not isinstance(delivery, DeliveryStreamProps):
        return {}
    found = {
        "delivery_stream.prefix": _Folder(
            name, is_new, delivery.prefix, delivery.prefix, isinstance(catalog, DataCatalogProps)
        ),
        "delivery_stream.error_prefix": _Folder(
            name, is_new, folder_of(delivery.error_prefix), delivery.error_prefix
        ),
    }
    if isinstance(catalog, DataCatalogProps) and catalog.workgroup is not None:
        results = catalog.workgroup.result_prefix
        found["data_catalog.workgroup.result_prefix"] = _Folder(name, is_new, results, results)
    return found
