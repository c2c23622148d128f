"""Addresses are readable, and a collision is refused."""

from typing import Any

import pytest
from constructs import Construct

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.bindings import aws, cdktf
from tests.support.synth import addresses, new_stack, synth_stack


def bucket(scope: Construct, id_: str) -> object:
    return aws.s3_bucket.S3Bucket(scope, id_)


def test_an_address_is_the_ids_without_a_hash() -> None:
    stack = new_stack()
    bucket(Construct(Construct(stack, "tickets"), "landing"), "Resource")
    bucket(Construct(stack, "ticket-sales"), "raw")
    bucket(stack, "top")
    assert addresses(synth_stack(stack)) == [
        "aws_s3_bucket.ticket_sales_raw",
        "aws_s3_bucket.tickets_landing",
        "aws_s3_bucket.top",
    ]


def test_two_paths_that_render_alike_are_refused() -> None:
    stack = new_stack()
    bucket(Construct(stack, "a-b"), "c")
    bucket(Construct(stack, "a"), "b_c")
    with pytest.raises(RuntimeError) as caught:
        synth_stack(stack)
    assert "a_b_c, which another S3Bucket of this stack has already" in str(caught.value)
    assert "give one of the two constructs another id" in str(caught.value)


def test_resources_of_two_types_may_share_a_name() -> None:
    stack = new_stack()
    bucket(Construct(stack, "a"), "b_c")
    aws.kinesis_stream.KinesisStream(Construct(stack, "a-b"), "c", name="x")
    assert addresses(synth_stack(stack)) == ["aws_kinesis_stream.a_b_c", "aws_s3_bucket.a_b_c"]


def test_stacks_of_one_app_may_use_the_same_addresses() -> None:
    app = cdktf.Testing.app()
    stacks = [ReadableAddressStack(app, name) for name in ("one", "two")]
    for stack in stacks:
        aws.provider.AwsProvider(stack, "aws", region="eu-west-1")
        bucket(Construct(stack, "a-b"), "c")
    assert [addresses(synth_stack(stack)) for stack in stacks] == [["aws_s3_bucket.a_b_c"]] * 2


def test_a_stack_with_a_rule_of_its_own_keeps_it() -> None:
    class Shouting(ReadableAddressStack):
        def _allocate_logical_id(self, tf_element: Any) -> str:
            return str(super()._allocate_logical_id(tf_element)).upper()

    stack = Shouting(cdktf.Testing.app(), "app")
    aws.provider.AwsProvider(stack, "aws", region="eu-west-1")
    bucket(Construct(stack, "landing"), "Resource")
    assert addresses(synth_stack(stack)) == ["aws_s3_bucket.LANDING"]
