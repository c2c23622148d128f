"""The fourteen resources of a stream's way to S3, with CDKTF: `fourteen.py stock|ours OUTDIR`.

aws_cdk_fourteen.py makes the same ones with aws-cdk-lib.
"""

import json
import sys
from typing import Any

_TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Action": "sts:AssumeRole",
            "Principal": {"Service": ["dms.amazonaws.com", "firehose.amazonaws.com"]},
        }
    ],
}


def add_fourteen(aws: Any, scope: Any) -> None:
    """Add the resources to a stack or another construct.

    Args:
        aws: The provider's bindings, lazy or stock.
        scope: Where to add them.
    """
    firehose, dms = aws.kinesis_firehose_delivery_stream, aws.dms_endpoint
    key = aws.kms_key.KmsKey(scope, "key", enable_key_rotation=True)
    bucket = aws.s3_bucket.S3Bucket(scope, "bucket", tags={"part": "landing"})
    aws.s3_bucket_policy.S3BucketPolicy(
        scope, "bucket_policy", bucket=bucket.id, policy=_policy("s3:*", bucket.arn)
    )
    stream = aws.kinesis_stream.KinesisStream(
        scope,
        "stream",
        name="changes",
        encryption_type="KMS",
        kms_key_id=key.arn,
        retention_period=48,
        stream_mode_details=aws.kinesis_stream.KinesisStreamStreamModeDetails(
            stream_mode="ON_DEMAND"
        ),
    )
    writer, _ = _role(aws, scope, "writer", _policy("kinesis:PutRecords", stream.arn))
    reader, reader_policy = _role(aws, scope, "reader", _policy("s3:PutObject", bucket.arn))
    log = aws.cloudwatch_log_group.CloudwatchLogGroup(
        scope, "log", name="/delivery", retention_in_days=30, kms_key_id=key.arn
    )
    firehose.KinesisFirehoseDeliveryStream(
        scope,
        "delivery",
        name="delivery",
        destination="extended_s3",
        depends_on=[reader_policy],
        kinesis_source_configuration=firehose.KinesisFirehoseDeliveryStreamKinesisSourceConfiguration(
            kinesis_stream_arn=stream.arn, role_arn=reader.arn
        ),
        extended_s3_configuration=firehose.KinesisFirehoseDeliveryStreamExtendedS3Configuration(
            bucket_arn=bucket.arn,
            role_arn=reader.arn,
            buffering_interval=300,
            buffering_size=64,
            prefix="changes/",
            cloudwatch_logging_options=firehose.KinesisFirehoseDeliveryStreamExtendedS3ConfigurationCloudwatchLoggingOptions(
                enabled=True, log_group_name=log.name, log_stream_name="delivery"
            ),
        ),
    )
    instance = aws.dms_replication_instance.DmsReplicationInstance(
        scope,
        "instance",
        replication_instance_id="changes",
        replication_instance_class="dms.t3.small",
        kms_key_arn=key.arn,
    )
    source = dms.DmsEndpoint(
        scope,
        "source",
        endpoint_id="source",
        endpoint_type="source",
        engine_name="aurora",
        server_name="source.example.com",
        port=3306,
        username="dms",
    )
    target = dms.DmsEndpoint(
        scope,
        "target",
        endpoint_id="target",
        endpoint_type="target",
        engine_name="kinesis",
        kinesis_settings=dms.DmsEndpointKinesisSettings(
            stream_arn=stream.arn, service_access_role_arn=writer.arn, message_format="json"
        ),
    )
    aws.dms_replication_task.DmsReplicationTask(
        scope,
        "task",
        replication_task_id="changes",
        migration_type="full-load-and-cdc",
        replication_instance_arn=instance.replication_instance_arn,
        source_endpoint_arn=source.endpoint_arn,
        target_endpoint_arn=target.endpoint_arn,
        table_mappings="{}",
    )


def _policy(action: str, resource: str) -> str:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def _role(aws: Any, scope: Any, name: str, policy: str) -> tuple[Any, Any]:
    role = aws.iam_role.IamRole(scope, name, assume_role_policy=json.dumps(_TRUST))
    inline = aws.iam_role_policy.IamRolePolicy(scope, f"{name}_policy", role=role.id, policy=policy)
    return role, inline


def main(imports: str, outdir: str) -> None:
    """Synthesize an app of one stack; `stock` imports as CDKTF's documentation does."""
    if imports == "ours":
        from constructs_lib.bindings import aws, cdktf
    else:
        import cdktf
        import cdktf_cdktf_provider_aws as aws
    app = cdktf.App(outdir=outdir)
    stack = cdktf.TerraformStack(app, "fourteen")
    aws.provider.AwsProvider(stack, "aws", region="eu-west-1")
    add_fourteen(aws, stack)
    app.synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
