"""What the review said of another version of the settings, beside what was seen of it.

The rules of the review that speak of interruption or of rows fall into kinds: each says that
something stops, that tables are loaded, or that what landed before is not as what lands now.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from dms_stream.plural import plural
from dms_stream.rehearsal.result import Announced, TableVerdict
from dms_stream.rehearsal.version_watch import Seen
from dms_stream.review import Finding, Plan, Severity

STOPS = frozenset({"task-stopped", "endpoint-changed", "replication-instance-changed"})
"""They say that the task stops, and goes on."""

MAY_STOP = frozenset(
    {
        *("cluster-restarts", "credentials-changed", "database-instance-changed"),
        *("engine-upgraded", "migration-type-changed", "network-path-removed"),
        *("parameter-changed", "security-group-opened", "task-before-delivery"),
    }
)
"""They may stop it on AWS; the embedded AWS restarts no database and checks no login."""

LOADS = frozenset({"tables-added", "loading-changed", "migration-type-changed"})
"""They say that tables are loaded."""

DIFFERS = frozenset(
    {
        *("columns-added", "columns-dropped", "database-renamed", "loading-changed"),
        *("landed-unreadable", "mappings-unreadable", "masking-removed"),
        *("message-format-changed", "migration-type-changed", "object-layout-changed"),
        *("object-mapping-by-pattern", "partition-key-changed", "row-filters-changed"),
        *("tables-dropped", "task-settings-changed", "transformations-changed"),
    }
)
"""They say that what landed before is not as what lands from now on."""


@dataclass(frozen=True)
class Outcome:
    """What came of another version.

    Attributes:
        seen: What was seen of the task.
        before: The verdicts before it.
        after: The verdicts after it.
        failure: Why its deployment failed; empty where it did not.
    """

    seen: Seen
    before: Sequence[TableVerdict]
    after: Sequence[TableVerdict]
    failure: str = ""

    @property
    def missing(self) -> int:
        """Records that were sent and have not landed, those before left aside."""
        return max(0, _missing(self.after) - _missing(self.before))

    @property
    def differing(self) -> int:
        """Rows that differ, those before left aside."""
        return max(0, _differing(self.after) - _differing(self.before))

    @property
    def duplicates(self) -> int:
        """Records that landed more than once."""
        return max(0, _duplicates(self.after) - _duplicates(self.before))

    @property
    def loss(self) -> str:
        """What was lost, in words."""
        lost = plural(self.missing, "record") if self.missing else "no record"
        differ = plural(self.differing, "row") if self.differing else "no row"
        twice = plural(self.duplicates, "record") if self.duplicates else "none"
        return f"{lost} lost, {twice} twice, {differ} different"


def announced(findings: Sequence[Finding], plan: Plan, outcome: Outcome) -> tuple[Announced, ...]:
    """What was said of interruption and loss, each with what was seen of it.

    Args:
        findings: What the review found in the plan.
        plan: The plan.
        outcome: What came of it.
    """
    told = []
    for finding in _told(findings):
        observed, agrees = _observed(finding, plan, outcome)
        told.append(
            Announced(
                finding.rule,
                finding.severity.word,
                finding.address,
                finding.what,
                observed,
                agrees,
            )
        )
    return tuple(told)


def unannounced(findings: Sequence[Finding], plan: Plan, outcome: Outcome) -> tuple[str, ...]:
    """What came of it that no finding says, one sentence each."""
    return tuple(_unannounced(findings, plan, outcome))


def _told(findings: Sequence[Finding]) -> Iterator[Finding]:
    for finding in findings:
        of_a_kind = finding.rule in STOPS | MAY_STOP | LOADS | DIFFERS
        if of_a_kind or finding.severity in (Severity.INTERRUPTION, Severity.DATA_LOSS):
            yield finding


def _observed(finding: Finding, plan: Plan, outcome: Outcome) -> tuple[str, bool | None]:
    seen = outcome.seen
    if finding.rule in STOPS and finding.severity >= Severity.INTERRUPTION:
        if _fails(finding, plan):
            return outcome.failure or "the deployment went through", bool(outcome.failure)
        if _waits(finding, plan):
            return f"nothing yet; {_stops(seen)}", None
        return f"{_stops(seen)}; {outcome.loss}", bool(seen.stops)
    if finding.rule in LOADS and seen.loaded:
        rows = ", ".join(f"{table}: {plural(n, 'row')}" for table, n in seen.loaded.items())
        return f"loaded: {rows}", True
    if finding.rule in DIFFERS:
        return outcome.loss, True if outcome.differing or outcome.missing else None
    return f"not seen on this machine; {outcome.loss}", None


def _stops(seen: Seen) -> str:
    if not seen.stops:
        return "the task did not stop"
    seconds = " and ".join(f"{each:.1f} s" for each in seen.stops)
    text = f"the task stood still for {seconds}"
    if not seen.runs:
        return f"{text} and does not run"
    where = f" at {seen.resumed_at}" if seen.resumed_at else ""
    again = ", ".join(seen.loaded_again)
    return f"{text} and went on from its checkpoint{where}; " + (
        f"loaded again: {again}" if again else "no table was loaded again"
    )


def _unannounced(findings: Sequence[Finding], plan: Plan, outcome: Outcome) -> Iterator[str]:
    seen = outcome.seen

    def said(rules: frozenset[str], where: Callable[[Finding], bool] = lambda _: True) -> bool:
        return any(finding.rule in rules and where(finding) for finding in findings)

    is_data_loss = any(finding.severity is Severity.DATA_LOSS for finding in findings)
    if seen.stops and not said(STOPS | MAY_STOP):
        yield _stops(seen)
    if not seen.runs and not said(frozenset({"task-stopped"}), lambda f: _stays(f, plan)):
        yield f"the task does not run any more{': ' if seen.message else ''}{seen.message}"
    if seen.loaded_again and not said(LOADS):
        yield f"loaded again: {', '.join(seen.loaded_again)}"
    if (outcome.missing or outcome.differing) and not (is_data_loss or said(DIFFERS)):
        yield outcome.loss
    if outcome.failure and not said(STOPS, lambda f: _fails(f, plan)):
        yield f"the deployment failed: {outcome.failure}"


def _new(finding: Finding, plan: Plan, name: str) -> object:
    change = plan.by_address.get(finding.address)
    return change.new(name) if change is not None else None


def _fails(finding: Finding, plan: Plan) -> bool:
    """Whether it says that DMS refuses the change while a task runs."""
    pauses = _new(finding, plan, "pause_replication_tasks") is True
    return finding.rule == "endpoint-changed" and not pauses


def _waits(finding: Finding, plan: Plan) -> bool:
    """Whether it says that it happens in a maintenance window."""
    at_once = bool(_new(finding, plan, "apply_immediately"))
    return finding.rule == "replication-instance-changed" and not at_once


def _stays(finding: Finding, plan: Plan) -> bool:
    """Whether it says that the task is not started again."""
    starts = ("start_replication_task", "start_replication")
    return not any(_new(finding, plan, name) for name in starts)


def _missing(tables: Sequence[TableVerdict]) -> int:
    return sum(table.missing.total for table in tables)


def _differing(tables: Sequence[TableVerdict]) -> int:
    return sum(
        max(table.difference_count, abs(table.source_rows - table.replayed_rows))
        for table in tables
    )


def _duplicates(tables: Sequence[TableVerdict]) -> int:
    return sum(table.duplicates for table in tables)
