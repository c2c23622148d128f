"""The patterns of Java's DateTimeFormatter that make sense in an S3 prefix.

https://docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html
"""

import re
from collections.abc import Callable, Sequence
from datetime import datetime

_TOKEN = re.compile(
    r"'(?P<quoted>(?:[^']|'')*)'|(?P<letters>([A-Za-z])\3*)|(?P<other>.)", re.DOTALL
)
_Render = Callable[[datetime], str]

_WEEK_YEAR = (
    "Y is the week-based year, which differs from the calendar year around New Year: write yyyy"
)


class JavaTimePattern:
    """A compiled pattern.

    Args:
        pattern: Such as `yyyy/MM/dd/HH` or `'year='yyyy`.

    Raises:
        ValueError: it contains what is not reproduced here, or is not valid in Java.
    """

    def __init__(self, pattern: str) -> None:
        self.pattern = pattern
        self._parts: Sequence[_Render] = [self._part(match) for match in _TOKEN.finditer(pattern)]

    def format(self, moment: datetime) -> str:
        """The moment in this pattern, in its own time zone and in English."""
        return "".join(part(moment) for part in self._parts)

    def _part(self, match: re.Match[str]) -> _Render:
        if match["letters"]:
            return self._field(match["letters"][0], len(match["letters"]))
        if match["quoted"] is not None:
            text = match["quoted"].replace("''", "'") or "'"
        else:
            text = match["other"]
            if text in "[]{}#'":
                raise ValueError(
                    f"the pattern {self.pattern} contains {text}, which DateTimeFormatter "
                    "reserves: put it in single quotes"
                )
        return lambda _moment: text

    def _field(self, letter: str, count: int) -> _Render:
        numbers = _NUMBERS.get(letter)
        if numbers and count <= (2 if letter not in "D" else 3):
            return lambda moment: f"{numbers(moment):0{count}d}"
        if letter in "yu":
            if count == 2:
                return lambda moment: f"{moment.year % 100:02d}"
            return lambda moment: f"{moment.year:0{count}d}"
        if letter == "S" and count <= 9:
            return lambda moment: f"{moment.microsecond * 1000:09d}"[:count]
        if text := _TEXTS.get((letter, count)) or _TEXTS.get((letter, 0)):
            return lambda moment: moment.strftime(text)
        advice = _WEEK_YEAR if letter == "Y" else "use only y M d D E H h K k m s S a"
        raise ValueError(f"the pattern {self.pattern} contains {letter * count}: {advice}")


_NUMBERS: dict[str, Callable[[datetime], int]] = {
    "M": lambda moment: moment.month,
    "L": lambda moment: moment.month,
    "d": lambda moment: moment.day,
    "D": lambda moment: moment.timetuple().tm_yday,
    "H": lambda moment: moment.hour,
    "k": lambda moment: moment.hour or 24,
    "K": lambda moment: moment.hour % 12,
    "h": lambda moment: moment.hour % 12 or 12,
    "m": lambda moment: moment.minute,
    "s": lambda moment: moment.second,
}
_TEXTS = {
    ("M", 3): "%b",
    ("M", 4): "%B",
    ("L", 3): "%b",
    ("L", 4): "%B",
    ("E", 1): "%a",
    ("E", 2): "%a",
    ("E", 3): "%a",
    ("E", 4): "%A",
    ("a", 1): "%p",
}
