"""Names that S3 takes for a bucket, and for a folder in it."""

from typing import Annotated

from pydantic import AfterValidator, Field

# https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
BUCKET_NAME_MAX_LENGTH = 63
# Terraform adds 26 characters of its own to a bucket_prefix
BUCKET_PREFIX_MAX_LENGTH = BUCKET_NAME_MAX_LENGTH - 26
_RESERVED_PREFIXES = ("xn--", "sthree-", "amzn-s3-demo-")
_RESERVED_SUFFIXES = ("-s3alias", "--ol-s3", ".mrap", "--x-s3", "--table-s3")


def _refuse_reserved_names(name: str) -> str:
    reserved = [word for word in _RESERVED_PREFIXES if name.startswith(word)]
    reserved += [word for word in _RESERVED_SUFFIXES if name.endswith(word)]
    if reserved:
        raise ValueError(
            f"S3 keeps names with `{reserved[0]}` for itself: choose another name "
            "(https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html)"
        )
    return name


BucketName = Annotated[
    str,
    Field(pattern=r"^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$"),
    AfterValidator(_refuse_reserved_names),
]
"""3 to 63 lower-case letters, digits and `-`, unique in the whole partition of AWS. S3 also allows
dots, but a name with dots breaks TLS with virtual-host addresses:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html"""


def no_dots_alone(folder: str) -> str:
    """For a validator: no part of the path is `.` or `..`."""
    if {".", ".."} & set(folder.split("/")):
        raise ValueError(
            "has a folder named `.` or `..`, which tools of S3 take for this folder or the one "
            "above: leave it out "
            "(https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html)"
        )
    return folder


Folder = Annotated[
    str, Field(pattern=r"^([A-Za-z0-9_.=-]+/)*$", max_length=256), AfterValidator(no_dots_alone)
]
"""A folder of a bucket, ending in `/`; empty: the bucket's root."""
