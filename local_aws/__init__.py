"""The embedded AWS: moto's server with the repairs a change-data-capture pipeline needs."""

from local_aws.environment import REGION, environment
from local_aws.errors import LocalAwsError
from local_aws.process import Endpoint, current, start, stop
from local_aws.server import TESTED_MOTO, LocalAws

__all__ = [
    "REGION",
    "TESTED_MOTO",
    "Endpoint",
    "LocalAws",
    "LocalAwsError",
    "current",
    "environment",
    "start",
    "stop",
]
