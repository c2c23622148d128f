"""Attributes whose change does no harm, each with the reason. Whatever is in no rule and not in
here is reported as not judged.
"""

from collections.abc import Mapping
from functools import lru_cache

from dms_stream.review.provider_schema import is_computed
from dms_stream.review.rule import covers
from dms_stream.review.stateful import LABELS

_LABEL = "a label for people and bills"
_TEXT = "a text for people"
_TERRAFORM = "says how Terraform works, and changes nothing at the service"
_WINDOW = "says when the service may do its maintenance"
_WATCHING = "says what is watched, and takes nothing away from the data"
_CONSOLE = "is only shown"

EVERYWHERE: Mapping[str, str] = {
    "id": "the service sets it",
    "tags": _LABEL,
    "tags_all": _LABEL,
    "volume_tags": _LABEL,
    "description": _TEXT,
    "comment": _TEXT,
    "display_name": _TEXT,
    "timeouts": _TERRAFORM,
    "apply_immediately": "says when other changes are applied; they are judged by themselves",
    "allow_major_version_upgrade": "only allows what `engine_version` then says",
    "copy_tags_to_snapshot": _LABEL,
    "performance_insights_enabled": _WATCHING,
    "performance_insights_kms_key_id": _WATCHING,
    "performance_insights_retention_period": _WATCHING,
    "monitoring_interval": _WATCHING,
    "monitoring_role_arn": _WATCHING,
    "enhanced_monitoring": _WATCHING,
    "preferred_maintenance_window": _WINDOW,
    "maintenance_window": _WINDOW,
    "preferred_backup_window": _WINDOW,
    "backup_window": _WINDOW,
}
"""Attribute of any type, and why its change does no harm; a label is one in AWS's provider only."""

BY_TYPE: Mapping[str, Mapping[str, str]] = {
    "aws_autoscaling_group": {"tag": _LABEL},
    "aws_athena_workgroup": {
        "configuration.publish_cloudwatch_metrics_enabled": _WATCHING,
    },
    "aws_chatbot_slack_channel_configuration": {
        "configuration_name": "is a name",
        "logging_level": _WATCHING,
    },
    "aws_cloudwatch_dashboard": {"dashboard_body": _CONSOLE},
    "aws_cloudwatch_metric_alarm": {
        "alarm_description": _TEXT,
        "ok_actions": "tells people that it is over",
        "datapoints_to_alarm": "is judged with the threshold",
        "metric_query": "is judged with the threshold",
    },
    "aws_dms_certificate": {"certificate_id": "is a name of a copy"},
    **{type_: {"key": _LABEL, "value": _LABEL, "tag": _LABEL} for type_ in LABELS},
    "aws_glue_catalog_table": {
        "owner": _TEXT,
        "view_expanded_text": "is computed from the view's text",
    },
    "aws_iam_role": {"inline_policy.name": "is a name; the policy itself is judged"},
    "aws_kinesis_firehose_delivery_stream": {
        "extended_s3_configuration.buffering_interval": "delivers sooner or later",
        "extended_s3_configuration.buffering_size": "makes objects larger or smaller",
        "extended_s3_configuration.cloudwatch_logging_options": _WATCHING,
        "version_id": "is computed by the service",
        "destination_id": "is computed by the service",
    },
    "aws_kinesis_stream": {"shard_level_metrics": _WATCHING},
    "aws_rds_cluster": {
        "enabled_cloudwatch_logs_exports": _WATCHING,
        "cluster_members": "shows what other resources set",
        "database_insights_mode": _WATCHING,
    },
    "aws_rds_cluster_instance": {
        "auto_minor_version_upgrade": "upgrades only in the maintenance window",
        "promotion_tier": "only orders the readers for a failover",
    },
    "aws_dms_replication_instance": {
        "auto_minor_version_upgrade": "upgrades only in the maintenance window",
    },
    "aws_db_instance": {
        "auto_minor_version_upgrade": "upgrades only in the maintenance window",
        "enabled_cloudwatch_logs_exports": _WATCHING,
    },
    "aws_s3_bucket_lifecycle_configuration": {
        "rule.abort_incomplete_multipart_upload": "only deletes uploads that never ended",
        "rule.id": "is a name",
    },
    "aws_s3_bucket_logging": {"target_prefix": _WATCHING, "target_bucket": _WATCHING},
    "aws_sns_topic": {"display_name": _TEXT},
    "aws_ssm_document": {"permissions.type": "is always Share; with whom is judged"},
    "aws_vpc_security_group_egress_rule": {"security_group_rule_id": "is computed by the service"},
    "terraform_data": {"output": "shows what `input` is"},
}
"""Type, attribute (as in the provider's schema), and why its change does no harm."""


@lru_cache(maxsize=65536)
def why_harmless(type_: str, path: str) -> str | None:
    """Why a change of an attribute does no harm; None where it may do some.

    Args:
        type_: The type.
        path: The attribute's path, without positions.
    """
    top = path.partition(".")[0]
    # elsewhere they may decide something, as Google's network tags choose firewall rules
    # https://cloud.google.com/firewall/docs/use-network-tags
    is_elsewhere = EVERYWHERE.get(top) == _LABEL and not type_.startswith("aws_")
    if top in EVERYWHERE and not is_elsewhere:
        return EVERYWHERE[top]
    for known, reason in BY_TYPE.get(type_, {}).items():
        if covers(known, path):
            return reason
    if is_computed(type_, path):
        return "only the provider sets it"
    return None
