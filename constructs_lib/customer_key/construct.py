"""A KMS key of your own, and access to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from constructs_lib.aws_account import AwsAccount
from constructs_lib.bindings import aws, cdktf
from constructs_lib.construct import Construct
from constructs_lib.customer_key.props import (
    AwsManagedEncryption,
    CustomerKeyEncryption,
    CustomerKeyProps,
)
from constructs_lib.iam import Grant, IRole, Statement, grant, policy_json
from constructs_lib.naming import physical_name
from constructs_lib.terraform_text import literal

# https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
_ALIAS_MAX_LENGTH = 256


@dataclass(frozen=True)
class KeyUse:
    """Through what a key is used: conditions of a grant, where AWS's pages show them.

    Attributes:
        service: Service that calls KMS on the role's behalf, such as `s3` (`kms:ViaService`).
        context: Keys of the encryption context and patterns of their values, such as
            `{"aws:s3:arn": [...]}`.
    """

    service: str
    context: Mapping[str, Sequence[str]]

    def conditions(self, region: str) -> dict[str, dict[str, Any]]:
        """As IAM writes them."""
        return {
            "StringEquals": {"kms:ViaService": f"{self.service}.{region}.amazonaws.com"},
            "StringLike": {
                f"kms:EncryptionContext:{key}": list(values) for key, values in self.context.items()
            },
        }


class IKey(Protocol):
    """A KMS key: `CustomerKey`, one imported by `CustomerKey.from_arn`, or anything alike."""

    @property
    def key_arn(self) -> str:
        """ARN of the key."""

    def grant_encrypt(self, role: IRole, *, use: KeyUse | None = None) -> Grant:
        """Let `role` make data keys, which encrypting takes."""

    def grant_decrypt(self, role: IRole, *, use: KeyUse | None = None) -> Grant:
        """Let `role` decrypt."""

    def grant_encrypt_decrypt(self, role: IRole, *, use: KeyUse | None = None) -> Grant:
        """Let `role` do both."""

    def grant_describe(self, role: IRole) -> Grant:
        """Let `role` read what kind of key it is."""

    def allow(self, statement: "KeyStatement") -> None:
        """Let in whoever acts without IAM of ours."""


@dataclass(frozen=True)
class KeyStatement:
    """A statement of a key's policy.

    Attributes:
        sid: Its id.
        principal: Who, as IAM writes it.
        actions: What.
        conditions: Condition operators and their keys.
    """

    sid: str
    principal: Mapping[str, str]
    actions: Sequence[str]
    conditions: Mapping[str, Mapping[str, Any]]

    def to_json(self) -> dict[str, Any]:
        """The statement as KMS writes it."""
        return {
            "Sid": self.sid,
            "Effect": "Allow",
            "Principal": dict(self.principal),
            "Action": list(self.actions),
            # a key policy is about its key
            "Resource": "*",
            "Condition": {operator: dict(keys) for operator, keys in self.conditions.items()},
        }


def dms_serverless_statement(scope: Construct) -> KeyStatement:
    """Lets DMS Serverless encrypt its storage: its service-linked role has no action of KMS.

    The same words as in the policy of the key that AWS manages for DMS: whoever of this account
    comes through DMS.
    https://docs.aws.amazon.com/dms/latest/userguide/slr-services-sl.html
    https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-via-service
    """
    account = AwsAccount.of(scope)
    return KeyStatement(
        "DmsServerless",
        {"AWS": "*"},
        [
            "kms:CreateGrant",
            "kms:Decrypt",
            "kms:DescribeKey",
            "kms:Encrypt",
            "kms:GenerateDataKey*",
            "kms:ReEncrypt*",
        ],
        {
            "StringEquals": {
                "kms:CallerAccount": account.account_id,
                "kms:ViaService": f"dms.{account.region}.amazonaws.com",
            }
        },
    )


def publisher_statement(scope: Construct, service: str) -> KeyStatement:
    """Lets a service publish to topics that the key encrypts.

    https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html#compatibility-with-aws-services

    Args:
        scope: A construct of the stack.
        service: Service principal, such as `cloudwatch.amazonaws.com`.
    """
    return KeyStatement(
        "Publish" + "".join(word.capitalize() for word in service.partition(".")[0].split("-")),
        {"Service": service},
        ["kms:Decrypt", "kms:GenerateDataKey*"],
        # AWS's page shows no condition: the account is checked where it is sent
        {"StringEqualsIfExists": {"aws:SourceAccount": AwsAccount.of(scope).account_id}},
    )


class _KeyGrants(Construct):
    """What an owned and an imported key have in common."""

    @property
    def key_arn(self) -> str:
        raise NotImplementedError

    def grant_encrypt(self, role: IRole, *, use: KeyUse | None = None) -> Grant:
        """Let `role` make data keys, which encrypting takes."""
        return self._grant(role, "encrypt", use, "kms:GenerateDataKey")

    def grant_decrypt(self, role: IRole, *, use: KeyUse | None = None) -> Grant:
        """Let `role` decrypt."""
        return self._grant(role, "decrypt", use, "kms:Decrypt")

    def grant_encrypt_decrypt(self, role: IRole, *, use: KeyUse | None = None) -> Grant:
        """Let `role` make data keys and decrypt."""
        return self._grant(role, "use", use, "kms:Decrypt", "kms:GenerateDataKey")

    def grant_describe(self, role: IRole) -> Grant:
        """Let `role` read what kind of key it is."""
        return self._grant(role, "describe", None, "kms:DescribeKey")

    def _grant(self, role: IRole, verb: str, use: KeyUse | None, *actions: str) -> Grant:
        conditions = use.conditions(AwsAccount.of(self).region) if use else None
        return grant(self, role, verb, [Statement(actions, [self.key_arn], conditions)])


class ImportedKey(_KeyGrants):
    """An existing KMS key of the account; made by `CustomerKey.from_arn`.

    Its key policy must leave access to IAM policies, as KMS's default does, and let in the services
    that act without IAM of ours: the construct cannot add to it. `KeyStatement` says what each
    needs.
    """

    def __init__(self, scope: Construct, id_: str, *, key_arn: str) -> None:
        super().__init__(scope, id_)
        self._key_arn = key_arn

    @property
    def key_arn(self) -> str:
        """ARN of the key."""
        return self._key_arn

    def allow(self, statement: KeyStatement) -> None:
        """Nothing: the policy of an existing key is its owner's."""


class CustomerKey(_KeyGrants):
    """A symmetric KMS key with yearly rotation and an alias.

    Its key policy is the one KMS gives by default: IAM policies of the account decide who may use
    it, so the grants below are enough. `allow` adds a service that acts without IAM of ours.

    Args:
        scope: Where it belongs.
        id_: Its id.
        props: See `CustomerKeyProps`.

    Attributes:
        resource: The `aws_kms_key`, the escape hatch.
    """

    from_arn = ImportedKey
    """An existing one, see `ImportedKey`."""

    def __init__(self, scope: Construct, id_: str, *, props: CustomerKeyProps) -> None:
        super().__init__(scope, id_)
        self.resource = aws.kms_key.KmsKey(
            self,
            "Resource",
            description=literal(props.description),
            enable_key_rotation=True,
            deletion_window_in_days=props.deletion_window.days,
            lifecycle=cdktf.TerraformResourceLifecycle(prevent_destroy=props.deletion_protection),
        )
        self._allowed: list[KeyStatement] = []
        aws.kms_alias.KmsAlias(
            self,
            "alias",
            name=f"alias/{physical_name(self, max_length=_ALIAS_MAX_LENGTH - len('alias/'))}",
            target_key_id=self.resource.key_id,
        )

    @cached_property
    def key_arn(self) -> str:
        """ARN of the key, as a token."""
        return str(self.resource.arn)

    def allow(self, statement: KeyStatement) -> None:
        """Let in whoever acts without IAM of ours, by the key's own policy."""
        if statement in self._allowed:
            return
        self._allowed.append(statement)
        account = AwsAccount.of(self)
        owner = {
            "Sid": "IamPoliciesOfTheAccount",
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:{account.partition}:iam::{account.account_id}:root"},
            # what KMS's own default says: without it nobody could change the key any more
            "Action": "kms:*",
            # a key policy is about its key
            "Resource": "*",
        }
        self.resource.policy = policy_json(
            [owner, *(allowed.to_json() for allowed in self._allowed)]
        )


def key_for(
    scope: Construct,
    encryption: AwsManagedEncryption | CustomerKeyEncryption | None,
    *,
    description: str,
    deletion_protection: bool,
) -> IKey | None:
    """The key that `encryption` asks for, made below `scope` as `key`; None for AWS's own."""
    if encryption is None or isinstance(encryption, AwsManagedEncryption):
        return None
    if encryption.key_arn is not None:
        return CustomerKey.from_arn(scope, "key", key_arn=encryption.key_arn)
    props = CustomerKeyProps(description=description, deletion_protection=deletion_protection)
    return CustomerKey(scope, "key", props=props)
