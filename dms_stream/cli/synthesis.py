"""`dms-stream synth` in one process: the project's `main.py` runs in that of the command."""

import os
import runpy
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import chdir, contextmanager
from pathlib import Path
from types import TracebackType

from dms_stream.cli.errors import StepFailedError
from dms_stream.cli.outputs import require_folder
from dms_stream.cli.terraform_runner import synthesize
from dms_stream.cli.workspace import Workspace


def synthesize_here(workspace: Workspace) -> None:
    """Write the Terraform JSON of every stack of the environment, without starting a second Python.

    It works once in a process: CDKTF's Node reads CDKTF_OUTDIR and its like from the process
    environment that it was started with. Where Node runs already, `main.py` gets its own process.

    Args:
        workspace: The environment, its project and where the output goes.

    Raises:
        StepFailedError: `main.py` failed, and its traceback is printed.
        SystemExit: `main.py` ended with a refusal of its own; exit code 2.
    """
    if "jsii" in sys.modules:
        synthesize(workspace)
        return
    require_folder(workspace.output)
    main = workspace.project / "main.py"
    variables = workspace.variables()  # before the folder changes: a file may be seen from here
    with chdir(workspace.project), _process_environment(variables), _arguments(main):
        try:
            runpy.run_path(str(main), run_name="__main__")
        except SystemExit as end:
            if end.code in (None, 0):
                return
            if isinstance(end.code, str):
                sys.stderr.write(f"{end.code}\n")
            raise SystemExit(2) from None
        except Exception as error:
            traceback.print_exception(error.with_traceback(_from_file(error, main)))
            raise StepFailedError(f"{main} failed; the traceback above says where") from None


@contextmanager
def _process_environment(variables: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _arguments(main: Path) -> Iterator[None]:
    """What `python main.py` has: no arguments, and its own folder first to import from."""
    arguments, path = sys.argv, sys.path
    sys.argv, sys.path = [str(main)], [str(main.parent), *path]
    try:
        yield
    finally:
        sys.argv, sys.path = arguments, path


def _from_file(error: Exception, file: Path) -> TracebackType | None:
    """The part of a traceback that a user knows: from `main.py` on."""
    at = error.__traceback__
    while at is not None and at.tb_frame.f_code.co_filename != str(file):
        at = at.tb_next
    return at or error.__traceback__
