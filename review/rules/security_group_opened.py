"""A security group lets more addresses in."""

import ipaddress
from collections.abc import Iterable, Iterator
from typing import Any

from review.plan import Action, Plan, ResourceChange
from review.redaction import clean
from review.rule import Observation, provider_page, rule
from review.severity import Severity

Opening = tuple[str, str, int, int]
"""Addresses or a group, protocol, first and last port."""

_TYPES = (
    "aws_security_group",
    "aws_default_security_group",
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
)
_ALL_PORTS = (0, 65535)
_MOST_PRIVATE_ADDRESSES = 65_536


@rule(
    Severity.EXPOSURE,
    types=_TYPES,
    watches=("ingress", "cidr_blocks", "cidr_ipv4", "cidr_ipv6", "from_port", "to_port"),
    why="More machines can reach what stands behind it: a database answers whoever has a password.",
    instead="Let in the security group of who needs it instead of addresses.",
    sources=(
        "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
        provider_page("vpc_security_group_ingress_rule"),
    ),
    others=(Severity.NOTICE,),
)
def security_group_opened(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """An ingress rule is new or wider. To the whole internet, or beyond a private network, it is
    exposure; from inside it is only said.
    """
    if change.action not in (Action.CREATE, Action.UPDATE, Action.REPLACE):
        return
    before, after = set(_openings(change.before)), set(_openings(change.after))
    for opening in sorted(after):
        if any(_within(opening, was) for was in before):
            continue
        source, protocol, first, last = opening
        ports = "every port" if (first, last) == _ALL_PORTS else f"port {first}"
        ports += f"-{last}" if first != last and ports != "every port" else ""
        wide = _is_wide(source)
        everybody = " (the whole internet)" if source in ("0.0.0.0/0", "::/0") else ""
        yield Observation(
            f"{change.name} lets in {clean(source)}{everybody} on {ports} ({clean(protocol)})",
            severity=None if wide else Severity.NOTICE,
            why=None if wide else "It is a group or a private network.",
            instead=None if wide else "Check that this is who needs it.",
        )


def _openings(values: Any) -> Iterator[Opening]:
    if not values or values.get("type") == "egress":
        return
    inline = values.get("ingress")
    rules: Iterable[Any] = inline if isinstance(inline, list) else [values]
    for each in rules:
        if not isinstance(each, dict):
            continue
        protocol = str(each.get("protocol") or each.get("ip_protocol") or "")
        first, last = each.get("from_port"), each.get("to_port")
        if protocol in ("-1", "all") or first in (None, -1):
            first, last = _ALL_PORTS
        for source in _sources(each):
            yield source, protocol, int(first or 0), int(first or 0 if last is None else last)


def _sources(each: dict[str, Any]) -> Iterator[str]:
    for key in (
        "cidr_blocks",
        "ipv6_cidr_blocks",
        "security_groups",
        "prefix_list_ids",
        "cidr_ipv4",
        "cidr_ipv6",
        "referenced_security_group_id",
        "source_security_group_id",
        "prefix_list_id",
    ):
        value = each.get(key)
        yield from value if isinstance(value, list) else [value] if value else []
    if each.get("self"):
        yield "itself"


def _within(opening: Opening, other: Opening) -> bool:
    source, protocol, first, last = opening
    wider, other_protocol, other_first, other_last = other
    return (
        _contains(wider, source)
        and other_protocol in (protocol, "-1", "all")
        and other_first <= first
        and last <= other_last
    )


def _contains(wider: str, source: str) -> bool:
    if wider == source:
        return True
    one, other = _network(wider), _network(source)
    if isinstance(one, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return other.subnet_of(one)
    if isinstance(one, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network):
        return other.subnet_of(one)
    return False


def _is_wide(source: str) -> bool:
    network = _network(source)
    if network is None:
        return False
    return not network.is_private or network.num_addresses > _MOST_PRIVATE_ADDRESSES * 256


def _network(source: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(source, strict=False)
    except ValueError:
        return None
