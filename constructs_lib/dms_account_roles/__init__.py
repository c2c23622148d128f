"""The two roles DMS expects in every account: `DmsAccountRoles`."""

from typing import TYPE_CHECKING

from constructs_lib.lazy import lazy_exports

if TYPE_CHECKING:
    from constructs_lib.dms_account_roles.construct import (
        AccountRole,
        DmsAccountRoles,
        IDmsAccountRoles,
    )
    from constructs_lib.dms_account_roles.props import DmsAccountRolesProps, RoleHandling
else:
    lazy_exports(__name__, "props", "construct")

__all__ = [
    "AccountRole",
    "DmsAccountRoles",
    "DmsAccountRolesProps",
    "IDmsAccountRoles",
    "RoleHandling",
]
