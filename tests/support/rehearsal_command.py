"""`dms-stream rehearse` as a user runs it in a terminal, on a pipeline that is not Terraform's."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from dms_stream.local_aws import REGION
from tests.support.checkout import ROOT
from tests.support.pipelines import Pipeline

# the command itself; only what Terraform would tell of the deployed pipeline is told here
_PROGRAM = """
import signal, sys
# where the tests run in the background of a shell, Ctrl-C is ignored by all they start
signal.signal(signal.SIGINT, signal.default_int_handler)
from dms_stream.cli import rehearse
from dms_stream.cli.app import main
task, delivery = sys.argv[1:3]
del sys.argv[1:3]
outputs = {"replication_arn": task, "delivery_stream_name": delivery}
rehearse.deployed_outputs = lambda workspace, stack: outputs
main()
"""


class RehearsalCommand:
    """The command with a terminal of its own, whose Ctrl-C reaches all it has started.

    Args:
        folder: Holds the running embedded AWS, and takes the rehearsal's state.
        name: Name of the environment, another one for each test.
    """

    def __init__(self, folder: Path, name: str) -> None:
        self._aws = folder.resolve()
        self.state = self._aws / "rehearsal" / f"{name}-tickets"
        self._settings = folder / f"{name}.yaml"
        local = (ROOT / "environments" / "local.yaml").read_text()
        local = local.replace("region: eu-west-1", f"region: {REGION}")
        # the certificates of the project's own region are not those of another's databases
        certificate = f"arn:aws:dms:{REGION}:123456789012:cert:ABCDEFGHIJKLMNOP"
        local = local.replace(
            "{file: certificates/eu-west-1-bundle.pem}", f'{{arn: "{certificate}"}}'
        )
        self._settings.write_text(local)

    @contextmanager
    def started(self, pipeline: Pipeline, *, changes: int) -> Iterator["Running"]:
        """Run it; it is ended with the block, if it has not ended."""
        with subprocess.Popen(
            [
                *(sys.executable, "-c", _PROGRAM, pipeline.arn, pipeline.delivery.name),
                *("rehearse", "--env", str(self._settings)),
                *("--purchases", "600", "--changes", str(changes)),
            ],
            cwd=ROOT,
            env={
                **os.environ,
                "DMS_STREAM_LOCAL_AWS": str(self._aws),
                "COLUMNS": "200",
                "NO_COLOR": "1",
                "PYTHONUNBUFFERED": "1",
            },
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        ) as process:
            try:
                yield Running(process)
            finally:
                process.kill()


class Running:
    """A command that runs."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._said: list[str] = []

    def await_line(self, start: str) -> str:
        """Wait until it says something.

        Raises:
            AssertionError: it ended and has not said it.
        """
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._said.append(line)
            if line.startswith(start):
                return line
        raise AssertionError(f"it never said {start!r}:\n{''.join(self._said)}")

    def press_ctrl_c(self) -> None:
        """As a terminal does: to the command and all it has started in its group."""
        os.killpg(self._process.pid, signal.SIGINT)

    def kill(self) -> None:
        """End the command, and nothing else, at once."""
        self._process.kill()

    def outcome(self) -> tuple[int, str]:
        """Exit code and all that it said."""
        assert self._process.stdout is not None
        # not to the end of the pipe, which those that outlive it may hold
        code = self._process.wait() if self._process.poll() is None else self._process.returncode
        self._said.append(self._process.stdout.read())
        return code, "".join(self._said)
