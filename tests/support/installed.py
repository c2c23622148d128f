"""The package as it is installed from its wheel, in a virtual environment without the checkout."""

import os
import subprocess
import sys
import sysconfig
import venv
from pathlib import Path

from tests.support.checkout import ROOT


def build_wheel(folder: Path) -> Path:
    """Build the wheel as `pip wheel .` does."""
    _succeed(
        [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "-w", str(folder), str(ROOT)]
    )
    [wheel] = folder.glob("*.whl")
    return wheel


class Installation:
    """A virtual environment with the wheel and what the base installation needs.

    Args:
        folder: Where to make it.
        wheel: The wheel.
    """

    def __init__(self, folder: Path, wheel: Path) -> None:
        venv.create(folder, symlinks=True)
        self._scripts = folder / "bin"
        python = self._scripts / "python"
        pip = [sys.executable, "-m", "pip", "--python", str(python), "install", "--quiet"]
        _succeed([*pip, "--no-compile", str(wheel)])
        [self.site_packages] = folder.glob("lib/python*/site-packages")

    def link_extras(self) -> None:
        """Have the packages of every extra: those that the tests themselves run with."""
        packages = sysconfig.get_path("purelib")
        assert not Path(packages, "dms_stream").exists()
        (self.site_packages / "extras.pth").write_text(f"{packages}\n")

    def files(self) -> set[Path]:
        """The files of the two packages, but for what Python compiles."""
        return {
            path
            for package in ("constructs_lib", "dms_stream")
            for path in (self.site_packages / package).rglob("*")
            if path.is_file() and "__pycache__" not in path.parts
        }

    def run(
        self, *command: str, folder: Path, **environment: str
    ) -> subprocess.CompletedProcess[str]:
        """The outcome of a command, its output and errors together."""
        dropped = ("ENV", "PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "DMS_STREAM_LOCAL_AWS")
        kept = {name: value for name, value in os.environ.items() if name not in dropped}
        path = os.pathsep.join([str(self._scripts), kept.get("PATH", os.defpath)])
        return subprocess.run(
            [str(self._scripts / command[0]), *command[1:]],
            cwd=folder,
            env={**kept, "PATH": path, "COLUMNS": "200", "NO_COLOR": "1", **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def succeed(self, *command: str, folder: Path, **environment: str) -> str:
        """What a command prints that has to succeed."""
        done = self.run(*command, folder=folder, **environment)
        assert done.returncode == 0, f"{' '.join(command)} failed:\n{done.stdout}"
        return done.stdout

    def refuse(self, *command: str, folder: Path) -> str:
        """What a command prints that has to be refused, in one message and without a traceback."""
        done = self.run(*command, folder=folder)
        assert done.returncode == 2, f"{' '.join(command)} ended with {done.returncode}"
        assert "Traceback" not in done.stdout, done.stdout
        return done.stdout


def _succeed(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
