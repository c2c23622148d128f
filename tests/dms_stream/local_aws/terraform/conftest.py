"""An embedded AWS as its own process, with a bucket for states."""

from collections.abc import Iterator

import pytest

from dms_stream import local_aws

STATE_BUCKET = "local-aws-state"


@pytest.fixture(scope="package")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where the embedded AWS answers."""
    folder = tmp_path_factory.mktemp("embedded-aws")
    try:
        endpoint = local_aws.start(folder)
        local_aws.client("s3", endpoint.url).create_bucket(
            Bucket=STATE_BUCKET,
            CreateBucketConfiguration={"LocationConstraint": local_aws.REGION},
        )
        local_aws.seed_snapshot(endpoint.url)
        yield endpoint.url
    finally:
        local_aws.stop(folder)
