"""What commands take from the embedded AWS in place of what only AWS has."""

import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from dms_stream.cli.errors import CommandError
from dms_stream.cli.workspace import Workspace
from dms_stream.local_aws.data_plane_client import DataPlaneClient
from dms_stream.operations.deployed import DeployedPipeline

if TYPE_CHECKING:
    from dms_stream.rehearsal.source.database import DatabaseAddress

_POLL_SECONDS = 0.2
_LONGEST_SECONDS = 600


def _data_plane(workspace: Workspace) -> DataPlaneClient:
    return DataPlaneClient(workspace.process_environment["AWS_ENDPOINT_URL"])


def stand_in_database(workspace: Workspace) -> "DatabaseAddress":
    """The database that stands in for the sources, as its administrator; it runs then.

    Args:
        workspace: The environment, deployed to the embedded AWS.

    Raises:
        CommandError: it is one of the user's, or does not answer.
        LocalAwsError: the embedded AWS moves no rows, or it does not start.
    """
    from dms_stream.rehearsal.source.local_database import LocalDatabase

    plane = _data_plane(workspace)
    found = plane.status()["database"]
    if not found["is_ours"]:
        raise CommandError(
            f"{found['address']} stands in for the sources of the embedded AWS: name it with "
            "--database, as a user who may do this"
        )
    folder = plane.started_database()
    running = LocalDatabase.running_in(folder)
    if running is None:
        raise CommandError(f"the database in {folder} does not answer: run it again")
    return running.address


def drain_delivery(
    workspace: Workspace,
    pipeline: DeployedPipeline,
    *,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Let the delivery of the embedded AWS put all that is on the stream, and wait for it.

    Args:
        workspace: The environment, deployed to the embedded AWS.
        pipeline: Which.
        sleep: Waits between two looks.

    Raises:
        CommandError: it takes too long.
        LocalAwsError: the embedded AWS moves no rows, or the pipeline has no delivery there.
    """
    plane, name = _data_plane(workspace), pipeline.output("delivery_stream_name")
    number = plane.drain(pipeline.output("delivery_stream_arn"))
    for _ in range(round(_LONGEST_SECONDS / _POLL_SECONDS)):
        delivery = plane.delivery(name)
        if delivery["drained"] >= number:
            return
        if delivery["status"] == "failed":
            raise CommandError(f"{pipeline.name}: the delivery has failed: {delivery['message']}")
        sleep(_POLL_SECONDS)
    raise CommandError(f"{pipeline.name}: its stream is not drained after {_LONGEST_SECONDS} s")
