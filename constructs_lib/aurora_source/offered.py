"""What Aurora MySQL offers no more: engine versions and instance classes, with source and date.

A test compares the tables with the newest data of cfn-lint, which AWS's own pages feed, and fails
with what has changed. What is not in them is left to AWS: a table cannot know tomorrow's versions.
"""

from typing import NamedTuple

from constructs_lib.dms.facts import Fact
from constructs_lib.dms.guide import (
    AURORA_INSTANCE_CLASSES,
    AURORA_RELEASE_CALENDAR,
    AURORA_SERVERLESS_CAPACITY,
)

DEFAULT_VERSION = Fact(
    "8.0.mysql_aurora.3.10.4",
    AURORA_RELEASE_CALENDAR,
    "Of 3.10, a line with long-term support.",
)
"""The version of a new cluster, unless told otherwise."""

RETIRED_LINES = Fact(
    ("3.01", "3.02", "3.03", "3.05", "3.06", "3.07"),
    AURORA_RELEASE_CALENDAR,
    "AWS makes no new clusters of them; 3.04 has long-term support and stands.",
)
"""Minor lines of Aurora MySQL 3 that have ended."""

RETIRED_VERSIONS = Fact(("8.0.mysql_aurora.3.11.0",), AURORA_RELEASE_CALENDAR)
"""Single versions that have ended while their line has not."""

RETIRED_CLASSES = Fact(
    ("r3", "r4", "t2"),
    AURORA_INSTANCE_CLASSES,
    "Families that Aurora MySQL 3 does not run on.",
)
"""Families of instance classes that Aurora MySQL 3 does not run on."""


class CapacityRange(NamedTuple):
    """The capacities of serverless instances, in Aurora capacity units (ACU).

    Attributes:
        since: First version of Aurora MySQL that has it.
        least: The smallest `min_acu`.
        most: The largest `max_acu`.
    """

    since: tuple[int, int, int]
    least: float
    most: float


SERVERLESS_CAPACITY = Fact(
    (
        CapacityRange((3, 2, 0), 0.5, 128),
        CapacityRange((3, 6, 0), 0.5, 256),
        CapacityRange((3, 8, 0), 0, 256),
    ),
    AURORA_SERVERLESS_CAPACITY,
    "A capacity of 0 lets an instance without connections pause.",
)
"""The capacities of Aurora Serverless v2 by version, from the oldest on."""


def release_of(version: str) -> tuple[int, ...]:
    """The numbers of Aurora's own version, (3, 10, 4) of 8.0.mysql_aurora.3.10.4."""
    return tuple(int(part) for part in version.partition(".mysql_aurora.")[2].split("."))


def serverless_problem(version: str, least: float, most: float) -> str | None:
    """Why a version has no serverless instances of `least` to `most` ACU; None where it has."""
    ranges = SERVERLESS_CAPACITY.value
    fitting = next((each for each in ranges if each.least <= least and most <= each.most), None)
    assert fitting is not None  # the last range is the widest
    if release_of(version) >= fitting.since:
        return None
    what = "serverless capacity"
    if least < ranges[0].least:
        what += f" with min_acu {least:g}"
    elif most > ranges[0].most:
        what += f" with max_acu {most:g}"
    needed = f"{fitting.since[0]}.{fitting.since[1]:02}.{fitting.since[2]}"
    return (
        f"{what} needs Aurora MySQL {needed} or later, engine_version is {version}: raise it or "
        f"change capacity ({SERVERLESS_CAPACITY.source})"
    )


def offered_version(version: str) -> str:
    """A version that AWS still makes clusters of.

    Raises:
        ValueError: it has ended.
    """
    mysql, _, release = version.partition(".mysql_aurora.")
    line = release.rpartition(".")[0]
    ended = mysql == "5.7" or line in RETIRED_LINES.value or version in RETIRED_VERSIONS.value
    if ended:
        raise ValueError(
            "is retired: AWS makes no new clusters of it "
            f"({AURORA_RELEASE_CALENDAR}). Use {DEFAULT_VERSION}, or another version that stands"
        )
    return version


def offered_class(instance_class: str) -> str:
    """An instance class that Aurora MySQL 3 runs on.

    Raises:
        ValueError: it does not.
    """
    if instance_class.split(".")[1] in RETIRED_CLASSES.value:
        raise ValueError(
            f"is of a family that Aurora MySQL 3 does not run on ({AURORA_INSTANCE_CLASSES}). Use "
            "one of db.r7g, db.r8g or db.t4g"
        )
    return instance_class
