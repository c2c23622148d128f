"""The delivery stream that exists: there, at work, and reading the pipeline's stream."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.change_stream.props import ImportedStreamProps
from constructs_lib.delivery_stream.props import ImportedDeliveryStreamProps
from dms_stream.preflight.account import Account, error_code
from dms_stream.preflight.check import Result, pipeline_check


@pipeline_check("the existing delivery stream", "delivery_stream.name")
def delivery_stream(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """The delivery stream is active, and reads the stream that the pipeline writes to."""
    imported, stream = props.delivery_stream, props.stream
    if not isinstance(imported, ImportedDeliveryStreamProps):
        return
    where = f"pipelines.{name}.delivery_stream.name"
    try:
        found = account.client("firehose").describe_delivery_stream(
            DeliveryStreamName=imported.name
        )["DeliveryStreamDescription"]
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        yield Result(where, "fail", "there is no such delivery stream", "Name one that exists.")
        return
    source = found.get("Source", {}).get("KinesisStreamSourceDescription", {})
    reads = source.get("KinesisStreamARN")
    if found["DeliveryStreamStatus"] != "ACTIVE":
        yield Result(where, "fail", f"its status is {found['DeliveryStreamStatus']}")
    elif isinstance(stream, ImportedStreamProps) and reads != stream.stream_arn:
        yield Result(
            where,
            "fail",
            f"it reads {reads or 'no Kinesis stream'}, and the pipeline writes to "
            f"{stream.stream_arn}",
            "Name a delivery stream that reads the pipeline's stream.",
        )
    else:
        yield Result(where, "pass", "it is active and reads the pipeline's stream")
