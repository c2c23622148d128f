"""What an assumed role may do, by its IAM policies and moto's evaluation of them.

Everybody else may do everything, and so may a role where nobody asks here. moto evaluates few kinds
of conditions and takes the others for met.
"""

from moto.iam.access_control import (
    AssumedRoleAccessKey,
    CreateAccessKeyFailure,
    IAMPolicy,
    PermissionResult,
)
from moto.utilities.utils import get_partition


def is_denied(
    account: str, region: str, access_key_id: str, session_token: str, *, action: str, resource: str
) -> bool:
    """Whether a caller is an assumed role whose policies do not allow something.

    Args:
        account: Number of the account.
        region: Where the call is made.
        access_key_id: Of the call.
        session_token: Of the call; empty: none.
        action: Such as `kms:Decrypt`.
        resource: Its ARN.
    """
    if not session_token:
        return False
    try:
        caller = AssumedRoleAccessKey(
            account, get_partition(region), access_key_id, {"X-Amz-Security-Token": session_token}
        )
    except CreateAccessKeyFailure:
        return False
    results = [
        IAMPolicy(policy).is_action_permitted(action, resource)
        for policy in caller.collect_policies()
    ]
    return PermissionResult.DENIED in results or PermissionResult.PERMITTED not in results
