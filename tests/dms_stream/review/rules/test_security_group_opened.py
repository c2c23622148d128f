"""Examples of the rule `security-group-opened`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change, update

INGRESS = "aws_vpc_security_group_ingress_rule"

EXAMPLES = (
    example(
        "to the whole internet",
        change(
            INGRESS,
            None,
            {
                "cidr_ipv4": "0.0.0.0/0",
                "ip_protocol": "tcp",
                "from_port": 3306,
                "to_port": 3306,
            },
        ),
        finds="aws_vpc_security_group_ingress_rule.it lets in 0.0.0.0/0 (the whole internet) "
        "on port 3306 (tcp)",
        severity=Severity.EXPOSURE,
    ),
    example(
        "to a private network",
        change(
            INGRESS,
            None,
            {"cidr_ipv4": "10.1.0.0/16", "ip_protocol": "tcp", "from_port": 1, "to_port": 9},
        ),
        finds="aws_vpc_security_group_ingress_rule.it lets in 10.1.0.0/16 on port 1-9 (tcp)",
        severity=Severity.NOTICE,
    ),
    example(
        "a rule inside of a group",
        update(
            "aws_security_group",
            "ingress",
            [{"cidr_blocks": ["10.0.0.0/8"], "protocol": "tcp", "from_port": 1, "to_port": 1}],
            [{"cidr_blocks": ["8.8.8.0/24"], "protocol": "-1", "from_port": 0, "to_port": 0}],
        ),
        finds="aws_security_group.it lets in 8.8.8.0/24 on every port (-1)",
        severity=Severity.EXPOSURE,
    ),
    example(
        "narrower",
        update(
            "aws_security_group",
            "ingress",
            [{"cidr_blocks": ["0.0.0.0/0"], "protocol": "-1", "from_port": 0, "to_port": 0}],
            [{"cidr_blocks": ["8.8.8.0/24"], "protocol": "tcp", "from_port": 5, "to_port": 5}],
        ),
    ),
    example(
        "a way out",
        change(
            "aws_security_group_rule",
            None,
            {"type": "egress", "cidr_blocks": ["0.0.0.0/0"], "protocol": "-1"},
        ),
    ),
)

test_examples = examples_of("security-group-opened", EXAMPLES)
