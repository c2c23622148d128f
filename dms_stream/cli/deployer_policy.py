"""The command `deployer-policy`: what whoever deploys or operates must be allowed to do."""

import json

from dms_stream.cli.errors import CommandError
from dms_stream.cli.workspace import open_workspace
from dms_stream.operations.deployer_policy import policy_of_environment
from dms_stream.operations.operator_policy import operator_policy_of_environment


def deployer_policy_text(
    environment: str | None, *, operates: bool = False, observes: bool = False
) -> str:
    """The policy document of an environment, for `aws iam put-role-policy`.

    Args:
        environment: Name or file of the environment; None: the chosen one.
        operates: Whether it is for whoever operates the environment, and does not deploy it.
        observes: Whether it is for whoever only looks.

    Raises:
        CommandError: it cannot be for both.
    """
    if operates and observes:
        raise CommandError("--operate and --observe exclude each other: give one of them")
    workspace = open_workspace(environment, needs_aws=False)
    name, settings = workspace.name, workspace.settings
    if operates or observes:
        document = operator_policy_of_environment(name, settings, acts=operates)
    else:
        document = policy_of_environment(name, settings)
    return json.dumps(document, indent=2) + "\n"
