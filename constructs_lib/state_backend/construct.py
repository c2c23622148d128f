"""The bucket that holds Terraform's state."""

from constructs_lib.bindings import aws
from constructs_lib.construct import Construct
from constructs_lib.customer_key import IKey, key_for
from constructs_lib.private_bucket import PrivateBucket
from constructs_lib.state_backend.props import StateBackendProps


class StateBackend(Construct):
    """A bucket for Terraform states: versioned, encrypted, private, TLS only, kept.

    Terraform locks a state with a lock file beside it (`use_lockfile`), so no table is needed:
    https://developer.hashicorp.com/terraform/language/backend/s3#state-locking

    The stack that makes the bucket cannot keep its own state there on the first deployment.

    Args:
        scope: Where it belongs.
        id_: Its id.
        props: See `StateBackendProps`.

    Attributes:
        bucket: The `PrivateBucket`.
        key: The customer key that encrypts it, None for S3's own.
        resource: The `aws_s3_bucket`, the escape hatch.
    """

    def __init__(self, scope: Construct, id_: str, *, props: StateBackendProps) -> None:
        super().__init__(scope, id_)
        self.key: IKey | None = key_for(
            self,
            props.encryption,
            description=f"Terraform states in {props.bucket_name}",
            deletion_protection=props.deletion_protection,
        )
        self.bucket = PrivateBucket(
            self,
            "bucket",
            name=props.bucket_name,
            key=self.key,
            deletion_protection=props.deletion_protection,
        )
        self.resource = self.bucket.resource
        self._expire_old_versions(props.old_version_retention.days)

    def _expire_old_versions(self, days: int) -> None:
        lifecycle = aws.s3_bucket_lifecycle_configuration
        lifecycle.S3BucketLifecycleConfiguration(
            self,
            "lifecycle",
            bucket=self.bucket_name,
            rule=[
                lifecycle.S3BucketLifecycleConfigurationRule(
                    id="expire-old-versions",
                    status="Enabled",
                    # the whole bucket
                    filter=[lifecycle.S3BucketLifecycleConfigurationRuleFilter(prefix="")],
                    noncurrent_version_expiration=[
                        lifecycle.S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration(
                            noncurrent_days=days
                        )
                    ],
                    # what a broken upload left, which is paid for and never seen
                    abort_incomplete_multipart_upload=[
                        lifecycle.S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload(
                            days_after_initiation=7
                        )
                    ],
                )
            ],
            depends_on=[self.bucket.versioning],
        )

    @property
    def bucket_arn(self) -> str:
        """ARN of the bucket, as a token."""
        return self.bucket.bucket_arn

    @property
    def bucket_name(self) -> str:
        """Name of the bucket, as a token."""
        return self.bucket.bucket_name
