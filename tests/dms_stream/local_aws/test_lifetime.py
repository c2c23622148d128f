"""What an embedded AWS of this process finds, keeps and leaves, and whom it tells.

The others of this package share one: here each has the process for itself as far as it knows.
"""

import json
import os
import socket
from collections.abc import Callable
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import pytest

from dms_stream.local_aws import LocalAws, server, topics
from dms_stream.local_aws import client as client_of
from dms_stream.local_aws.errors import LocalAwsError

pytestmark = pytest.mark.slow

POLICIES = "MOTO_IAM_LOAD_MANAGED_POLICIES"
IMAGES = "MOTO_EC2_LOAD_DEFAULT_AMIS"


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing runs, and of moto's settings one is somebody's."""
    monkeypatch.setattr(server, "_running", Lock())
    monkeypatch.setenv(POLICIES, "false")
    monkeypatch.delenv(POLICIES)
    monkeypatch.setenv(IMAGES, "true")


def settings() -> tuple[str | None, str | None]:
    """moto's settings of this process."""
    return os.environ.get(POLICIES), os.environ.get(IMAGES)


def answers(url: str) -> bool:
    """Whether anything listens there."""
    place = urlsplit(url)
    try:
        socket.create_connection((place.hostname, place.port or 0), 5).close()
    except OSError:
        return False
    return True


@pytest.mark.usefixtures("alone")
def test_it_begins_and_ends_empty_and_leaves_the_settings_as_they_were() -> None:
    for _ in range(2):
        with LocalAws() as aws:
            url = aws.url
            topic: Any = client_of("sns", url)
            assert topic.list_topics()["Topics"] == []
            topic.create_topic(Name="alarms")
            # managed policies are there, and a thousand images are not
            assert settings() == ("true", "false")
            assert aws.process_environment(base={"A": "b"})["A"] == "b"
            assert answers(url)
        assert settings() == (None, "true")
        assert not answers(url)
        with pytest.raises(LocalAwsError, match="this LocalAws is not running"):
            _ = aws.url


@pytest.mark.usefixtures("alone")
def test_a_second_one_is_refused_and_the_first_goes_on() -> None:
    with LocalAws() as aws:
        with pytest.raises(LocalAwsError, match="a LocalAws is already running in this process"):
            LocalAws().__enter__()
        assert answers(aws.url)
        assert settings()[0] == "true"


@pytest.mark.usefixtures("alone")
def test_one_that_cannot_listen_leaves_the_process_to_the_next(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse() -> None:
        raise OSError("no port")

    with monkeypatch.context() as patch:
        patch.setattr(server, "bind", refuse)
        with pytest.raises(OSError, match="no port"):
            LocalAws().__enter__()
    assert settings() == (None, "true")
    with LocalAws() as aws:
        assert answers(aws.url)


def test_a_topic_is_told_with_a_subject_that_fits(client: Callable[[str], Any]) -> None:
    topic = client("sns").create_topic(Name="alarms")["TopicArn"]
    queue = client("sqs").create_queue(QueueName="told")["QueueUrl"]
    endpoint = "arn:aws:sqs:eu-central-1:123456789012:told"
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=endpoint)
    assert topics.publish(topic, "with", subject="s" * 150) is True
    assert topics.publish(topic, "without") is True
    found = [
        json.loads(each["Body"])
        for each in client("sqs").receive_message(QueueUrl=queue, MaxNumberOfMessages=10)[
            "Messages"
        ]
    ]
    # SNS takes less than 100 characters
    told = {each["Message"]: each.get("Subject") for each in found}
    assert told == {"with": "s" * 99, "without": None}


def test_a_topic_that_cannot_tell_its_subscribers_is_logged(
    client: Callable[[str], Any], caplog: pytest.LogCaptureFixture
) -> None:
    topic = client("sns").create_topic(Name="alarms")["TopicArn"]
    gone = "arn:aws:sqs:eu-central-1:123456789012:gone"
    client("sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=gone)
    assert topics.publish(topic, "so") is False
    assert f"the topic {topic} could not tell all its subscribers: " in caplog.text


@pytest.mark.parametrize(
    "arn",
    [
        "arn:aws:sns:eu-central-1:123456789012:gone",
        "arn:aws:lambda:eu-central-1:123456789012:function:f",
        "no arn",
    ],
)
def test_what_is_no_topic_is_told_nothing(client: Callable[[str], Any], arn: str) -> None:
    assert client("sns").list_topics()["Topics"] == []
    assert topics.publish(arn, "so") is False
