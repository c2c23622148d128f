"""Channels of Slack: kept as the provider reads them, and a channel once in an account."""

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dms_stream.local_aws import LocalAws

CHANNEL = {
    "ConfigurationName": "alarms",
    "IamRoleArn": "arn:aws:iam::123456789012:role/slack",
    "SlackTeamId": "T07EA123LEP",
    "SlackChannelId": "C07EZ1ABC23",
}


def refused(error: ClientError) -> tuple[str, int]:
    """The code and the status of a refusal."""
    return error.response["Error"]["Code"], error.response["ResponseMetadata"]["HTTPStatusCode"]


def test_a_channel_is_made_changed_and_deleted(client: Callable[[str], Any]) -> None:
    chatbot = client("chatbot")
    tags = [{"TagKey": "team", "TagValue": "data"}]
    made = chatbot.create_slack_channel_configuration(**CHANNEL, Tags=tags)["ChannelConfiguration"]
    arn = "arn:aws:chatbot::123456789012:chat-configuration/slack-channel/alarms"
    # what is not asked for is as in the service's guide
    assert made == CHANNEL | {
        "ChatConfigurationArn": arn,
        "SlackChannelName": "c07ez1abc23",
        "SlackTeamName": "t07ea123lep",
        "LoggingLevel": "NONE",
        "SnsTopicArns": [],
        "GuardrailPolicyArns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
        "UserAuthorizationRequired": False,
        "State": "ENABLED",
        "Tags": tags,
    }
    assert chatbot.list_tags_for_resource(ResourceARN=arn)["Tags"] == tags
    chatbot.tag_resource(ResourceARN=arn, Tags=[{"TagKey": "env", "TagValue": "test"}])
    chatbot.untag_resource(ResourceARN=arn, TagKeys=["team"])
    topics = ["arn:aws:sns:eu-west-1:123456789012:alarms"]
    chatbot.update_slack_channel_configuration(
        ChatConfigurationArn=arn,
        SlackChannelId="C0OTHER",
        SnsTopicArns=topics,
    )
    (found,) = chatbot.describe_slack_channel_configurations(ChatConfigurationArn=arn)[
        "SlackChannelConfigurations"
    ]
    assert (found["SlackChannelId"], found["SnsTopicArns"]) == ("C0OTHER", topics)
    assert found["Tags"] == [{"TagKey": "env", "TagValue": "test"}]
    chatbot.delete_slack_channel_configuration(ChatConfigurationArn=arn)
    assert not chatbot.describe_slack_channel_configurations()["SlackChannelConfigurations"]
    with pytest.raises(ClientError, match="does not exist") as caught:
        chatbot.delete_slack_channel_configuration(ChatConfigurationArn=arn)
    assert refused(caught.value) == ("ResourceNotFoundException", 404)


def test_a_channel_is_configured_once_in_an_account(
    client: Callable[[str], Any], aws: LocalAws
) -> None:
    chatbot = client("chatbot")
    chatbot.create_slack_channel_configuration(**CHANNEL)
    with pytest.raises(ClientError, match="alarms exists already") as caught:
        chatbot.create_slack_channel_configuration(**CHANNEL)
    assert refused(caught.value) == ("ConflictException", 409)
    other = {**CHANNEL, "ConfigurationName": "other"}
    with pytest.raises(ClientError, match="already been configured for AWS account") as caught:
        chatbot.create_slack_channel_configuration(**other)
    assert refused(caught.value) == ("InvalidRequestException", 400)
    # another channel is another one, and each is described by its ARN
    arn = chatbot.create_slack_channel_configuration(**other | {"SlackChannelId": "C0OTHER"})[
        "ChannelConfiguration"
    ]["ChatConfigurationArn"]
    for asked, names in (
        ({}, ["alarms", "other"]),
        ({"ChatConfigurationArn": arn}, ["other"]),
        ({"ChatConfigurationArn": arn.replace("other", "none")}, []),
    ):
        found = chatbot.describe_slack_channel_configurations(**asked)["SlackChannelConfigurations"]
        assert [each["ConfigurationName"] for each in found] == names
    aws.reset()
    assert chatbot.create_slack_channel_configuration(**other)
