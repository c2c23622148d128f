"""What a deployed environment holds, and where: read from Terraform's states."""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from dms_stream.cli import toolchain
from dms_stream.cli.workspace import Workspace

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


_PLACES = ("arn", "replication_task_arn", "endpoint_arn", "replication_instance_arn", "id")
_NAMES = (
    "replication_task_id",
    "replication_config_identifier",
    "replication_instance_id",
    "endpoint_id",
    "cluster_identifier",
    "bucket",
    "service_name",
    "dashboard_name",
    "name",
)
# what stands before the name in an ARN: up to the resource, and its type
_OF_AN_ARN = re.compile(r"^arn:[^:]*:[^:]*:[^:]*:[^:]*:([a-z-]+[:/])?")


@dataclass(frozen=True)
class DeployedResource:
    """One managed resource of a state.

    Attributes:
        stack: Id of its stack.
        type: Terraform's type.
        address: Terraform's address.
        where: Its ARN, or its id where it has none.
        name: What AWS's console calls it; empty where it has no name but its id.
    """

    stack: str
    type: str
    address: str
    where: str
    name: str = ""

    @property
    def shown_name(self) -> str:
        """Its name, or the end of its ARN, which names it."""
        return self.name or _OF_AN_ARN.sub("", self.where)


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
                values = found["values"]
                where, name = _first(values, _PLACES), _first(values, _NAMES)
                yield DeployedResource(stack, found["type"], found["address"], where, name)


def _first(values: dict[str, Any], keys: Sequence[str]) -> str:
    return next((str(values[key]) for key in keys if values.get(key)), "")


def print_inventory(console: Console, resources: Sequence[DeployedResource]) -> None:
    """Print the resources a reader looks for, the others counted, a line each.

    Nothing is broken up, so that it can be copied. Addresses are left out where they do not fit on
    the terminal.
    """
    shown = [found for found in resources if found.type in _SHOWN]
    rows = {found: (_SHOWN[found.type], found.shown_name, found.address) for found in shown}
    widths = [max((cell_len(row[place]) for row in rows.values()), default=0) for place in range(3)]
    fits = not console.is_terminal or sum(widths) + 2 * len(widths) <= console.width
    columns = widths if fits else widths[:2]
    order = list(_SHOWN)
    for stack in dict.fromkeys(found.stack for found in resources):
        console.print(Text(stack, "bold"), soft_wrap=True)
        of_stack = [found for found in shown if found.stack == stack]
        for found in sorted(of_stack, key=lambda found: (order.index(found.type), found.address)):
            cells = [
                cell + " " * (width - cell_len(cell))
                for cell, width in zip(rows[found], columns, strict=False)
            ]
            # a text of its own: an ARN's `:secret:` is no emoji, whatever the console
            console.print(Text("  " + "  ".join(cells).rstrip()), soft_wrap=True)
        others = sum(1 for found in resources if found.stack == stack) - len(of_stack)
        if others:
            console.print(Text(f"  and {others} more", "dim"))
    console.print(Text("--json has all of it, with addresses and ARNs", "dim"))
