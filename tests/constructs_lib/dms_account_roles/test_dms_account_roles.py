"""DmsAccountRoles: the two roles DMS looks for, made, adopted or left alone."""

import pytest

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.bindings import aws
from constructs_lib.dms_account_roles import DmsAccountRoles, DmsAccountRolesProps
from constructs_lib.errors import InvalidPropsError
from constructs_lib.iam import ServiceRole, use_role_settings
from constructs_lib.role_settings import RoleSettings
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
                "StringEqualsIfExists": {"aws:SourceAccount": account},
                "ArnLikeIfExists": {"aws:SourceArn": [f"arn:{partition}:dms:*:{account}:*"]},
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
        "  - vpc_role: must be 'create', 'adopt' or 'skip'\n"
        "      given: 'import'"
    )


SERVERLESS_ROLE = "aws_iam_service_linked_role.account_serverless_role"


def test_the_role_of_dms_serverless_is_left_to_dms_made_or_adopted() -> None:
    assert SERVERLESS_ROLE not in addresses(synth_roles())
    made = synth_roles(DmsAccountRolesProps(serverless_role="create"))
    assert resource(made, SERVERLESS_ROLE) == {
        "aws_service_name": "dms.amazonaws.com",
        "lifecycle": {"prevent_destroy": True},
    }
    adopted = synth_roles(DmsAccountRolesProps(serverless_role="adopt"))
    account = "${data.aws_caller_identity.current_identity.account_id}"
    partition = "${data.aws_partition.current_partition.partition}"
    assert adopted["import"] == [
        {
            "to": SERVERLESS_ROLE,
            "id": f"arn:{partition}:iam::{account}:role/aws-service-role/dms.amazonaws.com/"
            "AWSServiceRoleForDMSServerless",
        }
    ]
    assert resource(adopted, SERVERLESS_ROLE)["lifecycle"]["ignore_changes"] == ["description"]


@pytest.mark.parametrize(
    ("props", "waits_for"),
    [
        (
            DmsAccountRolesProps(serverless_role="create"),
            ["vpc_role_policy", "cloudwatch_logs_role_policy", "serverless_role"],
        ),
        (
            DmsAccountRolesProps(vpc_role="skip"),
            ["cloudwatch_logs_role_policy"],
        ),
    ],
)
def test_what_dms_makes_waits_for_all_of_them(
    props: DmsAccountRolesProps, waits_for: list[str]
) -> None:
    def build(stack: ReadableAddressStack) -> None:
        roles = DmsAccountRoles(stack, "account", props=props)
        aws.sns_topic.SnsTopic(stack, "later", depends_on=list(roles.dependencies))

    waiting = resource(synth(build), "aws_sns_topic.later")["depends_on"]
    assert sorted(each.partition("account_")[2] for each in waiting) == sorted(waits_for)


def test_the_accounts_roles_stand_where_dms_looks_and_are_bounded_all_the_same() -> None:
    boundary = "arn:aws:iam::123456789012:policy/boundary"

    def build(stack: ReadableAddressStack) -> None:
        use_role_settings(stack, RoleSettings(path="/data/", permissions_boundary=boundary))
        DmsAccountRoles(stack, "account")
        ServiceRole(stack, "other", service="dms.amazonaws.com", description="d")

    document = synth(build)
    for address in (VPC_ROLE, LOGS_ROLE):
        role = resource(document, address)
        assert "path" not in role
        assert role["permissions_boundary"] == boundary
    assert resource(document, "aws_iam_role.other")["path"] == "/data/"
