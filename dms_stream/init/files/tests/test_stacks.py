"""What the stacks of every environment hold: synthesized, and read as Terraform's JSON."""

import json
from typing import Any

import pytest

from constructs_lib.bindings import cdktf
from dms_stream.settings.environment import environment_file, environment_names, load_environment
from stacks.app import build_app

Json = dict[str, Any]


def synthesize(environment: str) -> dict[str, Json]:
    """The Terraform JSON of each pipeline's stack, by the pipeline's name."""
    settings = load_environment(environment_file(environment))
    app = build_app(environment, settings, app=cdktf.Testing.app())
    stacks: Any = {
        name: app.node.find_child(f"{environment}-{name}") for name in settings.pipelines
    }
    return {name: json.loads(cdktf.Testing.synth(stack)) for name, stack in stacks.items()}


@pytest.fixture(params=environment_names())
def pipelines(request: pytest.FixtureRequest) -> dict[str, Json]:
    return synthesize(request.param)


def test_every_pipeline_is_whole(pipelines: dict[str, Json]) -> None:
    assert pipelines
    for name, stack in pipelines.items():
        found = stack["resource"]
        assert list(found["aws_kinesis_stream"]) == [f"{name}_stream"]
        assert list(found["aws_kinesis_firehose_delivery_stream"]) == [f"{name}_delivery"]
        assert f"{name}_landing" in found["aws_s3_bucket"]


def test_streams_are_encrypted(pipelines: dict[str, Json]) -> None:
    for stack in pipelines.values():
        for stream in stack["resource"]["aws_kinesis_stream"].values():
            assert stream["encryption_type"] == "KMS"


def test_buckets_are_closed_to_the_public(pipelines: dict[str, Json]) -> None:
    for stack in pipelines.values():
        blocks = stack["resource"]["aws_s3_bucket_public_access_block"].values()
        assert len(blocks) == len(stack["resource"]["aws_s3_bucket"])
        for block in blocks:
            assert block["block_public_acls"]
            assert block["block_public_policy"]
            assert block["ignore_public_acls"]
            assert block["restrict_public_buckets"]


def test_what_holds_data_refuses_to_be_destroyed() -> None:
    resources = synthesize("seed")["tickets"]["resource"]
    for address in (
        "aws_rds_cluster.tickets_source",
        "aws_kinesis_stream.tickets_stream",
        "aws_s3_bucket.tickets_landing",
    ):
        type_, _, name = address.partition(".")
        assert resources[type_][name]["lifecycle"]["prevent_destroy"], address
