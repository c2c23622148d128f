"""Text of others in a terminal: no control character of it takes effect."""

import re

# controls of C0 and C1 but newline and tab, what turns the direction of writing, and the bytes of
# a file's name that are no text
_CONTROLS = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def plain(text: str) -> str:
    r"""A text with its control characters as escapes, such as `\x1b`."""
    return _CONTROLS.sub(lambda found: _escape(found[0]), text)


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code < 256 else f"\\u{code:04x}"
