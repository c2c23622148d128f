"""Anybody's account, or anybody's workload, may assume a role."""

import re
from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.policies import Clause, Permission, Policy, read_policy
from dms_stream.review.policy_attributes import TRUST
from dms_stream.review.redaction import clean
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity

# services that act for a resource somebody names, which need not be of this account
_DEPUTIES = ("dms", "firehose", "kinesisanalytics", "logs", "events", "sns", "s3", "glue", "states")
_GUARDS = (
    "aws:sourceaccount",
    "aws:sourcearn",
    "aws:sourceorgid",
    "aws:sourceorgpaths",
    "sts:externalid",
)
_WEB_IDENTITY = "sts:assumerolewithwebidentity"


@rule(
    Severity.EXPOSURE,
    types=("aws_iam_role",),
    judges=(TRUST,),
    why=(
        "A service can be made to use the role for a resource in somebody else's account (the "
        "confused deputy); an identity provider that many share vouches for strangers too."
    ),
    instead=(
        "Add a condition on aws:SourceAccount, and on aws:SourceArn where the service sends it. "
        "For OIDC, compare `…:sub` with the exact repository, branch or service account."
    ),
    sources=(
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html",
        "https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create_for-idp_oidc.html",
    ),
)
def trust_without_conditions(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A trust policy that is new or changed lets a service in without a condition on its caller, or
    an OIDC provider without one on the subject, or with a wildcard that strangers satisfy.
    """
    if not (change.makes or change.compares) or not change.changed(TRUST):
        return
    after = read_policy(change.new_document(TRUST))
    if after is None or change.sensitive(TRUST):
        return
    before = read_policy(change.old_document(TRUST))
    known = _unguarded(before) if before else []
    for text in _unguarded(after):
        if text not in known:
            yield Observation(text.replace("(role)", change.name))


def _unguarded(policy: Policy) -> list[str]:
    found = set()
    for each in policy.allowed:
        principal = str(each.principal)
        if each.kind == "Service" and principal.split(".")[0] in _DEPUTIES:
            if not any(_guards(clause) for clause in each.conditions):
                found.add(f"{clean(principal)} may assume (role) for any account")
        elif each.kind == "Federated" and not _subject_is_named(each):
            if each.action not in (_WEB_IDENTITY, "sts:*", "*"):
                continue
            provider = clean(principal.rsplit("oidc-provider/", 1)[-1])
            found.add(f"anybody whom {provider} vouches for may assume (role)")
    return sorted(found)


def _guards(clause: Clause) -> bool:
    # services differ in what they send, so `…IfExists` is how AWS writes it too
    return clause.key in _GUARDS and clause.names_who


def _subject_is_named(permission: Permission) -> bool:
    return any(clause.limits_who or _names_a_subject(clause) for clause in permission.conditions)


def _names_a_subject(clause: Clause) -> bool:
    claim = clause.key.rpartition(":")[2]
    if clause.optional or clause.plain_operator not in _COMPARES:
        return False
    if claim not in _SUBJECTS and clause.key != _POOL:
        return False
    owner = _OWNER if claim == "sub" else _OWNER_OF_A_REPOSITORY
    return all(not {"*", "?"} & set(value) or owner.match(value) for value in clause.values)


_COMPARES = ("stringequals", "stringequalsignorecase", "stringlike")
# the claims that say who comes; the others say for whom the token is, or how somebody logged in
# https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html
_SUBJECTS = (
    "actor",
    "actor_id",
    "app_id",
    "cluster_id",
    "enterprise_id",
    "google/organization_number",
    "id",
    "namespace_id",
    "oidc.circleci.com/project-id",
    "organization_id",
    "organization_slug",
    "pipeline_id",
    "project_id",
    "repository",
    "repository_id",
    "repository_owner_id",
    "rpst_id",
    "sub",
    "user_email",
    "user_id",
    "user_login",
)
# every account's pools have the same provider
_POOL = "cognito-identity.amazonaws.com:aud"
# what is before the first wildcard has to name an owner whole: `repo:acme/…`, not `repo:acm*`;
# a namespace of a cluster; a repository of Bitbucket by its id
_OWNER = re.compile(
    r"system:serviceaccount:[^:*?]+:|(?!system:)[^:/*?]+[:/][^:/*?]+[:/]|\{[^}*?]+\}:"
)
_OWNER_OF_A_REPOSITORY = re.compile("[^/*?]+/")
