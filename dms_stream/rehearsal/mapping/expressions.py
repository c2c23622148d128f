"""Expressions of transformation rules, which are SQLite's: evaluated by SQLite itself.

https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Expressions.html
"""

import hashlib
import re
import sqlite3
from collections.abc import Mapping, Sequence
from functools import cache

from dms_stream.rehearsal.errors import RehearsalError

_VARIABLE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)")

HEADERS = ("AR_H_OPERATION", "AR_H_TIMESTAMP", "AR_H_COMMIT_TIMESTAMP", "AR_H_STREAM_POSITION")
"""What is known of the change, as DMS names it."""

METADATA = ("AR_M_SOURCE_SCHEMA", "AR_M_SOURCE_TABLE_NAME")
"""What is known of the table."""

SqlValue = None | int | float | str | bytes


def variables_of(expression: str) -> list[str]:
    """Names after a dollar sign, each once, in order."""
    return list(dict.fromkeys(_VARIABLE.findall(expression)))


def unsupported_in(expression: str) -> list[str]:
    """The parts of an expression that are not supported; all of it if SQLite cannot parse it."""
    unknown = [
        f"${name}"
        for name in variables_of(expression)
        if name.startswith(("AR_H_", "AR_M_")) and name not in HEADERS + METADATA
    ]
    if unknown:
        return unknown
    try:
        Expression(expression).evaluate({})
    except RehearsalError as error:
        return [str(error)]
    return []


@cache
def _engine() -> sqlite3.Connection:
    engine = sqlite3.connect(":memory:", check_same_thread=False)
    engine.create_function("hash_sha256", 1, _sha256, deterministic=True)
    return engine


def _sha256(value: SqlValue) -> str | None:
    if value is None:
        return None
    data = value if isinstance(value, bytes) else str(value).encode()
    return hashlib.sha256(data).hexdigest()


class Expression:
    """An expression that is ready to be evaluated.

    Args:
        text: As in the rule, such as `$first || ' ' || $last`.

    Attributes:
        variables: Names it needs, in the order of their values.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        self.variables = variables_of(text)
        # by name, because Python 3.14 takes no sequence for SQLite's `?1`
        places = {name: f":v{number}" for number, name in enumerate(self.variables)}
        # https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TableMapping.SelectionTransformation.Expressions.html
        # operation_indicator(delete, update, insert) stands for one of its values
        sql = _VARIABLE.sub(lambda found: places[found.group(1)], text)
        if "operation_indicator" in sql.lower():
            operation = f"operation_indicator_(:v{len(self.variables)},"
            sql = re.sub(r"operation_indicator\s*\(", operation, sql, flags=re.IGNORECASE)
            self.variables = [*self.variables, "AR_H_OPERATION"]
            _engine().create_function("operation_indicator_", 4, _indicator, deterministic=True)
        self._sql = f"SELECT {sql}"
        self._places = [f"v{number}" for number in range(len(self.variables))]

    def evaluate(self, values: Mapping[str, SqlValue]) -> SqlValue:
        """The result for values by name; a name that is missing is null.

        Raises:
            RehearsalError: SQLite cannot evaluate it.
        """
        return self.evaluate_in_order([values.get(name) for name in self.variables])

    def evaluate_in_order(self, values: Sequence[SqlValue]) -> SqlValue:
        """The result for the values of `variables`.

        Raises:
            RehearsalError: SQLite cannot evaluate it.
        """
        try:
            named = dict(zip(self._places, values, strict=True))
            (result,) = _engine().execute(self._sql, named).fetchone()
        # an unsigned BIGINT may be larger than SQLite's integers
        except (sqlite3.Error, OverflowError) as error:
            raise RehearsalError(
                f"the expression {self.text} cannot be evaluated: {error}"
            ) from None
        found: SqlValue = result
        return found


def _indicator(
    operation: str | None, on_delete: SqlValue, on_update: SqlValue, on_insert: SqlValue
) -> SqlValue:
    return {"DELETE": on_delete, "UPDATE": on_update}.get(str(operation), on_insert)
