"""The delivery in a process of its own: `python -m dms_stream.rehearsal.delivery …`.

Its events are `ready` with the settings, `put` for each object, and `error` with the message of a
refusal. It delivers until its input ends; then it delivers what is on the stream and ends. So it
also ends when its parent is killed. SIGTERM ends it at once.
"""

import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from signal import SIGTERM, signal
from threading import Event

from dms_stream.programs.parent import Parent, run_child
from dms_stream.rehearsal.delivery.clients import Clients, quick_session
from dms_stream.rehearsal.delivery.deployed_delivery import read_delivery_stream
from dms_stream.rehearsal.delivery.worker import DeliveryWorker


def main() -> int:
    """Deliver; returns 2 when it is refused or cannot continue."""
    parser = ArgumentParser(prog="python -m dms_stream.rehearsal.delivery", description=__doc__)
    parser.add_argument("--delivery-stream", required=True, help="its name")
    parser.add_argument("--checkpoint", type=Path, required=True, help="file for the checkpoint")
    parser.add_argument("--time-scale", type=float, default=1.0, help="factor on the interval")
    arguments = parser.parse_args()
    stop, finish = Event(), Event()
    signal(SIGTERM, lambda *_: stop.set())

    def work(parent: Parent) -> None:
        parent.follow(on_end=finish.set)
        clients = Clients.of(quick_session())
        deployed = read_delivery_stream(clients, arguments.delivery_stream)
        worker = DeliveryWorker(
            deployed,
            clients,
            checkpoint_path=arguments.checkpoint,
            time_scale=arguments.time_scale,
            on_put=lambda put: parent.send("put", **asdict(put)),
        )
        parent.send(
            "ready",
            bucket=deployed.bucket,
            stream=deployed.stream,
            settings=deployed.settings,
            remarks=deployed.remarks,
        )
        worker.run(stop=stop, finish=finish)

    return run_child(work)


if __name__ == "__main__":
    sys.exit(main())
