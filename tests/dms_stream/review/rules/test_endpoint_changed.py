"""Examples of the rule `endpoint-changed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import ENDPOINT, TASK
from tests.support.small_plans import change, update

EXAMPLES = (
    example(
        "with tasks paused",
        change(
            ENDPOINT,
            {"endpoint_id": "e", "endpoint_type": "source", "port": 1, "endpoint_arn": "arn"},
            {
                "endpoint_id": "e",
                "endpoint_type": "source",
                "port": 2,
                "endpoint_arn": "arn",
                "pause_replication_tasks": True,
            },
        ),
        update(TASK, "source_endpoint_arn", "arn", "arn", name="mine"),
        finds="the source endpoint e is changed: port; running tasks are stopped and started "
        "again (pause_replication_tasks) (used by aws_dms_replication_task.mine)",
    ),
    example(
        "under running tasks",
        update(ENDPOINT, "port", 1, 2),
        finds="the DMS endpoint aws_dms_endpoint.it is changed: port; the apply fails while a "
        "task runs (pause_replication_tasks is not true) (no task of this plan uses it)",
    ),
    example(
        "destroyed",
        change(ENDPOINT, {"endpoint_id": "e", "endpoint_type": "target"}),
        finds="the target endpoint e is destroyed (no task of this plan uses it)",
    ),
    example("tags", update(ENDPOINT, "tags", {}, {"a": "b"})),
)

test_examples = examples_of("endpoint-changed", EXAMPLES)
