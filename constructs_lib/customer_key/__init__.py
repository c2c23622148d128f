"""KMS keys of your own: `CustomerKey`, and the `Encryption` props that ask for one."""

from typing import TYPE_CHECKING

from constructs_lib.lazy import lazy_exports

if TYPE_CHECKING:
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
else:
    lazy_exports(__name__, "props", "construct")

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
