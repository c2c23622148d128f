"""The embedded AWS: moto's server with the repairs a change-data-capture pipeline needs."""

from local_aws.dms_reports import REPORT_PATH
from local_aws.environment import REGION, environment
from local_aws.errors import LocalAwsError
from local_aws.process import Endpoint, current, start, stop
from local_aws.seeds import TICKETS_SNAPSHOT, seed_snapshot
from local_aws.server import TESTED_MOTO, LocalAws

__all__ = [
    "REGION",
    "REPORT_PATH",
    "TESTED_MOTO",
    "TICKETS_SNAPSHOT",
    "Endpoint",
    "LocalAws",
    "LocalAwsError",
    "current",
    "environment",
    "seed_snapshot",
    "start",
    "stop",
]
