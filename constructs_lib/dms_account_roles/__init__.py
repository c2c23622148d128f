"""The two roles DMS expects in every account: `DmsAccountRoles`."""

from constructs_lib.dms_account_roles.construct import (
    AccountRole,
    DmsAccountRoles,
    IDmsAccountRoles,
)
from constructs_lib.dms_account_roles.props import DmsAccountRolesProps, RoleHandling

__all__ = [
    "AccountRole",
    "DmsAccountRoles",
    "DmsAccountRolesProps",
    "IDmsAccountRoles",
    "RoleHandling",
]
