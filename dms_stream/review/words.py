"""Small helps for writing findings."""


def count(number: object, unit: str) -> str:
    """A number with its unit, `1 day` or `2 days`."""
    return f"{number} {unit}" if str(number) == "1" else f"{number} {unit}s"


def in_unit(number: object, unit: str) -> str:
    """A number with its unit; a number without one where the unit is just `unit`."""
    return str(number) if unit == "unit" else count(number, unit)
