"""A shop's own CDKTF app, with a stack and a worker of its own; the pipeline joins it."""

from constructs_lib import CdcPipeline, CdcPipelineProps, DmsAccountRoles, ServiceRole
from constructs_lib.bindings import aws, cdktf

# Aurora's certificates of your region, which AWS publishes
CERTIFICATES = "../../environments/certificates/eu-west-1-bundle.pem"


class ShopStack(cdktf.TerraformStack):
    """The shop, as any stack of CDKTF's: its provider, its backend, its addresses."""

    def __init__(self, scope: cdktf.App, id_: str) -> None:
        super().__init__(scope, id_)
        tags = aws.provider.AwsProviderDefaultTags(tags={"product": "shop"})
        aws.provider.AwsProvider(self, "aws", region="eu-west-1", default_tags=[tags])
        cdktf.S3Backend(
            self, bucket="example-company-states", key="shop.tfstate", region="eu-west-1"
        )

        pipeline = CdcPipeline(
            self,
            "orders",
            props=CdcPipelineProps(
                source={"kind": "new", "database_name": "shop"},
                replication={
                    "table_mappings": {"tables": ["shop.orders", "shop.order_lines"]},
                    "source_endpoint": {
                        "tls": {
                            "kind": "verify-full",
                            "certificate": {"file": CERTIFICATES},
                        }
                    },
                },
                delivery_stream={"partitioning": {"kind": "by-table"}, "buffer_mib": 64},
            ),
            account_roles=DmsAccountRoles(self, "dms"),
        )
        self._add_worker(pipeline)

    def _add_worker(self, pipeline: CdcPipeline) -> None:
        """A Lambda function that reads the changes beside Firehose."""
        role = ServiceRole(
            self, "worker-role", service="lambda.amazonaws.com", description="Reads the changes"
        )
        aws.iam_role_policy_attachment.IamRolePolicyAttachment(
            self,
            "worker-logs",
            role=role.role_name,
            policy_arn="arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
        )
        worker = aws.lambda_function.LambdaFunction(
            self,
            "worker",
            function_name="shop-worker",
            role=role.role_arn,
            runtime="python3.13",
            handler="worker.handle",
            s3_bucket="example-company-releases",
            s3_key="shop/worker.zip",
        )
        # the grant covers the stream's key as well
        granted = pipeline.stream.grant_read(role)
        aws.lambda_event_source_mapping.LambdaEventSourceMapping(
            self,
            "worker-reads-changes",
            function_name=worker.function_name,
            event_source_arn=pipeline.stream.stream_arn,
            starting_position="TRIM_HORIZON",
            bisect_batch_on_function_error=True,
            depends_on=[*granted.policies],
        )


if __name__ == "__main__":
    app = cdktf.App()
    ShopStack(app, "shop")
    app.synth()
