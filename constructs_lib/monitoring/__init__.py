"""Alarms and a dashboard for the parts of a pipeline: `Monitoring`."""

from constructs_lib.monitoring.construct import (
    IMonitoredDelivery,
    IMonitoredReplication,
    IMonitoredSource,
    IMonitoredStream,
    Monitoring,
)
from constructs_lib.monitoring.metrics import Metric
from constructs_lib.monitoring.props import (
    ExistingTopics,
    MonitoringProps,
    NewTopic,
    Notify,
    NoTopic,
    Thresholds,
)

__all__ = [
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
    "Thresholds",
]
