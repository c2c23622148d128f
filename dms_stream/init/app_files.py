"""The app that a new project begins with: this repository's own main.py, stacks/ and environments.

The wheel carries them as data, see `force-include` in pyproject.toml. In a checkout they are read
from where they are.
"""

import tomllib
from collections.abc import Iterator
from pathlib import Path

_TEMPLATE = Path(__file__).with_name("template")
_PACKAGED_AS = "dms_stream/init/template/"


def app_files() -> Iterator[tuple[Path, Path]]:
    """Every file: its path in the project, and where to read it."""
    if _TEMPLATE.is_dir():
        yield from files_below(_TEMPLATE)
        return
    checkout = Path(__file__).resolve().parents[2]
    build = tomllib.loads((checkout / "pyproject.toml").read_text(encoding="utf-8"))
    included = build["tool"]["hatch"]["build"]["targets"]["wheel"]["force-include"]
    for source, destination in included.items():
        yield from files_below(checkout / source, Path(destination.removeprefix(_PACKAGED_AS)))


def files_below(source: Path, destination: Path = Path()) -> Iterator[tuple[Path, Path]]:
    """The files of a folder, or a file itself: the path each gets, and where to read it."""
    if source.is_file():
        yield destination, source
        return
    for file in sorted(source.rglob("*")):
        # pip compiles what it installs
        if file.is_file() and "__pycache__" not in file.parts:
            yield destination / file.relative_to(source), file
