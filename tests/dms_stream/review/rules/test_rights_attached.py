"""Examples of the rule `rights-attached`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.support.small_plans import change, update

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
READ = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
DMS_LOGS = "arn:aws:iam::aws:policy/service-role/AmazonDMSCloudWatchLogsRole"
CLUSTER_ADMIN = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy"
UNKNOWN = "somebody who is known only after the apply"
ATTACHMENT = "aws_iam_role_policy_attachment"
ROLE = "aws_iam_role"


EXAMPLES = (
    example(
        "everything to a role that exists",
        change(ATTACHMENT, None, {"role": "dms", "policy_arn": ADMIN}),
        finds=f"{ADMIN} is attached to dms",
        severity=Severity.EXPOSURE,
    ),
    example(
        "everything to a new role",
        change(ROLE, None, {"name": "dms"}),
        change(ATTACHMENT, None, {"role": "dms", "policy_arn": ADMIN}),
        finds=f"{ADMIN} is attached to dms",
        severity=Severity.EXPOSURE,
    ),
    example(
        "a little to a role that exists",
        change(ATTACHMENT, None, {"role": "dms", "policy_arn": READ}),
        finds=f"{READ} is attached to dms",
        severity=Severity.EXPOSURE,
    ),
    example(
        "a little to a new role",
        change(ROLE, None, {"name": "dms"}),
        change(ATTACHMENT, None, {"role": "dms", "policy_arn": READ}),
        finds=f"{READ} is attached to dms",
        severity=Severity.NOTICE,
    ),
    example(
        "what a service needs, to a new role",
        change(ROLE, None, {"name": "dms"}),
        change(ATTACHMENT, None, {"role": "dms", "policy_arn": DMS_LOGS}),
    ),
    example(
        "another policy than before",
        change(
            ATTACHMENT,
            {"role": "dms", "policy_arn": READ},
            {"role": "dms", "policy_arn": ADMIN},
            replace=("policy_arn",),
        ),
        finds=f"{ADMIN} is attached to dms",
    ),
    example(
        "in the list of the role itself",
        update(ROLE, "managed_policy_arns", [READ], [READ, ADMIN], name="it"),
        finds=f"{ADMIN} is attached to aws_iam_role.it",
        severity=Severity.EXPOSURE,
    ),
    example(
        "one more user of a policy",
        change(
            "aws_iam_policy_attachment",
            {"users": ["a"], "policy_arn": READ},
            {"users": ["a", "b"], "policy_arn": READ},
        ),
        finds=f"{READ} is attached to b",
    ),
    example(
        "the boundary goes",
        update(ROLE, "permissions_boundary", "arn:aws:iam::1:policy/limit", None),
        finds="nothing limits what aws_iam_role.it can be allowed (permissions_boundary)",
        severity=Severity.EXPOSURE,
    ),
    example(
        "another boundary",
        update("aws_iam_user", "permissions_boundary", "arn:a", "arn:b"),
        finds="aws_iam_user.it gets another boundary: permissions_boundary: arn:a → arn:b",
    ),
    example("a boundary comes", update(ROLE, "permissions_boundary", None, "arn:b")),
    example(
        "a service control policy goes",
        change("aws_organizations_policy_attachment", {"policy_id": "p-1", "target_id": "ou-1"}),
        finds="the organization's policy p-1 no longer limits ou-1",
    ),
    example(
        "the boundary of a permission set goes",
        change("aws_ssoadmin_permissions_boundary_attachment", {"permission_set_arn": "arn:p"}),
        finds="the permissions boundary of a permission set is destroyed",
    ),
    *(
        example(
            f"everything to one whom nobody knows yet, by {type_}",
            change(type_, None, {path: broad}, unknown={holder: True}),
            finds=f"{broad} is attached to {UNKNOWN}",
            severity=Severity.EXPOSURE,
        )
        for type_, path, broad, holder in (
            (ATTACHMENT, "policy_arn", ADMIN, "role"),
            ("aws_iam_policy_attachment", "policy_arn", ADMIN, "roles"),
            ("aws_eks_access_policy_association", "policy_arn", CLUSTER_ADMIN, "principal_arn"),
            ("aws_iam_group_membership", "group", "admins", "users"),
            ("aws_ssoadmin_account_assignment", "permission_set_arn", "arn:s", "principal_id"),
        )
    ),
    example(
        "all of a table to one whom nobody knows yet",
        change(
            "aws_lakeformation_permissions",
            None,
            {"permissions": ["ALL"]},
            unknown={"principal": True},
        ),
        finds=f"ALL is attached to {UNKNOWN}",
        severity=Severity.EXPOSURE,
    ),
    example(
        "a little to one whom nobody knows yet",
        change(ATTACHMENT, None, {"policy_arn": READ}, unknown={"role": True}),
        finds=f"{READ} is attached to {UNKNOWN}",
        severity=Severity.NOTICE,
    ),
    example(
        "one more whom nobody knows yet",
        change(
            "aws_iam_policy_attachment",
            {"policy_arn": READ, "users": ["u"]},
            {"policy_arn": READ, "users": ["u", None]},
            unknown={"users": [False, True]},
        ),
    ),
    example(
        "a role that is replaced keeps what it had",
        change(
            ATTACHMENT,
            {"role": "dms", "policy_arn": ADMIN},
            {"policy_arn": ADMIN},
            replace=("role",),
            unknown={"role": True},
        ),
    ),
    *(
        example(
            f"{type_} only removes what it does not list",
            change(type_, None, {holder: "it", "policy_names": ["p"]}),
        )
        for type_, holder in (
            ("aws_iam_group_policies_exclusive", "group_name"),
            ("aws_iam_role_policies_exclusive", "role_name"),
            ("aws_iam_user_policies_exclusive", "user_name"),
        )
    ),
    example("detached", change(ATTACHMENT, {"role": "dms", "policy_arn": ADMIN})),
)

test_examples = examples_of("rights-attached", EXAMPLES)

# each kind of attachment, and nothing else
test_entries = entries_of(
    "rights-attached",
    [
        change("aws_iam_group_membership", None, {"group": "g", "users": ["u"]}),
        change("aws_iam_group_policy_attachment", None, {"group": "g", "policy_arn": READ}),
        change(
            "aws_iam_group_policy_attachments_exclusive",
            None,
            {"group_name": "g", "policy_arns": [READ]},
        ),
        change("aws_iam_policy_attachment", None, {"roles": ["r"], "policy_arn": READ}),
        change("aws_iam_policy_attachment", None, {"users": ["u"], "policy_arn": READ}),
        change("aws_iam_policy_attachment", None, {"groups": ["g"], "policy_arn": READ}),
        change("aws_iam_role_policy_attachment", None, {"role": "r", "policy_arn": READ}),
        change(
            "aws_iam_role_policy_attachments_exclusive",
            None,
            {"role_name": "r", "policy_arns": [READ]},
        ),
        change("aws_iam_user_group_membership", None, {"user": "u", "groups": ["g"]}),
        change("aws_iam_user_policy_attachment", None, {"user": "u", "policy_arn": READ}),
        change(
            "aws_iam_user_policy_attachments_exclusive",
            None,
            {"user_name": "u", "policy_arns": [READ]},
        ),
        change(
            "aws_ssoadmin_account_assignment",
            None,
            {"permission_set_arn": "a", "principal_id": "u"},
        ),
        change(
            "aws_ssoadmin_managed_policy_attachment",
            None,
            {"managed_policy_arn": READ, "permission_set_arn": "a"},
        ),
        change(
            "aws_ssoadmin_customer_managed_policy_attachment",
            None,
            {"customer_managed_policy_reference": [{"name": "p"}], "permission_set_arn": "a"},
        ),
        change(
            "aws_eks_access_policy_association", None, {"policy_arn": "p", "principal_arn": "r"}
        ),
        change("aws_lakeformation_permissions", None, {"permissions": ["ALL"], "principal": "r"}),
        change("aws_iam_instance_profile", None, {"role": "r", "name": "n"}),
        *(
            change(
                ATTACHMENT,
                None,
                {"role": "r", "policy_arn": f"arn:aws:iam::aws:policy/{name}"},
            )
            for name in (
                "AdministratorAccess",
                "PowerUserAccess",
                "IAMFullAccess",
                "AmazonEKSClusterAdminPolicy",
                "AmazonEKSAdminPolicy",
                "AmazonS3FullAccess",
                "AWSLambda_FullAccess",
            )
        ),
    ],
)
