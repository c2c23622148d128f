"""Something is shared with others, or with everybody."""

from collections.abc import Iterator, Mapping
from string import Formatter
from typing import Any

from dms_stream.review.lifecycles import Reach, reach_of
from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.policies import says_who
from dms_stream.review.redaction import clean
from dms_stream.review.rule import ANYWHERE, Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import at

LISTS = (
    "shared_accounts",
    "allowed_principals",
    "public_access_cidrs",
    "trusted_account_ids",
    "allowed_account_ids",
    "shared_account_ids",
    "account_ids",
)
"""Attributes of any type that list with whom something is shared."""

SWITCHES: Mapping[str, tuple[Any, ...]] = {
    "allow_external_principals": (True,),
    "auto_accept_shared_attachments": ("enable",),
    "endpoint_public_access": (True,),
    "public_network_access": ("Enabled", True),
    "map_public_ip_on_launch": (True,),
    "associate_public_ip_address": (True,),
    "assign_public_ip": (True,),
}
"""Attributes of any type that open something to the outside, and the values that do so."""

OPEN_VALUES: Mapping[str, Mapping[str, tuple[Any, ...]]] = {
    "aws_lambda_function_url": {"authorization_type": ("NONE",)},
    "aws_apigatewayv2_route": {"authorization_type": ("NONE",)},
    "aws_api_gateway_method": {"authorization": ("NONE",)},
    "aws_ebs_snapshot_block_public_access": {"state": ("unblocked", "block-new-sharing")},
    "aws_ec2_image_block_public_access": {"state": ("unblocked",)},
    "aws_appsync_graphql_api": {"authentication_type": ("API_KEY",)},
    "aws_vpc_endpoint_service": {"acceptance_required": (False,)},
    "aws_lb": {"internal": (False,)},
    "aws_alb": {"internal": (False,)},
    "aws_msk_cluster": {
        "broker_node_group_info.0.connectivity_info.0.public_access.0.type": (
            "SERVICE_PROVIDED_EIPS",
        ),
        "client_authentication.0.unauthenticated": (True,),
    },
}
"""Type, attribute and the values that let strangers in."""

GRANTS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "aws_ami_launch_permission": (
        "image {image_id} may be used by {who}",
        ("account_id", "group", "organization_arn", "organizational_unit_arn"),
    ),
    "aws_snapshot_create_volume_permission": (
        "the snapshot {snapshot_id} may be restored by {who}",
        ("account_id",),
    ),
    "aws_lambda_permission": (
        "{who} may {action} the function {function_name}",
        ("principal", "principal_org_id"),
    ),
    "aws_lambda_layer_version_permission": (
        "{who} may {action} the layer {layer_name}",
        ("principal", "organization_id"),
    ),
    "aws_kms_grant": ("{who} may use the key {key_id}: {operations}", ("grantee_principal",)),
    "aws_ram_principal_association": (
        "{who} gets what is shared by {resource_share_arn}",
        ("principal",),
    ),
    "aws_ram_resource_association": (
        "{who} is shared by {resource_share_arn}",
        ("resource_arn",),
    ),
    "aws_vpc_endpoint_service_allowed_principal": (
        "{who} may connect to {vpc_endpoint_service_id}",
        ("principal_arn",),
    ),
    "aws_redshift_endpoint_authorization": (
        "{who} may connect to {cluster_identifier}",
        ("account",),
    ),
    "aws_redshift_data_share_authorization": (
        "{who} may read {data_share_arn}",
        ("consumer_identifier",),
    ),
    "aws_directory_service_shared_directory": ("{who} may use {directory_id}", ("target",)),
    "aws_cloudwatch_event_permission": ("{who} may put events on the bus", ("principal",)),
    "aws_acmpca_permission": ("{who} may issue certificates", ("principal",)),
    "aws_s3control_access_grant": (
        "{who} gets {permission} on {access_grants_location_id}",
        ("grantee",),
    ),
    "aws_route53_vpc_association_authorization": ("{who} may use the zone {zone_id}", ("vpc_id",)),
    "aws_servicecatalog_portfolio_share": (
        "{who} gets the portfolio {portfolio_id}",
        ("principal_id",),
    ),
    "aws_eks_access_entry": ("{who} may enter the cluster {cluster_name}", ("principal_arn",)),
    "aws_iam_access_key": ("{who} gets a key that works from anywhere", ("user",)),
    "aws_iam_user_login_profile": ("{who} gets a password for the console", ("user",)),
    "aws_iam_openid_connect_provider": ("{who} may vouch for identities here", ("url",)),
    "aws_iam_saml_provider": ("{who} may vouch for identities here", ("name",)),
}
"""Type that gives somebody a right by existing, what that is, and the attributes that say who."""

_DETAILS = ("action", "operations", "permissions", "constraints", "function_url_auth_type")
# what says on whose behalf a service comes, and the condition key that it stands for
_ON_BEHALF_OF = {
    "source_arn": "aws:sourcearn",
    "source_account": "aws:sourceaccount",
    "principal_org_id": "aws:principalorgid",
    "event_source_token": "lambda:eventsourcetoken",
}
_ORGANIZATIONS = ("principal_org_id", "organization_id", "condition.0.value")
_NARROWS = (*_ON_BEHALF_OF, "condition")
_COPIES: Mapping[str, tuple[str, str]] = {
    "aws_s3_bucket": ("replication_configuration.rules", "account_id"),
    "aws_s3_bucket_replication_configuration": ("rule", "account"),
}
"""Type, the rules by which its objects are copied, and what names the account of the copies."""

_WITH = {type_: who for type_, (_, who) in GRANTS.items()}
_SERVICES = ".amazonaws.com"
_OPEN_LISTS = ("*", "all", "All", "0.0.0.0/0", "::/0")


@rule(
    Severity.EXPOSURE,
    judges={
        "*": (
            *(f"{ANYWHERE}{name}" for name in LISTS),
            *(f"{ANYWHERE}{name}" for name in SWITCHES),
        ),
        **{
            type_: tuple(
                ".".join(part for part in path.split(".") if not part.isdigit()) for path in paths
            )
            for type_, paths in OPEN_VALUES.items()
        },
        **{type_: (*who, *_NARROWS, *_DETAILS) for type_, who in _WITH.items()},
        **{type_: (rules,) for type_, (rules, _) in _COPIES.items()},
    },
    at_creation=(
        *(f"{ANYWHERE}{name}" for name in LISTS),
        "authorization_type",
        *dict.fromkeys(name for who in _WITH.values() for name in who),
        # not where the copies go to: of a bucket of this account that is new, it is said
        "rule.destination.account",
    ),
    why="Others can read it, copy it or call it, and what they copied stays with them.",
    instead=(
        "Share with named accounts of your organization, with a condition on who comes from where, "
        "and through a key that you can take back."
    ),
    sources=(
        "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_ShareSnapshot.html",
        "https://docs.aws.amazon.com/lambda/latest/dg/access-control-resource-based.html",
        "https://docs.aws.amazon.com/kms/latest/developerguide/grants.html",
        provider_page("db_snapshot"),
        provider_page("lambda_permission"),
    ),
    others=(Severity.NOTICE,),
)
def shared(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A snapshot, image, function, key, directory or service is shared with another account, with
    everybody, or with the internet; or somebody gets a login of their own.
    """
    if change.type in _WITH:
        yield from _granted(plan, change)
    if change.destroys and change.type.endswith("block_public_access") and not change.makes:
        yield Observation(
            f"nothing keeps {change.type.split('_')[2]}s from being public any longer"
        )
    if not (change.makes or change.compares):
        return
    open_values = {} if _is_preflight(change) else OPEN_VALUES.get(change.type, {})
    for path, values in open_values.items():
        if change.new(path) in values and change.old(path) not in values:
            yield Observation(
                f"{change.name} is open: {path.rsplit('.', 1)[-1]} is {change.shown_new(path)}"
            )
    for path in _paths(change):
        yield from _attribute(change, path)
    yield from _copied(plan, change)


def _is_preflight(change: ResourceChange) -> bool:
    # a browser asks by OPTIONS what it may do, and sends no credentials with it
    # https://fetch.spec.whatwg.org/#cors-preflight-fetch
    route = str(change.new("route_key") or "")
    return change.new("http_method") == "OPTIONS" or route.startswith("OPTIONS ")


def _copied(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    if change.type not in _COPIES:
        return
    rules, account = _COPIES[change.type]
    known = list(_destinations(change.before, rules, account))
    copies = {
        (bucket, owner)
        for bucket, owner, reach in _destinations(change.after, rules, account)
        if not any(each[:2] == (bucket, owner) and reach.within(each[2]) for each in known)
    }
    for bucket, owner in sorted(copies):
        elsewhere = bool(owner) and owner not in plan.accounts
        of = f" of the account {clean(owner)}" if owner else ""
        yield Observation(
            f"the objects of {change.name} are copied to {clean(bucket)}{of}",
            severity=None if elsewhere else Severity.NOTICE,
            why=None if elsewhere else "Whoever reads that bucket reads them, too.",
            instead=None if elsewhere else "Check who does.",
        )


def _destinations(values: Any, rules: str, account: str) -> Iterator[tuple[str, str, Reach]]:
    top, _, inner = rules.partition(".")
    found = at(values, f"{top}.0.{inner}" if inner else top)
    for each in found if isinstance(found, list) else []:
        bucket = at(each, "destination.0.bucket")
        if bucket and each.get("status") != "Disabled":
            owner = str(at(each, f"destination.0.{account}") or "")
            yield str(bucket), owner, reach_of(each)


def _paths(change: ResourceChange) -> Iterator[str]:
    if change.compares:
        # of a list, the path is the list's own
        seen = {_up_to_name(path) for path in change.differing()}
    else:
        seen = {_up_to_name(path) for path in _leaves(change.after)}
    yield from sorted(path for path in seen if path)


def _up_to_name(path: str) -> str:
    parts = path.split(".")
    for number, part in enumerate(parts):
        if part in LISTS or part in SWITCHES:
            return ".".join(parts[: number + 1])
    return ""


def _leaves(value: Any, path: str = "") -> Iterator[str]:
    if isinstance(value, dict):
        for key, inner in value.items():
            if key in LISTS or key in SWITCHES:
                yield f"{path}{key}"
            elif isinstance(inner, dict):
                yield from _leaves(inner, f"{path}{key}.")
            elif isinstance(inner, list) and inner and isinstance(inner[0], dict):
                for number, each in enumerate(inner):
                    yield from _leaves(each, f"{path}{key}.{number}.")


def _attribute(change: ResourceChange, path: str) -> Iterator[Observation]:
    name = path.rsplit(".", 1)[-1]
    if name in SWITCHES:
        if change.new(path) in SWITCHES[name] and change.old(path) not in SWITCHES[name]:
            yield Observation(f"{change.name} is open to the outside ({name})")
        return
    old, new = (_listed(value) for value in (change.old(path), change.new(path)))
    added = [str(each) for each in new if each not in old]
    if added and change.sensitive(path):
        yield Observation(f"{change.name} is shared with more than before ({name})")
    elif added:
        everybody = any(each in _OPEN_LISTS for each in added)
        shown = ", ".join(map(clean, added))
        yield Observation(
            f"{change.name} is shared with {'everybody' if everybody else shown} ({name})"
        )


def _listed(value: Any) -> list[Any]:
    # a document's permissions are a text: `111111111111,222222222222`
    if isinstance(value, str):
        return [each.strip() for each in value.split(",") if each.strip()]
    return value if isinstance(value, list) else []


def what_is_granted(change: ResourceChange, *, before: bool = False) -> str:
    """Who may do what by something of `GRANTS`, in words.

    Args:
        change: The resource.
        before: Whether as it was instead of as it will be.
    """
    text, names = GRANTS[change.type]
    value, shown = (change.old, change.shown_old) if before else (change.new, change.shown_new)
    who = next((value(name) for name in names if value(name)), None)
    if who in ("*", "all", "All"):
        organization = next((value(name) for name in _ORGANIZATIONS if value(name)), None)
        named = (
            f"everybody of the organization {clean(str(organization))}"
            if organization
            else "everybody"
        )
    else:
        named = clean(who) if isinstance(who, str) else "somebody"
    fields = {field: shown(field) for _, field, _, _ in Formatter().parse(text) if field}
    return text.format_map(fields | {"who": named})


def taken(change: ResourceChange, path: str) -> list[str]:
    """What a list of a grant no longer names, where it names nothing else instead.

    Args:
        change: The grant.
        path: The list.
    """
    old, new = change.old(path), change.new(path)
    if path not in ("operations", "permissions") or not isinstance(old, list) or not new:
        return []
    return [str(each) for each in old if each not in new] if set(new) < set(old) else []


def _granted(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    _, names = GRANTS[change.type]
    if not (change.makes or change.updates):
        return
    given = [name for name in names if change.new(name)]
    relevant = (*names, *_NARROWS, *_DETAILS)
    if not given or (
        change.compares
        and not any(change.changed(path) and not taken(change, path) for path in relevant)
    ):
        return
    who, what = change.new(given[0]), what_is_granted(change)
    narrowed = any(
        change.unknown(name) or says_who(key, str(change.new(name) or ""))
        for name, key in _ON_BEHALF_OF.items()
    )
    service = isinstance(who, str) and who.endswith(_SERVICES)
    if service and narrowed:
        return
    accounts = plan.accounts
    own = isinstance(who, str) and any(account in who for account in accounts)
    only_said = (own or service) and change.new("function_url_auth_type") != "NONE"
    yield Observation(
        f"{what}{f' for any account ({_missing(change)})' if service else ''}",
        severity=Severity.NOTICE if only_said and not service else None,
        why="It is one of this account." if only_said and not service else None,
        instead="Check that this is who needs it." if only_said and not service else None,
    )


def _missing(change: ResourceChange) -> str:
    if change.new("source_arn"):
        return "source_arn names none, no source_account"
    return "no source_arn, no source_account"
