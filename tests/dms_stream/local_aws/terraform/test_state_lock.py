"""The S3 backend's lock file keeps a second writer out."""

import json
from pathlib import Path

import pytest

from dms_stream.local_aws import client
from tests.dms_stream.local_aws.terraform.conftest import STATE_BUCKET
from tests.support.terraform import Terraform

LOCK = "locking/terraform.tfstate.tflock"


@pytest.mark.deploy
def test_a_second_writer_is_refused_until_the_first_is_done(url: str, tmp_path: Path) -> None:
    terraform = Terraform(Path(__file__).parent / "locking", tmp_path / "work", url)
    terraform.succeed("init", "-input=false")
    s3 = client("s3", url)
    first_writer = {"ID": "first", "Operation": "OperationTypeApply", "Who": "somebody"}
    s3.put_object(Bucket=STATE_BUCKET, Key=LOCK, Body=json.dumps(first_writer))

    refused = terraform.run("apply", "-auto-approve", "-input=false", "-lock-timeout=0s")
    assert refused.returncode == 1
    assert "Error acquiring the state lock" in refused.stdout
    assert "somebody" in refused.stdout

    s3.delete_object(Bucket=STATE_BUCKET, Key=LOCK)
    terraform.succeed("apply", "-auto-approve", "-input=false")
    terraform.plans_nothing()
