"""`python -m dms_stream.warm_jsii`: set-up has jsii unpack and index the bindings' packages, once.

Without that the first synth does it. It takes 5 to 10 s, and on a slow machine longer than the five
seconds that jsii gives its kernel to exit, so that no synth would ever finish the index.
"""

from datetime import timedelta
from typing import Any

import jsii

import constructs_lib.bindings  # noqa: F401  starts the kernel and loads the packages

_LIMIT = timedelta(minutes=5)


def main() -> None:
    """End the kernel and wait for it: lazy_kernel.cjs keeps it until the index is written.

    Raises:
        subprocess.TimeoutExpired: it has taken more than five minutes.
    """
    kernel: Any = jsii.kernel.provider  # which has no public way to wait for its process
    process = kernel._process._process
    process.stdin.close()
    process.wait(_LIMIT.total_seconds())


if __name__ == "__main__":
    main()
