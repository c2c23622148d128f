"""Whether DMS reaches both ends of a pipeline: its own test, from where its task runs.

https://docs.aws.amazon.com/dms/latest/APIReference/API_TestConnection.html
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from botocore.exceptions import ClientError, WaiterError
from botocore.waiter import WaiterModel, create_waiter_with_client

from dms_stream.operations.deployed import DeployedPipeline
from dms_stream.operations.errors import OperationError
from dms_stream.operations.replicator import MOST_POLLS, POLL_SECONDS

Side = Literal["source", "target"]
_SIDES: tuple[Side, ...] = ("source", "target")
_DOING = {
    "source": "look at the host, port and credentials in its secret, at the rules between the "
    "security groups, and at the endpoints of the VPC for Secrets Manager",
    "target": "look at the role that writes to the stream, and at the endpoint of the VPC for "
    "Kinesis",
}


@dataclass(frozen=True)
class Connection:
    """What DMS says of a connection.

    Attributes:
        pipeline: Name of the pipeline.
        side: Which end.
        endpoint: Name of the endpoint.
        is_good: Whether DMS reaches it.
        status: DMS's word, such as `successful` or `failed`.
        failure: Why not, in DMS's words; empty where it does.
        do: What to do about it; empty where there is nothing to do.
    """

    pipeline: str
    side: Side
    endpoint: str
    is_good: bool
    status: str
    failure: str
    do: str


def connections_of(
    dms: Any, pipeline: DeployedPipeline, *, poll_seconds: float = POLL_SECONDS
) -> list[Connection]:
    """Let DMS test both ends of a pipeline, and wait for what it says.

    Args:
        dms: boto3's client.
        pipeline: Which; it runs on an instance.
        poll_seconds: How long to wait between two looks.

    Raises:
        OperationError: it is serverless: DMS tests those connections itself whenever it starts.
        ClientError: DMS refuses.
    """
    instance = pipeline.instance_arn
    if instance is None:
        raise OperationError(
            f"{pipeline.name} is serverless: DMS takes a test from an instance only, and tests the "
            "connections of a serverless replication itself whenever it starts; start it, and "
            "`dms-stream status` shows what came of it"
        )
    endpoints = pipeline.endpoint_arns
    for side in _SIDES:
        _begin(dms, endpoints[side], instance)
    return [
        _finished(dms, pipeline.name, side, endpoints[side], instance, poll_seconds)
        for side in _SIDES
    ]


def all_good(connections: Sequence[Connection]) -> bool:
    """Whether DMS reaches all of them."""
    return all(connection.is_good for connection in connections)


def failures(connections: Sequence[Connection]) -> list[str]:
    """Those that fail, each in a sentence with what to do."""
    return [
        f"DMS does not reach its {each.side} ({each.failure or each.status}): {each.do}"
        for each in connections
        if not each.is_good
    ]


def _begin(dms: Any, endpoint: str, instance: str) -> None:
    try:
        dms.test_connection(EndpointArn=endpoint, ReplicationInstanceArn=instance)
    except ClientError as error:
        # one that goes on already, after a change of the endpoint, will do
        if "already being tested" not in error.response["Error"]["Message"]:
            raise


def _finished(
    dms: Any, pipeline: str, side: Side, endpoint: str, instance: str, poll_seconds: float
) -> Connection:
    filters = [
        {"Name": "endpoint-arn", "Values": [endpoint]},
        {"Name": "replication-instance-arn", "Values": [instance]},
    ]
    path = "Connections[].Status"
    model = WaiterModel(
        {
            "version": 2,
            "waiters": {
                "Tested": {
                    "operation": "DescribeConnections",
                    "delay": poll_seconds,
                    "maxAttempts": MOST_POLLS,
                    "acceptors": [
                        {
                            "matcher": "pathAll",
                            "argument": path,
                            "expected": status,
                            "state": "success",
                        }
                        for status in ("successful", "failed")
                    ],
                }
            },
        }
    )
    try:
        create_waiter_with_client("Tested", model, dms).wait(Filters=filters)
    except WaiterError:
        return Connection(
            pipeline, side, endpoint, False, "testing", "DMS does not come to an end", _DOING[side]
        )
    (found,) = dms.describe_connections(Filters=filters)["Connections"]
    is_good = found["Status"] == "successful"
    return Connection(
        pipeline,
        side,
        found["EndpointIdentifier"],
        is_good,
        found["Status"],
        found.get("LastFailureMessage") or "",
        "" if is_good else _DOING[side],
    )
