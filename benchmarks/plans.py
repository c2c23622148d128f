"""Plans to review, as `terraform show -json` writes them."""

import json
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any


def _mappings(*tables: str) -> str:
    rules = [
        {
            "rule-type": "selection",
            "rule-id": str(number),
            "rule-name": str(number),
            "rule-action": "include",
            # each task has mappings of its own
            "object-locator": {"schema-name": "shop_NUMBER", "table-name": table},
        }
        for number, table in enumerate(tables, 1)
    ]
    return json.dumps({"rules": rules})


def _policy(action: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::landing/*"}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


# type of resource, the attribute that changes, what it is before and after
_CHANGES: list[tuple[str, str, Any, Any]] = [
    ("aws_kinesis_stream", "retention_period", 168, 24),
    ("aws_db_instance", "publicly_accessible", False, True),
    (
        "aws_dms_replication_task",
        "table_mappings",
        _mappings("orders", "refunds"),
        _mappings("orders"),
    ),
    (
        "aws_s3_bucket_versioning",
        "versioning_configuration",
        [{"status": "Enabled"}],
        [{"status": "Suspended"}],
    ),
    ("aws_iam_role_policy", "policy", _policy("s3:PutObject"), _policy("s3:*")),
    ("aws_cloudwatch_metric_alarm", "threshold", 60, 90),
    ("aws_kms_key", "enable_key_rotation", True, True),
]


def plan_json(resources: int) -> str:
    """A plan that changes so many resources in place, of several types."""
    return json.dumps(
        {
            "format_version": "1.2",
            "terraform_version": "1.11.4",
            "complete": True,
            "errored": False,
            "resource_changes": list(islice(_resource_changes(), resources)),
        }
    )


def _resource_changes() -> Iterator[dict[str, Any]]:
    for number, (kind, attribute, before, after) in enumerate(cycle(_CHANGES)):
        name = f"pipeline_{number}"
        if attribute == "table_mappings":
            before, after = (text.replace("NUMBER", str(number)) for text in (before, after))
        same = {
            "id": name,
            "arn": f"arn:aws:service:eu-west-1:111122223333:kind/{name}",
            "tags": {"environment": "benchmark", "pipeline": "orders"},
        }
        yield {
            "address": f"{kind}.{name}",
            "mode": "managed",
            "type": kind,
            "name": name,
            "provider_name": "provider.example/hashicorp/aws",
            "change": {
                "actions": ["no-op"] if before == after else ["update"],
                "before": {**same, attribute: before},
                "after": {**same, attribute: after},
                "after_unknown": {},
                "before_sensitive": {},
                "after_sensitive": {},
            },
        }
