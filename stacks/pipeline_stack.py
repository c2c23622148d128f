"""One pipeline of an environment, in a stack of its own."""

from constructs_lib.bindings import cdktf
from constructs_lib.cdc_pipeline import CdcPipeline, CdcPipelineProps
from dms_stream.settings.environment import Environment
from stacks.environment_stack import EnvironmentStack


class PipelineStack(EnvironmentStack):
    """A pipeline's stack.

    Attributes:
        pipeline: The construct in it.
    """

    def __init__(
        self,
        app: cdktf.App,
        environment_name: str,
        environment: Environment,
        *,
        name: str,
        props: CdcPipelineProps,
    ) -> None:
        super().__init__(app, environment_name, environment, name=name, tags={"pipeline": name})
        self.pipeline = CdcPipeline(self, name, props=props)
        for output, value in self.pipeline.outputs.items():
            cdktf.TerraformOutput(self, output, value=value)
