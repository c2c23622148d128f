"""One example of a rule."""

from dataclasses import dataclass, field
from typing import Any

from dms_stream.review import Severity


@dataclass(frozen=True)
class Example:
    """A plan, and what a rule must find in it.

    Attributes:
        name: What the example shows.
        changes: The changes of the plan.
        finds: What it must say, in this order; empty: nothing.
        severity: How serious all of it must be; None: not looked at.
        plan: Other parts of the plan.
    """

    name: str
    changes: tuple[dict[str, Any], ...]
    finds: tuple[str, ...] = ()
    severity: Severity | None = None
    plan: dict[str, Any] = field(default_factory=dict)


def example(
    name: str,
    *changes: dict[str, Any],
    finds: str | tuple[str, ...] = (),
    severity: Severity | None = None,
    **plan: Any,
) -> Example:
    """An example; `finds` may be a single text."""
    texts = (finds,) if isinstance(finds, str) else finds
    return Example(name, changes, texts, severity, plan)
