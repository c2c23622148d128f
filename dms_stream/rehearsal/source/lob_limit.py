"""How much of a LOB a task sends."""

from typing import assert_never

from constructs_lib.dms.limits import NO_FULL_LOB_MODE
from constructs_lib.dms.table_mappings import LobSettings, TableMappings, TableSettingsRule
from constructs_lib.dms.task_settings import TaskSettings
from constructs_lib.dms.task_settings.defaults import DEFAULT_LOB_MAX_SIZE_KB
from dms_stream.rehearsal.errors import RefusedError
from dms_stream.rehearsal.source.table import SourceTable


def lob_limit_kb(table: SourceTable, mappings: TableMappings, settings: TaskSettings) -> int:
    """What of each LOB of a table arrives, in KB; 0: LOB columns are left out.

    A table-settings rule of the table goes before the task's settings. Without a primary or unique
    key, DMS migrates no LOBs: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.LOBSupport.html

    Raises:
        RefusedError: a rule wants whole LOBs, which a Kinesis target does not take.
    """
    if not (table.primary_key or table.has_unique_key or table.is_view):
        return 0
    for rule in mappings.all_rules:
        if (
            isinstance(rule, TableSettingsRule)
            and (rule.schema_name, rule.table_name) == (table.schema, table.name)
            and rule.lob_settings is not None
            and rule.lob_settings.bulk_max_size is not None
            and _limits_lobs(rule.lob_settings)
        ):
            return int(rule.lob_settings.bulk_max_size)
    metadata = settings.target_metadata
    if metadata is not None and metadata.support_lobs is False:
        return 0
    if metadata is None or metadata.lob_max_size_kb is None:
        return DEFAULT_LOB_MAX_SIZE_KB.value
    return metadata.lob_max_size_kb


def _limits_lobs(lobs: LobSettings) -> bool:
    match lobs.mode:
        case None | "limited":
            return True
        case "none":
            return False
        case "unlimited":
            raise RefusedError("a table-settings rule", [NO_FULL_LOB_MODE.value])
    assert_never(lobs.mode)
