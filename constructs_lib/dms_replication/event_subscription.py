"""Events of a replication, published to an SNS topic."""

from collections.abc import Sequence
from typing import Any, Literal

from constructs_lib.bindings import aws
from constructs_lib.construct import Construct
from constructs_lib.naming import physical_name

# https://docs.aws.amazon.com/dms/latest/APIReference/API_CreateEventSubscription.html
_NAME_MAX_LENGTH = 254


class EventSubscription(Construct):
    """A subscription of an SNS topic to DMS's events.

    The topic's policy must let `dms.amazonaws.com` publish, and from DMS 3.4.5 on
    `events.amazonaws.com`, and so must the key of an encrypted topic (`publisher_statement`):
    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Events.html

    Args:
        scope: Where it belongs.
        id_: Its id.
        topic_arn: ARN of the topic; may be a token.
        source_type: Whose events.
        source_id: Identifier of the task or instance; may be a token.
        event_categories: Which events.
        after: What must be there before, such as the topic's policy.

    Attributes:
        resource: The `aws_dms_event_subscription`, the escape hatch.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        topic_arn: str,
        source_type: Literal["replication-instance", "replication-task"],
        source_id: str,
        event_categories: Sequence[str],
        after: Sequence[Any] = (),
    ) -> None:
        super().__init__(scope, id_)
        self.resource = aws.dms_event_subscription.DmsEventSubscription(
            self,
            "Resource",
            name=physical_name(self, max_length=_NAME_MAX_LENGTH),
            enabled=True,
            sns_topic_arn=topic_arn,
            source_type=source_type,
            source_ids=[source_id],
            event_categories=sorted(event_categories),
            depends_on=list(after) or None,
        )
