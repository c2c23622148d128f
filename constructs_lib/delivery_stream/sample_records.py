"""A record of every kind that DMS puts on a stream, and what a partition key gives for each.

Firehose wants exactly one value of each key for each record, neither null nor empty; a record for
which it does not get one goes to the error prefix. What DMS writes of its own accord is known
whatever the tables are: metadata, control records, that a control record has no row. What a row
holds is not: there a key must only be right for some row.
https://docs.aws.amazon.com/firehose/latest/dev/dynamic-partitioning-partitioning-keys.html
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, assert_never

from constructs_lib.delivery_stream.jq_1_6 import ENGINES, compile_for_1_6

_COLUMN = re.compile(r"""\.([A-Za-z_]\w*)|\[\s*"([^"\\]+)"\s*\]""")
_OPERATIONS = ("load", "insert", "update", "delete")
_CONTROL_OPERATIONS = ("create-table", "drop-table", "rename-table", "add-column")
_BEFORE_IMAGES = ("before-image", "before_image", "before", "old")

Record = dict[str, Any]


@dataclass(frozen=True)
class SampleKind:
    """Records of one kind.

    Attributes:
        name: What to call one of them in a sentence.
        records: They; a key must be right for one of them, which differ in the row only.
    """

    name: str
    records: tuple[Record, ...]


def sample_kinds(expression: str = "") -> Iterator[SampleKind]:
    """Records of every kind, with rows that hold whatever columns the expression may name.

    https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html
    """
    named = {first or second for first, second in _COLUMN.findall(expression)}
    rows: list[Record] = [
        dict.fromkeys(sorted({*named, "id", "name"}), value)
        for value in ("7", 7, True, "2024-07-29T00:59:07Z", None)
    ]
    for operation in _OPERATIONS:
        for details in (False, True):
            metadata = _metadata("data", operation, details=details)
            records = [{"data": row, "metadata": metadata} for row in rows]
            records += [{"data": {"_doc": row}, "metadata": metadata} for row in rows]
            name = f"a data record ({operation})"
            yield SampleKind(name, tuple(records))
            if operation == "update":
                images = [dict.fromkeys(_BEFORE_IMAGES, each["data"]) | each for each in records]
                yield SampleKind(f"{name} with a before-image", tuple(images))
    for operation in _CONTROL_OPERATIONS:
        metadata = _metadata("control", operation)
        table = {"columns": {"id": {"type": "INT32", "nullable": False}}, "primary-key": ["id"]}
        name = f"a control record ({operation})"
        yield SampleKind(name, ({"control": {"table-def": table}, "metadata": metadata},))
        yield SampleKind(f"{name} with an empty body", ({"control": {}, "metadata": metadata},))
        yield SampleKind(f"{name} without a body", ({"metadata": metadata},))
    # at the start of each task, as captured
    exceptions = _metadata("control", "create-table", schema="", table="awsdms_apply_exceptions")
    yield SampleKind(
        "the control record of awsdms_apply_exceptions, whose schema-name is empty",
        ({"control": {}, "metadata": exceptions},),
    )


def _metadata(
    record_type: str,
    operation: str,
    *,
    details: bool = False,
    schema: str = "shop",
    table: str = "orders",
) -> Record:
    key_type = "task-id" if record_type == "control" else "schema-table"
    found: Record = {
        "timestamp": "2024-07-29T00:59:07.686557Z",
        "record-type": record_type,
        "operation": operation,
        "partition-key-type": key_type,
        "schema-name": schema,
        "table-name": table,
    }
    if record_type == "control":
        return found | {"partition-key-value": "EXAMPLETASK"}
    if details:
        found |= {
            "transaction-id": 47244640257,
            "transaction-record-id": 1,
            "prev-transaction-id": 47244640256,
            "prev-transaction-record-id": 1,
            "commit-timestamp": "2024-07-29T00:59:07.678294Z",
            "stream-position": "mysql-bin-changelog.000011.1141",
        }
    return found


def check_partition_key(expression: str) -> None:
    """Run a partition key's expression on a record of every kind.

    Raises:
        ValueError: it does not give one value for one of them; the message says for which.
    """
    program = compile_for_1_6(
        f"try {{found: [limit(2; ({expression}))]}} catch {{error: tostring}}"
    )
    for kind in sample_kinds(expression):
        problems = [_problem(program.input_value(record).all()[0]) for record in kind.records]
        found = _Problem.SEVERAL if _Problem.SEVERAL in problems else problems[0]
        if found is not None and (all(problems) or found is _Problem.SEVERAL):
            raise ValueError(
                f"gives {found.value} for {kind.name}, and Firehose wants exactly one value, "
                "neither null nor empty, for each record; others go to the error prefix. "
                f"{_advice(found, expression)} ({ENGINES})"
            )


class _Problem(Enum):
    ERROR = "an error"
    NOTHING = "no value"
    SEVERAL = "several values"
    NULL = "null"
    EMPTY = "an empty text"
    OBJECT = "an object"
    ARRAY = "an array"


def _problem(result: Mapping[str, Any]) -> _Problem | None:
    if "error" in result:
        return _Problem.ERROR
    found = result["found"]
    if len(found) != 1:
        return _Problem.SEVERAL if found else _Problem.NOTHING
    match found[0]:
        case None:
            return _Problem.NULL
        case "":
            return _Problem.EMPTY
        case dict():
            return _Problem.OBJECT
        case list():
            return _Problem.ARRAY
    return None


def _advice(problem: _Problem, expression: str) -> str:
    match problem:
        case _Problem.SEVERAL:
            return f"Take one of them, such as first({expression})"
        case _Problem.OBJECT | _Problem.ARRAY:
            return "Name a single value in it, such as .metadata.operation"
        case _Problem.ERROR | _Problem.NOTHING | _Problem.NULL | _Problem.EMPTY:
            given = f'({expression})? // "" | if . == "" then "unnamed" else . end'
            return f"Give a value there too: {given}"
    assert_never(problem)
