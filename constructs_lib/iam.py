"""Roles and grants: access is given by the thing accessed, and consumers depend on the policy."""

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from constructs_lib.aws_account import AwsAccount
from constructs_lib.bindings import aws
from constructs_lib.construct import Construct, path_of, stack_of
from constructs_lib.naming import name_from_path, physical_name
from constructs_lib.role_settings import RoleSettings

# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
ROLE_NAME_MAX_LENGTH = 64
_POLICY_NAME_MAX_LENGTH = 128


_SETTINGS = "_dms_stream_role_settings"


def use_role_settings(stack: Construct, settings: RoleSettings) -> None:
    """Give these settings to every role that is made in `stack` from now on."""
    setattr(stack, _SETTINGS, settings)


def role_settings(scope: Construct) -> RoleSettings:
    """The settings of the roles in the stack that `scope` is in."""
    found: RoleSettings = getattr(stack_of(scope), _SETTINGS, RoleSettings())
    return found


class IRole(Protocol):
    """A role that a service assumes; `ServiceRole`, `ImportedRole` or anything alike."""

    @property
    def role_arn(self) -> str:
        """ARN of the role."""

    @property
    def role_name(self) -> str:
        """Name of the role, without its path."""

    @property
    def node(self) -> Any:
        """The construct's node: policies granted to the role are created below it."""


@dataclass(frozen=True)
class Statement:
    """One statement of a policy that allows.

    Attributes:
        actions: IAM actions, such as `kinesis:PutRecords`.
        resources: Exact ARNs; `*` only with a reason in a comment beside it.
        conditions: Condition operators and their keys, as IAM writes them.
        sid: Statement id.
    """

    actions: Sequence[str]
    resources: Sequence[str]
    conditions: dict[str, dict[str, Any]] | None = None
    sid: str | None = None

    def to_json(self) -> dict[str, Any]:
        """The statement as IAM writes it."""
        document: dict[str, Any] = {
            "Effect": "Allow",
            "Action": list(self.actions),
            "Resource": list(self.resources),
        }
        if self.conditions:
            document["Condition"] = self.conditions
        if self.sid:
            document["Sid"] = self.sid
        return document


@dataclass(frozen=True)
class Grant:
    """Access that was given.

    Attributes:
        policies: What a consumer depends on (`depends_on=[*grant.policies]`), so that it is not
            created before it may do its work.
    """

    policies: tuple[Any, ...]


def policy_json(statements: Sequence[dict[str, Any]]) -> str:
    """A policy document of these statements."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)}, sort_keys=True)


def grant(grantor: Construct, role: IRole, verb: str, statements: Sequence[Statement]) -> Grant:
    """Give `role` an inline policy for access to `grantor`.

    The policy stands below the role, named for what it opens:
    `aws_iam_role_policy.<role>_<verb>_<grantor>`.

    Args:
        grantor: The construct that is accessed.
        role: Who gets access.
        verb: What it may do, such as `read`.
        statements: What is allowed.
    """
    path = "-".join(path_of(grantor).split("/")[1:])
    id_ = re.sub(r"[^A-Za-z0-9-]+", "-", f"{verb}-{path}")
    policy = aws.iam_role_policy.IamRolePolicy(
        role,
        id_,
        name=name_from_path(id_, max_length=_POLICY_NAME_MAX_LENGTH),
        role=role.role_name,
        policy=policy_json([statement.to_json() for statement in statements]),
    )
    return Grant((policy,))


class ServiceRole(Construct):
    """A role for one AWS service, which may assume it only on behalf of this account.

    The trust policy's conditions close the confused-deputy hole:
    https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html

    Args:
        scope: Where it belongs.
        id_: Its id.
        service: Service principal, such as `firehose.amazonaws.com`; may hold a token.
        description: What the role is for.
        source_arns: ARN patterns the service may act for; default: anything of this account.
        external_id: Value of `sts:ExternalId` the service sends; default: not checked.
        sends_source_account: Whether the service is proven to send `aws:SourceAccount` and
            `aws:SourceArn` with this role. Default: it is not, and they are checked only if they
            are sent, as a role that waits for them in vain could never be assumed.
        name: Name of the role; default: derived from the construct's path.
        path: Path of the role; default: that of the stack's `RoleSettings`.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        service: str,
        description: str,
        source_arns: Sequence[str] = (),
        external_id: str | None = None,
        sends_source_account: bool = False,
        name: str | None = None,
        path: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        account, settings = AwsAccount.of(self), role_settings(self)
        if_exists = "" if sends_source_account else "IfExists"
        conditions: dict[str, dict[str, Any]] = {
            f"StringEquals{if_exists}": {"aws:SourceAccount": account.account_id}
        }
        if external_id is not None:
            conditions.setdefault("StringEquals", {})["sts:ExternalId"] = external_id
        if source_arns:
            conditions[f"ArnLike{if_exists}"] = {"aws:SourceArn": list(source_arns)}
        path = path or settings.path
        trust = {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sts:AssumeRole",
            "Condition": conditions,
        }
        self.resource = aws.iam_role.IamRole(
            self,
            "Resource",
            name=name or physical_name(self, max_length=ROLE_NAME_MAX_LENGTH),
            description=description,
            assume_role_policy=policy_json([trust]),
            path=None if path == "/" else path,
            permissions_boundary=settings.permissions_boundary,
        )

    @cached_property
    def role_arn(self) -> str:
        """ARN of the role, as a token."""
        return str(self.resource.arn)

    @cached_property
    def role_name(self) -> str:
        """Name of the role, as a token."""
        return str(self.resource.name)
