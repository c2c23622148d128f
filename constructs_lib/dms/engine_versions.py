"""The versions of DMS: how they compare, and what each is the first to do."""

import re
from dataclasses import dataclass, field
from datetime import date
from typing import Self

from constructs_lib.dms.facts import Fact
from constructs_lib.dms.guide import (
    CONFUSED_DEPUTY,
    EVENTS,
    INSTANCE_TYPES,
    KINESIS_TARGET,
    MASKING,
    RELEASE_NOTES,
)

PATTERN = r"^[0-9]+\.[0-9]+\.[0-9]+$"
"""A whole DMS version, as the `engine_version` of a replication instance."""

_PARSED = re.compile(r"[0-9]{1,9}(\.[0-9]{1,9})*")


@dataclass(frozen=True, order=True)
class EngineVersion:
    """A DMS version, compared number by number: 3.10.0 is later than 3.5.4.

    Attributes:
        numbers: Its numbers without closing zeros, so that 4.1 equals 4.1.0.
        text: As it was given.
    """

    numbers: tuple[int, ...]
    text: str = field(compare=False)

    @classmethod
    def parse(cls, text: str) -> Self:
        """A version such as `3.5.4`, or the beginning of one such as `3.5`.

        Raises:
            ValueError: it is not numbers with dots between them.
        """
        if _PARSED.fullmatch(text) is None:
            raise ValueError(f"must be a DMS version such as {DEFAULT}, not {text!r}")
        numbers = [int(part) for part in text.split(".")]
        while len(numbers) > 1 and numbers[-1] == 0:
            numbers.pop()
        return cls(tuple(numbers), text)

    def __str__(self) -> str:
        return self.text


DEFAULT = Fact(
    "3.6.1",
    RELEASE_NOTES,
    "The only version whose end AWS has not announced: 3.5.4 takes no new instances from "
    "2027-01-31 on.",
)
"""The version of a new replication instance, unless told otherwise."""

AWS_DEFAULT = Fact("3.5.4", RELEASE_NOTES)
"""The version that AWS takes for a new instance that names none."""

RETIRED = Fact(
    (
        ("3.4.7", date(2024, 9, 30)),
        ("3.5.1", date(2024, 11, 30)),
        ("3.5.2", date(2025, 3, 30)),
        ("3.5.3", date(2026, 2, 28)),
        ("3.6.0", date(2026, 4, 27)),
    ),
    RELEASE_NOTES,
    "AWS upgrades an instance of a version that has ended, whatever auto_minor_version_upgrade "
    "says. An older state of the page gave other dates for the versions that still stood then.",
)
"""Versions of which AWS makes no new instances, each with the day since when."""

RETIRED_CLASS_FAMILIES = Fact(
    ("t2", "c4", "r4"),
    INSTANCE_TYPES,
    "Families of the previous generation, which the page no longer lists for new instances.",
)
"""Families of replication instance classes that AWS offers no more."""

OLDEST = Fact(
    "3.4.7",
    CONFUSED_DEPUTY,
    "The first that honours the conditions in the roles' trust policies, and that reaches AWS's "
    "services only through VPC endpoints or public routes.",
)
"""The oldest version that the constructs work with."""

VPC_ENDPOINTS_SINCE = Fact("3.4.7", RELEASE_NOTES)
"""From here on DMS reaches Kinesis, Secrets Manager and S3 only through VPC endpoints or public
routes."""

EVENTBRIDGE_SINCE = Fact("3.4.5", EVENTS)
"""From here on DMS's events come from EventBridge, so that a topic's policy must let in
`events.amazonaws.com` beside `dms.amazonaws.com`."""

MASKING_SINCE = Fact("3.5.4", MASKING)
"""The first version that masks data, and knows `DataMaskingErrorPolicy`."""

LARGE_INTEGERS_SINCE = Fact("3.5.4", KINESIS_TARGET)
"""The first version that keeps integers beyond 2^53 exact on a stream."""


def is_before(version: str, first: Fact[str] | str) -> bool:
    """Whether a version is older than the first that does something.

    Raises:
        ValueError: `version` is not a version.
    """
    return EngineVersion.parse(version) < EngineVersion.parse(str(first))
