"""How AWS says that a permission is missing."""

FORBIDDEN = frozenset(
    {
        *("AccessDenied", "AccessDeniedException", "AccessDeniedFault", "AuthorizationError"),
        *("UnauthorizedOperation", "NotAuthorized", "KMSAccessDeniedException", "403"),
    }
)
"""Codes of errors, each service's own."""
