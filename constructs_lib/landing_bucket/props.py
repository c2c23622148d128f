"""Props of the bucket where the changes land."""

from datetime import timedelta
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, field_validator

from constructs_lib.bucket_name import BucketName, Folder
from constructs_lib.customer_key import AwsManagedEncryption, Encryption, KmsKeyArn
from constructs_lib.props import Duration, Props, default_kind, whole_days

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
_CLASSES_IN_ORDER = (
    "STANDARD_IA",
    "INTELLIGENT_TIERING",
    "ONEZONE_IA",
    "GLACIER_IR",
    "GLACIER",
    "DEEP_ARCHIVE",
)
_TRANSITIONS = (
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
    "lifecycle-transition-general-considerations.html"
)
# S3 moves nothing there before day 30, and charges for 30 days there at least: a rule that moves
# on to these within them it refuses
_MONTH = timedelta(days=30)
_MOVES_ON_AFTER_A_MONTH = {
    "STANDARD_IA": ("ONEZONE_IA", "GLACIER", "DEEP_ARCHIVE"),
    "ONEZONE_IA": ("GLACIER", "DEEP_ARCHIVE"),
}

StorageClass = Literal[
    "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"
]


class Transition(Props):
    """Move of objects to a cheaper storage class."""

    after: Annotated[Duration, whole_days(0, 36_500)]
    """Age of the objects that move, in whole days: 30 or more for `STANDARD_IA` and `ONEZONE_IA`,
    and 30 more for a move on from these to `ONEZONE_IA`, `GLACIER` or `DEEP_ARCHIVE`. Source:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/lifecycle-transition-general-considerations.html
    """

    storage_class: StorageClass
    """Where they move. Athena cannot read `GLACIER` and `DEEP_ARCHIVE` before a restore."""

    @field_validator("storage_class")
    @classmethod
    def _refuse_too_early(cls, storage_class: StorageClass, info: ValidationInfo) -> StorageClass:
        after = info.data.get("after")
        if storage_class in _MOVES_ON_AFTER_A_MONTH and after is not None and after < _MONTH:
            raise ValueError(
                f"S3 moves objects to {storage_class} after P30D at the earliest: raise `after` "
                f"or choose another class ({_TRANSITIONS})"
            )
        return storage_class


def _in_order(transitions: tuple[Transition, ...]) -> tuple[Transition, ...]:
    for first, second in pairwise(transitions):
        down = _CLASSES_IN_ORDER.index(first.storage_class) < _CLASSES_IN_ORDER.index(
            second.storage_class
        )
        if not down or first.after >= second.after:
            raise ValueError(
                "each transition must come later and go further down than the one before: "
                f"{' → '.join(_CLASSES_IN_ORDER)} ({_TRANSITIONS})"
            )
        if (first.storage_class, second.storage_class) == ("ONEZONE_IA", "GLACIER_IR"):
            raise ValueError(
                "S3 moves no objects from ONEZONE_IA to GLACIER_IR: leave one of the two out "
                f"({_TRANSITIONS})"
            )
        too_soon = second.after - first.after < _MONTH
        if too_soon and second.storage_class in _MOVES_ON_AFTER_A_MONTH.get(
            first.storage_class, ()
        ):
            raise ValueError(
                f"S3 moves objects on from {first.storage_class} to {second.storage_class} after "
                f"30 more days at the earliest: let it be after P{(first.after + _MONTH).days}D or "
                f"later, or leave one of the two out ({_TRANSITIONS})"
            )
    return transitions


class AccessLog(Props):
    """Where S3 logs the requests to the bucket."""

    bucket_name: BucketName
    """An existing bucket in the same account and region whose policy lets
    `logging.s3.amazonaws.com` put objects. Not the landing bucket: it would log its own logging.
    Source: https://docs.aws.amazon.com/AmazonS3/latest/userguide/enable-server-access-logging.html
    """

    prefix: Folder = "landing/"
    """Folder of the logs, ending in `/`."""


class LandingBucketProps(Props):
    """Props of `LandingBucket`."""

    kind: Literal["new"] = "new"
    """A bucket of the pipeline's own."""

    name: BucketName | None = None
    """Name of the bucket. Default: derived from the construct's path, with a unique ending that
    Terraform chooses, as bucket names are shared by all accounts. Changing it replaces the bucket.
    """

    encryption: Encryption = AwsManagedEncryption()
    """Key for the objects at rest. Default: S3's own keys (SSE-S3), free of charge."""

    transitions: Annotated[tuple[Transition, ...], AfterValidator(_in_order)] = ()
    """Moves to cheaper storage classes, in order. Default: none."""

    expiration: Annotated[Duration, whole_days(1, 36_500)] | None = None
    """Age at which objects are deleted, in whole days. Default: never. The deleted objects are
    kept for another `noncurrent_expiration` as old versions."""

    noncurrent_expiration: Annotated[Duration, whole_days(1, 36_500)] | None = timedelta(days=30)
    """How long overwritten and deleted objects can be had back, in whole days. Default: 30 days;
    null: for ever, and then `expiration` frees no storage."""

    abort_incomplete_uploads: Annotated[Duration, whole_days(1, 36_500)] | None = timedelta(days=7)
    """Age at which S3 drops the parts of an upload nobody completed, in whole days; they cost
    storage and are seen nowhere. Default: 7 days; null: never."""

    access_log: AccessLog | None = None
    """Logging of every request. Default: none."""

    event_notifications: bool = False
    """Whether S3 tells the account's EventBridge of each new object. Default: no."""

    deletion_protection: bool = True
    """Whether Terraform refuses to destroy the bucket. Default: it refuses."""

    force_destroy: bool = False
    """Whether destroying the bucket deletes the data in it. Default: no, and S3 refuses to delete a
    bucket that holds objects. It needs `deletion_protection: false`."""

    @field_validator("expiration")
    @classmethod
    def _refuse_expiry_before_transition(
        cls, expiration: timedelta | None, info: ValidationInfo
    ) -> timedelta | None:
        last = max((move.after for move in info.data.get("transitions", ())), default=None)
        if expiration is not None and last is not None and expiration <= last:
            raise ValueError(
                f"objects would be deleted before they move after P{last.days}D: let them expire "
                "later or leave that transition out"
            )
        return expiration

    @field_validator("force_destroy")
    @classmethod
    def _refuse_contradiction(cls, force_destroy: bool, info: ValidationInfo) -> bool:
        if force_destroy and info.data.get("deletion_protection"):
            raise ValueError(
                "deletes the data with the bucket, which deletion_protection prevents: set "
                "`deletion_protection: false` as well, or leave force_destroy out"
            )
        return force_destroy


class ImportedBucketProps(Props):
    """Props of a bucket that exists already."""

    kind: Literal["existing"]
    """A bucket that exists already."""

    bucket_name: BucketName
    """Name of the bucket."""

    key_arn: KmsKeyArn | None = None
    """ARN of the customer key that encrypts it. Default: S3's own keys (SSE-S3)."""

    owner_account_id: Annotated[str, Field(pattern=r"^[0-9]{12}$")] | None = None
    """Number of the account that owns the bucket, and its key, where that is another one. The
    output `landing_bucket_policy` then holds the statements that the owner has to add to the
    bucket's policy; a key's policy has to let in the same role. Default: this account. Source:
    https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#cross-account-delivery-s3
    """


Bucket = Annotated[
    LandingBucketProps | ImportedBucketProps, Field(discriminator="kind"), default_kind("new")
]
"""`kind: new` (the default where `kind` is left out) or `kind: existing`."""
