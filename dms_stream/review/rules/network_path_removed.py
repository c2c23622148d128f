"""A path that the data takes through the network is removed."""

from collections.abc import Iterator, Mapping
from typing import Any

from constructs_lib.dms.engine_versions import VPC_ENDPOINTS_SINCE
from dms_stream.review.openings import GROUPS, RULES, covered, in_words, openings_of
from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.redaction import clean
from dms_stream.review.routes import (
    TABLES,
    TARGETS,
    blocks,
    destination_of,
    routes_after,
    target_of,
)
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_DESTROYED: Mapping[str, str] = {
    "aws_vpc_endpoint": "what reached the service only through it no longer does",
    "aws_vpc_endpoint_route_table_association": "that route table no longer leads to the service",
    "aws_vpc_endpoint_subnet_association": "that subnet no longer reaches the service through it",
    "aws_vpc_endpoint_security_group_association": "clients that the group let in are kept out",
    "aws_vpc_security_group_ingress_rule": "clients that this rule let in are kept out",
    "aws_vpc_security_group_egress_rule": "traffic that this rule let out is kept in",
    "aws_security_group_rule": "traffic that this rule let pass is stopped",
    "aws_security_group": "its members no longer reach what let the group in",
    "aws_route": "traffic on this route has nowhere to go",
    "aws_route_table": "traffic on its routes has nowhere to go",
    "aws_route_table_association": "the subnet falls back to the main route table",
    "aws_main_route_table_association": "the VPC falls back to its first route table",
    "aws_subnet": "everything in it has to go too",
    "aws_vpc": "everything in it has to go too",
    "aws_db_subnet_group": "the cluster in it has to go too",
    "aws_dms_replication_subnet_group": "the instance in it has to go too",
    "aws_nat_gateway": "traffic through it has nowhere to go",
    "aws_internet_gateway_attachment": "traffic through it has nowhere to go",
    "aws_internet_gateway": "traffic through it has nowhere to go",
    "aws_egress_only_internet_gateway": "traffic through it has nowhere to go",
    "aws_vpc_peering_connection": "the two networks no longer reach each other",
    "aws_ec2_transit_gateway_vpc_attachment": "the network is cut off from the transit gateway",
    "aws_ec2_transit_gateway_route": "traffic on this route has nowhere to go",
    "aws_vpn_connection": "the network at the other end is cut off",
    "aws_vpn_gateway": "the networks behind it are cut off",
    "aws_dx_gateway_association": "the network at the other end is cut off",
    "aws_route53_record": "lookups of the name find nothing",
    "aws_service_discovery_instance": "lookups of the name no longer find it",
}

_EXCLUSIVE = "aws_vpc_security_group_rules_exclusive"
_LISTS: Mapping[str, tuple[str, ...]] = {
    "aws_vpc_endpoint": ("subnet_ids", "security_group_ids", "route_table_ids"),
    "aws_db_subnet_group": ("subnet_ids",),
    "aws_dms_replication_subnet_group": ("subnet_ids",),
    "aws_route53_record": ("records",),
    "aws_route_table": ("propagating_vgws",),
    _EXCLUSIVE: ("ingress_rule_ids", "egress_rule_ids"),
}
_ENDPOINT = "aws_vpc_endpoint"
_ASSOCIATIONS: Mapping[str, tuple[str, str]] = {
    "aws_vpc_endpoint_route_table_association": ("route_table_id", "route_table_ids"),
    "aws_vpc_endpoint_subnet_association": ("subnet_id", "subnet_ids"),
    "aws_vpc_endpoint_security_group_association": ("security_group_id", "security_group_ids"),
}
"""Type that ties something to an endpoint, what that is, and the endpoint's own list of them."""
_SWITCHES: Mapping[str, tuple[str, ...]] = {
    "aws_vpc_endpoint": ("private_dns_enabled",),
    "aws_vpc": ("enable_dns_support", "enable_dns_hostnames"),
}
_STEPS: Mapping[str, tuple[str, ...]] = {
    "aws_route": TARGETS,
    "aws_route_table_association": ("route_table_id",),
    "aws_main_route_table_association": ("route_table_id",),
    "aws_route53_record": ("name", "type", "alias", "set_identifier"),
}
_ADOPTED: Mapping[str, tuple[str, str]] = {
    "aws_default_security_group": ("vpc_id", "the VPC's own group keeps only the rules listed"),
    "aws_default_network_acl": (
        "default_network_acl_id",
        "the VPC's own network ACL keeps only the rules listed",
    ),
    "aws_default_route_table": (
        "default_route_table_id",
        "the VPC's own route table keeps only the routes listed",
    ),
    _EXCLUSIVE: ("security_group_id", "the group keeps only the rules listed"),
}
"""Type that takes over what exists, the attribute that names that, and what becomes of it."""

_USED_BY_DMS = (".kinesis-streams", ".secretsmanager", ".s3")
_FOR_DMS = (
    f"DMS {VPC_ENDPOINTS_SINCE} and later reach Kinesis, Secrets Manager and S3 only through such "
    "endpoints"
)


@rule(
    Severity.INTERRUPTION,
    types=(*_DESTROYED, *_ADOPTED),
    judges={
        **{
            type_: (
                *_LISTS.get(type_, ()),
                *_SWITCHES.get(type_, ()),
                *_STEPS.get(type_, ()),
            )
            for type_ in {*_LISTS, *_SWITCHES, *_STEPS}
        },
        **{type_: ("route", *_LISTS.get(type_, ())) for type_ in TABLES},
    },
    why="Without a path, DMS reaches neither its source nor its stream, and the task fails.",
    instead="Keep it, or create the other path first, and remove this one in a later change.",
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_VPC_Endpoints.html",
        provider_page("vpc_endpoint"),
        provider_page("route_table"),
    ),
)
def network_path_removed(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A VPC endpoint, security group rule, route, subnet or name is destroyed or replaced, or taken
    out of the block or list in which it stands; or Terraform takes over what a VPC has by itself,
    and removes what is not listed. A rule or route that only moves to a resource of its own, or
    back, is none.
    """
    if change.type in _ADOPTED and change.action is Action.CREATE:
        owner, means = _ADOPTED[change.type]
        if not plan.makes_owner(change, owner):
            yield Observation(f"{clean(str(change.new(owner)))} is taken over: {means}")
        return
    if change.destroys and change.type in _DESTROYED:
        if not change.makes and _stands_elsewhere(plan, change):
            return
        because = f" {change.why_replaced()}" if change.makes else ""
        subject = change.old("service_name") or change.name
        used = str(subject).endswith(_USED_BY_DMS)
        what = _FOR_DMS if used else _DESTROYED[change.type]
        yield Observation(f"{clean(str(subject))} is {change.action}{because}: {what}")
    if not change.updates:
        return
    yield from _closed(plan, change)
    yield from _routes(plan, change)
    for path in _LISTS.get(change.type, ()):
        if not change.unknown(path):
            gone = _texts(change.old(path)) - _texts(change.new(path))
            if change.type == _ENDPOINT:
                endpoint = change.old("id")
                gone = {each for each in gone if (endpoint, path, each) not in _tied(plan)}
            if gone:
                shown = ", ".join(sorted(map(clean, gone)))
                yield Observation(f"{change.name}: taken out of {path}: {shown}")
    for path in _SWITCHES.get(change.type, ()):
        if change.old(path) is True and change.new(path) is False:
            yield Observation(f"{change.name}: {change.step(path)}: names are no longer resolved")
    for path in _STEPS.get(change.type, ()):
        if change.changed(path) and change.old(path):
            yield Observation(f"{change.name} leads elsewhere: {change.step(path)}")


def _stands_elsewhere(plan: Plan, change: ResourceChange) -> bool:
    if change.type == "aws_route":
        table, route = change.old("route_table_id"), destination_of(change.before)
        return (table, route) in routes_after(plan)
    if change.type in _ASSOCIATIONS:
        one, several = _ASSOCIATIONS[change.type]
        tie = (change.old("vpc_endpoint_id"), several, str(change.old(one)))
        return tie in _tied(plan)
    if change.type not in RULES:
        return False
    direction = "egress" if _lets_out(change) else "ingress"
    _, after = plan.openings.get((str(change.old("security_group_id")), direction), (set(), set()))
    own = list(openings_of(change.type, change.before, direction))
    return bool(own) and all(covered(each, after) for each in own)


def _tied(plan: Plan) -> set[tuple[Any, str, str]]:
    """What this plan newly ties to an endpoint: the endpoint, its list, and what."""
    if "endpoints" not in plan.memo:
        found: set[tuple[Any, str, str]] = set()
        for type_, (one, several) in _ASSOCIATIONS.items():
            for each in plan.of_type(type_):
                if each.makes:
                    found.add((each.new("vpc_endpoint_id"), several, str(each.new(one))))
            for each in plan.of_type(_ENDPOINT):
                come = _texts(each.new(several)) - _texts(each.old(several))
                found |= {(each.new("id"), several, name) for name in come}
        plan.memo["endpoints"] = found
    tied: set[tuple[Any, str, str]] = plan.memo["endpoints"]
    return tied


def _lets_out(change: ResourceChange) -> bool:
    return "_egress_" in change.type or change.old("type") == "egress"


def _closed(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    if change.type not in (*GROUPS, *RULES):
        return
    group = change.old("id" if change.type in GROUPS else "security_group_id")
    for direction, verb in (("ingress", "lets in"), ("egress", "lets out to")):
        if change.unknown(direction):
            continue
        after = {
            *openings_of(change.type, change.after, direction),
            *plan.openings.get((str(group), direction), (set(), set()))[1],
        }
        for opening in sorted(set(openings_of(change.type, change.before, direction))):
            if not covered(opening, after):
                hidden = any(change.sensitive(name) for name in ("ingress", "egress", "cidr_ipv4"))
                shown = "some addresses (marked as sensitive)" if hidden else in_words(opening)
                yield Observation(f"{change.name} no longer {verb} {shown}")


def _routes(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    if change.type not in TABLES or change.unknown("route"):
        return
    after = {destination_of(each): target_of(each) for each in blocks(change.new("route"))}
    for each in blocks(change.old("route")):
        destination = destination_of(each)
        if destination not in after:
            if (change.old("id"), destination) not in routes_after(plan):
                yield Observation(f"{change.name} no longer has a route to {clean(destination)}")
        elif after[destination] != target_of(each):
            yield Observation(
                f"{change.name}: the route to {clean(destination)} leads elsewhere: "
                f"{clean(target_of(each))} → {clean(after[destination])}"
            )


def _texts(value: Any) -> set[str]:
    return {str(each) for each in value} if isinstance(value, list) else set()
