"""The whole pipeline: `CdcPipeline`."""

from constructs_lib.cdc_pipeline.construct import CdcPipeline
from constructs_lib.cdc_pipeline.props import CdcPipelineProps

__all__ = ["CdcPipeline", "CdcPipelineProps"]
