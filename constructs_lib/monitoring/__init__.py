"""Alarms and a dashboard for the parts of a pipeline: `Monitoring`."""

from typing import TYPE_CHECKING

from constructs_lib.lazy import lazy_exports

if TYPE_CHECKING:
    from constructs_lib.monitoring.construct import (
        IMonitoredDelivery,
        IMonitoredReplication,
        IMonitoredSource,
        IMonitoredStream,
        Monitoring,
    )
    from constructs_lib.monitoring.metrics import Metric
    from constructs_lib.monitoring.props import (
        AlarmName,
        AlarmSeverity,
        ExistingTopics,
        MonitoringProps,
        NewTopic,
        Notify,
        NoTopic,
        SlackChannel,
        Subscribers,
        Thresholds,
    )
else:
    lazy_exports(__name__, "props", "metrics", "construct")

__all__ = [
    "AlarmName",
    "AlarmSeverity",
    "ExistingTopics",
    "IMonitoredDelivery",
    "IMonitoredReplication",
    "IMonitoredSource",
    "IMonitoredStream",
    "Metric",
    "Monitoring",
    "MonitoringProps",
    "NewTopic",
    "NoTopic",
    "Notify",
    "SlackChannel",
    "Subscribers",
    "Thresholds",
]
