"""What a command prints as JSON, for a program."""

import json
import sys
from dataclasses import asdict, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any


def print_json(document: object, *, lines: bool = False) -> None:
    """Print a document: dataclasses as objects, dates as ISO 8601.

    Args:
        document: What to print.
        lines: Whether it is one of many, each on a line of its own.
    """
    indent = None if lines else 2
    text = json.dumps(document, indent=indent, ensure_ascii=False, default=_plain)
    sys.stdout.write(text + "\n")
    if lines:
        # whoever reads the stream of them gets each when it comes
        sys.stdout.flush()


def _plain(value: object) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return asdict(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, bytes):
        return value.decode(errors="replace")
    raise TypeError(f"{type(value).__name__} is no JSON")
