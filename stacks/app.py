"""An environment's whole app: its bootstrap stack and a stack for each pipeline."""

from collections.abc import Mapping
from typing import Any

from constructs_lib.bindings import cdktf
from dms_stream.settings.environment import Environment
from stacks.bootstrap_stack import BootstrapStack
from stacks.pipeline_stack import PipelineStack


def build_app(
    environment_name: str,
    environment: Environment,
    *,
    app: cdktf.App | None = None,
    context: Mapping[str, Any] | None = None,
) -> cdktf.App:
    """All stacks of an environment, ready to synthesize.

    Args:
        environment_name: Name of the environment; begins every stack's id.
        environment: Its settings.
        app: The app to add to; default: a new one.
        context: The new app's context, as cdktf.json has it. Its `targetVersions` say to cdktn that
            write-only attributes may be used; cdktf knows none.
    """
    app = app or cdktf.App(context=context)
    BootstrapStack(app, environment_name, environment)
    for name, props in environment.pipelines.items():
        PipelineStack(app, environment_name, environment, name=name, props=props)
    return app
