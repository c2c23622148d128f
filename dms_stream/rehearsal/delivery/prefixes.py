"""Firehose's prefixes: `!{timestamp:…}`, `!{partitionKeyFromQuery:…}`, `!{firehose:…}`.

https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
"""

import re
import secrets
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from dms_stream.rehearsal.delivery.java_time import JavaTimePattern

_EXPRESSION = re.compile(r"!\{([^{}]*)\}")
_DEFAULT_TIME = "!{timestamp:yyyy/MM/dd/HH/}"
_LONGEST = 512

Keys = Mapping[str, str]


@dataclass(frozen=True)
class _Moment:
    """What a prefix is evaluated for."""

    time: datetime
    keys: Keys
    error_type: str


_Part = Callable[[_Moment], str]


class Prefix:
    """A compiled prefix.

    Args:
        expression: As the delivery stream has it.
        is_error: Whether it is an ErrorOutputPrefix.

    Attributes:
        keys: Names of the partition keys in it, in order.

    Raises:
        ValueError: an expression in it is not one of Firehose's, or is not reproduced here.
    """

    def __init__(self, expression: str, *, is_error: bool = False) -> None:
        self.expression = expression
        self.keys: list[str] = []
        self._is_error = is_error
        self._parts: list[_Part] = []
        position = 0
        for match in _EXPRESSION.finditer(expression):
            self._literal(expression[position : match.start()])
            self._parts.append(self._part(match[1]))
            position = match.end()
        self._literal(expression[position:])

    @classmethod
    def of_data(cls, expression: str) -> "Prefix":
        """The `Prefix` of a delivery stream; one without expressions gets the hour appended."""
        if not _EXPRESSION.search(expression):
            expression += _DEFAULT_TIME
        return cls(expression)

    @classmethod
    def of_errors(cls, expression: str | None, data_prefix: str) -> "Prefix":
        """The `ErrorOutputPrefix`; None means the data's prefix, error type and hour.

        Raises:
            ValueError: as for a prefix; or it is missing while the data prefix has expressions.
        """
        if expression is None:
            if _EXPRESSION.search(data_prefix):
                raise ValueError("is required when Prefix contains expressions")
            expression = f"{data_prefix}!{{firehose:error-output-type}}/{_DEFAULT_TIME}"
        return cls(expression, is_error=True)

    def evaluate(self, time: datetime, *, keys: Keys | None = None, error_type: str = "") -> str:
        """The prefix of an object.

        Args:
            time: When its oldest record arrived, in the delivery stream's time zone.
            keys: The partition keys' values.
            error_type: Such as `processing-failed`.
        """
        moment = _Moment(time, keys or {}, error_type)
        return "".join(part(moment) for part in self._parts)[:_LONGEST]

    def matches(self, key: str) -> bool:
        """Whether an object's name may begin with this prefix, whatever its expressions gave."""
        parts = _EXPRESSION.split(self.expression)
        pattern = "".join(
            ("[a-z-]+-failed" if part == "firehose:error-output-type" else ".*")
            if number % 2
            else re.escape(part)
            for number, part in enumerate(parts)
        )
        return re.match(pattern, key) is not None

    def _literal(self, text: str) -> None:
        if "!{" in text:
            raise ValueError("has a `!{` without its `}`, or one nested in another")
        if text:
            self._parts.append(lambda _moment: text)

    def _part(self, expression: str) -> _Part:
        namespace, _, value = expression.partition(":")
        if namespace == "timestamp" and value:
            pattern = JavaTimePattern(value)
            return lambda moment: pattern.format(moment.time)
        if expression == "firehose:random-string":
            return lambda _moment: secrets.token_hex(6)[:11]
        if expression == "firehose:error-output-type" and self._is_error:
            return lambda moment: moment.error_type
        if namespace == "partitionKeyFromQuery" and value and not self._is_error:
            self.keys.append(value)
            return lambda moment: moment.keys[value]
        if namespace == "partitionKeyFromLambda":
            raise ValueError(
                f"`!{{{expression}}}` needs a Lambda function, which the rehearsal does not run"
            )
        raise ValueError(f"`!{{{expression}}}` is not an expression that Firehose allows here")


def object_name(delivery_stream: str, version: str, time: datetime, extension: str) -> str:
    """What comes after the prefix: stream, its version, when, a unique part and the extension.

    https://docs.aws.amazon.com/firehose/latest/dev/s3-object-name.html
    """
    return f"{delivery_stream}-{version}-{time:%Y-%m-%d-%H-%M-%S}-{uuid.uuid4()}{extension}"
