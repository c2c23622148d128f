"""What moves rows under the control plane: the interface that DMS's and Firehose's calls use.

Without a data plane a started task is `running` and reads nothing, which is what most tests need.
With one, `dms_stream.data_plane`, it is a process that moves rows. Every call here returns at once
and is made with `moto_lock` held; what becomes of it is told later through
`dms_stream.local_aws.dms_progress`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

PATH = "/moto-api/data-plane"
"""Where a server with a data plane answers what no call of AWS asks."""

StartKind = Literal["start-replication", "resume-processing", "reload-target"]


@dataclass(frozen=True)
class TaskStart:
    """How a task or a serverless replication is started.

    Attributes:
        arn: ARN of the task or of the replication config.
        identifier: Its name.
        kind: Whether it begins, continues from its checkpoint, or begins anew.
        cdc_start_time: Capture changes from this moment on, in seconds since 1970.
        cdc_start_position: Capture changes from this position on.
        cdc_stop_position: Where to stop: `server_time:…` or `commit_time:…`.
    """

    arn: str
    identifier: str
    kind: StartKind
    cdc_start_time: float | None = None
    cdc_start_position: str | None = None
    cdc_stop_position: str | None = None


class DataPlane(Protocol):
    """Runs what the control plane was asked to run."""

    def start_task(self, start: TaskStart) -> None:
        """Run a task, whose status is `starting`."""

    def stop_task(self, arn: str) -> None:
        """Stop a task, whose status is `stopping`."""

    def reload_tables(self, arn: str, tables: Sequence[str]) -> None:
        """Load tables of a running task again, each `schema.table`."""

    def forget_task(self, arn: str) -> None:
        """A task was deleted."""

    def start_delivery(self, arn: str) -> None:
        """Deliver what a delivery stream's source holds from its creation on."""

    def change_delivery(self, arn: str) -> None:
        """A delivery stream has new settings."""

    def end_delivery(self, arn: str) -> None:
        """A delivery stream was deleted."""

    def forget_everything(self) -> None:
        """The whole account was emptied."""


class _Attached:
    """The data plane of this process: moto keeps one state a process, too."""

    plane: DataPlane | None = None


def attach(plane: DataPlane | None) -> None:
    """Let this data plane, or none, run what the calls of this process ask for."""
    _Attached.plane = plane


def attached() -> DataPlane | None:
    """The data plane of this process; None: no rows move."""
    return _Attached.plane
