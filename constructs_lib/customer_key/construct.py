"""A KMS key of your own, and access to it."""

from functools import cached_property
from typing import Protocol

from constructs_lib.bindings import aws, cdktf
from constructs_lib.construct import Construct
from constructs_lib.customer_key.props import (
    AwsManagedEncryption,
    CustomerKeyEncryption,
    CustomerKeyProps,
)
from constructs_lib.iam import Grant, IRole, Statement, grant
from constructs_lib.naming import physical_name

# https://docs.aws.amazon.com/kms/latest/APIReference/API_CreateAlias.html
_ALIAS_MAX_LENGTH = 256


class IKey(Protocol):
    """A KMS key: `CustomerKey`, one imported by `CustomerKey.from_arn`, or anything alike."""

    @property
    def key_arn(self) -> str:
        """ARN of the key."""

    def grant_encrypt(self, role: IRole) -> Grant:
        """Let `role` make data keys, which encrypting takes."""

    def grant_decrypt(self, role: IRole) -> Grant:
        """Let `role` decrypt."""

    def grant_encrypt_decrypt(self, role: IRole) -> Grant:
        """Let `role` do both."""


class _KeyGrants(Construct):
    """What an owned and an imported key have in common."""

    @property
    def key_arn(self) -> str:
        raise NotImplementedError

    def grant_encrypt(self, role: IRole) -> Grant:
        """Let `role` make data keys, which encrypting takes."""
        return self._grant(role, "encrypt", "kms:GenerateDataKey")

    def grant_decrypt(self, role: IRole) -> Grant:
        """Let `role` decrypt."""
        return self._grant(role, "decrypt", "kms:Decrypt")

    def grant_encrypt_decrypt(self, role: IRole) -> Grant:
        """Let `role` make data keys and decrypt."""
        return self._grant(role, "use", "kms:Decrypt", "kms:GenerateDataKey")

    def _grant(self, role: IRole, verb: str, *actions: str) -> Grant:
        return grant(self, role, verb, [Statement(actions, [self.key_arn])])


class ImportedKey(_KeyGrants):
    """An existing KMS key of the account; made by `CustomerKey.from_arn`.

    Its key policy must leave access to IAM policies, as KMS's default does.
    """

    def __init__(self, scope: Construct, id_: str, *, key_arn: str) -> None:
        super().__init__(scope, id_)
        self._key_arn = key_arn

    @property
    def key_arn(self) -> str:
        """ARN of the key."""
        return self._key_arn


class CustomerKey(_KeyGrants):
    """A symmetric KMS key with yearly rotation and an alias.

    Its key policy is the one KMS gives by default: IAM policies of the account decide who may use
    it, so the grants below are enough.

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
            description=props.description,
            enable_key_rotation=True,
            deletion_window_in_days=props.deletion_window.days,
            lifecycle=cdktf.TerraformResourceLifecycle(prevent_destroy=props.deletion_protection),
        )
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
