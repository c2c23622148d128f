"""The delivery in a process of its own: `python -m dms_stream.rehearsal.delivery …`.

Its events are `ready` with the settings, `read` with what was read from the stream since the last
one, `put` for each object, `refused` where S3 refuses one and it is tried again, `refused-read` if
the stream refuses a read and it is tried again, `drained` when a line with `drain` asked for
that, and `error` with the message of a refusal. It delivers until its input ends; then it delivers
what is on the stream and ends. So it also ends when its parent is killed. SIGTERM ends it at once.
"""

import os
import sys
from argparse import ArgumentParser
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from queue import SimpleQueue
from signal import SIGTERM, signal
from threading import Event
from typing import Any

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
    parser.add_argument("--retries", action="store_true", help="go on when S3 refuses")
    arguments = parser.parse_args()
    stop, finish = Event(), Event()
    signal(SIGTERM, lambda *_: stop.set())

    def work(parent: Parent) -> None:
        drains: SimpleQueue[int] = SimpleQueue()
        parent.follow(on_end=finish.set, on_line=lambda line: drains.put(line["drain"]))

        def tell(event: str, **values: Any) -> None:
            # what is on the stream is delivered to its end, though nobody listens any more
            with suppress(BrokenPipeError):
                parent.send(event, **values)

        clients = Clients.of(quick_session())
        deployed = read_delivery_stream(clients, arguments.delivery_stream)
        worker = DeliveryWorker(
            deployed,
            clients,
            checkpoint_path=arguments.checkpoint,
            time_scale=arguments.time_scale,
            on_put=lambda put: tell("put", **asdict(put)),
            on_read=lambda read: tell("read", **asdict(read)),
            on_refused=(
                (lambda refused: tell("refused", **asdict(refused))) if arguments.retries else None
            ),
            on_refused_read=(
                (lambda refused: tell("refused-read", **asdict(refused)))
                if arguments.retries
                else None
            ),
        )
        parent.send(
            "ready",
            process_id=os.getpid(),
            bucket=deployed.bucket,
            stream=deployed.stream,
            settings=deployed.settings,
            remarks=deployed.remarks,
        )
        worker.run(
            stop=stop,
            finish=finish,
            drains=drains,
            on_drained=lambda number: tell("drained", number=number),
        )

    return run_child(work)


if __name__ == "__main__":
    sys.exit(main())
