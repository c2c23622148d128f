"""Examples of the rule `limit-lowered`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import example, examples_of
from tests.support.small_plans import update

WORKGROUP, CUTOFF = "aws_athena_workgroup", "configuration.0.bytes_scanned_cutoff_per_query"
INSTANCE, STORAGE = "aws_db_instance", "max_allocated_storage"
CLUSTER, DATA_API = "aws_rds_cluster", "enable_http_endpoint"

EXAMPLES = (
    example(
        "queries scan less",
        update(WORKGROUP, CUTOFF, 10**12, 10**7),
        finds="aws_athena_workgroup.it: queries that scan more are canceled "
        "(bytes_scanned_cutoff_per_query: 1000000000000 → 10000000)",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "queries scanned what they liked",
        update(WORKGROUP, CUTOFF, None, 10**7),
        finds="aws_athena_workgroup.it: queries that scan more are canceled "
        "(bytes_scanned_cutoff_per_query: nothing → 10000000)",
    ),
    example("queries scan more", update(WORKGROUP, CUTOFF, 10**7, 10**12)),
    example("queries scan what they like", update(WORKGROUP, CUTOFF, 10**7, None)),
    example(
        "storage grows less",
        update(INSTANCE, STORAGE, 1000, 500),
        finds="aws_db_instance.it: its storage no longer grows so far "
        "(max_allocated_storage: 1000 → 500)",
        severity=Severity.NOTICE,
    ),
    example(
        "storage does not grow",
        update(INSTANCE, STORAGE, 1000, 0),
        finds="aws_db_instance.it: its storage no longer grows so far "
        "(max_allocated_storage: 1000 → 0)",
    ),
    example("storage grows", update(INSTANCE, STORAGE, 0, 1000)),
    example(
        "no Data API",
        update(CLUSTER, DATA_API, True, False),
        finds="aws_rds_cluster.it: whoever queries it through the Data API is refused "
        "(enable_http_endpoint: true → false)",
        severity=Severity.INTERRUPTION,
    ),
    example("a Data API", update(CLUSTER, DATA_API, False, True)),
)

test_examples = examples_of("limit-lowered", EXAMPLES)
