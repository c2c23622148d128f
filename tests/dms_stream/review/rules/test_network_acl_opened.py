"""Examples of the rule `network-acl-opened`."""

from typing import Any

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change, update

RULE, ACL, LIST = "aws_network_acl_rule", "aws_network_acl", "aws_ec2_managed_prefix_list"


def _rule(cidr: str, action: str = "allow", **others: Any) -> dict[str, Any]:
    ports = {"protocol": "tcp", "from_port": 3306, "to_port": 3306}
    return {"cidr_block": cidr, "rule_action": action, "egress": False, **ports, **others}


def _inline(cidr: str, action: str = "allow") -> dict[str, Any]:
    return {"cidr_block": cidr, "action": action, "protocol": "-1", "from_port": 0, "to_port": 0}


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
        "sensitive",
        change(RULE, None, _rule("0.0.0.0/0"), sensitive={"cidr_block": True}),
        finds="aws_network_acl_rule.it allows addresses that are marked as sensitive, and more "
        "than before",
        severity=Severity.EXPOSURE,
    ),
)

test_examples = examples_of("network-acl-opened", EXAMPLES)
