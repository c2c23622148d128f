"""`python -m dms_stream` and `dms-stream`: the command line."""

import sys


def main() -> None:
    """Run the command line; a Ctrl-C while it is loaded ends it as quietly as one later."""
    try:
        from dms_stream.cli.app import main as run
    except KeyboardInterrupt:
        sys.exit(130)
    run()


if __name__ == "__main__":
    main()
