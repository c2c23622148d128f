"""What an interrupted provider has created without a trace in the state is found again."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.exceptions import ClientError

from dms_stream.cli import lost_creations
from dms_stream.cli.errors import CommandError
from dms_stream.cli.workspace import Workspace
from tests.dms_stream.cli.test_aws_access import workspace

STACK = "seed-tickets"
STREAM, DELIVERY = "aws_kinesis_stream.stream", "aws_kinesis_firehose_delivery_stream.delivery"
ARN = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/tickets-delivery"


@pytest.fixture
def stopped(tmp_path: Path) -> Workspace:
    """A workspace whose stack has one of each."""
    made = workspace(tmp_path)
    resources = {
        "aws_kinesis_stream": {"stream": {"name": "tickets-stream"}},
        "aws_kinesis_firehose_delivery_stream": {"delivery": {"name": "tickets-delivery"}},
        "aws_sns_topic": {"topic": {"name": "tickets-alarms"}},
    }
    made.stack_folder(STACK).mkdir(parents=True)
    made.stack_folder(STACK).joinpath("cdk.tf.json").write_text(json.dumps({"resource": resources}))
    return made


@pytest.fixture
def refuses(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """The error's code with which AWS answers, by name; each other name exists."""
    refused: dict[str, str] = {}

    def call(_client: object, operation: str, arguments: dict[str, str]) -> dict[str, Any]:
        (name,) = arguments.values()
        if code := refused.get(name):
            raise ClientError({"Error": {"Code": code}}, operation)
        answers = {
            "DescribeStreamSummary": {},
            "DescribeDeliveryStream": {"DeliveryStreamDescription": {"DeliveryStreamARN": ARN}},
        }
        return answers[operation]

    monkeypatch.setattr(BaseClient, "_make_api_call", call)
    return refused


def test_each_is_imported_by_the_id_that_its_type_takes(
    stopped: Workspace, refuses: dict[str, str]
) -> None:
    assert not refuses
    lost_creations.note(stopped, STACK, [DELIVERY])
    lost_creations.note(stopped, STACK, [STREAM, "aws_sns_topic.topic"])
    ids = lost_creations.found(stopped, STACK, known=[])
    assert ids == {STREAM: "tickets-stream", DELIVERY: ARN}


def test_what_the_state_knows_or_aws_does_not_have_is_left_alone(
    stopped: Workspace, refuses: dict[str, str]
) -> None:
    refuses["tickets-delivery"] = "ResourceNotFoundException"
    lost_creations.note(stopped, STACK, [STREAM, DELIVERY])
    assert lost_creations.found(stopped, STACK, known=[STREAM]) == {}
    refuses["tickets-delivery"] = "AccessDeniedException"
    with pytest.raises(CommandError, match="AccessDeniedException"):
        lost_creations.found(stopped, STACK, known=[STREAM])


def test_nothing_is_noted_until_something_was_begun(stopped: Workspace) -> None:
    lost_creations.note(stopped, STACK, [])
    assert not lost_creations.are_noted(stopped, STACK)
    lost_creations.note(stopped, STACK, [STREAM])
    assert lost_creations.are_noted(stopped, STACK)
    lost_creations.forget(stopped, STACK)
    assert not lost_creations.are_noted(stopped, STACK)


def test_of_other_types_only_the_user_can_tell() -> None:
    assert lost_creations.not_found_by_us([STREAM, "aws_sns_topic.topic", DELIVERY]) == [
        "aws_sns_topic.topic"
    ]


@pytest.mark.parametrize("text", ["", '["aws_kin', "7", "null"])
def test_what_cannot_be_read_is_told_and_kept(stopped: Workspace, text: str) -> None:
    file = lost_creations._file(stopped, STACK)
    lost_creations.note(stopped, STACK, [STREAM])
    assert json.loads(file.read_text()) == [STREAM]
    file.write_text(text)
    for ask in (
        lambda: lost_creations.found(stopped, STACK, known=[]),
        lambda: lost_creations.note(stopped, STACK, [DELIVERY]),
    ):
        with pytest.raises(CommandError) as refused:
            ask()
        assert str(refused.value).startswith(
            f"{file} does not say what an interrupted deployment had begun to create: look for "
        )
    assert file.read_text() == text
