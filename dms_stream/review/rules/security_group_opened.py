"""A security group lets more addresses in."""

from collections.abc import Iterator
from typing import Any

from dms_stream.review.openings import ALL_PORTS, Opening, is_wide, openings, within
from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.redaction import clean
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_TYPES = (
    "aws_security_group",
    "aws_default_security_group",
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
)


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
        if any(within(opening, was) for was in before):
            continue
        source, protocol, first, last = opening
        ports = "every port" if (first, last) == ALL_PORTS else f"port {first}"
        ports += f"-{last}" if first != last and ports != "every port" else ""
        wide = is_wide(source)
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
    yield from openings(inline if isinstance(inline, list) else [values])
