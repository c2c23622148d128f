"""The delivery: what a deployed Firehose does with a Kinesis stream, on this machine."""

from rehearsal.delivery.clients import Clients
from rehearsal.delivery.errors import DeliveryError
from rehearsal.delivery.plan import DeliveryPlan, read_plan
from rehearsal.delivery.process import DeliveryProcess, ReadyDelivery
from rehearsal.delivery.worker import DeliveryWorker, Put

__all__ = [
    "Clients",
    "DeliveryError",
    "DeliveryPlan",
    "DeliveryProcess",
    "DeliveryWorker",
    "Put",
    "ReadyDelivery",
    "read_plan",
]
