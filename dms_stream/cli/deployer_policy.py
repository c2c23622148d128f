"""The command `deployer-policy`: what whoever deploys an environment must be allowed to do."""

import json

from dms_stream.cli.workspace import open_workspace
from dms_stream.operations.deployer_policy import Deployment, deployer_policy


def deployer_policy_text(environment: str | None) -> str:
    """The policy document of an environment, for `aws iam put-role-policy`.

    Args:
        environment: Name or file of the environment; None: the chosen one.
    """
    workspace = open_workspace(environment, needs_aws=False)
    settings = workspace.settings
    account_ids = settings.account_ids
    region = settings.region
    document = deployer_policy(
        Deployment(
            environment=workspace.name,
            # of several accounts each may be deployed to
            account_id=account_ids[0] if len(account_ids) == 1 else "*",
            region=region,
            state_bucket=settings.state.bucket_name,
            partition=_partition(region),
            role_path=settings.roles.path,
            permissions_boundary=settings.roles.permissions_boundary,
        )
    )
    return json.dumps(document, indent=2) + "\n"


def _partition(region: str) -> str:
    if region.startswith("cn-"):
        return "aws-cn"
    return "aws-us-gov" if region.startswith("us-gov-") else "aws"
