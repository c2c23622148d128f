"""Environments that between them hold every model of the settings: tests walk over them."""

from pathlib import Path
from typing import Any

from tests.support.variants import ACCOUNT, CUSTOMER, NETWORK, REGION, SOURCE

_KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/0f0e0d0c-1111-2222-3333-444455556601"
_TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:alarms"
_LOCATOR = {"schema-name": "shop", "table-name": "orders"}
PEM = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"


def _rule(number: int, type_: str, **keys: Any) -> dict[str, Any]:
    return {
        "rule-type": type_,
        "rule-id": str(number),
        "rule-name": f"rule-{number}",
        **_LOCATOR,
        **{key.replace("_", "-"): value for key, value in keys.items()},
    }


def _transformation(number: int, action: str, **keys: Any) -> dict[str, Any]:
    keys = {"rule_target": "column", **keys}
    if keys["rule_target"] == "column" and action != "add-column":
        keys = {"column_name": f"c{number}", **keys}
    return _rule(number, "transformation", rule_action=action, **keys)


_RULES = [
    _rule(
        1,
        "selection",
        rule_action="include",
        filters=[
            {
                "filter-type": "source",
                "column-name": "city",
                "filter-conditions": [{"filter-operator": "eq", "value": "Bern"}],
            }
        ],
    ),
    _transformation(2, "rename", value="town"),
    _transformation(3, "change-data-type", data_type={"type": "string", "length": 20}),
    _transformation(
        4,
        "add-column",
        value="total",
        expression="$price * 2",
        data_type={"type": "string", "length": 20},
    ),
    _transformation(
        5,
        "define-primary-key",
        rule_target="table",
        primary_key_def={"name": "by_id", "columns": ["id"]},
    ),
    _transformation(
        6,
        "add-before-image-columns",
        column_name="%",
        before_image_def={"column-prefix": "BI_", "column-filter": "pk-only"},
    ),
    _rule(
        7,
        "table-settings",
        parallel_load={"type": "partitions-auto"},
        lob_settings={"mode": "limited", "bulk-max-size": "16"},
    ),
    _rule(
        8,
        "object-mapping",
        rule_action="map-record-to-record",
        target_table_name="orders",
        mapping_parameters={
            "partition-key": {"attribute-name": "customer"},
            "exclude-columns": ["card"],
            "attribute-mappings": [
                {
                    "target-attribute-name": "customer",
                    "attribute-type": "scalar",
                    "attribute-sub-type": "string",
                    "value": "${customer}",
                }
            ],
        },
    ),
]


# all of their keys may be left out
_EMPTY_SECTIONS: dict[str, Any] = {
    "full_load_settings": {},
    "change_processing_tuning": {},
    "stream_buffer_settings": {},
    "error_behavior": {},
    "control_tables_settings": {},
    "change_processing_ddl_handling_policy": {},
    "validation_settings": {},
    "resync_settings": {},
    "loopback_prevention_settings": {},
    "tt_settings": {"tts3_settings": {}, "tt_record_settings": {}},
}


def _orders(certificate: Path) -> dict[str, Any]:
    return {
        "network": {"kind": "new", "zone_names": [f"{REGION}a", f"{REGION}b"]},
        "source": {
            "kind": "new",
            "capacity": {"kind": "serverless"},
            "encryption": CUSTOMER,
            "parameters": {"max_connections": "100"},
            "dms_credentials": {"secret_arn": SOURCE["secret_arn"], "key_arn": _KEY},
        },
        "replication": {
            "compute": {"kind": "instance"},
            "table_mappings": {"rules": _RULES},
            "source_endpoint": {
                "tls": {"kind": "verify-full", "certificate": {"file": str(certificate)}}
            },
            "task_settings": {
                "target_metadata": {"parallel_load_threads": 4},
                **_EMPTY_SECTIONS,
                "logging": {
                    "enable_logging": True,
                    "log_configuration": {},
                    "log_components": [{"id": "SORTER", "severity": "LOGGER_SEVERITY_DEBUG"}],
                },
            },
            "event_subscription": {"sns_topic_arn": _TOPIC},
        },
        "stream": {"kind": "new", "capacity": {"kind": "provisioned", "shard_count": 2}},
        "delivery_stream": {
            "format": {"kind": "json"},
            "partitioning": {"kind": "custom", "keys": {"op": ".metadata.operation"}},
        },
        "landing_bucket": {
            "kind": "new",
            "transitions": [{"after": "P90D", "storage_class": "GLACIER_IR"}],
            "access_log": {"bucket_name": "example-company-logs"},
        },
        "data_catalog": {
            "kind": "new",
            "data_columns": {"id": "bigint"},
            "partition_values": {"op": ["insert"]},
            "tables": {"shop.orders": {"columns": {"id": "bigint"}, "primary_key": ["id"]}},
            "workgroup": {},
        },
        "monitoring": {
            "notify": {
                "kind": "new",
                "encryption": CUSTOMER,
                "emails": ["on-call@example.com"],
                "https_endpoints": ["https://example.com/alarms"],
                "slack": {"team_id": "T07EA123LEP", "channel_id": "C07EZ1ABC23"},
                "warnings": {"emails": ["team@example.com"]},
            },
            "severities": {"source-cpu": "critical"},
        },
        "workload": {
            "mean_rows_per_second": 10,
            "peak_rows_per_second": 100,
            "bytes_per_row": 600,
            "tables": 1,
        },
    }


def _parquet() -> dict[str, Any]:
    return {
        "source": {
            "kind": "snapshot",
            "snapshot_identifier": "tickets",
            "capacity": {"kind": "provisioned", "instance_class": "db.r7g.large"},
        },
        "replication": {
            "compute": {"kind": "serverless", "max_capacity_units": 4},
            "table_mappings": {"tables": ["shop.orders"]},
            "task_settings": {
                "before_image_settings": {"enable_before_image": True, "field_name": "before"}
            },
            "source_endpoint": {
                "tls": {
                    "kind": "verify-full",
                    "certificate": {"arn": f"arn:aws:dms:{REGION}:{ACCOUNT}:cert:ABCDEFGHIJKLM"},
                }
            },
        },
        "stream": {"kind": "new", "capacity": {"kind": "on-demand"}},
        "delivery_stream": {
            "format": {"kind": "parquet"},
            "partitioning": {"kind": "by-table"},
        },
        "data_catalog": {"data_columns": {"id": "bigint"}},
        "monitoring": {"notify": {"kind": "existing", "topic_arns": [_TOPIC]}},
    }


def _imported(group: int = 1) -> dict[str, Any]:
    # what two pipelines would both add to one group is refused
    return {
        "network": {**NETWORK, "replication_security_group_id": f"sg-0a1b2c3d4e5f6071{group}"},
        "source": {**SOURCE, "tls_required": False},
        "replication": {
            "migration_type": "cdc",
            "cdc_start": {"kind": "position", "position": "checkpoint:V1#27"},
            "compute": {"kind": "existing", "replication_instance_id": "shared"},
            "table_mappings": {"tables": ["shop.orders"]},
            "source_endpoint": {"tls": {"kind": "none"}},
        },
        "stream": {
            "kind": "existing",
            "stream_arn": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/shared",
        },
        "delivery_stream": {
            "format": {"kind": "orc"},
            "partitioning": {"kind": "none"},
            "prefix": "imported/",
        },
        "landing_bucket": {"kind": "existing", "bucket_name": "example-company-lake"},
        "data_catalog": {"kind": "existing", "database_name": "lake", "table_name": "changes"},
        "monitoring": {"notify": {"kind": "none"}},
    }


def _timed() -> dict[str, Any]:
    start = {"kind": "time", "time": "2026-03-01T00:00:00Z"}
    pipeline = _imported(2)
    return {**pipeline, "replication": {**pipeline["replication"], "cdc_start": start}}


def _delivered() -> dict[str, Any]:
    pipeline = _imported(3)
    for key in ("landing_bucket", "data_catalog"):
        del pipeline[key]
    return {**pipeline, "delivery_stream": {"kind": "existing", "name": "shared"}}


def whole_environment(folder: Path) -> dict[str, Any]:
    """Settings with every model in some pipeline; those that name a file find it in `folder`."""
    certificate = folder / "bundle.pem"
    certificate.write_text(PEM, encoding="utf-8")
    return {
        "region": REGION,
        "account_ids": [ACCOUNT],
        "tags": {"team": "data"},
        "state": {"bucket_name": "example-company-state"},
        "account_roles": {},
        "roles": {},
        "pipelines": {
            "orders": _orders(certificate),
            "parquet": _parquet(),
            "imported": _imported(),
            "timed": _timed(),
            "delivered": _delivered(),
        },
    }
