"""Asking before something is changed: only a plain yes agrees."""

import sys
import termios
from select import select
from signal import SIGINT

from rich.console import Console

from dms_stream.cli.errors import CommandError
from dms_stream.hanging_text import print_prose
from dms_stream.programs.foreground import stopped_by

YES = "yes"
_LOOK_SECONDS = 0.5


def require_approval(approved: bool) -> None:
    """Refuse to wait for an answer where nobody can give one.

    Raises:
        CommandError: standard input is no terminal.
    """
    if not approved and not sys.stdin.isatty():
        raise CommandError(
            "this command asks before it changes anything and standard input is no terminal: "
            "pass --yes to approve"
        )


def agreed(console: Console, question: str, *, word: str = YES) -> bool:
    """Ask on the terminal.

    Args:
        console: Where to ask.
        question: The question.
        word: What agrees. Default: yes.

    Returns:
        Whether the answer is that word. Anything else is a no: another answer, none (Ctrl-D), a
        Ctrl-C.

    Raises:
        Stopped: by another signal, such as that of a closed terminal.
    """
    try:
        # an answer that was typed before the question was shown is none
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
        print_prose(console, f'{question} Only "{word}" agrees:', end=" ")
        # a Ctrl-C between Python's last look at signals and a read that waits would be lost
        while not select([sys.stdin], [], [], _LOOK_SECONDS)[0]:
            pass
        return input().strip().lower() == word
    except EOFError:
        console.print()
        return False
    except KeyboardInterrupt as error:
        if stopped_by(error).signal_number != SIGINT:
            raise
        console.print()
        return False
