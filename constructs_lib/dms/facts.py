"""What a fact of DMS is: a value, the page it comes from, and so the day it was read."""

from dataclasses import dataclass
from typing import Generic, TypeVar

from constructs_lib.dms.guide import Page

T = TypeVar("T")


@dataclass(frozen=True)
class Fact(Generic[T]):
    """Something DMS decides and this project only repeats; as text the value.

    Attributes:
        value: What DMS says, in the unit that the fact's name tells.
        source: Where AWS says it; the page holds the day it was read.
        note: What the page leaves open, or what follows from the value.
    """

    value: T
    source: Page
    note: str = ""

    def __str__(self) -> str:
        return str(self.value)
