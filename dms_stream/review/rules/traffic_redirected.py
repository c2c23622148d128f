"""Traffic takes another way than before."""

from collections.abc import Iterator, Mapping

from dms_stream.review.openings import is_most_of_the_internet
from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.redaction import clean
from dms_stream.review.routes import (
    TABLES,
    blocks,
    destination_of,
    is_to_the_internet,
    routes_before,
    target_of,
)
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_ENDPOINT = "aws_vpc_endpoint"
_ACL = "aws_network_acl"
_FOLLOWS: Mapping[str, tuple[str, str]] = {
    "aws_main_route_table_association": ("vpc_id", "every subnet without a table of its own"),
    "aws_network_acl_association": ("subnet_id", "the subnet {}"),
    "aws_route_table_association": ("subnet_id", "the subnet {}"),
}
"""Type that ties something to a table or list, the attribute that says what, and its words."""
_RECORD = "aws_route53_record"


@rule(
    Severity.INTERRUPTION,
    types=("aws_route", *TABLES, _ENDPOINT, _ACL, *_FOLLOWS, _RECORD),
    judges={
        _ENDPOINT: ("private_dns_enabled",),
        _ACL: ("subnet_ids",),
        "aws_network_acl_association": ("subnet_id", "network_acl_id"),
        _RECORD: ("allow_overwrite",),
    },
    why=(
        "What worked over the old way works only if the new one leads there too, and lets it pass."
    ),
    instead=(
        "Check, for everything in the network and not only for this pipeline, that the new way "
        "leads there; change it when a delay does no harm."
    ),
    sources=(
        "https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html",
        "https://docs.aws.amazon.com/vpc/latest/privatelink/interface-endpoints.html",
        provider_page("vpc_endpoint"),
        provider_page("route"),
    ),
    others=(Severity.EXPOSURE, Severity.NOTICE),
)
def traffic_redirected(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A network that exists gets a route, an endpoint that takes over a service's name, another
    route table or another network ACL, or a name's record is overwritten. A route to the internet
    is exposure.
    """
    if not (change.makes or change.updates):
        return
    if change.type in ("aws_route", *TABLES):
        yield from _routes(plan, change)
    elif change.type == _ENDPOINT:
        yield from _endpoint(plan, change)
    elif change.type == _ACL:
        yield from _subnets(plan, change)
    elif change.type == _RECORD:
        if change.action is Action.CREATE and change.new("allow_overwrite") is True:
            yield Observation(
                f"{change.name}: a record that is there already is overwritten (allow_overwrite)"
            )
    elif change.action is Action.CREATE:
        attribute, words = _FOLLOWS[change.type]
        if not plan.makes_owner(change, attribute):
            what = "network ACL" if "acl" in change.type else "route table"
            whose = words.format(clean(str(change.new(attribute))))
            yield Observation(f"{whose} follows another {what} from now on")


def _routes(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    owner = "route_table_id" if change.type == "aws_route" else "id"
    if owner == "route_table_id" and plan.makes_owner(change, owner):
        return
    if owner == "id" and (change.action is Action.CREATE or change.unknown("route")):
        return
    table = change.new(owner) or change.old(owner)
    name = clean(str(table or change.name))
    known = routes_before(plan)
    for each in [change.after] if change.type == "aws_route" else blocks(change.new("route")):
        destination = destination_of(each)
        before = known.get((table, destination))
        # an internet gateway that is new is not known, and neither is a private one
        perhaps = change.unknown("gateway_id") and is_most_of_the_internet(destination)
        if (is_to_the_internet(each) or perhaps) and not (before and is_to_the_internet(before)):
            where = clean(destination)
            yield Observation(
                f"the subnets of {name} may be public: where {where} leads is known only after the "
                "apply (gateway_id)"
                if perhaps
                else f"the subnets of {name} are public: {where} leads to the internet",
                severity=Severity.EXPOSURE,
                why="What has a public address there can be reached from the internet.",
                instead="Lead it through a NAT gateway or an endpoint.",
            )
        elif before is None and not change.destroys:
            yield Observation(
                f"traffic from {name} to {clean(destination)} takes another way: "
                f"{clean(target_of(each))}",
                severity=Severity.NOTICE,
            )


def _endpoint(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    service = clean(str(change.new("service_name") or change.name))
    if change.updates:
        if change.changed("private_dns_enabled") and change.new("private_dns_enabled") is True:
            yield Observation(f"the name of {service} leads to {change.name} for the whole VPC")
    elif change.action is Action.CREATE and not plan.makes_owner(change, "vpc_id"):
        if change.new("private_dns_enabled") is True:
            yield Observation(
                f"the name of {service} leads to a new endpoint for the whole VPC: its security "
                "groups and its policy decide who still reaches the service"
            )
        elif change.new("route_table_ids") and not plan.makes_owner(change, "route_table_ids"):
            yield Observation(
                f"traffic to {service} takes a new endpoint: its policy decides what still passes"
            )


def _subnets(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    old, new = (value or [] for value in (change.old("subnet_ids"), change.new("subnet_ids")))
    if change.unknown("subnet_ids") or plan.makes_owner(change, "subnet_ids"):
        return
    if added := [each for each in new if each not in old]:
        yield Observation(
            f"{', '.join(map(clean, added))} follows {change.name}: what it does not allow stops"
        )
