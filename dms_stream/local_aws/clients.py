"""boto3 on the embedded AWS, with credentials that open nothing."""

from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Any

from dms_stream.local_aws.isolation import ACCESS_KEY, REGION

if TYPE_CHECKING:
    import boto3

_one_at_a_time = Lock()


def session(*, region: str = REGION) -> "boto3.Session":
    """A session for the embedded AWS; its clients need the `endpoint_url`."""
    import boto3  # takes a tenth of a second, which starting a server does not need

    return boto3.Session(
        aws_access_key_id=ACCESS_KEY, aws_secret_access_key=ACCESS_KEY, region_name=region
    )


def client(service: str, url: str, *, region: str = REGION) -> Any:
    """A client of one service.

    Args:
        service: boto3's name of it, such as `dms`.
        url: The embedded AWS's address.
        region: Region to work in.
    """
    # a session makes a second client ten times as fast as the first, but one at a time
    with _one_at_a_time:
        return _shared_session(region).client(service, endpoint_url=url)  # type: ignore[call-overload]


@cache
def _shared_session(region: str) -> "boto3.Session":
    return session(region=region)
