"""A premigration assessment is started, waited for, and told with what failed first."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from botocore.stub import Stubber

from dms_stream.cli import querying_commands
from dms_stream.operations.assessment import Assessment, AssessmentRun, assess
from dms_stream.operations.errors import OperationError
from tests.dms_stream.operations.conftest import Operating
from tests.support.nobodys_client import nobodys_client
from tests.support.operated import Operated, OperatingCommand

# each asks an embedded AWS or a stand-in of it
pytestmark = pytest.mark.slow

ROLE = "arn:aws:iam::123456789012:role/assessments"
RUN = "arn:aws:dms:eu-central-1:123456789012:assessment-run:X"
NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def stubbed() -> tuple[Any, Stubber]:
    client = nobodys_client("dms")
    stub = Stubber(client)
    stub.activate()
    return client, stub


def run(status: str, **more: str) -> dict[str, Any]:
    return {"ReplicationTaskAssessmentRunArn": RUN, "Status": status, **more}


def start(stub: Stubber, operated: Operated, **more: Any) -> None:
    stub.add_response(
        "start_replication_task_assessment_run",
        {"ReplicationTaskAssessmentRun": run("starting")},
        {
            "ReplicationTaskArn": operated.arn,
            "ServiceAccessRoleArn": ROLE,
            "ResultLocationBucket": "results",
            "ResultLocationFolder": "premigration-assessments",
            "AssessmentRunName": "dms-stream-20260102-030405",
            **more,
        },
    )


def look(stub: Stubber, status: str, **more: str) -> None:
    stub.add_response(
        "describe_replication_task_assessment_runs",
        {"ReplicationTaskAssessmentRuns": [run(status, **more)]},
        {"Filters": [{"Name": "replication-task-assessment-run-arn", "Values": [RUN]}]},
    )


def individual(stub: Stubber, *found: tuple[str, str], more: bool = False) -> None:
    answer: dict[str, Any] = {
        "ReplicationTaskIndividualAssessments": [
            {"IndividualAssessmentName": name, "Status": status} for name, status in found
        ]
    }
    stub.add_response(
        "describe_replication_task_individual_assessments",
        answer | ({"Marker": "more"} if more else {}),
    )


def test_it_is_waited_for_and_what_failed_comes_first(operated: Operated) -> None:
    dms, stub = stubbed()
    start(stub, operated)
    look(stub, "running")
    look(stub, "failed")
    individual(stub, ("a-passes", "passed"), ("z-fails", "failed"), more=True)
    individual(stub, ("m-warns", "warning"))
    slept: list[float] = []
    found = assess(
        dms, operated.pipeline, role_arn=ROLE, bucket="results", clock=lambda: NOW,
        sleep=slept.append,
    )  # fmt: skip
    stub.assert_no_pending_responses()
    assert (found.status, found.is_good, slept) == ("failed", False, [10, 10])
    assert found.results == "s3://results/premigration-assessments/dms-stream-20260102-030405/"
    assert [each.name for each in found.assessments] == ["m-warns", "z-fails", "a-passes"]


def test_only_some_are_asked_for_and_they_must_apply(operated: Operated) -> None:
    dms, stub = stubbed()
    names = {"IndividualAssessmentNames": ["mysql-check-binlog-format", "other"]}
    applicable = ("describe_applicable_individual_assessments", names)
    stub.add_response(*applicable, {"ReplicationTaskArn": operated.arn})
    with pytest.raises(OperationError) as refused:
        assess(dms, operated.pipeline, role_arn=ROLE, bucket="results", only=["nothing"])
    assert str(refused.value) == (
        "no such assessment of this task: nothing; allowed: mysql-check-binlog-format, other"
    )
    stub.add_response(*applicable, {"ReplicationTaskArn": operated.arn})
    start(stub, operated, IncludeOnly=["other"])
    look(stub, "warning")
    individual(stub, ("other", "warning"))
    found = assess(
        dms, operated.pipeline, role_arn=ROLE, bucket="results", only=["other"],
        clock=lambda: NOW, sleep=lambda _: None,
    )  # fmt: skip
    assert found.is_good


def test_one_that_does_not_end_is_not_waited_for_forever(operated: Operated) -> None:
    dms, stub = stubbed()
    start(stub, operated)
    times = iter([NOW, NOW + timedelta(hours=1, seconds=1)])
    with pytest.raises(OperationError, match="is still starting after an hour"):
        assess(dms, operated.pipeline, role_arn=ROLE, bucket="results", clock=times.__next__)


def test_a_run_is_named_by_the_time_it_begins(operated: Operated) -> None:
    names: list[str] = []

    class Dms:
        def start_replication_task_assessment_run(self, **asked: Any) -> Any:
            names.append(asked["AssessmentRunName"])
            raise OperationError("enough")

    before = datetime.now(UTC).replace(microsecond=0)
    with pytest.raises(OperationError, match="enough"):
        assess(Dms(), operated.pipeline, role_arn=ROLE, bucket="results")
    begun = datetime.strptime(names[0], "dms-stream-%Y%m%d-%H%M%S").replace(tzinfo=UTC)
    assert before <= begun <= datetime.now(UTC)


def test_serverless_is_assessed_by_its_start(operating: Operating) -> None:
    operated = operating(serverless=True)
    with pytest.raises(OperationError, match="tickets is serverless: DMS assesses it only while"):
        assess(stubbed()[0], operated.pipeline, role_arn=ROLE, bucket="results")


def test_the_command_says_what_it_needs_and_shows_what_came_of_it(
    dms_stream: OperatingCommand, operated: Operated, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "the embedded AWS assesses nothing" in dms_stream.refuse("assess", "--role", ROLE)
    operated.settings(emulated=False)
    said = dms_stream.refuse("assess")
    assert "set replication.premigration_assessments to true in the settings and deploy" in said
    assert "name one of yours with --role" in said
    assert "s3:DeleteObject on arn:aws:s3:::landing/premigration-assessments/*" in said
    # in a bucket of the user's a role of ours could do nothing
    assert "premigration_assessments to" not in dms_stream.refuse("assess", "--bucket", "others")
    used = []

    def assessed(*_: Any, **asked: Any) -> AssessmentRun:
        used.append((asked["bucket"], asked["role_arn"]))
        return AssessmentRun(
            "tickets", "x", "failed", False, "", "s3://landing/x/", [Assessment("a", "failed")]
        )

    monkeypatch.setattr(querying_commands, "assess", assessed)
    text = dms_stream.succeed("assess", "--role", ROLE, code=1)
    assert text == "failed  a\nfailed; details in s3://landing/x/\n"

    own = "arn:aws:iam::123456789012:role/of-the-pipeline"
    operated.state["outputs"]["assessment_role_arn"] = {"value": own, "type": "string"}
    operated.save()
    dms_stream.succeed("assess", code=1)
    dms_stream.succeed("assess", "--role", ROLE, code=1)
    assert used == [("landing", ROLE), ("landing", own), ("landing", ROLE)]
    assert "name one of yours" in dms_stream.refuse("assess", "--bucket", "others")
