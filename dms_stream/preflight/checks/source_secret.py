"""The secrets DMS gets its credentials from: there, and with all four keys.

https://docs.aws.amazon.com/dms/latest/userguide/security_iam_secretsmanager.html
"""

import json
from collections.abc import Iterator

from botocore.exceptions import ClientError

from constructs_lib.aurora_source.props import ClusterProps
from constructs_lib.cdc_pipeline import CdcPipelineProps
from dms_stream.preflight.account import Account, error_code
from dms_stream.preflight.check import Result, pipeline_check

_KEYS = ("username", "password", "host", "port")


@pipeline_check("the source's secret", "source.secret_arn")
def secret(account: Account, name: str, props: CdcPipelineProps) -> Iterator[Result]:
    """The secret can be read and holds what DMS needs; its values are never shown."""
    source = props.source
    if isinstance(source, ClusterProps):
        if source.dms_credentials is None:
            return
        where = f"pipelines.{name}.source.dms_credentials"
        arn, key = source.dms_credentials.secret_arn, source.dms_credentials.key_arn
    else:
        where = f"pipelines.{name}.source"
        arn, key = source.secret_arn, source.key_arn
    client = account.client("secretsmanager")
    try:
        described = client.describe_secret(SecretId=arn)
    except ClientError as error:
        if error_code(error) != "ResourceNotFoundException":
            raise
        yield Result(
            f"{where}.secret_arn", "fail", "there is no such secret", "Name one that exists."
        )
        return
    if described.get("DeletedDate"):
        yield Result(
            f"{where}.secret_arn",
            "fail",
            "it is scheduled for deletion",
            "Restore it with `aws secretsmanager restore-secret`.",
        )
        return
    used = described.get("KmsKeyId")
    if used and not used.endswith("alias/aws/secretsmanager") and key is None:
        yield Result(
            f"{where}.key_arn",
            "fail",
            f"the secret is encrypted with {used}, and DMS would not be let into that key",
            f"Set `{where}.key_arn` to the key's ARN.",
        )
    text = client.get_secret_value(SecretId=arn).get("SecretString", "")
    missing = [wanted for wanted in _KEYS if wanted not in _keys(text)]
    if missing:
        yield Result(
            f"{where}.secret_arn",
            "fail",
            f"it lacks {', '.join(missing)}",
            f"Its value must be JSON with {', '.join(_KEYS)}.",
        )
    else:
        yield Result(f"{where}.secret_arn", "pass", f"it holds {', '.join(_KEYS)}")


def _keys(text: str) -> set[str]:
    try:
        value = json.loads(text)
    except ValueError:
        return set()
    return {key for key, item in value.items() if item} if isinstance(value, dict) else set()
