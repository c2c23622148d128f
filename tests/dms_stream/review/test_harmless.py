"""What does no harm is listed with a reason, and nothing is said about it."""

from typing import Any

import pytest

from dms_stream.review.harmless import BY_TYPE, EVERYWHERE
from dms_stream.review.provider_schema import all_types
from dms_stream.review.stateful import LABELS
from tests.support.small_plans import change, findings, update

_LISTED = {
    "id",
    "tags",
    "tags_all",
    "volume_tags",
    "description",
    "comment",
    "display_name",
    "timeouts",
    "apply_immediately",
    "allow_major_version_upgrade",
    "copy_tags_to_snapshot",
    "performance_insights_enabled",
    "performance_insights_kms_key_id",
    "performance_insights_retention_period",
    "monitoring_interval",
    "monitoring_role_arn",
    "enhanced_monitoring",
    "preferred_maintenance_window",
    "maintenance_window",
    "preferred_backup_window",
    "backup_window",
}


def _changed(type_: str, path: str) -> dict[str, Any]:
    top, *inner = path.split(".")
    nested = "".join(f".0.{name}" for name in inner)
    return update(type_, f"{top}{nested}", "was", "is")


def test_list_is_read_by_somebody_before_it_grows() -> None:
    assert EVERYWHERE.keys() == _LISTED


@pytest.mark.parametrize("name", sorted(_LISTED))
def test_harmless_everywhere(name: str) -> None:
    assert findings(_changed("aws_ecs_service", name)) == []


@pytest.mark.parametrize(
    ("type_", "path"), [(type_, path) for type_, paths in BY_TYPE.items() for path in paths]
)
def test_harmless_in_a_type_is_not_reported_as_not_judged(type_: str, path: str) -> None:
    assert "not-judged" not in {each.rule for each in findings(_changed(type_, path))}


@pytest.mark.parametrize("name", ["tags", "tags_all", "volume_tags"])
def test_labels_of_other_providers_may_decide_something(name: str) -> None:
    (found,) = findings(_changed("google_compute_instance", name))
    assert found.rule == "not-judged"


@pytest.mark.parametrize("type_", LABELS)
def test_labels_that_are_resources_are_nothing_to_say(type_: str) -> None:
    values = {"resource_id": "vpc-1", "key": "a", "value": "b"}
    assert findings(change(type_, None, values)) == []
    assert findings(change(type_, values)) == []
    assert findings(change(type_, values, values | {"value": "c"})) == []


def test_every_entry_has_a_reason_and_a_type_of_the_provider() -> None:
    assert all(EVERYWHERE.values())
    assert all(reason for paths in BY_TYPE.values() for reason in paths.values())
    assert BY_TYPE.keys() - all_types() == {"terraform_data"}
