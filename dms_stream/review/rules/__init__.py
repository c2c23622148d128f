"""Everything that the review knows: one rule a file."""

from functools import lru_cache

from dms_stream.review.rule import Rule
from dms_stream.review.rules.access_removed import access_removed
from dms_stream.review.rules.alarm_silenced import alarm_silenced
from dms_stream.review.rules.backup_retention_lowered import backup_retention_lowered
from dms_stream.review.rules.catalog_table_changed import catalog_table_changed
from dms_stream.review.rules.cluster_restarts import cluster_restarts
from dms_stream.review.rules.columns_added import columns_added
from dms_stream.review.rules.columns_dropped import columns_dropped
from dms_stream.review.rules.credentials_changed import credentials_changed
from dms_stream.review.rules.database_instance_changed import database_instance_changed
from dms_stream.review.rules.deletion_protection_removed import deletion_protection_removed
from dms_stream.review.rules.delivery_stream_replaced import delivery_stream_replaced
from dms_stream.review.rules.drifted import drifted
from dms_stream.review.rules.dynamic_partitioning_changed import dynamic_partitioning_changed
from dms_stream.review.rules.encryption_key_changed import encryption_key_changed
from dms_stream.review.rules.encryption_weakened import encryption_weakened
from dms_stream.review.rules.endpoint_changed import endpoint_changed
from dms_stream.review.rules.engine_upgraded import engine_upgraded
from dms_stream.review.rules.equal_in_meaning import equal_in_meaning
from dms_stream.review.rules.expiry_shortened import expiry_shortened
from dms_stream.review.rules.final_snapshot_removed import final_snapshot_removed
from dms_stream.review.rules.force_destroy_enabled import force_destroy_enabled
from dms_stream.review.rules.forgotten import forgotten
from dms_stream.review.rules.incomplete_plan import incomplete_plan
from dms_stream.review.rules.key_disabled import key_disabled
from dms_stream.review.rules.loading_changed import loading_changed
from dms_stream.review.rules.log_retention_shortened import log_retention_shortened
from dms_stream.review.rules.mappings_unreadable import mappings_unreadable
from dms_stream.review.rules.masking_removed import masking_removed
from dms_stream.review.rules.message_format_changed import message_format_changed
from dms_stream.review.rules.migration_type_changed import migration_type_changed
from dms_stream.review.rules.network_path_removed import network_path_removed
from dms_stream.review.rules.object_layout_changed import object_layout_changed
from dms_stream.review.rules.parameter_changed import parameter_changed
from dms_stream.review.rules.partition_key_changed import partition_key_changed
from dms_stream.review.rules.policy_widened import policy_widened
from dms_stream.review.rules.policy_wildcard import policy_wildcard
from dms_stream.review.rules.prevent_destroy_removed import prevent_destroy_removed
from dms_stream.review.rules.public_access_allowed import public_access_allowed
from dms_stream.review.rules.recovery_window_shortened import recovery_window_shortened
from dms_stream.review.rules.replication_instance_changed import replication_instance_changed
from dms_stream.review.rules.row_filters_changed import row_filters_changed
from dms_stream.review.rules.secret_in_output import secret_in_output
from dms_stream.review.rules.secret_in_state import secret_in_state
from dms_stream.review.rules.security_group_opened import security_group_opened
from dms_stream.review.rules.serverless_replaced import serverless_replaced
from dms_stream.review.rules.shards_lowered import shards_lowered
from dms_stream.review.rules.snapshot_changed import snapshot_changed
from dms_stream.review.rules.stateful_destroyed import stateful_destroyed
from dms_stream.review.rules.stateful_replaced import stateful_replaced
from dms_stream.review.rules.stream_retention_lowered import stream_retention_lowered
from dms_stream.review.rules.tables_added import tables_added
from dms_stream.review.rules.tables_dropped import tables_dropped
from dms_stream.review.rules.target_changed import target_changed
from dms_stream.review.rules.task_destroyed import task_destroyed
from dms_stream.review.rules.task_replaced import task_replaced
from dms_stream.review.rules.task_settings_changed import task_settings_changed
from dms_stream.review.rules.task_stopped import task_stopped
from dms_stream.review.rules.tls_lowered import tls_lowered
from dms_stream.review.rules.transformations_changed import transformations_changed
from dms_stream.review.rules.trust_without_conditions import trust_without_conditions
from dms_stream.review.rules.unknown_policy import unknown_policy
from dms_stream.review.rules.unknown_type_destroyed import unknown_type_destroyed
from dms_stream.review.rules.unknown_value import unknown_value
from dms_stream.review.rules.unreadable_value import unreadable_value
from dms_stream.review.rules.versioning_suspended import versioning_suspended

ALL_RULES: tuple[Rule, ...] = (
    access_removed,
    alarm_silenced,
    backup_retention_lowered,
    catalog_table_changed,
    cluster_restarts,
    columns_added,
    columns_dropped,
    credentials_changed,
    database_instance_changed,
    deletion_protection_removed,
    delivery_stream_replaced,
    drifted,
    dynamic_partitioning_changed,
    encryption_key_changed,
    encryption_weakened,
    endpoint_changed,
    engine_upgraded,
    equal_in_meaning,
    expiry_shortened,
    final_snapshot_removed,
    force_destroy_enabled,
    forgotten,
    incomplete_plan,
    key_disabled,
    loading_changed,
    log_retention_shortened,
    mappings_unreadable,
    masking_removed,
    message_format_changed,
    migration_type_changed,
    network_path_removed,
    object_layout_changed,
    parameter_changed,
    partition_key_changed,
    policy_widened,
    policy_wildcard,
    prevent_destroy_removed,
    public_access_allowed,
    recovery_window_shortened,
    replication_instance_changed,
    row_filters_changed,
    secret_in_output,
    secret_in_state,
    security_group_opened,
    serverless_replaced,
    shards_lowered,
    snapshot_changed,
    stateful_destroyed,
    stateful_replaced,
    stream_retention_lowered,
    tables_added,
    tables_dropped,
    target_changed,
    task_destroyed,
    task_replaced,
    task_settings_changed,
    task_stopped,
    tls_lowered,
    transformations_changed,
    trust_without_conditions,
    unknown_policy,
    unknown_type_destroyed,
    unknown_value,
    unreadable_value,
    versioning_suspended,
)
"""All rules, in the order of their ids."""


@lru_cache(maxsize=1)
def known_types() -> frozenset[str]:
    """The types that some rule is about."""
    return frozenset(type_ for each in ALL_RULES for type_ in each.types)
