"""What a deployed environment holds, and where: read from Terraform's states."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.measure import Measurement
from rich.table import Table
from rich.text import Text

from dms_stream.cli import toolchain
from dms_stream.cli.workspace import Workspace

# No state has longer lines; where there is no terminal, nobody folds them.
_WIDEST = 10_000

# What a reader looks for, in the order data takes; everything else is only counted.
_SHOWN = {
    "aws_s3_bucket": "S3 bucket",
    "aws_iam_role": "IAM role",
    "aws_vpc": "VPC",
    "aws_vpc_endpoint": "VPC endpoint",
    "aws_security_group": "Security group",
    "aws_rds_cluster": "Aurora cluster",
    "aws_rds_cluster_instance": "Aurora instance",
    "aws_secretsmanager_secret": "Secret",
    "aws_dms_replication_instance": "DMS instance",
    "aws_dms_replication_config": "DMS serverless",
    "aws_dms_endpoint": "DMS endpoint",
    "aws_dms_replication_task": "DMS task",
    "aws_kinesis_stream": "Kinesis stream",
    "aws_kinesis_firehose_delivery_stream": "Firehose",
    "aws_glue_catalog_table": "Glue table",
    "aws_athena_workgroup": "Athena workgroup",
    "aws_sns_topic": "SNS topic",
    "aws_cloudwatch_dashboard": "Dashboard",
    "aws_kms_key": "KMS key",
}


@dataclass(frozen=True)
class DeployedResource:
    """One managed resource of a state."""

    stack: str
    type: str
    address: str
    where: str


def deployed_resources(workspace: Workspace, stacks: Sequence[str]) -> Iterator[DeployedResource]:
    """Every managed resource of these stacks, as Terraform's states hold them."""
    for stack in stacks:
        state = json.loads(
            toolchain.output_of(
                [toolchain.terraform(), "show", "-json", "-no-color"],
                process_environment=workspace.process_environment,
                folder=workspace.stack_folder(stack),
            )
        )
        resources = state.get("values", {}).get("root_module", {}).get("resources", [])
        for found in resources:
            if found["mode"] == "managed":
                where = _where(found["values"])
                yield DeployedResource(stack, found["type"], found["address"], where)


def _where(values: dict[str, Any]) -> str:
    for key in ("arn", "replication_task_arn", "endpoint_arn", "replication_instance_arn", "id"):
        if values.get(key):
            return str(values[key])
    return ""


def print_inventory(console: Console, resources: Sequence[DeployedResource]) -> None:
    """Print the table: folded to fit a terminal, in whole lines for a file or a pipe."""
    table = inventory_table(resources)
    if not console.is_terminal:
        options = console.options.update(width=_WIDEST)
        table.width = Measurement.get(console, options, table).maximum
    console.print(table, crop=console.is_terminal)


def inventory_table(resources: Sequence[DeployedResource]) -> Table:
    """A table of the resources a reader looks for, the others counted."""
    order = list(_SHOWN)
    shown = [found for found in resources if found.type in _SHOWN]
    table = Table(title="What exists, and where", title_justify="left", expand=False)
    for column in ("What", "Address", "Where"):
        table.add_column(column, overflow="fold")
    for stack in dict.fromkeys(found.stack for found in resources):
        of_stack = [found for found in shown if found.stack == stack]
        table.add_section()
        table.add_row(Text(stack, "bold"), "", "")
        for found in sorted(of_stack, key=lambda found: (order.index(found.type), found.address)):
            # a text of its own: an ARN's `:secret:` is no emoji, whatever the console
            table.add_row(_SHOWN[found.type], Text(found.address), Text(found.where))
        others = sum(1 for found in resources if found.stack == stack) - len(of_stack)
        table.add_row(Text(f"and {others} more", "dim"), Text("terraform state list", "dim"), "")
    return table
