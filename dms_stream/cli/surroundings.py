"""What every command needs from whoever starts it: standard streams, and a folder to be in."""

import os
import sys
from io import TextIOWrapper
from pathlib import Path

from dms_stream.cli.errors import CommandError


def require_surroundings() -> None:
    """Make up for standard streams that are closed or lack characters, and refuse a folder that is
    gone.

    Raises:
        CommandError: the working directory was deleted, or may not be read.
    """
    _open_what_is_closed()
    if isinstance(sys.stdout, TextIOWrapper):
        # what a terminal cannot show is replaced; a document is in UTF-8, see `json_output`
        sys.stdout.reconfigure(errors="replace")
    try:
        Path.cwd()
    except OSError as error:
        raise CommandError(
            f"the folder you are in cannot be found ({error.strerror}): change to another one"
        ) from None


def _open_what_is_closed() -> None:
    # Python has None for a stream that was closed before it started; and the next file that is
    # opened would take the stream's number
    if sys.stdin is None:
        _take_number(0, os.O_RDONLY)
        sys.stdin = open(0, closefd=False)  # noqa: SIM115
    if sys.stdout is None:
        # whatever is written is refused: it must not be lost in silence
        _take_number(1, os.O_RDONLY)
        sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    if sys.stderr is None:
        _take_number(2, os.O_WRONLY)
        sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115


def _take_number(number: int, flags: int) -> None:
    opened = os.open(os.devnull, flags)
    if opened != number:
        os.dup2(opened, number, inheritable=True)
        os.close(opened)
    os.set_inheritable(number, True)
