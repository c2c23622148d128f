"""Whether `terraform init` would find anything to do in a stack's folder.

It takes a second or two for each stack, at each command: Terraform looks at all of the provider's
700 MB, and asks for the state bucket.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path

BACKEND_OVERRIDE = "backend_override.tf.json"
"""What says in a stack's folder that its state is kept elsewhere than its Terraform JSON says."""
_DATA = ".terraform"
_LOCK_FILE = ".terraform.lock.hcl"
_NOTE = "initialized-for"


def is_initialized(folder: Path, terraform: str, variables: Mapping[str, str]) -> bool:
    """Whether the last `init` was for what is synthesized now, and nobody has touched its outcome.

    Args:
        folder: The stack's.
        terraform: Path of the program.
        variables: Those that it gets.
    """
    try:
        noted = (folder / _DATA / _NOTE).read_text()
    except OSError:
        return False
    # links into a cache, which may be gone
    providers = [*(folder / _DATA / "providers").glob("*/*/*/*/*")]
    is_whole = bool(providers) and all(provider.exists() for provider in providers)
    return is_whole and noted == _digest(folder, terraform, variables)


def note_initialized(folder: Path, terraform: str, variables: Mapping[str, str]) -> None:
    """Remember what an `init` was for that has just succeeded."""
    digest = _digest(folder, terraform, variables)
    if digest is not None:
        (folder / _DATA / _NOTE).write_text(digest)


def _digest(folder: Path, terraform: str, variables: Mapping[str, str]) -> str | None:
    """Of all that `init` acts upon; None: it is not there, or not as Terraform leaves it."""
    try:
        stack = json.loads((folder / "cdk.tf.json").read_bytes())
        override = folder / BACKEND_OVERRIDE
        overridden = override.read_text() if override.exists() else None
        lock_file = (folder / _LOCK_FILE).read_text()
        backend = (folder / _DATA / "terraform.tfstate").read_text()
    except (OSError, ValueError):
        return None
    document = {
        "terraform": terraform,
        # such as TF_DATA_DIR, TF_WORKSPACE or TF_CLI_ARGS_init
        "variables": {name: value for name, value in variables.items() if name[:3] == "TF_"},
        # providers, their versions and the backend
        "wanted": stack.get("terraform"),
        "overridden": overridden,
        "modules": stack.get("module"),
        "lock_file": lock_file,
        "backend": backend,
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()
