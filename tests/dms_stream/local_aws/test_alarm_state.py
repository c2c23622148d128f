"""An alarm's state, as the tables of CloudWatch's guide say it."""

import pytest

from dms_stream.local_aws.alarm_state import AlarmRule

_RETAIN = "retain"
_NONE = "INSUFFICIENT_DATA"
_BREACHING, _FINE = 11.0, 9.0


def judge(drawn: str, missing: str, *, needed: int = 3) -> str:
    """The state of an alarm on three periods; datapoints as drawn, the oldest first."""
    points = {"X": _BREACHING, "0": _FINE, "-": None}
    rule = AlarmRule("GreaterThanThreshold", 10, 3, needed, missing)
    judged = rule.judge([points[point] for point in reversed(drawn.split())])
    return judged[0] if judged else _RETAIN


# https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
@pytest.mark.parametrize(
    ("drawn", "needed", "missing", "ignore", "breaching", "not_breaching"),
    [
        ("0 - X - X", 3, "OK", "OK", "OK", "OK"),
        ("0 - - - -", 3, "OK", "OK", "OK", "OK"),
        ("- - - - -", 3, _NONE, _RETAIN, "ALARM", "OK"),
        ("0 X X - X", 3, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("- - X - -", 3, "ALARM", _RETAIN, "ALARM", "OK"),
        # one that breaches, too new to be believed: the next may be fine
        ("- - - - X", 3, _RETAIN, _RETAIN, "ALARM", "OK"),
        ("- - - X -", 3, _RETAIN, _RETAIN, "ALARM", "OK"),
        ("0 - X - X", 2, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("0 0 X 0 X", 2, "ALARM", "ALARM", "ALARM", "ALARM"),
        ("0 - X - -", 2, "OK", "OK", "ALARM", "OK"),
        ("- - - - 0", 2, "OK", "OK", "ALARM", "OK"),
        ("- - - X -", 2, "ALARM", _RETAIN, "ALARM", "OK"),
    ],
)
def test_missing_data_is_treated_as_in_the_guide(
    drawn: str, needed: int, missing: str, ignore: str, breaching: str, not_breaching: str
) -> None:
    judged = [
        judge(drawn, how, needed=needed)
        for how in ("missing", "ignore", "breaching", "notBreaching")
    ]
    assert judged == [missing, ignore, breaching, not_breaching]


@pytest.mark.parametrize(
    ("comparison", "below", "equal", "above"),
    [
        ("GreaterThanThreshold", "OK", "OK", "ALARM"),
        ("GreaterThanOrEqualToThreshold", "OK", "ALARM", "ALARM"),
        ("LessThanThreshold", "ALARM", "OK", "OK"),
        ("LessThanOrEqualToThreshold", "ALARM", "ALARM", "OK"),
    ],
)
def test_the_threshold_itself_counts_as_the_comparison_says(
    comparison: str, below: str, equal: str, above: str
) -> None:
    rule = AlarmRule(comparison, 10, 1, 1, "missing")
    found = [rule.judge([value, None, None]) for value in (9, 10, 11)]
    assert [judged and judged[0] for judged in found] == [below, equal, above]


def test_the_reason_says_what_was_seen() -> None:
    rule = AlarmRule("GreaterThanThreshold", 10, 3, 3, "breaching")
    assert rule.judge([11, 12, 13, 1, 1]) == (
        "ALARM",
        "Threshold Crossed: 3 out of the last 3 datapoints [11, 12, 13] were greater than the "
        "threshold (10).",
    )
    assert rule.judge([None] * 5) == (
        "ALARM",
        "Threshold Crossed: no datapoints were received for 3 periods and 3 missing datapoints "
        "were treated as [Breaching].",
    )
    assert rule.judge([1, None, None, None, None]) == (
        "OK",
        "Threshold Crossed: 1 out of the last 3 datapoints [1] were not greater than the threshold "
        "(10), and 2 were missing.",
    )
