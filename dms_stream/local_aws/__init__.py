"""The embedded AWS: moto's server with the repairs a change-data-capture pipeline needs."""

from typing import TYPE_CHECKING, Any

from dms_stream.local_aws.clients import client, session
from dms_stream.local_aws.errors import LocalAwsError
from dms_stream.local_aws.isolation import REGION, process_environment
from dms_stream.local_aws.process import Endpoint, current, start, stop
from dms_stream.local_aws.seeds import TICKETS_SNAPSHOT, seed_snapshot
from dms_stream.local_aws.stand_ins import StandIn, make_stand_ins

if TYPE_CHECKING:
    from dms_stream.local_aws.server import TESTED_MOTO, LocalAws

__all__ = [
    "REGION",
    "TESTED_MOTO",
    "TICKETS_SNAPSHOT",
    "Endpoint",
    "LocalAws",
    "LocalAwsError",
    "StandIn",
    "client",
    "current",
    "make_stand_ins",
    "process_environment",
    "seed_snapshot",
    "session",
    "start",
    "stop",
]


def __getattr__(name: str) -> Any:
    # moto takes 125 MiB, which is not needed to start a server in its own process
    if name in ("LocalAws", "TESTED_MOTO"):
        from dms_stream.local_aws import server

        return getattr(server, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
