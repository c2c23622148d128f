"""What a command will write: tried before the work begins, so that nothing is lost at its end."""

import os
import tempfile
from pathlib import Path

from dms_stream.cli.errors import CommandError
from dms_stream.whole_file import write_whole

# more than the Terraform JSON of an environment; Node's own words for a full disk are a traceback
_ROOM_BYTES = 2**20


def require_file(path: Path, *, option: str = "") -> None:
    """Refuse a file that cannot be written. What it holds stays until then.

    Raises:
        CommandError: it is a folder, its folder is missing, or the system refuses it.
    """
    if path.is_dir():
        raise CommandError(f"{option}{path}: is a folder: name a file in it")
    existed = path.exists()
    try:
        with path.open("ab"):
            pass
        if not existed:
            path.unlink()
    except OSError as error:
        raise CommandError(f"{option}{path}: cannot be written: {error.strerror}") from None


def write_file(path: Path, text: str) -> None:
    """Write a text whole or not at all. A device or a pipe stays what it is.

    Raises:
        OSError: the system refuses it.
    """
    if path.exists() and not path.is_file():
        path.write_text(text, encoding="utf-8")
    else:
        write_whole(path, text)


def require_folder(path: Path) -> None:
    """Refuse a folder that nothing can be written into, or not enough; make it if there is none.

    Raises:
        CommandError: it is a file, or the system refuses it.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path) as probe:
            probe.write(bytes(_ROOM_BYTES))
    except FileExistsError:
        raise CommandError(
            f"{path}: is a file, and output goes into a folder of this name: move it away"
        ) from None
    except OSError as error:
        raise CommandError(f"{path}: cannot be written to: {error.strerror}") from None


def require_temporary_folder() -> None:
    """Choose a folder for temporary files that can be written to, for all that is started, too.

    Python looks for one where the variable TMPDIR names none; Node and Terraform do not.

    Raises:
        CommandError: there is none.
    """
    try:
        os.environ["TMPDIR"] = tempfile.gettempdir()
    except FileNotFoundError:
        raise CommandError(
            "there is no folder for temporary files that can be written to: name one in the "
            "variable TMPDIR"
        ) from None
