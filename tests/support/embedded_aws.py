"""An embedded AWS to plan against."""

import json
from collections.abc import Iterator

import pytest

from dms_stream import local_aws


@pytest.fixture(scope="session")
def aws_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Where an embedded AWS answers that is empty but for DMS's roles, made by hand once."""
    folder = tmp_path_factory.mktemp("embedded-aws")
    url = local_aws.start(folder).url
    try:
        iam = local_aws.client("iam", url)
        trust = {
            "Version": "2012-10-17",
            "Statement": [
                {
                    "Effect": "Allow",
                    "Principal": {"Service": "dms.amazonaws.com"},
                    "Action": "sts:AssumeRole",
                }
            ],
        }
        for name in ("dms-vpc-role", "dms-cloudwatch-logs-role"):
            iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
        yield url
    finally:
        local_aws.stop(folder)
