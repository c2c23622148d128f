"""Kinesis streams that hold many records."""

import json
import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from dms_stream.local_aws import REGION, LocalAws
from dms_stream.local_aws.kinesis import LIMITS_TAG
from dms_stream.local_aws.shard_records import ShardRecords
from tests.dms_stream.local_aws.conftest import Client
from tests.support.waiting import until

# on an embedded AWS
pytestmark = pytest.mark.slow

Clients = Callable[[str], Client]

_NAME = "changes"


def put(kinesis: Client, texts: list[str]) -> None:
    """Put records under one partition key."""
    records = [{"Data": text.encode(), "PartitionKey": "one"} for text in texts]
    assert kinesis.put_records(StreamName=_NAME, Records=records)["FailedRecordCount"] == 0


def pages(kinesis: Client, shard: str, limit: int, **start: Any) -> Iterator[dict[str, Any]]:
    """Answers, until one says that there are no more."""
    start = start or {"ShardIteratorType": "TRIM_HORIZON"}
    at = kinesis.get_shard_iterator(StreamName=_NAME, ShardId=shard, **start)["ShardIterator"]
    while True:
        page = kinesis.get_records(ShardIterator=at, Limit=limit)
        yield page
        if page["MillisBehindLatest"] == 0:
            return
        at = page["NextShardIterator"]


def shards(kinesis: Client) -> list[str]:
    """The ids of the stream's shards."""
    return [shard["ShardId"] for shard in kinesis.list_shards(StreamName=_NAME)["Shards"]]


def texts_of(found: Iterator[dict[str, Any]]) -> list[str]:
    """What records hold."""
    return [record["Data"].decode() for page in found for record in page["Records"]]


def test_a_reader_learns_that_there_is_more_of_what_came_at_the_same_time(client: Clients) -> None:
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName=_NAME, ShardCount=1)
    put(kinesis, [str(number) for number in range(10)])
    (shard,) = shards(kinesis)
    found = list(pages(kinesis, shard, 3))
    assert [len(page["Records"]) for page in found] == [3, 3, 3, 1]
    assert texts_of(iter(found)) == [str(number) for number in range(10)]


def test_an_answer_ends_beyond_ten_mebibytes(client: Clients) -> None:
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName=_NAME, ShardCount=1)
    large = "x" * 1_000_000
    for _ in range(3):
        put(kinesis, [large] * 5)
    (shard,) = shards(kinesis)
    assert [len(page["Records"]) for page in pages(kinesis, shard, 10_000)] == [11, 4]


def test_reading_from_a_records_arrival_begins_with_it(client: Clients) -> None:
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName=_NAME, ShardCount=1)
    for number in range(4):
        put(kinesis, [str(number)])
    (shard,) = shards(kinesis)
    every = [record for page in pages(kinesis, shard, 10) for record in page["Records"]]
    arrived = every[2]["ApproximateArrivalTimestamp"]
    again = texts_of(pages(kinesis, shard, 10, ShardIteratorType="AT_TIMESTAMP", Timestamp=arrived))
    assert again[-2:] == ["2", "3"]
    earlier = [r for r in every if r["ApproximateArrivalTimestamp"] < arrived]
    assert len(again) == len(every) - len(earlier)


def test_records_are_still_there_after_a_shard_was_split(client: Clients) -> None:
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName=_NAME, ShardCount=1)
    put(kinesis, ["a", "b", "c"])
    kinesis.update_shard_count(StreamName=_NAME, TargetShardCount=2, ScalingType="UNIFORM_SCALING")
    every = shards(kinesis)
    assert len(every) == 3
    assert texts_of(page for shard in every for page in pages(kinesis, shard, 10)) == [*"abc"]


def test_records_are_not_kept_in_memory() -> None:
    tracemalloc.start()
    try:
        records = ShardRecords()
        for _ in range(5_000):
            records.append("key", "x" * 1_000, None)
        current, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(records) == 5_000
    assert current < 100_000


def test_a_stream_of_which_limits_are_asked_refuses_what_a_shard_does_not_take(
    client: Clients,
) -> None:
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName=_NAME, ShardCount=1)
    records = [{"Data": b"{}", "PartitionKey": "one"}] * 500

    def refused() -> list[dict[str, Any]]:
        answers = [kinesis.put_records(StreamName=_NAME, Records=records) for _ in range(6)]
        found = [each for answer in answers for each in answer["Records"] if "ErrorCode" in each]
        assert sum(answer["FailedRecordCount"] for answer in answers) == len(found)
        return found

    assert refused() == []
    kinesis.add_tags_to_stream(StreamName=_NAME, Tags={LIMITS_TAG: "enforced"})
    # a slow machine takes a second for less than a shard takes in one
    until(lambda: bool(refused()))
    assert {each["ErrorCode"] for each in refused()} <= {"ProvisionedThroughputExceededException"}


def test_a_stream_whose_key_cannot_be_used_takes_and_gives_nothing(client: Clients) -> None:
    kinesis, kms = client("kinesis"), client("kms")
    kinesis.create_stream(StreamName=_NAME, ShardCount=1)
    put(kinesis, ["before"])
    (shard,) = shards(kinesis)
    made = kms.create_key()["KeyMetadata"]
    key = made["Arn"]

    def encrypt(key: str) -> None:
        kinesis.start_stream_encryption(StreamName=_NAME, EncryptionType="KMS", KeyId=key)

    def refused_for(code: str) -> None:
        for call in (
            lambda: put(kinesis, ["after"]),
            lambda: kinesis.put_record(StreamName=_NAME, Data=b"after", PartitionKey="one"),
            lambda: list(pages(kinesis, shard, 3)),
        ):
            with pytest.raises(ClientError) as caught:
                call()
            assert caught.value.response["Error"]["Code"] == code

    encrypt(key)
    assert texts_of(pages(kinesis, shard, 3)) == ["before"]
    kms.disable_key(KeyId=made["KeyId"])
    refused_for("KMSDisabledException")
    kms.schedule_key_deletion(KeyId=made["KeyId"])
    refused_for("KMSInvalidStateException")
    encrypt(key.rpartition("/")[0] + "/0f0e0d0c-1111-2222-3333-444455556666")
    refused_for("KMSNotFoundException")
    encrypt("alias/aws/kinesis")
    assert texts_of(pages(kinesis, shard, 3)) == ["before"]


def test_a_role_reads_what_its_policies_let_it_decrypt(client: Clients, aws: LocalAws) -> None:
    kinesis, kms, iam = client("kinesis"), client("kms"), client("iam")
    kinesis.create_stream(StreamName=_NAME, ShardCount=1)
    key, other = (kms.create_key()["KeyMetadata"]["Arn"] for _ in range(2))
    kinesis.start_stream_encryption(StreamName=_NAME, EncryptionType="KMS", KeyId=key)
    put(kinesis, ["a"])
    (shard,) = shards(kinesis)
    role = iam.create_role(RoleName="reader", AssumeRolePolicyDocument="{}")["Role"]["Arn"]
    assumed = client("sts").assume_role(RoleArn=role, RoleSessionName="reader")["Credentials"]
    reader: Client = boto3.Session(
        assumed["AccessKeyId"], assumed["SecretAccessKey"], assumed["SessionToken"], REGION
    ).client("kinesis", endpoint_url=aws.url)

    def grant(name: str, effect: str, resource: str) -> None:
        statement = {"Effect": effect, "Action": "kms:*", "Resource": resource}
        document = json.dumps({"Version": "2012-10-17", "Statement": statement})
        iam.put_role_policy(RoleName="reader", PolicyName=name, PolicyDocument=document)

    def is_refused() -> bool:
        try:
            found = texts_of(pages(reader, shard, 3))
        except ClientError as error:
            code: str = error.response["Error"]["Code"]
            return code == "KMSAccessDeniedException"
        return found != ["a"]

    assert is_refused()
    grant("use", "Allow", other)
    assert is_refused()
    grant("use", "Allow", key)
    assert not is_refused()
    grant("denial", "Deny", "*")
    assert is_refused()
    iam.delete_role_policy(RoleName="reader", PolicyName="denial")
    managed = iam.create_policy(
        PolicyName="managed",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [{"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key}],
            }
        ),
    )["Policy"]["Arn"]
    iam.delete_role_policy(RoleName="reader", PolicyName="use")
    assert is_refused()
    iam.attach_role_policy(RoleName="reader", PolicyArn=managed)
    assert not is_refused()
    kinesis.stop_stream_encryption(StreamName=_NAME, EncryptionType="KMS", KeyId=key)
    iam.detach_role_policy(RoleName="reader", PolicyArn=managed)
    assert not is_refused()
    # who is no role is not asked
    assert texts_of(pages(kinesis, shard, 3)) == ["a"]


def test_records_of_one_call_go_to_their_shards_and_are_answered_in_order(client: Clients) -> None:
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName=_NAME, ShardCount=2)
    hash_keys = ["0", str(2**127), "0", str(2**127 + 1), "1"]
    records = [
        {"Data": str(number).encode(), "PartitionKey": "one", "ExplicitHashKey": hash_key}
        for number, hash_key in enumerate(hash_keys)
    ]
    answered = kinesis.put_records(StreamName=_NAME, Records=records)["Records"]
    first, second = shards(kinesis)
    assert [answer["ShardId"] for answer in answered] == [first, second, first, second, first]
    assert [answer["SequenceNumber"] for answer in answered] == ["1", "1", "2", "2", "3"]
    assert texts_of(pages(kinesis, first, 10)) == ["0", "2", "4"]
    assert texts_of(pages(kinesis, second, 10)) == ["1", "3"]


def test_a_call_with_too_large_a_record_is_refused_and_puts_none(client: Clients) -> None:
    kinesis = client("kinesis")
    kinesis.create_stream(StreamName=_NAME, ShardCount=1)
    with pytest.raises(ClientError, match="less than or equal to 1048576"):
        put(kinesis, ["small", "x" * (1024 * 1024 + 1)])
    (shard,) = shards(kinesis)
    assert texts_of(pages(kinesis, shard, 10)) == []
