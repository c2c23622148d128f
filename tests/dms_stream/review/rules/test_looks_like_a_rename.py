"""Examples of the rule `looks-like-a-rename`."""

from typing import Any

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change

ROLE, STREAM = "aws_iam_role", "aws_kinesis_stream"


def _two(attribute: str) -> tuple[dict[str, Any], dict[str, Any]]:
    return {attribute: "one"}, {attribute: "other"}


EXAMPLES = (
    example(
        "a role under another address",
        change(ROLE, {"name": "dms"}, name="old"),
        change(ROLE, None, {"name": "dms"}, name="new"),
        finds="dms is destroyed here and created at aws_iam_role.new: this looks like a rename",
        severity=Severity.NOTICE,
    ),
    example(
        "another name",
        change(ROLE, {"name": "dms"}, name="old"),
        change(ROLE, None, {"name": "other"}, name="new"),
    ),
    example(
        "of another type",
        change(ROLE, {"name": "dms"}, name="old"),
        change("aws_iam_user", None, {"name": "dms"}, name="new"),
    ),
    example(
        "a stream, of which `stateful-destroyed` says it",
        change(STREAM, {"name": "s"}, name="old"),
        change(STREAM, None, {"name": "s"}, name="new"),
    ),
    *(
        example(
            f"two of {type_} that only belong together",
            change(type_, {"id": "one", **both, **one}, name="old"),
            change(type_, None, {**both, **other}, name="new"),
        )
        for type_, both, one, other in (
            ("aws_rds_cluster_instance", {"cluster_identifier": "c"}, *_two("identifier")),
            ("aws_iam_role_policy", {"name": "p"}, *_two("role")),
            ("aws_kms_grant", {"key_id": "k"}, *_two("grantee_principal")),
            ("aws_route53_record", {"zone_id": "z", "name": "n"}, *_two("type")),
            ("aws_glue_catalog_table", {"name": "t"}, *_two("database_name")),
        )
    ),
    example(
        "one of many, whichever comes first",
        change(ROLE, {"name": "dms", "path": "/"}, name="old"),
        *(change(ROLE, None, {"name": f"r{number}"}, name=f"r{number}") for number in range(9)),
        change(ROLE, None, {"name": "dms"}, name="new"),
        finds="dms is destroyed here and created at aws_iam_role.new: this looks like a rename",
    ),
)

test_examples = examples_of("looks-like-a-rename", EXAMPLES)
