"""Examples of the rule `cost-changed`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change

BY = "by list prices of us-east-1 of 2026-11-26"


def instance(class_: str, storage: int = 50, **more: object) -> dict[str, object]:
    return {
        "replication_instance_class": class_,
        "allocated_storage": storage,
        "multi_az": False,
        **more,
    }


def stream(mode: str, shards: int | None = None) -> dict[str, object]:
    return {"shard_count": shards, "stream_mode_details": [{"stream_mode": mode}]}


EXAMPLES = (
    example(
        "another class",
        change(
            "aws_dms_replication_instance",
            before=instance("dms.t3.medium"),
            after=instance("dms.r6i.large"),
        ),
        finds=(
            f"aws_dms_replication_instance.it costs 189.71 a month in place of 59.04 USD, {BY}: "
            "replication_instance_class: dms.t3.medium → dms.r6i.large"
        ),
        severity=Severity.NOTICE,
    ),
    example(
        "a standby",
        change(
            "aws_dms_replication_instance",
            before=instance("dms.t3.medium"),
            after=instance("dms.t3.medium", multi_az=True),
        ),
        finds=(
            f"aws_dms_replication_instance.it costs 118.08 a month in place of 59.04 USD, {BY}: "
            "multi_az: false → true"
        ),
    ),
    example(
        "a class without a price",
        change(
            "aws_dms_replication_instance",
            before=instance("dms.t3.medium"),
            after=instance("dms.z9.large"),
        ),
        finds=(
            f"aws_dms_replication_instance.it costs another amount, and {BY} it is not known "
            "which: replication_instance_class: dms.t3.medium → dms.z9.large"
        ),
    ),
    example(
        "shards",
        change(
            "aws_kinesis_stream",
            before=stream("PROVISIONED", 2),
            after=stream("PROVISIONED", 4),
        ),
        finds=(
            f"aws_kinesis_stream.it costs 43.80 a month in place of 21.90 USD, {BY}: "
            "shard_count: 2 → 4"
        ),
    ),
    example(
        "from shards to on demand",
        change(
            "aws_kinesis_stream",
            before=stream("PROVISIONED", 2),
            after=stream("ON_DEMAND"),
        ),
        finds=(
            "aws_kinesis_stream.it is paid for in another way: shard_count: 2 → nothing; "
            "stream_mode_details.0.stream_mode: PROVISIONED → ON_DEMAND"
        ),
    ),
    example(
        "on demand it is paid by volume",
        change(
            "aws_kinesis_stream",
            before=stream("ON_DEMAND", 0),
            after=stream("ON_DEMAND"),
        ),
    ),
    example(
        "more of serverless at least",
        change(
            "aws_dms_replication_config",
            before={"compute_config": [{"min_capacity_units": 1, "max_capacity_units": 8}]},
            after={"compute_config": [{"min_capacity_units": 4, "max_capacity_units": 8}]},
        ),
        finds=(
            f"aws_dms_replication_config.it costs 254.04 a month in place of 63.51 USD, {BY}: "
            "compute_config.0.min_capacity_units: 1 → 4"
        ),
    ),
    example(
        "more of serverless at most costs nothing by itself",
        change(
            "aws_dms_replication_config",
            before={"compute_config": [{"min_capacity_units": 1, "max_capacity_units": 8}]},
            after={"compute_config": [{"min_capacity_units": 1, "max_capacity_units": 16}]},
        ),
    ),
    example(
        "something else",
        change(
            "aws_dms_replication_instance",
            before=instance("dms.t3.medium", engine_version="3.5.4"),
            after=instance("dms.t3.medium", engine_version="3.6.1"),
        ),
    ),
)

test_examples = examples_of("cost-changed", EXAMPLES)
