"""What a report may show of a value: never a secret, and nothing that could deceive a terminal."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

HIDDEN = "(not shown: secret)"

_SECRET_WORDS = re.compile(
    r"pass(word|wd|phrase)|pwd|secret|token|private_?key|access_?key|credential|auth_?key"
    r"|api_?key|external_?id|certificate_(pem|wallet)|connection_(string|attributes)|user_?data",
    re.IGNORECASE,
)
# names that hold a secret word and name, or count, the secret instead of holding it; and tokens
# that only keep a request from being carried out twice
_NO_SECRET = re.compile(
    r"(_arn|_arns|_id|_ids|_version|_type|_days|_enabled|_name)$"
    r"|^(creation|idempotency|client_request)_token$",
    re.IGNORECASE,
)
_ALWAYS_SECRET = re.compile(r"(external|access_key)_?id$", re.IGNORECASE)
_SECRET_TEXT = re.compile(
    r"(password|passwd|pwd|secret|token)[\"']?\s*[=:]|PRIVATE KEY|\bA(KIA|SIA)[A-Z0-9]{16}\b"
    r"|://[^/\s:@]+:[^/\s@]+@",
    re.IGNORECASE,
)
_LONGEST_SHOWN = 160


@lru_cache(maxsize=4096)
def is_secret_name(name: str) -> bool:
    """Whether an attribute of this name holds a secret, whatever its provider says."""
    if _ALWAYS_SECRET.search(name):
        return True
    return bool(_SECRET_WORDS.search(name)) and not _NO_SECRET.search(name)


def shown(value: Any, *, path: str = "", sensitive: bool = False) -> str:
    """A value as a report may show it.

    Args:
        value: The value.
        path: Its path, whose names tell secrets.
        sensitive: Whether Terraform marks it as sensitive.
    """
    if value is None or value == "" or value == [] or value == {}:
        return "nothing"
    if sensitive or any(is_secret_name(part) for part in path.split(".")):
        return HIDDEN
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return clean(str(value))
    if isinstance(value, str):
        # the place of a secret is none, though its ARN has the word in it
        secret = _SECRET_TEXT.search(value) and not value.startswith("arn:")
        return HIDDEN if secret else clean(value)
    if isinstance(value, list) and all(isinstance(item, str | int) for item in value):
        return ", ".join(shown(item, path=path) for item in value[:8]) + ", …" * (len(value) > 8)
    return "(a structure)"


def secrets_in(values: Any, marks: Any, name: str = "") -> Iterator[str]:
    """The values that are secret, by their marks or their names, as a report would write them."""
    found: list[str] = []
    _collect(values, marks, name, found)
    return iter(found)


def _collect(values: Any, marks: Any, name: str, found: list[str]) -> None:
    # every value of every change with a finding passes here, so it is quick to leave
    if isinstance(values, dict):
        for key, value in values.items():
            if value is None or value is True or value is False:
                continue
            mark = marks.get(key) if isinstance(marks, dict) else marks
            if mark or isinstance(value, dict | list) or is_secret_name(key):
                _collect(value, mark, key, found)
    elif isinstance(values, list):
        for number, value in enumerate(values):
            mark = marks[number] if isinstance(marks, list) and number < len(marks) else marks
            if mark or isinstance(value, dict | list) or is_secret_name(name):
                _collect(value, mark, name, found)
    elif values is None or isinstance(values, bool):
        return
    elif marks is True or is_secret_name(name):
        found.append(printable(str(values)))


def without(text: str, secrets: Iterable[str], *, keep: str = "") -> str:
    """A text without any of these.

    Args:
        text: The text.
        secrets: What it must not show.
        keep: A part that stays as it is, such as an address.
    """
    if keep and keep in text:
        return keep.join(without(part, secrets) for part in text.split(keep))
    patterns = [
        rf"(?<!\w){re.escape(secret)}(?!\w)" if secret.isalnum() else re.escape(secret)
        for secret in sorted(secrets, key=len, reverse=True)
        if secret and secret in text
    ]
    # all at once: one secret may stand in the words that hide another
    return re.sub("|".join(patterns), HIDDEN, text) if patterns else text


_Secrets = Callable[[], frozenset[str]]
_secrets: ContextVar[_Secrets] = ContextVar("secrets", default=frozenset)


@contextmanager
def hiding(secrets: _Secrets) -> Iterator[None]:
    """Hide these in every value that is cleaned meanwhile, and only there: a sentence in which a
    rule's own words gave way to a secret would tell the secret.

    Args:
        secrets: What must not be shown, found only where it is asked for.
    """
    token = _secrets.set(secrets)
    try:
        yield
    finally:
        _secrets.reset(token)


def hidden() -> frozenset[str]:
    """What `clean` hides at present."""
    return _secrets.get()()


def clean(text: str, limit: int = _LONGEST_SHOWN) -> str:
    """A value of a plan as a report may show it: printable, and without the secrets of the resource
    that is being asked about.
    """
    return _cut(without(printable(text), hidden(), keep=HIDDEN), limit)


def printable(text: str, limit: int | None = None) -> str:
    """A text on one line, without control or invisible characters, cut where it is too long. It
    hides no secret: it is for names of attributes, and for what comes from no plan.
    """
    if text.isprintable() and "  " not in text:
        return _cut(text, limit)
    plain = "".join(
        character if unicodedata.category(character)[0] != "C" else "\ufffd" for character in text
    )
    plain = " ".join(plain.split()) if plain.strip() else plain
    return _cut(plain, limit)


def _cut(text: str, limit: int | None) -> str:
    return text if limit is None or len(text) <= limit else text[: limit - 1] + "…"


def step(name: str, old: str, new: str) -> str:
    """`name: before → after`, of two values as a report may show them."""
    return f"{name} changes" if old == new else f"{name}: {old} → {new}"
