"""Run `dms-stream` as a user does, with an embedded AWS of the test's own."""

import os
import subprocess
import sys
from pathlib import Path

from tests.support.checkout import ROOT


class DmsStream:
    """The command line, in a process of its own.

    Args:
        folder: Holds the embedded AWS and what is synthesized.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process_environment = {
            **os.environ,
            "DMS_STREAM_LOCAL_AWS": str(folder),
            "COLUMNS": "200",
            "NO_COLOR": "1",
        }
        self._process_environment.pop("ENV", None)

    def run(self, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        """The outcome of a command, its output and errors together."""
        return subprocess.run(
            [sys.executable, "-m", "dms_stream", *arguments],
            cwd=ROOT,
            env={**self._process_environment, **variables},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def succeed(self, *arguments: str) -> str:
        """What a command prints that has to succeed."""
        done = self.run(*arguments)
        assert done.returncode == 0, f"{' '.join(arguments)} failed:\n{done.stdout}"
        return done.stdout

    def refuse(self, *arguments: str, **variables: str) -> str:
        """What a command prints that has to be refused, in one message and without a traceback."""
        done = self.run(*arguments, **variables)
        assert done.returncode == 2, f"{' '.join(arguments)} ended with {done.returncode}"
        assert "Traceback" not in done.stdout, done.stdout
        return done.stdout
