"""A database's parameters change: those of the binary log, and those that wait for a restart."""

from collections.abc import Iterator
from typing import Any

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.redaction import clean, shown
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

# https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html
_NEEDED = {
    "binlog_format": "row",
    "binlog_row_image": "full",
}
# with these DMS misses changes
_UNREADABLE = {
    "binlog_transaction_compression": ("1", "on", "true"),
    "binlog_row_value_options": ("partial_json",),
}
_BINLOG = (
    *_NEEDED,
    "binlog_checksum",
    "binlog_row_metadata",
    "binlog_row_value_options",
    "binlog_transaction_compression",
    "binlog_expire_logs_seconds",
    "enforce_gtid_consistency",
    "gtid-mode",
    "gtid_mode",
    "log_bin",
    "log_slave_updates",
    "log_replica_updates",
    "server_id",
    "aurora_enhanced_binlog",
)
_TLS = "require_secure_transport"


@rule(
    Severity.INTERRUPTION,
    types=("aws_rds_cluster_parameter_group", "aws_db_parameter_group"),
    judges=("parameter",),
    why="DMS reads its changes from the binary log, which is written as these parameters say.",
    instead=(
        "Keep binlog_format ROW and binlog_row_image FULL, which DMS needs. Before other binary "
        "log parameters change, let the task read everything and stop it."
    ),
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Source.MySQL.html",
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_WorkingWithParamGroups.html",
        provider_page("rds_cluster_parameter_group"),
    ),
    others=(Severity.NOTICE,),
)
def parameter_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Parameters of a database change: of the binary log, or such as wait for a restart."""
    if change.action is Action.REPLACE:
        yield Observation(
            f"the parameter group {change.name} is destroyed and recreated {change.why_replaced()}",
            why="A cluster must be given the new one, and restarted, before the old one can go.",
            instead="Check that the cluster moves to the new group in the same plan.",
        )
    if not change.compares or change.unknown("parameter"):
        return
    old, new = _parameters(change.old("parameter")), _parameters(change.new("parameter"))
    for name in sorted(old.keys() | new.keys()):
        before, after = old.get(name), new.get(name)
        if _value(before) == _value(after):
            continue
        step = f"{clean(name)}: {_shown(before)} → {_shown(after)}"
        waits = bool(after) and (after or {}).get("apply_method") == "pending-reboot"
        when = " once the instances are restarted" if waits else ""
        if name in _BINLOG:
            wanted = _NEEDED.get(name)
            wrong = wanted is not None and str(_value(after)).lower() != wanted
            warning = f" DMS needs {wanted} to capture changes." if wrong else ""
            if str(_value(after)).lower() in _UNREADABLE.get(name, ()):
                warning = " DMS cannot read the binary log so, and misses changes."
            yield Observation(f"{change.name}: {step}{when}.{warning}")
        elif name != _TLS:
            yield Observation(
                f"{change.name}: {step}{when}",
                severity=None if waits else Severity.NOTICE,
                why=(
                    "It takes effect only when the instances restart; until then the plan and the "
                    "database differ."
                    if waits
                    else "It takes effect at once."
                ),
                instead=(
                    "Restart the instances in a quiet hour, the readers first."
                    if waits
                    else "Nothing needs to be done."
                ),
            )


def _parameters(value: Any) -> dict[str, dict[str, Any]]:
    entries = value if isinstance(value, list) else []
    return {str(each.get("name")): each for each in entries if isinstance(each, dict)}


def _value(parameter: dict[str, Any] | None) -> Any:
    return None if parameter is None else parameter.get("value")


def _shown(parameter: dict[str, Any] | None) -> str:
    if parameter is None:
        return "the engine's default"
    return shown(parameter.get("value"), path=str(parameter.get("name")))
