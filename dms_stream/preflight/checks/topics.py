"""The SNS topics that exist: there, and open to who publishes to them, their keys included.

https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from botocore.exceptions import ClientError

from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.monitoring.props import ExistingTopics
from dms_stream.preflight.account import Account, error_code
from dms_stream.preflight.check import Result, pipeline_check

_AWS_MANAGED = "alias/aws/sns"


@pipeline_check("the alarms' topics", "monitoring.notify.topic_arns")
def alarm_topics(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """CloudWatch may publish to the topics, and EventBridge to those that are told of events."""
    monitoring = props.monitoring
    if monitoring is None or not isinstance(monitoring.notify, ExistingTopics):
        return
    notify = monitoring.notify
    has_events = monitoring.alarms and bool(monitoring.thresholds.replication_events)
    events_are_warnings = monitoring.severities.get("replication-events") == "warning"
    told_of_events = notify.topic_arns
    if events_are_warnings and notify.warning_topic_arns is not None:
        told_of_events = notify.warning_topic_arns
    for key, arns in (
        ("topic_arns", notify.topic_arns),
        ("warning_topic_arns", notify.warning_topic_arns or ()),
    ):
        for number, arn in enumerate(arns):
            where = f"pipelines.{name}.monitoring.notify.{key}.{number}"
            services = ["cloudwatch.amazonaws.com"]
            if has_events and arn in told_of_events:
                services.append("events.amazonaws.com")
            yield from _topic(account, where, arn, services)


@pipeline_check("the events' topic", "replication.event_subscription.sns_topic_arn")
def event_topic(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """DMS and EventBridge, which publishes for it, may publish to the topic."""
    subscription = props.replication.event_subscription
    # without an ARN it is the pipeline's own, which lets them in
    if subscription is None or subscription.sns_topic_arn is None:
        return
    where = f"pipelines.{name}.replication.event_subscription.sns_topic_arn"
    services = ["dms.amazonaws.com", "events.amazonaws.com"]
    yield from _topic(account, where, subscription.sns_topic_arn, services)


def _topic(account: Account, where: str, arn: str, services: Sequence[str]) -> Iterator[Result]:
    try:
        attributes = account.client("sns", region=arn.split(":")[3]).get_topic_attributes(
            TopicArn=arn
        )["Attributes"]
    except ClientError as error:
        if error_code(error) not in ("NotFound", "NotFoundException"):
            raise
        yield Result(where, "fail", "there is no such topic", "Name a topic that exists.")
        return
    for service in services:
        yield from _publishes(account, where, attributes, service, arn.split(":")[4])


def _publishes(
    account: Account, where: str, attributes: Mapping[str, str], service: str, owner: str
) -> Iterator[Result]:
    if not allows(json.loads(attributes.get("Policy", "{}")), service, "sns:Publish", owner):
        yield Result(
            where,
            "fail",
            f"its policy does not let {service} publish",
            f"Allow {service} the action sns:Publish in the topic's policy.",
        )
        return
    key = attributes.get("KmsMasterKeyId")
    if not key:
        yield Result(where, "pass", f"{service} may publish to it")
    elif key.endswith(_AWS_MANAGED):
        yield Result(
            where,
            "fail",
            f"it is encrypted with AWS's own key, which {service} cannot use",
            "Encrypt it with a customer key whose policy lets the service in.",
        )
    else:
        yield from _key(account, where, key, service, owner)


def _key(account: Account, where: str, key: str, service: str, owner: str) -> Iterator[Result]:
    kms = account.client("kms")
    # a policy is asked for by the key's id or ARN, never by an alias
    key_id = kms.describe_key(KeyId=key)["KeyMetadata"]["KeyId"]
    policy = json.loads(kms.get_key_policy(KeyId=key_id, PolicyName="default")["Policy"])
    lacks = [
        action
        for action in ("kms:GenerateDataKey", "kms:Decrypt")
        if not allows(policy, service, action, owner)
    ]
    if lacks:
        yield Result(
            where,
            "fail",
            f"the policy of its key {key} does not let {service} use it",
            f"Allow {service} {' and '.join(lacks)} in the key's policy.",
        )
    else:
        yield Result(where, "pass", f"{service} may publish to it and use its key")


def allows(policy: Mapping[str, Any], service: str, action: str, owner: str) -> bool:
    """Whether a resource's policy has a statement that allows a service an action."""
    from fnmatch import fnmatchcase

    for statement in policy.get("Statement", []):
        actions = statement.get("Action", [])
        actions = [actions] if isinstance(actions, str) else actions
        if statement.get("Effect") != "Allow" or not any(
            fnmatchcase(action.lower(), pattern.lower()) for pattern in actions
        ):
            continue
        principal = statement.get("Principal", {})
        if isinstance(principal, str):
            principal = {"AWS": principal, "Service": principal}
        services = principal.get("Service", [])
        if {service, "*"} & set([services] if isinstance(services, str) else services):
            return True
        anyone = principal.get("AWS", [])
        condition = json.dumps(statement.get("Condition", {}))
        # SNS's default policy lets in whatever the owner's account does, services in its name too
        if "*" in ([anyone] if isinstance(anyone, str) else anyone) and (
            condition == "{}" or owner in condition
        ):
            return True
    return False
