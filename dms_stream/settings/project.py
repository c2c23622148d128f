"""The project: the folder with cdktf.json, in which settings are found and output is written."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from constructs_lib.errors import DmsStreamError

CONFIGURATION_NAME = "cdktf.json"


class ProjectError(DmsStreamError):
    """There is no project to work in, or its cdktf.json is of no use."""


@dataclass(frozen=True)
class Project:
    """A folder with main.py, stacks/, environments/ and cdktf.json.

    Attributes:
        folder: The folder, absolute.
    """

    folder: Path

    @property
    def environments(self) -> Path:
        """Folder of the settings files."""
        return self.folder / "environments"

    @property
    def context(self) -> dict[str, Any]:
        """The context of cdktf.json, which cdktf gives to the apps that it starts.

        Raises:
            ProjectError: the file is not JSON.
        """
        file = self.folder / CONFIGURATION_NAME
        try:
            configuration = json.loads(file.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ProjectError(f"{file}: is not valid JSON: {error}") from None
        context = configuration.get("context") if isinstance(configuration, dict) else None
        return context if isinstance(context, dict) else {}

    @property
    def default_environment(self) -> str:
        """The context `environment` of cdktf.json.

        Raises:
            ProjectError: it is not there, or the file is not JSON.
        """
        environment = self.context.get("environment")
        if not isinstance(environment, str):
            raise ProjectError(
                f"{self.folder / CONFIGURATION_NAME}: the context names no environment: add "
                '`"context": {"environment": "seed"}`, or choose one with --env'
            )
        return environment

    def write(self, path: Path, text: str) -> Path:
        """Write a text file of the project, its folder too if there is none.

        Args:
            path: Its path in the project.
            text: What it will hold.

        Returns:
            Where it is.
        """
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
        return file


def find_project() -> Project | None:
    """The project of the working directory: the nearest folder upwards that holds cdktf.json."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / CONFIGURATION_NAME).is_file():
            return Project(folder)
    return None


def current_project() -> Project:
    """The project of the working directory.

    Raises:
        ProjectError: neither it nor a folder above it holds cdktf.json.
    """
    project = find_project()
    if project is None:
        raise ProjectError(
            f"{Path.cwd()} is not in a project (no {CONFIGURATION_NAME} here or in a folder "
            "above): change to a project's folder, or make one with `dms-stream init FOLDER`"
        )
    return project
