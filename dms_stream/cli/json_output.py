"""What a command prints for a program or a file: JSON and other documents, in UTF-8."""

import json
import re
import sys
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from io import TextIOWrapper
from typing import Any

# marks a number that floats do not hold, until it stands in the text
_NUMBER = "\0"
_MARKED_NUMBER = re.compile(r'"\\u0000([^"\\]*)\\u0000"')


def json_text(document: object, *, indent: int | None = None) -> str:
    """A document as JSON: dataclasses as objects, dates as ISO 8601, decimals digit by digit."""
    text = json.dumps(document, indent=indent, ensure_ascii=False, default=_plain)
    return _MARKED_NUMBER.sub(r"\1", text)


def print_document(text: str) -> None:
    """Print a document in UTF-8, as files of its kind are, whatever the terminal's encoding is."""
    if isinstance(sys.stdout, TextIOWrapper):
        # in JSON, what is no text stands as its escape
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    sys.stdout.write(text)


def print_json(document: object, *, lines: bool = False) -> None:
    """Print a document as `json_text` has it.

    Args:
        document: What to print.
        lines: Whether it is one of many, each on a line of its own.
    """
    print_document(json_text(document, indent=None if lines else 2) + "\n")
    if lines:
        # whoever reads the stream of them gets each when it comes
        sys.stdout.flush()


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{_NUMBER}{value}{_NUMBER}"
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    raise TypeError(f"{type(value).__name__} is no JSON")
