"""The role of a delivery stream, as which its process reads the stream."""

from moto.firehose.models import firehose_backends
from moto.sts.models import sts_backends
from moto.utilities.utils import get_partition

_SESSION = "firehose"
# an hour is what a role gives unless it says otherwise, and nothing here expires
_SECONDS = 3600


def variables(delivery_stream: str) -> dict[str, str]:
    """Variables with which a process is the role that a delivery stream reads its source as.

    Args:
        delivery_stream: Its ARN.
    """
    _, _, _, region, account, resource = delivery_stream.split(":", 5)
    stream = firehose_backends[account][region].delivery_streams[resource.partition("/")[2]]
    role = stream.source["RoleARN"]
    assumed = sts_backends[account][get_partition(region)].assume_role(
        region, _SESSION, role, "", _SECONDS, ""
    )
    return {
        "AWS_ACCESS_KEY_ID": assumed.access_key_id,
        "AWS_SECRET_ACCESS_KEY": assumed.secret_access_key,
        "AWS_SESSION_TOKEN": assumed.session_token,
    }
