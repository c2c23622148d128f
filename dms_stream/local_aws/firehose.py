"""Firehose: the checks that Firehose makes of a delivery stream when it is created.

moto keeps a delivery stream and never reads its source. The data plane delivers, where there is
one: a process of its own, which uses the API like any other client.
"""

from typing import Any

from moto.firehose.exceptions import InvalidArgumentException, ResourceNotFoundException
from moto.firehose.models import FirehoseBackend
from moto.firehose.responses import FirehoseResponse
from moto.glue.models import glue_backends
from moto.iam.models import iam_backends
from moto.kinesis.models import kinesis_backends
from moto.s3.models import s3_backends

from dms_stream.local_aws import data_plane
from dms_stream.local_aws.repairs import Method, Repairs

repairs = Repairs()


@repairs.around(FirehoseResponse, "create_delivery_stream")
def _create_delivery_stream(original: Method, self: FirehoseResponse) -> Any:
    source = self._get_param("KinesisStreamSourceConfiguration") or {}
    destination = self._get_param("ExtendedS3DestinationConfiguration") or {}
    account, partition = self.current_account, self.partition

    roles = {role.arn for role in iam_backends[account][partition].roles.values()}
    for role in filter(None, (source.get("RoleARN"), destination.get("RoleARN"))):
        if role not in roles:
            raise InvalidArgumentException(
                f"Firehose is unable to assume role {role}. Please check the role provided."
            )
    stream = source.get("KinesisStreamARN")
    streams = kinesis_backends[account][self.region].streams.values()
    if stream and stream not in [known.arn for known in streams]:
        raise ResourceNotFoundException(f"Kinesis stream {stream} is not found.")
    bucket = destination.get("BucketARN", "").rpartition(":")[2]
    if bucket and bucket not in s3_backends[account][partition].buckets:
        raise InvalidArgumentException(f"The bucket {bucket} does not exist.")
    _check_conversion(destination)
    schema = destination.get("DataFormatConversionConfiguration", {}).get("SchemaConfiguration")
    if schema:
        glue = glue_backends[account][schema.get("Region", self.region)]
        glue.get_table(schema["DatabaseName"], schema["TableName"])  # raises when there is none
    return original(self)


def _check_conversion(destination: dict[str, Any]) -> None:
    # https://docs.aws.amazon.com/firehose/latest/dev/enable-record-format-conversion.html
    conversion = destination.get("DataFormatConversionConfiguration") or {}
    if not conversion or not conversion.get("Enabled", True):
        return
    if destination.get("CompressionFormat", "UNCOMPRESSED") != "UNCOMPRESSED":
        raise InvalidArgumentException(
            "CompressionFormat must be UNCOMPRESSED when data format conversion is enabled."
        )
    size = (destination.get("BufferingHints") or {}).get("SizeInMBs", _CONVERSION_MIB)
    if size < _CONVERSION_MIB:
        raise InvalidArgumentException(
            f"BufferingHints.SizeInMBs must be at least {_CONVERSION_MIB} when data format "
            "conversion is enabled."
        )


_CONVERSION_MIB = 64


@repairs.around(FirehoseResponse, "update_destination")
def _update_destination(original: Method, self: FirehoseResponse) -> Any:
    # https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-enable.html
    update = self._get_param("ExtendedS3DestinationUpdate") or {}
    name = self._get_param("DeliveryStreamName")
    stream = self.firehose_backend.delivery_streams.get(name)
    asked = (update.get("DynamicPartitioningConfiguration") or {}).get("Enabled")
    if stream is not None and asked is not None:
        (destination, *_) = stream.destinations
        deployed = destination.get("ExtendedS3", {})
        now = (deployed.get("DynamicPartitioningConfiguration") or {}).get("Enabled", False)
        if asked != now:
            raise InvalidArgumentException(
                "Dynamic partitioning can be enabled at the creation of a delivery stream only, "
                "and cannot be disabled afterwards."
            )
    return original(self)


@repairs.around(FirehoseBackend, "create_delivery_stream")
def _begin_to_deliver(original: Method, self: FirehoseBackend, *args: Any, **kwargs: Any) -> Any:
    arn = original(self, *args, **kwargs)
    stream = next(s for s in self.delivery_streams.values() if s.delivery_stream_arn == arn)
    plane = data_plane.attached()
    if plane is not None and stream.delivery_stream_type == "KinesisStreamAsSource":
        plane.start_delivery(str(arn))
    return arn


@repairs.around(FirehoseBackend, "delete_delivery_stream")
def _end_to_deliver(original: Method, self: FirehoseBackend, name: str) -> None:
    stream = self.delivery_streams.get(name)
    original(self, name)
    if stream is not None and (plane := data_plane.attached()) is not None:
        plane.end_delivery(stream.delivery_stream_arn)


@repairs.around(FirehoseBackend, "update_destination")
def _deliver_otherwise(
    original: Method, self: FirehoseBackend, name: str, *args: Any, **kwargs: Any
) -> None:
    original(self, name, *args, **kwargs)
    if (plane := data_plane.attached()) is not None:
        plane.change_delivery(self.delivery_streams[name].delivery_stream_arn)
