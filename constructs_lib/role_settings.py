"""What all roles of a stack have in common: plain values, which need no Node."""

from typing import Annotated

from pydantic import AfterValidator, Field

from constructs_lib.props import Props

# https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
_RESERVED_PATHS = ("/aws-service-role/", "/aws-reserved/")


def _not_reserved(path: str) -> str:
    if path.lower().startswith(_RESERVED_PATHS):
        raise ValueError(
            f"begins as AWS's own roles do ({', '.join(_RESERVED_PATHS)}), and IAM refuses others "
            "there: choose another one (https://docs.aws.amazon.com/IAM/latest/UserGuide/"
            "id_roles_create-service-linked-role.html)"
        )
    return path


RolePath = Annotated[
    str,
    Field(pattern=r"^/([A-Za-z0-9.,+@=_-]+/)*$", max_length=512),
    AfterValidator(_not_reserved),
]
"""A path of IAM: begins and ends with `/`, such as `/data-platform/`."""

PermissionsBoundaryArn = Annotated[
    str, Field(pattern=r"^arn:aws[a-z-]*:iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+$")
]
"""ARN of a managed policy of IAM."""


class RoleSettings(Props):
    """What all roles of a stack have in common; see `use_role_settings`."""

    path: RolePath = "/"
    """Path of the roles, by which an account may tell who is allowed to make them. The two roles
    of the account keep `/`: DMS looks for them there. Default: `/`. Changing it replaces the
    roles."""

    permissions_boundary: PermissionsBoundaryArn | None = None
    """ARN of the managed policy that bounds what the roles may do. Default: none."""
