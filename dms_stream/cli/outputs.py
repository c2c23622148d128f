"""What a command will write: tried before the work begins, so that nothing is lost at its end."""

import json
import sys
import tempfile
from pathlib import Path

from dms_stream.cli.errors import CommandError


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


def require_folder(path: Path) -> None:
    """Refuse a folder that nothing can be written into; make it where there is none.

    Raises:
        CommandError: it is a file, or the system refuses it.
    """
    try:
        path.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=path):
            pass
    except FileExistsError:
        raise CommandError(
            f"{path}: is a file, and output goes into a folder of this name: move it away"
        ) from None
    except OSError as error:
        raise CommandError(f"{path}: cannot be written to: {error.strerror}") from None


def print_json(document: object) -> None:
    """Print a document for a program, on standard output."""
    sys.stdout.write(json.dumps(document, indent=2, ensure_ascii=False) + "\n")
