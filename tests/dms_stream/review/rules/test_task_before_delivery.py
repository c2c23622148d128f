"""Examples of the rule `task-before-delivery`."""

from typing import Any

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import ENDPOINT, FIREHOSE, STREAM, TASK
from tests.support.small_plans import change

CONFIG = "aws_dms_replication_config"
ARN = "arn:aws:kinesis:eu-west-1:123456789012:stream/shared"


def references(*addresses: str) -> dict[str, Any]:
    return {"references": list(addresses)}


def configuration(
    *depends_on: str, stream: dict[str, Any], task: str = TASK, through: str | None = None
) -> dict[str, Any]:
    """A task, its endpoint and a delivery stream; what the task depends on besides."""
    resources = [
        {
            "address": f"{task}.it",
            "expressions": {"target_endpoint_arn": references(f"{ENDPOINT}.it.endpoint_arn")},
            "depends_on": list(depends_on),
        },
        {
            "address": f"{ENDPOINT}.it",
            "expressions": {"kinesis_settings": [{"stream_arn": stream}]},
        },
        {
            "address": f"{FIREHOSE}.it",
            "expressions": {"kinesis_source_configuration": [{"kinesis_stream_arn": stream}]},
        },
    ]
    if through is not None:
        needs = {"address": through, "expressions": {}, "depends_on": [f"{FIREHOSE}.it"]}
        resources.append(needs)
    return {"root_module": {"resources": resources}}


OURS = references(f"{STREAM}.it.arn", f"{STREAM}.it")
THEIRS = {"constant_value": ARN}


def changes(
    stream: str | None = None, *, starts: bool = True, task: str = TASK
) -> tuple[dict[str, Any], ...]:
    """All of them new; `stream` is the ARN of one that exists."""
    start = "start_replication_task" if task == TASK else "start_replication"
    return (
        change(task, None, {start: starts}),
        change(ENDPOINT, None, {"kinesis_settings": [{"stream_arn": stream}]}),
        change(FIREHOSE, None, {"kinesis_source_configuration": [{"kinesis_stream_arn": stream}]}),
    )


LOST = (
    f"{TASK}.it starts in the same plan that makes the delivery stream {FIREHOSE}.it of its "
    "Kinesis stream, and does not wait for it"
)

EXAMPLES = (
    example(
        "the dependency is lost",
        *changes(),
        configuration=configuration(stream=OURS),
        finds=LOST,
        severity=Severity.DATA_LOSS,
    ),
    example(
        "on a stream that exists",
        *changes(ARN),
        configuration=configuration(stream=THEIRS),
        finds=LOST,
    ),
    example(
        "serverless",
        *changes(task=CONFIG),
        configuration=configuration(stream=OURS, task=CONFIG),
        finds=LOST.replace(TASK, CONFIG),
    ),
    example(
        "the delivery stream is replaced under a task that changes",
        change(TASK, {"start_replication_task": True}, {"start_replication_task": True, "x": 1}),
        changes()[1],
        change(FIREHOSE, {"name": "a"}, {"name": "b"}, replace=("name",)),
        configuration=configuration(stream=OURS),
        finds=LOST.replace(f"{FIREHOSE}.it", "a"),
    ),
    example("it waits", *changes(), configuration=configuration(f"{FIREHOSE}.it", stream=OURS)),
    example(
        "it waits for what waits",
        *changes(),
        configuration=configuration("null_resource.it", stream=OURS, through="null_resource.it"),
    ),
    example(
        "it is started by hand",
        *changes(starts=False),
        configuration=configuration(stream=OURS),
    ),
    example(
        "another stream",
        changes()[0],
        change(ENDPOINT, None, {"kinesis_settings": [{"stream_arn": f"{ARN}-2"}]}),
        changes(ARN)[2],
        configuration=configuration(stream=THEIRS),
    ),
    example(
        "the delivery stream is there already",
        changes()[0],
        changes()[1],
        change(FIREHOSE, {"name": "a"}, {"name": "a"}),
        configuration=configuration(stream=OURS),
    ),
    example("the plan does not say what needs what", *changes()),
)

test_examples = examples_of("task-before-delivery", EXAMPLES)
