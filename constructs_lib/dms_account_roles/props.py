"""Props of the roles DMS expects in every account."""

from typing import Literal

from constructs_lib.props import Props

# https://docs.aws.amazon.com/dms/latest/userguide/security-iam.html#CHAP_Security.APIRole
VPC_ROLE_NAME = "dms-vpc-role"
CLOUDWATCH_LOGS_ROLE_NAME = "dms-cloudwatch-logs-role"
# https://docs.aws.amazon.com/dms/latest/userguide/slr-services-sl.html
SERVERLESS_ROLE_NAME = "AWSServiceRoleForDMSServerless"

RoleHandling = Literal["create", "adopt", "skip"]
"""What is done about a role.

- `create`: it does not exist yet; creating it where it does fails with `EntityAlreadyExists`.
- `adopt`: it exists; Terraform imports it, gives it this construct's trust policy and its managed
  policy, and leaves its path, description, session length and permissions boundary as they are.
- `skip`: it is none of this stack's business. A role this stack made or adopted before would be
  destroyed by changing to `skip`: `terraform state rm` it first.
"""


class DmsAccountRolesProps(Props):
    """Props of `DmsAccountRoles`.

    Both roles are shared by all of DMS in the account, whoever runs it:
    https://docs.aws.amazon.com/dms/latest/userguide/security-iam.html#CHAP_Security.APIRole
    """

    vpc_role: RoleHandling = "create"
    """What is done about `dms-vpc-role`, with which DMS places replication instances in a VPC.
    `create`, `adopt` or `skip`. Default: it is created. Use `adopt` where somebody, or the DMS
    console, has made it already."""

    cloudwatch_logs_role: RoleHandling = "create"
    """What is done about `dms-cloudwatch-logs-role`, with which DMS writes task logs. `create`,
    `adopt` or `skip`. Default: it is created."""

    serverless_role: RoleHandling = "skip"
    """What is done about `AWSServiceRoleForDMSServerless`, the service-linked role of DMS
    Serverless. `create`, `adopt` or `skip`. Default: nothing, as the first serverless replication
    of an account makes it. Use `create` in an account without one where several serverless
    replications are deployed at once: they would race for it and fail
    (https://github.com/hashicorp/terraform-provider-aws/issues/37434)."""

    deletion_protection: bool = True
    """Whether Terraform refuses to destroy the roles. Default: it refuses, as without them no
    replication instance of the account can be made, repaired or logged, this stack's or not."""
