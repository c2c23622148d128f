"""Examples of the rule `module-destroyed`."""

from typing import Any

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change, findings

STREAM, ROLE = "aws_kinesis_stream", "aws_iam_role"


def _in(module: str, entry: dict[str, Any]) -> dict[str, Any]:
    return entry | {"address": f"{module}.{entry['address']}", "module_address": module}


_STREAM = change(STREAM, {"name": "s"})
_ROLE = change(ROLE, {"name": "r"})

EXAMPLES = (
    example(
        "all of it",
        _in("module.orders", _STREAM),
        _in("module.orders", _ROLE),
        finds=(
            "the module is destroyed with its 2 resources. 1 data-loss: "
            "aws_kinesis_stream.it; 1 interruption: aws_iam_role.it"
        ),
        severity=Severity.DATA_LOSS,
    ),
    example(
        "with a module in it",
        _in("module.orders", _ROLE),
        _in('module.orders.module.role["a.b"]', _ROLE),
        finds=(
            "the module is destroyed with its 2 resources. 2 interruption: "
            'aws_iam_role.it, module.role["a.b"].aws_iam_role.it'
        ),
    ),
    example(
        "a part of it", _in("module.orders", _STREAM), _in("module.orders", change(ROLE, None, {}))
    ),
    example("what stands in no module", _STREAM, _ROLE),
)

test_examples = examples_of("module-destroyed", EXAMPLES)


def test_consequences_are_kept_with_it() -> None:
    (module,) = findings(_in("module.orders", _STREAM), _in("module.orders", _ROLE))
    assert module.address == "module.orders"
    assert [(each.rule, each.address) for each in module.folded] == [
        ("stateful-destroyed", "module.orders.aws_kinesis_stream.it"),
        ("access-removed", "module.orders.aws_iam_role.it"),
    ]
