"""The bootstrap alone: a role is adopted, a cut-off one goes on, and it is destroyed in the end."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.account import REGION, Account, account

BOOTSTRAP_ONLY = f"""
region: {REGION}
emulated: true
state: {{bucket_name: adopting-terraform-state}}
account_roles: {{vpc_role: adopt, cloudwatch_logs_role: skip}}
pipelines: {{}}
"""

VPC_POLICY = "arn:aws:iam::aws:policy/service-role/AmazonDMSVPCManagementRole"


@pytest.fixture
def bootstrap_only(tmp_path: Path) -> Iterator[Account]:
    yield from account(tmp_path, BOOTSTRAP_ONLY)


@pytest.mark.deploy
def test_a_role_is_adopted_and_a_cut_off_bootstrap_goes_on(bootstrap_only: Account) -> None:
    account = bootstrap_only
    by_hand = {"Version": "2012-10-17", "Statement": []}
    iam = account.client("iam")
    # the stand-in is a role as the console makes it; here it is one as the blog post made it
    assert account.stand_ins[0] == "stand-ins there, for what the settings import:"
    iam.detach_role_policy(RoleName="dms-vpc-role", PolicyArn=VPC_POLICY)
    iam.delete_role(RoleName="dms-vpc-role")
    iam.create_role(
        RoleName="dms-vpc-role",
        AssumeRolePolicyDocument=json.dumps(by_hand),
        Description="made by hand, as the blog post did",
    )

    # a deployment that ended before the state was moved leaves it in a file
    stack = "trial-bootstrap"
    work = account.dms_stream.folder / "work"
    account.succeed("deploy", "--yes")
    local = work / f"terraform.{stack}.tfstate"
    assert not local.exists()
    local.write_bytes(account.state("adopting-terraform-state", stack))
    account.client("s3").delete_object(
        Bucket="adopting-terraform-state", Key=f"trial/{stack}.tfstate"
    )
    resumed = account.succeed("deploy", "--yes")
    assert "moving the state" in resumed
    assert resumed.count("No changes.") == 1, resumed
    assert not local.exists()
    addresses = [
        f"{found['type']}.{found['name']}"
        for found in json.loads(account.state("adopting-terraform-state", stack))["resources"]
    ]
    assert "aws_s3_bucket.state_bucket" in addresses
    assert "aws_iam_role.dms_cloudwatch_logs_role" not in addresses

    role = iam.get_role(RoleName="dms-vpc-role")["Role"]
    assert role["Description"] == "made by hand, as the blog post did"
    (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Principal"] == {"Service": "dms.amazonaws.com"}
    assert statement["Condition"]["StringEqualsIfExists"] == {"aws:SourceAccount": "123456789012"}
    attached = iam.list_attached_role_policies(RoleName="dms-vpc-role")["AttachedPolicies"]
    assert [policy["PolicyName"] for policy in attached] == ["AmazonDMSVPCManagementRole"]

    bucket = account.client("s3")
    assert bucket.get_bucket_versioning(Bucket="adopting-terraform-state")["Status"] == "Enabled"
    # protected: refused, and nothing is lost
    settings = str(account.settings)
    message = account.dms_stream.refuse("destroy", "--bootstrap", "--env", settings, "--yes")
    assert (
        "trial-bootstrap is protected: set state.deletion_protection and "
        "account_roles.deletion_protection to false, deploy, and destroy then"
    ) in message

    account.settings.write_text(
        BOOTSTRAP_ONLY.replace("-state}", "-state, deletion_protection: false}").replace(
            "skip}", "skip, deletion_protection: false}"
        )
    )
    account.succeed("deploy", "--yes")
    other = "trial/trial-orders.tfstate"
    bucket.put_object(
        Bucket="adopting-terraform-state", Key=other, Body=b'{"resources": [{"type": "x"}]}'
    )
    message = account.dms_stream.refuse("destroy", "--bootstrap", "--env", settings, "--yes")
    assert f"keeps the state of resources that exist: {other}: destroy those first" in message
    bucket.delete_object(Bucket="adopting-terraform-state", Key=other)
    account.succeed("destroy", "--bootstrap", "--yes")
    assert bucket.list_buckets()["Buckets"] == []
    left = [role["RoleName"] for role in iam.list_roles()["Roles"]]
    assert left == ["dms-cloudwatch-logs-role"], "the settings skip it: it is somebody else's"
    message = account.dms_stream.refuse("destroy", "--bootstrap", "--env", settings, "--yes")
    assert "trial-bootstrap is not deployed: there is nothing to destroy" in message
