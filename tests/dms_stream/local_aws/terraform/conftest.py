"""An embedded AWS as its own process, with a bucket for states."""

from collections.abc import Iterator
from typing import Any

import boto3
import pytest

from dms_stream import local_aws

STATE_BUCKET = "local-aws-state"


def client(service: str, url: str) -> Any:
    """A boto3 client on an embedded AWS."""
    session = boto3.Session(
        aws_access_key_id="local-aws",
        aws_secret_access_key="local-aws",
        region_name=local_aws.REGION,
    )
    return session.client(service, endpoint_url=url)  # type: ignore[call-overload]


@pytest.fixture(scope="package")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the embedded AWS answers."""
    folder = tmp_path_factory.mktemp("embedded-aws")
    try:
        endpoint = local_aws.start(folder)
        client("s3", endpoint.url).create_bucket(
            Bucket=STATE_BUCKET,
            CreateBucketConfiguration={"LocationConstraint": local_aws.REGION},
        )
        local_aws.seed_snapshot(endpoint.url)
        yield endpoint.url
    finally:
        local_aws.stop(folder)
