"""A request that AWS's own models do not allow is refused as AWS refuses it."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.dms_stream.local_aws.conftest import Client

# on an embedded AWS
pytestmark = pytest.mark.slow


def refused(call: Any, **given: Any) -> ClientError:
    with pytest.raises(ClientError) as caught:
        call(**given)
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    return caught.value


# botocore looks at none of these before it sends them
CASES: list[tuple[str, str, dict[str, Any], str]] = [
    ("kinesis", "create_stream", {"StreamName": "a b"}, "regular expression pattern"),
    ("kinesis", "create_stream", {"StreamName": "a" * 129}, "length less than or equal to 128"),
    (
        "kinesis",
        "start_stream_encryption",
        {"StreamName": "a", "EncryptionType": "SOME", "KeyId": "k"},
        "enum value set: [NONE, KMS]",
    ),
    (
        "firehose",
        "create_delivery_stream",
        {"DeliveryStreamName": "a/b"},
        "regular expression pattern",
    ),
    (
        "logs",
        "create_log_group",
        {"logGroupName": "a", "logGroupClass": "GOLD"},
        "enum value set",
    ),
    (
        "iam",
        "create_role",
        {"RoleName": "a/b", "AssumeRolePolicyDocument": "{}"},
        "regular expression pattern",
    ),
    (
        "iam",
        "create_role",
        {"RoleName": "a", "AssumeRolePolicyDocument": "{}", "MaxSessionDuration": 99_999},
        "value less than or equal to 43200",
    ),
    ("kms", "describe_key", {"KeyId": "k" * 2049}, "length less than or equal to 2048"),
]


@pytest.mark.parametrize(
    ("service", "operation", "given", "words"), CASES, ids=[f"{c[0]}-{c[3]}" for c in CASES]
)
def test_what_the_model_forbids_is_refused_in_the_services_words(
    client: Any, service: str, operation: str, given: dict[str, Any], words: str
) -> None:
    error = refused(getattr(client(service), operation), **given)
    said = error.response["Error"]
    assert said["Code"] in ("ValidationException", "ValidationError")
    assert said["Message"].startswith("1 validation error detected: Value '")
    assert words in said["Message"]


def test_every_problem_is_told_at_once(client: Any) -> None:
    error = refused(
        client("kinesis").put_record, StreamName="a b", Data=b"x", PartitionKey="k" * 257
    )
    assert error.response["Error"]["Message"].startswith("2 validation errors detected")


def test_a_secret_is_not_repeated(client: Any) -> None:
    error = refused(client("secretsmanager").create_secret, Name="a", SecretString="s" * 65_537)
    assert "sss" not in json.dumps(error.response)


def test_what_the_model_allows_is_answered_by_the_service(client: Any) -> None:
    kinesis: Client = client("kinesis")
    kinesis.create_stream(StreamName="allowed-Name_1.x", ShardCount=1)
    assert kinesis.list_streams()["StreamNames"] == ["allowed-Name_1.x"]
