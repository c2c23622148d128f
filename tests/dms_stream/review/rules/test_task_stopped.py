"""Examples of the rule `task-stopped`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import TASK
from tests.support.small_plans import change, update


def _task(**attributes: object) -> dict[str, object]:
    return {"replication_task_id": "t", "start_replication_task": True, **attributes}


EXAMPLES = (
    example(
        "started again",
        change(TASK, _task(table_mappings="{}", id="t"), _task(table_mappings="[]", id="t")),
        finds="t is stopped, changed (table_mappings) and started again "
        "(start_replication_task is true)",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "left stopped",
        change(
            TASK,
            {"id": "t", "table_mappings": "{}", "start_replication_task": False},
            {"id": "t", "table_mappings": "[]", "start_replication_task": False},
        ),
        finds=(
            "t is stopped and changed (table_mappings), and not started again "
            "(start_replication_task is not true)"
        ),
    ),
    example(
        "it does not run",
        change(
            TASK,
            _task(table_mappings="{}", id="t", status="stopped"),
            _task(table_mappings="[]", id="t", status="stopped"),
        ),
        finds="t is stopped and is changed: table_mappings",
        severity=Severity.NOTICE,
    ),
    example(
        "told to stop",
        update(TASK, "start_replication_task", True, False),
        finds="aws_dms_replication_task.it will be stopped (start_replication_task: true → false)",
        severity=Severity.INTERRUPTION,
    ),
    example("tags", update(TASK, "tags", {}, {"a": "b"})),
)

test_examples = examples_of("task-stopped", EXAMPLES)
