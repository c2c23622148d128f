"""Props of the bucket that holds Terraform's state."""

from datetime import timedelta
from typing import Annotated

from constructs_lib.bucket_name import BucketName
from constructs_lib.customer_key import AwsManagedEncryption, Encryption
from constructs_lib.props import Duration, Props, whole_days


class StateBackendProps(Props):
    """Props of `StateBackend` and of `use_state_backend`: what makes it and what uses it agree."""

    bucket_name: BucketName
    """Name of the bucket: 3 to 63 lower-case letters, digits and `-`. No two buckets of AWS share
    a name, so put the account's number or the company's name in it. It has no default: Terraform
    reads its backend before anything else, so the name must be known beforehand."""

    encryption: Encryption = AwsManagedEncryption()
    """Key for the states at rest. Default: S3's own (SSE-S3)."""

    old_version_retention: Annotated[Duration, whole_days(1, 36_500)] = timedelta(days=90)
    """How long an overwritten state is kept, in whole days: the time there is to go back to one.
    Default: 90 days."""

    deletion_protection: bool = True
    """Whether Terraform refuses to destroy the bucket. Default: it refuses. Without it too, S3
    deletes no bucket that still holds a state."""
