"""The siblings of each change that was once quiet or said wrongly, each found by itself."""

import json
from collections.abc import Sequence
from typing import Any

import pytest

from dms_stream.review import PlanError, Severity, parse_plan
from dms_stream.review.redaction import HIDDEN, without
from tests.dms_stream.review.rules.shapes import FIREHOSE, S3, allow, policy
from tests.support.small_plans import change, document, findings, update

LOSS, EXPOSURE = Severity.DATA_LOSS, Severity.EXPOSURE
STOPS, UNKNOWN, NOTICE = Severity.INTERRUPTION, Severity.UNKNOWN, Severity.NOTICE

OWN = {"AWS": "arn:aws:iam::123456789012:root"}
ROLE, USER, BUCKET, TABLE = "aws_iam_role", "aws_iam_user", "aws_s3_bucket", "aws_dynamodb_table"
BUCKET_POLICY, MANAGED = "aws_s3_bucket_policy", "aws_iam_policy"
PIPE, MAPPING = "aws_pipes_pipe", "aws_lambda_event_source_mapping"
LIFECYCLE, CATALOG = "aws_s3_bucket_lifecycle_configuration", "aws_glue_catalog_table"
GROUP, DEFAULT_GROUP = "aws_security_group", "aws_default_security_group"
DMS = "dms.amazonaws.com"
GITHUB = "token.actions.githubusercontent.com"

Case = tuple[str, str, Severity, Sequence[dict[str, Any]]]


def _case(name: str, rule: str, severity: Severity, *changes: dict[str, Any]) -> Case:
    return name, rule, severity, changes


def _deny(action: Any, **others: Any) -> dict[str, Any]:
    return {"Effect": "Deny", "Action": action, "Resource": "*", **others}


def _held(type_: str, path: str, before: Any, after: Any, **values: Any) -> dict[str, Any]:
    changed = update(type_, path, before, after)
    for side in ("before", "after"):
        changed["change"][side].update(values)
    return changed


def _open(**condition: Any) -> Sequence[dict[str, Any]]:
    statement = allow("s3:GetObject", "*", Principal="*", Condition=condition)
    made = change(BUCKET, None, {"bucket": "b"})
    return made, change(BUCKET_POLICY, None, {"bucket": "b", "policy": policy(statement)})


def _trust(condition: dict[str, Any], provider: str = GITHUB) -> dict[str, Any]:
    arn = f"arn:aws:iam::123456789012:oidc-provider/{provider}"
    statement = {
        "Effect": "Allow",
        "Principal": {"Federated": arn},
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Condition": condition,
    }
    return change(ROLE, None, {"name": "deploy", "assume_role_policy": policy(statement)})


def _rule(cidr: str) -> dict[str, Any]:
    ports = {"from_port": 3306, "to_port": 3306, "protocol": "tcp"}
    return {"cidr_blocks": [cidr], **ports}


def _acl(cidr: str, action: str) -> dict[str, Any]:
    return {"action": action, "cidr_block": cidr, "protocol": "-1", "rule_no": 1}


def _processing(*processors: str, enabled: bool = True) -> dict[str, Any]:
    parts = [{"type": each, "parameters": []} for each in processors]
    return {"enabled": enabled, "processors": parts}


def _converts(table: str) -> dict[str, Any]:
    return {"enabled": True, "schema_configuration": [{"table_name": table}]}


_OPT_IN = "resource_type_opt_in_preference"
_RETAIN = "policy_details.0.schedule.0.retain_rule.0"


def _nest(path: str, values: dict[str, Any]) -> dict[str, Any]:
    inside: Any = values
    for part in reversed(path.split(".")):
        inside = [inside] if part.isdigit() else {part: inside}
    nested: dict[str, Any] = inside
    return nested


def _expires(days: int, bucket: str, **where: Any) -> dict[str, Any]:
    rule = {"id": "x", "status": "Enabled", "filter": [where], "expiration": [{"days": days}]}
    return {"bucket": bucket, "rule": [rule]}


_GRANTS: dict[str, dict[str, Any]] = {
    "aws_kms_grant": {"key_id": "k", "grantee_principal": "a", "operations": ["Decrypt"]},
    "aws_lambda_permission": {"function_name": "f", "principal": "s3.amazonaws.com"},
    "aws_ram_principal_association": {"principal": "p", "resource_share_arn": "s"},
}

RIGHTS = (
    _case(
        "a boundary is laid on a role",
        "access-removed",
        STOPS,
        change(ROLE, {"name": "r"}, {"name": "r", "permissions_boundary": "arn:b"}),
    ),
    _case(
        "a boundary is laid on a user",
        "access-removed",
        STOPS,
        change(
            USER,
            {"name": "u", "permissions_boundary": ""},
            {"name": "u"},
            unknown={"permissions_boundary": True},
        ),
    ),
    _case(
        "a service control policy is attached",
        "access-removed",
        STOPS,
        change("aws_organizations_policy_attachment", None, {"policy_id": "p", "target_id": "ou"}),
    ),
    _case(
        "a boundary is laid on a permission set",
        "access-removed",
        STOPS,
        change(
            "aws_ssoadmin_permissions_boundary_attachment",
            None,
            {"permission_set_arn": "p", "permissions_boundary": [{"managed_policy_arn": "m"}]},
        ),
    ),
    _case(
        "an exclusive list of rules empties a group",
        "network-path-removed",
        STOPS,
        change(
            "aws_vpc_security_group_rules_exclusive",
            None,
            {"security_group_id": "sg", "ingress_rule_ids": [], "egress_rule_ids": []},
        ),
    ),
    *(
        _case(f"a {type_} is taken back", "access-removed", STOPS, change(type_, values))
        for type_, values in _GRANTS.items()
    ),
)

POLICIES = (
    *(
        _case(
            f"the only denial of {type_} goes in place",
            "policy-widened",
            EXPOSURE,
            change(type_, {path: policy(_deny("*", Principal="*"))}, {path: gone}),
        )
        for type_, path, gone in (
            (BUCKET, "policy", ""),
            ("aws_sqs_queue", "policy", None),
            ("aws_kinesis_resource_policy", "policy", "{}"),
            ("aws_opensearch_domain", "access_policies", ""),
            ("aws_iam_user_policy", "policy", None),
        )
    ),
    *(
        _case(
            f"{type_} begins to limit",
            "access-removed",
            STOPS,
            change(type_, None, {owner: "it", "policy": policy(allow("x:Read", Principal=OWN))}),
        )
        for type_, owner in (
            ("aws_vpc_endpoint_policy", "vpc_endpoint_id"),
            ("aws_efs_file_system_policy", "file_system_id"),
        )
    ),
    *(
        _case(
            f"{type_} no longer limits",
            "policy-widened",
            EXPOSURE,
            change(type_, {owner: "it", "policy": policy(allow("x:Read", Principal=OWN))}),
        )
        for type_, owner in (
            ("aws_vpc_endpoint_policy", "vpc_endpoint_id"),
            ("aws_efs_file_system_policy", "file_system_id"),
        )
    ),
    _case(
        "an endpoint gets a policy",
        "access-removed",
        STOPS,
        change("aws_vpc_endpoint", {"policy": None}, {"policy": policy(allow("s3:GetObject"))}),
    ),
    *(
        _case(
            f"new: {action} on {on}",
            "policy-wildcard",
            EXPOSURE,
            change(MANAGED, None, {"name": "p", "policy": policy(allow(action, on))}),
        )
        for action, on in (
            ("s3:*", "arn:aws:s3:::*"),
            ("kinesis:*", "arn:*"),
            ("iam:PassRole", "*"),
            ("iam:Pass*", "*"),
            ("sts:AssumeRole", "arn:aws:iam::*:role/*"),
        )
    ),
    *(
        _case(
            f"anybody under {key} {values}",
            "policy-wildcard",
            EXPOSURE,
            *_open(**{op: {key: values}}),
        )
        for op, key, values in (
            ("StringLike", "aws:PrincipalArn", "arn:aws:iam::*:role/deploy"),
            (
                "ArnLike",
                "aws:PrincipalArn",
                ["arn:aws:iam::123456789012:role/a", "arn:aws:iam::*:root"],
            ),
            ("ArnLike", "aws:SourceArn", "arn:*:*:*:*:*"),
            ("ArnLike", "aws:SourceArn", "arn:*"),
            ("StringLike", "aws:PrincipalAccount", "????????????"),
            ("StringEquals", "aws:PrincipalType", "User"),
        )
    ),
    _case(
        "a new policy that cannot be read",
        "unknown-policy",
        UNKNOWN,
        change(MANAGED, None, {"name": "p", "policy": '{"Statement": [{"Effect": "Perhaps"}]}'}),
    ),
)

SHARING = (
    _case(
        "an ACL lets somebody in by id",
        "public-access-allowed",
        EXPOSURE,
        change(
            "aws_s3_bucket_acl",
            {"bucket": "b"},
            {
                "bucket": "b",
                "access_control_policy": [
                    {
                        "owner": [{"id": "mine"}],
                        "grant": [
                            {"grantee": [{"id": "mine"}], "permission": "FULL_CONTROL"},
                            {"grantee": [{"id": "theirs"}], "permission": "READ"},
                        ],
                    }
                ],
            },
        ),
    ),
    _case(
        "an ACL inside a bucket lets somebody in by id",
        "public-access-allowed",
        EXPOSURE,
        _held(BUCKET, "grant.0.id", None, "theirs", bucket="b"),
    ),
    *(
        _case(
            f"objects that DMS writes are public, by {type_}",
            "public-access-allowed",
            EXPOSURE,
            update(type_, path, "none", "public-read"),
        )
        for type_, path in (
            ("aws_dms_s3_endpoint", "canned_acl_for_objects"),
            ("aws_dms_endpoint", "s3_settings.0.canned_acl_for_objects"),
        )
    ),
    *(
        _case(
            f"a block of {type_} is loosened",
            "public-access-allowed",
            EXPOSURE,
            update(type_, f"{inside}.block_public_policy", True, False),
        )
        for type_, inside in (
            ("aws_s3_access_point", "public_access_block_configuration.0"),
            ("aws_s3control_multi_region_access_point", "details.0.public_access_block.0"),
        )
    ),
    *(
        _case(
            f"ACLs count by a new {ownership}",
            "public-access-allowed",
            EXPOSURE,
            change(
                "aws_s3_bucket_ownership_controls",
                None,
                {"bucket": "b", "rule": [{"object_ownership": ownership}]},
            ),
        )
        for ownership in ("ObjectWriter", "BucketOwnerPreferred")
    ),
    *(
        _case(
            f"objects are copied to another account, by {type_}",
            "shared",
            EXPOSURE,
            _held(
                type_,
                rules,
                [],
                [{"destination": [{"bucket": "arn:aws:s3:::theirs", account: "999999999999"}]}],
                bucket="b",
            ),
        )
        for type_, rules, account in (
            ("aws_s3_bucket_replication_configuration", "rule", "account"),
            (BUCKET, "replication_configuration.0.rules", "account_id"),
        )
    ),
    _case(
        "objects are copied within the account",
        "shared",
        NOTICE,
        change(
            "aws_s3_bucket_replication_configuration",
            None,
            {"bucket": "b", "rule": [{"destination": [{"bucket": "arn:aws:s3:::ours"}]}]},
        ),
    ),
    *(
        _case(
            f"a document is shared with {accounts}",
            "shared",
            EXPOSURE,
            update("aws_ssm_document", "permissions.account_ids", "111111111111", accounts),
        )
        for accounts in ("111111111111,999999999999", "All")
    ),
    _case(
        "a grant loses its constraints",
        "shared",
        EXPOSURE,
        change(
            "aws_kms_grant",
            {"key_id": "k", "grantee_principal": "a", "constraints": [{"x": "y"}]},
            {"key_id": "k", "grantee_principal": "a", "constraints": []},
            replace=("constraints",),
        ),
    ),
    _case(
        "snapshots that are shared may stay so",
        "shared",
        EXPOSURE,
        update(
            "aws_ebs_snapshot_block_public_access",
            "state",
            "block-all-sharing",
            "block-new-sharing",
        ),
    ),
    _case(
        "a key inside a block that is called after it",
        "encryption-key-changed",
        EXPOSURE,
        update("aws_codepipeline", "artifact_store.0.encryption_key.0.id", "a", "b"),
    ),
    _case(
        "a key loses its name",
        "encryption-key-changed",
        STOPS,
        change("aws_kms_alias", {"name": "alias/a", "target_key_id": "k"}),
    ),
)

NETWORKS = (
    *(
        _case(
            f"{name} of what goes out",
            "network-acl-opened",
            severity,
            change(
                "aws_network_acl",
                {"egress": [_acl("0.0.0.0/0", each) for each in before]},
                {"egress": [_acl("0.0.0.0/0", each) for each in after]},
            ),
        )
        for name, before, after, severity in (
            ("an allowance", ["allow"], [], STOPS),
            ("a refusal", [], ["deny"], STOPS),
            ("more", [], ["allow"], NOTICE),
        )
    ),
    _case(
        "a rule of its own refuses what goes out",
        "network-acl-opened",
        STOPS,
        change(
            "aws_network_acl_rule",
            None,
            {"egress": True, "rule_action": "deny", "cidr_block": "10.0.0.0/8", "protocol": "-1"},
        ),
    ),
    *(
        _case(
            f"{type_} takes over what the VPC has",
            "network-path-removed",
            STOPS,
            change(type_, None, {owner: "it-1"}),
        )
        for type_, owner in (
            (DEFAULT_GROUP, "vpc_id"),
            ("aws_default_network_acl", "default_network_acl_id"),
            ("aws_default_route_table", "default_route_table_id"),
        )
    ),
    _case(
        "routes are no longer learnt",
        "network-path-removed",
        STOPS,
        update("aws_route_table", "propagating_vgws", ["vgw-1"], []),
    ),
    _case(
        "the way to the internet is detached",
        "network-path-removed",
        STOPS,
        change("aws_internet_gateway_attachment", {"vpc_id": "v", "internet_gateway_id": "i"}),
    ),
)

KEPT = (
    *(
        _case(
            f"{type_} in shorter units",
            "retention-shortened",
            LOSS,
            change(
                type_, _nest(inside, {**units, unit: long}), _nest(inside, {**units, unit: short})
            ),
        )
        for type_, inside, units, unit, long, short in (
            (
                "aws_dlm_lifecycle_policy",
                "policy_details.0.schedule.0.retain_rule.0",
                {"interval": 4},
                "interval_unit",
                "WEEKS",
                "DAYS",
            ),
            (
                "aws_fsx_ontap_volume",
                "snaplock_configuration.0.retention_period.0.default_retention.0",
                {"value": 1},
                "type",
                "YEARS",
                "MONTHS",
            ),
        )
    ),
    _case(
        "a longer number of a shorter unit",
        "retention-shortened",
        LOSS,
        change(
            "aws_dlm_lifecycle_policy",
            _nest(_RETAIN, {"interval": 2, "interval_unit": "YEARS"}),
            _nest(_RETAIN, {"interval": 20, "interval_unit": "MONTHS"}),
        ),
    ),
    _case(
        "lifecycle rules move to another bucket",
        "expiry-shortened",
        LOSS,
        change(LIFECYCLE, _expires(30, "old"), _expires(30, "new"), replace=("bucket",)),
    ),
    _case(
        "smaller objects expire, too",
        "expiry-shortened",
        LOSS,
        change(
            LIFECYCLE,
            _expires(30, "b", object_size_greater_than=1000),
            _expires(30, "b", object_size_greater_than=10),
        ),
    ),
    _case(
        "larger objects expire, too",
        "expiry-shortened",
        LOSS,
        change(
            LIFECYCLE,
            _expires(30, "b", object_size_less_than=1000),
            _expires(30, "b"),
        ),
    ),
    _case(
        "versioning is suspended by something new",
        "versioning-suspended",
        LOSS,
        change(
            "aws_s3_bucket_versioning",
            None,
            {"bucket": "b", "versioning_configuration": [{"status": "Suspended"}]},
        ),
    ),
    *(
        _case(
            f"a version may be deleted without a second factor, by {type_}",
            "versioning-suspended",
            LOSS,
            update(type_, path, on, off),
        )
        for type_, path, on, off in (
            (BUCKET, "versioning.0.mfa_delete", True, False),
            (
                "aws_s3_bucket_versioning",
                "versioning_configuration.0.mfa_delete",
                "Enabled",
                "Disabled",
            ),
        )
    ),
    _case(
        "a replica can no longer be restored",
        "data-unprotected",
        LOSS,
        change(
            TABLE,
            {"replica": [{"region_name": "eu-west-1", "point_in_time_recovery": True}]},
            {"replica": [{"region_name": "eu-west-1", "point_in_time_recovery": False}]},
        ),
    ),
    _case(
        "a file system is no longer backed up",
        "data-unprotected",
        LOSS,
        change(
            "aws_efs_backup_policy",
            None,
            {"file_system_id": "fs-1", "backup_policy": [{"status": "DISABLED"}]},
        ),
    ),
    *(
        _case(
            f"a service is no longer backed up, {how}",
            "data-unprotected",
            LOSS,
            change("aws_backup_region_settings", before, {_OPT_IN: {"RDS": False, "EFS": True}}),
        )
        for how, before in (("from now on", None), ("any longer", {_OPT_IN: {"RDS": True}}))
    ),
    _case(
        "a parameter is overwritten",
        "data-unprotected",
        NOTICE,
        change("aws_ssm_parameter", None, {"name": "/p", "overwrite": True}),
    ),
)

PIPELINES = (
    *(
        _case(
            f"a pipe from {source} gives up earlier",
            "event-source-mapping-changed",
            STOPS,
            update(PIPE, f"source_parameters.0.{source}.0.maximum_retry_attempts", -1, 0),
        )
        for source in ("kinesis_stream_parameters", "dynamodb_stream_parameters")
    ),
    *(
        _case(
            f"a pipe from {source} drops what fails",
            "event-source-mapping-changed",
            STOPS,
            update(PIPE, f"source_parameters.0.{source}.0.dead_letter_config.0.arn", "arn:q", None),
        )
        for source in ("kinesis_stream_parameters", "dynamodb_stream_parameters")
    ),
    *(
        _case(
            f"a {type_} is made, but {off}",
            "event-source-mapping-changed",
            NOTICE,
            change(type_, None, {"name": "n", attribute: off}),
        )
        for type_, attribute, off in (
            (MAPPING, "enabled", False),
            (PIPE, "desired_state", "STOPPED"),
        )
    ),
    _case(
        "one record holds up its batch",
        "event-source-mapping-changed",
        STOPS,
        update(MAPPING, "bisect_batch_on_function_error", True, False),
    ),
    _case(
        "the notifications of a bucket are replaced",
        "event-source-mapping-changed",
        STOPS,
        change("aws_s3_bucket_notification", None, {"bucket": "b"}),
    ),
    _case(
        "the notifications of a bucket go",
        "event-source-mapping-changed",
        STOPS,
        change("aws_s3_bucket_notification", {"bucket": "b"}),
    ),
    *(
        _case(
            f"the newline between records goes: {how}",
            "object-layout-changed",
            STOPS,
            update(
                FIREHOSE,
                f"{S3}.processing_configuration",
                [_processing("AppendDelimiterToRecord")],
                [after],
            ),
        )
        for how, after in (
            ("with its processor", _processing()),
            ("with all processors", _processing("AppendDelimiterToRecord", enabled=False)),
        )
    ),
    _case(
        "another table says what Parquet looks like",
        "object-layout-changed",
        STOPS,
        update(
            FIREHOSE,
            f"{S3}.data_format_conversion_configuration",
            [_converts("orders")],
            [_converts("orders_v2")],
        ),
    ),
    *(
        _case(
            f"a table reads by another {name}",
            "catalog-table-changed",
            severity,
            change(CATALOG, {"parameters": {name: "a"}}, {"parameters": {name: "b"}}),
        )
        for name, severity in (
            ("metadata_location", STOPS),
            ("storage.location.template", STOPS),
            ("skip.header.line.count", STOPS),
            ("classification", STOPS),
            ("projection.day.range", NOTICE),
        )
    ),
    *(
        _case(
            f"{type_} is laid on a secret",
            "credentials-changed",
            STOPS,
            change(type_, None, secret),
        )
        for type_, secret in (
            ("aws_secretsmanager_secret_version", {"secret_id": "arn:s"}),
            ("aws_secretsmanager_secret_rotation", {"secret_id": "arn:s"}),
        )
    ),
    *(
        _case(f"{type_} runs", "not-judged", UNKNOWN, change(type_, None, {"name": "s"}))
        for type_ in (
            "aws_cloudcontrolapi_resource",
            "aws_cloudformation_stack",
            "aws_cloudformation_stack_set_instance",
            "aws_serverlessapplicationrepository_cloudformation_stack",
            "aws_servicecatalog_provisioned_product",
        )
    ),
    *(
        _case(f"{type_} goes", "unknown-type-destroyed", UNKNOWN, change(type_, {"name": "n"}))
        for type_ in (
            "aws_cloudwatch_event_rule",
            "aws_cloudwatch_event_target",
            "aws_s3_bucket_logging",
        )
    ),
)

FOUND = (*RIGHTS, *POLICIES, *SHARING, *NETWORKS, *KEPT, *PIPELINES)


@pytest.mark.parametrize(
    ("rule", "severity", "changes"),
    [pytest.param(rule, severity, changes, id=name) for name, rule, severity, changes in FOUND],
)
def test_is_found(rule: str, severity: Severity, changes: Sequence[dict[str, Any]]) -> None:
    seen = {each.rule: each.severity for each in reversed(findings(*changes))}
    assert seen.get(rule) is severity, seen


BOUNDED = {"permissions_boundary": "arn:b"}
QUIET: tuple[tuple[str, Sequence[dict[str, Any]]], ...] = (
    ("a boundary of a new role", [change(ROLE, None, {"name": "r", **BOUNDED})]),
    (
        "an endpoint's policy that says what holds without one",
        [
            change(
                "aws_vpc_endpoint_policy",
                None,
                {"vpc_endpoint_id": "v", "policy": policy(allow("*", "*", Principal="*"))},
            )
        ],
    ),
    *(
        (f"OIDC for {subject}", [_trust({"StringLike": {f"{GITHUB}:sub": subject}})])
        for subject in ("repo:acme/app:ref:refs/heads/main", "repo:acme/app:*", "repo:acme/*")
    ),
    (
        "a role that is passed to one service",
        [
            change(
                MANAGED,
                None,
                {
                    "name": "p",
                    "policy": policy(
                        allow(
                            "iam:PassRole",
                            "*",
                            Condition={"StringEquals": {"iam:PassedToService": DMS}},
                        )
                    ),
                },
            )
        ],
    ),
    (
        "a bucket that one other bucket is told of",
        _open(ArnLike={"aws:SourceArn": "arn:aws:s3:::landing"}),
    ),
    (
        "addresses written in two halves",
        [
            change(
                GROUP,
                {"name": "g", "ingress": [_rule("10.0.0.0/8")]},
                {"name": "g", "ingress": [_rule("10.0.0.0/9"), _rule("10.128.0.0/9")]},
            )
        ],
    ),
    (
        "addresses written together again",
        [
            change(
                GROUP,
                {"name": "g", "ingress": [_rule("fd00::/9"), _rule("fd80::/9")]},
                {"name": "g", "ingress": [_rule("fd00::/8")]},
            )
        ],
    ),
    (
        "what a new VPC has by itself",
        [change("aws_vpc", None, {"id": "v"}), change(DEFAULT_GROUP, None, {"vpc_id": "v"})],
    ),
    (
        "fewer objects expire, by their size",
        [
            change(
                LIFECYCLE,
                _expires(30, "b", object_size_greater_than=10, object_size_less_than=99),
                _expires(30, "b", object_size_greater_than=20, object_size_less_than=90),
            )
        ],
    ),
    (
        "the same time in other units",
        [
            change(
                "aws_dlm_lifecycle_policy",
                _nest(_RETAIN, {"interval": 2, "interval_unit": "WEEKS"}),
                _nest(_RETAIN, {"interval": 14, "interval_unit": "DAYS"}),
            )
        ],
    ),
    (
        "a key's name that goes with the key",
        [
            change("aws_kms_alias", {"name": "alias/a", "target_key_id": "k"}),
            change("aws_kms_key", {"key_id": "k", "id": "k"}),
        ],
    ),
    (
        "a secret's value in a secret that is new",
        [
            change("aws_secretsmanager_secret", None, {"id": "arn:s", "name": "s"}),
            change("aws_secretsmanager_secret_version", None, {"secret_id": "arn:s"}),
        ],
    ),
)
# what another rule says of them is not what is asked here
_BESIDE = {"stateful-destroyed"}


@pytest.mark.parametrize("changes", [pytest.param(changes, id=name) for name, changes in QUIET])
def test_is_no_alarm(changes: Sequence[dict[str, Any]]) -> None:
    seen = [f"{each.rule}: {each.what}" for each in findings(*changes) if each.rule not in _BESIDE]
    assert seen == []


@pytest.mark.parametrize(
    ("text", "secrets", "keep", "shown"),
    [
        ("from s3cret to s3crets", {"s3cret"}, "", f"from {HIDDEN} to s3crets"),
        ("a-b-c and xa-b-cx", {"a-b-c"}, "", f"{HIDDEN} and x{HIDDEN}x"),
        ("aws_x.s3cret is s3cret", {"s3cret"}, "aws_x.s3cret", f"aws_x.s3cret is {HIDDEN}"),
        ("longer first", {"longer", "longer first"}, "", HIDDEN),
    ],
)
def test_a_secret_is_taken_out_of_a_text(
    text: str, secrets: set[str], keep: str, shown: str
) -> None:
    assert without(text, secrets, keep=keep) == shown


def test_a_major_version_of_aurora_is_its_own() -> None:
    old, new = "8.0.mysql_aurora.2.11.1", "8.0.mysql_aurora.3.10.4"
    (seen,) = findings(update("aws_rds_cluster", "engine_version", old, new))
    assert seen.what.endswith("this is a major upgrade")


@pytest.mark.parametrize(
    ("other", "alone"),
    [
        (("update", "orders"), False),
        (("update", "another"), True),
        (("delete", "orders"), True),
    ],
)
def test_the_last_instance_of_a_cluster_is_told(other: tuple[str, str], alone: bool) -> None:
    action, cluster = other
    values = {"identifier": "b", "cluster_identifier": cluster, "promotion_tier": 1}
    after = None if action == "delete" else values | {"promotion_tier": 2}
    seen = findings(
        change(
            "aws_rds_cluster_instance",
            {"identifier": "a", "cluster_identifier": "orders", "writer": True},
            name="a",
        ),
        change("aws_rds_cluster_instance", values, after, name="b"),
    )
    (first,) = (each.what for each in seen if each.address.endswith(".a"))
    assert ("shows no other instance of its cluster" in first) is alone


def test_no_sensitive_number_is_given_away_by_what_it_costs() -> None:
    seen = findings(
        update("aws_kinesis_stream", "shard_count", 4, 2, sensitive={"shard_count": True})
    )
    (cost,) = (each.what for each in seen if each.rule == "cost-changed")
    assert cost == "aws_kinesis_stream.it costs another amount: shard_count changes"


@pytest.mark.parametrize(
    ("type_", "path", "key"),
    [
        ("aws_sqs_queue", "redrive_policy", "maxReceiveCount"),
        ("aws_sns_topic", "archive_policy", "MessageRetentionPeriod"),
    ],
)
def test_no_number_of_a_sensitive_document_is_shown(type_: str, path: str, key: str) -> None:
    before, after = json.dumps({key: 9}), json.dumps({key: 3})
    (seen,) = (
        each.what
        for each in findings(update(type_, path, before, after, sensitive={path: True}))
        if each.rule == "data-unprotected"
    )
    assert seen.endswith("(not shown: secret) instead of (not shown: secret)")


@pytest.mark.parametrize(
    ("entry", "problem"),
    [
        ({"change": {"actions": [], "before": {"bucket": "b"}, "after": None}}, "(none)"),
        ({"mode": "dormant"}, "unknown mode dormant"),
    ],
)
def test_what_terraform_never_writes_is_refused(entry: dict[str, Any], problem: str) -> None:
    text = json.dumps(document(change(BUCKET, {"bucket": "b"}) | entry))
    with pytest.raises(PlanError) as refusal:
        parse_plan(text, "plan.json")
    assert problem in str(refusal.value)


@pytest.mark.parametrize(
    ("document_", "problem"),
    [
        ({"@level": "info", "@message": "Terraform 1.11.4"}, "is the log of"),
        ({"version": 4, "serial": 1, "lineage": "l"}, "is a state, which changes nothing"),
    ],
)
def test_a_log_of_one_line_and_a_state_are_named(document_: dict[str, Any], problem: str) -> None:
    with pytest.raises(PlanError) as refusal:
        parse_plan(json.dumps(document_), "plan.json")
    assert problem in str(refusal.value)
