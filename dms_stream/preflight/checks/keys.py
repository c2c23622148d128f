"""The customer keys that the settings name: there, enabled, and open to this account's policies."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import ClientError

from constructs_lib.props import Props
from dms_stream.preflight.account import Account, error_code
from dms_stream.preflight.check import Result, account_check


@account_check("customer keys", "pipelines.*.*.key_arn")
def customer_keys(account: Account) -> Iterator[Result]:
    """Every `key_arn` can be used."""
    for arn, where in _key_arns(account.settings).items():
        yield from _key(account, arn, where)


def _key(account: Account, arn: str, where: str) -> Iterator[Result]:
    kms = account.client("kms", region=arn.split(":")[3])
    try:
        metadata = kms.describe_key(KeyId=arn)["KeyMetadata"]
    except ClientError as error:
        if error_code(error) != "NotFoundException":
            raise
        yield Result(where, "fail", f"there is no key {arn}", "Name a key that exists.")
        return
    if metadata["KeyState"] != "Enabled":
        yield Result(
            where,
            "fail",
            f"the key's state is {metadata['KeyState']}",
            "Enable it, or name another key.",
        )
        return
    if metadata.get("KeyUsage") not in (None, "ENCRYPT_DECRYPT") or metadata.get("KeySpec") not in (
        None,
        "SYMMETRIC_DEFAULT",
    ):
        yield Result(where, "fail", "the key does not encrypt symmetrically", "Name another key.")
        return
    policy = json.loads(kms.get_key_policy(KeyId=arn, PolicyName="default")["Policy"])
    owner = arn.split(":")[4]
    if owner == account.account_id and not _delegates(policy, owner):
        yield Result(
            where,
            "warn",
            "its key policy does not let IAM policies of this account give access",
            "Let the account's root principal use the key, or name the pipeline's roles in it.",
        )
    else:
        yield Result(where, "pass", "the key is enabled")


def _delegates(policy: Mapping[str, Any], account_id: str) -> bool:
    for statement in policy["Statement"]:
        principal = statement.get("Principal", {})
        named = principal.get("AWS", []) if isinstance(principal, dict) else principal
        named = [named] if isinstance(named, str) else named
        actions = statement.get("Action", [])
        actions = [actions] if isinstance(actions, str) else actions
        is_root = any(one == account_id or one.endswith(f":{account_id}:root") for one in named)
        if statement["Effect"] == "Allow" and is_root and ("kms:*" in actions or "*" in actions):
            return True
    return False


def _key_arns(settings: Props) -> dict[str, str]:
    """Each key once, by the first key path that names it."""
    found: dict[str, str] = {}

    def walk(value: object, path: tuple[str, ...]) -> None:
        if isinstance(value, Props):
            for name in type(value).model_fields:
                walk(getattr(value, name), (*path, name))
        elif isinstance(value, Mapping):
            for key, item in value.items():
                walk(item, (*path, str(key)))
        elif isinstance(value, str) and path[-1] == "key_arn":
            found.setdefault(value, ".".join(path))

    walk(settings, ())
    return found
