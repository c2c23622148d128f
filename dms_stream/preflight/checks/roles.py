"""The roles DMS looks for by name, once in an account: there when they should be, and only then.

https://docs.aws.amazon.com/dms/latest/userguide/security-iam.html#CHAP_Security.APIRole
"""

from collections.abc import Iterator
from typing import Any

from botocore.exceptions import ClientError

from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.dms_replication.compute_props import ServerlessCompute
from dms_stream.preflight.account import Account, error_code
from dms_stream.preflight.check import Result, account_check, pipeline_check

_SERVERLESS_ROLE = "AWSServiceRoleForDMSServerless"


@account_check("the role dms-vpc-role", "account_roles.vpc_role")
def vpc_role(account: Account) -> Iterator[Result]:
    """`dms-vpc-role` is as `account_roles.vpc_role` says."""
    handling = account.settings.account_roles.vpc_role
    yield from _role(account, "vpc_role", handling, "dms-vpc-role", "AmazonDMSVPCManagementRole")


@account_check("the role dms-cloudwatch-logs-role", "account_roles.cloudwatch_logs_role")
def cloudwatch_logs_role(account: Account) -> Iterator[Result]:
    """`dms-cloudwatch-logs-role` is as `account_roles.cloudwatch_logs_role` says."""
    handling = account.settings.account_roles.cloudwatch_logs_role
    yield from _role(
        account,
        "cloudwatch_logs_role",
        handling,
        "dms-cloudwatch-logs-role",
        "AmazonDMSCloudWatchLogsRole",
    )


@pipeline_check("the service-linked role of DMS Serverless", "replication.compute")
def serverless_role(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """A serverless replication finds its service-linked role, or somebody makes it."""
    if not isinstance(props.replication.compute, ServerlessCompute):
        return
    where = f"pipelines.{name}.replication.compute"
    if _find_role(account, _SERVERLESS_ROLE) is not None:
        yield Result(where, "pass", f"{_SERVERLESS_ROLE} exists")
        return
    handling = getattr(account.settings.account_roles, "serverless_role", "skip")
    if handling == "create":
        yield Result(where, "pass", f"the bootstrap stack makes {_SERVERLESS_ROLE}")
    else:
        yield Result(
            where,
            "warn",
            f"{_SERVERLESS_ROLE} does not exist; DMS makes it with the first serverless "
            "replication, and two first ones at once fail",
            "Run `aws iam create-service-linked-role --aws-service-name dms.amazonaws.com`.",
        )


def _role(account: Account, key: str, handling: str, name: str, policy: str) -> Iterator[Result]:
    where = f"account_roles.{key}"
    role = _find_role(account, name)
    stack = next(stack for stack in account.stacks if stack.endswith("-bootstrap"))
    ours = any(
        account.is_in_state(stack, f"aws_iam_role.{address}")
        for address, resource in account.stacks[stack]
        .get("resource", {})
        .get("aws_iam_role", {})
        .items()
        if resource.get("name") == name
    )
    if handling == "create":
        if role is None or ours:
            yield Result(where, "pass", f"{name} {'is ours' if ours else 'can be made'}")
        else:
            yield Result(
                where,
                "fail",
                f"{name} exists already, and Terraform did not make it",
                f"Set `{where}: adopt` to use it as it is (with {policy} attached to it), or "
                "`skip` to leave it alone.",
            )
        return
    if role is None:
        missing = f"{name} does not exist"
        if handling == "adopt":
            yield Result(where, "fail", missing, f"Set `{where}: create`.")
        else:
            fix = f"Set `{where}: create`, or have its owner make it."
            yield Result(where, "warn", missing, fix)
        return
    yield from _usable(account, where, name, role, policy, handling)


def _usable(
    account: Account, where: str, name: str, role: dict[str, Any], policy: str, handling: str
) -> Iterator[Result]:
    trusted = _trusted_services(role["AssumeRolePolicyDocument"])
    if not any(service.startswith("dms.") for service in trusted):
        yield Result(
            where,
            "fail",
            f"{name} does not trust dms.amazonaws.com",
            "Let dms.amazonaws.com assume it.",
        )
        return
    attached = account.client("iam").list_attached_role_policies(RoleName=name)
    names = {found["PolicyName"] for found in attached["AttachedPolicies"]}
    # the bootstrap stack attaches the policy to a role that it adopts
    if policy in names or handling == "adopt":
        yield Result(where, "pass", f"{name} exists and trusts DMS")
    else:
        yield Result(
            where,
            "warn",
            f"{name} does not have AWS's policy {policy}",
            f"Attach {policy} to it, unless its own policies allow the same.",
        )


def _find_role(account: Account, name: str) -> dict[str, Any] | None:
    try:
        role: dict[str, Any] = account.client("iam").get_role(RoleName=name)["Role"]
    except ClientError as error:
        if error_code(error) == "NoSuchEntity":
            return None
        raise
    return role


def _trusted_services(policy: dict[str, Any]) -> set[str]:
    services: set[str] = set()
    statements = policy["Statement"]
    for statement in statements if isinstance(statements, list) else [statements]:
        if statement["Effect"] == "Allow" and isinstance(statement.get("Principal"), dict):
            named = statement["Principal"].get("Service", [])
            services.update([named] if isinstance(named, str) else named)
    return services
