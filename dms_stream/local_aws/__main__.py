"""Serve the embedded AWS until it is stopped: `python -m dms_stream.local_aws`."""

import sys
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path

from dms_stream.local_aws.errors import LocalAwsError
from dms_stream.local_aws.process import announce, claimed
from dms_stream.local_aws.server import HOST, apply_moto_settings, bind, install_repairs
from dms_stream.programs.parent import Parent


def main() -> int:
    """Serve; returns 2 when it is refused."""
    parser = ArgumentParser(prog="python -m dms_stream.local_aws", description=__doc__)
    parser.add_argument("--state-dir", type=Path, required=True, help="folder for address and log")
    state_dir: Path = parser.parse_args().state_dir.resolve()
    state_dir.mkdir(parents=True, exist_ok=True)
    try:
        with claimed(state_dir):
            install_repairs()
            apply_moto_settings()
            server = bind()
            parent = Parent()
            parent.send(
                "ready", **asdict(announce(state_dir, f"http://{HOST}:{server.server_port}"))
            )
            parent.close()
            server.serve_forever()
    except LocalAwsError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 2
    except KeyboardInterrupt:
        return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
