"""Examples of the rule `task-settings-changed`."""

import json
from typing import Any

from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import TASK
from tests.support.small_plans import update


def resettled(before: Any, after: Any) -> dict[str, Any]:
    """A task with other settings."""
    return update(TASK, "replication_task_settings", json.dumps(before), json.dumps(after))


EXAMPLES = (
    example(
        "one that matters, one that does not",
        resettled(
            {"TargetMetadata": {"LobMaxSize": 32}, "Logging": {"EnableLogging": False}},
            {"TargetMetadata": {"LobMaxSize": 16}, "Logging": {"EnableLogging": True}},
        ),
        finds=(
            "TargetMetadata.LobMaxSize: 32 → 16 (KB, up to 1024, the largest LOB a Kinesis "
            "target takes; longer ones are truncated)",
            "Logging.EnableLogging: false → true (Whether the task logs)",
        ),
    ),
    example(
        "a default that is written out",
        resettled({}, {"FullLoadSettings": {"CommitRate": 10000}}),
    ),
)

test_examples = examples_of("task-settings-changed", EXAMPLES)
