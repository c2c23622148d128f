"""Examples of the rule `not-judged`."""

import pytest

from dms_stream.review import Severity, review_plans
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change, findings, plan, update

SERVICE = "aws_ecs_service"

EXAMPLES = (
    example(
        "an attribute that no rule knows",
        update(SERVICE, "desired_count", 2, 0),
        finds="1 attribute changes: desired_count",
        severity=Severity.UNKNOWN,
    ),
    example(
        "one inside of a block that a rule knows in part",
        update("aws_kinesis_firehose_delivery_stream", "extended_s3_configuration.0.novel", 1, 2),
        finds="1 attribute changes: extended_s3_configuration.novel",
    ),
    example(
        "one that is known only after the apply",
        change(SERVICE, {"desired_count": 2}, {}, unknown={"desired_count": True}),
        finds="1 attribute changes: desired_count",
    ),
    example(
        "beside one that is judged",
        change(
            "aws_kinesis_stream",
            {"retention_period": 48, "novel": 1},
            {"retention_period": 24, "novel": 2},
        ),
        finds="1 attribute changes: novel",
    ),
    example(
        "a type that no rule knows is created",
        change("aws_novel_thing", None, {"name": "n"}),
        finds="a resource of the type aws_novel_thing is created",
    ),
    example(
        "several of a type",
        update(SERVICE, "desired_count", 2, 0, name="a"),
        update(SERVICE, "launch_type", "EC2", "FARGATE", name="b"),
        finds="2 attributes of 2 resources change: desired_count, launch_type",
    ),
    example(
        "what a rule judged and found harmless",
        update("aws_kinesis_stream", "retention_period", 24, 48),
    ),
    example("labels", update(SERVICE, "tags", {"a": "b"}, {"a": "c"})),
    example("what only the provider sets", update(SERVICE, "id", "a", "b")),
    example("another spelling", update(SERVICE, "novel", '{"a": 1, "b": 2}', '{"b":2,"a":1}')),
    example(
        "what forces a replacement",
        change("aws_sns_topic", {"name": "a"}, {"name": "b"}, replace=("name",)),
    ),
    example("a new stream", change("aws_kinesis_stream", None, {"name": "s"})),
)

test_examples = examples_of("not-judged", EXAMPLES)


def test_a_tag_on_everything_is_nothing_to_say() -> None:
    tagged = [
        change(type_, {"tags": {}, "tags_all": {}}, {"tags": {"a": "b"}, "tags_all": {"a": "b"}})
        for type_ in (
            "aws_kinesis_stream",
            "aws_ecs_service",
            "aws_novel_thing",
            "aws_dms_endpoint",
        )
    ]
    assert findings(*tagged) == []


def test_review_counts_what_is_not_judged_by_type() -> None:
    review = review_plans(
        [
            plan(
                update(SERVICE, "desired_count", 2, 0, name="a"),
                change(
                    SERVICE, {"desired_count": 2, "x": 1}, {"desired_count": 0, "x": 2}, name="b"
                ),
                change("aws_novel_thing", None, {"name": "n"}),
            )
        ]
    )
    counted = [
        (each.type, each.resources, each.attributes, each.changes) for each in review.not_judged
    ]
    assert counted == [
        (SERVICE, 2, ("desired_count", "x"), 3),
        ("aws_novel_thing", 1, (), 1),
    ]
    assert [each.rule for each in review.at_least(Severity.UNKNOWN)] == ["not-judged"] * 2


@pytest.mark.parametrize("action", ["update", "replace", "supersede"])
def test_no_change_of_an_unknown_type_is_quiet(action: str) -> None:
    changed = change("aws_novel_thing", {"a": 1}, {"a": 2})
    changed["change"]["actions"] = {
        "update": ["update"],
        "replace": ["delete", "create"],
        "supersede": ["create", "forget"],
    }[action]
    assert "not-judged" in {each.rule for each in findings(changed)}
