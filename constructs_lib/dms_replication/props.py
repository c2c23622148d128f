"""Props of a replication from a MySQL-compatible source to a Kinesis stream."""

from datetime import UTC, datetime
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, Field, field_validator, model_validator

from constructs_lib.customer_key import AwsManagedEncryption, Encryption
from constructs_lib.dms.engine_versions import LARGE_INTEGERS_SINCE, is_before
from constructs_lib.dms.table_mappings import TableMappings
from constructs_lib.dms.task_settings import TaskSettings, task_faults
from constructs_lib.dms.vocabulary import MigrationType, loads_rows
from constructs_lib.dms_replication.compute_props import (
    Compute,
    InstanceCompute,
    ServerlessCompute,
)
from constructs_lib.dms_replication.endpoint_props import KinesisTargetProps, SourceEndpointProps
from constructs_lib.errors import Fault
from constructs_lib.faults import refuse
from constructs_lib.props import Props, different


class CdcStartTime(Props):
    """Changes from a moment on."""

    kind: Literal["time"]
    """From a moment on."""

    time: AwareDatetime
    """The moment, with its offset, such as `2026-03-01T00:00:00Z`. The source's binary logs must
    reach back so far."""

    @field_validator("time")
    @classmethod
    def _has_passed(cls, time: datetime) -> datetime:
        if time > datetime.now(UTC):
            raise ValueError(
                "lies in the future, of which no binary log can tell: give a moment that has "
                "passed, or leave cdc_start out to begin when the task is first started"
            )
        return time

    @property
    def rfc3339(self) -> str:
        """The moment in UTC, to the second."""
        return self.time.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


class CdcStartPosition(Props):
    """Changes from a position in the binary log on."""

    kind: Literal["position"]
    """From a position in the binary log on."""

    position: Annotated[str, Field(pattern=r"^(checkpoint:\S+|[A-Za-z0-9._-]+\.[0-9]+:[0-9]+)$")]
    """Binary log and offset, such as `mysql-bin-changelog.000024:373`, or the checkpoint of another
    task, `checkpoint:V1#…`. Source:
    https://docs.aws.amazon.com/dms/latest/APIReference/API_CreateReplicationTask.html"""


CdcStart = Annotated[CdcStartTime | CdcStartPosition, Field(discriminator="kind")]
"""`kind: time` or `kind: position`."""

# https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Events.html
TaskEventCategory = Literal[
    "configuration change", "creation", "deletion", "failure", "state change"
]
InstanceEventCategory = Literal[
    "configuration change",
    "creation",
    "deletion",
    "failover",
    "failure",
    "low storage",
    "maintenance",
]


class EventCategories(Props):
    """Which events of a replication are told."""

    task: Annotated[tuple[TaskEventCategory, ...], AfterValidator(different)] = (
        "failure",
        "state change",
    )
    """Events of the task. Default: failures, starts and stops. Empty: none."""

    instance: Annotated[tuple[InstanceEventCategory, ...], AfterValidator(different)] = (
        "failover",
        "failure",
        "low storage",
    )
    """Events of the instance. Default: failures, failovers and storage running out. Empty: none."""

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.task and not self.instance:
            raise ValueError("needs at least one category of task or instance")
        return self


class EventSubscriptionProps(Props):
    """Events that DMS publishes to a topic."""

    sns_topic_arn: (
        Annotated[
            str,
            Field(
                pattern=r"^arn:aws[a-z-]*:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]{1,256}(\.fifo)?$"
            ),
        ]
        | None
    ) = None
    """ARN of an SNS topic whose policy lets `dms.amazonaws.com` publish, and, from DMS 3.4.5 on,
    `events.amazonaws.com`, as must the key of an encrypted one. Default: the topic that the
    pipeline makes for its alarms (`monitoring.notify: {kind: new}`), which lets both in. Source:
    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Events.html"""

    categories: EventCategories = EventCategories()
    """Which events. Default: what needs somebody's attention."""


ASSESSMENTS_PREFIX = "premigration-assessments/"
"""Folder of the landing bucket that holds premigration assessments."""


class DmsReplicationProps(Props):
    """Props of `DmsReplication`."""

    migration_type: MigrationType = "full-load-and-cdc"
    """`full-load` (the rows as they are), `cdc` (changes from now or from `cdc_start` on) or
    `full-load-and-cdc`. Default: both. A change stops the task and changes it in place."""

    table_mappings: TableMappings
    """What is captured, and how. A change stops a running task and starts it again where
    `start_replication_task` is true."""

    source_endpoint: SourceEndpointProps
    """How DMS connects to the source."""

    target_endpoint: KinesisTargetProps = KinesisTargetProps()
    """What the messages look like. Default: JSON on one line, with exact integers."""

    compute: Compute = InstanceCompute()
    """What it runs on. Default: a new `dms.t3.medium`."""

    task_settings: TaskSettings = TaskSettings()
    """Settings of the task. Default: DMS's own. Only what is set is sent."""

    cdc_start: CdcStart | None = None
    """Where a task of type `cdc` begins. Default: when it is first started. It counts when the task
    is created; afterwards the task knows how far it is, and changes of this are ignored."""

    start_replication_task: bool | None = None
    """Whether Terraform starts the task when it is made, and again after it stopped it for a
    change. Default: it does, unless the task is a `full-load` on an instance: such a task may be
    over before the provider sees it run, and the provider then reports a failed start and marks
    the task for replacement (https://github.com/hashicorp/terraform-provider-aws/issues/43466).
    `dms-stream deploy` starts that one. False: start it yourself, also after every change of
    mappings or settings, which stops it. A task that you stop stays stopped until something of it
    changes."""

    event_subscription: EventSubscriptionProps | None = None
    """Events of task and instance published to an SNS topic. Default: none."""

    premigration_assessments: bool = False
    """Whether to make a role with which DMS writes what it finds in premigration assessments
    (`dms-stream assess`) into the landing bucket, below `premigration-assessments/`. Default: no;
    `assess --role` takes a role of yours. DMS Serverless is assessed only while it starts."""

    encryption: Encryption = AwsManagedEncryption()
    """Key for the storage of the instance and for the endpoints' connection data. Default: the key
    AWS manages for DMS (`aws/dms`). Changing it replaces all of them."""

    deletion_protection: bool = True
    """Whether Terraform refuses to destroy or replace the task, which holds how far the changes
    have been read, and the instance it runs on. Default: it refuses."""

    @property
    def engine_version(self) -> str | None:
        """The DMS version if it is pinned here."""
        return self.compute.engine_version if isinstance(self.compute, InstanceCompute) else None

    @property
    def starts(self) -> bool:
        """`start_replication_task`, or what it is by default."""
        if self.start_replication_task is not None:
            return self.start_replication_task
        # of a serverless replication the provider takes `stopped` for a start that succeeded
        return self.migration_type != "full-load" or self.is_serverless

    @property
    def is_serverless(self) -> bool:
        """Whether it runs on DMS Serverless."""
        return isinstance(self.compute, ServerlessCompute)

    @model_validator(mode="after")
    def _fit_together(self) -> Self:
        refuse(
            self,
            [
                *task_faults(
                    self.migration_type,
                    self.table_mappings,
                    self.task_settings,
                    self.engine_version,
                ),
                *self._faults_of_target(),
                *self._faults_of_start(),
                *self._faults_of_events(),
                *self._faults_of_assessments(),
            ],
        )
        return self

    def _faults_of_target(self) -> list[Fault]:
        version = self.engine_version
        if (
            not self.target_endpoint.use_large_integer_value
            or version is None
            or not is_before(version, LARGE_INTEGERS_SINCE)
        ):
            return []
        return [
            Fault(
                "target_endpoint.use_large_integer_value",
                f"needs DMS {LARGE_INTEGERS_SINCE} or later, compute.engine_version is {version} "
                f"({LARGE_INTEGERS_SINCE.source}): "
                "raise the version, or set it to false and accept that integers beyond 2^53 are "
                "rounded",
                "True",
            )
        ]

    def _faults_of_assessments(self) -> list[Fault]:
        if not (self.premigration_assessments and self.is_serverless):
            return []
        return [
            Fault(
                "premigration_assessments",
                "is only for a task on an instance: DMS Serverless is assessed while it starts, "
                "with PremigrationAssessmentSettings of StartReplication (https://docs.aws.amazon."
                "com/dms/latest/APIReference/API_StartReplication.html). Leave it out, or set "
                "compute.kind to instance",
                "True",
            )
        ]

    def _faults_of_start(self) -> list[Fault]:
        if self.cdc_start is None:
            return []
        faults = []
        if loads_rows(self.migration_type):
            faults.append(
                Fault(
                    "cdc_start",
                    "is only for migration_type cdc: with a full load the changes begin where the "
                    "load began (https://docs.aws.amazon.com/dms/latest/userguide/"
                    "CHAP_Task.CDC.html). Remove it, or set migration_type to cdc",
                    self.migration_type,
                )
            )
        if self.is_serverless:
            faults.append(
                Fault(
                    "cdc_start",
                    "cannot be given to DMS Serverless by provider 5.100.0 "
                    "(https://github.com/hashicorp/terraform-provider-aws/blob/v5.100.0/website/docs/"
                    "r/dms_replication_config.html.markdown): remove it, or use "
                    "compute.kind instance",
                    "serverless",
                )
            )
        return faults

    def _faults_of_events(self) -> list[Fault]:
        if self.event_subscription is None or not self.is_serverless:
            return []
        return [
            Fault(
                "event_subscription",
                "knows only instances and tasks, not DMS Serverless "
                "(https://docs.aws.amazon.com/dms/latest/APIReference/"
                "API_CreateEventSubscription.html): remove it and use an EventBridge rule for "
                "`DMS Replication State Change`",
                "serverless",
            )
        ]
