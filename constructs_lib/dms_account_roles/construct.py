"""The roles DMS looks for by name in every account, and the one it makes for itself."""

from typing import Any, Protocol

from constructs_lib.aws_account import AwsAccount
from constructs_lib.bindings import aws, cdktf
from constructs_lib.construct import Construct
from constructs_lib.dms_account_roles.props import (
    CLOUDWATCH_LOGS_ROLE_NAME,
    SERVERLESS_ROLE_NAME,
    VPC_ROLE_NAME,
    DmsAccountRolesProps,
    RoleHandling,
)
from constructs_lib.iam import ServiceRole

_SERVICE = "dms.amazonaws.com"
_VPC_POLICY = "service-role/AmazonDMSVPCManagementRole"
_CLOUDWATCH_LOGS_POLICY = "service-role/AmazonDMSCloudWatchLogsRole"

# an adopted role keeps these; a change of path would even replace it
_LEFT_AS_FOUND = ["description", "max_session_duration", "path", "permissions_boundary"]


class IDmsAccountRoles(Protocol):
    """The roles as a consumer of the same stack sees them."""

    @property
    def dependencies(self) -> tuple[Any, ...]:
        """What to depend on before anything of DMS is made."""


class AccountRole(ServiceRole):
    """A role with a name DMS fixes and a policy AWS manages.

    Only `dms.amazonaws.com` may assume it, and only for this account's DMS resources:
    https://docs.aws.amazon.com/dms/latest/userguide/cross-service-confused-deputy-prevention.html

    Args:
        scope: Where it belongs.
        id_: Its id.
        name: The name DMS looks for.
        policy_name: Path and name of the managed policy.
        description: What the role is for.
        adopt: Whether the role exists already and Terraform imports it.
        deletion_protection: Whether Terraform refuses to destroy it.

    Attributes:
        attachment: The `aws_iam_role_policy_attachment`, what consumers depend on.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        policy_name: str,
        description: str,
        adopt: bool,
        deletion_protection: bool,
    ) -> None:
        account = AwsAccount.of(scope)
        super().__init__(
            scope,
            id_,
            service="dms.amazonaws.com",
            description=description,
            # the role serves every region of the account
            source_arns=[f"arn:{account.partition}:dms:*:{account.account_id}:*"],
            # AWS's page names these roles, and yet users saw no log group made under conditions
            # that wait for the keys: https://github.com/terraform-aws-modules/terraform-aws-dms/issues/84
            sends_source_account=False,
            name=name,
            # where DMS looks for it
            path="/",
        )
        self.resource.lifecycle = cdktf.TerraformResourceLifecycle(
            prevent_destroy=deletion_protection,
            ignore_changes=_LEFT_AS_FOUND if adopt else None,
        )
        self.attachment = aws.iam_role_policy_attachment.IamRolePolicyAttachment(
            self,
            "policy",
            role=self.role_name,
            policy_arn=f"arn:{account.partition}:iam::aws:policy/{policy_name}",
            lifecycle=cdktf.TerraformResourceLifecycle(prevent_destroy=deletion_protection),
        )
        if adopt:
            # the policy needs no import: attaching one that is attached already changes nothing,
            # and a role found without it is mended
            self.resource.import_from(name)


class DmsAccountRoles(Construct):
    """`dms-vpc-role` and `dms-cloudwatch-logs-role`, once an account.

    DMS looks for both by these names, so an account has one of each, for all regions and for
    everybody's DMS. DMS Serverless has a third, the service-linked role
    `AWSServiceRoleForDMSServerless`, which the first serverless replication of the account makes by
    itself. Two that are made at once race for it, so here it can be made beforehand:
    https://docs.aws.amazon.com/dms/latest/userguide/slr-services-sl.html

    Make them in a stack of their own, deployed before any pipeline.

    A subnet group made before the policy is attached fails with "not configured properly": where
    both are in one stack, let it depend on `dependencies`.

    Args:
        scope: Where it belongs.
        id_: Its id.
        props: See `DmsAccountRolesProps`; default: both are created and kept.

    Attributes:
        vpc_role: The role, None where it is skipped.
        cloudwatch_logs_role: The role, None where it is skipped.
        serverless_role: The `aws_iam_service_linked_role`, None where it is skipped.
    """

    def __init__(
        self, scope: Construct, id_: str, *, props: DmsAccountRolesProps | None = None
    ) -> None:
        super().__init__(scope, id_)
        props = props or DmsAccountRolesProps()
        self._deletion_protection = props.deletion_protection
        self.vpc_role = self._role(
            "vpc-role",
            props.vpc_role,
            name=VPC_ROLE_NAME,
            policy_name=_VPC_POLICY,
            description="Lets DMS place replication instances in the VPCs of this account",
        )
        self.cloudwatch_logs_role = self._role(
            "cloudwatch-logs-role",
            props.cloudwatch_logs_role,
            name=CLOUDWATCH_LOGS_ROLE_NAME,
            policy_name=_CLOUDWATCH_LOGS_POLICY,
            description="Lets DMS write the logs of its tasks to CloudWatch",
        )
        self.serverless_role = self._service_linked_role(props.serverless_role)

    def _service_linked_role(self, handling: RoleHandling) -> Any:
        if handling == "skip":
            return None
        account = AwsAccount.of(self)
        role = aws.iam_service_linked_role.IamServiceLinkedRole(
            self,
            "serverless-role",
            aws_service_name=_SERVICE,
            lifecycle=cdktf.TerraformResourceLifecycle(
                prevent_destroy=self._deletion_protection,
                ignore_changes=["description"] if handling == "adopt" else None,
            ),
        )
        if handling == "adopt":
            role.import_from(
                f"arn:{account.partition}:iam::{account.account_id}:role/aws-service-role/"
                f"{_SERVICE}/{SERVERLESS_ROLE_NAME}"
            )
        return role

    def _role(
        self, id_: str, handling: RoleHandling, *, name: str, policy_name: str, description: str
    ) -> AccountRole | None:
        if handling == "skip":
            return None
        return AccountRole(
            self,
            id_,
            name=name,
            policy_name=policy_name,
            description=description,
            adopt=handling == "adopt",
            deletion_protection=self._deletion_protection,
        )

    @property
    def dependencies(self) -> tuple[Any, ...]:
        """What to depend on before anything of DMS is made: policies, the service-linked role."""
        roles = (self.vpc_role, self.cloudwatch_logs_role)
        attachments = [role.attachment for role in roles if role is not None]
        return (*attachments, *([self.serverless_role] if self.serverless_role else []))
