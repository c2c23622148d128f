"""The pipeline of settings.yaml, in a VPC and with a database that are there already."""

from pathlib import Path

from ruamel.yaml import YAML

from constructs_lib import CdcPipeline, CdcPipelineProps, ReadableAddressStack
from constructs_lib.bindings import aws, cdktf

HERE = Path(__file__).parent

if __name__ == "__main__":
    settings = YAML(typ="safe", pure=True).load(HERE / "settings.yaml")
    # a YAML key is a prop: the file is checked as the constructs check it
    props = CdcPipelineProps.model_validate(settings["pipeline"], context={"folder": HERE})

    app = cdktf.App()
    stack = ReadableAddressStack(app, "crm")
    aws.provider.AwsProvider(stack, "aws", region=settings["region"])
    pipeline = CdcPipeline(stack, "customers", props=props)
    for name, value in pipeline.outputs.items():
        cdktf.TerraformOutput(stack, name, value=value)
    app.synth()
