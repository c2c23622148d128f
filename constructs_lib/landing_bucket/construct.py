"""The S3 bucket where Firehose puts the changes."""

from collections.abc import Sequence
from typing import Any, Protocol

from constructs_lib.aws_account import AwsAccount
from constructs_lib.bindings import aws
from constructs_lib.construct import Construct, path_of
from constructs_lib.customer_key import CustomerKey, IKey, KeyUse, key_for
from constructs_lib.iam import Grant, IRole, Statement, grant, policy_json
from constructs_lib.landing_bucket.props import ImportedBucketProps, LandingBucketProps
from constructs_lib.private_bucket import PrivateBucket

WHOLE_BUCKET = ("",)


class IBucket(Protocol):
    """An S3 bucket: `LandingBucket`, one imported by `LandingBucket.from_name`, or alike."""

    @property
    def bucket_name(self) -> str:
        """Name of the bucket."""

    @property
    def bucket_arn(self) -> str:
        """ARN of the bucket."""

    @property
    def key(self) -> IKey | None:
        """The customer key that encrypts it, None for S3's own."""

    @property
    def dependencies(self) -> Sequence[Any]:
        """What must be there before the first object is put."""

    def grant_read(self, role: IRole, *, prefixes: Sequence[str] = WHOLE_BUCKET) -> Grant:
        """Let `role` read the objects below `prefixes`, the bucket's key included."""

    def grant_write(self, role: IRole, *, prefixes: Sequence[str] = WHOLE_BUCKET) -> Grant:
        """Let `role` put objects below `prefixes`, the bucket's key included."""

    def grant_replace(self, role: IRole, *, prefixes: Sequence[str]) -> Grant:
        """Let `role` put and delete objects below `prefixes`, the bucket's key included."""


class _BucketGrants(Construct):
    """What an owned and an imported bucket have in common."""

    _key: IKey | None = None
    _is_of_another_account = False

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        self._written: list[tuple[IRole, tuple[str, ...]]] = []

    @property
    def key(self) -> IKey | None:
        """The customer key that encrypts the bucket, None for S3's own."""
        return self._key

    @property
    def bucket_arn(self) -> str:
        raise NotImplementedError

    def grant_read(self, role: IRole, *, prefixes: Sequence[str] = WHOLE_BUCKET) -> Grant:
        """Let `role` list the bucket and read objects.

        Args:
            role: Who reads.
            prefixes: Folders it may read; default: all of them. It can list the whole bucket.
        """
        statements = [
            Statement(["s3:GetBucketLocation", "s3:ListBucket"], [self.bucket_arn]),
            Statement(["s3:GetObject"], self._objects(prefixes)),
        ]
        given = grant(self, role, "read", statements)
        if self.key is None:
            return given
        use = self._use_of_key(prefixes)
        return Grant(given.policies + self.key.grant_decrypt(role, use=use).policies)

    def grant_write(self, role: IRole, *, prefixes: Sequence[str] = WHOLE_BUCKET) -> Grant:
        """Let `role` put objects in parts, as Firehose does.

        The actions a Firehose delivery stream needs:
        https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3

        Args:
            role: Who writes.
            prefixes: Folders it may write to; default: all of them.
        """
        statements = [
            Statement(
                ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
                [self.bucket_arn],
            ),
            Statement(
                [
                    "s3:AbortMultipartUpload",
                    "s3:GetObject",
                    "s3:PutObject",
                    *(["s3:PutObjectAcl"] if self._is_of_another_account else []),
                ],
                self._objects(prefixes),
            ),
        ]
        self._written += [(role, tuple(prefixes))]
        given = grant(self, role, "write", statements)
        if self.key is None:
            return given
        use = self._use_of_key(prefixes)
        return Grant(given.policies + self.key.grant_encrypt_decrypt(role, use=use).policies)

    def grant_replace(self, role: IRole, *, prefixes: Sequence[str]) -> Grant:
        """Let `role` read, put, tag and delete objects.

        The actions that DMS needs for its assessments:
        https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.AssessmentReport.Prerequisites.html

        Args:
            role: Who writes.
            prefixes: Folders in which it may.
        """
        statements = [
            Statement(["s3:GetBucketLocation", "s3:ListBucket"], [self.bucket_arn]),
            Statement(
                ["s3:DeleteObject", "s3:GetObject", "s3:PutObject", "s3:PutObjectTagging"],
                self._objects(prefixes),
            ),
        ]
        given = grant(self, role, "replace", statements)
        if self.key is None:
            return given
        use = self._use_of_key(prefixes)
        return Grant(given.policies + self.key.grant_encrypt_decrypt(role, use=use).policies)

    def _use_of_key(self, prefixes: Sequence[str]) -> KeyUse:
        # S3 names the object to KMS, or the bucket where it has a bucket key:
        # https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-s3
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucket-key.html
        return KeyUse("s3", {"aws:s3:arn": [self.bucket_arn, *self._objects(prefixes)]})

    def _objects(self, prefixes: Sequence[str]) -> list[str]:
        # the * stands for the objects of a folder
        return [f"{self.bucket_arn}/{prefix}*" for prefix in prefixes]


class ImportedBucket(_BucketGrants):
    """An existing S3 bucket; made by `LandingBucket.from_name`.

    Args:
        scope: Where it belongs.
        id_: Its id.
        bucket_name: Name of the bucket.
        key_arn: ARN of the customer key that encrypts it; default: S3's own keys do.
        is_of_another_account: Whether another account owns it, whose bucket policy and key policy
            then have to let the writer in: see `owners_bucket_policy`.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        bucket_name: str,
        key_arn: str | None = None,
        is_of_another_account: bool = False,
    ) -> None:
        super().__init__(scope, id_)
        self._bucket_name = bucket_name
        self._is_of_another_account = is_of_another_account
        if key_arn is not None:
            self._key = CustomerKey.from_arn(self, "key", key_arn=key_arn)

    @property
    def bucket_name(self) -> str:
        """Name of the bucket."""
        return self._bucket_name

    @property
    def dependencies(self) -> list[Any]:
        """None: the bucket is there."""
        return []

    @property
    def owners_bucket_policy(self) -> str | None:
        """Statements that the owner adds to the bucket's policy; None where it is this account's.

        https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#cross-account-delivery-s3
        """
        if not self._is_of_another_account:
            return None
        statements = []
        for role, prefixes in self._written:
            principal = {"Effect": "Allow", "Principal": {"AWS": role.role_arn}}
            on_bucket = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
            on_objects = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
            statements += [
                principal | {"Action": on_bucket, "Resource": self.bucket_arn},
                principal
                | {
                    "Action": [*on_objects, "s3:PutObjectAcl"],
                    "Resource": self._objects(prefixes),
                },
            ]
        return policy_json(statements)

    @property
    def bucket_arn(self) -> str:
        """ARN of the bucket."""
        return f"arn:{AwsAccount.of(self).partition}:s3:::{self._bucket_name}"


class LandingBucket(_BucketGrants):
    """A bucket for the changes: versioned, encrypted, private, TLS only, kept.

    Args:
        scope: Where it belongs.
        id_: Its id.
        props: See `LandingBucketProps`; default: S3's own keys, nothing expires but old versions.

    Attributes:
        resource: The `aws_s3_bucket`, the escape hatch.
        bucket: The `PrivateBucket` with the bucket's policy and versioning.
        key: The customer key that encrypts it, None for S3's own.
    """

    from_name = ImportedBucket
    """An existing one, see `ImportedBucket`."""

    def __init__(
        self, scope: Construct, id_: str, *, props: LandingBucketProps | None = None
    ) -> None:
        super().__init__(scope, id_)
        props = props or LandingBucketProps()
        self._key = key_for(
            self,
            props.encryption,
            description=f"S3 bucket of {path_of(self)}",
            deletion_protection=props.deletion_protection,
        )
        self.bucket = PrivateBucket(
            self,
            "Resource",
            name=props.name,
            key=self._key,
            deletion_protection=props.deletion_protection,
            force_destroy=props.force_destroy,
        )
        self.resource = self.bucket.resource
        self._add_lifecycle(props)
        if props.access_log is not None:
            aws.s3_bucket_logging.S3BucketLoggingA(
                self,
                "access-log",
                bucket=self.bucket_name,
                target_bucket=props.access_log.bucket_name,
                target_prefix=props.access_log.prefix,
            )
        if props.event_notifications:
            aws.s3_bucket_notification.S3BucketNotification(
                self, "notification", bucket=self.bucket_name, eventbridge=True
            )

    def _add_lifecycle(self, props: LandingBucketProps) -> None:
        ages = (props.expiration, props.noncurrent_expiration, props.abort_incomplete_uploads)
        if not props.transitions and not any(ages):
            return
        module = aws.s3_bucket_lifecycle_configuration
        expired = module.S3BucketLifecycleConfigurationRuleExpiration
        old = module.S3BucketLifecycleConfigurationRuleNoncurrentVersionExpiration
        abort = module.S3BucketLifecycleConfigurationRuleAbortIncompleteMultipartUpload
        rule = module.S3BucketLifecycleConfigurationRule(
            id="landing",
            status="Enabled",
            # the whole bucket
            filter=[module.S3BucketLifecycleConfigurationRuleFilter(prefix="")],
            transition=[
                module.S3BucketLifecycleConfigurationRuleTransition(
                    days=move.after.days, storage_class=move.storage_class
                )
                for move in props.transitions
            ]
            or None,
            expiration=[expired(days=props.expiration.days)] if props.expiration else None,
            noncurrent_version_expiration=(
                [old(noncurrent_days=props.noncurrent_expiration.days)]
                if props.noncurrent_expiration
                else None
            ),
            abort_incomplete_multipart_upload=(
                [abort(days_after_initiation=props.abort_incomplete_uploads.days)]
                if props.abort_incomplete_uploads
                else None
            ),
        )
        module.S3BucketLifecycleConfiguration(
            self,
            "lifecycle",
            bucket=self.bucket_name,
            rule=[rule],
            # the provider's advice for rules about old versions
            depends_on=[self.bucket.versioning],
        )

    @property
    def bucket_name(self) -> str:
        """Name of the bucket, as a token."""
        return self.bucket.bucket_name

    @property
    def bucket_arn(self) -> str:
        """ARN of the bucket, as a token."""
        return self.bucket.bucket_arn

    @property
    def dependencies(self) -> list[Any]:
        """What must be there before the first object is put: encryption, versions, policy."""
        return self.bucket.dependencies

    @classmethod
    def from_props(
        cls, scope: Construct, id_: str, *, props: LandingBucketProps | ImportedBucketProps
    ) -> "LandingBucket | ImportedBucket":
        """The bucket that a settings file asks for: a new one or an existing one."""
        if isinstance(props, ImportedBucketProps):
            return cls.from_name(
                scope,
                id_,
                bucket_name=props.bucket_name,
                key_arn=props.key_arn,
                is_of_another_account=props.owner_account_id is not None,
            )
        return cls(scope, id_, props=props)
