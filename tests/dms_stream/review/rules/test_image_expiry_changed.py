"""Examples of the rule `image-expiry-changed`."""

import json

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change, update

TYPE = "aws_ecr_lifecycle_policy"


def _keeps(images: int) -> str:
    selection = {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": images}
    rule = {"rulePriority": 1, "selection": selection, "action": {"type": "expire"}}
    return json.dumps({"rules": [rule]})


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
        finds="aws_ecr_lifecycle_policy.it gets 1 rule for expiring images",
        severity=Severity.DATA_LOSS,
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
