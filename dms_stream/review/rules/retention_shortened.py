"""Something is kept for a shorter time."""

import re
from collections.abc import Iterator

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.redaction import printable, shown, step
from dms_stream.review.rule import ANYWHERE, Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import schema_path
from dms_stream.review.words import amount

_NAMES: dict[str, str] = {
    "automated_snapshot_retention_period": "day",
    "automatic_backup_retention_days": "day",
    "backtrack_window": "second",
    "backup_retention_period": "day",
    "cloud_watch_logs_retention": "day",
    "data_retention": "hour",
    "data_retention_in_hours": "hour",
    "default_time_to_live": "second",
    "delete_after": "day",
    "failure_retention_period": "day",
    "magnetic_store_retention_period_in_days": "day",
    "manual_snapshot_retention_period": "day",
    "max_retention_days": "day",
    "memory_store_retention_period_in_hours": "hour",
    "message_retention_period": "second",
    "message_retention_seconds": "second",
    "min_retention_days": "day",
    "number_of_snapshots_to_retain": "snapshot",
    "orphan_file_retention_period_in_days": "day",
    "recovery_period_in_days": "day",
    "retain_at_least": "image",
    "retention": "day",
    "retention_days": "day",
    "retention_duration": "",
    "retention_in_days": "day",
    "retention_lock_time_in_days": "day",
    "retention_period": "day",
    "retention_period_hours": "hour",
    "retention_period_in_days": "day",
    "retention_period_value": "day",
    "snapshot_retention_limit": "day",
    "snapshot_retention_period_in_days": "day",
    "success_retention_period": "day",
}
"""The provider's attributes that say how long (or how much) something is kept, and their units."""

_IN_HOURS = {
    "SECONDS": 1 / 3600,
    "MINUTES": 1 / 60,
    "HOURS": 1,
    "DAYS": 24,
    "WEEKS": 7 * 24,
    "MONTHS": 30 * 24,
    "YEARS": 365 * 24,
}
_WITH_UNIT = {
    "interval": "interval_unit",
    "retention_period_value": "retention_period_unit",
    "value": "type",
}
"""Attribute that says how long in a unit, and the one beside it that says in which."""

_COUNTED = "retain_rule"
"""The block in which `count` or `interval` says how much is kept."""
_KAFKA = "aws_msk_configuration"
_KAFKA_RETENTION = ("retention", "log.cleanup.policy")
_KAFKA_PAGES = (
    "https://docs.aws.amazon.com/msk/latest/developerguide/msk-configuration-properties.html",
    provider_page("msk_configuration"),
)

# where 0, or nothing, means for ever
_FOR_EVER = {
    ("aws_cloudwatch_event_archive", "retention_days"),
    ("aws_keyspaces_table", "default_time_to_live"),
    ("aws_backup_plan", "delete_after"),
    ("aws_redshift_cluster", "manual_snapshot_retention_period"),
    ("aws_redshift_cluster_snapshot", "manual_snapshot_retention_period"),
    ("aws_glue_catalog_table", "retention"),
}
# -1 means for ever
_MINUS_ONE_IS_FOR_EVER = ("manual_snapshot_retention_period",)
# these have a rule of their own
_OF_THEIR_OWN = (
    "aws_cloudwatch_log_group",
    "aws_db_instance",
    "aws_docdb_cluster",
    "aws_kinesis_stream",
    "aws_neptune_cluster",
    "aws_rds_cluster",
)


@rule(
    Severity.DATA_LOSS,
    judges={
        "*": (*(f"{ANYWHERE}{name}" for name in _NAMES), f"{ANYWHERE}{_COUNTED}"),
        _KAFKA: ("server_properties",),
    },
    except_types=_OF_THEIR_OWN,
    why="What is older than the new period is deleted, or can no longer be restored.",
    instead="Keep the period, or copy what is still needed first.",
    sources=(
        "https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/"
        "API_SetQueueAttributes.html",
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/creating-a-backup-plan.html",
        provider_page("sqs_queue"),
        provider_page("backup_plan"),
    ),
    others=(Severity.UNKNOWN,),
)
def retention_shortened(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The time for which a queue, topic, archive, backup, snapshot or table keeps what it holds is
    shortened, in whichever type of resource and block it stands.
    """
    if not change.compares:
        return
    if change.type == _KAFKA and change.changed("server_properties"):
        yield from _properties(change)
    yield from _in_units(change)
    for path in change.differing():
        name = path.rsplit(".", 1)[-1]
        unit = "" if _COUNTED in path.split(".") else _NAMES.get(name)
        if name in _WITH_UNIT:
            continue
        old, new = change.old(path), change.new(path)
        if unit is None or isinstance(old, str | bool | list | dict):
            continue
        for_ever = (change.type, name) in _FOR_EVER
        kept_before, kept_after = _kept(name, old, for_ever), _kept(name, new, for_ever)
        if kept_after < kept_before:
            before = "for ever" if kept_before == float("inf") else amount(old or 0, unit)
            named = printable(schema_path(path), 80)
            if change.sensitive(path):
                yield Observation(f"{change.name}: {named} is lowered")
            else:
                yield Observation(
                    f"{change.name}: {named} is {amount(new or 0, unit)} instead of {before}"
                )


def _in_units(change: ResourceChange) -> Iterator[Observation]:
    seen = set()
    for path in change.differing():
        inside, dot, name = path.rpartition(".")
        inside += dot
        for number, unit in _WITH_UNIT.items():
            keeps = _KEEPS.search(inside) or number == "retention_period_value"
            if name in (number, unit) and keeps and inside not in seen:
                seen.add(inside)
                old, new = (
                    _hours(value(inside + number), value(inside + unit))
                    for value in (change.old, change.new)
                )
                if old is not None and (new is None or new < old):
                    steps = [inside + each for each in (number, unit)]
                    changed = ", ".join(map(change.step, filter(change.changed, steps)))
                    yield Observation(f"{change.name} keeps less: {changed}")


_KEEPS = re.compile(r"retain_rule|retention")


def _hours(amount: object, unit: object) -> float | None:
    if not isinstance(amount, int | float):
        return None
    return amount * _IN_HOURS.get(str(unit or "DAYS").upper(), 1)


def _properties(change: ResourceChange) -> Iterator[Observation]:
    path = "server_properties"
    if change.sensitive(path):
        yield Observation(f"{path} of {change.name} changes", severity=Severity.UNKNOWN)
        return
    old, new = (dict(_lines(value)) for value in (change.old(path), change.new(path)))
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) != new.get(name):
            keeps = any(word in name for word in _KAFKA_RETENTION)
            was, now = (shown(side.get(name, "the default"), path=name) for side in (old, new))
            yield Observation(
                f"{change.name}: {step(printable(name, 80), was, now)}",
                severity=None if keeps and not _grows(old.get(name), new.get(name)) else _UNKNOWN,
                why=None if keeps else "It changes how the brokers work.",
                instead=None if keeps else "Check that brokers and clients are ready for it.",
                sources=_KAFKA_PAGES,
            )


_UNKNOWN = Severity.UNKNOWN


def _lines(text: object) -> Iterator[tuple[str, str]]:
    for line in str(text or "").splitlines():
        name, equals, value = line.partition("=")
        if equals:
            yield name.strip(), value.strip()


def _grows(old: str | None, new: str | None) -> bool:
    if old is None or new is None or not old.lstrip("-").isdigit() or not new.isdigit():
        return new == "-1"
    return int(new) > int(old) >= 0


def _kept(name: str, value: float | None, for_ever: bool) -> float:
    if value == -1 and name in _MINUS_ONE_IS_FOR_EVER:
        return float("inf")
    return float("inf") if for_ever and not value else float(value or 0)
