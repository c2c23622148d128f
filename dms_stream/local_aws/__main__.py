"""Serve the embedded AWS until it is stopped: `python -m dms_stream.local_aws`.

Without a data plane: started tasks read nothing. `python -m dms_stream.data_plane` has one.
"""

import sys
from argparse import ArgumentParser
from pathlib import Path

from dms_stream.local_aws.serving import serve


def main() -> int:
    """Serve; returns 2 when it is refused."""
    parser = ArgumentParser(prog="python -m dms_stream.local_aws", description=__doc__)
    parser.add_argument("--state-dir", type=Path, required=True, help="folder for address and log")
    state_dir: Path = parser.parse_args().state_dir.resolve()
    return serve(state_dir)


if __name__ == "__main__":
    sys.exit(main())
