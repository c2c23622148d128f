"""DMS tests both ends from where the task runs; what it says is told with what to do."""

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from dms_stream.operations.connections import all_good, connections_of, failures
from dms_stream.operations.errors import OperationError
from dms_stream.operations.started import Outcome, start_what_should_run
from tests.dms_stream.operations.conftest import Operating
from tests.dms_stream.operations.test_started import LONG_AGO
from tests.support.dms_account import ROLE
from tests.support.operated import Operated, OperatingCommand


def break_target(operated: Operated) -> None:
    """A stream that is not there."""
    gone = "arn:aws:kinesis:eu-central-1:123456789012:stream/gone"
    operated.account.dms.modify_endpoint(
        EndpointArn=operated.pipeline.endpoint_arns["target"],
        KinesisSettings={"StreamArn": gone, "ServiceAccessRoleArn": ROLE},
    )


def test_both_ends_are_tested_and_waited_for(operated: Operated) -> None:
    found = connections_of(operated.account.dms, operated.pipeline, poll_seconds=0)
    assert [(each.side, each.endpoint, each.status) for each in found] == [
        ("source", "source", "successful"),
        ("target", "target", "successful"),
    ]
    assert all_good(found)
    assert failures(found) == []


def test_a_failure_is_told_in_dmss_words_with_what_to_do(operated: Operated) -> None:
    break_target(operated)
    # DMS tests the changed endpoint already: its result will do
    found = connections_of(operated.account.dms, operated.pipeline, poll_seconds=0)
    assert not all_good(found)
    (said,) = failures(found)
    assert said == (
        "DMS does not reach its target (The stream arn:aws:kinesis:eu-central-1:123456789012:"
        "stream/gone does not exist.): look at the role that writes to the stream, and at the "
        "endpoint of the VPC for Kinesis"
    )


def test_serverless_connections_are_dmss_own_matter(operating: Operating) -> None:
    operated = operating(serverless=True)
    with pytest.raises(
        OperationError, match="tickets is serverless: DMS takes a test from an inst"
    ):
        connections_of(operated.account.dms, operated.pipeline)


class Endless:
    """boto3's client to which each connection is being tested for ever."""

    def __init__(self, dms: Any, message: str) -> None:
        self._dms, self._message = dms, message

    def test_connection(self, **_: object) -> None:
        """Refused."""
        answer: Any = {"Error": {"Code": "InvalidResourceStateFault", "Message": self._message}}
        raise ClientError(answer, "TestConnection")

    def describe_connections(self, **_: object) -> dict[str, Any]:
        """No end of it."""
        return {"Connections": [{"Status": "testing", "EndpointIdentifier": "x"}]}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._dms, name)


def test_a_test_without_an_end_is_a_failure(operated: Operated) -> None:
    dms = Endless(operated.account.dms, "the connection is already being tested")
    found = connections_of(dms, operated.pipeline, poll_seconds=0)
    assert [(each.side, each.is_good, each.status, each.failure) for each in found] == [
        (side, False, "testing", "DMS does not come to an end") for side in ("source", "target")
    ]
    assert [each.endpoint for each in found] == list(operated.pipeline.endpoint_arns.values())
    assert all(each.do for each in found)


def test_what_dms_refuses_to_test_is_no_result(operated: Operated) -> None:
    dms = Endless(operated.account.dms, "the instance is being modified")
    with pytest.raises(ClientError, match="the instance is being modified"):
        connections_of(dms, operated.pipeline, poll_seconds=0)


def test_after_a_deployment_nothing_is_started_that_cannot_run(operated: Operated) -> None:
    dms, pipeline = operated.account.dms, operated.pipeline

    def look() -> Any:
        (found,) = start_what_should_run(
            dms,
            [pipeline.replicator],
            since=LONG_AGO,
            option="--env local",
            failed_connections=lambda _: failures(connections_of(dms, pipeline, poll_seconds=0)),
            poll_seconds=0,
        )
        return found

    break_target(operated)
    found = look()
    assert found.outcome is Outcome.STANDS_STILL
    assert "does not run: DMS does not reach its target" in found.message
    assert found.message.endswith(
        "Mend the cause, then start it with `dms-stream start --env local --pipeline tickets`"
    )
    assert operated.account.status() == "ready"
    stream = "arn:aws:kinesis:eu-central-1:123456789012:stream/changes"
    dms.modify_endpoint(
        EndpointArn=pipeline.endpoint_arns["target"],
        KinesisSettings={"StreamArn": stream, "ServiceAccessRoleArn": ROLE},
    )
    assert look().outcome is Outcome.STARTED


def test_the_command_ends_with_1_where_dms_does_not_reach_something(
    dms_stream: OperatingCommand, operated: Operated
) -> None:
    assert dms_stream.succeed("test-connections").count("successful") == 2
    break_target(operated)
    text = dms_stream.succeed("test-connections", "--json", code=1)
    source, target = json.loads(text)
    assert source["is_good"]
    assert (target["status"], target["is_good"]) == ("failed", False)
