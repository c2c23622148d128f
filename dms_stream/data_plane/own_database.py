"""The database of our own that stands in for sources, and the process that keeps it.

    python -m dms_stream.data_plane.own_database --folder FOLDER [--purchases N --seed N]

A database server knows nothing of its parent's death. Its keeper does: when its input ends, it
stops the server and ends. So nothing is left when the embedded AWS is killed. The keeper fills the
sample, too, which would slow down the answers of the embedded AWS.
"""

import sys
from argparse import ArgumentParser
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from signal import SIGTERM, signal
from threading import Event

from dms_stream.data_plane.options import DataPlaneOptions
from dms_stream.programs.child import ModuleChild
from dms_stream.programs.parent import Parent, run_child
from dms_stream.rehearsal.errors import SourceError
from dms_stream.rehearsal.sample import load_sample
from dms_stream.rehearsal.source.database import DatabaseAddress, connected
from dms_stream.rehearsal.source.local_database import LocalDatabase

_LOOK_SECONDS = 0.5


class OwnDatabase(ModuleChild):
    """The keeper of a database of our own.

    Args:
        folder: Holds the data, the log and the passwords.
        options: Size and seed of the sample.
        process_environment: The whole environment of the process.
        with_sample: Whether to fill the sample anew.

    Attributes:
        source: The database, as DMS's user.

    Raises:
        SourceError: it does not start.
    """

    name = "the database"
    advice = "start the task again to start it again"
    error_type = SourceError

    def __init__(
        self,
        folder: Path,
        options: DataPlaneOptions,
        *,
        process_environment: Mapping[str, str],
        with_sample: bool,
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        sample = ["--purchases", str(options.purchases), "--seed", str(options.seed)]
        super().__init__(
            "dms_stream.data_plane.own_database",
            *("--folder", str(folder)),
            *(sample if with_sample else []),
            process_environment=process_environment,
            log_path=folder / "keeper.log",
        )
        self.source = DatabaseAddress(**self.ready["source"])


def main() -> int:
    """Keep it; returns 2 when it does not start or does not live."""
    parser = ArgumentParser(
        prog="python -m dms_stream.data_plane.own_database", description=__doc__
    )
    parser.add_argument("--folder", type=Path, required=True)
    parser.add_argument("--purchases", type=int, help="fill the sample with so many")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    is_over = Event()
    signal(SIGTERM, lambda *_: is_over.set())

    def work(parent: Parent) -> None:
        parent.follow(on_end=is_over.set)
        with LocalDatabase(arguments.folder) as database:
            if arguments.purchases:
                with connected(database.address) as connection:
                    load_sample(connection, purchases=arguments.purchases, seed=arguments.seed)
            parent.send("ready", source=asdict(database.dms_address), process_id=database.pid)
            while not is_over.wait(_LOOK_SECONDS):
                if not database.is_alive:
                    raise SourceError("the database has ended")

    return run_child(work)


if __name__ == "__main__":
    sys.exit(main())
