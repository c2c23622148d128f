"""Where resources keep policy documents, and which of them are of concern to whom."""

from collections.abc import Iterator

from dms_stream.review.plan import ResourceChange

TRUST = "assume_role_policy"

ATTRIBUTES: dict[str, tuple[str, ...]] = {
    "aws_ecr_repository_policy": ("policy",),
    "aws_glue_resource_policy": ("policy",),
    "aws_iam_group_policy": ("policy",),
    "aws_iam_policy": ("policy",),
    "aws_iam_role": (TRUST,),
    "aws_iam_role_policy": ("policy",),
    "aws_iam_user_policy": ("policy",),
    "aws_kinesis_resource_policy": ("policy",),
    "aws_kms_key": ("policy",),
    "aws_kms_key_policy": ("policy",),
    "aws_s3_bucket_policy": ("policy",),
    "aws_secretsmanager_secret": ("policy",),
    "aws_secretsmanager_secret_policy": ("policy",),
    "aws_sns_topic": ("policy",),
    "aws_sns_topic_policy": ("policy",),
    "aws_sqs_queue": ("policy",),
    "aws_sqs_queue_policy": ("policy",),
    "aws_vpc_endpoint": ("policy",),
}
"""Type, and the attributes that hold a policy document."""

TYPES = tuple(ATTRIBUTES)


def documents(change: ResourceChange) -> Iterator[str]:
    """Paths of the policy documents a resource may hold, inline policies of a role included."""
    yield from ATTRIBUTES.get(change.type, ())
    inline = change.old("inline_policy") or [], change.new("inline_policy") or []
    for number in range(max(map(len, inline))):
        yield f"inline_policy.{number}.policy"
