"""The Glue table over the landed changes: `DataCatalog`."""

from typing import TYPE_CHECKING

from constructs_lib.lazy import lazy_exports

if TYPE_CHECKING:
    from constructs_lib.data_catalog.construct import DataCatalog, ImportedTable, ITable
    from constructs_lib.data_catalog.layout_agreement import layout_faults
    from constructs_lib.data_catalog.props import (
        Catalog,
        CatalogTableProps,
        DataCatalogProps,
        ImportedTableProps,
        WorkgroupProps,
    )
else:
    lazy_exports(__name__, "props", "layout_agreement", "construct")

__all__ = [
    "Catalog",
    "CatalogTableProps",
    "DataCatalog",
    "DataCatalogProps",
    "ITable",
    "ImportedTable",
    "ImportedTableProps",
    "WorkgroupProps",
    "layout_faults",
]
