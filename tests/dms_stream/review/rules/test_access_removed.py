"""Examples of the rule `access-removed`."""

from typing import Any

from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.dms_stream.review.rules.shapes import allow, policy
from tests.support.small_plans import change, update

_OWNER = allow("kms:*", "*", Principal={"AWS": "arn:aws:iam::123456789012:root"})
_SERVERLESS = allow(
    "kms:Decrypt",
    "*",
    Principal={"AWS": "*"},
    Condition={"StringEquals": {"kms:ViaService": "dms.eu-west-1.amazonaws.com"}},
)
_DENIAL = {"Effect": "Deny", "Action": "x:Read", "Resource": "*", "Principal": "*"}


def _publish(service: str) -> dict[str, Any]:
    return allow("sns:Publish", "arn:t", Principal={"Service": f"{service}.amazonaws.com"})


EXAMPLES = (
    example(
        "an action goes",
        update(
            "aws_iam_role_policy",
            "policy",
            '{"Statement": {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], '
            '"Resource": "arn:b"}}',
            '{"Statement": {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "arn:b"}}',
        ),
        finds="policy of aws_iam_role_policy.it no longer allows s3:PutObject on arn:b",
    ),
    example(
        "a managed policy is detached",
        change("aws_iam_role_policy_attachment", {"role": "r", "policy_arn": "arn:p"}),
        finds="arn:p is detached from r",
    ),
    example(
        "a key no longer lets DMS Serverless in",
        update("aws_kms_key", "policy", policy(_OWNER, _SERVERLESS), policy(_OWNER)),
        finds="policy of aws_kms_key.it no longer allows anybody: kms:Decrypt on everything under "
        "conditions",
    ),
    example(
        "a topic no longer lets DMS publish",
        update(
            "aws_sns_topic_policy",
            "policy",
            policy(_publish("cloudwatch"), _publish("dms")),
            policy(_publish("cloudwatch")),
        ),
        finds="policy of aws_sns_topic_policy.it no longer allows dms.amazonaws.com: sns:Publish "
        "on arn:t",
    ),
    example(
        "a grant of fewer operations",
        change(
            "aws_kms_grant",
            {"key_id": "k", "grantee_principal": "a", "operations": ["Decrypt", "Encrypt"]},
            {"key_id": "k", "grantee_principal": "a", "operations": ["Encrypt"]},
            replace=("operations",),
        ),
        finds="taken back: Decrypt; left: a may use the key k: Encrypt",
    ),
    *(
        example(
            f"the first policy of {type_} denies",
            change(type_, None, {**owner, path: policy(_DENIAL)}),
            finds=f"{path} of {owner.get('name', f'{type_}.it')} now denies anybody: x:Read on "
            "everything",
        )
        for type_, owner, path in (
            ("aws_codeartifact_domain_permissions_policy", {"domain": "d"}, "policy_document"),
            ("aws_ecr_registry_policy", {}, "policy"),
            ("aws_glacier_vault_lock", {"vault_name": "v"}, "policy"),
            ("aws_glue_resource_policy", {}, "policy"),
            ("aws_s3_access_point", {"name": "a", "bucket": "b"}, "policy"),
            ("aws_s3control_access_point_policy", {"access_point_arn": "arn:a"}, "policy"),
            ("aws_schemas_registry_policy", {"registry_name": "r"}, "policy"),
            ("aws_ses_identity_policy", {"identity": "i", "name": "n"}, "policy"),
            (
                "aws_ssoadmin_permission_set_inline_policy",
                {"permission_set_arn": "arn:s"},
                "inline_policy",
            ),
            ("aws_vpclattice_auth_policy", {"resource_identifier": "r"}, "policy"),
        )
    ),
    *(
        example(
            f"a {thing} that is new denies",
            change(thing, None, values),
            change(type_, None, {owner: values[attribute], path: policy(_DENIAL)}),
        )
        for thing, attribute, values, type_, owner, path in (
            (
                "aws_codeartifact_domain",
                "domain",
                {"domain": "d"},
                "aws_codeartifact_domain_permissions_policy",
                "domain",
                "policy_document",
            ),
            (
                "aws_opensearch_domain",
                "domain_name",
                {"domain_name": "d"},
                "aws_opensearch_domain_policy",
                "domain_name",
                "access_policies",
            ),
            (
                "aws_sesv2_email_identity",
                "email_identity",
                {"email_identity": "i"},
                "aws_sesv2_email_identity_policy",
                "email_identity",
                "policy",
            ),
        )
    ),
    example(
        "something that is new and denies by itself",
        change("aws_s3_bucket", None, {"bucket": "b", "policy": policy(_DENIAL)}),
        change(
            "aws_opensearch_domain", None, {"domain_name": "d", "access_policies": policy(_DENIAL)}
        ),
    ),
    example("a role that is made", change("aws_iam_role", None, {"name": "r"})),
)

test_examples = examples_of("access-removed", EXAMPLES)


test_entries = entries_of(
    "access-removed",
    [
        change("aws_iam_role", {"name": "r"}),
        update("aws_iam_role", "managed_policy_arns", ["arn:p"], []),
        *(
            change(type_, {right: value, holder: "h"})
            for type_, right, value, holder in (
                ("aws_iam_group_membership", "group", "g", "users"),
                ("aws_iam_group_policy_attachment", "policy_arn", "p", "group"),
                ("aws_iam_policy_attachment", "policy_arn", "p", "roles"),
                ("aws_iam_policy_attachment", "policy_arn", "p", "users"),
                ("aws_iam_policy_attachment", "policy_arn", "p", "groups"),
                ("aws_iam_role_policy_attachment", "policy_arn", "p", "role"),
                ("aws_iam_user_group_membership", "groups", "g", "user"),
                ("aws_iam_user_policy_attachment", "policy_arn", "p", "user"),
                ("aws_ssoadmin_account_assignment", "permission_set_arn", "p", "principal_id"),
                (
                    "aws_ssoadmin_managed_policy_attachment",
                    "managed_policy_arn",
                    "p",
                    "permission_set_arn",
                ),
                ("aws_eks_access_policy_association", "policy_arn", "p", "principal_arn"),
                ("aws_lakeformation_permissions", "permissions", "p", "principal"),
                ("aws_iam_instance_profile", "role", "r", "name"),
                ("aws_organizations_policy_attachment", "policy_id", "p", "target_id"),
            )
        ),
        *(
            update(type_, path, ["a", "b"], ["a"])
            for type_, path in (
                ("aws_iam_group_membership", "users"),
                ("aws_iam_policy_attachment", "roles"),
                ("aws_iam_policy_attachment", "users"),
                ("aws_iam_policy_attachment", "groups"),
                ("aws_iam_user_group_membership", "groups"),
                ("aws_iam_role_policy_attachments_exclusive", "policy_arns"),
                ("aws_iam_role_policies_exclusive", "policy_names"),
                ("aws_iam_user_policy_attachments_exclusive", "policy_arns"),
                ("aws_iam_user_policies_exclusive", "policy_names"),
                ("aws_iam_group_policy_attachments_exclusive", "policy_arns"),
                ("aws_iam_group_policies_exclusive", "policy_names"),
                ("aws_lakeformation_permissions", "permissions"),
            )
        ),
        *(
            change(type_, None, {holder: "h", path: []})
            for type_, holder, path in (
                ("aws_iam_role_policy_attachments_exclusive", "role_name", "policy_arns"),
                ("aws_iam_role_policies_exclusive", "role_name", "policy_names"),
                ("aws_iam_user_policy_attachments_exclusive", "user_name", "policy_arns"),
                ("aws_iam_user_policies_exclusive", "user_name", "policy_names"),
                ("aws_iam_group_policy_attachments_exclusive", "group_name", "policy_arns"),
                ("aws_iam_group_policies_exclusive", "group_name", "policy_names"),
            )
        ),
    ],
)
