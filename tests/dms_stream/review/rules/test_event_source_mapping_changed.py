"""Examples of the rule `event-source-mapping-changed`."""

from dms_stream.review import Severity
from tests.dms_stream.review.rules.example import entries_of, example, examples_of
from tests.support.small_plans import change, update

MAPPING, PIPE = "aws_lambda_event_source_mapping", "aws_pipes_pipe"
_STREAM = "source_parameters.0.kinesis_stream_parameters.0"

EXAMPLES = (
    example(
        "replaced, and begins at the end",
        change(
            MAPPING,
            {"starting_position": "TRIM_HORIZON"},
            {"starting_position": "LATEST"},
            replace=("starting_position",),
        ),
        finds="aws_lambda_event_source_mapping.it is replaced because starting_position changes "
        "(TRIM_HORIZON → LATEST). The new one begins with LATEST: what is in the stream by then is "
        "skipped",
        severity=Severity.INTERRUPTION,
    ),
    example(
        "replaced, and begins at the beginning",
        change(
            MAPPING,
            {"starting_position": "LATEST"},
            {"starting_position": "TRIM_HORIZON"},
            replace=("starting_position",),
        ),
        finds="aws_lambda_event_source_mapping.it is replaced because starting_position changes "
        "(LATEST → TRIM_HORIZON). The new one begins with TRIM_HORIZON: everything in the stream "
        "comes again",
    ),
    example(
        "destroyed",
        change(MAPPING, {"uuid": "u"}),
        finds=(
            "aws_lambda_event_source_mapping.it is destroyed: its consumer no longer gets records"
        ),
    ),
    example(
        "disabled",
        update(MAPPING, "enabled", True, False),
        finds=(
            "aws_lambda_event_source_mapping.it is disabled: its consumer no longer gets records"
        ),
    ),
    example(
        "a pipe is stopped",
        update(PIPE, "desired_state", "RUNNING", "STOPPED"),
        finds=("aws_pipes_pipe.it is stopped: its target no longer gets records"),
    ),
    example(
        "gives up earlier",
        update(MAPPING, "maximum_retry_attempts", -1, 3),
        finds="records that fail are given up earlier: maximum_retry_attempts: -1 → 3",
    ),
    example(
        "nowhere for what fails",
        update(MAPPING, "destination_config.0.on_failure.0.destination_arn", "arn:q", None),
        finds=("records that fail are dropped: they have no destination any longer"),
    ),
    example(
        "new on a stream that exists",
        change(MAPPING, None, {"event_source_arn": "arn:s", "starting_position": "LATEST"}),
        finds="aws_lambda_event_source_mapping.it begins with LATEST: what is in the stream by "
        "then is skipped",
        severity=Severity.NOTICE,
    ),
    example(
        "new with its stream",
        change(MAPPING, None, {"starting_position": "LATEST"}, unknown={"event_source_arn": True}),
    ),
    *(
        example(
            f"from {before} to {after} for what failed",
            update(MAPPING, "function_response_types", before, after),
            finds="other records come again when the function fails: function_response_types: "
            f"{', '.join(before) or 'nothing'} → {', '.join(after) or 'nothing'}",
            severity=Severity.NOTICE,
        )
        for before, after in ((["ReportBatchItemFailures"], []), ([], ["ReportBatchItemFailures"]))
    ),
    example("more tries", update(MAPPING, "maximum_retry_attempts", 3, 9)),
    example("larger batches", update(MAPPING, "batch_size", 10, 100)),
)

test_examples = examples_of("event-source-mapping-changed", EXAMPLES)

test_entries = entries_of(
    "event-source-mapping-changed",
    [
        *(
            update(MAPPING, path, "was", "is")
            for path in (
                "filter_criteria",
                "function_name",
                "event_source_arn",
            )
        ),
        *(
            update(PIPE, path, "was", "is")
            for path in ("source_parameters.0.filter_criteria", "source", "target", "enrichment")
        ),
        update(MAPPING, "maximum_record_age_in_seconds", -1, 60),
        update(MAPPING, "maximum_retry_attempts", None, 1),
        update(PIPE, f"{_STREAM}.maximum_record_age_in_seconds", -1, 60),
        update(PIPE, f"{_STREAM}.maximum_retry_attempts", 9, 1),
        change(PIPE, {"name": "p"}),
        change("aws_kinesis_stream_consumer", {"name": "c"}),
    ],
)
