"""Serve the embedded AWS with a data plane: `python -m dms_stream.data_plane --state-dir DIR`.

The password of `--database` comes in the variable MYSQL_PWD, which no list of processes shows.
"""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path

from dms_stream.data_plane.options import (
    DEFAULT_PURCHASES,
    DEFAULT_SEED,
    DEFAULT_TIME_SCALE,
    DataPlaneOptions,
)
from dms_stream.data_plane.plane import Plane
from dms_stream.data_plane.reporter import Reporter
from dms_stream.data_plane.routes import add_routes
from dms_stream.local_aws.serving import serve
from dms_stream.rehearsal.errors import SourceError
from dms_stream.rehearsal.source.database import PASSWORD_VARIABLE, DatabaseAddress


def main() -> int:
    """Serve; returns 2 when it is refused."""
    parser = ArgumentParser(prog="python -m dms_stream.data_plane", description=__doc__)
    parser.add_argument("--state-dir", type=Path, required=True, help="folder for all it keeps")
    parser.add_argument("--database", metavar="URL", help="stands in for every source")
    parser.add_argument("--purchases", type=int, default=DEFAULT_PURCHASES)
    parser.add_argument("--seed", type=int, default=DEFAULT_SEED)
    parser.add_argument("--time-scale", type=float, default=DEFAULT_TIME_SCALE)
    given = parser.parse_args()
    try:
        database = given.database and DatabaseAddress.from_url(
            given.database, password=os.environ.get(PASSWORD_VARIABLE)
        )
    except SourceError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    options = DataPlaneOptions(database, given.purchases, given.seed, given.time_scale)
    folder: Path = given.state_dir.resolve()

    def make_plane(url: str) -> Plane:
        plane = Plane(url, folder / "data-plane", options)
        add_routes(plane)
        Reporter(plane)
        return plane

    return serve(folder, make_plane)


if __name__ == "__main__":
    sys.exit(main())
