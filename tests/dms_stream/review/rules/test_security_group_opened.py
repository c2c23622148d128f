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
    *(
        example(
            f"addresses of {what}",
            change(INGRESS, None, {"cidr_ipv4": cidr, "ip_protocol": "-1"}),
            finds=f"aws_vpc_security_group_ingress_rule.it lets in {cidr} on every port (-1)",
            severity=severity,
        )
        for what, cidr, severity in (
            ("a carrier's own network", "100.64.0.0/10", Severity.NOTICE),
            ("the internet next to it", "100.128.0.0/16", Severity.EXPOSURE),
        )
    ),
    example(
        "a prefix list that is not in the plan",
        change(INGRESS, None, {"prefix_list_id": "pl-1", "ip_protocol": "-1"}),
        finds="aws_vpc_security_group_ingress_rule.it lets in pl-1 on every port (-1)",
        severity=Severity.UNKNOWN,
    ),
    *(
        example(
            f"a prefix list that holds {cidr}, in {type_}",
            change(INGRESS, None, {"prefix_list_id": "pl-1", "ip_protocol": "-1"}),
            change(type_, values, values),
            finds="aws_vpc_security_group_ingress_rule.it lets in pl-1 on every port (-1)",
            severity=severity,
        )
        for cidr, severity in (
            ("10.0.0.0/16", Severity.NOTICE),
            ("8.8.8.0/24", Severity.EXPOSURE),
        )
        for type_, values in (
            ("aws_ec2_managed_prefix_list", {"id": "pl-1", "entry": [{"cidr": cidr}]}),
            ("aws_ec2_managed_prefix_list_entry", {"prefix_list_id": "pl-1", "cidr": cidr}),
        )
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
