"""LandingBucket: what reaches Terraform, and what is refused."""

import json
from datetime import timedelta

import pytest

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.customer_key import CustomerKeyEncryption
from constructs_lib.errors import InvalidPropsError
from constructs_lib.iam import ServiceRole
from constructs_lib.landing_bucket import (
    AccessLog,
    ImportedBucket,
    ImportedBucketProps,
    LandingBucket,
    LandingBucketProps,
    Transition,
)
from tests.support.synth import Json, addresses, only, policy, resource, synth

KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/0f0e0d0c-1111-2222-3333-444455556666"
BUCKET = "${aws_s3_bucket.landing.bucket}"
BUCKET_ARN = "${aws_s3_bucket.landing.arn}"


def synth_bucket(props: LandingBucketProps | None = None) -> Json:
    return synth(lambda stack: LandingBucket(stack, "landing", props=props))


def test_by_default_the_bucket_is_kept_under_a_unique_name() -> None:
    assert resource(synth_bucket(), "aws_s3_bucket.landing") == {
        "bucket_prefix": "app-landing-",
        "force_destroy": False,
        "lifecycle": {"prevent_destroy": True},
    }


def test_by_default_the_bucket_is_versioned_encrypted_and_private() -> None:
    document = synth_bucket()
    versioning = resource(document, "aws_s3_bucket_versioning.landing_versioning")
    assert versioning["versioning_configuration"] == {"status": "Enabled"}
    encryption = only(document, "aws_s3_bucket_server_side_encryption_configuration")
    assert encryption["rule"] == [
        {"apply_server_side_encryption_by_default": {"sse_algorithm": "AES256"}}
    ]
    block = only(document, "aws_s3_bucket_public_access_block")
    assert block == {
        "bucket": BUCKET,
        "block_public_acls": True,
        "block_public_policy": True,
        "ignore_public_acls": True,
        "restrict_public_buckets": True,
    }
    ownership = only(document, "aws_s3_bucket_ownership_controls")
    assert ownership["rule"] == {"object_ownership": "BucketOwnerEnforced"}


def test_the_policy_refuses_plain_and_old_tls_once_public_access_is_blocked() -> None:
    document = synth_bucket()
    statements = policy(document, "aws_s3_bucket_policy.landing_policy")
    assert [statement["Condition"] for statement in statements] == [
        {"Bool": {"aws:SecureTransport": "false"}},
        {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
    ]
    for statement in statements:
        assert (statement["Effect"], statement["Principal"]) == ("Deny", "*")
        assert statement["Resource"] == [BUCKET_ARN, f"{BUCKET_ARN}/*"]
    assert only(document, "aws_s3_bucket_policy")["depends_on"] == [
        "aws_s3_bucket_public_access_block.landing_public_access_block"
    ]


def test_by_default_only_old_versions_and_broken_uploads_expire() -> None:
    assert only(synth_bucket(), "aws_s3_bucket_lifecycle_configuration") == {
        "bucket": BUCKET,
        "rule": [
            {
                "id": "landing",
                "status": "Enabled",
                "filter": [{"prefix": ""}],
                "noncurrent_version_expiration": [{"noncurrent_days": 30}],
                "abort_incomplete_multipart_upload": [{"days_after_initiation": 7}],
            }
        ],
        "depends_on": ["aws_s3_bucket_versioning.landing_versioning"],
    }


def test_everything_set() -> None:
    props = LandingBucketProps(
        name="tickets-landing",
        encryption=CustomerKeyEncryption(kind="customer", key_arn=KEY_ARN),
        transitions=(
            Transition(after=timedelta(days=30), storage_class="STANDARD_IA"),
            Transition(after=timedelta(days=90), storage_class="GLACIER_IR"),
        ),
        expiration=timedelta(days=365),
        noncurrent_expiration=timedelta(days=5),
        abort_incomplete_uploads=timedelta(days=1),
        access_log=AccessLog(bucket_name="the-logs", prefix="s3/tickets/"),
        event_notifications=True,
        deletion_protection=False,
        force_destroy=True,
    )
    document = synth_bucket(props)
    assert resource(document, "aws_s3_bucket.landing") == {
        "bucket": "tickets-landing",
        "force_destroy": True,
        "lifecycle": {"prevent_destroy": False},
    }
    encryption = only(document, "aws_s3_bucket_server_side_encryption_configuration")
    assert encryption["rule"] == [
        {
            "apply_server_side_encryption_by_default": {
                "sse_algorithm": "aws:kms",
                "kms_master_key_id": KEY_ARN,
            },
            "bucket_key_enabled": True,
        }
    ]
    (rule,) = only(document, "aws_s3_bucket_lifecycle_configuration")["rule"]
    assert rule["transition"] == [
        {"days": 30, "storage_class": "STANDARD_IA"},
        {"days": 90, "storage_class": "GLACIER_IR"},
    ]
    assert rule["expiration"] == [{"days": 365}]
    assert rule["noncurrent_version_expiration"] == [{"noncurrent_days": 5}]
    assert rule["abort_incomplete_multipart_upload"] == [{"days_after_initiation": 1}]
    assert only(document, "aws_s3_bucket_logging") == {
        "bucket": BUCKET,
        "target_bucket": "the-logs",
        "target_prefix": "s3/tickets/",
    }
    assert only(document, "aws_s3_bucket_notification") == {"bucket": BUCKET, "eventbridge": True}


def test_without_any_rule_there_is_no_lifecycle() -> None:
    props = LandingBucketProps(noncurrent_expiration=None, abort_incomplete_uploads=None)
    assert not [a for a in addresses(synth_bucket(props)) if "lifecycle" in a]


TRANSITIONS = (
    "https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
    "lifecycle-transition-general-considerations.html"
)


@pytest.mark.parametrize(
    "transitions",
    [
        [("P0D", "INTELLIGENT_TIERING")],
        [("P0D", "GLACIER"), ("P1D", "DEEP_ARCHIVE")],
        [("P30D", "STANDARD_IA"), ("P60D", "ONEZONE_IA"), ("P90D", "GLACIER")],
        [("P30D", "STANDARD_IA"), ("P31D", "GLACIER_IR")],
    ],
)
def test_moves_that_s3_takes_are_taken(transitions: list[tuple[str, str]]) -> None:
    given = [{"after": after, "storage_class": class_} for after, class_ in transitions]
    props = LandingBucketProps(**{"transitions": given})
    assert [move.storage_class for move in props.transitions] == [name for _, name in transitions]


@pytest.mark.parametrize(
    ("given", "where", "message"),
    [
        (
            {"force_destroy": True},
            "force_destroy",
            "deletes the data with the bucket, which deletion_protection prevents: set "
            "`deletion_protection: false` as well, or leave force_destroy out",
        ),
        (
            {"transitions": [{"after": "P29D", "storage_class": "STANDARD_IA"}]},
            "transitions.0.storage_class",
            "S3 moves objects to STANDARD_IA after P30D at the earliest",
        ),
        (
            {"transitions": [{"after": "P0D", "storage_class": "ONEZONE_IA"}]},
            "transitions.0.storage_class",
            "S3 moves objects to ONEZONE_IA after P30D at the earliest: raise `after` or choose "
            f"another class ({TRANSITIONS})\n      given: 'ONEZONE_IA'",
        ),
        (
            {
                "transitions": [
                    {"after": "P30D", "storage_class": "STANDARD_IA"},
                    {"after": "P59D", "storage_class": "GLACIER"},
                ]
            },
            "transitions",
            "S3 moves objects on from STANDARD_IA to GLACIER after 30 more days at the earliest: "
            "let it be after P60D or later, or leave one of the two out "
            f"({TRANSITIONS})\n      given: ",
        ),
        (
            {
                "transitions": [
                    {"after": "P30D", "storage_class": "ONEZONE_IA"},
                    {"after": "P90D", "storage_class": "GLACIER_IR"},
                ]
            },
            "transitions",
            "S3 moves no objects from ONEZONE_IA to GLACIER_IR: leave one of the two out "
            f"({TRANSITIONS})\n      given: ",
        ),
        (
            {
                "transitions": [
                    {"after": "P60D", "storage_class": "GLACIER"},
                    {"after": "P90D", "storage_class": "GLACIER_IR"},
                ]
            },
            "transitions",
            "each transition must come later and go further down than the one before",
        ),
        (
            {
                "transitions": [
                    {"after": "P60D", "storage_class": "GLACIER_IR"},
                    {"after": "P60D", "storage_class": "GLACIER"},
                ]
            },
            "transitions",
            "each transition must come later and go further down than the one before",
        ),
        (
            {
                "transitions": [{"after": "P60D", "storage_class": "GLACIER"}],
                "expiration": "P60D",
            },
            "expiration",
            "objects would be deleted before they move after P60D",
        ),
        ({"expiration": "PT36H"}, "expiration", "must be a whole number of days, from 1 to 36500"),
        ({"noncurrent_expiration": 30}, "noncurrent_expiration", "a duration needs its unit"),
        ({"name": "Tickets"}, "name", "must match"),
        (
            {"access_log": {"bucket_name": "the-logs", "prefix": "s3"}},
            "access_log.prefix",
            "must match",
        ),
        ({"kind": "existing"}, "kind", "must be 'new'"),
    ],
)
def test_refusals_say_where_and_what_is_allowed(
    given: dict[str, object], where: str, message: str
) -> None:
    with pytest.raises(InvalidPropsError) as caught:
        LandingBucketProps(**given)
    assert f"- {where}: " in str(caught.value)
    assert message in str(caught.value)


def test_grants_of_an_owned_bucket_carry_its_key() -> None:
    def build(stack: ReadableAddressStack) -> None:
        props = LandingBucketProps(encryption=CustomerKeyEncryption(kind="customer"))
        bucket = LandingBucket(stack, "landing", props=props)
        writer = ServiceRole(stack, "writer", service="firehose.amazonaws.com", description="w")
        reader = ServiceRole(stack, "reader", service="glue.amazonaws.com", description="r")
        assert len(bucket.grant_write(writer, prefixes=["changes/", "errors/"]).policies) == 2
        assert len(bucket.grant_read(reader).policies) == 2

    document = synth(build)
    assert policy(document, "aws_iam_role_policy.writer_write_landing") == [
        {
            "Effect": "Allow",
            "Action": ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"],
            "Resource": [BUCKET_ARN],
        },
        {
            "Effect": "Allow",
            "Action": ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"],
            "Resource": [f"{BUCKET_ARN}/changes/*", f"{BUCKET_ARN}/errors/*"],
        },
    ]
    assert policy(document, "aws_iam_role_policy.reader_read_landing") == [
        {
            "Effect": "Allow",
            "Action": ["s3:GetBucketLocation", "s3:ListBucket"],
            "Resource": [BUCKET_ARN],
        },
        {"Effect": "Allow", "Action": ["s3:GetObject"], "Resource": [f"{BUCKET_ARN}/*"]},
    ]
    key_arn = "${aws_kms_key.landing_key.arn}"
    (use,) = policy(document, "aws_iam_role_policy.writer_use_landing_key")
    assert (use["Action"], use["Resource"]) == (["kms:Decrypt", "kms:GenerateDataKey"], [key_arn])
    (decrypt,) = policy(document, "aws_iam_role_policy.reader_decrypt_landing_key")
    assert (decrypt["Action"], decrypt["Resource"]) == (["kms:Decrypt"], [key_arn])


def test_an_imported_bucket_makes_nothing_and_grants_alike() -> None:
    def build(stack: ReadableAddressStack) -> None:
        bucket = LandingBucket.from_props(
            stack,
            "landing",
            props=ImportedBucketProps(kind="existing", bucket_name="theirs", key_arn=KEY_ARN),
        )
        role = ServiceRole(stack, "role", service="firehose.amazonaws.com", description="w")
        bucket.grant_write(role)
        assert bucket.bucket_name == "theirs"

    document = synth(build)
    assert not [a for a in addresses(document) if a.startswith(("aws_s3_", "aws_kms_"))]
    of_bucket, of_objects = policy(document, "aws_iam_role_policy.role_write_landing")
    arn = "arn:${data.aws_partition.current_partition.partition}:s3:::theirs"
    assert of_bucket["Resource"] == [arn]
    assert of_objects["Resource"] == [f"{arn}/*"]
    (use,) = policy(document, "aws_iam_role_policy.role_use_landing_key")
    assert use["Resource"] == [KEY_ARN]


def test_two_in_one_stack_do_not_collide() -> None:
    def build(stack: ReadableAddressStack) -> None:
        role = ServiceRole(stack, "role", service="firehose.amazonaws.com", description="w")
        for id_ in ("orders", "tickets"):
            LandingBucket(stack, id_).grant_write(role)

    document = synth(build)
    buckets = document["resource"]["aws_s3_bucket"]
    assert {bucket["bucket_prefix"] for bucket in buckets.values()} == {
        "app-orders-",
        "app-tickets-",
    }
    assert set(document["resource"]["aws_iam_role_policy"]) == {
        "role_write_orders",
        "role_write_tickets",
    }


def test_a_long_path_leaves_room_for_terraforms_ending() -> None:
    document = synth(lambda stack: LandingBucket(stack, "tickets-of-the-whole-wide-world-landing"))
    assert len(only(document, "aws_s3_bucket")["bucket_prefix"]) <= 37


def test_a_bucket_of_another_account_says_what_its_owner_has_to_allow() -> None:
    def build(stack: ReadableAddressStack) -> None:
        bucket = LandingBucket.from_props(
            stack,
            "landing",
            props=ImportedBucketProps(
                kind="existing", bucket_name="lake", owner_account_id="210987654321"
            ),
        )
        role = ServiceRole(stack, "role", service="firehose.amazonaws.com", description="f")
        bucket.grant_write(role, prefixes=["changes/"])
        assert isinstance(bucket, ImportedBucket)
        found.append(bucket.owners_bucket_policy)

    found: list[str | None] = []
    document = synth(build)
    _, objects = policy(document, "aws_iam_role_policy.role_write_landing")
    assert "s3:PutObjectAcl" in objects["Action"]
    on_bucket, on_objects = json.loads(found[0] or "")["Statement"]
    assert on_bucket["Resource"].endswith(":s3:::lake")
    assert "s3:ListBucketMultipartUploads" in on_bucket["Action"]
    (resource_,) = on_objects["Resource"]
    assert resource_.endswith(":s3:::lake/changes/*")
    assert "s3:PutObjectAcl" in on_objects["Action"]
    assert on_bucket["Principal"] == on_objects["Principal"]


def test_the_owner_of_a_bucket_of_this_account_has_nothing_to_do() -> None:
    def build(stack: ReadableAddressStack) -> None:
        bucket = LandingBucket.from_name(stack, "landing", bucket_name="lake")
        assert bucket.owners_bucket_policy is None

    synth(build)
