"""Whose account it is, in which region, and what its credentials may do."""

import re
from collections.abc import Iterator

from botocore.exceptions import ClientError

from dms_stream.operations.deployer_policy import policy_of_environment
from dms_stream.preflight.account import Account, error_code
from dms_stream.preflight.check import Result, account_check

_ASSUMED_ROLE = re.compile(r"arn:[^:]+:sts::\d{12}:assumed-role/(?P<role>[^/]+)/.+")


@account_check("the account", "account_ids")
def account_is_the_environments(account: Account) -> Iterator[Result]:
    """The credentials belong to an account that the settings name."""
    allowed = account.settings.account_ids
    if account.settings.emulated:
        yield Result("emulated", "pass", "the embedded AWS on this machine")
    elif not allowed:
        yield Result(
            "account_ids",
            "warn",
            f"the credentials belong to {account.account_id}, and any account is allowed",
            f'Set `account_ids: ["{account.account_id}"]`, so that no other is deployed to.',
        )
    elif account.account_id in allowed:
        yield Result("account_ids", "pass", f"the credentials belong to {account.account_id}")
    else:
        yield Result(
            "account_ids",
            "fail",
            f"the credentials belong to {account.account_id}; allowed: {', '.join(allowed)}",
            "Sign in to that account, for instance with AWS_PROFILE.",
        )


@account_check("the region", "region")
def region_is_enabled(account: Account) -> Iterator[Result]:
    """The account may use the region."""
    region = account.settings.region
    try:
        found = account.client("ec2").describe_regions(AllRegions=True, RegionNames=[region])[
            "Regions"
        ]
    except ClientError as error:
        if error_code(error) != "InvalidParameterValue":
            raise
        found = []
    if not found:
        yield Result("region", "fail", f"AWS has no region {region} here", "Name another region.")
    elif found[0].get("OptInStatus") == "not-opted-in":
        yield Result(
            "region",
            "fail",
            f"{region} is not enabled in this account",
            "Enable it in the account's settings; that takes some minutes.",
        )
    else:
        yield Result("region", "pass", f"{region} is enabled")


@account_check("what the deployer may do", "account_ids")
def deployer_may_deploy(account: Account) -> Iterator[Result]:
    """IAM's own simulation allows the credentials what a deployment does.

    https://docs.aws.amazon.com/IAM/latest/APIReference/API_SimulatePrincipalPolicy.html
    """
    where = "account_ids"
    caller = _caller(account)
    if caller is None:
        yield Result(where, "pass", "the root user may do everything")
        return
    name = next(stack for stack in account.stacks if stack.endswith("-bootstrap"))
    policy = policy_of_environment(name.removesuffix("-bootstrap"), account.settings)
    pages = account.client("iam").get_paginator("simulate_principal_policy")
    denied: set[str] = set()
    for statement in policy["Statement"]:
        # the simulation gives conditions no values, and would deny what depends on them
        if statement["Effect"] != "Allow" or "Condition" in statement:
            continue
        resources = statement["Resource"]
        for page in pages.paginate(
            PolicySourceArn=caller,
            ActionNames=statement["Action"],
            ResourceArns=[resources] if isinstance(resources, str) else resources,
        ):
            denied |= {
                str(result["EvalActionName"])
                for result in page["EvaluationResults"]
                if result["EvalDecision"] != "allowed"
            }
    if denied:
        yield Result(
            where,
            "warn",
            f"IAM's simulation denies {', '.join(sorted(denied))}",
            "Give the deployer what `dms-stream deployer-policy` prints.",
        )
    else:
        yield Result(where, "pass", "the credentials may do what a deployment does")


def _caller(account: Account) -> str | None:
    """ARN of the user or role that a policy simulation can be asked about; None: the root user."""
    arn = str(account.client("sts").get_caller_identity()["Arn"])
    if arn.endswith(":root"):
        return None
    if assumed := _ASSUMED_ROLE.fullmatch(arn):
        # the session's ARN leaves out the role's path
        return str(account.client("iam").get_role(RoleName=assumed["role"])["Role"]["Arn"])
    return arn
