"""The delivery: what a deployed Firehose does with a Kinesis stream, on this machine."""

from dms_stream.rehearsal.delivery.clients import Clients
from dms_stream.rehearsal.delivery.deployed_delivery import DeployedDelivery, read_delivery_stream
from dms_stream.rehearsal.delivery.errors import DeliveryError
from dms_stream.rehearsal.delivery.process import DeliveryProcess
from dms_stream.rehearsal.delivery.worker import DeliveryWorker, Put

__all__ = [
    "Clients",
    "DeliveryError",
    "DeliveryProcess",
    "DeliveryWorker",
    "DeployedDelivery",
    "Put",
    "read_delivery_stream",
]
