"""The rules and settings of a task that the rehearsal does not reproduce: refused at the start.

A setting that cannot change which records arrive, or what is in them, is accepted: how many threads
write, how much memory is used, what is logged. `remarks` says which of those are set.
"""

from collections.abc import Iterable, Iterator
from typing import assert_never

from constructs_lib.dms.table_mappings import (
    ObjectMappingRule,
    SelectionRule,
    TableSettingsRule,
    TransformationRule,
)
from constructs_lib.dms.task_settings import TaskSettings
from constructs_lib.dms.vocabulary import ParallelLoadType
from dms_stream.rehearsal.deployed_task import DeployedTask
from dms_stream.rehearsal.errors import RefusedError
from dms_stream.rehearsal.mapping.expressions import unsupported_in
from dms_stream.rehearsal.source.data_types import CONVERTIBLE
from dms_stream.rehearsal.task.limits import start_moment, start_position

# how often DMS looks at an idle log, and where it asks for its credentials: no record differs
_WITHOUT_EFFECT = {"eventspollinterval", "secretsmanagerendpointoverride"}


def refuse_unsupported(task: DeployedTask) -> None:
    """Refuse what would make the rehearsal differ from the deployed task.

    Raises:
        RefusedError: with every rule and setting by name.
    """
    refusals = [
        *_refusals_of_rules(task),
        *_refusals_of_settings(task.settings),
        *_refusals_of_source(task),
        *_refusals_of_start(task),
    ]
    if refusals:
        raise RefusedError(
            f"the task {task.identifier} has rules or settings that the rehearsal does not "
            "reproduce; nothing was moved",
            refusals,
        )


def _refusals_of_start(task: DeployedTask) -> Iterator[str]:
    start = task.cdc_start_position
    if task.loads or start is None:
        return
    if start_position(start) is None and start_moment(start) is None:
        yield (
            f"CdcStartPosition {start}: it is not a position in the binary log; give a file and an "
            "offset in the source's binary log, such as mysql-bin-changelog.000024:373, the "
            "RecoveryCheckpoint of a task, or a moment such as 2018-03-08T12:12:12"
        )


def remarks(task: DeployedTask) -> tuple[str, ...]:
    """Settings that are accepted but have no effect here, a sentence each."""
    metadata, load = task.settings.target_metadata, task.settings.full_load_settings
    found: list[str] = []
    if metadata and any((metadata.parallel_load_threads, metadata.parallel_apply_threads)):
        found.append(
            "ParallelLoadThreads and ParallelApplyThreads: the rehearsal writes in order; on AWS, "
            "records with different keys may overtake each other"
        )
    if load and load.max_full_load_sub_tasks:
        found.append("MaxFullLoadSubTasks: the rehearsal loads one table after another")
    loads = [
        rule.parallel_load.type
        for rule in task.mappings.all_rules
        if isinstance(rule, TableSettingsRule) and rule.parallel_load
    ]
    if loads:
        kinds = ", ".join(sorted(set(loads)))
        found.append(f"parallel-load ({kinds}): the rehearsal loads the same rows in one piece")
    return tuple(found)


def _refusals_of_rules(task: DeployedTask) -> Iterator[str]:
    for rule in task.mappings.all_rules:
        name = f"rule {rule.rule_id} ({rule.rule_name})"
        match rule:
            case SelectionRule():
                yield from _selection(name, rule, task)
            case TransformationRule():
                yield from _transformation(name, rule)
            case TableSettingsRule():
                yield from _table_settings(name, rule)
            case ObjectMappingRule():
                yield from _object_mapping(name, rule)
            case _:
                assert_never(rule)


def _selection(name: str, rule: SelectionRule, task: DeployedTask) -> Iterator[str]:
    if rule.parallel_load is not None and not _loads_all_rows(rule.parallel_load.type):
        yield f"{name}: parallel-load {rule.parallel_load.type}"
    match rule.rule_action:
        case "include" | "exclude" | "explicit":
            pass
        case _:
            assert_never(rule.rule_action)
    match rule.table_type:
        case "view" | "all":
            if task.captures:
                yield (
                    f"{name}: table-type {rule.table_type} in a task that captures changes; a "
                    "view has no changes: use it in full-load tasks only"
                )
        case None | "table":
            pass
        case _:
            assert_never(rule.table_type)


def _loads_all_rows(kind: ParallelLoadType) -> bool:
    match kind:
        case "ranges" | "partitions-auto" | "none":
            return True
        case "subpartitions-auto" | "partitions-list":
            return False
    assert_never(kind)


def _transformation(name: str, rule: TransformationRule) -> Iterator[str]:
    match rule.rule_target:
        case "table-tablespace" | "index-tablespace":
            yield f"{name}: rule-target {rule.rule_target}, which is for Oracle"
        case "schema" | "table" | "column":
            pass
        case _:
            assert_never(rule.rule_target)
    if rule.data_type is not None and rule.data_type.type.lower() not in CONVERTIBLE:
        yield f"{name}: data-type {rule.data_type.type}"
    if rule.expression is not None:
        for part in unsupported_in(rule.expression):
            yield f"{name}: {part} in the expression"
        if rule.rule_action not in ("rename", "add-column"):
            yield f"{name}: an expression with the action {rule.rule_action}"


def _table_settings(name: str, rule: TableSettingsRule) -> Iterator[str]:
    load = rule.parallel_load
    if load is None:
        return
    if not _loads_all_rows(load.type):
        yield f"{name}: parallel-load {load.type}"
    for key in ("number_of_partitions", "collection_count_from_metadata", "batch_size"):
        if getattr(load, key) is not None:
            yield f"{name}: parallel-load {key.replace('_', '-')}, which is for MongoDB"


def _object_mapping(name: str, rule: ObjectMappingRule) -> Iterator[str]:
    if rule.target_table_name is not None and rule.target_table_name != rule.table_name:
        yield f"{name}: target-table-name, whose effect on messages AWS does not document"
    parameters = rule.mapping_parameters
    for mapping in (parameters and parameters.attribute_mappings) or ():
        kind = (mapping.attribute_type, mapping.attribute_sub_type)
        if kind not in {
            (None, None),
            ("scalar", None),
            ("scalar", "string"),
            ("document", None),
            ("document", "json"),
        }:
            yield f"{name}: attribute-type {kind[0]} with attribute-sub-type {kind[1]}"


def _refusals_of_settings(settings: TaskSettings) -> Iterator[str]:
    load = settings.full_load_settings
    ddl = settings.change_processing_ddl_handling_policy
    tables = settings.control_tables_settings
    loopback = settings.loopback_prevention_settings
    errors = settings.error_behavior
    yield from _set(
        {
            "FullLoadSettings.StopTaskCachedChangesApplied": load
            and load.stop_task_cached_changes_applied,
            "FullLoadSettings.StopTaskCachedChangesNotApplied": load
            and load.stop_task_cached_changes_not_applied,
            "ControlTablesSettings.HistoryTableEnabled": tables and tables.history_table_enabled,
            "ControlTablesSettings.SuspendedTablesTableEnabled": tables
            and tables.suspended_tables_table_enabled,
            "ControlTablesSettings.StatusTableEnabled": tables and tables.status_table_enabled,
            "ControlTablesSettings.FullLoadExceptionTableEnabled": tables
            and tables.full_load_exception_table_enabled,
            "LoopbackPreventionSettings.EnableLoopbackPrevention": loopback
            and loopback.enable_loopback_prevention,
            "ErrorBehavior.ApplyErrorFailOnTruncationDdl": errors
            and errors.apply_error_fail_on_truncation_ddl,
        }.items()
    )
    if ddl and ddl.handle_source_table_altered is False:
        yield "ChangeProcessingDdlHandlingPolicy.HandleSourceTableAltered: false"


def _set(switches: Iterable[tuple[str, object]]) -> Iterator[str]:
    return (f"{name}: true" for name, value in switches if value)


def _refusals_of_source(task: DeployedTask) -> Iterator[str]:
    for key, value in task.source_settings.items():
        is_utc = key.lower() == "servertimezone" and value.upper() in ("UTC", "ETC/UTC")
        if key.lower() not in _WITHOUT_EFFECT and not is_utc:
            yield f"the source endpoint's {key}={value}"
