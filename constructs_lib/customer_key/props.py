"""Which key encrypts a resource at rest."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field

from constructs_lib.props import Duration, Props, default_kind, whole_days

KmsKeyArn = Annotated[
    str, Field(pattern=r"^arn:aws[a-z-]*:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$")
]
"""ARN of a KMS key (not of an alias)."""


class AwsManagedEncryption(Props):
    """Encryption with the key AWS manages for the service, free of charge."""

    kind: Literal["aws"] = "aws"
    """The key AWS manages."""


class CustomerKeyEncryption(Props):
    """Encryption with a KMS key of your own."""

    kind: Literal["customer"]
    """A key of your own."""

    key_arn: KmsKeyArn | None = None
    """ARN of an existing key in the same region. Its key policy must let IAM policies of this
    account give access. For DMS Serverless it must also let in `dms.<region>.amazonaws.com` by
    `kms:ViaService`, for an encrypted topic `cloudwatch.amazonaws.com`: see docs/permissions.md.
    Default: a new key is made, with yearly rotation."""


Encryption = Annotated[
    AwsManagedEncryption | CustomerKeyEncryption, Field(discriminator="kind"), default_kind("aws")
]
"""`kind: aws` or `kind: customer`."""


class CustomerKeyProps(Props):
    """Props of `CustomerKey`."""

    description: str
    """What the key encrypts; shown in the KMS console."""

    deletion_window: Annotated[Duration, whole_days(7, 30)] = timedelta(days=30)
    """How long AWS waits before it really deletes the key, 7 to 30 whole days. Default: 30 days.
    Source: https://docs.aws.amazon.com/kms/latest/developerguide/deleting-keys.html"""

    deletion_protection: bool = True
    """Whether Terraform refuses to destroy the key. Default: it refuses: without its key the data
    is gone."""
