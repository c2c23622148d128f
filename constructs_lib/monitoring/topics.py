"""SNS topics of the alarms' own: who may publish to them, and who is told."""

from collections.abc import Mapping
from typing import Any

from constructs_lib.aws_account import AwsAccount
from constructs_lib.bindings import aws
from constructs_lib.construct import Construct
from constructs_lib.customer_key import IKey, publisher_statement
from constructs_lib.iam import ServiceRole, Statement, grant, policy_json
from constructs_lib.monitoring.props import SlackChannel, Subscribers
from constructs_lib.naming import physical_name
from constructs_lib.terraform_text import literal

CLOUDWATCH = "cloudwatch.amazonaws.com"
EVENTBRIDGE = "events.amazonaws.com"

# https://docs.aws.amazon.com/sns/latest/api/API_CreateTopic.html
_TOPIC_NAME_MAX_LENGTH = 256
# https://docs.aws.amazon.com/chatbot/latest/APIReference/API_CreateSlackChannelConfiguration.html
_CHANNEL_NAME_MAX_LENGTH = 128


class OwnTopic:
    """A topic that CloudWatch may publish to, over TLS only.

    Args:
        scope: The monitoring that it belongs to.
        prefix: Start of the constructs' ids and end of the topic's name; empty for the first one.
        subscribers: Who is told by e-mail and HTTPS.
        key: Encrypts the messages at rest; None: nothing does.

    Attributes:
        resource: The `aws_sns_topic`.
        policy: The `aws_sns_topic_policy`, which is there before somebody publishes.
        arn: ARN of the topic, as a token.
    """

    def __init__(
        self,
        scope: Construct,
        prefix: str,
        *,
        subscribers: Subscribers,
        key: IKey | None,
    ) -> None:
        self._scope, self._key, self._publishers = scope, key, {CLOUDWATCH}
        self.resource: Any = aws.sns_topic.SnsTopic(
            scope,
            f"{prefix}topic",
            name=physical_name(
                scope,
                max_length=_TOPIC_NAME_MAX_LENGTH,
                suffix=f"-{prefix}".rstrip("-"),
            ),
            kms_master_key_id=key.key_arn if key else None,
        )
        self.arn = str(self.resource.arn)
        self._statements = [
            self._may_publish(CLOUDWATCH, "StringEquals"),
            {
                # https://docs.aws.amazon.com/sns/latest/dg/sns-security-best-practices.html
                "Sid": "TlsOnly",
                "Effect": "Deny",
                "Principal": "*",
                "Action": "sns:Publish",
                "Resource": self.arn,
                "Condition": {"Bool": {"aws:SecureTransport": "false"}},
            },
        ]
        self.policy: Any = aws.sns_topic_policy.SnsTopicPolicy(
            scope, f"{prefix}topic-policy", arn=self.arn, policy=policy_json(self._statements)
        )
        for kind, protocol, endpoints in (
            ("email", "email", subscribers.emails),
            ("https", "https", subscribers.https_endpoints),
        ):
            for number, endpoint in enumerate(endpoints, start=1):
                aws.sns_topic_subscription.SnsTopicSubscription(
                    scope,
                    f"{prefix}{kind}-{number}",
                    topic_arn=self.arn,
                    protocol=protocol,
                    endpoint=literal(endpoint),
                )

    def let_publish(self, *services: str) -> None:
        """Let services publish; those that may already are left as they are."""
        for service in services:
            if service not in self._publishers:
                self._publishers.add(service)
                self._statements.append(self._may_publish(service, "StringEqualsIfExists"))
        self.policy.policy = policy_json(self._statements)

    def _may_publish(self, service: str, operator: str) -> dict[str, Any]:
        if self._key is not None:
            self._key.allow(publisher_statement(self._scope, service))
        return {
            "Effect": "Allow",
            "Principal": {"Service": service},
            "Action": "sns:Publish",
            "Resource": self.arn,
            "Condition": {operator: {"aws:SourceAccount": AwsAccount.of(self._scope).account_id}},
        }


def tell_slack(scope: Construct, topics: Mapping[SlackChannel, list[str]]) -> None:
    """Let channels of Slack be told of what topics are told.

    AWS takes one configuration of a channel in an account, with as many topics as it may have:
    https://github.com/aws-cloudformation/cloudformation-coverage-roadmap/issues/1155

    Args:
        scope: The monitoring that they belong to.
        topics: ARNs of the topics of each channel.
    """
    if not topics:
        return
    role = ServiceRole(
        scope,
        "slack-role",
        service="chatbot.amazonaws.com",
        description="Slack is told of alarms, and their graphs are drawn there",
    )
    # of CloudWatch's reading calls few know a resource; this is what AWS's page asks for:
    # https://docs.aws.amazon.com/chatbot/latest/adminguide/understanding-permissions.html
    actions = ["cloudwatch:Describe*", "cloudwatch:Get*", "cloudwatch:List*"]
    drawn = grant(scope, role, "draw", [Statement(actions, ["*"])])
    for number, (channel, arns) in enumerate(topics.items(), start=1):
        aws.chatbot_slack_channel_configuration.ChatbotSlackChannelConfiguration(
            scope,
            f"slack-{number}",
            configuration_name=physical_name(
                scope, max_length=_CHANNEL_NAME_MAX_LENGTH, suffix=f"-{number}"
            ),
            iam_role_arn=role.role_arn,
            slack_team_id=channel.team_id,
            slack_channel_id=channel.channel_id,
            sns_topic_arns=arns,
            # bounds what people may ask for in the channel; by default it is AdministratorAccess
            guardrail_policy_arns=[
                f"arn:{AwsAccount.of(scope).partition}:iam::aws:policy/CloudWatchReadOnlyAccess"
            ],
            depends_on=[*drawn.policies],
        )
