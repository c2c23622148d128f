"""What does the replicating: a task on an instance, or a DMS Serverless replication."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol

from constructs_lib.aws_account import AwsAccount
from constructs_lib.bindings import aws, cdktf
from constructs_lib.construct import Construct
from constructs_lib.customer_key import IKey
from constructs_lib.dms.table_mappings import TableMappings
from constructs_lib.dms.task_settings import MigrationType, TaskSettings
from constructs_lib.dms_replication.compute_props import ServerlessCompute
from constructs_lib.dms_replication.props import CdcStart, CdcStartPosition, CdcStartTime
from constructs_lib.dms_replication.replication_instance import IReplicationInstance, SubnetGroup
from constructs_lib.naming import physical_name
from constructs_lib.network import INetwork
from constructs_lib.terraform_text import literal

# https://docs.aws.amazon.com/dms/latest/APIReference/API_CreateReplicationTask.html
_TASK_ID_MAX_LENGTH = 255


class IEndpoint(Protocol):
    """An endpoint of DMS that the same stack makes."""

    @property
    def endpoint_arn(self) -> str:
        """ARN of the endpoint."""

    @property
    def resource(self) -> Any:
        """The `aws_dms_endpoint`."""


@dataclass(frozen=True)
class Replication:
    """What is replicated, alike for a task and for serverless.

    Attributes:
        source_endpoint: Where it is read.
        target_endpoint: Where it is written.
        migration_type: What is moved.
        table_mappings: What is captured.
        task_settings: DMS's settings; only what is set is sent.
        start: Whether Terraform starts it, and starts it again after stopping it for a change.
        deletion_protection: Whether Terraform refuses to destroy or replace it.
        start_after: What must stand before its first record is written.
    """

    source_endpoint: IEndpoint
    target_endpoint: IEndpoint
    migration_type: MigrationType
    table_mappings: TableMappings
    task_settings: TaskSettings
    start: bool = True
    deletion_protection: bool = True
    start_after: Sequence[Any] = ()

    @property
    def mappings_json(self) -> str:
        """The table mappings for Terraform."""
        return literal(self.table_mappings.to_json())

    @property
    def settings_json(self) -> str | None:
        """The settings for Terraform; None when none is set."""
        text = self.task_settings.to_json()
        return None if text == "{}" else literal(text)


class ReplicationTask(Construct):
    """A DMS task on a replication instance.

    Terraform stops a running task to change its mappings or settings. Where the first start fails
    (wrong grants in the source, no binary log) Terraform marks the task as tainted and would
    replace it: mend the cause and `terraform untaint` it. A full load alone may be over before the
    provider sees it run, which it takes for a failed start:
    https://github.com/hashicorp/terraform-provider-aws/issues/43466

    Args:
        scope: Where it belongs.
        id_: Its id.
        replication: What is replicated.
        instance: What it runs on.
        cdc_start: Where a task of type `cdc` begins; None: when it is first started.

    Attributes:
        resource: The `aws_dms_replication_task`, the escape hatch.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        replication: Replication,
        instance: IReplicationInstance,
        cdc_start: CdcStart | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self._instance = instance
        self.resource = aws.dms_replication_task.DmsReplicationTask(
            self,
            "Resource",
            replication_task_id=physical_name(self, max_length=_TASK_ID_MAX_LENGTH),
            replication_instance_arn=instance.replication_instance_arn,
            source_endpoint_arn=replication.source_endpoint.endpoint_arn,
            target_endpoint_arn=replication.target_endpoint.endpoint_arn,
            migration_type=replication.migration_type,
            table_mappings=replication.mappings_json,
            replication_task_settings=replication.settings_json,
            cdc_start_time=cdc_start.rfc3339 if isinstance(cdc_start, CdcStartTime) else None,
            cdc_start_position=(
                literal(cdc_start.position) if isinstance(cdc_start, CdcStartPosition) else None
            ),
            start_replication_task=replication.start,
            lifecycle=cdktf.TerraformResourceLifecycle(
                prevent_destroy=replication.deletion_protection,
                # the provider resumes a task that has run, which goes on from its checkpoint
                # whatever the start says: a change would stop the task for nothing
                ignore_changes=["cdc_start_position", "cdc_start_time"],
            ),
            depends_on=[*replication.start_after] or None,
        )

    @cached_property
    def arn(self) -> str:
        """ARN of the task, as a token."""
        return str(self.resource.replication_task_arn)

    @cached_property
    def replication_task_id(self) -> str:
        """Identifier of the task, as a token."""
        return str(self.resource.replication_task_id)

    @property
    def metric_dimensions(self) -> dict[str, str]:
        """Dimensions of the task's metrics in the namespace `AWS/DMS`.

        The instance goes by its identifier, the task by the last part of its ARN:
        https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Monitoring.html
        """
        return {
            "ReplicationInstanceIdentifier": self._instance.replication_instance_id,
            "ReplicationTaskIdentifier": _last_part(self.arn),
        }


class ServerlessReplication(Construct):
    """A DMS Serverless replication.

    Terraform stops it to change it. The provider then starts it without waiting for the end of the
    change, which DMS refuses ("in MODIFYING state and cannot start"): the apply ends with that
    error, the change is made, and the replication stays stopped until somebody starts it.
    https://github.com/hashicorp/terraform-provider-aws/issues/35650

    Args:
        scope: Where it belongs.
        id_: Its id.
        props: See `ServerlessCompute`.
        replication: What is replicated.
        network: Where it runs.
        subnet_group: Subnets it may be placed in.
        key: Customer key for its storage; None: the key AWS manages for DMS.

    Attributes:
        resource: The `aws_dms_replication_config`, the escape hatch.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        props: ServerlessCompute,
        replication: Replication,
        network: INetwork,
        subnet_group: SubnetGroup,
        key: IKey | None = None,
    ) -> None:
        super().__init__(scope, id_)
        self.resource = aws.dms_replication_config.DmsReplicationConfig(
            self,
            "Resource",
            replication_config_identifier=physical_name(self, max_length=_TASK_ID_MAX_LENGTH),
            replication_type=replication.migration_type,
            source_endpoint_arn=replication.source_endpoint.endpoint_arn,
            target_endpoint_arn=replication.target_endpoint.endpoint_arn,
            table_mappings=replication.mappings_json,
            replication_settings=replication.settings_json,
            start_replication=replication.start,
            compute_config=aws.dms_replication_config.DmsReplicationConfigComputeConfig(
                replication_subnet_group_id=subnet_group.subnet_group_id,
                vpc_security_group_ids=[network.replication_security_group_id],
                max_capacity_units=props.max_capacity_units,
                min_capacity_units=props.min_capacity_units,
                multi_az=props.multi_az,
                availability_zone=props.availability_zone,
                preferred_maintenance_window=props.preferred_maintenance_window,
                kms_key_id=key.key_arn if key else None,
            ),
            lifecycle=cdktf.TerraformResourceLifecycle(
                prevent_destroy=replication.deletion_protection,
                # DMS deletes no endpoint that a replication uses: one that is to be replaced takes
                # the replication along, as it does a task
                replace_triggered_by=[
                    f"aws_dms_endpoint.{endpoint.resource.friendly_unique_id}.endpoint_arn"
                    for endpoint in (replication.source_endpoint, replication.target_endpoint)
                ],
            ),
            depends_on=[*network.dependencies, *replication.start_after] or None,
        )

    @cached_property
    def arn(self) -> str:
        """ARN of the replication config, as a token."""
        return str(self.resource.arn)

    @property
    def metric_dimensions(self) -> dict[str, str]:
        """Dimensions of the replication's metrics in the namespace `AWS/DMS`.

        AWS's guide does not write the value down; users found the account's number and the last
        part of the ARN, joined with `:`.
        """
        account = AwsAccount.of(self).account_id
        return {"ReplicationConfigId": f"{account}:{_last_part(self.arn)}"}


def _last_part(arn: str) -> str:
    # arn:aws:dms:<region>:<account>:task:<id>
    return str(cdktf.Fn.element(cdktf.Fn.split(":", arn), 6))
