"""What DMS reports of a replication instance: what the processes of its tasks take of its class.

An instance here is the processes of its tasks. Its memory, processors and disk are those that its
class and its storage name: what the processes leave of them is reported as free, and memory that
they hold beyond it as swapped.
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Monitoring.html
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from moto.dms.models import dms_backends

from constructs_lib.workload.needs import instance_size
from dms_stream.data_plane.metrics import Place
from dms_stream.data_plane.task_state import TaskState
from dms_stream.local_aws.dms import DmsBackend
from dms_stream.local_aws.metric_samples import Reported
from dms_stream.programs.process_use import CpuShares, ProcessUse, process_use

_GIB = 1024**3


class InstanceMetrics:
    """Makes metrics of instances; each call tells of the time since the one before."""

    def __init__(self) -> None:
        self._shares: dict[str, CpuShares] = {}

    def of_all(
        self, tasks: Mapping[str, TaskState], *, at: float
    ) -> Iterator[tuple[Place, Reported]]:
        """Of all instances, those included on which nothing runs.

        Args:
            tasks: Those that were started, by ARN.
            at: Now, in seconds since 1970.
        """
        shares, self._shares = self._shares, {}
        for account, regions in dms_backends.items():
            for region, dms in regions.items():
                assert isinstance(dms, DmsBackend)
                for arn, instance in dms.instances.items():
                    own = [
                        tasks[task]
                        for task, found in dms.tasks.items()
                        if found["ReplicationInstanceArn"] == arn and task in tasks
                    ]
                    share = self._shares[arn] = shares.get(arn) or CpuShares()
                    for value in _of_instance(instance, own, share, at):
                        yield (account, region), value


def _of_instance(
    instance: Mapping[str, Any], tasks: Iterable[TaskState], share: CpuShares, at: float
) -> Iterator[Reported]:
    def value(name: str, unit: str, number: float) -> Reported:
        dimensions = {
            "ReplicationInstanceIdentifier": str(instance["ReplicationInstanceIdentifier"])
        }
        return Reported("AWS/DMS", name, dimensions, unit, number)

    uses: dict[int, ProcessUse] = {}
    spooled = 0
    for task in tasks:
        if task.process_id is not None and (use := process_use(task.process_id)) is not None:
            uses[task.process_id] = use
            spooled += task.pulse.get("file_bytes", 0)
    storage = int(instance["AllocatedStorage"]) * _GIB
    yield value("FreeStorageSpace", "Bytes", max(storage - spooled, 0))
    size = instance_size(str(instance["ReplicationInstanceClass"]))
    if size is None:
        return
    left = size.memory_gib * _GIB - sum(use.memory_bytes for use in uses.values())
    yield value("FreeableMemory", "Bytes", max(left, 0))
    yield value("SwapUsage", "Bytes", max(-left, 0))
    percent = share.percent(uses, at=at, processors=size.vcpus)
    if percent is not None:
        yield value("CPUUtilization", "Percent", percent)
