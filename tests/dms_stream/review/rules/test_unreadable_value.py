"""Examples of the rule `unreadable-value`."""

import json

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.dms_stream.review.rules.shapes import STREAM
from tests.support.small_plans import change, update

LOSS, EXPOSURE = Severity.DATA_LOSS, Severity.EXPOSURE
DATABASE, KEY, QUEUE = "aws_db_instance", "aws_kms_key", "aws_sqs_queue"
BUCKET, BLOCK = "aws_s3_bucket", "aws_s3_bucket_public_access_block"
POLICY, RETENTION = "aws_dlm_lifecycle_policy", "retention-shortened"

NOT_OF_ITS_KIND = "`{}` cannot be ruled out: the values are of a kind it does not know"

# a number or a switch that is written as text: of each, the rule that decides by it
WRITTEN_AS_TEXT = (
    (STREAM, "retention_period", "168", "24", "stream-retention-lowered", LOSS),
    (STREAM, "retention_period", "168", 24, "stream-retention-lowered", LOSS),
    (STREAM, "retention_period", 168, "24", "stream-retention-lowered", LOSS),
    (QUEUE, "message_retention_seconds", "345600", "60", "retention-shortened", LOSS),
    (DATABASE, "deletion_protection", "true", "false", "deletion-protection-removed", LOSS),
    (DATABASE, "skip_final_snapshot", "false", "true", "final-snapshot-removed", LOSS),
    (DATABASE, "publicly_accessible", "false", "true", "public-access-allowed", EXPOSURE),
    (KEY, "is_enabled", "true", "false", "key-disabled", LOSS),
    (KEY, "is_enabled", 1, 0, "key-disabled", LOSS),
    (BUCKET, "force_destroy", "false", "yes", "force-destroy-enabled", LOSS),
    (BLOCK, "block_public_acls", "true", "false", "public-access-allowed", EXPOSURE),
    (POLICY, "policy_details.0.schedule.0.retain_rule.0.count", "9", "1", RETENTION, LOSS),
)

EXAMPLES = (
    *(
        example(
            f"{path}: {old!r} to {new!r}",
            update(type_, path, old, new),
            finds=NOT_OF_ITS_KIND.format(rule),
            severity=severity,
        )
        for type_, path, old, new, rule, severity in WRITTEN_AS_TEXT
    ),
    example(
        "something new that a rule looks at when it is made",
        change(DATABASE, None, {"identifier": "d", "publicly_accessible": "true"}),
        finds=NOT_OF_ITS_KIND.format("public-access-allowed"),
        severity=EXPOSURE,
    ),
    example(
        "something new that a rule looks at only later",
        change(STREAM, None, {"name": "s", "retention_period": "24"}),
    ),
    example("the same, written otherwise", update(BUCKET, "force_destroy", "true", True)),
    example("one that is not there", update(BUCKET, "force_destroy", None, False)),
    example("a text that is one", update(DATABASE, "engine_version", "8.0", "8.4")),
    example("a text in a map", update(DATABASE, "tags", {"publicly_accessible": "false"}, {})),
    example(
        "a rule that reads it all the same",
        update("aws_cloudwatch_log_group", "retention_in_days", "30", "1"),
    ),
    example(
        "a text for a number",
        update(STREAM, "retention_period", json.dumps("long"), 24),
        finds=(
            "`stream-retention-lowered` cannot be ruled out: the values are of a kind it "
            "does not know"
        ),
        severity=Severity.DATA_LOSS,
    ),
    example("a number", update(STREAM, "retention_period", 24, 48)),
)

test_examples = examples_of("unreadable-value", EXAMPLES)
