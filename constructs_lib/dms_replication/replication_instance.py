"""The instance a replication runs on, and the subnets it may be placed in."""

from functools import cached_property
from typing import Protocol

from constructs_lib.bindings import aws, cdktf
from constructs_lib.construct import Construct
from constructs_lib.customer_key import IKey
from constructs_lib.dms_account_roles import IDmsAccountRoles
from constructs_lib.dms_replication.compute_props import InstanceCompute
from constructs_lib.naming import physical_name
from constructs_lib.network import INetwork

# https://docs.aws.amazon.com/dms/latest/APIReference/API_CreateReplicationSubnetGroup.html
_SUBNET_GROUP_MAX_LENGTH = 255
# https://docs.aws.amazon.com/dms/latest/APIReference/API_CreateReplicationInstance.html
_INSTANCE_MAX_LENGTH = 63


class IReplicationInstance(Protocol):
    """A replication instance: `ReplicationInstance`, an existing one, or anything alike."""

    @property
    def replication_instance_arn(self) -> str:
        """ARN of the instance."""

    @property
    def replication_instance_id(self) -> str:
        """Identifier of the instance."""


class SubnetGroup(Construct):
    """The subnets that DMS may place an instance or a serverless replication in.

    Args:
        scope: Where it belongs.
        id_: Its id.
        network: Whose subnets.
        account_roles: The roles DMS needs for it, where the same stack makes them.

    Attributes:
        resource: The `aws_dms_replication_subnet_group`, the escape hatch.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        network: INetwork,
        account_roles: IDmsAccountRoles | None = None,
    ) -> None:
        super().__init__(scope, id_)
        name = physical_name(self, max_length=_SUBNET_GROUP_MAX_LENGTH)
        self.resource = aws.dms_replication_subnet_group.DmsReplicationSubnetGroup(
            self,
            "Resource",
            replication_subnet_group_id=name,
            replication_subnet_group_description=f"Subnets of {name}",
            subnet_ids=list(network.subnet_ids),
            depends_on=[*account_roles.dependencies] if account_roles else None,
        )

    @cached_property
    def subnet_group_id(self) -> str:
        """Identifier of the subnet group, as a token."""
        return str(self.resource.replication_subnet_group_id)


class ImportedReplicationInstance(Construct):
    """An existing instance of the account and region, which Terraform looks up.

    Made by `ReplicationInstance.from_id`: by its identifier rather than its ARN, because metrics
    and events go by the identifier and the ARN does not hold it.

    Args:
        scope: Where it belongs.
        id_: Its id.
        replication_instance_id: Identifier of the instance.
        security_group_id: Group that the instance must have, as the rules are made for it; a plan
            fails where it has not. None: it is not looked at.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        replication_instance_id: str,
        security_group_id: str | None = None,
    ) -> None:
        super().__init__(scope, id_)
        has_group = cdktf.Postcondition(
            condition=f'${{contains(self.vpc_security_group_ids, "{security_group_id}")}}',
            error_message=(
                f"The replication instance {replication_instance_id} is not in the security group "
                f"{security_group_id}, which the rules to database and endpoints let in. Set "
                "network.replication_security_group_id to a group that the instance has."
            ),
        )
        is_known = security_group_id and not cdktf.Token.is_unresolved(security_group_id)
        self._found = aws.data_aws_dms_replication_instance.DataAwsDmsReplicationInstance(
            self,
            "Resource",
            replication_instance_id=replication_instance_id,
            lifecycle=(
                cdktf.TerraformResourceLifecycle(postcondition=[has_group]) if is_known else None
            ),
        )

    @cached_property
    def replication_instance_arn(self) -> str:
        """ARN of the instance, as a token."""
        return str(self._found.replication_instance_arn)

    @cached_property
    def replication_instance_id(self) -> str:
        """Identifier of the instance, as a token."""
        return str(self._found.replication_instance_id)


class ReplicationInstance(Construct):
    """A DMS replication instance without a public address.

    Args:
        scope: Where it belongs.
        id_: Its id.
        props: See `InstanceCompute`; default: a `dms.t3.medium`.
        network: Where it runs.
        subnet_group: Subnets it may be placed in.
        key: Customer key for its storage; None: the key AWS manages for DMS.
        deletion_protection: Whether Terraform refuses to destroy or replace it.

    Attributes:
        resource: The `aws_dms_replication_instance`, the escape hatch.
    """

    from_id = ImportedReplicationInstance
    """An existing one, see `ImportedReplicationInstance`."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        props: InstanceCompute | None = None,
        network: INetwork,
        subnet_group: SubnetGroup,
        key: IKey | None = None,
        deletion_protection: bool = True,
    ) -> None:
        super().__init__(scope, id_)
        props = props or InstanceCompute()
        upgrade = props.auto_minor_version_upgrade
        self.resource = aws.dms_replication_instance.DmsReplicationInstance(
            self,
            "Resource",
            replication_instance_id=physical_name(self, max_length=_INSTANCE_MAX_LENGTH),
            replication_instance_class=props.instance_class,
            allocated_storage=props.allocated_storage_gib,
            engine_version=props.engine_version,
            auto_minor_version_upgrade=props.engine_version is None if upgrade is None else upgrade,
            allow_major_version_upgrade=props.allow_major_version_upgrade,
            apply_immediately=props.apply_immediately,
            multi_az=props.multi_az,
            availability_zone=props.availability_zone,
            preferred_maintenance_window=props.preferred_maintenance_window,
            publicly_accessible=False,
            kms_key_arn=key.key_arn if key else None,
            replication_subnet_group_id=subnet_group.subnet_group_id,
            vpc_security_group_ids=[network.replication_security_group_id],
            lifecycle=cdktf.TerraformResourceLifecycle(prevent_destroy=deletion_protection),
            depends_on=[*network.dependencies] or None,
        )

    @cached_property
    def replication_instance_arn(self) -> str:
        """ARN of the instance, as a token."""
        return str(self.resource.replication_instance_arn)

    @cached_property
    def replication_instance_id(self) -> str:
        """Identifier of the instance, as a token."""
        return str(self.resource.replication_instance_id)
