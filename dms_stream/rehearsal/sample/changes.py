"""Changes of the sample: purchases are made, corrected and cancelled, in transactions."""

from array import array
from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from pymysql.cursors import SSCursor

from dms_stream.rehearsal.sample.names import OWN_NAMES, SampleNames
from dms_stream.rehearsal.sample.rows import price, purchase, sizes
from dms_stream.rehearsal.source.database import Connection, execute


@dataclass(frozen=True)
class ChangeMix:
    """What changes are made of.

    Attributes:
        inserts: Share of inserts.
        updates: Share of updates; the rest are deletes.
        rows_a_transaction: Changes of `ticket_purchase_hist` per transaction, at most.
    """

    inserts: float = 0.5
    updates: float = 0.35
    rows_a_transaction: int = 200


def make_changes(
    connection: Connection,
    *,
    changes: int,
    purchases: int,
    seed: int = 1,
    mix: ChangeMix | None = None,
    names: SampleNames = OWN_NAMES,
    is_stopped: Callable[[], bool] = lambda: False,
) -> dict[str, int]:
    """Change `ticket_purchase_hist`, and the tickets' holders with it.

    Args:
        connection: As a user who may change the sample; autocommit is on at the end.
        changes: Changed rows of `ticket_purchase_hist`.
        purchases: Rows it was loaded with.
        seed: Another one gives other changes.
        mix: Shares of the operations.
        names: Under which names the tables stand.
        is_stopped: Asked between transactions.

    Returns:
        How many rows were inserted, updated and deleted.
    """
    mix = mix or ChangeMix()
    random = Random(f"{seed} changes")
    counts = sizes(purchases)
    history, tickets = names.quoted("ticket_purchase_hist"), names.quoted("tickets")
    ((first_free,),) = execute(
        connection, f"SELECT COALESCE(MAX(purchase_id), 0) + 1 FROM {history}"
    )
    with connection.cursor(SSCursor) as cursor:
        cursor.execute(f"SELECT purchase_id FROM {history} ORDER BY purchase_id")
        known, next_id = array("Q", (key for (key,) in cursor)), int(first_free)
    done = {"insert": 0, "update": 0, "delete": 0}
    connection.autocommit(False)
    try:
        while (left := changes - sum(done.values())) > 0 and not is_stopped():
            size = min(left, random.randrange(1, mix.rows_a_transaction + 1))
            draw = random.random()
            with connection.cursor() as cursor:
                if draw < mix.inserts or len(known) < size:
                    rows = [(next_id + n, *purchase(random, counts)) for n in range(size)]
                    cursor.executemany(
                        f"INSERT INTO {history} VALUES (%s, %s, %s, %s, %s, %s)", rows
                    )
                    known.extend(row[0] for row in rows)
                    next_id += size
                    done["insert"] += size
                    ticket, buyer = rows[0][1], rows[0][2]
                    cursor.execute(
                        f"UPDATE {tickets} SET holder_id = %s WHERE ticket_id = %s",
                        (buyer, ticket),
                    )
                elif draw < mix.inserts + mix.updates:
                    chosen = random.sample(known, size)
                    # a change that changes nothing is not logged, so the value must differ
                    cursor.execute(
                        f"UPDATE {history} SET purchase_price = purchase_price + %s, "
                        "transferred_from_id = NULLIF(%s, 0) WHERE purchase_id IN %s",
                        (price(random) / 100, random.randrange(3), chosen),
                    )
                    done["update"] += size
                else:
                    places = sorted(random.sample(range(len(known)), size), reverse=True)
                    gone = []
                    for place in places:
                        gone.append(known[place])
                        known[place] = known[-1]
                        known.pop()
                    cursor.execute(f"DELETE FROM {history} WHERE purchase_id IN %s", (gone,))
                    done["delete"] += size
            connection.commit()
    finally:
        connection.rollback()
        connection.autocommit(True)
    return done
