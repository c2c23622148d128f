"""Examples of the rules about exposure."""

import json
from typing import Any

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import Example, example
from tests.support.small_plans import change, update

CANARY = "canary-never-to-be-shown"
ROLE, POLICY = "aws_iam_role", "aws_iam_role_policy"
STREAM, ENDPOINT = "aws_kinesis_stream", "aws_dms_endpoint"
INGRESS = "aws_vpc_security_group_ingress_rule"
BLOCK = "aws_s3_bucket_public_access_block"
SSE = "aws_s3_bucket_server_side_encryption_configuration"


def policy(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: Any, resource: Any = "arn:b", **others: Any) -> dict[str, Any]:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **others}


def trust(**condition: Any) -> str:
    """A trust policy for Firehose."""
    statement = {
        "Effect": "Allow",
        "Principal": {"Service": "firehose.amazonaws.com"},
        "Action": "sts:AssumeRole",
    }
    return policy(statement | ({"Condition": condition} if condition else {}))


_GUARDED = trust(StringEquals={"aws:SourceAccount": "123456789012"})
_TLS_ONLY = policy(
    {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": "arn:b",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    },
    {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:b"},
)
_NOT_TLS_ONLY = policy(
    {"Effect": "Deny", "Principal": "*", "Action": "s3:DeleteObject", "Resource": "arn:b"}
)


EXAMPLES: dict[str, tuple[Example, ...]] = {
    "policy-widened": (
        example(
            "one more action",
            update(
                POLICY,
                "policy",
                policy(allow("s3:GetObject")),
                policy(allow(["s3:GetObject", "s3:DeleteObject"])),
            ),
            finds="policy of aws_iam_role_policy.it now allows s3:DeleteObject on arn:b",
            severity=Severity.EXPOSURE,
        ),
        example(
            "a wider resource",
            update(
                POLICY,
                "policy",
                policy(allow("s3:GetObject", "arn:b/changes/*")),
                policy(allow("s3:GetObject", "arn:b/*")),
            ),
            finds="policy of aws_iam_role_policy.it now allows s3:GetObject on arn:b/*",
        ),
        example(
            "without its condition",
            update(
                POLICY,
                "policy",
                policy(allow("s3:GetObject", Condition={"Bool": {"aws:SecureTransport": "true"}})),
                policy(allow("s3:GetObject")),
            ),
            finds="policy of aws_iam_role_policy.it now allows s3:GetObject on arn:b",
        ),
        example(
            "another principal",
            update(
                "aws_sns_topic_policy",
                "policy",
                policy(allow("sns:Publish", Principal={"Service": "dms.amazonaws.com"})),
                policy(
                    allow("sns:Publish", Principal={"Service": "dms.amazonaws.com"}),
                    allow("sns:Publish", Principal={"AWS": "arn:aws:iam::210987654321:root"}),
                ),
            ),
            finds="policy of aws_sns_topic_policy.it now allows arn:aws:iam::210987654321:root: "
            "sns:Publish on arn:b",
        ),
        example(
            "a denial goes",
            update("aws_s3_bucket_policy", "policy", _TLS_ONLY, _NOT_TLS_ONLY),
            finds="policy of aws_s3_bucket_policy.it no longer denies *: s3:* on arn:b under "
            "conditions",
        ),
        example(
            "what cannot be weighed",
            update(
                POLICY,
                "policy",
                policy({"Effect": "Allow", "NotAction": "iam:*", "Resource": "arn:b"}),
                policy({"Effect": "Allow", "NotAction": "iam:Pass*", "Resource": "arn:b"}),
            ),
            finds=(
                "policy of aws_iam_role_policy.it now allows (all but iam:Pass*) on arn:b",
                "policy of aws_iam_role_policy.it changes, and this review cannot weigh it "
                "(NotAction, NotResource, NotPrincipal, or no policy document)",
            ),
        ),
        example(
            "sensitive, so nobody can be told",
            update(
                POLICY,
                "policy",
                policy(allow("s3:GetObject")),
                policy(allow("s3:*")),
                sensitive={"policy": True},
            ),
            finds="policy of aws_iam_role_policy.it changes, and is marked as sensitive: nobody "
            "can be told how",
            severity=Severity.UNKNOWN,
        ),
        example(
            "narrower",
            update(
                POLICY,
                "policy",
                policy(allow("s3:*", "*")),
                policy(allow(["s3:GetObject", "s3:PutObject"], "arn:b/*")),
            ),
        ),
        example(
            "in another order",
            update(
                POLICY,
                "policy",
                policy(allow(["s3:GetObject", "s3:PutObject"]), allow("s3:ListBucket")),
                policy(allow(["s3:ListBucket"]), allow(["s3:PutObject", "s3:GetObject"])),
            ),
        ),
    ),
    "policy-wildcard": (
        example(
            "a whole service on everything",
            change(POLICY, None, {"policy": policy(allow("s3:*", "*"))}),
            finds="policy of aws_iam_role_policy.it allows s3:* on everything",
        ),
        example(
            "anybody",
            update(
                "aws_s3_bucket_policy",
                "policy",
                _NOT_TLS_ONLY,
                policy(allow("s3:GetObject", Principal="*")),
            ),
            finds="policy of aws_s3_bucket_policy.it allows anybody may s3:GetObject",
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
    ),
    "trust-without-conditions": (
        example(
            "a role that is made",
            change(ROLE, None, {"name": "r", "assume_role_policy": trust()}),
            finds="firehose.amazonaws.com may assume r for any account",
        ),
        example(
            "the condition goes",
            update(ROLE, "assume_role_policy", _GUARDED, trust()),
            finds="firehose.amazonaws.com may assume aws_iam_role.it for any account",
        ),
        example("with one", change(ROLE, None, {"name": "r", "assume_role_policy": _GUARDED})),
        example(
            "a service that acts for nobody else",
            change(
                ROLE,
                None,
                {"assume_role_policy": trust().replace("firehose", "monitoring.rds")},
            ),
        ),
    ),
    "security-group-opened": (
        example(
            "to the whole internet",
            change(
                INGRESS,
                None,
                {
                    "cidr_ipv4": "0.0.0.0/0",
                    "ip_protocol": "tcp",
                    "from_port": 3306,
                    "to_port": 3306,
                },
            ),
            finds="aws_vpc_security_group_ingress_rule.it lets in 0.0.0.0/0 (the whole internet) "
            "on port 3306 (tcp)",
            severity=Severity.EXPOSURE,
        ),
        example(
            "to a private network",
            change(
                INGRESS,
                None,
                {"cidr_ipv4": "10.1.0.0/16", "ip_protocol": "tcp", "from_port": 1, "to_port": 9},
            ),
            finds="aws_vpc_security_group_ingress_rule.it lets in 10.1.0.0/16 on port 1-9 (tcp)",
            severity=Severity.NOTICE,
        ),
        example(
            "a rule inside of a group",
            update(
                "aws_security_group",
                "ingress",
                [{"cidr_blocks": ["10.0.0.0/8"], "protocol": "tcp", "from_port": 1, "to_port": 1}],
                [{"cidr_blocks": ["8.8.8.0/24"], "protocol": "-1", "from_port": 0, "to_port": 0}],
            ),
            finds="aws_security_group.it lets in 8.8.8.0/24 on every port (-1)",
            severity=Severity.EXPOSURE,
        ),
        example(
            "narrower",
            update(
                "aws_security_group",
                "ingress",
                [{"cidr_blocks": ["0.0.0.0/0"], "protocol": "-1", "from_port": 0, "to_port": 0}],
                [{"cidr_blocks": ["8.8.8.0/24"], "protocol": "tcp", "from_port": 5, "to_port": 5}],
            ),
        ),
        example(
            "a way out",
            change(
                "aws_security_group_rule",
                None,
                {"type": "egress", "cidr_blocks": ["0.0.0.0/0"], "protocol": "-1"},
            ),
        ),
    ),
    "public-access-allowed": (
        example(
            "loosened",
            change(
                BLOCK,
                dict.fromkeys(_BLOCKS := ("block_public_acls", "block_public_policy"), True)
                | {"ignore_public_acls": True, "restrict_public_buckets": True, "bucket": "b"},
                dict.fromkeys(_BLOCKS, True)
                | {"ignore_public_acls": False, "restrict_public_buckets": False, "bucket": "b"},
            ),
            finds="b: not blocked: ignore_public_acls, restrict_public_buckets",
        ),
        example(
            "gone",
            change(BLOCK, {"bucket": "b", "block_public_acls": True}),
            finds="nothing blocks public access to b any more",
        ),
        example(
            "gone with its bucket",
            change(BLOCK, {"bucket": "b", "block_public_acls": True}),
            change("aws_s3_bucket", {"id": "b"}),
        ),
        example(
            "an instance with a public address",
            update("aws_dms_replication_instance", "publicly_accessible", False, True),
            finds="aws_dms_replication_instance.it gets a public address (publicly_accessible)",
        ),
        example(
            "an instance without one any more",
            update("aws_dms_replication_instance", "publicly_accessible", True, False),
        ),
    ),
    "encryption-weakened": (
        example(
            "a stream no longer encrypted",
            update(STREAM, "encryption_type", "KMS", "NONE"),
            finds="aws_kinesis_stream.it is no longer encrypted (encryption_type: KMS → NONE)",
        ),
        example(
            "a cluster that is not from the start",
            change("aws_rds_cluster", None, {"cluster_identifier": "c"}),
            finds="c is not encrypted (storage_encrypted)",
        ),
        example(
            "a bucket with S3's own keys",
            update(
                SSE,
                "rule.0.apply_server_side_encryption_by_default.0.sse_algorithm",
                "aws:kms",
                "AES256",
            ),
            finds="aws_s3_bucket_server_side_encryption_configuration.it: "
            "sse_algorithm: aws:kms → AES256",
        ),
        example("encrypted from now on", update(STREAM, "encryption_type", "NONE", "KMS")),
    ),
    "encryption-key-changed": (
        example(
            "another key",
            update(STREAM, "kms_key_id", "arn:a", "arn:b"),
            finds="aws_kinesis_stream.it: kms_key_id: arn:a → arn:b",
        ),
        example("a first key", update(STREAM, "kms_key_id", None, "arn:b")),
    ),
    "tls-lowered": (
        example(
            "verify-full to none",
            update(ENDPOINT, "ssl_mode", "verify-full", "none"),
            finds="aws_dms_endpoint.it: ssl_mode: verify-full → none",
        ),
        example(
            "a new source without it",
            change(
                ENDPOINT,
                None,
                {"endpoint_id": "e", "endpoint_type": "source", "ssl_mode": "none"},
            ),
            finds="e connects to its source without TLS (ssl_mode)",
        ),
        example(
            "a bucket",
            update("aws_s3_bucket_policy", "policy", _TLS_ONLY, _NOT_TLS_ONLY),
            finds="aws_s3_bucket_policy.it no longer refuses requests without TLS, or with old TLS",
        ),
        example(
            "a database",
            update(
                "aws_rds_cluster_parameter_group",
                "parameter",
                [{"name": "require_secure_transport", "value": "ON"}],
                [{"name": "require_secure_transport", "value": "OFF"}],
            ),
            finds="aws_rds_cluster_parameter_group.it: the database takes connections without TLS",
        ),
        example("raised", update(ENDPOINT, "ssl_mode", "none", "verify-ca")),
    ),
    "secret-in-state": (
        example(
            "a password that the provider calls sensitive",
            change(
                "aws_rds_cluster",
                None,
                {"cluster_identifier": "c", "master_password": CANARY},
                sensitive={"master_password": True},
            ),
            finds="master_password of c",
        ),
        example(
            "one in the middle of an attribute that nobody calls sensitive",
            change(
                ENDPOINT,
                None,
                {"endpoint_id": "e", "extra_connection_attributes": f"password={CANARY};a=b"},
            ),
            finds="extra_connection_attributes of e",
        ),
        example(
            "one inside of a block",
            update(ENDPOINT, "kafka_settings.0.sasl_password", "", CANARY),
            finds="kafka_settings.0.sasl_password of aws_dms_endpoint.it",
        ),
        example(
            "a resource that makes one",
            change("random_password", None, {"length": 32}),
            finds="random_password makes a secret and keeps it in the state (result)",
        ),
        example(
            "one that is written and not kept",
            change(
                "aws_rds_cluster",
                None,
                {"master_password_wo": None, "master_password_wo_version": 1},
                sensitive={"master_password_wo": True},
            ),
        ),
        example(
            "the place of one", change(ENDPOINT, None, {"secrets_manager_arn": "arn:aws:secret"})
        ),
        example(
            "one that is there already, and stays",
            change(
                "aws_rds_cluster",
                {"master_password": CANARY, "port": 1},
                {"master_password": CANARY, "port": 2},
                sensitive={"master_password": True},
            ),
        ),
    ),
    "secret-in-output": (
        example(
            "by its name",
            output_changes={"source_password": {"actions": ["create"], "after": CANARY}},
            finds="is named like a secret",
        ),
        example(
            "by its mark",
            output_changes={
                "source": {"actions": ["update"], "after": CANARY, "after_sensitive": True}
            },
            finds="holds what is marked as sensitive",
        ),
        example(
            "a place",
            output_changes={"source_secret_arn": {"actions": ["create"], "after": "arn:s"}},
        ),
    ),
}
