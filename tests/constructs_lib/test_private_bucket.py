"""PrivateBucket: nobody outside the account, nothing without TLS."""

import pytest
from pydantic import TypeAdapter, ValidationError

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.bucket_name import BucketName
from constructs_lib.customer_key import CustomerKey
from constructs_lib.private_bucket import PrivateBucket
from tests.support.synth import policy, resource, synth

KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/0f0e0d0c-1111-2222-3333-444455556666"


def test_defaults_are_private_versioned_encrypted_and_kept() -> None:
    document = synth(lambda stack: PrivateBucket(stack, "landing"))
    assert resource(document, "aws_s3_bucket.landing") == {
        "bucket_prefix": "app-landing-",
        "force_destroy": False,
        "lifecycle": {"prevent_destroy": True},
    }
    bucket = {"bucket": "${aws_s3_bucket.landing.bucket}"}
    block = resource(document, "aws_s3_bucket_public_access_block.landing_public_access_block")
    assert block == bucket | {
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
    }
    ownership = resource(document, "aws_s3_bucket_ownership_controls.landing_ownership")
    assert ownership == bucket | {"rule": {"object_ownership": "BucketOwnerEnforced"}}
    versioning = resource(document, "aws_s3_bucket_versioning.landing_versioning")
    assert versioning == bucket | {"versioning_configuration": {"status": "Enabled"}}
    (rule,) = resource(
        document, "aws_s3_bucket_server_side_encryption_configuration.landing_encryption"
    )["rule"]
    assert rule == {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}


def test_requests_without_tls_12_are_denied_and_further_statements_follow() -> None:
    extra = {"Sid": "Extra", "Effect": "Deny", "Principal": "*", "Action": "s3:PutObject"}
    document = synth(lambda stack: PrivateBucket(stack, "landing", statements=[extra]))
    address = "aws_s3_bucket_policy.landing_policy"
    arn = "${aws_s3_bucket.landing.arn}"
    denied = {
        "TlsOnly": {"Bool": {"aws:SecureTransport": "false"}},
        "TlsFrom12": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    }
    assert policy(document, address) == [
        *(
            {
                "Sid": sid,
                "Effect": "Deny",
                "Principal": "*",
                "Action": "s3:*",
                "Resource": [arn, f"{arn}/*"],
                "Condition": condition,
            }
            for sid, condition in denied.items()
        ),
        extra,
    ]
    # a policy change while public access is being blocked is a conflict
    assert resource(document, address)["depends_on"] == [
        "aws_s3_bucket_public_access_block.landing_public_access_block"
    ]


def test_everything_set() -> None:
    def build(stack: ReadableAddressStack) -> None:
        PrivateBucket(
            stack,
            "landing",
            name="acme-landing",
            key=CustomerKey.from_arn(stack, "key", key_arn=KEY_ARN),
            versioned=False,
            deletion_protection=False,
            force_destroy=True,
        )

    document = synth(build)
    assert resource(document, "aws_s3_bucket.landing") == {
        "bucket": "acme-landing",
        "force_destroy": True,
        "lifecycle": {"prevent_destroy": False},
    }
    (rule,) = resource(
        document, "aws_s3_bucket_server_side_encryption_configuration.landing_encryption"
    )["rule"]
    assert rule == {
        "apply_server_side_encryption_by_default": {
            "sse_algorithm": "aws:kms",
            "kms_master_key_id": KEY_ARN,
        },
        "bucket_key_enabled": True,
    }
    versioning = resource(document, "aws_s3_bucket_versioning.landing_versioning")
    assert versioning["versioning_configuration"] == {"status": "Suspended"}


def test_two_in_one_stack_and_a_long_path_stay_within_the_prefix() -> None:
    def build(stack: ReadableAddressStack) -> None:
        for id_ in ("a-path-that-is-much-too-long-for-a-bucket", "b-path"):
            PrivateBucket(stack, id_)

    buckets = synth(build)["resource"]["aws_s3_bucket"].values()
    prefixes = {bucket["bucket_prefix"] for bucket in buckets}
    assert len(prefixes) == 2
    assert max(map(len, prefixes)) <= 37


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("ab", "should match pattern"),
        ("a" * 64, "should match pattern"),
        ("Upper-case", "should match pattern"),
        ("with.dots", "should match pattern"),
        ("ends-with-", "should match pattern"),
        ("xn--bucket", "S3 keeps names with `xn--` for itself"),
        ("bucket-s3alias", "S3 keeps names with `-s3alias` for itself"),
    ],
)
def test_names_that_s3_refuses(name: str, message: str) -> None:
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(BucketName).validate_python(name)
    assert message in str(caught.value)


@pytest.mark.parametrize("name", ["abc", "a" * 63, "1-bucket-2"])
def test_names_that_s3_takes(name: str) -> None:
    assert TypeAdapter(BucketName).validate_python(name) == name
