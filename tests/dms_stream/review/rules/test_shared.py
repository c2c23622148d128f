"""Examples of the rule `shared`."""

from typing import Any

import pytest

from dms_stream.review import Severity
from dms_stream.review.rules.shared import GRANTS
from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.support.small_plans import change, found, update

SNAPSHOT, PERMISSION = "aws_db_snapshot", "aws_lambda_permission"
_BUS = {"principal": "*", "statement_id": "s"}
_ORGANIZATION = {"key": "aws:PrincipalOrgID", "type": "StringEquals", "value": "o-1"}
_CALL = {"action": "lambda:InvokeFunction", "function_name": "f"}


def _copies(account: str, **others: Any) -> dict[str, Any]:
    to = [{"bucket": "arn:b", account: "999999999999"}]
    return {"id": "r", "status": "Enabled", "destination": to, **others}


EXAMPLES = (
    example(
        "a snapshot with everybody",
        update(SNAPSHOT, "shared_accounts", [], ["all"]),
        finds="aws_db_snapshot.it is shared with everybody (shared_accounts)",
        severity=Severity.EXPOSURE,
    ),
    example(
        "a snapshot with an account",
        update(SNAPSHOT, "shared_accounts", ["111111111111"], ["111111111111", "222222222222"]),
        finds="aws_db_snapshot.it is shared with 222222222222 (shared_accounts)",
    ),
    example(
        "a new snapshot",
        change("aws_db_cluster_snapshot", None, {"shared_accounts": ["222222222222"]}),
        finds="aws_db_cluster_snapshot.it is shared with 222222222222 (shared_accounts)",
    ),
    *(
        example(
            f"objects with another account, {what}, of {type_}",
            update(type_, path, [_copies(account, **before)], [_copies(account, **after)]),
            finds=(f"the objects of {type_}.it are copied to arn:b of the account 999999999999",)
            if more
            else (),
        )
        for type_, path, account in (
            ("aws_s3_bucket_replication_configuration", "rule", "account"),
            ("aws_s3_bucket", "replication_configuration.0.rules", "account_id"),
        )
        for what, before, after, more in (
            ("by a rule that did nothing", {"status": "Disabled"}, {"status": "Enabled"}, True),
            ("more of them", {"filter": [{"prefix": "tmp/"}]}, {"filter": [{}]}, True),
            ("fewer of them", {"filter": [{}]}, {"filter": [{"prefix": "tmp/"}]}, False),
            ("no longer", {"status": "Enabled"}, {"status": "Disabled"}, False),
        )
    ),
    *(
        example(f"what a browser asks first, by {type_}", change(type_, None, values))
        for type_, values in (
            ("aws_api_gateway_method", {"http_method": "OPTIONS", "authorization": "NONE"}),
            (
                "aws_apigatewayv2_route",
                {"route_key": "OPTIONS /orders", "authorization_type": "NONE"},
            ),
        )
    ),
    example(
        "fewer operations",
        change(
            "aws_kms_grant",
            {"key_id": "k", "grantee_principal": "a", "operations": ["Decrypt", "Encrypt"]},
            {"key_id": "k", "grantee_principal": "a", "operations": ["Encrypt"]},
            replace=("operations",),
        ),
    ),
    example(
        "other operations",
        change(
            "aws_kms_grant",
            {"key_id": "k", "grantee_principal": "a", "operations": ["Decrypt"]},
            {"key_id": "k", "grantee_principal": "a", "operations": ["Encrypt"]},
            replace=("operations",),
        ),
        finds="a may use the key k: Encrypt",
        severity=Severity.EXPOSURE,
    ),
    example(
        "fewer operations under fewer constraints",
        change(
            "aws_kms_grant",
            {
                "key_id": "k",
                "grantee_principal": "a",
                "operations": ["Decrypt", "Encrypt"],
                "constraints": [{"x": "y"}],
            },
            {"key_id": "k", "grantee_principal": "a", "operations": ["Encrypt"]},
            replace=("operations",),
        ),
        finds="a may use the key k: Encrypt",
    ),
    example("no longer", update(SNAPSHOT, "shared_accounts", ["all"], [])),
    example(
        "sensitive",
        update(SNAPSHOT, "shared_accounts", [], ["all"], sensitive={"shared_accounts": True}),
        finds="aws_db_snapshot.it is shared with more than before (shared_accounts)",
    ),
    example(
        "a function with everybody",
        change(PERMISSION, None, _CALL | {"principal": "*"}),
        finds="everybody may lambda:InvokeFunction the function f",
        severity=Severity.EXPOSURE,
    ),
    example(
        "a function with a service, for any account",
        change(PERMISSION, None, _CALL | {"principal": "s3.amazonaws.com"}),
        finds="s3.amazonaws.com may lambda:InvokeFunction the function f for any account (no "
        "source_arn, no source_account)",
        severity=Severity.EXPOSURE,
    ),
    example(
        "a function with a service, for one resource",
        change(PERMISSION, None, _CALL | {"principal": "s3.amazonaws.com", "source_arn": "arn:b"}),
    ),
    *(
        example(
            f"a function with a service, for {source}",
            change(
                PERMISSION, None, _CALL | {"principal": "s3.amazonaws.com", "source_arn": source}
            ),
            finds=()
            if named
            else "s3.amazonaws.com may lambda:InvokeFunction the function f for any account "
            "(source_arn names none, no source_account)",
        )
        for source, named in (
            ("arn:aws:s3:::*", False),
            ("arn:aws:events:*:*:rule/*", False),
            ("arn:aws:s3:::landing", True),
            ("arn:aws:events:*:111111111111:rule/*", True),
        )
    ),
    example(
        "a function with a service, for any resource of an account",
        change(
            PERMISSION,
            None,
            _CALL
            | {
                "principal": "s3.amazonaws.com",
                "source_arn": "arn:aws:s3:::*",
                "source_account": "111111111111",
            },
        ),
    ),
    example(
        "a function with an organization",
        change(PERMISSION, None, _CALL | {"principal": "*", "principal_org_id": "o-1"}),
        finds="everybody of the organization o-1 may lambda:InvokeFunction the function f",
        severity=Severity.EXPOSURE,
    ),
    example(
        "a layer with an organization",
        change(
            "aws_lambda_layer_version_permission",
            None,
            {"principal": "*", "organization_id": "o-1", "layer_name": "l", "action": "a"},
        ),
        finds="everybody of the organization o-1 may a the layer l",
    ),
    example(
        "a bus with an organization",
        change("aws_cloudwatch_event_permission", None, _BUS | {"condition": [_ORGANIZATION]}),
        finds="everybody of the organization o-1 may put events on the bus",
    ),
    example(
        "a bus, no longer with an organization alone",
        change(
            "aws_cloudwatch_event_permission",
            _BUS | {"condition": [_ORGANIZATION]},
            _BUS | {"condition": []},
        ),
        finds="everybody may put events on the bus",
    ),
    example(
        "a function with an account of ours",
        change("aws_sqs_queue", {"arn": "arn:aws:sqs:eu-west-1:111111111111:q"}, {"arn": "x"}),
        change(PERMISSION, None, _CALL | {"principal": "111111111111"}),
        finds="111111111111 may lambda:InvokeFunction the function f",
        severity=Severity.NOTICE,
    ),
    example(
        "in a block of a cluster",
        update("aws_eks_cluster", "vpc_config.0.public_access_cidrs", [], ["0.0.0.0/0"]),
        finds="aws_eks_cluster.it is shared with everybody (public_access_cidrs)",
    ),
    example(
        "blocked no longer",
        change("aws_ebs_snapshot_block_public_access", {"state": "block-all-sharing"}),
        finds="nothing keeps snapshots from being public any longer",
    ),
    example("a right goes", change(PERMISSION, _CALL | {"principal": "*"})),
)

test_examples = examples_of("shared", EXAMPLES)

_ANY = "aws_somebodys_own"
test_entries = entries_of(
    "shared",
    [
        *(
            update(_ANY, f"inner.0.{name}", [], ["222222222222"])
            for name in (
                "shared_accounts",
                "allowed_principals",
                "public_access_cidrs",
                "trusted_account_ids",
                "allowed_account_ids",
                "shared_account_ids",
                "account_ids",
            )
        ),
        update(_ANY, "allow_external_principals", False, True),
        update(_ANY, "auto_accept_shared_attachments", "disable", "enable"),
        update(_ANY, "vpc_config.0.endpoint_public_access", False, True),
        update(_ANY, "public_network_access", "Disabled", "Enabled"),
        update(_ANY, "map_public_ip_on_launch", False, True),
        update(_ANY, "associate_public_ip_address", False, True),
        update(_ANY, "network_configuration.0.assign_public_ip", False, True),
        update("aws_lambda_function_url", "authorization_type", "AWS_IAM", "NONE"),
        update("aws_apigatewayv2_route", "authorization_type", "AWS_IAM", "NONE"),
        update("aws_api_gateway_method", "authorization", "AWS_IAM", "NONE"),
        update("aws_ebs_snapshot_block_public_access", "state", "block-all-sharing", "unblocked"),
        update("aws_ec2_image_block_public_access", "state", "block-new-sharing", "unblocked"),
        update("aws_appsync_graphql_api", "authentication_type", "AWS_IAM", "API_KEY"),
        update("aws_vpc_endpoint_service", "acceptance_required", True, False),
        update("aws_lb", "internal", True, False),
        update("aws_alb", "internal", True, False),
        update(
            "aws_msk_cluster",
            "broker_node_group_info.0.connectivity_info.0.public_access.0.type",
            "DISABLED",
            "SERVICE_PROVIDED_EIPS",
        ),
        update("aws_msk_cluster", "client_authentication.0.unauthenticated", False, True),
        update("aws_ssm_document", "permissions.account_ids", "1", "All"),
        change("aws_ami_launch_permission", None, {"image_id": "i", "account_id": "2"}),
        change("aws_ami_launch_permission", None, {"image_id": "i", "group": "all"}),
        change("aws_ami_launch_permission", None, {"image_id": "i", "organization_arn": "o"}),
        change("aws_ami_launch_permission", None, {"organizational_unit_arn": "o"}),
        change("aws_snapshot_create_volume_permission", None, {"account_id": "2"}),
        change(PERMISSION, None, {"principal": "*"}),
        change(PERMISSION, None, {"principal_org_id": "o"}),
        change("aws_lambda_layer_version_permission", None, {"principal": "*"}),
        change("aws_lambda_layer_version_permission", None, {"organization_id": "o"}),
        change("aws_kms_grant", None, {"grantee_principal": "r", "operations": ["Decrypt"]}),
        change("aws_ram_principal_association", None, {"principal": "2"}),
        change("aws_ram_resource_association", None, {"resource_arn": "arn:r"}),
        change("aws_vpc_endpoint_service_allowed_principal", None, {"principal_arn": "*"}),
        change("aws_redshift_endpoint_authorization", None, {"account": "2"}),
        change("aws_redshift_data_share_authorization", None, {"consumer_identifier": "2"}),
        change("aws_directory_service_shared_directory", None, {"target": [{"id": "2"}]}),
        change("aws_cloudwatch_event_permission", None, {"principal": "*"}),
        change("aws_acmpca_permission", None, {"principal": "acm.amazonaws.com"}),
        change("aws_s3control_access_grant", None, {"grantee": [{"grantee_identifier": "r"}]}),
        change("aws_route53_vpc_association_authorization", None, {"vpc_id": "v"}),
        change("aws_servicecatalog_portfolio_share", None, {"principal_id": "2"}),
        change("aws_eks_access_entry", None, {"principal_arn": "r"}),
        change("aws_iam_access_key", None, {"user": "u"}),
        change("aws_iam_user_login_profile", None, {"user": "u"}),
        change("aws_iam_openid_connect_provider", None, {"url": "https://example.com"}),
        change("aws_iam_saml_provider", None, {"name": "n"}),
    ],
)


@pytest.mark.parametrize(
    ("type_", "who"),
    [(type_, who) for type_, (_, names) in sorted(GRANTS.items()) for who in names],
)
def test_whom_a_new_grant_lets_in_is_never_assumed_safe_when_unknown(type_: str, who: str) -> None:
    (seen,) = found("unknown-value", change(type_, None, {}, unknown={who: True}))
    assert seen.what.endswith("so `shared` cannot be ruled out")
    assert seen.severity is Severity.EXPOSURE


@pytest.mark.parametrize(
    ("unknown", "asks"),
    [
        (True, True),
        ([{"destination": [{"account": True}]}], True),
        # a bucket of this account that is new
        ([{"destination": [{"bucket": True}]}], False),
    ],
)
def test_where_copies_go_is_asked_as_far_as_it_may_be_another_account(
    unknown: Any, *, asks: bool
) -> None:
    rules = change(
        "aws_s3_bucket_replication_configuration", None, {"bucket": "b"}, unknown={"rule": unknown}
    )
    assert bool(found("unknown-value", rules)) is asks
