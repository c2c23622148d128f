"""Plans to review, as `terraform show -json` writes them."""

import json
from collections.abc import Iterator
from itertools import cycle, islice
from typing import Any

# type of resource, what it holds before and after the change
_CHANGES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("aws_kinesis_stream", {"retention_period": 168}, {"retention_period": 24}),
    ("aws_db_instance", {"publicly_accessible": False}, {"publicly_accessible": True}),
    ("aws_dms_replication_task", *({"table_mappings": json.dumps({"rules": [
        {
            "rule-type": "selection",
            "rule-id": str(number),
            "rule-name": str(number),
            "rule-action": "include",
            "object-locator": {"schema-name": "shop", "table-name": table},
        }
        for number, table in enumerate(tables, 1)
    ]})} for tables in (["orders", "refunds"], ["orders"]))),
    ("aws_s3_bucket_versioning",
        {"versioning_configuration": [{"status": "Enabled"}]},
        {"versioning_configuration": [{"status": "Suspended"}]}),
    ("aws_iam_role_policy", *({"policy": json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Action": action, "Resource": "arn:aws:s3:::landing/*"}
    ]})} for action in ("s3:PutObject", "s3:*"))),
    ("aws_cloudwatch_metric_alarm", {"threshold": 60}, {"threshold": 90}),
    ("aws_kms_key", {"enable_key_rotation": True}, {"enable_key_rotation": True}),
]  # fmt: skip


def plan_json(resources: int) -> str:
    """A plan that changes so many resources in place, of seven types."""
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
    for number, (kind, before, after) in enumerate(cycle(_CHANGES)):
        name = f"pipeline_{number}"
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
            "provider_name": "registry.terraform.io/hashicorp/aws",
            "change": {
                "actions": ["no-op"] if before == after else ["update"],
                "before": same | before,
                "after": same | after,
                "after_unknown": {},
                "before_sensitive": {},
                "after_sensitive": {},
            },
        }
