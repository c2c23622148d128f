"""Prefixes and the dates in them, as Firehose and Java have them."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from dms_stream.rehearsal.delivery.java_time import JavaTimePattern
from dms_stream.rehearsal.delivery.prefixes import Prefix, object_name

MOMENT = datetime(2018, 8, 7, 22, 5, 9, 123456, UTC)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("yyyy/MM/dd/HH", "2018/08/07/22"),
        ("yyyy-MM-dd-HH", "2018-08-07-22"),
        ("yy.M.d.H", "18.8.7.22"),
        ("uuuu", "2018"),
        ("DDD", "219"),
        ("hh:mm:ss a", "10:05:09 PM"),
        ("kk KK", "22 10"),
        ("ss.SSS", "09.123"),
        ("SSSSSSSSS", "123456000"),
        ("MMM MMMM", "Aug August"),
        ("E EE EEE EEEE", "Tue Tue Tue Tuesday"),
        ("L LL LLL LLLL", "8 08 Aug August"),
        ("'year='yyyy'/month='MM", "year=2018/month=08"),
        ("yyyy'T'HH'o''clock'", "2018T22o'clock"),
        ("''yyyy", "'2018"),
        ("", ""),
    ],
)
def test_dates(pattern: str, text: str) -> None:
    assert JavaTimePattern(pattern).format(MOMENT) == text


@pytest.mark.parametrize(
    ("hour", "texts"),
    [(0, ("24", "0", "12", "AM")), (12, ("12", "0", "12", "PM")), (13, ("13", "1", "1", "PM"))],
)
def test_the_hours_of_twelve_and_twenty_four(hour: int, texts: tuple[str, ...]) -> None:
    moment = MOMENT.replace(hour=hour)
    assert tuple(JavaTimePattern(one).format(moment) for one in ("k", "K", "h", "a")) == texts


@pytest.mark.parametrize(
    ("pattern", "reason"),
    [
        ("YYYY/MM", r"YYYY: Y is the week-based year, .* around New Year: write yyyy"),
        ("ww", "contains ww: use only y M d D E H h K k m s S a"),
        ("MMMMM", "contains MMMMM"),
        ("ddd", "contains ddd"),
        ("[yyyy]", r"contains \[, which DateTimeFormatter reserves"),
        ("yyyy'", "contains ', which DateTimeFormatter reserves"),
    ],
)
def test_dates_that_are_not_reproduced_are_refused(pattern: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        JavaTimePattern(pattern)


@pytest.mark.parametrize(
    ("expression", "prefix"),
    [
        # https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
        ("", "2018/08/07/22/"),
        ("raw", "raw2018/08/07/22/"),
        ("raw/!{timestamp:yyyy}/any/!{timestamp:dd}/", "raw/2018/any/07/"),
        ("k=!{partitionKeyFromQuery:k}/", "k=v/1/"),
        ("!{timestamp:'year='yyyy'/month='MM}/", "year=2018/month=08/"),
    ],
)
def test_prefixes_of_data(expression: str, prefix: str) -> None:
    assert Prefix.of_data(expression).evaluate(MOMENT, keys={"k": "v/1"}) == prefix


@pytest.mark.parametrize(
    ("expression", "data", "prefix"),
    [
        (None, "raw/", "raw/processing-failed/2018/08/07/22/"),
        ("bad/!{firehose:error-output-type}/", "!{timestamp:yyyy}/", "bad/processing-failed/"),
        ("bad/", "", "bad/"),
    ],
)
def test_prefixes_of_errors(expression: str | None, data: str, prefix: str) -> None:
    compiled = Prefix.of_errors(expression, data)
    assert compiled.evaluate(MOMENT, error_type="processing-failed") == prefix


def test_each_random_string_is_another() -> None:
    evaluated = Prefix("!{firehose:random-string}-!{firehose:random-string}").evaluate(MOMENT)
    one, other = evaluated.split("-")
    assert one != other
    assert len(one) == len(other) == 11


def test_the_keys_of_a_prefix() -> None:
    prefix = Prefix("!{partitionKeyFromQuery:b}/!{partitionKeyFromQuery:a}/")
    assert prefix.keys == ["b", "a"]


@pytest.mark.parametrize(
    ("expression", "reason"),
    [
        ("!{timestamp:}/", "is not an expression that Firehose allows here"),
        ("!{date:yyyy}/", r"`!\{date:yyyy\}` is not an expression that Firehose allows here"),
        ("!{firehose:error-output-type}/", "is not an expression that Firehose allows here"),
        (
            "!{partitionKeyFromLambda:k}/",
            "needs a Lambda function, which the rehearsal does not run",
        ),
        ("a!{timestamp:yyyy/", "has a `!{` without its `}`"),
        ("!{timestamp:YYYY}/", "week-based year"),
    ],
)
def test_other_expressions_are_refused(expression: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Prefix.of_data(expression)


def test_an_error_prefix_takes_no_partition_keys_and_stands_where_it_must() -> None:
    with pytest.raises(ValueError, match="is not an expression that Firehose allows here"):
        Prefix.of_errors("!{partitionKeyFromQuery:k}/!{firehose:error-output-type}/", "")
    with pytest.raises(ValueError, match="is required when Prefix contains expressions"):
        Prefix.of_errors(None, "!{timestamp:yyyy}/")


def test_the_name_of_an_object_is_in_the_time_zone_of_the_stream() -> None:
    name = object_name("stream", "3", MOMENT.astimezone(ZoneInfo("Asia/Tokyo")), ".gz")
    assert name.startswith("stream-3-2018-08-08-07-05-09-")
    assert name.endswith(".gz")
    assert name != object_name("stream", "3", MOMENT.astimezone(ZoneInfo("Asia/Tokyo")), ".gz")


@pytest.mark.parametrize(
    ("expression", "key", "is_below"),
    [
        ("errors/", "errors/a", True),
        ("errors/", "changes/errors/a", False),
        ("e.r/", "exr/a", False),
        ("", "anything", True),
        ("a/!{timestamp:yyyy}/b/", "a/2024/b/c", True),
        ("a/!{timestamp:yyyy}/b/", "a/2024/c", False),
        ("!{firehose:error-output-type}/", "processing-failed/a", True),
        ("!{firehose:error-output-type}/", "changes/a", False),
        (
            "e/!{firehose:error-output-type}/!{timestamp:yyyy}/",
            "e/format-conversion-failed/24/a",
            True,
        ),
        ("e/!{firehose:error-output-type}/!{timestamp:yyyy}/", "e/format-conversion/24/a", False),
    ],
)
def test_names_below_a_prefix(expression: str, key: str, is_below: bool) -> None:
    assert Prefix.of_errors(expression, "").matches(key) is is_below
