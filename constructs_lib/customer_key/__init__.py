"""KMS keys of your own: `CustomerKey`, and the `Encryption` props that ask for one."""

from constructs_lib.customer_key.construct import (
    CustomerKey,
    IKey,
    ImportedKey,
    KeyStatement,
    KeyUse,
    dms_serverless_statement,
    key_for,
    publisher_statement,
)
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
    "KeyStatement",
    "KeyUse",
    "KmsKeyArn",
    "dms_serverless_statement",
    "key_for",
    "publisher_statement",
]
