"""Premigration assessments: DMS looks at source, target and task for what would go wrong.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.AssessmentReport.html
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from constructs_lib.dms_replication.props import ASSESSMENTS_PREFIX
from dms_stream.operations.deployed import DeployedPipeline
from dms_stream.operations.errors import OperationError

FOLDER = ASSESSMENTS_PREFIX.rstrip("/")
_POLL_SECONDS = 10.0
_LONGEST_SECONDS = 3_600
# https://docs.aws.amazon.com/dms/latest/APIReference/API_ReplicationTaskAssessmentRun.html
_GOES_ON = ("cancelling", "deleting", "provisioning", "running", "starting")
_GOOD = ("passed", "warning")


@dataclass(frozen=True)
class Assessment:
    """One thing that DMS has looked at.

    Attributes:
        name: DMS's name of it.
        status: DMS's word, such as `passed`, `warning`, `failed` or `error`.
    """

    name: str
    status: str


@dataclass(frozen=True)
class AssessmentRun:
    """What came of an assessment.

    Attributes:
        pipeline: Name of the pipeline.
        name: Name of the run.
        status: DMS's word.
        is_good: Whether nothing failed.
        failure: Why it could not be carried out; empty where it was.
        results: Where DMS wrote the details, `s3://…/`.
        assessments: What it looked at, what failed first.
    """

    pipeline: str
    name: str
    status: str
    is_good: bool
    failure: str
    results: str
    assessments: list[Assessment]


def assess(
    dms: Any,
    pipeline: DeployedPipeline,
    *,
    role_arn: str,
    bucket: str,
    only: list[str] | None = None,
    clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    sleep: Callable[[float], None] = time.sleep,
) -> AssessmentRun:
    """Let DMS assess a task, and wait for what it says.

    Args:
        dms: boto3's client.
        pipeline: Which; it runs on an instance.
        role_arn: Role with which DMS writes the results.
        bucket: Where it writes them.
        only: Names of the assessments; None: all that apply.
        clock: Tells the time.
        sleep: Waits between two looks.

    Raises:
        OperationError: it is serverless, an assessment does not apply, or it takes over an hour.
    """
    replicator = pipeline.replicator
    if replicator.is_serverless:
        raise OperationError(
            f"{pipeline.name} is serverless: DMS assesses it only while it starts it "
            "(PremigrationAssessmentSettings of StartReplication); `dms-stream check-source` "
            "looks at its source"
        )
    if only:
        _require_applicable(dms, replicator.arn, only)
    begun = clock()
    name = f"dms-stream-{begun:%Y%m%d-%H%M%S}"
    run = dms.start_replication_task_assessment_run(
        ReplicationTaskArn=replicator.arn,
        ServiceAccessRoleArn=role_arn,
        ResultLocationBucket=bucket,
        ResultLocationFolder=FOLDER,
        AssessmentRunName=name,
        **({"IncludeOnly": only} if only else {}),
    )["ReplicationTaskAssessmentRun"]
    arn = run["ReplicationTaskAssessmentRunArn"]
    while run["Status"].lower() in _GOES_ON:
        if (clock() - begun).total_seconds() > _LONGEST_SECONDS:
            raise OperationError(
                f"{pipeline.name}: the assessment {name} is still {run['Status']} after an hour: "
                "look at it in the console of DMS"
            )
        sleep(_POLL_SECONDS)
        (run,) = dms.describe_replication_task_assessment_runs(
            Filters=[{"Name": "replication-task-assessment-run-arn", "Values": [arn]}]
        )["ReplicationTaskAssessmentRuns"]
    status = run["Status"].lower()
    return AssessmentRun(
        pipeline.name,
        name,
        status,
        status in _GOOD,
        run.get("LastFailureMessage") or "",
        f"s3://{bucket}/{FOLDER}/{name}/",
        _assessments(dms, arn),
    )


def _require_applicable(dms: Any, task_arn: str, only: list[str]) -> None:
    known = _pages(
        dms.describe_applicable_individual_assessments,
        "IndividualAssessmentNames",
        ReplicationTaskArn=task_arn,
    )
    if unknown := sorted(set(only) - set(known)):
        raise OperationError(
            f"no such assessment of this task: {', '.join(unknown)}; allowed: "
            f"{', '.join(sorted(known))}"
        )


def _assessments(dms: Any, arn: str) -> list[Assessment]:
    found = _pages(
        dms.describe_replication_task_individual_assessments,
        "ReplicationTaskIndividualAssessments",
        Filters=[{"Name": "replication-task-assessment-run-arn", "Values": [arn]}],
    )
    told = [Assessment(each["IndividualAssessmentName"], each["Status"]) for each in found]
    return sorted(told, key=lambda each: (each.status == "passed", each.name))


def _pages(call: Callable[..., Any], key: str, **asked: Any) -> list[Any]:
    found: list[Any] = []
    while True:
        page = call(**asked)
        found += page.get(key, [])
        if not page.get("Marker"):
            return found
        asked["Marker"] = page["Marker"]
