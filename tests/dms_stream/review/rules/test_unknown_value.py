"""Examples of the rule `unknown-value`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import STREAM
from tests.support.small_plans import change

EXAMPLES = (
    example(
        "by which a rule decides",
        change(
            STREAM,
            {"name": "s", "retention_period": 168},
            {"name": "s"},
            unknown={"retention_period": True},
        ),
        finds="retention_period of s is known only after the apply, so "
        "`stream-retention-lowered` cannot be ruled out",
        severity=Severity.DATA_LOSS,
    ),
    example(
        "by which none decides",
        change(STREAM, {"name": "s", "other": "a"}, {"name": "s"}, unknown={"other": True}),
    ),
    example(
        "addresses of a rule that is new",
        change(
            "aws_vpc_security_group_ingress_rule",
            None,
            {"from_port": 3306, "to_port": 3306, "ip_protocol": "tcp"},
            unknown={"cidr_ipv4": True, "arn": True},
        ),
        finds="cidr_ipv4 of aws_vpc_security_group_ingress_rule.it is known only after the apply, "
        "so `security-group-opened` cannot be ruled out",
        severity=Severity.EXPOSURE,
    ),
    example(
        "a switch of something that is replaced on a bucket that stays",
        change(
            "aws_s3_bucket_versioning",
            {"bucket": "b", "versioning_configuration": [{"status": "Enabled"}]},
            {"bucket": "b", "versioning_configuration": [{}]},
            unknown={"versioning_configuration": [{"status": True}]},
            replace=("bucket",),
        ),
        finds="versioning_configuration.status of b is known only after the apply, so "
        "`versioning-suspended` cannot be ruled out",
        severity=Severity.DATA_LOSS,
    ),
    example(
        "rules for a bucket that exists",
        change(
            "aws_s3_bucket_lifecycle_configuration", None, {"bucket": "b"}, unknown={"rule": True}
        ),
        finds="rule of b is known only after the apply, so `expiry-shortened` cannot be ruled out",
        severity=Severity.DATA_LOSS,
    ),
    example(
        "rules for a bucket that is new",
        change(
            "aws_s3_bucket_lifecycle_configuration",
            None,
            {},
            unknown={"rule": True, "bucket": True},
        ),
    ),
    example(
        "everything",
        change(STREAM, {"retention_period": 168}, {})
        | {
            "change": {
                "actions": ["update"],
                "before": {"retention_period": 168},
                "after": None,
                "after_unknown": True,
            }
        },
        finds="retention_period of aws_kinesis_stream.it is known only after the apply, so "
        "`stream-retention-lowered` cannot be ruled out",
    ),
    example(
        "what the service chooses for something new",
        change("aws_rds_cluster_instance", None, {}, unknown={"publicly_accessible": True}),
    ),
    example(
        "of something new",
        change(STREAM, None, {"name": "s"}, unknown={"arn": True, "retention_period": True}),
    ),
    example(
        "what is made anew on every change",
        change(STREAM, {"tags_all": {}}, {}, unknown={"tags_all": True}),
    ),
)

test_examples = examples_of("unknown-value", EXAMPLES)
