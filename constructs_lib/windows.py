"""Times of maintenance and backup, as RDS and DMS take them: in UTC, half an hour or more."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Annotated

from pydantic import AfterValidator, Field

_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
_SHORTEST = timedelta(minutes=30)
_DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_TIME = r"([01][0-9]|2[0-3]):([0-5][0-9])"
_DAILY = re.compile(rf"^{_TIME}-{_TIME}$")
# the services store days in lower case, and take them in either
_WEEKLY = re.compile(rf"^([A-Za-z]{{3}}):{_TIME}-([A-Za-z]{{3}}):{_TIME}$")


def _moment(hour: str, minute: str) -> timedelta:
    return timedelta(hours=int(hour), minutes=int(minute))


def _daily(text: str) -> tuple[timedelta, timedelta] | None:
    match = _DAILY.fullmatch(text)
    if match is None:
        return None
    start, end = _moment(*match.group(1, 2)), _moment(*match.group(3, 4))
    return start, (end - start) % _DAY


def _weekly(text: str) -> tuple[timedelta, timedelta] | None:
    match = _WEEKLY.fullmatch(text.lower())
    if match is None or match[1] not in _DAYS or match[4] not in _DAYS:
        return None
    start = timedelta(days=_DAYS.index(match[1])) + _moment(*match.group(2, 3))
    end = timedelta(days=_DAYS.index(match[4])) + _moment(*match.group(5, 6))
    return start, (end - start) % _WEEK


def _check_daily(text: str) -> str:
    window = _daily(text)
    if window is None or window[1] < _SHORTEST:
        raise ValueError(
            "must be hh:mm-hh:mm in UTC and at least 30 minutes long, such as 03:00-03:30 "
            "(https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_CreateDBCluster.html)"
        )
    return text


def _check_weekly(text: str) -> str:
    window = _weekly(text)
    if window is None or window[1] < _SHORTEST:
        raise ValueError(
            "must be ddd:hh:mm-ddd:hh:mm in UTC and at least 30 minutes long, such as "
            "sun:03:00-sun:04:00 (https://docs.aws.amazon.com/dms/latest/APIReference/"
            "API_CreateReplicationInstance.html, https://docs.aws.amazon.com/AmazonRDS/latest/"
            "APIReference/API_CreateDBCluster.html)"
        )
    return text.lower()


DailyWindow = Annotated[
    str,
    AfterValidator(_check_daily),
    Field(json_schema_extra={"pattern": _DAILY.pattern}),
]
"""Half an hour or more a day in UTC, such as 03:00-03:30."""

WeeklyWindow = Annotated[
    str,
    AfterValidator(_check_weekly),
    Field(json_schema_extra={"pattern": _WEEKLY.pattern}),
]
"""Half an hour or more a week in UTC, such as sun:04:00-sun:04:30."""


def windows_overlap(daily: str, weekly: str) -> bool:
    """Whether a daily window and a weekly one have a moment in common."""
    daily_window, weekly_window = _daily(daily), _weekly(weekly)
    assert daily_window is not None
    assert weekly_window is not None
    start, length = weekly_window
    return any(
        # one begins within the other, round the end of the week
        (day - start) % _WEEK < length or (start - day) % _WEEK < daily_window[1]
        for day in _each_day(daily_window[0])
    )


def _each_day(start: timedelta) -> Iterator[timedelta]:
    return (start + _DAY * number for number in range(7))
