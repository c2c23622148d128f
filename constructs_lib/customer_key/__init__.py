"""KMS keys of your own: `CustomerKey`, and the `Encryption` props that ask for one."""

from constructs_lib.customer_key.construct import CustomerKey, IKey, ImportedKey, key_for
from constructs_lib.customer_key.props import (
    AwsManagedEncryption,
    CustomerKeyEncryption,
    CustomerKeyProps,
    Encryption,
    KmsKeyArn,
)

__all__ = [
    "AwsManagedEncryption",
    "CustomerKey",
    "CustomerKeyEncryption",
    "CustomerKeyProps",
    "Encryption",
    "IKey",
    "ImportedKey",
    "KmsKeyArn",
    "key_for",
]
