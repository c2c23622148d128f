"""What is known of AWS's regions without asking AWS: their partition and their zones."""

# Availability zones, read on 2026-07-30; regions that are not listed are not judged.
# https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
_THREE_ZONES = (
    *("af-south-1", "ap-east-1", "ap-east-2", "ap-northeast-3", "ap-south-1", "ap-south-2"),
    *("ap-southeast-1", "ap-southeast-2", "ap-southeast-3", "ap-southeast-4", "ap-southeast-5"),
    *("ap-southeast-6", "ap-southeast-7", "ca-west-1", "cn-north-1", "cn-northwest-1"),
    *("eu-central-1", "eu-central-2", "eu-north-1", "eu-south-1", "eu-south-2", "eu-west-1"),
    *("eu-west-2", "eu-west-3", "il-central-1", "me-central-1", "me-south-1", "mx-central-1"),
    *("sa-east-1", "us-east-2", "us-gov-east-1", "us-gov-west-1"),
)
ZONES: dict[str, int] = {
    **dict.fromkeys(_THREE_ZONES, 3),
    "us-west-1": 2,
    "ap-northeast-1": 4,
    "ap-northeast-2": 4,
    "ca-central-1": 4,
    "us-west-2": 4,
    "us-east-1": 6,
}
"""The most availability zones that an account may see in a region."""

_PARTITIONS = (
    ("cn-", "aws-cn"),
    ("us-gov-", "aws-us-gov"),
    ("us-isob-", "aws-iso-b"),
    ("us-isof-", "aws-iso-f"),
    ("eu-isoe-", "aws-iso-e"),
    ("us-iso-", "aws-iso"),
    ("eusc-", "aws-eusc"),
)


def partition_of(region: str) -> str:
    """The partition of AWS that a region is in, which begins every ARN there.

    https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
    """
    return next((name for start, name in _PARTITIONS if region.startswith(start)), "aws")
