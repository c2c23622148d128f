"""Two parts alone: a stream that another team owns, archived into a bucket, without DMS."""

from datetime import timedelta

from constructs_lib import (
    ChangeStream,
    DeliveryStream,
    DeliveryStreamProps,
    LandingBucket,
    LandingBucketProps,
    ReadableAddressStack,
)
from constructs_lib.bindings import aws, cdktf

if __name__ == "__main__":
    app = cdktf.App()
    stack = ReadableAddressStack(app, "archive")
    aws.provider.AwsProvider(stack, "aws", region="eu-west-1")

    # whatever a construct asks of another may be an imported one
    clicks = ChangeStream.from_arn(
        stack, "clicks", stream_arn="arn:aws:kinesis:eu-west-1:123456789012:stream/clicks"
    )
    bucket = LandingBucket(
        stack,
        "archive",
        props=LandingBucketProps(
            transitions=({"after": timedelta(days=90), "storage_class": "GLACIER_IR"},),
            expiration=timedelta(days=730),
        ),
    )
    delivery = DeliveryStream(
        stack,
        "delivery",
        stream=clicks,
        bucket=bucket,
        props=DeliveryStreamProps(buffer_interval=timedelta(minutes=5), buffer_mib=64),
    )
    # the escape hatch: every construct shows the resource it stands for
    delivery.resource.tags = {"cost-centre": "web-analytics"}

    cdktf.TerraformOutput(stack, "bucket", value=bucket.bucket_name)
    app.synth()
