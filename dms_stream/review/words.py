"""Small helps for writing findings."""

from dms_stream.review.redaction import clean


def count(number: object, unit: str) -> str:
    """A number with its unit, `1 day` or `2 days`."""
    return f"{number} {unit}" if str(number) == "1" else f"{number} {unit}s"


def amount(value: object, unit: str = "") -> str:
    """A number of a plan, with its unit if it has one. One that is secret is not shown."""
    text = clean(str(value))
    return count(text, unit) if unit else text
