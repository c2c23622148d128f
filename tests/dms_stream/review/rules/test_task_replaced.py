"""Examples of the rule `task-replaced`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import TASK
from tests.support.small_plans import change, update


def _task(**attributes: object) -> dict[str, object]:
    return {"replication_task_id": "t", "start_replication_task": True, **attributes}


EXAMPLES = (
    example(
        "one that only captures",
        change(
            TASK,
            _task(migration_type="cdc"),
            _task(migration_type="cdc", replication_task_id="u"),
            replace=("replication_task_id",),
        ),
        finds=(
            "the task t is destroyed and recreated because replication_task_id changes (t "
            "→ u). The new one loads nothing and captures from the moment it is started: "
            "changes before that are missing."
        ),
        severity=Severity.INTERRUPTION,
    ),
    example(
        "one that captures from a position",
        change(
            TASK,
            _task(migration_type="cdc"),
            _task(migration_type="cdc", cdc_start_position="mysql-bin.000024:373"),
            replace=("replication_instance_arn",),
        ),
        finds=(
            "the task t is destroyed and recreated because replication_instance_arn "
            "changes. The new one loads nothing and captures from mysql-bin.000024:373 "
            "on."
        ),
    ),
    example(
        "one that loads, and is not started",
        change(
            TASK,
            _task(migration_type="full-load"),
            {"migration_type": "full-load", "replication_task_id": "u"},
            replace=("replication_task_id",),
        ),
        finds=(
            "the task t is destroyed and recreated because replication_task_id changes (t "
            "→ u). The new one loads every table again: consumers get all rows once more. "
            "It is not started (start_replication_task is not true): nothing is captured "
            "until somebody does."
        ),
    ),
    example("changed in place", update(TASK, "migration_type", "cdc", "full-load")),
)

test_examples = examples_of("task-replaced", EXAMPLES)
