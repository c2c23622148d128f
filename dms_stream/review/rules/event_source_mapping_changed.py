"""A function that reads a stream or queue stops, skips or drops records."""

from collections.abc import Iterator, Mapping

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_MAPPING = "aws_lambda_event_source_mapping"
_PIPE = "aws_pipes_pipe"
_CONSUMER = "aws_kinesis_stream_consumer"
_NOTIFICATION = "aws_s3_bucket_notification"
_STREAMS = tuple(
    f"source_parameters.0.{name}_stream_parameters.0." for name in ("kinesis", "dynamodb")
)
_START: Mapping[str, tuple[str, ...]] = {
    _MAPPING: ("starting_position",),
    _PIPE: tuple(f"{stream}starting_position" for stream in _STREAMS),
}
_GIVES_UP = ("maximum_record_age_in_seconds", "maximum_retry_attempts")
_DROPS: Mapping[str, tuple[str, ...]] = {
    _MAPPING: _GIVES_UP,
    _PIPE: tuple(f"{stream}{name}" for stream in _STREAMS for name in _GIVES_UP),
}
_FAILURES: Mapping[str, tuple[str, ...]] = {
    _MAPPING: ("destination_config.0.on_failure.0.destination_arn",),
    _PIPE: tuple(f"{stream}dead_letter_config.0.arn" for stream in _STREAMS),
}
_BISECT = "bisect_batch_on_function_error"
_STEPS: Mapping[str, tuple[str, ...]] = {
    _MAPPING: ("filter_criteria", "function_name", "event_source_arn"),
    _PIPE: ("source_parameters.0.filter_criteria", "source", "target", "enrichment"),
}
_RESPONSES = "function_response_types"
_HARMLESS = ("batch_size", "maximum_batching_window_in_seconds", "parallelization_factor")


@rule(
    Severity.INTERRUPTION,
    types=(_MAPPING, _PIPE, _CONSUMER, _NOTIFICATION),
    judges={
        _MAPPING: (
            *_STEPS[_MAPPING],
            *_DROPS[_MAPPING],
            *_HARMLESS,
            "starting_position",
            "enabled",
            "destination_config",
            _BISECT,
            _RESPONSES,
            "tumbling_window_in_seconds",
            "scaling_config",
        ),
        _PIPE: ("source_parameters", "source", "target", "enrichment", "desired_state"),
        _CONSUMER: ("stream_arn", "name"),
    },
    why=(
        "Records that the function does not see are not processed, though the stream still holds "
        "them for a while. A mapping that is created again has no position."
    ),
    instead=(
        "Change it in place. If it must be created again, start with TRIM_HORIZON or AT_TIMESTAMP "
        "and let the function take records twice. Keep a destination for what fails."
    ),
    sources=(
        "https://docs.aws.amazon.com/lambda/latest/dg/with-kinesis.html",
        provider_page("lambda_event_source_mapping"),
    ),
    others=(Severity.NOTICE,),
)
def event_source_mapping_changed(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A mapping from a stream to a function, a pipe or a consumer is destroyed, replaced or
    disabled, begins at the end of the stream (LATEST), filters other records, or gives up earlier;
    or a bucket's notifications are replaced or go.
    """
    starts = {change.new(path) for path in _START.get(change.type, ())}
    if change.type == _NOTIFICATION:
        yield from _notification(plan, change)
        return
    if change.action is Action.DELETE:
        yield Observation(f"{change.name} is destroyed: its consumer no longer gets records")
        return
    if change.action in (Action.REPLACE, Action.SUPERSEDE):
        text = f"{change.name} is {change.action} {change.why_replaced()}"
        if "LATEST" in starts:
            text += ". The new one begins with LATEST: what is in the stream by then is skipped"
        elif "TRIM_HORIZON" in starts:
            text += ". The new one begins with TRIM_HORIZON: everything in the stream comes again"
        yield Observation(text)
        return
    if change.action is Action.CREATE:
        source = "event_source_arn" if change.type == _MAPPING else "source"
        if change.new("enabled") is False or change.new("desired_state") == "STOPPED":
            yield Observation(
                f"{change.name} is created, but switched off: its consumer gets no records",
                severity=Severity.NOTICE,
                instead="Switch it on before the records of the stream expire.",
            )
        if "LATEST" in starts and not plan.makes_owner(change, source):
            yield Observation(
                f"{change.name} begins with LATEST: what is in the stream by then is skipped",
                severity=Severity.NOTICE,
                instead="Begin with TRIM_HORIZON or AT_TIMESTAMP if its consumer needs those.",
            )
        return
    if not change.updates:
        return
    if change.new("enabled") is False and change.old("enabled") is not False:
        yield Observation(f"{change.name} is disabled: its consumer no longer gets records")
    if change.new("desired_state") == "STOPPED" and change.changed("desired_state"):
        yield Observation(f"{change.name} is stopped: its target no longer gets records")
    for path in _STEPS.get(change.type, ()):
        if change.changed(path):
            yield Observation(f"other records reach another place: {change.step(path)}")
    for path in _DROPS.get(change.type, ()):
        old, new = change.old(path), change.new(path)
        # -1, or nothing, is for ever
        if change.changed(path) and isinstance(new, int) and 0 <= new < _for_ever(old):
            yield Observation(f"records that fail are given up earlier: {change.step(path)}")
    for path in _FAILURES.get(change.type, ()):
        if change.old(path) and not change.new(path) and not change.unknown(path):
            yield Observation("records that fail are dropped: they have no destination any longer")
    if change.changed(_RESPONSES):
        yield Observation(
            f"other records come again when the function fails: {change.step(_RESPONSES)}",
            severity=Severity.NOTICE,
            why=(
                "With ReportBatchItemFailures only those come again that the function names, "
                "without it the whole batch."
            ),
            instead="Check that the function names what failed, or takes records twice.",
        )
    if change.old(_BISECT) is True and change.new(_BISECT) is False:
        yield Observation(f"one record that fails holds up its whole batch: {change.step(_BISECT)}")


def _notification(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    if change.action is Action.DELETE and not plan.destroys("aws_s3_bucket", change.old("bucket")):
        yield Observation(f"{change.name} tells nobody of its objects any longer")
    elif change.action is Action.CREATE and not plan.makes_owner(change, "bucket"):
        yield Observation(
            f"the notifications of {change.name} are replaced: a bucket has one list of them, and "
            "what is not in this one ends"
        )


def _for_ever(value: object) -> float:
    return value if isinstance(value, int) and value >= 0 else float("inf")
