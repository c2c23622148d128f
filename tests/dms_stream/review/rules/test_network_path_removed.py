"""Examples of the rule `network-path-removed`."""

from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import change

EXAMPLES = (
    example(
        "the endpoint for Kinesis",
        change("aws_vpc_endpoint", {"service_name": "com.amazonaws.eu-west-1.kinesis-streams"}),
        finds="com.amazonaws.eu-west-1.kinesis-streams is destroyed: DMS 3.4.7 and later reach "
        "Kinesis, Secrets Manager and S3 only through such endpoints",
    ),
    example("a route that is made", change("aws_route", None, {"id": "r"})),
)

test_examples = examples_of("network-path-removed", EXAMPLES)
