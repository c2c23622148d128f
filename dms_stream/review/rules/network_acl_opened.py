"""A network ACL lets more through, or a prefix list grows."""

from collections.abc import Iterable, Iterator
from typing import Any

from dms_stream.review.openings import ALL_PORTS, EVERYBODY, Opening, is_wide, overlap
from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.redaction import clean
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_ACLS = ("aws_network_acl", "aws_default_network_acl")
_RULE = "aws_network_acl_rule"
_LISTS = ("aws_ec2_managed_prefix_list", "aws_ec2_managed_prefix_list_entry")
_ADDRESSES = ("cidr_block", "ipv6_cidr_block")
_OF_A_RULE = (*_ADDRESSES, "rule_action", "egress", "protocol", "from_port", "to_port")

_IN, _OUT = "ingress", "egress"

Entry = tuple[str, str, str, str, str, str]
"""Action, addresses, protocol, first and last port, direction."""

Place = tuple[str, int, Entry]
"""The network ACL or list that an entry stands in, its number there, and the entry."""

Numbers = dict[Entry, int]
"""The number of each entry: of those that hit, the one with the lowest decides."""

_BELONGS_TO = {_RULE: "network_acl_id", _LISTS[1]: "prefix_list_id"}
_NUMBERS = {"all": "-1", "icmp": "1", "tcp": "6", "udp": "17", "icmpv6": "58"}


@rule(
    Severity.EXPOSURE,
    types=(*_ACLS, _RULE, *_LISTS),
    judges={
        **dict.fromkeys(_ACLS, ("ingress", "egress")),
        _RULE: (*_OF_A_RULE, "rule_number", "icmp_type", "icmp_code"),
        _LISTS[0]: ("entry",),
        _LISTS[1]: ("cidr", "prefix_list_id"),
    },
    at_creation=("ingress", *_ADDRESSES, "cidr"),
    why="More machines can reach every subnet, group or route that it stands before.",
    instead="Name the addresses of those who need it; keep what refuses the others.",
    sources=(
        "https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html",
        "https://docs.aws.amazon.com/vpc/latest/userguide/managed-prefix-lists.html",
        provider_page("network_acl_rule"),
    ),
    others=(Severity.NOTICE, Severity.INTERRUPTION),
)
def network_acl_opened(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A network ACL allows more or refuses less from outside, by its entries or by their order, or
    addresses are added to a prefix list. What it refuses in addition, or no longer allows, stops
    traffic. A rule that only moves to a resource of its own, or back, with its number, is none.
    """
    before, after = (_numbers(change, values) for values in (change.before, change.after))
    yield from _reordered(plan, change, before, after)
    moved = _moved(plan)
    gone, come = (
        {
            entry
            for owner, number, entry in _places(change, values)
            if (owner, number, entry) not in moved
        }
        for values in (change.before, change.after)
    )
    for entry in sorted(come - gone):
        if entry[0] == "deny":
            yield _stops(change, f"refuses {_words(entry)}")
        elif entry[-1] == _IN or change.compares:
            yield _opens(change, f"allows {_words(entry)}", entry)
    for entry in sorted(gone - come):
        if entry[0] == "deny":
            yield _opens(change, f"no longer refuses {_words(entry)}", entry)
        else:
            yield _stops(change, f"no longer allows {_words(entry)}")


def _reordered(
    plan: Plan, change: ResourceChange, before: Numbers, after: Numbers
) -> Iterator[Observation]:
    moved = [entry for entry in before.keys() & after.keys() if before[entry] != after[entry]]
    if not moved or change.unknown("rule_number"):
        return
    old, new = (before, after) if change.type != _RULE else _of_the_acl(plan, change)
    kept = old.keys() & new.keys()
    turned = {
        (one, other) if one[0] == "deny" else (other, one)
        for one in kept.intersection(moved)
        for other in kept
        if {one[0], other[0]} == {"allow", "deny"}
        and one[-1] == other[-1]
        and (old[one] < old[other]) != (new[one] < new[other])
        and overlap(_opening(one), _opening(other))
    }
    order = "has another number: its ACL" if change.type == _RULE else "has another order:"
    for deny, allow in sorted(turned):
        # where both move, each as a resource of its own, the refusal is the one to say so
        if deny not in moved and old[deny] != new[deny]:
            continue
        if new[allow] < new[deny]:
            narrow = allow if is_wide(deny[1]) else deny
            yield _opens(
                change, f"{order} allows {_words(allow)} before {_words(deny)} is refused", narrow
            )
        else:
            yield _stops(
                change, f"{order} refuses {_words(deny)} before {_words(allow)} is allowed"
            )


def _of_the_acl(plan: Plan, change: ResourceChange) -> tuple[Numbers, Numbers]:
    """The entries of its ACL before and after, in whichever resources they stand."""
    old: Numbers = {}
    new: Numbers = {}
    for other in plan.by_network_acl.get(str(change.old("network_acl_id")), ()):
        old.update(_numbers(other, other.before))
        new.update(_numbers(other, other.after))
    return old, new


def _opening(entry: Entry) -> Opening:
    _, source, protocol, first, last, _ = entry
    every = protocol in ("-1", "all")
    return (source, protocol, *(ALL_PORTS if every else (int(first), int(last))))


def _moved(plan: Plan) -> set[Place]:
    """What goes in one resource and comes in another, and so is no change."""
    if "network acls" not in plan.memo:
        gone: set[Place] = set()
        come: set[Place] = set()
        for each in plan.of_type(*_ACLS, _RULE, *_LISTS):
            before, after = (set(_places(each, values)) for values in (each.before, each.after))
            gone |= before - after
            come |= after - before
        plan.memo["network acls"] = gone & come
    moved: set[Place] = plan.memo["network acls"]
    return moved


def _opens(change: ResourceChange, text: str, entry: Entry) -> Observation:
    wide = is_wide(entry[1]) and entry[-1] == _IN
    if any(change.sensitive(name) for name in ("ingress", "egress", "entry", "cidr", *_ADDRESSES)):
        text = "allows addresses that are marked as sensitive, and more than before"
    return Observation(
        f"{change.name} {text}",
        severity=None if wide else Severity.NOTICE,
        why=None if wide else "It is a private network, or where traffic goes out to.",
        instead=None if wide else "Check that this is who needs it.",
    )


def _stops(change: ResourceChange, text: str) -> Observation:
    return Observation(
        f"{change.name} {text}",
        severity=Severity.INTERRUPTION,
        why="What came this way is stopped, answers included: a network ACL keeps no state.",
        instead="Check the flow logs for what still passes here.",
    )


def _numbers(change: ResourceChange, values: Any) -> Numbers:
    found: Numbers = {}
    for _, number, entry in _places(change, values):
        found[entry] = min(number, found.get(entry, number))
    return found


def _places(change: ResourceChange, values: Any) -> Iterator[Place]:
    owner = str(values.get(_BELONGS_TO.get(change.type, "id")) or change.address)
    for number, entry in _entries(change.type, values) if values else ():
        yield owner, number, entry


def _entries(type_: str, values: Any) -> Iterator[tuple[int, Entry]]:
    if type_ in _LISTS:
        entries = values.get("entry") if type_ == _LISTS[0] else [values]
        for each in entries if isinstance(entries, list) else []:
            if isinstance(each, dict) and each.get("cidr"):
                yield 0, ("allow", str(each["cidr"]), "", "", "", _IN)
        return
    if type_ == _RULE:
        yield from _rules([values], "rule_action", _OUT if values.get("egress") is True else _IN)
        return
    for direction in (_IN, _OUT):
        yield from _rules(values.get(direction) or [], "action", direction)


def _rules(rules: Iterable[Any], action: str, direction: str) -> Iterator[tuple[int, Entry]]:
    for each in rules:
        for name in _ADDRESSES if isinstance(each, dict) else ():
            if each.get(name):
                ports = (str(each.get("from_port") or 0), str(each.get("to_port") or 0))
                protocol = str(each.get("protocol") or "-1").lower()
                allows = str(each.get(action) or "allow").lower()
                number = int(each.get("rule_no") or each.get("rule_number") or 0)
                known = _NUMBERS.get(protocol, protocol)
                yield number, (allows, str(each[name]), known, *ports, direction)


def _words(entry: Entry) -> str:
    _, source, protocol, first, last, direction = entry
    everybody = " (the whole internet)" if source in EVERYBODY else ""
    if not protocol:
        return f"{clean(source)}{everybody}"
    every = protocol in ("-1", "all")
    ports = "on every port" if every else f"on port {clean(first)}"
    ports += f"-{clean(last)}" if last != first and not every else ""
    return f"{'traffic to ' if direction == _OUT else ''}{clean(source)}{everybody} {ports}"
