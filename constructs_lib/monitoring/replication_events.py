"""What DMS says of a replication, passed on to topics: it has failed, or has stopped."""

import json
from collections.abc import Sequence
from typing import Any

from constructs_lib.bindings import aws
from constructs_lib.construct import Construct
from constructs_lib.naming import physical_name

# https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutRule.html
_RULE_NAME_MAX_LENGTH = 64
RULE_DESCRIPTION_MAX_LENGTH = 512


def pass_on_events(
    scope: Construct,
    *,
    replication_arn: str,
    is_serverless: bool,
    events: Sequence[str],
    description: str,
    topic_arns: Sequence[str],
    after: Sequence[Any],
) -> Any:
    """An EventBridge rule that sends events of one replication to topics, as they are.

    Amazon Q in chat applications shows events that are as AWS sends them, and no others.

    The names of a task's events stand in no list of AWS; they are those of its published messages
    and of captured events, as are those of DMS Serverless. Of a serverless replication DMS sends
    events of the task inside too, but never that it has failed: the replication's are taken.
    https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-dms.html
    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_EventBridge.html

    Args:
        scope: The monitoring that it belongs to.
        replication_arn: ARN of the task, or of the replication config; may be a token.
        is_serverless: Which of the two.
        events: `failed`, `stopped`.
        description: What whoever finds the rule reads.
        topic_arns: ARNs of the topics; may be tokens.
        after: What must be there before, such as the topics' policies.

    Returns:
        The `aws_cloudwatch_event_rule`.
    """
    kind, word = ("", "") if is_serverless else ("Task ", "TASK_")
    pattern = {
        "source": ["aws.dms"],
        "detail-type": [f"DMS Replication {kind}State Change"],
        "detail": {"eventType": [f"REPLICATION_{word}{event.upper()}" for event in events]},
        "resources": [replication_arn],
    }
    rule = aws.cloudwatch_event_rule.CloudwatchEventRule(
        scope,
        "replication-events",
        name=physical_name(scope, max_length=_RULE_NAME_MAX_LENGTH, suffix="-replication-events"),
        description=description,
        event_pattern=json.dumps(pattern, sort_keys=True),
    )
    for number, arn in enumerate(topic_arns, start=1):
        aws.cloudwatch_event_target.CloudwatchEventTarget(
            scope,
            f"replication-events-{number}",
            rule=rule.name,
            arn=arn,
            depends_on=list(after) or None,
        )
    return rule
