"""The fourteen resources of fourteen.py as L1 constructs of aws-cdk-lib: `… OUTDIR`."""

import sys
from typing import Any

import aws_cdk as cdk  # type: ignore[import-not-found]  # installed apart, see aws-cdk.txt
from aws_cdk import (
    aws_dms,
    aws_iam,
    aws_kinesis,
    aws_kinesisfirehose,
    aws_kms,
    aws_logs,
    aws_s3,
)

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


def add_fourteen(scope: cdk.Stack) -> None:
    """Add the resources to a stack."""
    key = aws_kms.CfnKey(scope, "Key", enable_key_rotation=True)
    bucket = aws_s3.CfnBucket(scope, "Bucket", tags=[cdk.CfnTag(key="part", value="landing")])
    aws_s3.CfnBucketPolicy(
        scope, "BucketPolicy", bucket=bucket.ref, policy_document=_policy("s3:*", bucket.attr_arn)
    )
    stream = aws_kinesis.CfnStream(
        scope,
        "Stream",
        name="changes",
        retention_period_hours=48,
        stream_encryption=aws_kinesis.CfnStream.StreamEncryptionProperty(
            encryption_type="KMS", key_id=key.attr_arn
        ),
        stream_mode_details=aws_kinesis.CfnStream.StreamModeDetailsProperty(
            stream_mode="ON_DEMAND"
        ),
    )
    writer, _ = _role(scope, "Writer", _policy("kinesis:PutRecords", stream.attr_arn))
    reader, reader_policy = _role(scope, "Reader", _policy("s3:PutObject", bucket.attr_arn))
    log = aws_logs.CfnLogGroup(
        scope, "Log", log_group_name="/delivery", retention_in_days=30, kms_key_id=key.attr_arn
    )
    firehose = aws_kinesisfirehose.CfnDeliveryStream
    delivery = firehose(
        scope,
        "Delivery",
        delivery_stream_name="delivery",
        delivery_stream_type="KinesisStreamAsSource",
        kinesis_stream_source_configuration=firehose.KinesisStreamSourceConfigurationProperty(
            kinesis_stream_arn=stream.attr_arn, role_arn=reader.attr_arn
        ),
        extended_s3_destination_configuration=firehose.ExtendedS3DestinationConfigurationProperty(
            bucket_arn=bucket.attr_arn,
            role_arn=reader.attr_arn,
            buffering_hints=firehose.BufferingHintsProperty(
                interval_in_seconds=300, size_in_m_bs=64
            ),
            prefix="changes/",
            cloud_watch_logging_options=firehose.CloudWatchLoggingOptionsProperty(
                enabled=True, log_group_name=log.ref, log_stream_name="delivery"
            ),
        ),
    )
    delivery.add_resource_dependency(reader_policy)
    instance = aws_dms.CfnReplicationInstance(
        scope,
        "Instance",
        replication_instance_identifier="changes",
        replication_instance_class="dms.t3.small",
        kms_key_id=key.attr_arn,
    )
    source = aws_dms.CfnEndpoint(
        scope,
        "Source",
        endpoint_identifier="source",
        endpoint_type="source",
        engine_name="aurora",
        server_name="source.example.com",
        port=3306,
        username="dms",
    )
    target = aws_dms.CfnEndpoint(
        scope,
        "Target",
        endpoint_identifier="target",
        endpoint_type="target",
        engine_name="kinesis",
        kinesis_settings=aws_dms.CfnEndpoint.KinesisSettingsProperty(
            stream_arn=stream.attr_arn, service_access_role_arn=writer.attr_arn
        ),
    )
    aws_dms.CfnReplicationTask(
        scope,
        "Task",
        replication_task_identifier="changes",
        migration_type="full-load-and-cdc",
        replication_instance_arn=instance.ref,
        source_endpoint_arn=source.ref,
        target_endpoint_arn=target.ref,
        table_mappings="{}",
    )


def _policy(action: str, resource: str) -> dict[str, Any]:
    statement = {"Effect": "Allow", "Action": action, "Resource": resource}
    return {"Version": "2012-10-17", "Statement": [statement]}


def _role(scope: cdk.Stack, name: str, policy: dict[str, Any]) -> tuple[Any, Any]:
    role = aws_iam.CfnRole(scope, name, assume_role_policy_document=_TRUST)
    inline = aws_iam.CfnRolePolicy(
        scope, f"{name}Policy", policy_name=name, role_name=role.ref, policy_document=policy
    )
    return role, inline


def main(outdir: str) -> None:
    """Synthesize an app of one stack."""
    app = cdk.App(outdir=outdir, analytics_reporting=False)
    add_fourteen(cdk.Stack(app, "fourteen"))
    app.synth()


if __name__ == "__main__":
    main(*sys.argv[1:])
