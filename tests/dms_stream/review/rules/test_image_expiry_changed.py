"""Examples of the rule `image-expiry-changed`."""

import json
from typing import Any

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change, update

TYPE = "aws_ecr_lifecycle_policy"


def _rule(priority: int, images: int, tag: str = "", **others: str) -> dict[str, Any]:
    tags = {"tagStatus": "tagged", "tagPrefixList": [tag]} if tag else {"tagStatus": "any"}
    selection = {**tags, "countType": "imageCountMoreThan", "countNumber": images}
    action = {"type": "expire"}
    return {"rulePriority": priority, "selection": selection, "action": action, **others}


def _policy(*rules: dict[str, Any]) -> str:
    return json.dumps({"rules": rules})


def _keeps(images: int) -> str:
    return _policy(_rule(1, images))


_MORE = "aws_ecr_lifecycle_policy.it expires more images than before by 1 rule"
_ALL = _rule(9, 10)
_UNTAGGED = {
    "rulePriority": 5,
    "selection": {"tagStatus": "untagged", "countType": "imageCountMoreThan", "countNumber": 1},
    "action": {"type": "expire"},
}


EXAMPLES = (
    example(
        "for a repository that exists",
        change(TYPE, None, {"repository": "r", "policy": _keeps(1)}),
        finds="r gets 1 rule for expiring images",
        severity=Severity.DATA_LOSS,
    ),
    example(
        "for a new repository",
        change("aws_ecr_repository", None, {"name": "r"}),
        change(TYPE, None, {"repository": "r", "policy": _keeps(1)}),
        finds="r gets 1 rule for expiring images",
        severity=Severity.NOTICE,
    ),
    example(
        "fewer are kept",
        update(TYPE, "policy", _keeps(100), _keeps(1)),
        finds=_MORE,
        severity=Severity.DATA_LOSS,
    ),
    example("more are kept", update(TYPE, "policy", _keeps(10), _keeps(30))),
    example(
        "only a text",
        update(TYPE, "policy", _policy(_rule(1, 9)), _policy(_rule(1, 9, description="nine"))),
    ),
    example(
        "other numbers in the same order",
        update(
            TYPE,
            "policy",
            _policy(_rule(1, 99, "prod"), _ALL),
            _policy(_rule(2, 99, "prod"), _ALL | {"rulePriority": 3}),
        ),
    ),
    example(
        "what a rule kept is left to the next one",
        update(TYPE, "policy", _policy(_rule(1, 99, "prod"), _ALL), _policy(_ALL)),
        finds=_MORE,
    ),
    example(
        "a rule comes behind the one that it kept images from",
        update(
            TYPE,
            "policy",
            _policy(_rule(1, 99, "prod"), _rule(2, 1, "p")),
            _policy(_rule(2, 99, "prod"), _rule(1, 1, "p")),
        ),
        finds=_MORE,
    ),
    example(
        "a rule goes that had nothing in common with the next one",
        update(TYPE, "policy", _policy(_UNTAGGED, _rule(9, 9, "p")), _policy(_rule(9, 9, "p"))),
    ),
    example(
        "a rule more",
        update(TYPE, "policy", _policy(_ALL), _policy(_rule(1, 1, "test"), _ALL)),
        finds="aws_ecr_lifecycle_policy.it gets 1 rule for expiring images",
    ),
    example(
        "for repositories to come",
        update("aws_ecr_repository_creation_template", "lifecycle_policy", None, _keeps(1)),
        finds="aws_ecr_repository_creation_template.it gets 1 rule for expiring images",
    ),
    example(
        "no document",
        update(TYPE, "policy", _keeps(1), "?"),
        finds="aws_ecr_lifecycle_policy.it gets rules that this review cannot read",
    ),
    example("the rules go", change(TYPE, {"repository": "r", "policy": _keeps(1)})),
    example("a rule goes", update(TYPE, "policy", _keeps(1), json.dumps({"rules": []}))),
)

test_examples = examples_of("image-expiry-changed", EXAMPLES)
