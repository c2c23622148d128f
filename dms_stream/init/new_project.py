"""Writing a new project: all of it, or nothing."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import jinja2

from constructs_lib.errors import DmsStreamError
from dms_stream.init.app_files import app_files, files_below
from dms_stream.init.origin import pipfile_requirement
from dms_stream.settings.project import CONFIGURATION_NAME, Project
from dms_stream.settings.schema import SCHEMA_FILE, settings_schema

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_OWN_FILES = Path(__file__).with_name("files")
_TEMPLATE_ENDING = ".j2"


class InitError(DmsStreamError):
    """A project cannot be made there; the message says why."""


def init_project(folder: Path) -> Project:
    """Write a project: main.py, stacks, environments, tests, Pipfile, workflow, README.

    It is written beside its place and moved there when it is complete.

    Args:
        folder: Where; its last part is the project's name. It may exist if it is empty.

    Raises:
        InitError: the name is not allowed, the folder is not empty, or it cannot be written.
    """
    place = folder.absolute().resolve()
    if not _NAME.fullmatch(place.name):
        raise InitError(
            f"{folder}: the folder's name is the project's: use up to 64 letters, digits, `-`, "
            "`_` and `.`, beginning with a letter or a digit"
        )
    try:
        if place.exists() and (not place.is_dir() or any(place.iterdir())):
            raise InitError(
                f"{folder}: exists and is not an empty folder: choose another, or empty it first"
            )
        above = next(parent for parent in place.parents if parent.exists())
        if not above.is_dir():
            raise InitError(f"{folder}: {above} is a file: choose a folder that is in none")
        place.parent.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{place.name}-", dir=place.parent) as temporary:
            project = Project(Path(temporary, place.name))
            _write(project)
            # an empty folder may be where the caller stands: it keeps its identity
            if place.is_dir():
                for entry in project.folder.iterdir():
                    entry.rename(place / entry.name)
            else:
                project.folder.rename(place)
    except OSError as error:
        raise InitError(f"{folder}: cannot be written: {error.strerror}") from None
    return Project(place)


def _write(project: Project) -> None:
    name = project.folder.name
    for path, source in app_files():
        project.write(path, source.read_text(encoding="utf-8"))
    configuration = project.folder / CONFIGURATION_NAME
    settings = {**json.loads(configuration.read_text(encoding="utf-8")), "projectId": name}
    configuration.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
    project.write(SCHEMA_FILE, settings_schema())
    values = {"name": name, "requirement": {**pipfile_requirement(), "extras": ["all"]}}
    environment = jinja2.Environment(
        undefined=jinja2.StrictUndefined,
        autoescape=False,  # Markdown and TOML, no HTML
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    environment.filters["toml"] = _toml
    for path, source in files_below(_OWN_FILES):
        text = source.read_text(encoding="utf-8")
        if path.suffix == _TEMPLATE_ENDING:
            text = environment.from_string(text).render(values)
            path = path.with_suffix("")
        project.write(path, text)


def _toml(value: object) -> str:
    """A value as TOML writes it on one line: JSON's strings and lists are TOML's, too."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key} = {_toml(item)}" for key, item in value.items()) + "}"
    return json.dumps(value, ensure_ascii=False)
