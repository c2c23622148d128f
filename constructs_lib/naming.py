"""Physical names: where a construct stands in the tree says what its resource is called."""

import hashlib
import re

from constructs_lib.construct import Construct, path_of

_HASH_LENGTH = 6


def physical_name(scope: Construct, *, max_length: int, suffix: str = "") -> str:
    """A name for the resource of `scope`, unique in the account as its path is in the app.

    The stack's id and the construct ids below it, in lower case and joined with `-`; an id that
    the one before it ends with is left out. A name that would be too long is cut, and a hash of
    the whole path keeps it apart from its neighbours.

    Args:
        scope: The construct that owns the resource.
        max_length: The service's limit, in characters.
        suffix: Added at the end and never cut.
    """
    return name_from_path(path_of(scope), max_length=max_length, suffix=suffix)


def name_from_path(path: str, *, max_length: int, suffix: str = "") -> str:
    """`physical_name` for a path that is known already."""
    parts: list[str] = []
    for part in path.split("/"):
        word = re.sub(r"[^a-z0-9]+", "-", part.lower()).strip("-")
        if word and word != "resource" and not (parts and f"-{parts[-1]}".endswith(f"-{word}")):
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
