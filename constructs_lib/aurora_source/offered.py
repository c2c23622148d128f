"""What Aurora MySQL offers no more: engine versions and instance classes, with source and date.

A test compares the tables with the newest data of cfn-lint, which AWS's own pages feed, and fails
with what has changed. What is not in them is left to AWS: a table cannot know tomorrow's versions.
"""

from constructs_lib.dms.facts import Fact
from constructs_lib.dms.guide import AURORA_INSTANCE_CLASSES, AURORA_RELEASE_CALENDAR

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
