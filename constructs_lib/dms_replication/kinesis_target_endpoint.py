"""The endpoint through which DMS writes to the stream."""

from functools import cached_property

from constructs_lib.bindings import aws
from constructs_lib.change_stream import IStream
from constructs_lib.construct import Construct
from constructs_lib.customer_key import IKey
from constructs_lib.dms_replication.endpoint_props import KinesisTargetProps
from constructs_lib.dms_replication.source_endpoint import ENDPOINT_ID_MAX_LENGTH
from constructs_lib.iam import ServiceRole
from constructs_lib.naming import physical_name


class KinesisTargetEndpoint(Construct):
    """A DMS target endpoint for a Kinesis stream, with a role that may only write to that stream.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html

    Args:
        scope: Where it belongs.
        id_: Its id.
        props: See `KinesisTargetProps`; default: JSON on one line, exact integers.
        stream: Where the messages go; it must be in the same account.
        key: Customer key for the connection data; None: the key AWS manages for DMS.

    Attributes:
        resource: The `aws_dms_endpoint`, the escape hatch.
        role: The role DMS writes with.
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        props: KinesisTargetProps | None = None,
        stream: IStream,
        key: IKey | None = None,
    ) -> None:
        super().__init__(scope, id_)
        props = props or KinesisTargetProps()
        self.role = ServiceRole(
            self,
            "role",
            service="dms.amazonaws.com",
            description="Lets DMS write to the change stream",
            # AWS's page on the confused deputy shows both keys for DMS's endpoints; whether every
            # version and serverless send them is open (?)
        )
        grant = stream.grant_write(self.role)
        self.resource = aws.dms_endpoint.DmsEndpoint(
            self,
            "Resource",
            endpoint_id=physical_name(self, max_length=ENDPOINT_ID_MAX_LENGTH),
            endpoint_type="target",
            engine_name="kinesis",
            kinesis_settings=aws.dms_endpoint.DmsEndpointKinesisSettings(
                stream_arn=stream.stream_arn,
                service_access_role_arn=self.role.role_arn,
                message_format=props.message_format,
                use_large_integer_value=props.use_large_integer_value,
                include_transaction_details=props.include_transaction_details,
                include_partition_value=props.include_partition_value,
                partition_include_schema_table=props.partition_include_schema_table,
                include_table_alter_operations=props.include_table_alter_operations,
                include_control_details=props.include_control_details,
                include_null_and_empty=props.include_null_and_empty,
            ),
            kms_key_arn=key.key_arn if key else None,
            pause_replication_tasks=props.pause_replication_tasks,
            depends_on=[*grant.policies],
        )

    @cached_property
    def endpoint_arn(self) -> str:
        """ARN of the endpoint, as a token."""
        return str(self.resource.endpoint_arn)
