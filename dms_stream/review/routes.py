"""The routes of route tables, whether they stand in the table or are resources of their own."""

from collections.abc import Iterator, Mapping
from typing import Any

from dms_stream.review.openings import is_most_of_the_internet
from dms_stream.review.plan import Plan

TABLES = ("aws_route_table", "aws_default_route_table")
"""The types of route tables."""

TARGETS = (
    "gateway_id",
    "nat_gateway_id",
    "network_interface_id",
    "transit_gateway_id",
    "vpc_endpoint_id",
    "vpc_peering_connection_id",
    "egress_only_gateway_id",
    "carrier_gateway_id",
    "core_network_arn",
    "local_gateway_id",
)
"""The attributes that say where a route leads."""

_DESTINATIONS = (
    "cidr_block",
    "ipv6_cidr_block",
    "destination_cidr_block",
    "destination_ipv6_cidr_block",
    "destination_prefix_list_id",
)
_INTERNET_GATEWAY = "igw-"

Routes = dict[tuple[Any, str], Mapping[str, Any]]
"""Table and destination, and the route."""


def destination_of(route: Mapping[str, Any]) -> str:
    """Which addresses a route is for."""
    return next((str(route[name]) for name in _DESTINATIONS if route.get(name)), "(nowhere)")


def target_of(route: Mapping[str, Any]) -> str:
    """Where it leads."""
    return next((str(route[name]) for name in TARGETS if route.get(name)), "(nothing)")


def is_to_the_internet(route: Mapping[str, Any]) -> bool:
    """Whether it leads everything, or a large part of it, through an internet gateway."""
    gateway = str(route.get("gateway_id") or "")
    return is_most_of_the_internet(destination_of(route)) and gateway.startswith(_INTERNET_GATEWAY)


def routes_before(plan: Plan) -> Routes:
    """The routes of a plan's tables, before."""
    return dict(_routes(plan, after=False))


def routes_after(plan: Plan) -> Routes:
    """The routes of a plan's tables, after."""
    return dict(_routes(plan, after=True))


def blocks(value: Any) -> list[dict[str, Any]]:
    """The routes that stand in a table."""
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def _routes(plan: Plan, *, after: bool) -> Iterator[tuple[tuple[Any, str], Mapping[str, Any]]]:
    for change in plan.of_type("aws_route", *TABLES):
        values = change.after if after else change.before
        if change.type == "aws_route":
            if values:
                yield (values.get("route_table_id"), destination_of(values)), values
        else:
            for each in blocks(values.get("route")):
                yield (values.get("id"), destination_of(each)), each
