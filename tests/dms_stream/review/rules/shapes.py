"""What the examples of several rules share."""

import json
from typing import Any

from tests.support.small_plans import update

BUCKET = "aws_s3_bucket"

CANARY = "canary-never-to-be-shown"

CLUSTER = "aws_rds_cluster"

ENDPOINT = "aws_dms_endpoint"

FIREHOSE = "aws_kinesis_firehose_delivery_stream"

INSTANCE = "aws_dms_replication_instance"

POLICY = "aws_iam_role_policy"

S3 = "extended_s3_configuration.0"

STREAM = "aws_kinesis_stream"

TASK = "aws_dms_replication_task"


def allow(action: Any, resource: Any = "arn:b", **others: Any) -> dict[str, Any]:
    """A statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **others}


def key(kind: str) -> dict[str, Any]:
    """An object mapping with a partition key."""
    return {
        "rule-type": "object-mapping",
        "rule-action": "map-record-to-record",
        "object-locator": {"schema-name": "shop", "table-name": "%"},
        "mapping-parameters": {"partition-key-type": kind},
    }


def mappings(*rules: dict[str, Any]) -> str:
    """A document of table mappings."""
    named = [
        {"rule-id": str(number), "rule-name": f"rule-{number}", **rule}
        for number, rule in enumerate(rules, 1)
    ]
    return json.dumps({"rules": named})


def policy(*statements: dict[str, Any]) -> str:
    """A policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def remapped(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> dict[str, Any]:
    """A task with other table mappings."""
    return update(TASK, "table_mappings", mappings(*before), mappings(*after))


def select(table: str, action: str = "include", **others: Any) -> dict[str, Any]:
    """A selection rule for `schema.table`."""
    schema, _, name = table.partition(".")
    locator = {"schema-name": schema, "table-name": name}
    rule = {"rule-type": "selection", "rule-action": action, "object-locator": locator}
    return rule | others


def transform(where: str, action: str, target: str = "column", **others: Any) -> dict[str, Any]:
    """A transformation rule for `schema.table.column`."""
    names = dict(zip(("schema-name", "table-name", "column-name"), where.split("."), strict=False))
    rule = {"rule-type": "transformation", "rule-target": target, "rule-action": action}
    return {**rule, "object-locator": names, **others}
