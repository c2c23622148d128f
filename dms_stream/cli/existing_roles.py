"""The roles of DMS that an account has already, found before a deployment trips over them."""

from collections.abc import Collection

from botocore.exceptions import ClientError
from rich.console import Console

from constructs_lib.dms_account_roles.props import CLOUDWATCH_LOGS_ROLE_NAME, VPC_ROLE_NAME
from dms_stream.cli.aws_access import aws_errors, client
from dms_stream.cli.errors import CommandError
from dms_stream.cli.workspace import Workspace

_SETTINGS = {VPC_ROLE_NAME: "vpc_role", CLOUDWATCH_LOGS_ROLE_NAME: "cloudwatch_logs_role"}


def refuse_existing_roles(
    workspace: Workspace, known: Collection[str], *, console: Console
) -> None:
    """Refuse to create a role of DMS which the account has.

    Args:
        workspace: The environment.
        known: Names of the roles that its state knows; any other was made by somebody else.
        console: Gets a warning where IAM does not answer the question.

    Raises:
        CommandError: there is such a role; the message explains the settings.
    """
    handling = workspace.settings.account_roles
    wanted = [
        name
        for name, setting in _SETTINGS.items()
        if getattr(handling, setting) == "create" and name not in known
    ]
    existing = [name for name in wanted if _exists(workspace, name, console)]
    if not existing:
        return
    keys = ", ".join(f"{_SETTINGS[name]}: adopt" for name in existing)
    several = len(existing) > 1
    raise CommandError(
        f"{workspace.file}: account_roles: the account has {' and '.join(existing)} already, and "
        f"{'these settings create them' if several else 'this setting creates it'} again. Allowed "
        f"instead: `adopt`, where nobody's code manages {'them' if several else 'it'}: Terraform "
        "imports the role, and manages its trust policy and its managed policy from then on; or "
        "`skip`, where other code manages "
        f"{'them' if several else 'it'}, such as another environment's bootstrap stack. For "
        f"instance `account_roles: {{{keys}}}`. docs/existing-role.md tells more"
    )


def _exists(workspace: Workspace, name: str, console: Console) -> bool:
    iam = client(workspace, "iam")
    with aws_errors():
        try:
            iam.get_role(RoleName=name)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchEntity":
                return False
            if error.response["Error"]["Code"] not in ("AccessDenied", "AccessDeniedException"):
                raise
            console.print(
                f"warning: these credentials may not call iam:GetRole, so it is not known whether "
                f"{name} exists already; if the deployment ends with EntityAlreadyExists, "
                "docs/existing-role.md tells what to do",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
            return False
    return True
