"""The S3 bucket where the changes land: `LandingBucket`, and the layout of its objects."""

from typing import TYPE_CHECKING

from constructs_lib.lazy import lazy_exports

if TYPE_CHECKING:
    from constructs_lib.landing_bucket.construct import IBucket, ImportedBucket, LandingBucket
    from constructs_lib.landing_bucket.layout import FileFormat, LandingLayout, TimePartition
    from constructs_lib.landing_bucket.props import (
        AccessLog,
        Bucket,
        ImportedBucketProps,
        LandingBucketProps,
        StorageClass,
        Transition,
    )
else:
    lazy_exports(__name__, "props", "layout", "construct")

__all__ = [
    "AccessLog",
    "Bucket",
    "FileFormat",
    "IBucket",
    "ImportedBucket",
    "ImportedBucketProps",
    "LandingBucket",
    "LandingBucketProps",
    "LandingLayout",
    "StorageClass",
    "TimePartition",
    "Transition",
]
