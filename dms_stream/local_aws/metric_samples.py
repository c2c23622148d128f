"""The samples of CloudWatch metrics that alarms look at, and those that queries are answered from.

moto keeps each value that is put, for ever, and looks at all of them for each query. What the data
plane reports goes there as one figure a minute and metric, for three hours. Alarms may have much
shorter periods here, and look at the samples themselves.
"""

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from moto.cloudwatch.models import (
    CloudWatchBackend,
    MetricAggregatedDatum,
    MetricDatum,
    MetricDatumBase,
)

# an alarm looks at a day at most, and a metric is reported each minute
_MOST_SAMPLES = 2_000
_KEPT = timedelta(hours=3)
_STATISTICS = ("Average", "Maximum", "Minimum", "SampleCount", "Sum")


class MetricId(NamedTuple):
    """Which metric."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


class Sample(NamedTuple):
    """Values of a metric at a moment, in seconds since 1970."""

    at: float
    minimum: float
    maximum: float
    total: float
    number: float
    unit: str | None


@dataclass(frozen=True)
class Reported:
    """A value that an AWS service reports.

    Attributes:
        namespace: Such as `AWS/DMS`.
        name: Of the metric.
        dimensions: Of what.
        unit: One of CloudWatch's.
        value: In that unit.
    """

    namespace: str
    name: str
    dimensions: Mapping[str, str]
    unit: str
    value: float


class _MinuteDatum(MetricAggregatedDatum):
    """What was reported within a minute; more is added while it lasts."""

    def add(self, value: float) -> None:
        self.min, self.max = min(self.min, value), max(self.max, value)
        self.sum += value
        self.sample_count += 1


class MetricSamples:
    """The samples of a region."""

    def __init__(self) -> None:
        self._samples: dict[MetricId, deque[Sample]] = defaultdict(
            lambda: deque(maxlen=_MOST_SAMPLES)
        )
        self._minute: datetime | None = None
        self._of_minute: dict[MetricId, _MinuteDatum] = {}

    @classmethod
    def of(cls, backend: CloudWatchBackend) -> "MetricSamples":
        """Those of a region; moto's own reset forgets them."""
        kept: MetricSamples = vars(backend).setdefault("_dms_stream_samples", cls())
        return kept

    def take_put(self, data: Iterable[MetricDatumBase]) -> None:
        """Take what somebody has put, as moto keeps it."""
        for datum in data:
            dimensions = {d.name or "": d.value or "" for d in datum.dimensions}
            key = MetricId(datum.namespace, datum.name, frozenset(dimensions.items()))
            at = _seconds(datum.timestamp)
            if isinstance(datum, MetricAggregatedDatum):
                found = (datum.min, datum.max, datum.sum, datum.sample_count)
            else:
                assert isinstance(datum, MetricDatum)
                found = (datum.value, datum.value, datum.value, 1)
            self._samples[key].append(Sample(at, *found, datum.unit))

    def report(self, backend: CloudWatchBackend, values: Iterable[Reported], *, at: float) -> None:
        """Take what services report, and let moto answer from it.

        Args:
            backend: moto's, of this region.
            values: What they report.
            at: When, in seconds since 1970.
        """
        minute = datetime.fromtimestamp(at, UTC).replace(second=0, microsecond=0, tzinfo=None)
        if minute != self._minute:
            self._minute, self._of_minute = minute, {}
            backend.metric_data[:] = [
                datum
                for datum in backend.metric_data
                if not isinstance(datum, _MinuteDatum) or datum.timestamp > minute - _KEPT
            ]
        for one in values:
            key = MetricId(one.namespace, one.name, frozenset(one.dimensions.items()))
            self._samples[key].append(Sample(at, one.value, one.value, one.value, 1, one.unit))
            datum = self._of_minute.get(key)
            if datum is not None:
                datum.add(one.value)
                continue
            datum = self._of_minute[key] = _MinuteDatum(
                one.namespace,
                one.name,
                one.value,
                one.value,
                1,
                one.value,
                [{"Name": name, "Value": value} for name, value in one.dimensions.items()],
                minute,
                one.unit,
            )
            backend.metric_data.append(datum)

    def datapoints(
        self,
        key: MetricId,
        *,
        statistic: str,
        unit: str | None,
        period: float,
        count: int,
        at: float,
    ) -> list[float | None]:
        """The statistic of the last periods, the newest first; None: no data.

        Args:
            key: Which metric.
            statistic: One of CloudWatch's plain ones.
            unit: Only samples of this unit; None: all.
            period: In seconds.
            count: How many periods.
            at: End of the newest period, in seconds since 1970.
        """
        periods: list[list[Sample]] = [[] for _ in range(count)]
        for sample in reversed(self._samples.get(key, ())):
            if sample.at > at or unit not in (None, sample.unit):
                continue
            number = int((at - sample.at) // period)
            if number < count:
                periods[number].append(sample)
        return [_statistic(samples, statistic) if samples else None for samples in periods]


def is_plain(statistic: str | None) -> bool:
    """Whether it is one of the statistics that samples hold, and no percentile."""
    return statistic in _STATISTICS


def _statistic(samples: list[Sample], statistic: str) -> float:
    total, count = sum(s.total for s in samples), sum(s.number for s in samples)
    match statistic:
        case "Average":
            return total / count
        case "Maximum":
            return max(s.maximum for s in samples)
        case "Minimum":
            return min(s.minimum for s in samples)
        case "SampleCount":
            return count
        case "Sum":
            return total
        case _:
            raise AssertionError(f"refused before: {statistic}")


def _seconds(moment: Any) -> float:
    return float((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
