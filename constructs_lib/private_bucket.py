"""An S3 bucket that nobody outside the account reads: what every bucket of ours has in common."""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from constructs_lib.bindings import aws, cdktf
from constructs_lib.bucket_name import BUCKET_PREFIX_MAX_LENGTH
from constructs_lib.construct import Construct
from constructs_lib.customer_key import IKey
from constructs_lib.iam import policy_json
from constructs_lib.naming import physical_name


class PrivateBucket(Construct):
    """A versioned, encrypted bucket with public access blocked, ACLs off and TLS required.

    Args:
        scope: Where it belongs.
        id_: Its id.
        name: Name of the bucket; default: derived from the construct's path, with a unique ending
            that Terraform chooses, as bucket names are shared by all of AWS.
        key: Customer key that encrypts it; None: S3's own keys (SSE-S3).
        versioned: Whether S3 keeps overwritten and deleted objects.
        deletion_protection: Whether Terraform refuses to destroy the bucket.
        force_destroy: Whether destroying the bucket deletes the objects in it; otherwise a bucket
            that holds any is not destroyed.
        statements: Further statements of the bucket policy, as IAM writes them.

    Attributes:
        resource: The `aws_s3_bucket`, the escape hatch.
        key: The customer key that encrypts it, None for S3's own.
        encryption: The `aws_s3_bucket_server_side_encryption_configuration`.
        versioning: The `aws_s3_bucket_versioning`: a lifecycle rule for old versions depends on it.
        policy: The `aws_s3_bucket_policy`.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str | None = None,
        key: IKey | None = None,
        versioned: bool = True,
        deletion_protection: bool = True,
        force_destroy: bool = False,
        statements: Sequence[dict[str, Any]] = (),
    ) -> None:
        super().__init__(scope, id_)
        prefix = physical_name(self, max_length=BUCKET_PREFIX_MAX_LENGTH, suffix="-")
        self.resource = aws.s3_bucket.S3Bucket(
            self,
            "Resource",
            bucket=name,
            bucket_prefix=prefix if name is None else None,
            force_destroy=force_destroy,
            lifecycle=cdktf.TerraformResourceLifecycle(prevent_destroy=deletion_protection),
        )
        self.versioning = aws.s3_bucket_versioning.S3BucketVersioningA(
            self,
            "versioning",
            bucket=self.bucket_name,
            versioning_configuration=(
                aws.s3_bucket_versioning.S3BucketVersioningVersioningConfiguration(
                    status="Enabled" if versioned else "Suspended"
                )
            ),
        )
        encryption = aws.s3_bucket_server_side_encryption_configuration
        self.encryption = encryption.S3BucketServerSideEncryptionConfigurationA(
            self,
            "encryption",
            bucket=self.bucket_name,
            rule=[
                encryption.S3BucketServerSideEncryptionConfigurationRuleA(
                    apply_server_side_encryption_by_default={
                        "sse_algorithm": "AES256" if key is None else "aws:kms",
                        "kms_master_key_id": None if key is None else key.key_arn,
                    },
                    # one data key a bucket instead of one an object: fewer calls to pay KMS for
                    bucket_key_enabled=None if key is None else True,
                )
            ],
        )
        ownership = aws.s3_bucket_ownership_controls
        ownership.S3BucketOwnershipControls(
            self,
            "ownership",
            bucket=self.bucket_name,
            rule=ownership.S3BucketOwnershipControlsRule(object_ownership="BucketOwnerEnforced"),
        )
        public_access_block = aws.s3_bucket_public_access_block.S3BucketPublicAccessBlock(
            self,
            "public-access-block",
            bucket=self.bucket_name,
            block_public_acls=True,
            block_public_policy=True,
            ignore_public_acls=True,
            restrict_public_buckets=True,
        )
        self.policy = aws.s3_bucket_policy.S3BucketPolicy(
            self,
            "policy",
            bucket=self.bucket_name,
            policy=policy_json([*self._tls_only(), *statements]),
            # S3 answers a policy change with a conflict while public access is being blocked
            depends_on=[public_access_block],
        )

    def _tls_only(self) -> list[dict[str, Any]]:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html
        too_old = {
            "TlsOnly": {"Bool": {"aws:SecureTransport": "false"}},
            "TlsFrom12": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        }
        return [
            {
                "Sid": sid,
                "Effect": "Deny",
                "Principal": "*",
                # every action of S3, so that none is left without TLS
                "Action": "s3:*",
                "Resource": [self.bucket_arn, f"{self.bucket_arn}/*"],
                "Condition": condition,
            }
            for sid, condition in too_old.items()
        ]

    @property
    def dependencies(self) -> list[Any]:
        """What must be there before the first object is put."""
        return [self.encryption, self.versioning, self.policy]

    @cached_property
    def bucket_arn(self) -> str:
        """ARN of the bucket, as a token."""
        return str(self.resource.arn)

    @cached_property
    def bucket_name(self) -> str:
        """Name of the bucket, as a token."""
        return str(self.resource.bucket)
