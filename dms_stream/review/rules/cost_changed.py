"""What DMS and the stream cost whatever is moved changes."""

from collections.abc import Iterator, Mapping
from typing import Any

from constructs_lib.workload.estimate import Shape, fixed_monthly
from constructs_lib.workload.prices import Prices, PricesError, load_prices
from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import at

_INSTANCE = "aws_dms_replication_instance"
_SERVERLESS = "aws_dms_replication_config"
_STREAM = "aws_kinesis_stream"
# https://docs.aws.amazon.com/dms/latest/APIReference/API_CreateReplicationInstance.html
_DEFAULT_STORAGE_GIB = 50
_DECIDES: Mapping[str, tuple[str, ...]] = {
    _INSTANCE: ("replication_instance_class", "allocated_storage", "multi_az"),
    _SERVERLESS: (
        "compute_config.0.min_capacity_units",
        "compute_config.0.max_capacity_units",
        "compute_config.0.multi_az",
    ),
    _STREAM: ("shard_count", "stream_mode_details.0.stream_mode"),
}


@rule(
    Severity.NOTICE,
    types=tuple(_DECIDES),
    why="It is paid whether or not anything changes in the source.",
    instead="`dms-stream size` shows each way to pay for a workload side by side.",
    sources=(
        "https://aws.amazon.com/dms/pricing/",
        "https://aws.amazon.com/kinesis/data-streams/pricing/",
    ),
)
def cost_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A class, storage, capacity or number of shards changes, and so the estimate of a month, by
    the packaged list prices.
    """
    paths = _DECIDES[change.type]
    if change.action not in (Action.UPDATE, Action.REPLACE):
        return
    if not any(map(change.changed, paths)) or any(map(change.unknown, paths)):
        return
    if any(change.sensitive(path) for path in paths):
        # the amount would give the number away
        named = ", ".join(path for path in paths if change.changed(path))
        yield Observation(f"{change.name} costs another amount: {named} changes")
        return
    prices = load_prices()
    steps = "; ".join(change.step(path) for path in paths if change.changed(path))
    by = f"by list prices of {prices.region} of {prices.read}"
    try:
        before, after = (
            _monthly(change.type, values, prices) for values in (change.before, change.after)
        )
    except PricesError:
        yield Observation(
            f"{change.name} costs another amount, and {by} it is not known which: {steps}"
        )
        return
    if before is None and after is None:
        return
    if before is None or after is None:
        yield Observation(f"{change.name} is paid for in another way: {steps}")
    elif before != after:
        yield Observation(
            f"{change.name} costs {_words(after)} a month in place of {_words(before)} "
            f"{prices.currency}, {by}: {steps}"
        )


def _monthly(type_: str, values: Mapping[str, Any], prices: Prices) -> float | None:
    """What a resource costs in a month whatever is moved; None: it is paid by volume."""

    def number(path: str, default: int) -> int:
        found = at(values, path)
        return found if isinstance(found, int) and found > 0 else default

    def zones(path: str) -> int:
        return 2 if at(values, path) is True else 1

    if type_ == _INSTANCE:
        shape = Shape(
            instance_class=str(values.get("replication_instance_class")),
            storage_gib=number("allocated_storage", _DEFAULT_STORAGE_GIB),
            zones=zones("multi_az"),
        )
    elif type_ == _SERVERLESS:
        # what is kept when nothing happens
        shape = Shape(
            compute="serverless",
            capacity_units=number("compute_config.0.min_capacity_units", 1),
            zones=zones("compute_config.0.multi_az"),
        )
    else:
        if at(values, "stream_mode_details.0.stream_mode") == "ON_DEMAND":
            return None
        shape = Shape(stream="provisioned", shard_count=number("shard_count", 0))
    return round(fixed_monthly(shape, prices), 2)


def _words(amount: float) -> str:
    return f"{amount:,.2f}"
