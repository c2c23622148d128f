"""Making and filling the sample: the same seed and size give the same rows."""

from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import islice
from random import Random
from typing import Any

from dms_stream.rehearsal.sample.names import OWN_NAMES, SampleNames
from dms_stream.rehearsal.sample.schema import TABLES
from dms_stream.rehearsal.source.database import Connection, execute, identifier

Row = tuple[Any, ...]

_FIRST = ("Ada", "Bo", "Chen", "Dora", "Emil", "Fatou", "Gösta", "Hana", "Iker", "Jūratė", "Kofi")
_LAST = ("Alder", "Birch", "Cedar", "Dogwood", "Elm", "Fir", "Ginkgo", "Hazel", "Ilex", "Juniper")
_SUBJECTS = ("Lanterns", "The Long Tide", "Paper Boats", "North Wind", "A Second Moon", "Granite")
_KINDS = ("concert", "match", "play", "talk")
_FEATURES = ("", "aisle", "wheelchair", "aisle,restricted view")
_EPOCH = datetime(2024, 1, 1)
_PURCHASES_A_TICKET = 2
_SEATS_AN_EVENT = 200
_ROWS_A_STATEMENT = 2_000
_LOADED = "purchases: "


def load_sample(
    connection: Connection, *, purchases: int, seed: int = 1, names: SampleNames = OWN_NAMES
) -> dict[str, int]:
    """Make the tables anew, and fill them; others of their schemas stay.

    Args:
        connection: As a user who may make schemas.
        purchases: Rows of `ticket_purchase_hist`; the other tables are smaller in proportion.
        seed: Another one gives other rows.
        names: Under which names they stand.

    Returns:
        The number of rows of each table.
    """
    for schema in map(identifier, names.schemas):
        execute(connection, f"CREATE DATABASE IF NOT EXISTS {schema} CHARACTER SET utf8mb4")
    for table, columns in TABLES.items():
        execute(connection, f"DROP TABLE IF EXISTS {names.quoted(table)}")
        execute(
            connection,
            f"CREATE TABLE {names.quoted(table)} ({columns}) COMMENT = '{_LOADED}{purchases}'",
        )
    counts = sizes(purchases)
    for table, make in _MAKERS.items():
        rows = make(Random(f"{seed} {table}"), counts)
        _insert(connection, names.quoted(table), islice(rows, counts[table]))
    return counts


def loaded_purchases(connection: Connection, names: SampleNames = OWN_NAMES) -> int | None:
    """How many purchases the sample was loaded with; None where it is not there.

    Args:
        connection: As a user who may read it.
        names: Under which names it stands.
    """
    schema, table = names.by_table["ticket_purchase_hist"]
    found = execute(
        connection,
        "SELECT table_comment FROM information_schema.tables "
        "WHERE table_schema = %s AND table_name = %s",
        [schema, table],
    )
    comments = [str(comment) for (comment,) in found if str(comment).startswith(_LOADED)]
    return int(comments[0].removeprefix(_LOADED)) if comments else None


def sizes(purchases: int) -> dict[str, int]:
    """Rows of each table for a number of purchases."""
    tickets = max(1, purchases // _PURCHASES_A_TICKET)
    return {
        "persons": max(1, tickets // 4),
        "events": max(1, tickets // _SEATS_AN_EVENT),
        "seats": tickets,
        "tickets": tickets,
        "ticket_purchase_hist": purchases,
    }


def _insert(connection: Connection, table: str, rows: Iterator[Row]) -> None:
    while batch := list(islice(rows, _ROWS_A_STATEMENT)):
        places = ", ".join(["%s"] * len(batch[0]))
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {table} VALUES ({places})", batch)


def _persons(random: Random, _: dict[str, int]) -> Iterator[Row]:
    for number in _from_one():
        first, last = random.choice(_FIRST), random.choice(_LAST)
        email = f"{last.lower()}{number}@example.org" if random.random() < 0.9 else None
        phone = f"+00 {random.randrange(10**9):09d}" if random.random() < 0.7 else None
        born = date(1940, 1, 1) + timedelta(days=random.randrange(25_000))
        yield number, f"{first} {last}", email, phone, born, random.random() < 0.2


def _events(random: Random, _: dict[str, int]) -> Iterator[Row]:
    for number in _from_one():
        starts = _EPOCH + timedelta(hours=random.randrange(20_000))
        notes = "Bring a coat.\n" * random.randrange(4) or None
        doors = timedelta(hours=18, minutes=random.randrange(60))
        title = f"{random.choice(_SUBJECTS)} {number}"
        yield number, title, random.choice(_KINDS), starts, doors, notes


def _seats(random: Random, counts: dict[str, int]) -> Iterator[Row]:
    for number in _from_one():
        event, seat = _seat(number, counts["events"])
        yield event, seat, random.randrange(1, 5), random.choice(_FEATURES)


def _tickets(random: Random, counts: dict[str, int]) -> Iterator[Row]:
    for number in _from_one():
        holder = random.randrange(counts["persons"]) + 1 if random.random() < 0.6 else None
        until = _EPOCH + timedelta(minutes=number % 500_000) if random.random() < 0.3 else None
        yield number, *_seat(number, counts["events"]), holder, price(random), until


def _purchases(random: Random, counts: dict[str, int]) -> Iterator[Row]:
    for number in _from_one():
        yield number, *purchase(random, counts)


def purchase(random: Random, counts: dict[str, int]) -> Row:
    """A purchase without its number."""
    sender = random.randrange(counts["persons"]) + 1 if random.random() < 0.3 else None
    when = _EPOCH + timedelta(milliseconds=random.randrange(31_536_000_000))
    ticket = random.randrange(counts["tickets"]) + 1
    buyer = random.randrange(counts["persons"]) + 1
    return ticket, buyer, sender, when, price(random)


def price(random: Random) -> Decimal:
    """A price in cents."""
    return Decimal(random.randrange(500, 90_000)).scaleb(-2)


def _seat(number: int, events: int) -> tuple[int, str]:
    place, event = divmod(number - 1, events)
    return event + 1, f"{chr(65 + place // 20 % 26)}{place % 20 + 1}-{place // 520}"


def _from_one() -> Iterator[int]:
    number = 0
    while True:
        number += 1
        yield number


_MAKERS: dict[str, Callable[[Random, dict[str, int]], Iterator[Row]]] = {
    "persons": _persons,
    "events": _events,
    "seats": _seats,
    "tickets": _tickets,
    "ticket_purchase_hist": _purchases,
}
