"""What only moves from one resource to another, or is adopted from where it stands, is no alarm."""

from collections.abc import Sequence
from typing import Any

import pytest

from dms_stream.review import Severity
from tests.dms_stream.review.rules.shapes import allow, policy
from tests.support.small_plans import change, findings

_MINE = "arn:aws:iam::123456789012:policy/app"
_READER = "arn:aws:iam::123456789012:role/reader"
_READS = policy(allow("x:Read", "*", Principal={"AWS": _READER}))
_DENIES = policy(
    allow("x:Read", "*", Principal={"AWS": _READER}),
    {"Effect": "Deny", "Action": "x:*", "Resource": "*", "Principal": "*"},
)
_MAY_READ = policy(allow("s3:GetObject", "arn:aws:s3:::b/*"))

ROLE, ATTACHMENT = "aws_iam_role", "aws_iam_role_policy_attachment"
EXCLUSIVE, ROLE_POLICY = "aws_iam_role_policy_attachments_exclusive", "aws_iam_role_policy"
BUCKET, BUCKET_POLICY = "aws_s3_bucket", "aws_s3_bucket_policy"
ACL, ACL_RULE = "aws_network_acl", "aws_network_acl_rule"
LIST, ENTRY = "aws_ec2_managed_prefix_list", "aws_ec2_managed_prefix_list_entry"
ENDPOINT = "aws_vpc_endpoint"
ENCRYPTION = "aws_s3_bucket_server_side_encryption_configuration"

Changes = Sequence[dict[str, Any]]


def _kept(type_: str, values: dict[str, Any], name: str = "kept") -> dict[str, Any]:
    entry = change(type_, values, values, name=name)
    entry["change"]["actions"] = ["no-op"]
    return entry


def _pair(type_: str, values: dict[str, Any]) -> Changes:
    return (
        change(type_, {"id": "i", **values}, name="old"),
        change(type_, None, values, name="new"),
    )


def _role(**values: Any) -> dict[str, Any]:
    return {"id": "app", "name": "app", **values}


def _inline(*names: str) -> list[dict[str, Any]]:
    return [{"name": name, "policy": _MAY_READ} for name in names]


_GIVEN = {"role": "app", "policy_arn": _MINE}
_WRITTEN = {"role": "app", "name": "p", "policy": _MAY_READ}
_NUMBERED = {
    "network_acl_id": "acl-1",
    "rule_number": 100,
    "egress": False,
    "rule_action": "allow",
    "cidr_block": "0.0.0.0/0",
    "protocol": "tcp",
    "from_port": 443,
    "to_port": 443,
}


def _ruled(*numbers: int) -> dict[str, Any]:
    rule = {
        "action": "allow",
        "cidr_block": "0.0.0.0/0",
        "protocol": "6",
        "from_port": 443,
        "to_port": 443,
    }
    return {"id": "acl-1", "ingress": [rule | {"rule_no": each} for each in numbers]}


def _listed(*cidrs: str) -> dict[str, Any]:
    return {"id": "pl-1", "name": "l", "entry": [{"cidr": each} for each in cidrs]}


def _encrypted(key: str, algorithm: str = "aws:kms") -> list[dict[str, Any]]:
    default = {"sse_algorithm": algorithm, "kms_master_key_id": key}
    return [{"apply_server_side_encryption_by_default": [default]}]


def _bucket(**values: Any) -> dict[str, Any]:
    return {"id": "b", "bucket": "b", "arn": "arn:aws:s3:::b", **values}


_CODED = _bucket(server_side_encryption_configuration=[{"rule": _encrypted("k")}])
_VERSIONED = _bucket(versioning=[{"enabled": True, "mfa_delete": False}])
_ENABLED = {"bucket": "b", "versioning_configuration": [{"status": "Enabled"}]}
_OPEN = _bucket(
    grant=[
        {"id": "me", "permissions": ["FULL_CONTROL"], "uri": ""},
        {"permissions": ["READ"], "uri": "http://acs.amazonaws.com/groups/global/AllUsers"},
    ]
)
_PUBLIC = {"bucket": "b", "acl": "public-read"}
_LISTS = (
    ("route_table_ids", "route_table_association", "route_table_id"),
    ("security_group_ids", "security_group_association", "security_group_id"),
    ("subnet_ids", "subnet_association", "subnet_id"),
)


def _with_policy(type_: str, owner: dict[str, Any], path: str, attribute: str) -> tuple[Any, ...]:
    return type_, owner, path, {attribute: next(iter(owner.values()))}


_THINGS = (
    _with_policy(BUCKET, {"bucket": "b"}, "policy", "bucket"),
    _with_policy("aws_kms_key", {"key_id": "k"}, "policy", "key_id"),
    _with_policy("aws_sqs_queue", {"url": "https://q"}, "policy", "queue_url"),
    _with_policy("aws_sns_topic", {"arn": "arn:t"}, "policy", "arn"),
    _with_policy("aws_secretsmanager_secret", {"arn": "arn:s"}, "policy", "secret_arn"),
    _with_policy("aws_api_gateway_rest_api", {"id": "a"}, "policy", "rest_api_id"),
    _with_policy("aws_opensearch_domain", {"domain_name": "d"}, "access_policies", "domain_name"),
)

MOVES: tuple[tuple[str, Changes], ...] = (
    ("an attachment at another address", _pair(ATTACHMENT, _GIVEN)),
    (
        "an attachment that the role shows already",
        (_kept(ROLE, _role(managed_policy_arns=[_MINE])), change(ATTACHMENT, None, _GIVEN)),
    ),
    (
        "an attachment out of the role's list",
        (
            change(ROLE, _role(managed_policy_arns=[_MINE]), _role(managed_policy_arns=[])),
            change(ATTACHMENT, None, _GIVEN),
        ),
    ),
    (
        "an attachment into the role's list",
        (
            change(ROLE, _role(managed_policy_arns=[]), _role(managed_policy_arns=[_MINE])),
            change(ATTACHMENT, _GIVEN),
        ),
    ),
    ("a role's policy at another address", _pair(ROLE_POLICY, _WRITTEN)),
    (
        "a policy out of the role",
        (
            change(ROLE, _role(inline_policy=_inline("p")), _role(inline_policy=[])),
            change(ROLE_POLICY, None, _WRITTEN),
        ),
    ),
    (
        "a policy into the role",
        (
            change(ROLE, _role(inline_policy=[]), _role(inline_policy=_inline("p"))),
            change(ROLE_POLICY, _WRITTEN),
        ),
    ),
    *(
        (
            f"the policy that {type_} {verb}",
            (
                thing(type_, {**owner, path: _READS}),
                change(f"{type_}_policy", None, {**named, path: _READS}),
            ),
        )
        for type_, owner, path, named in _THINGS
        for verb, thing in (
            ("has already", _kept),
            (
                "gives to a resource of its own",
                lambda type_, values: change(
                    type_, values, {name: each for name, each in values.items() if each != _READS}
                ),
            ),
        )
    ),
    (
        "a bucket's policy at another address",
        _pair(BUCKET_POLICY, {"bucket": "b", "policy": _READS}),
    ),
    (
        "a rule out of a network ACL",
        (change(ACL, _ruled(100, 200), _ruled(200)), change(ACL_RULE, None, _NUMBERED)),
    ),
    (
        "a rule into a network ACL",
        (change(ACL, _ruled(), _ruled(100)), change(ACL_RULE, _NUMBERED)),
    ),
    ("a rule of a network ACL at another address", _pair(ACL_RULE, _NUMBERED)),
    (
        "an entry out of a prefix list",
        (
            change(LIST, _listed("52.0.0.0/16"), _listed()),
            change(ENTRY, None, {"prefix_list_id": "pl-1", "cidr": "52.0.0.0/16"}),
        ),
    ),
    *(
        (
            f"{several} of an endpoint {how}",
            (
                change(ENDPOINT, {"id": "v", several: before}, {"id": "v", several: after}),
                change(f"{ENDPOINT}_{type_}", *tie),
            ),
        )
        for several, type_, one in _LISTS
        for how, before, after, tie in (
            ("out of it", ["a", "b"], ["a"], (None, {"vpc_endpoint_id": "v", one: "b"})),
            ("into it", ["a"], ["a", "b"], ({"vpc_endpoint_id": "v", one: "b"}, None)),
        )
    ),
    (
        "encryption out of a bucket",
        (
            change(BUCKET, _CODED, _bucket(server_side_encryption_configuration=[])),
            change(ENCRYPTION, None, {"bucket": "b", "rule": _encrypted("k")}),
        ),
    ),
    (
        "versioning out of a bucket",
        (
            change(BUCKET, _VERSIONED, _bucket(versioning=[])),
            change("aws_s3_bucket_versioning", None, _ENABLED),
        ),
    ),
    (
        "a public ACL out of a bucket",
        (
            change(BUCKET, _OPEN, _bucket(grant=[])),
            change("aws_s3_bucket_acl", None, _PUBLIC),
        ),
    ),
)


@pytest.mark.parametrize("changes", [pytest.param(changes, id=name) for name, changes in MOVES])
def test_a_move_is_no_alarm(changes: Changes) -> None:
    seen = [each for each in findings(*changes) if each.severity > Severity.UNKNOWN]
    assert seen == []


EXPOSURE, STOPS, LOSS = Severity.EXPOSURE, Severity.INTERRUPTION, Severity.DATA_LOSS
FOUND: tuple[tuple[str, str, Severity, Changes], ...] = (
    (
        "an attachment goes that the role only shows",
        "access-removed",
        STOPS,
        (_kept(ROLE, _role(managed_policy_arns=[_MINE])), change(ATTACHMENT, _GIVEN)),
    ),
    (
        "an attachment goes that stands twice",
        "access-removed",
        STOPS,
        (_kept(ATTACHMENT, _GIVEN), change(ATTACHMENT, _GIVEN)),
    ),
    (
        "the same to another role",
        "rights-attached",
        EXPOSURE,
        (change(ATTACHMENT, _GIVEN, name="old"), change(ATTACHMENT, None, _GIVEN | {"role": "z"})),
    ),
    (
        "the same to a user who is called as the role is",
        "rights-attached",
        EXPOSURE,
        (
            change(ATTACHMENT, _GIVEN),
            change("aws_iam_user_policy_attachment", None, {"user": "app", "policy_arn": _MINE}),
        ),
    ),
    *(
        (
            f"the same right of {type_} on something else",
            "rights-attached",
            EXPOSURE,
            (
                change(type_, {**right, on: "one"}, name="old"),
                change(type_, None, {**right, on: "other"}, name="new"),
            ),
        )
        for type_, on, right in (
            (
                "aws_eks_access_policy_association",
                "cluster_name",
                {"policy_arn": "arn:p", "principal_arn": "arn:r"},
            ),
            (
                "aws_ssoadmin_account_assignment",
                "target_id",
                {"permission_set_arn": "arn:s", "principal_id": "u"},
            ),
            (
                "aws_lakeformation_permissions",
                "database",
                {"permissions": ["ALL"], "principal": "arn:r"},
            ),
        )
    ),
    *(
        (
            f"a {type_} goes",
            rule,
            severity,
            (change(type_, {"name": "p", path: document}),),
        )
        for type_, path in (("aws_iam_policy", "policy"), ("aws_organizations_policy", "content"))
        for rule, severity, document in (
            ("access-removed", STOPS, _READS),
            ("policy-widened", EXPOSURE, _DENIES),
        )
    ),
    *(
        (
            f"a policy goes together with {type_}, and what both are laid on stays",
            "policy-widened",
            EXPOSURE,
            (change(type_, beside), change(policy_type, {owner: "arn:it", "policy": _DENIES})),
        )
        for type_, beside, policy_type, owner in (
            (
                "aws_sqs_queue_redrive_policy",
                {"id": "arn:it", "queue_url": "arn:it"},
                "aws_sqs_queue_policy",
                "queue_url",
            ),
            (
                "aws_secretsmanager_secret_version",
                {"arn": "arn:it"},
                "aws_secretsmanager_secret_policy",
                "secret_arn",
            ),
        )
    ),
    (
        "an access point goes",
        "unknown-type-destroyed",
        Severity.UNKNOWN,
        (change("aws_s3_access_point", {"name": "a", "bucket": "b", "policy": _DENIES}),),
    ),
    (
        "whatever else an exclusive list detaches",
        "access-removed",
        STOPS,
        (
            _kept(ATTACHMENT, _GIVEN),
            change(EXCLUSIVE, None, {"role_name": "app", "policy_arns": [_MINE]}),
        ),
    ),
    (
        "a policy of that name of another role",
        "policy-widened",
        EXPOSURE,
        (
            change(ROLE_POLICY, _WRITTEN),
            change(ROLE_POLICY, None, _WRITTEN | {"role": "z"}, name="z"),
        ),
    ),
    (
        "another policy of the role",
        "access-removed",
        STOPS,
        (
            change(ROLE, _role(inline_policy=_inline("p", "q")), _role(inline_policy=[])),
            change(ROLE_POLICY, None, _WRITTEN),
        ),
    ),
    *(
        (
            f"the denial in the policy that {type_} has",
            "policy-widened",
            EXPOSURE,
            (
                _kept(type_, {**owner, path: _DENIES}),
                change(f"{type_}_policy", None, {**named, path: _READS}),
            ),
        )
        for type_, owner, path, named in _THINGS
    ),
    (
        "a bucket's policy goes that the bucket only shows",
        "access-removed",
        STOPS,
        (
            _kept(BUCKET, _bucket(policy=_READS)),
            change(BUCKET_POLICY, {"bucket": "b", "policy": _READS}),
        ),
    ),
    (
        "a rule of another number",
        "network-acl-opened",
        EXPOSURE,
        (
            change(ACL, _ruled(100), _ruled()),
            change(ACL_RULE, None, _NUMBERED | {"rule_number": 1}),
        ),
    ),
    (
        "a rule of another network ACL",
        "network-acl-opened",
        EXPOSURE,
        (
            change(ACL, _ruled(100), _ruled()),
            change(ACL_RULE, None, _NUMBERED | {"network_acl_id": "acl-2"}),
        ),
    ),
    (
        "a subnet of another endpoint",
        "network-path-removed",
        STOPS,
        (
            change(ENDPOINT, {"id": "v", "subnet_ids": ["a"]}, {"id": "v", "subnet_ids": []}),
            change(
                f"{ENDPOINT}_subnet_association", None, {"vpc_endpoint_id": "w", "subnet_id": "a"}
            ),
        ),
    ),
    *(
        (
            f"encryption with {key or algorithm} instead",
            "encryption-key-changed",
            EXPOSURE,
            (
                change(BUCKET, _CODED, _bucket(server_side_encryption_configuration=[])),
                change(ENCRYPTION, None, {"bucket": "b", "rule": _encrypted(key, algorithm)}),
            ),
        )
        for key, algorithm in (("z", "aws:kms"), ("", "AES256"))
    ),
    *(
        (
            f"versioning of a bucket, {how}",
            "versioning-suspended",
            LOSS,
            (
                change(BUCKET, before, _bucket(versioning=[])),
                change("aws_s3_bucket_versioning", None, after),
            ),
        )
        for how, before, after in (
            (
                "suspended",
                _VERSIONED,
                _ENABLED | {"versioning_configuration": [{"status": "Suspended"}]},
            ),
            ("of another one", _VERSIONED, _ENABLED | {"bucket": "z"}),
            (
                "without the second factor",
                _bucket(versioning=[{"enabled": True, "mfa_delete": True}]),
                _ENABLED,
            ),
        )
    ),
    (
        "a public ACL that lets write, too",
        "public-access-allowed",
        EXPOSURE,
        (
            change(BUCKET, _OPEN, _bucket(grant=[])),
            change("aws_s3_bucket_acl", None, _PUBLIC | {"acl": "public-read-write"}),
        ),
    ),
)


@pytest.mark.parametrize(
    ("rule", "severity", "changes"),
    [pytest.param(rule, severity, changes, id=name) for name, rule, severity, changes in FOUND],
)
def test_what_is_no_move_is_found(rule: str, severity: Severity, changes: Changes) -> None:
    seen = {each.rule: each.severity for each in reversed(findings(*changes))}
    assert seen.get(rule) is severity, seen


@pytest.mark.parametrize(
    ("thing", "type_", "owner"),
    [
        ({"type": BUCKET, "id": "b"}, BUCKET_POLICY, "bucket"),
        ({"type": "aws_sqs_queue", "id": "https://q"}, "aws_sqs_queue_policy", "queue_url"),
        (
            {"type": "aws_efs_file_system", "id": "fs"},
            "aws_efs_file_system_policy",
            "file_system_id",
        ),
        (
            {"type": "aws_kinesis_stream", "arn": "arn:s"},
            "aws_kinesis_resource_policy",
            "resource_arn",
        ),
        ({"type": ROLE, "name": "r"}, ROLE_POLICY, "role"),
        (
            {"type": "aws_codeartifact_domain", "domain": "d"},
            "aws_codeartifact_domain_permissions_policy",
            "domain",
        ),
    ],
)
@pytest.mark.parametrize("goes", [True, False])
def test_a_policy_that_goes_with_what_it_is_laid_on_is_no_alarm(
    thing: dict[str, str], type_: str, owner: str, *, goes: bool
) -> None:
    values = {key: value for key, value in thing.items() if key != "type"}
    (name,) = values.values()
    path = "policy_document" if "codeartifact" in type_ else "policy"
    seen = findings(
        change(thing["type"], values) if goes else _kept(thing["type"], values),
        change(type_, {owner: name, path: _DENIES}),
    )
    said = {each.rule for each in seen if each.address.startswith(f"{type_}.")}
    assert not said if goes else "policy-widened" in said


def test_a_document_that_is_hidden_elsewhere_is_not_told() -> None:
    hidden = _kept(BUCKET, _bucket(policy=_DENIES))
    hidden["change"]["before_sensitive"] = hidden["change"]["after_sensitive"] = {"policy": True}
    seen = findings(hidden, change(BUCKET_POLICY, None, {"bucket": "b", "policy": _READS}))
    assert not [each.what for each in seen if "denies" in each.what]
    assert any(each.rule == "policy-widened" for each in seen)
