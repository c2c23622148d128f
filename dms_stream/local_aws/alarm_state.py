"""What state a CloudWatch alarm is in, given the datapoints of its last periods.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
Compared with both tables of that page and its words on premature alarms on 2026-11-26: they agree.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import ge, gt, le, lt
from typing import Literal

AlarmState = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "GreaterThanThreshold": gt,
    "GreaterThanOrEqualToThreshold": ge,
    "LessThanThreshold": lt,
    "LessThanOrEqualToThreshold": le,
}
_WORDS = {
    "GreaterThanThreshold": "greater than",
    "GreaterThanOrEqualToThreshold": "greater than or equal to",
    "LessThanThreshold": "less than",
    "LessThanOrEqualToThreshold": "less than or equal to",
}
# CloudWatch looks at more periods than an alarm names, in the tables of its guide at two more
_MORE_PERIODS = 2


@dataclass(frozen=True)
class AlarmRule:
    """When an alarm goes off.

    Attributes:
        comparison: On which side of the threshold, one of `COMPARISONS`.
        threshold: In the metric's unit.
        periods: How many datapoints are looked at.
        datapoints_to_alarm: How many of them must breach.
        missing: What a period without data means.
    """

    comparison: str
    threshold: float
    periods: int
    datapoints_to_alarm: int
    missing: str

    @property
    def looked_at(self) -> int:
        """Periods from which datapoints are taken."""
        return self.periods + _MORE_PERIODS

    def judge(self, datapoints: Sequence[float | None]) -> tuple[AlarmState, str] | None:
        """The state and its reason; None: it stays as it is.

        Args:
            datapoints: One for each of the periods looked at, the newest first; None: no data.
        """
        real = [point for point in datapoints if point is not None][: self.periods]
        breaching = [point for point in real if COMPARISONS[self.comparison](point, self.threshold)]
        missing = self.periods - len(real)
        needed = self.datapoints_to_alarm
        filled = missing if self.missing == "breaching" else 0
        if len(breaching) + filled >= needed and (breaching or filled):
            return "ALARM", self._reason(real, breaching, missing)
        if self.missing in ("breaching", "notBreaching"):
            return "OK", self._reason(real, breaching, missing)
        if not real:
            if self.missing == "ignore":
                return None
            return "INSUFFICIENT_DATA", f"Insufficient Data: {missing} datapoints were unknown."
        if len(breaching) < len(real):
            return "OK", self._reason(real, breaching, missing)
        # all that is known breaches, and what is not known could have decided otherwise
        return self._judge_early(datapoints, real)

    def _judge_early(
        self, datapoints: Sequence[float | None], real: Sequence[float]
    ) -> tuple[AlarmState, str] | None:
        oldest = max(number for number, point in enumerate(datapoints) if point is not None)
        if self.missing == "ignore" or oldest + 1 < self.datapoints_to_alarm:
            return None
        return "ALARM", self._reason(real, real, self.periods - len(real))

    def _reason(self, real: Sequence[float], breaching: Sequence[float], missing: int) -> str:
        if not real:
            treated = {"breaching": "Breaching", "notBreaching": "NonBreaching"}[self.missing]
            return (
                f"Threshold Crossed: no datapoints were received for {missing} periods and "
                f"{missing} missing datapoints were treated as [{treated}]."
            )
        shown = breaching or real
        points = ", ".join(f"{point:g}" for point in shown)
        word = _WORDS[self.comparison]
        nots = "" if breaching else "not "
        return (
            f"Threshold Crossed: {len(shown)} out of the last {self.periods} datapoints [{points}] "
            f"were {nots}{word} the threshold ({self.threshold:g})"
            + (f", and {missing} were missing." if missing else ".")
        )
