"""Examples of the rule `drifted`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import STREAM, TASK
from tests.support.small_plans import change, update

_INLINE = {"cidr_blocks": ["10.0.0.0/8"], "protocol": "tcp", "from_port": 1, "to_port": 1}

_RULE = {
    "security_group_id": "sg",
    "cidr_ipv4": "10.0.0.0/8",
    "ip_protocol": "tcp",
    "from_port": 1,
    "to_port": 1,
}

EXAMPLES = (
    example(
        "changed by hand, and set back",
        update(STREAM, "retention_period", 48, 168),
        drift=(update(STREAM, "retention_period", 168, 48),),
        finds="changed outside Terraform: retention_period: 168 → 48; this plan sets "
        "retention_period back",
        severity=Severity.NOTICE,
    ),
    example(
        "opened by hand, and left so",
        drift=(
            update(
                "aws_security_group",
                "ingress",
                [],
                [{"cidr_blocks": ["0.0.0.0/0"], "protocol": "tcp", "from_port": 1}],
            ),
        ),
        finds=(
            "changed outside Terraform: ingress.0.cidr_blocks: nothing → 0.0.0.0/0, "
            "ingress.0.protocol: nothing → tcp, ingress.0.from_port: nothing → 1; this "
            "plan leaves it so. It means: aws_security_group.it lets in 0.0.0.0/0 (the "
            "whole internet) on port 1 (tcp)"
        ),
        severity=Severity.EXPOSURE,
    ),
    example(
        "what its own rules account for",
        change("aws_vpc_security_group_ingress_rule", _RULE, _RULE),
        drift=(
            change(
                "aws_security_group",
                {"id": "sg", "ingress": []},
                {"id": "sg", "ingress": [_INLINE]},
            ),
        ),
    ),
    example(
        "destroyed by hand",
        change(STREAM, None, {"name": "s"}),
        drift=(change(STREAM, {"name": "s"}),),
        finds=("s was destroyed outside Terraform; this plan creates it again, empty"),
        severity=Severity.DATA_LOSS,
    ),
    example(
        "an alarm destroyed by hand",
        drift=(change("aws_cloudwatch_metric_alarm", {"id": "a"}),),
        finds="a was destroyed outside Terraform",
        severity=Severity.NOTICE,
    ),
    example(
        "what moves by itself",
        drift=(update(TASK, "status", "ready", "running"),),
    ),
    example("null instead of nothing", drift=(update(STREAM, "tags", None, {}),)),
)

test_examples = examples_of("drifted", EXAMPLES)
