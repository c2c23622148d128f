"""The whole pipeline: `CdcPipeline`."""

from typing import TYPE_CHECKING

from constructs_lib.lazy import lazy_exports

if TYPE_CHECKING:
    from constructs_lib.cdc_pipeline.construct import CdcPipeline
    from constructs_lib.cdc_pipeline.props import CdcPipelineProps
else:
    lazy_exports(__name__, "props", "construct")

__all__ = ["CdcPipeline", "CdcPipelineProps"]
