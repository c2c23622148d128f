"""A number of things, in words."""


def plural(count: int, noun: str) -> str:
    """`1 row`, `2,000 rows`."""
    return f"{count:,} {noun}{'s' if count != 1 else ''}"
