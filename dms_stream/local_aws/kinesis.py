"""Kinesis data streams: tags, reading by ARN, and large numbers of records."""

import json
from collections import defaultdict
from typing import Any

from flask import request
from moto.core.exceptions import JsonRESTError
from moto.kinesis.models import KinesisBackend, Shard
from moto.kinesis.responses import KinesisResponse
from moto.kinesis.utils import decompose_shard_iterator
from moto.kms.models import Key, kms_backends

from dms_stream.local_aws import data_plane
from dms_stream.local_aws.permissions import is_denied
from dms_stream.local_aws.repairs import Method, Repairs
from dms_stream.local_aws.shard_records import ShardRecords, StoredRecord, size_of

repairs = Repairs()

# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
_MOST_RECORDS = 10_000
_MOST_BYTES = 10 * 1024 * 1024
LIMITS_TAG = "local-aws:shard-limits"
"""A stream whose tag of this name is `enforced` refuses what AWS's shards refuse."""

_EXCEEDED = "ProvisionedThroughputExceededException"
_AWS_MANAGED_KEY = "alias/aws/kinesis"
# https://docs.aws.amazon.com/kms/latest/developerguide/key-state.html
_UNUSABLE = {
    "Disabled": "KMSDisabledException",
    "PendingDeletion": "KMSInvalidStateException",
    "NotFound": "KMSNotFoundException",
}
# beyond them moto refuses a call that puts records
_LARGEST_BYTES = 1024 * 1024
_MOST_PUT_BYTES = 5 * 1024 * 1024


@repairs.around(KinesisResponse, "create_stream")
def _create_stream(original: Method, self: KinesisResponse) -> Any:
    # moto drops the tags given at creation
    answer = original(self)
    if tags := self._get_param("Tags"):
        self.kinesis_backend.add_tags_to_stream(
            stream_arn=None, stream_name=self._get_param("StreamName"), tags=tags
        )
    return answer


@repairs.around(KinesisBackend, "get_shard_iterator")
def _get_shard_iterator(
    original: Method,
    self: KinesisBackend,
    stream_arn: str | None,
    stream_name: str | None,
    *args: Any,
) -> Any:
    # moto puts the name into the iterator even when the stream was named by its ARN
    name = self.describe_stream(stream_arn, stream_name).stream_name
    return original(self, None, name, *args)


@repairs.once
def _keep_records_in_a_file() -> None:
    # moto keeps each as an object of its own, and gives a shard an empty dict to keep them in
    def keep(self: Shard, _empty: object) -> None:
        vars(self)["records"] = ShardRecords()

    Shard.records = property(lambda self: vars(self)["records"], keep)  # type: ignore[assignment]


@repairs.around(Shard, "put_record")
def _put_record(
    original: Method,  # noqa: ARG001
    self: Shard,
    partition_key: str,
    data: str,
    explicit_hash_key: str | None,
) -> str:
    return str(_records(self).append(partition_key, data, explicit_hash_key))


@repairs.around(Shard, "get_min_sequence_number")
def _get_min_sequence_number(original: Method, self: Shard) -> int:  # noqa: ARG001
    return min(_records(self).last, 1)


@repairs.around(Shard, "get_max_sequence_number")
def _get_max_sequence_number(original: Method, self: Shard) -> int:  # noqa: ARG001
    return _records(self).last


@repairs.around(Shard, "get_sequence_number_at")
def _get_sequence_number_at(original: Method, self: Shard, at_timestamp: float) -> int:  # noqa: ARG001
    return _records(self).last_before(at_timestamp)


@repairs.around(Shard, "get_records")
def _get_records(
    original: Method,  # noqa: ARG001
    self: Shard,
    last_sequence_id: str,
    limit: int | None,
) -> tuple[list[StoredRecord], int, int]:
    records, start = _records(self), int(last_sequence_id)
    most = min(limit or _MOST_RECORDS, _MOST_RECORDS)
    found = records.after(start, most=most, most_bytes=_MOST_BYTES)
    if not found:
        return [], start, 0
    last = found[-1]
    behind = int((records.last_arrived - last.arrived) * 1000)
    # 0 means that there are no more, and many records arrive within a millisecond
    return found, last.number, max(behind, 1) if last.number < records.last else 0


@repairs.around(KinesisBackend, "put_records")
def _put_records(
    original: Method,
    self: KinesisBackend,
    stream_arn: str | None,
    stream_name: str | None,
    records: list[dict[str, str]],
) -> Any:
    # moto unpacks each record to measure it, and looks for functions to call once for each
    stream: Any = self.describe_stream(stream_arn, stream_name)
    sizes = [size_of(record["Data"]) + len(record["PartitionKey"]) for record in records]
    is_refused = max(sizes) > _LARGEST_BYTES or sum(sizes) > _MOST_PUT_BYTES
    if is_refused or stream.lambda_event_source_mappings:
        return original(self, stream_arn, stream_name, records)
    entries = [
        (each["PartitionKey"], each["Data"], each.get("ExplicitHashKey")) for each in records
    ]
    placed: dict[Shard, list[int]] = defaultdict(list)
    for index, (key, _, hash_key) in enumerate(entries):
        placed[stream.get_shard_for_key(key, hash_key)].append(index)
    answers: list[dict[str, str]] = [{}] * len(entries)
    refused = 0
    for shard, given in placed.items():
        indexes = given
        if _is_limited(stream):
            limits = _records(shard).limits
            indexes = [index for index in given if limits.takes(sizes[index])]
            for index in set(given) - set(indexes):
                answers[index] = {"ErrorCode": _EXCEEDED, "ErrorMessage": _slow(shard)}
            _records(shard).traffic.refused_records += len(given) - len(indexes)
            refused += len(given) - len(indexes)
        numbers = _records(shard).extend([entries[index] for index in indexes])
        shard_id = shard.shard_id
        for index, number in zip(indexes, numbers, strict=True):
            answers[index] = {"SequenceNumber": str(number), "ShardId": shard_id}
    self._send_stream_metrics(
        stream.stream_name, incoming_bytes=sum(sizes), incoming_records=len(records)
    )
    return {"FailedRecordCount": refused, "Records": answers}


def _is_limited(stream: Any) -> bool:
    return bool(stream.tags.get(LIMITS_TAG) == "enforced")


def _slow(shard: Shard) -> str:
    return f"Rate exceeded for shard {shard.shard_id}."


@repairs.around(KinesisBackend, "_send_stream_metrics")
def _send_stream_metrics(original: Method, self: KinesisBackend, *args: Any, **kwargs: Any) -> None:
    # moto keeps two samples of each call for ever; a data plane reports each minute's traffic
    if data_plane.attached() is None:
        original(self, *args, **kwargs)


@repairs.around(KinesisBackend, "put_record")
def _put_one(original: Method, self: KinesisBackend, *args: Any, **kwargs: Any) -> Any:
    _require_key(self, *args[:2])
    return original(self, *args, **kwargs)


@repairs.around(KinesisResponse, "put_records")
def _answer_put_records(original: Method, self: KinesisResponse) -> Any:  # noqa: ARG001
    # moto reads the request three times over, and its serializer asks botocore's model about each
    # value of the answer: three quarters of the time of a call
    given = request.get_json(force=True)
    _require_key(self.kinesis_backend, given.get("StreamARN"), given.get("StreamName"))
    answer = self.kinesis_backend.put_records(
        given.get("StreamARN"), given.get("StreamName"), given["Records"]
    )
    return _answered(answer)


@repairs.around(KinesisResponse, "get_records")
def _answer_get_records(original: Method, self: KinesisResponse) -> Any:  # noqa: ARG001
    given = request.get_json(force=True)
    name, shard_id, _ = decompose_shard_iterator(given["ShardIterator"])
    key = _require_key(self.kinesis_backend, given.get("StreamARN"), name)
    if key is not None:
        _require_decryption(self, key)
    _require_capacity(self.kinesis_backend.describe_stream(None, name), shard_id)
    following, records, behind = self.kinesis_backend.get_records(
        given.get("StreamARN"), given["ShardIterator"], given.get("Limit")
    )
    found: list[Any] = records  # as the shard above gives them
    return _answered(
        {
            "NextShardIterator": following,
            "MillisBehindLatest": behind,
            "Records": [
                {
                    "SequenceNumber": str(record.number),
                    # in whole milliseconds, never later than it came: reading from there finds it
                    "ApproximateArrivalTimestamp": int(record.arrived * 1000) / 1000,
                    "PartitionKey": record.partition_key,
                    "Data": record.data,
                }
                for record in found
            ],
        }
    )


def _require_capacity(stream: Any, shard_id: str) -> None:
    shard = stream.get_shard(shard_id)
    if _is_limited(stream) and not _records(shard).limits.answers():
        _records(shard).traffic.refused_reads += 1
        raise JsonRESTError(_EXCEEDED, _slow(shard))


def _require_key(kinesis: KinesisBackend, arn: str | None, name: str | None) -> Key | None:
    """Refuse what is encrypted with a customer key that cannot be used; give the key.

    https://docs.aws.amazon.com/kinesis/latest/APIReference/API_GetRecords.html
    """
    stream = kinesis.describe_stream(arn, name)
    given = str(stream.key_id or "")
    if stream.encryption_type != "KMS" or not given or given.endswith(_AWS_MANAGED_KEY):
        return None
    _, _, _, region, account, *_ = given.split(":") if given.startswith("arn:") else [""] * 6
    kms = kms_backends[account or kinesis.account_id][region or kinesis.region_name]
    key = kms.keys.get(kms.any_id_to_key_id(given))
    state = "NotFound" if key is None else key.key_state
    code = _UNUSABLE.get(state)
    if code is not None:
        raise JsonRESTError(code, f"the key {given} of the stream {stream.stream_name} is {state}")
    return key


def _require_decryption(response: KinesisResponse, key: Key) -> None:
    """Refuse a reader whose role may not decrypt: that of a delivery stream."""
    if is_denied(
        response.current_account,
        response.region,
        response.get_access_key(),
        response.headers.get("X-Amz-Security-Token", ""),
        action="kms:Decrypt",
        resource=key.arn,
    ):
        raise JsonRESTError(
            "KMSAccessDeniedException", f"the reader's role may not kms:Decrypt with {key.arn}"
        )


def _records(shard: Shard) -> ShardRecords:
    records: Any = shard.records
    return records  # type: ignore[no-any-return]


def _answered(answer: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
    # as bytes, in which moto does not look for a place of the request's id
    headers = {"Content-Type": "application/x-amz-json-1.1"}
    return 200, headers, json.dumps(answer).encode()
