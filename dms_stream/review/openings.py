"""What the rules of security groups and network ACLs let through."""

import ipaddress
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from dms_stream.review.redaction import clean

Opening = tuple[str, str, int, int]
"""Addresses or a group, protocol, first and last port."""

ITSELF = "itself"
"""A group that lets itself in."""

ALL_PORTS = (0, 65535)
"""First and last port."""

EVERYBODY = ("0.0.0.0/0", "::/0")
"""The whole internet."""

GROUPS = ("aws_security_group", "aws_default_security_group")
"""The types that are security groups, which may hold rules of their own."""

RULES = (
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_security_group_egress_rule",
)
"""The types that are a rule of a security group."""

_MOST_ADDRESSES = 2**24


def openings(rules: Iterable[Any]) -> Iterator[Opening]:
    """What rules let through, whether they stand in a group or are resources of their own."""
    for each in rules:
        if not isinstance(each, dict):
            continue
        protocol = str(each.get("protocol") or each.get("ip_protocol") or "")
        first, last = each.get("from_port"), each.get("to_port")
        if protocol in ("-1", "all") or first in (None, -1):
            first, last = ALL_PORTS
        for source in _sources(each):
            yield source, protocol, int(first or 0), int(first or 0 if last is None else last)


def openings_of(type_: str, values: Mapping[str, Any], direction: str) -> Iterator[Opening]:
    """What a security group, or a rule of one, lets through in one direction.

    Args:
        type_: Its type.
        values: Its attributes.
        direction: `ingress` or `egress`.
    """
    match type_:
        case "aws_security_group" | "aws_default_security_group":
            inline = values.get(direction)
            yield from openings(inline if isinstance(inline, list) else [])
        case "aws_security_group_rule":
            if values and values.get("type", "ingress") == direction:
                yield from openings([values])
        case "aws_vpc_security_group_ingress_rule" | "aws_vpc_security_group_egress_rule":
            if values and f"_{direction}_" in type_:
                yield from openings([values])


def in_words(opening: Opening) -> str:
    """`ADDRESSES on port N (tcp)`."""
    source, protocol, first, last = opening
    ports = "every port" if (first, last) == ALL_PORTS else f"port {clean(str(first))}"
    ports += f"-{clean(str(last))}" if first != last and ports != "every port" else ""
    everybody = " (the whole internet)" if source in EVERYBODY else ""
    return f"{clean(source)}{everybody} on {ports} ({clean(protocol)})"


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
        for source in value if isinstance(value, list) else [value] if value else []:
            # a group that lets itself in is written in two ways
            yield ITSELF if source == each.get("security_group_id") else str(source)
    if each.get("self"):
        yield ITSELF


def within(opening: Opening, other: Opening) -> bool:
    """Whether the other one lets in all that this one does."""
    source, protocol, first, last = opening
    wider, other_protocol, other_first, other_last = other
    return (
        contains(wider, source)
        and other_protocol in (protocol, "-1", "all")
        and other_first <= first
        and last <= other_last
    )


def overlap(one: Opening, other: Opening) -> bool:
    """Whether something passes by both."""
    return (
        (contains(one[0], other[0]) or contains(other[0], one[0]))
        and (_protocol(one) == _protocol(other) or not _ANY_PROTOCOL.isdisjoint((one[1], other[1])))
        and one[2] <= other[3]
        and other[2] <= one[3]
    )


_ANY_PROTOCOL = {"-1", "all"}
# an ACL names a protocol or gives its number
# https://www.iana.org/assignments/protocol-numbers/protocol-numbers.xhtml
_BY_NUMBER = {"1": "icmp", "6": "tcp", "17": "udp", "58": "icmpv6"}


def _protocol(opening: Opening) -> str:
    return _BY_NUMBER.get(opening[1], opening[1])


def covered(opening: Opening, others: Iterable[Opening]) -> bool:
    """Whether others let in all that this one does, each by itself or their networks together."""
    others = list(others)
    if any(within(opening, other) for other in others):
        return True
    _, protocol, first, last = opening
    same_ports = [other for other in others if within((other[0], protocol, first, last), other)]
    parts = [part for other in same_ports if (part := _network(other[0]))]
    fours = [part for part in parts if isinstance(part, ipaddress.IPv4Network)]
    sixes = [part for part in parts if isinstance(part, ipaddress.IPv6Network)]
    # `10.0.0.0/9` and `10.128.0.0/9` are `10.0.0.0/8`
    together = [*ipaddress.collapse_addresses(fours), *ipaddress.collapse_addresses(sixes)]
    return any(contains(str(whole), opening[0]) for whole in together)


def contains(wider: str, source: str) -> bool:
    """Whether a network, or anything else with a name, has all that another one has."""
    if wider == source:
        return True
    one, other = _network(wider), _network(source)
    if isinstance(one, ipaddress.IPv4Network) and isinstance(other, ipaddress.IPv4Network):
        return other.subnet_of(one)
    if isinstance(one, ipaddress.IPv6Network) and isinstance(other, ipaddress.IPv6Network):
        return other.subnet_of(one)
    return False


def is_wide(source: str) -> bool:
    """Whether it is public, or more than a private network."""
    network = _network(source)
    if network is None:
        return False
    if isinstance(network, ipaddress.IPv6Network):
        # fc00::/7, however large
        return not network.is_private
    # 100.64.0.0/10 is no private network in the word's sense, but routed nowhere either
    # https://datatracker.ietf.org/doc/html/rfc6598
    return network.is_global or network.num_addresses > _MOST_ADDRESSES


def is_most_of_the_internet(destination: str) -> bool:
    """Whether it is the whole internet, or so large a part that a few of them are: `0.0.0.0/1`."""
    network = _network(destination)
    # fewer bits are more than any one network that is given out
    least = 8 if isinstance(network, ipaddress.IPv4Network) else 16
    return network is not None and network.prefixlen < least


def _network(source: str) -> ipaddress.IPv4Network | ipaddress.IPv6Network | None:
    try:
        return ipaddress.ip_network(source, strict=False)
    except ValueError:
        return None
