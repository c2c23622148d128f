"""Settings that import all that can be imported: what the account has already."""

from typing import Any

from tests.support.variants import ACCOUNT, CUSTOMER, NETWORK, REGION, SOURCE

OTHER_ACCOUNT = "210987654321"


def _key(number: int, account: str = ACCOUNT) -> str:
    return f"arn:aws:kms:{REGION}:{account}:key/0f0e0d0c-1111-2222-3333-4444555566{number:02}"


def _customer(number: int) -> dict[str, Any]:
    return {**CUSTOMER, "key_arn": _key(number)}


def _secret(name: str) -> str:
    return f"arn:aws:secretsmanager:{REGION}:{ACCOUNT}:secret:{name}"


def _topic(name: str) -> str:
    return f"arn:aws:sns:{REGION}:{ACCOUNT}:{name}"


TLS = {
    "kind": "verify-full",
    "certificate": {"arn": f"arn:aws:dms:{REGION}:{ACCOUNT}:cert:ABCDEFGHIJKLMNOP"},
}

SHARED: dict[str, Any] = {
    "network": {**NETWORK, "replication_security_group_id": "sg-0a1b2c3d4e5f60720"},
    "source": {**SOURCE, "secret_arn": _secret("tickets-Ab34Cd")},
    "replication": {
        "compute": {"kind": "existing", "replication_instance_id": "shared"},
        "table_mappings": {"tables": ["shop.orders"]},
        "source_endpoint": {"tls": TLS},
        "event_subscription": {"sns_topic_arn": _topic("dms-events")},
    },
    "stream": {
        "kind": "existing",
        "stream_arn": f"arn:aws:kinesis:{REGION}:{ACCOUNT}:stream/shared",
        "key_arn": _key(2),
    },
    "delivery_stream": {"format": {"kind": "parquet"}, "buffer_mib": 64},
    "landing_bucket": {
        "kind": "existing",
        "bucket_name": "example-company-lake",
        "key_arn": _key(3, OTHER_ACCOUNT),
        "owner_account_id": OTHER_ACCOUNT,
    },
    "data_catalog": {"kind": "existing", "database_name": "lake", "table_name": "changes"},
    "monitoring": {
        "notify": {
            "kind": "existing",
            "topic_arns": [_topic("data-platform-alarms")],
            "warning_topic_arns": [_topic("data-platform-warnings")],
        }
    },
}
"""A pipeline in which everything that may be somebody else's is."""

RESTORED: dict[str, Any] = {
    "network": {
        **NETWORK,
        "endpoints": ["kinesis-streams", "secretsmanager", "s3"],
        "route_table_ids": ["rtb-0a1b2c3d4e5f60718"],
        "endpoints_admit_security_group_ids": ["sg-0a1b2c3d4e5f60721"],
        "database_security_group_id": "sg-0a1b2c3d4e5f60722",
    },
    "source": {
        "kind": "snapshot",
        "snapshot_identifier": "orders-before-the-move",
        "encryption": _customer(4),
        "dms_credentials": {
            "secret_arn": _secret("orders/dms-Ef56Gh"),
            "key_arn": _key(5),
        },
    },
    "replication": {
        "table_mappings": {"tables": ["orders.%"]},
        "source_endpoint": {"tls": TLS},
        "encryption": _customer(6),
    },
    "landing_bucket": {"access_log": {"bucket_name": "example-company-logs"}},
}
"""A new cluster from a snapshot, in a VPC that is there, with keys that are there."""

BESIDE: dict[str, Any] = {
    **RESTORED,
    "network": {**NETWORK, "endpoints_security_group_id": "sg-0a1b2c3d4e5f60723"},
}
"""The same beside endpoints that the VPC has already."""


def imported_environment(**pipelines: Any) -> dict[str, Any]:
    """Settings of an account that has everything; default: with all these pipelines."""
    return {
        "region": REGION,
        "account_ids": [ACCOUNT],
        "state": {"bucket_name": "example-company-state"},
        "account_roles": {
            "vpc_role": "adopt",
            "cloudwatch_logs_role": "skip",
            "serverless_role": "adopt",
        },
        "roles": {"permissions_boundary": f"arn:aws:iam::{ACCOUNT}:policy/bounds/data-platform"},
        "pipelines": pipelines or {"shared": SHARED, "restored": RESTORED, "beside": BESIDE},
    }
