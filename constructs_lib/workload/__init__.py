"""What a pipeline has to carry, what that takes, and what it costs: `WorkloadProps`."""

from constructs_lib.workload.props import WorkloadProps

__all__ = ["WorkloadProps"]
