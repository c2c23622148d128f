"""A security group lets more through."""

from collections.abc import Iterator

from dms_stream.review.openings import GROUPS, RULES, covered, in_words, is_wide, openings_of
from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.routes import blocks
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_ADDRESSES = ("cidr_blocks", "ipv6_cidr_blocks", "cidr_ipv4", "cidr_ipv6", "prefix_list_ids")
_PREFIX_LISTS = ("aws_ec2_managed_prefix_list", "aws_ec2_managed_prefix_list_entry")
_PORTS = ("from_port", "to_port", "protocol", "ip_protocol")
_MEMBERS = (
    "referenced_security_group_id",
    "source_security_group_id",
    "prefix_list_id",
    "self",
    "security_groups",
)


@rule(
    Severity.EXPOSURE,
    types=(*GROUPS, *RULES),
    judges={
        **dict.fromkeys(GROUPS, ("ingress", "egress")),
        **dict.fromkeys(RULES, (*_ADDRESSES, *_PORTS, *_MEMBERS, "type", "security_group_id")),
    },
    at_creation=("ingress", *_ADDRESSES, *_PORTS),
    why="More machines can reach what is behind it: a database answers anyone with a password.",
    instead="Let in the security group of those who need it, instead of addresses.",
    sources=(
        "https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html",
        "https://docs.aws.amazon.com/vpc/latest/userguide/working-with-aws-managed-prefix-lists.html",
        provider_page("vpc_security_group_ingress_rule"),
    ),
    others=(Severity.UNKNOWN, Severity.NOTICE),
)
def security_group_opened(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """An ingress rule is new or wider, wherever the group's rules stand. To the whole internet, or
    beyond a private network, it is exposure; from inside, and for what goes out, it is only said.
    Where a prefix list stands for the addresses, its entries are looked up in the plan.
    """
    if not (change.makes or change.compares):
        return
    attribute = "id" if change.type in GROUPS else "security_group_id"
    group = change.new(attribute) or change.old(attribute)
    for direction in ("ingress", "egress"):
        known = {*openings_of(change.type, change.before, direction)}
        # after a replacement of the group its old rules count no longer
        if isinstance(group, str):
            known |= plan.openings.get((group, direction), (set(), set()))[0]
        for opening in sorted(set(openings_of(change.type, change.after, direction))):
            if covered(opening, known):
                continue
            sources = _addresses(plan, opening[0])
            wide = any(map(is_wide, sources or ()))
            if direction == "egress":
                if wide and change.compares:
                    yield Observation(
                        f"{change.name} lets traffic out to {in_words(opening)}",
                        severity=Severity.NOTICE,
                        why="Whoever is inside can send data there.",
                        instead="Check that this is where it needs to go.",
                    )
                continue
            text = f"{change.name} lets in {_shown(change, opening)}"
            if sources is None:
                yield Observation(
                    text,
                    severity=Severity.UNKNOWN,
                    why=(
                        "The plan does not say which addresses this prefix list holds; one of "
                        "AWS's own, as CloudFront's, holds public ones."
                    ),
                    instead="Look at its entries.",
                )
                continue
            yield Observation(
                text,
                severity=None if wide else Severity.NOTICE,
                why=None if wide else "It is a group or a private network.",
                instead=None if wide else "Check that this is who needs it.",
            )


def _addresses(plan: Plan, source: str) -> list[str] | None:
    """The addresses that a source stands for; None where the plan does not say."""
    if not source.startswith("pl-"):
        return [source]
    found = [
        str(entry["cidr"])
        for each in plan.of_type(*_PREFIX_LISTS)
        for values in (each.after or each.before,)
        if source in (values.get("id"), values.get("prefix_list_id"))
        for entry in (values, *blocks(values.get("entry")))
        if entry.get("cidr")
    ]
    return found or None


def _shown(change: ResourceChange, opening: tuple[str, str, int, int]) -> str:
    if any(change.sensitive(name) for name in ("ingress", *_ADDRESSES)):
        return "addresses that are marked as sensitive, and more than before"
    return in_words(opening)
