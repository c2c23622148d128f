"""Physical names: where a construct stands in the tree says what its resource is called."""

import hashlib
import re

from constructs_lib.bindings import Construct

_PREFIX_KEY = "dms-stream:name-prefix"
_HASH_LENGTH = 6


def set_name_prefix(scope: Construct, prefix: str) -> None:
    """Put `prefix` in front of every physical name below `scope`.

    Set it before anything is created below. An environment uses its own name, so that two
    environments live in one account.
    """
    scope.node.set_context(_PREFIX_KEY, prefix)


def physical_name(scope: Construct, *, max_length: int, suffix: str = "") -> str:
    """A name for the resource of `scope`, unique in the account as its path is in the app.

    The construct ids from the stack down, in lower case and joined with `-`; an id that repeats
    the one before it is left out. A name that would be too long is cut, and a hash of the whole
    path keeps it apart from its neighbours.

    Args:
        scope: The construct that owns the resource.
        max_length: The service's limit, in characters.
        suffix: Added at the end and never cut.
    """
    prefix = scope.node.try_get_context(_PREFIX_KEY)
    return name_from_path(
        f"{prefix}/{scope.node.path}" if prefix else str(scope.node.path),
        max_length=max_length,
        suffix=suffix,
    )


def name_from_path(path: str, *, max_length: int, suffix: str = "") -> str:
    """`physical_name` for a path that is known already."""
    parts: list[str] = []
    for part in path.split("/"):
        word = re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-")
        if word and word != "resource" and (not parts or parts[-1] != word):
            parts.append(word)
    name = "-".join(parts)
    if not name[:1].isalpha():
        # several services want a letter first
        name = f"x-{name}".rstrip("-")
    room = max_length - len(suffix)
    if len(name) > room:
        digest = hashlib.sha256(path.encode()).hexdigest()[:_HASH_LENGTH]
        name = f"{name[: room - _HASH_LENGTH - 1].rstrip('-')}-{digest}"
    return name + suffix
