"""Examples of the rule `policy-wildcard`."""

import json
from typing import Any

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import POLICY, allow, policy
from tests.support.small_plans import change, update

_NOT_TLS_ONLY = policy(
    {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:b"}
)

FOREIGN = json.dumps(
    {
        "Statement": [
            {
                "Effect": "Allow",
                "Action": "sts:AssumeRole",
                "Principal": {"AWS": "arn:aws:iam::222222222222:root"},
            }
        ]
    }
)
_OWN = {"AWS": "arn:aws:iam::123456789012:root"}
_ROLE = change("aws_iam_role", None, {"name": "r", "assume_role_policy": FOREIGN}, name="r")


def _queue(account: str) -> dict[str, Any]:
    arn = f"arn:aws:sqs:eu-west-1:{account}:q"
    return change("aws_sqs_queue", {"arn": arn}, {"arn": arn, "tags": {"a": "b"}})


EXAMPLES = (
    example(
        "a whole service on everything",
        change(POLICY, None, {"policy": policy(allow("s3:*", "*"))}),
        finds=("policy of aws_iam_role_policy.it is open: s3:* on everything"),
    ),
    example(
        "anybody",
        update(
            "aws_s3_bucket_policy",
            "policy",
            _NOT_TLS_ONLY,
            policy(allow("s3:GetObject", Principal="*")),
        ),
        finds=("policy of aws_s3_bucket_policy.it is open: anybody may s3:GetObject"),
    ),
    example(
        "anybody under a condition",
        change(
            "aws_sns_topic_policy",
            None,
            {
                "policy": policy(
                    allow(
                        "sns:Publish",
                        Principal={"AWS": "*"},
                        Condition={"StringEquals": {"aws:SourceAccount": "123456789012"}},
                    )
                )
            },
        ),
    ),
    example("exact", change(POLICY, None, {"policy": policy(allow("s3:GetObject"))})),
    example(
        "another account",
        _queue("111111111111"),
        _ROLE,
        finds="r may be assumed by another account: arn:aws:iam::222222222222:root: sts:AssumeRole",
        severity=Severity.EXPOSURE,
    ),
    example(
        "an account, where nothing says which one is ours",
        _ROLE,
        finds="r may be assumed by an account by name: arn:aws:iam::222222222222:root: "
        "sts:AssumeRole",
        severity=Severity.UNKNOWN,
    ),
    example("our own account", _queue("222222222222"), _ROLE),
    example(
        "an account by its canonical id, which no plan tells",
        _queue("111111111111"),
        change(
            "aws_s3_bucket_policy",
            None,
            {"bucket": "b", "policy": policy(allow("s3:Get", Principal={"CanonicalUser": "79a"}))},
        ),
        finds="policy of b lets in an account by name: 79a: s3:Get on arn:b",
        severity=Severity.UNKNOWN,
    ),
    *(
        example(
            f"{action} in the policy of a resource, {type_}",
            _queue("123456789012"),
            change(type_, None, {"policy": policy(allow(action, "*", Principal=_OWN))}),
        )
        for type_, action in (
            ("aws_secretsmanager_secret_policy", "secretsmanager:*"),
            ("aws_backup_vault_policy", "backup:*"),
            ("aws_sqs_queue_policy", "sqs:*"),
            ("aws_kms_key", "kms:*"),
        )
    ),
    *(
        example(
            f"{action} in the policy of a whole account, {type_}",
            _queue("123456789012"),
            change(type_, None, {path: policy(allow(action, "*", Principal=_OWN))}),
            finds=f"{path} of {type_}.it is open: {action} on everything",
        )
        for type_, path, action in (
            ("aws_ecr_registry_policy", "policy", "ecr:*"),
            ("aws_glue_resource_policy", "policy", "glue:*"),
            ("aws_cloudwatch_log_resource_policy", "policy_document", "logs:*"),
        )
    ),
    example(
        "an organization's policy, which grants nothing",
        change("aws_organizations_policy", None, {"content": policy(allow("*", "*"))}),
    ),
    *(
        example(
            f"{action} on {on}",
            change(POLICY, None, {"policy": policy(allow(action, on))}),
            finds=f"policy of aws_iam_role_policy.it is open: {action} on "
            f"{'everything' if on == '*' else on}",
        )
        for action, on in (
            ("iam:AddUserToGroup", "*"),
            ("iam:AttachGroupPolicy", "*"),
            ("iam:AttachRolePolicy", "arn:aws:iam::*:role/*"),
            ("iam:AttachUserPolicy", "*"),
            ("iam:CreateAccessKey", "arn:aws:iam::*:user/*"),
            ("iam:CreateLoginProfile", "*"),
            ("iam:CreatePolicyVersion", "arn:aws:iam::*:policy/*"),
            ("iam:PutGroupPolicy", "arn:aws:iam::*:group/*"),
            ("iam:PutRolePolicy", "*"),
            ("iam:PutUserPolicy", "*"),
            ("iam:SetDefaultPolicyVersion", "*"),
            ("iam:UpdateAssumeRolePolicy", "*"),
            ("iam:UpdateLoginProfile", "*"),
        )
    ),
    example(
        "a key for one user",
        change(
            POLICY,
            None,
            {"policy": policy(allow("iam:CreateAccessKey", "arn:aws:iam::1:user/${aws:username}"))},
        ),
    ),
)

test_examples = examples_of("policy-wildcard", EXAMPLES)
