"""Activity on a sample database: sales and transfers, so many a second, for so long.

Two samples are known: AWS's, whose stored procedures make them, and our own.
https://github.com/aws-samples/aws-database-migration-samples
"""

import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from dms_stream.operations.errors import OperationError
from dms_stream.operations.statements import Session, Statements

SCHEMA = "dms_sample"
_SALES, _TRANSFERS = "generateticketactivity", "generatetransferactivity"
# of five calls one transfers what the others have sold
_TRANSFER_EVERY = 5
_OWN_TABLES = frozenset({"ticket_purchase_hist", "tickets", "persons"})


class Sample(Protocol):
    """A sample database.

    Attributes:
        what: What messages call it.
    """

    what: str

    def change(self, count: int, turn: int) -> dict[str, int]:
        """Make changes; returns how many of each kind.

        Args:
            count: About how many.
            turn: Another one gives other changes.
        """


@dataclass
class ProcedureSample:
    """AWS's sample, changed by its own stored procedures.

    Attributes:
        source: Where it is.
        calls: The calls by procedure, each with `{count}`.
        what: What messages call it.
    """

    source: Statements
    calls: dict[str, str]
    what: str = "AWS's sample (its stored procedures)"

    def change(self, count: int, turn: int) -> dict[str, int]:
        """Sell tickets, or transfer some."""
        kind = _TRANSFERS if turn % _TRANSFER_EVERY == _TRANSFER_EVERY - 1 else _SALES
        if kind not in self.calls:
            kind = _SALES
        self.source.run(self.calls[kind].format(count=count))
        return {"sales" if kind == _SALES else "transfers": count}


@dataclass
class OwnSample:
    """Our own sample, over a connection.

    Attributes:
        connection: As somebody who may change it.
        purchases: Rows it was loaded with.
        what: What messages call it.
    """

    connection: Any
    purchases: int
    what: str = "the sample of dms-stream"

    def change(self, count: int, turn: int) -> dict[str, int]:
        """Insert, update and delete purchases."""
        from dms_stream.rehearsal.sample import make_changes  # of the extra `rehearsal`

        made = make_changes(self.connection, changes=count, purchases=self.purchases, seed=turn + 1)
        return {f"{kind}s": rows for kind, rows in made.items() if rows}


def find_sample(source: Statements) -> Sample:
    """The sample database of a source.

    Args:
        source: Where it is.

    Raises:
        OperationError: it has none that is known.
    """
    routines = source.run(
        "SELECT r.ROUTINE_NAME, COUNT(p.PARAMETER_NAME) FROM information_schema.ROUTINES r "
        "LEFT JOIN information_schema.PARAMETERS p ON p.SPECIFIC_SCHEMA = r.ROUTINE_SCHEMA "
        "AND p.SPECIFIC_NAME = r.SPECIFIC_NAME "
        f"WHERE r.ROUTINE_SCHEMA = '{SCHEMA}' AND LOWER(r.ROUTINE_NAME) IN "
        f"('{_SALES}', '{_TRANSFERS}') GROUP BY r.ROUTINE_NAME"
    )
    calls = {
        str(name).lower(): f"CALL {SCHEMA}.{name}({_arguments(int(count))})"
        for name, count in routines
    }
    if _SALES in calls:
        return ProcedureSample(source, calls)
    tables = source.run(
        f"SELECT TABLE_NAME FROM information_schema.TABLES WHERE TABLE_SCHEMA = '{SCHEMA}'"
    )
    if {str(name).lower() for (name,) in tables} >= _OWN_TABLES and isinstance(source, Session):
        ((tickets,),) = source.run(f"SELECT COUNT(*) FROM {SCHEMA}.tickets")
        # two purchases for each ticket
        return OwnSample(source.connection, 2 * int(tickets))
    raise OperationError(
        f"{source.where}: has no sample database {SCHEMA} that is known: neither the procedure "
        "generateTicketActivity of AWS's, nor the tables of our own over a connection (--database)"
    )


def _arguments(count: int) -> str:
    # with two parameters the first one is a pause between the transactions
    return ", ".join([*("0" for _ in range(count - 1)), "{count}"])


def keep_active(
    sample: Sample,
    *,
    a_second: int,
    seconds: int,
    told: Callable[[Counter[str]], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> Counter[str]:
    """Change a sample database at a rate, for a time.

    Where the database is slower than asked for, it does what it can, and ends in time.

    Args:
        sample: What to change.
        a_second: About how many changes a second.
        seconds: How long.
        told: Gets the counts so far, every second.
        clock: Tells the time, in seconds.
        sleep: Waits.

    Returns:
        How many changes of each kind were made.
    """
    made: Counter[str] = Counter()
    begun = clock()
    for turn in range(seconds):
        made.update(sample.change(a_second, turn))
        told(made)
        now = clock() - begun
        if now >= seconds:
            break
        sleep(max(0.0, turn + 1 - now))
    return made
