"""What a pipeline has to carry."""

from datetime import timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from constructs_lib.errors import Fault
from constructs_lib.faults import refuse
from constructs_lib.props import Duration, Props, whole_hours


class WorkloadProps(Props):
    """What a pipeline has to carry: its capacity is checked against it, and its cost estimated.

    AWS publishes no rows a second for DMS. The three rates below are assumptions of this project,
    on the careful side, until you have measured yours (`CDCThroughputRowsTarget` of CloudWatch):
    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Monitoring.html
    """

    mean_rows_per_second: Annotated[float, Field(gt=0, le=1_000_000)]
    """Changes a second on average, of all tables: what is paid for."""

    peak_rows_per_second: Annotated[float, Field(gt=0, le=1_000_000)]
    """Changes a second in the busiest minutes: what must be carried."""

    bytes_per_row: Annotated[int, Field(ge=1, le=1_048_576)]
    """Mean size of a change's record on the stream in bytes, with DMS's metadata (about 500), 1 to
    1048576. `dms-stream rehearse` measures it. Source of the limit:
    https://docs.aws.amazon.com/streams/latest/dev/service-sizes-and-limits.html"""

    tables: Annotated[int, Field(ge=1, le=60_000)]
    """Tables that change."""

    yearly_growth_percent: Annotated[float, Field(ge=0, le=10_000)] = 0
    """Growth of rows a second in a year: the capacity is checked for the load in a year. Default:
    none."""

    longest_outage: Annotated[Duration, whole_hours(1, 8760)] = timedelta(hours=12)
    """How long a part may be down without a loss: the stream's retention and, of a database of the
    pipeline's own, the binary log's must cover it. Default: 12 hours, a night."""

    rows_per_second_per_vcpu: Annotated[float, Field(gt=0)] = 1_000
    """Changes a second that one vCPU of a replication instance carries. Default: 1000, an
    assumption."""

    rows_per_second_per_capacity_unit: Annotated[float, Field(gt=0)] = 500
    """Changes a second that one DMS capacity unit carries. Default: 500, an assumption."""

    rows_per_second_per_thread: Annotated[float, Field(gt=0)] = 1_000
    """Changes a second that one thread writes to the stream. Default: 1000, an assumption."""

    @model_validator(mode="after")
    def _peak_is_above_the_mean(self) -> Self:
        if self.peak_rows_per_second < self.mean_rows_per_second:
            problem = f"must be mean_rows_per_second, {self.mean_rows_per_second:g}, or more"
            refuse(self, [Fault("peak_rows_per_second", problem, f"{self.peak_rows_per_second:g}")])
        return self

    @property
    def growth(self) -> float:
        """The factor by which the load grows in a year."""
        return 1 + self.yearly_growth_percent / 100
