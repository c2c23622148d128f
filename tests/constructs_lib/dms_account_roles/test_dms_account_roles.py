"""DmsAccountRoles: the two roles DMS looks for, made, adopted or left alone."""

import pytest

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.bindings import aws
from constructs_lib.dms_account_roles import DmsAccountRoles, DmsAccountRolesProps
from constructs_lib.errors import InvalidPropsError
from tests.support.synth import Json, addresses, policy, resource, synth

VPC_ROLE = "aws_iam_role.account_vpc_role"
LOGS_ROLE = "aws_iam_role.account_cloudwatch_logs_role"


def synth_roles(props: DmsAccountRolesProps | None = None) -> Json:
    return synth(lambda stack: DmsAccountRoles(stack, "account", props=props))


def test_both_are_created_by_the_names_dms_looks_for_and_kept() -> None:
    document = synth_roles()
    vpc, logs = resource(document, VPC_ROLE), resource(document, LOGS_ROLE)
    assert (vpc["name"], logs["name"]) == ("dms-vpc-role", "dms-cloudwatch-logs-role")
    for role in (vpc, logs):
        assert role["lifecycle"] == {"prevent_destroy": True}
    partition = "${data.aws_partition.current_partition.partition}"
    for id_, policy_name in (
        ("vpc_role", "AmazonDMSVPCManagementRole"),
        ("cloudwatch_logs_role", "AmazonDMSCloudWatchLogsRole"),
    ):
        attachment = resource(document, f"aws_iam_role_policy_attachment.account_{id_}_policy")
        assert attachment == {
            "role": f"${{aws_iam_role.account_{id_}.name}}",
            "policy_arn": f"arn:{partition}:iam::aws:policy/service-role/{policy_name}",
            "lifecycle": {"prevent_destroy": True},
        }
    assert "import" not in document


@pytest.mark.parametrize("address", [VPC_ROLE, LOGS_ROLE])
def test_only_dms_for_resources_of_this_account_may_assume_them(address: str) -> None:
    account = "${data.aws_caller_identity.current_identity.account_id}"
    partition = "${data.aws_partition.current_partition.partition}"
    assert policy(synth_roles(), address, "assume_role_policy") == [
        {
            "Effect": "Allow",
            "Principal": {"Service": "dms.amazonaws.com"},
            "Action": "sts:AssumeRole",
            "Condition": {
                "StringEquals": {"aws:SourceAccount": account},
                "ArnLike": {"aws:SourceArn": [f"arn:{partition}:dms:*:{account}:*"]},
            },
        }
    ]


def test_adopting_imports_the_role_corrects_its_trust_and_leaves_the_rest() -> None:
    document = synth_roles(DmsAccountRolesProps(vpc_role="adopt"))
    assert document["import"] == [{"to": VPC_ROLE, "id": "dms-vpc-role"}]
    role = resource(document, VPC_ROLE)
    assert role["lifecycle"] == {
        "prevent_destroy": True,
        "ignore_changes": ["description", "max_session_duration", "path", "permissions_boundary"],
    }
    assert policy(document, VPC_ROLE, "assume_role_policy")[0]["Condition"]
    assert "ignore_changes" not in resource(document, LOGS_ROLE)["lifecycle"]


def test_a_skipped_role_is_left_alone() -> None:
    document = synth_roles(DmsAccountRolesProps(cloudwatch_logs_role="skip"))
    roles = [found for found in addresses(document) if found.startswith("aws_iam_role.")]
    assert roles == [VPC_ROLE]


def test_protection_is_lifted_by_an_explicit_prop() -> None:
    document = synth_roles(DmsAccountRolesProps(deletion_protection=False))
    assert resource(document, VPC_ROLE)["lifecycle"] == {"prevent_destroy": False}


def test_consumers_depend_on_the_attachments_not_on_the_roles() -> None:
    def build(stack: ReadableAddressStack) -> None:
        props = DmsAccountRolesProps(cloudwatch_logs_role="skip")
        roles = DmsAccountRoles(stack, "account", props=props)
        aws.dms_replication_subnet_group.DmsReplicationSubnetGroup(
            stack,
            "group",
            replication_subnet_group_id="g",
            replication_subnet_group_description="g",
            subnet_ids=["subnet-1", "subnet-2"],
            depends_on=[*roles.dependencies],
        )

    group = resource(synth(build), "aws_dms_replication_subnet_group.group")
    assert group["depends_on"] == ["aws_iam_role_policy_attachment.account_vpc_role_policy"]


def test_an_unknown_handling_is_refused() -> None:
    with pytest.raises(InvalidPropsError) as caught:
        DmsAccountRolesProps(vpc_role="import")
    assert str(caught.value) == (
        "DmsAccountRolesProps: 1 mistake\n"
        "  - vpc_role: Input should be 'create', 'adopt' or 'skip'\n"
        "      given: 'import'"
    )
