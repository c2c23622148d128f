"""The delivery in a process of its own: `python -m dms_stream.rehearsal.delivery …`.

It writes one JSON document a line: `ready` with the settings, `put` for each object, `error` with
the message of a refusal. It delivers until its input ends; then it delivers what is on the stream
and ends. So it ends as well when the process that started it is killed. SIGTERM ends it at once.
"""

import json
import signal
import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from threading import Event, Thread
from typing import Any

from dms_stream.rehearsal.delivery.clients import Clients, quick_session
from dms_stream.rehearsal.delivery.plan import read_plan
from dms_stream.rehearsal.delivery.worker import DeliveryWorker
from dms_stream.rehearsal.errors import RehearsalError


def main() -> int:
    """Deliver; 2 when that is refused or cannot go on."""
    parser = ArgumentParser(prog="python -m dms_stream.rehearsal.delivery", description=__doc__)
    parser.add_argument("--delivery-stream", required=True, help="its name")
    parser.add_argument("--checkpoint", type=Path, required=True, help="file for the checkpoint")
    parser.add_argument("--time-scale", type=float, default=1.0, help="factor on the interval")
    arguments = parser.parse_args()
    stop, finish = Event(), Event()
    # Ctrl-C goes to all processes of a terminal; whoever started this one decides
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    Thread(target=_await_end_of_input, args=(finish,), daemon=True).start()
    try:
        clients = Clients.of(quick_session())
        plan = read_plan(clients, arguments.delivery_stream)
        worker = DeliveryWorker(
            plan,
            clients,
            checkpoint_path=arguments.checkpoint,
            time_scale=arguments.time_scale,
            on_put=lambda put: _tell("put", **asdict(put)),
        )
        _tell(
            "ready",
            bucket=plan.bucket,
            stream=plan.stream,
            settings=plan.settings,
            remarks=plan.remarks,
        )
        worker.run(stop=stop, finish=finish)
    except RehearsalError as error:
        _tell("error", message=str(error))
        return 2
    except BrokenPipeError:
        # nobody reads any more; what was put is in the checkpoint
        sys.stderr.close()
        return 2
    return 0


def _await_end_of_input(finish: Event) -> None:
    while sys.stdin.buffer.read(1024):
        pass
    finish.set()


def _tell(event: str, **values: Any) -> None:
    sys.stdout.write(json.dumps({"event": event, **values}) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
