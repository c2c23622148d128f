"""DMS's messages as JSON text.

Shape: https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html, and captured
records. The text is assembled from prepared pieces, as a general serializer would round decimals
and take several times as long. `json-unformatted` is one line here, without a newline: whether AWS
ends it in one is open (?), and both are rehearsed, see `StreamWriter`.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from json import dumps
from json.encoder import encode_basestring
from time import time_ns

from dms_stream.rehearsal.mapping.transformations import TransformedTable
from dms_stream.rehearsal.source.table import SourceTable

_EPOCH = datetime(1970, 1, 1)
_MICROSECONDS = 1_000_000
_NANOSECONDS = 1000


class Clock:
    """Time stamps that always grow, even if the machine's clock is set back.

    Args:
        last: The last stamp of an earlier run, in microseconds since 1970.
    """

    def __init__(self, last: int = 0) -> None:
        self.last = last
        self._second, self._text = -1, ""

    def stamp(self) -> str:
        """Now, or a microsecond after the stamp before."""
        self.last = max(self.last + 1, time_ns() // _NANOSECONDS)
        second, microsecond = divmod(self.last, _MICROSECONDS)
        if second != self._second:
            self._second = second
            self._text = (_EPOCH + timedelta(seconds=second)).isoformat()
        return f"{self._text}.{microsecond:06d}Z"


@lru_cache(maxsize=1)
def utc_stamp(seconds: int) -> str:
    """A moment of the binary log, which has whole seconds only."""
    moment = datetime.fromtimestamp(seconds, UTC).replace(tzinfo=None)
    return f"{moment.isoformat(timespec='microseconds')}Z"


class Layout:
    """Where the line breaks are.

    Args:
        is_on_one_line: `json-unformatted`; otherwise `json`, over several lines with tabs.
    """

    def __init__(self, *, is_on_one_line: bool) -> None:
        self.is_on_one_line = is_on_one_line
        self.colon = ":" if is_on_one_line else ":\t"
        self._inner = "," if is_on_one_line else ",\n\t\t"

    def pair(self, name: str, text: str) -> str:
        """An attribute, its value being JSON text."""
        return f"{encode_basestring(name)}{self.colon}{text}"

    def object(self, pairs: Sequence[str]) -> str:
        """An object below the message."""
        if self.is_on_one_line:
            return f"{{{','.join(pairs)}}}"
        return f"{{\n\t\t{self._inner.join(pairs)}\n\t}}" if pairs else "{}"

    def message(self, pairs: Sequence[str]) -> str:
        """The whole message."""
        if self.is_on_one_line:
            return f"{{{','.join(pairs)}}}"
        return "{\n\t" + ",\n\t".join(pairs) + "\n}"


def control_message(
    layout: Layout,
    clock: Clock,
    operation: str,
    *,
    schema_name: str,
    table_name: str,
    partition_value: str | None,
    control: Mapping[str, object] | None = None,
) -> str:
    """A control record.

    Args:
        layout: Where the line breaks are.
        clock: For its time stamp.
        operation: Such as `create-table` or `add-column`.
        schema_name: The table's schema on the target; empty for DMS's own tables.
        table_name: The table on the target.
        partition_value: The partition key, where messages show it.
        control: Details, where the endpoint includes them.
    """
    fields: dict[str, str] = {
        "timestamp": clock.stamp(),
        "record-type": "control",
        "operation": operation,
        "partition-key-type": "task-id",
    }
    if partition_value is not None:
        fields["partition-key-value"] = partition_value
    fields |= {"schema-name": schema_name, "table-name": table_name}
    pairs = []
    if control is not None:
        separators = None if not layout.is_on_one_line else (",", ":")
        text = dumps(control, ensure_ascii=False, separators=separators)
        pairs.append(layout.pair("control", text))
    metadata = [layout.pair(name, encode_basestring(value)) for name, value in fields.items()]
    pairs.append(layout.pair("metadata", layout.object(metadata)))
    return layout.message(pairs)


def table_definition(source: SourceTable, table: TransformedTable) -> dict[str, object]:
    """The `table-def` of a control record."""
    columns: dict[str, object] = {}
    for column in table.columns:
        described: dict[str, object] = {"type": column.kind.control_name}
        if column.kind.length:
            described["length"] = column.kind.length
        if column.kind.precision:
            described |= {"precision": column.kind.precision, "scale": column.kind.scale}
        described["nullable"] = column.source.is_nullable
        columns[column.name] = described
    for added in table.computed:
        columns[added.name] = {"type": added.kind.control_name, "nullable": True}
    definition: dict[str, object] = {"columns": columns}
    if table.primary_key:
        definition["primary-key"] = list(table.primary_key)
    if source.collation:
        definition["collation-name"] = source.collation
    return {"table-def": definition}
