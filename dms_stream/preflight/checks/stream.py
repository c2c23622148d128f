"""The stream that exists: there, and encrypted as the settings say."""

from collections.abc import Iterator

from botocore.exceptions import ClientError

from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.change_stream.props import ImportedStreamProps
from dms_stream.preflight.account import Account, error_code
from dms_stream.preflight.check import Result, pipeline_check

_AWS_MANAGED = "alias/aws/kinesis"


@pipeline_check("the existing stream", "stream.stream_arn")
def stream(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """The stream is active, and its key is the one that DMS and Firehose are let into."""
    imported = props.stream
    if not isinstance(imported, ImportedStreamProps):
        return
    where = f"pipelines.{name}.stream"
    try:
        found = account.client("kinesis").describe_stream_summary(StreamARN=imported.stream_arn)[
            "StreamDescriptionSummary"
        ]
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        yield Result(
            f"{where}.stream_arn", "fail", "there is no such stream", "Name one that exists."
        )
        return
    if found["StreamStatus"] not in ("ACTIVE", "UPDATING"):
        yield Result(f"{where}.stream_arn", "fail", f"its status is {found['StreamStatus']}")
        return
    key = found.get("KeyId") if found.get("EncryptionType") == "KMS" else None
    if key and not key.endswith(_AWS_MANAGED) and imported.key_arn is None:
        yield Result(
            f"{where}.key_arn",
            "fail",
            f"the stream is encrypted with {key}, and nobody would be let into that key",
            f"Set `{where}.key_arn` to the key's ARN.",
        )
    elif imported.key_arn and not key:
        yield Result(
            f"{where}.key_arn",
            "warn",
            "the stream is not encrypted with a customer key",
            f"Leave `{where}.key_arn` out, or encrypt the stream.",
        )
    elif imported.key_arn and key and imported.key_arn.rpartition("/")[2] not in key:
        yield Result(
            f"{where}.key_arn",
            "fail",
            f"the stream is encrypted with another key, {key}",
            f"Set `{where}.key_arn` to that key's ARN.",
        )
    else:
        hours = found["RetentionPeriodHours"]
        yield Result(f"{where}.stream_arn", "pass", f"it is active and keeps records {hours} hours")
