"""ChangeStream: what reaches Terraform, and what is refused."""

from datetime import timedelta

import pytest

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.change_stream import (
    ChangeStream,
    ChangeStreamProps,
    ImportedStreamProps,
    ProvisionedCapacity,
)
from constructs_lib.customer_key import CustomerKeyEncryption
from constructs_lib.errors import InvalidPropsError
from constructs_lib.iam import ServiceRole
from tests.support.synth import Json, addresses, policy, resource, synth

STREAM_ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/orders"
KEY_ARN = "arn:aws:kms:eu-west-1:123456789012:key/0f0e0d0c-1111-2222-3333-444455556666"


def synth_stream(props: ChangeStreamProps | None = None) -> Json:
    return synth(lambda stack: ChangeStream(stack, "stream", props=props))


def test_defaults_are_on_demand_one_day_encrypted_and_kept() -> None:
    stream = resource(synth_stream(), "aws_kinesis_stream.stream")
    assert stream == {
        "name": "app-stream",
        "stream_mode_details": {"stream_mode": "ON_DEMAND"},
        "retention_period": 24,
        "encryption_type": "KMS",
        "kms_key_id": "alias/aws/kinesis",
        "lifecycle": {"prevent_destroy": True},
    }


def test_all_metrics_are_written_by_name() -> None:
    """Kinesis answers with the names, and a plan would differ from `ALL` every time."""
    props = ChangeStreamProps(shard_level_metrics=("ALL",))
    metrics = resource(synth_stream(props), "aws_kinesis_stream.stream")["shard_level_metrics"]
    assert len(metrics) == 7
    assert "ALL" not in metrics
    assert "IteratorAgeMilliseconds" in metrics


def test_everything_set() -> None:
    props = ChangeStreamProps(
        name="orders",
        capacity=ProvisionedCapacity(kind="provisioned", shard_count=4),
        retention=timedelta(days=7),
        encryption=CustomerKeyEncryption(kind="customer", key_arn=KEY_ARN),
        shard_level_metrics=("OutgoingBytes", "IncomingBytes"),
        deletion_protection=False,
    )
    stream = resource(synth_stream(props), "aws_kinesis_stream.stream")
    assert stream == {
        "name": "orders",
        "stream_mode_details": {"stream_mode": "PROVISIONED"},
        "shard_count": 4,
        "retention_period": 168,
        "encryption_type": "KMS",
        "kms_key_id": KEY_ARN,
        "shard_level_metrics": ["IncomingBytes", "OutgoingBytes"],
        "lifecycle": {"prevent_destroy": False},
    }


def test_a_new_customer_key_rotates_and_is_kept() -> None:
    document = synth_stream(ChangeStreamProps(encryption=CustomerKeyEncryption(kind="customer")))
    key = resource(document, "aws_kms_key.stream_key")
    assert key["enable_key_rotation"] is True
    assert key["lifecycle"] == {"prevent_destroy": True}
    stream = resource(document, "aws_kinesis_stream.stream")
    assert stream["kms_key_id"] == "${aws_kms_key.stream_key.arn}"


@pytest.mark.parametrize(
    ("given", "where", "message"),
    [
        (
            {"retention": "PT23H"},
            "retention",
            "must be a whole number of hours, from 24 to 8760",
        ),
        ({"retention": "PT8761H"}, "retention", "from 24 to 8760"),
        ({"retention": "PT24H30M"}, "retention", "whole number of hours"),
        ({"retention": 24}, "retention", "a duration needs its unit"),
        (
            {"capacity": {"kind": "provisioned"}},
            "capacity.shard_count",
            "is required",
        ),
        (
            {"capacity": {"kind": "on-demand", "shard_count": 2}},
            "capacity.shard_count",
            "unknown setting. Allowed: kind",
        ),
        ({"name": "with space"}, "name", "must match"),
        ({"retension": "PT24H"}, "retension", "did you mean retention?"),
    ],
)
def test_refusals_say_where_and_what_is_allowed(
    given: dict[str, object], where: str, message: str
) -> None:
    with pytest.raises(InvalidPropsError) as caught:
        ChangeStreamProps(**given)
    assert f"- {where}: " in str(caught.value)
    assert message in str(caught.value)


def test_grants_of_an_owned_stream_carry_its_key() -> None:
    def build(stack: ReadableAddressStack) -> None:
        props = ChangeStreamProps(encryption=CustomerKeyEncryption(kind="customer"))
        stream = ChangeStream(stack, "stream", props=props)
        reader = ServiceRole(stack, "reader", service="firehose.amazonaws.com", description="r")
        writer = ServiceRole(stack, "writer", service="dms.amazonaws.com", description="w")
        assert len(stream.grant_read(reader).policies) == 2
        assert len(stream.grant_write(writer).policies) == 2

    document = synth(build)
    stream_arn, key_arn = "${aws_kinesis_stream.stream.arn}", "${aws_kms_key.stream_key.arn}"
    assert policy(document, "aws_iam_role_policy.reader_read_stream") == [
        {
            "Effect": "Allow",
            "Action": [
                "kinesis:DescribeStream",
                "kinesis:GetRecords",
                "kinesis:GetShardIterator",
                "kinesis:ListShards",
            ],
            "Resource": [stream_arn],
        }
    ]
    assert policy(document, "aws_iam_role_policy.writer_write_stream") == [
        {
            "Effect": "Allow",
            "Action": ["kinesis:DescribeStream", "kinesis:PutRecord", "kinesis:PutRecords"],
            "Resource": [stream_arn],
        }
    ]
    assert policy(document, "aws_iam_role_policy.reader_decrypt_stream_key") == [
        {
            "Effect": "Allow",
            "Action": ["kms:Decrypt"],
            "Resource": [key_arn],
            "Condition": {
                "StringEquals": {
                    "kms:ViaService": "kinesis.${data.aws_region.current_region.name}.amazonaws.com"
                },
                "StringLike": {"kms:EncryptionContext:aws:kinesis:arn": [stream_arn]},
            },
        }
    ]
    # a producer never decrypts
    assert policy(document, "aws_iam_role_policy.writer_encrypt_stream_key") == [
        {"Effect": "Allow", "Action": ["kms:GenerateDataKey"], "Resource": [key_arn]}
    ]


def test_an_imported_stream_makes_nothing_and_grants_alike() -> None:
    def build(stack: ReadableAddressStack) -> None:
        stream = ChangeStream.from_props(
            stack,
            "stream",
            props=ImportedStreamProps(kind="existing", stream_arn=STREAM_ARN, key_arn=KEY_ARN),
        )
        role = ServiceRole(stack, "role", service="dms.amazonaws.com", description="w")
        stream.grant_write(role)

    document = synth(build)
    assert "aws_kinesis_stream" not in document["resource"]
    (write,) = policy(document, "aws_iam_role_policy.role_write_stream")
    assert write["Resource"] == [STREAM_ARN]
    (use,) = policy(document, "aws_iam_role_policy.role_encrypt_stream_key")
    assert use["Resource"] == [KEY_ARN]


def test_two_in_one_stack_do_not_collide() -> None:
    def build(stack: ReadableAddressStack) -> None:
        props = ChangeStreamProps(encryption=CustomerKeyEncryption(kind="customer"))
        role = ServiceRole(stack, "role", service="dms.amazonaws.com", description="w")
        for id_ in ("orders", "tickets"):
            ChangeStream(stack, id_, props=props).grant_write(role)

    document = synth(build)
    streams = document["resource"]["aws_kinesis_stream"]
    assert {stream["name"] for stream in streams.values()} == {"app-orders", "app-tickets"}
    assert [a for a in addresses(document) if a.startswith("aws_iam_role_policy.")] == [
        "aws_iam_role_policy.role_encrypt_orders_key",
        "aws_iam_role_policy.role_encrypt_tickets_key",
        "aws_iam_role_policy.role_write_orders",
        "aws_iam_role_policy.role_write_tickets",
    ]
