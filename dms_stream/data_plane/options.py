"""What a data plane is told when it starts."""

from dataclasses import dataclass

from dms_stream.rehearsal.source.database import DatabaseAddress

DEFAULT_TIME_SCALE = 0.02
"""Firehose's buffer interval of 300 s passes in 6 s, and the least one of 60 s in 1.2 s."""
DEFAULT_PURCHASES = 10_000
"""Rows of the sample's largest table."""
DEFAULT_SEED = 1


@dataclass(frozen=True)
class DataPlaneOptions:
    """What stands in for the sources that deployed endpoints name, and how fast time passes.

    Attributes:
        database: Stands in for every source endpoint's host; None: one of our own, with the sample,
            started when a task first needs it.
        purchases: Rows of the sample's `ticket_purchase_hist`.
        seed: Of the sample's rows.
        time_scale: Factor on the delivery streams' buffer intervals and retries, and on the periods
            of metrics and alarms. No other time is scaled.
    """

    database: DatabaseAddress | None = None
    purchases: int = DEFAULT_PURCHASES
    seed: int = DEFAULT_SEED
    time_scale: float = DEFAULT_TIME_SCALE
