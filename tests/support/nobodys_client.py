"""boto3 clients that reach nobody, for botocore's Stubber."""

from typing import Any

import boto3

# its type knows the names of services, and no text
_client: Any = boto3.client


def nobodys_client(service: str, region: str = "eu-central-1") -> Any:
    """A client with invented credentials: only what a stub answers is answered."""
    return _client(
        service,
        region_name=region,
        aws_access_key_id="nobody",
        aws_secret_access_key="nothing",
    )
