"""One example of a rule, and the test that it is."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest

from dms_stream.review import Severity
from tests.support.small_plans import found


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


def examples_of(rule: str, examples: Sequence[Example]) -> Callable[[Example], None]:
    """The test of a rule's examples."""

    @pytest.mark.parametrize("shown", examples, ids=[each.name for each in examples])
    def test(shown: Example) -> None:
        seen = found(rule, *shown.changes, **shown.plan)
        assert tuple(finding.what for finding in seen) == shown.finds
        if shown.severity is not None:
            assert {finding.severity for finding in seen} == {shown.severity}

    checked: Callable[[Example], None] = test
    return checked


def entries_of(rule: str, entries: Sequence[dict[str, Any]]) -> Callable[[dict[str, Any]], None]:
    """The test that each entry of a rule's tables gives the finding by itself.

    Args:
        rule: Id of the rule.
        entries: Changes in which nothing but one entry differs.
    """

    @pytest.mark.parametrize("entry", entries, ids=range(len(entries)))
    def test(entry: dict[str, Any]) -> None:
        assert found(rule, entry), f"{rule} finds nothing in {entry}"

    checked: Callable[[dict[str, Any]], None] = test
    return checked
