"""The command `deployer-policy`: what whoever deploys an environment must be allowed to do."""

import json

from dms_stream.cli.workspace import open_workspace
from dms_stream.operations.deployer_policy import policy_of_environment


def deployer_policy_text(environment: str | None) -> str:
    """The policy document of an environment, for `aws iam put-role-policy`.

    Args:
        environment: Name or file of the environment; None: the chosen one.
    """
    workspace = open_workspace(environment, needs_aws=False)
    document = policy_of_environment(workspace.name, workspace.settings)
    return json.dumps(document, indent=2) + "\n"
