"""Examples of the rule `network-acl-opened`."""

from typing import Any

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change, update

RULE, ACL, LIST = "aws_network_acl_rule", "aws_network_acl", "aws_ec2_managed_prefix_list"


def _rule(cidr: str, action: str = "allow", **others: Any) -> dict[str, Any]:
    ports = {"protocol": "tcp", "from_port": 3306, "to_port": 3306}
    return {"cidr_block": cidr, "rule_action": action, "egress": False, **ports, **others}


def _inline(cidr: str, action: str = "allow", **others: Any) -> dict[str, Any]:
    ports = {"protocol": "-1", "from_port": 0, "to_port": 0}
    return {"cidr_block": cidr, "action": action, **ports, **others}


def _numbered(deny: int, allow: int, refused: str = "8.8.8.0/24", **others: Any) -> list[Any]:
    return [
        _inline(refused, "deny", rule_no=deny, **others),
        _inline("0.0.0.0/0", rule_no=allow),
    ]


def _of_one(action: str, number: int, cidr: str = "0.0.0.0/0", **others: Any) -> dict[str, Any]:
    return _rule(cidr, action, rule_number=number, network_acl_id="acl-1", **others)


def _rule_no(number: int) -> dict[str, Any]:
    return _inline("0.0.0.0/0", rule_no=number, protocol="tcp", from_port=3306, to_port=3306)


_TCP = {"protocol": "6", "from_port": 3306, "to_port": 3306}
_ALLOWS_FIRST = (
    "allows 0.0.0.0/0 (the whole internet) on port 3306 before 0.0.0.0/0 (the whole internet) on "
    "port 3306 is refused"
)


EXAMPLES = (
    example(
        "everybody",
        change(RULE, None, _rule("0.0.0.0/0", protocol="-1")),
        finds="aws_network_acl_rule.it allows 0.0.0.0/0 (the whole internet) on every port",
        severity=Severity.EXPOSURE,
    ),
    example(
        "everybody, by IPv6",
        change(RULE, None, _rule("") | {"cidr_block": None, "ipv6_cidr_block": "::/0"}),
        finds="aws_network_acl_rule.it allows ::/0 (the whole internet) on port 3306",
        severity=Severity.EXPOSURE,
    ),
    example(
        "a private network",
        change(RULE, None, _rule("10.0.0.0/8", to_port=3307)),
        finds="aws_network_acl_rule.it allows 10.0.0.0/8 on port 3306-3307",
        severity=Severity.NOTICE,
    ),
    example("what goes out", change(RULE, None, _rule("0.0.0.0/0", egress=True))),
    example(
        "a refusal of a public network goes",
        change(RULE, _rule("8.8.8.0/24", "deny")),
        finds="aws_network_acl_rule.it no longer refuses 8.8.8.0/24 on port 3306",
        severity=Severity.EXPOSURE,
    ),
    example(
        "a refusal comes",
        change(RULE, None, _rule("10.0.0.0/8", "deny")),
        finds="aws_network_acl_rule.it refuses 10.0.0.0/8 on port 3306",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "no longer allowed",
        change(RULE, _rule("10.0.0.0/8")),
        finds="aws_network_acl_rule.it no longer allows 10.0.0.0/8 on port 3306",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "in the block of the ACL",
        update(ACL, "ingress", [], [_inline("0.0.0.0/0")]),
        finds="aws_network_acl.it allows 0.0.0.0/0 (the whole internet) on every port",
        severity=Severity.EXPOSURE,
    ),
    example(
        "in the block of the default ACL",
        update("aws_default_network_acl", "ingress", [], [_inline("0.0.0.0/0")]),
        finds="aws_default_network_acl.it allows 0.0.0.0/0 (the whole internet) on every port",
    ),
    example(
        "a prefix list grows",
        update(
            LIST, "entry", [{"cidr": "10.0.0.0/8"}], [{"cidr": "10.0.0.0/8"}, {"cidr": "0.0.0.0/0"}]
        ),
        finds="aws_ec2_managed_prefix_list.it allows 0.0.0.0/0 (the whole internet)",
        severity=Severity.EXPOSURE,
    ),
    example(
        "an entry of its own",
        change("aws_ec2_managed_prefix_list_entry", None, {"cidr": "0.0.0.0/0"}),
        finds="aws_ec2_managed_prefix_list_entry.it allows 0.0.0.0/0 (the whole internet)",
        severity=Severity.EXPOSURE,
    ),
    example(
        "the refusal comes second",
        update(ACL, "ingress", _numbered(100, 200), _numbered(200, 100)),
        finds="aws_network_acl.it has another order: allows 0.0.0.0/0 (the whole internet) on "
        "every port before 8.8.8.0/24 on every port is refused",
        severity=Severity.EXPOSURE,
    ),
    example(
        "the refusal of a private network comes second",
        update(
            ACL, "ingress", _numbered(100, 200, "10.0.0.0/8"), _numbered(300, 200, "10.0.0.0/8")
        ),
        finds="aws_network_acl.it has another order: allows 0.0.0.0/0 (the whole internet) on "
        "every port before 10.0.0.0/8 on every port is refused",
        severity=Severity.NOTICE,
    ),
    example(
        "the refusal comes first",
        update(ACL, "ingress", _numbered(200, 100), _numbered(100, 200)),
        finds="aws_network_acl.it has another order: refuses 8.8.8.0/24 on every port before "
        "0.0.0.0/0 (the whole internet) on every port is allowed",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "other numbers in the same order",
        update(ACL, "ingress", _numbered(100, 200), _numbered(110, 120)),
    ),
    example(
        "another order of what has nothing in common",
        update(
            ACL,
            "ingress",
            [
                _inline("10.0.0.0/8", "deny", rule_no=1),
                _inline("172.16.0.0/12", rule_no=2),
                _inline("::/0", rule_no=3) | {"cidr_block": None, "ipv6_cidr_block": "::/0"},
            ],
            [
                _inline("10.0.0.0/8", "deny", rule_no=4),
                _inline("172.16.0.0/12", rule_no=2),
                _inline("::/0", rule_no=3) | {"cidr_block": None, "ipv6_cidr_block": "::/0"},
            ],
        ),
    ),
    *(
        example(
            f"another order of {what}",
            update(
                ACL,
                "ingress",
                [_inline("0.0.0.0/0", "deny", rule_no=1, **refused), _rule_no(2)],
                [_inline("0.0.0.0/0", "deny", rule_no=3, **refused), _rule_no(2)],
            ),
        )
        for what, refused in (
            ("other ports", {"protocol": "6", "from_port": 22, "to_port": 22}),
            ("other protocols", {"protocol": "17", "from_port": 3306, "to_port": 3306}),
        )
    ),
    example(
        "a protocol by its number",
        update(
            ACL,
            "ingress",
            [_inline("0.0.0.0/0", "deny", rule_no=1, **_TCP), _rule_no(2)],
            [_inline("0.0.0.0/0", "deny", rule_no=3, **_TCP), _rule_no(2)],
        ),
        finds=f"aws_network_acl.it has another order: {_ALLOWS_FIRST}",
    ),
    example(
        "the refusal has a number behind the allowance",
        change(RULE, _of_one("deny", 100), _of_one("deny", 300), replace=("rule_number",)),
        change(RULE, _of_one("allow", 200), _of_one("allow", 200), name="other"),
        finds=f"aws_network_acl_rule.it has another number: its ACL {_ALLOWS_FIRST}",
        severity=Severity.EXPOSURE,
    ),
    example(
        "the allowance has a number before the refusal",
        change(RULE, _of_one("allow", 200), _of_one("allow", 50), replace=("rule_number",)),
        change(RULE, _of_one("deny", 100), _of_one("deny", 100), name="other"),
        finds=f"aws_network_acl_rule.it has another number: its ACL {_ALLOWS_FIRST}",
        severity=Severity.EXPOSURE,
    ),
    example(
        "both swap their numbers",
        change(RULE, _of_one("allow", 2), _of_one("allow", 1), replace=("rule_number",)),
        change(
            RULE, _of_one("deny", 1), _of_one("deny", 2), replace=("rule_number",), name="other"
        ),
        finds=f"aws_network_acl_rule.other has another number: its ACL {_ALLOWS_FIRST}",
    ),
    example(
        "a number behind that of another ACL",
        change(RULE, _of_one("deny", 100), _of_one("deny", 300), replace=("rule_number",)),
        change(
            RULE,
            _of_one("allow", 200) | {"network_acl_id": "acl-2"},
            _of_one("allow", 200) | {"network_acl_id": "acl-2"},
            name="other",
        ),
    ),
    example(
        "sensitive",
        change(RULE, None, _rule("0.0.0.0/0"), sensitive={"cidr_block": True}),
        finds="aws_network_acl_rule.it allows addresses that are marked as sensitive, and more "
        "than before",
        severity=Severity.EXPOSURE,
    ),
)

test_examples = examples_of("network-acl-opened", EXAMPLES)
