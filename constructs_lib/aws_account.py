"""The account, region and partition a stack is deployed to, known to Terraform at plan time."""

from constructs_lib.bindings import aws
from constructs_lib.construct import Construct, stack_of

_ID = "current"
_REMEMBERED = "_dms_stream_aws_account"


class AwsAccount(Construct):
    """Account id, region and partition of the stack's default provider, as tokens.

    Get it with `AwsAccount.of(construct)`: one a stack, made on first use.

    Attributes:
        account_id: Token of the account's number.
        region: Token of the region's name.
        partition: Token of the partition: `aws`, `aws-cn` or `aws-us-gov`.
    """

    def __init__(self, scope: Construct, id_: str) -> None:
        super().__init__(scope, id_)
        identity = aws.data_aws_caller_identity.DataAwsCallerIdentity(self, "identity")
        region = aws.data_aws_region.DataAwsRegion(self, "region")
        partition = aws.data_aws_partition.DataAwsPartition(self, "partition")
        self.account_id: str = identity.account_id
        self.region: str = region.name
        self.partition: str = partition.partition

    @classmethod
    def of(cls, scope: Construct) -> "AwsAccount":
        """The account of the stack that `scope` is in."""
        stack = stack_of(scope)
        # remembered beside the stack: looking for the child would cost two calls into Node
        found: AwsAccount | None = getattr(stack, _REMEMBERED, None)
        if found is None:
            found = cls(stack, _ID)
            setattr(stack, _REMEMBERED, found)
        return found

    def arn(self, service: str, resource: str, *, region: bool = True) -> str:
        """`arn:<partition>:<service>:<region>:<account>:<resource>`, region left out on request."""
        where = self.region if region else ""
        return f"arn:{self.partition}:{service}:{where}:{self.account_id}:{resource}"
