"""From a row of one source table to the record on the stream, as the task's rules say."""

import json
from collections.abc import Callable, Sequence
from decimal import Decimal
from json.encoder import encode_basestring
from operator import itemgetter
from typing import NamedTuple, assert_never

from constructs_lib.dms.table_mappings import (
    ObjectMappingRule,
    SelectionRule,
    TransformationRule,
)
from constructs_lib.dms.vocabulary import PartitionKeyType
from dms_stream.rehearsal.deployed_task import DeployedTask
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.mapping.filters import Predicate, filter_predicate
from dms_stream.rehearsal.mapping.messages import Clock, Layout
from dms_stream.rehearsal.mapping.object_mapping import Mapping, mapping_of
from dms_stream.rehearsal.mapping.transformations import (
    BEFORE,
    TargetColumn,
    in_image,
    sql_value,
    transform,
)
from dms_stream.rehearsal.source.data_types import (
    INTEGER_TYPES,
    DmsType,
    Encode,
    JsonStyle,
    Value,
    dms_type,
    encoder,
    limited_lob,
)
from dms_stream.rehearsal.source.lob_limit import lob_limit_kb
from dms_stream.rehearsal.source.rendered_rows import rendered
from dms_stream.rehearsal.source.table import SourceTable

Row = Sequence[Value]

# https://docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecordsRequestEntry.html
_LONGEST_PARTITION_KEY = 256
_DOCUMENT = "_doc"


class ChangeOrigin(NamedTuple):
    """A change's place in the log.

    Attributes:
        transaction_id: Number of its transaction; grows along the log.
        record_id: Number of the change in the transaction, from 1.
        previous_transaction_id: Transaction of the change before; 0 at first.
        previous_record_id: Its number.
        committed: Time stamp of the commit.
        position: Its place in the log.
    """

    transaction_id: int
    record_id: int
    previous_transaction_id: int
    previous_record_id: int
    committed: str
    position: str


class Message(NamedTuple):
    """A record for the stream.

    Attributes:
        text: Its data.
        partition_key: What decides its shard.
    """

    text: str
    partition_key: str


class TableRecipe:
    """How the rows of one table become records.

    Args:
        task: The deployed task.
        table: The table, as the source or the binary log describes it.
        clock: Gives the time stamps.

    Attributes:
        task: The task.
        table: The source's table.
        target: Its names, columns and key after the rules.
        mapping: Its object mapping.
        rules: The selection rules that include it.
        lobs_cut: How many values were cut at the limit for LOBs.
        key_changes: How many updates changed the key without a before image of the old one.

    Raises:
        RefusedError: rules name columns that the table does not have.
    """

    def __init__(self, task: DeployedTask, table: SourceTable, clock: Clock) -> None:
        self.task, self.table = task, table
        self.rules = self.selecting(task, table)
        mappings = task.mappings.all_rules
        metadata = task.settings.target_metadata
        self.target = transform(
            table,
            [rule for rule in mappings if isinstance(rule, TransformationRule)],
            metadata.target_schema if metadata else None,
        )
        object_rules = [rule for rule in mappings if isinstance(rule, ObjectMappingRule)]
        self.mapping: Mapping = mapping_of(table, self.target, object_rules)
        self.includes: Predicate | None = filter_predicate(table, self.rules)
        self._lob_kb = lob_limit_kb(table, task.mappings, task.settings)
        self.lobs_cut = 0
        self.key_changes = 0
        self._clock = clock
        self._layout = Layout(is_on_one_line=task.target.is_on_one_line)
        self._style = JsonStyle(task.target.use_large_integer_value, not task.target.no_hex_prefix)
        self._with_nulls = task.target.include_null_and_empty
        columns = [
            column for column in self.target.columns if not column.kind.is_lob or self._lob_kb
        ]
        self.columns = columns
        written = [c for c in columns if c.source.name not in self.mapping.excluded]
        self._writes = [self._write(column) for column in written]
        self._key_columns = [c for c in columns if c.name in self.target.primary_key]
        self._key_places = [column.place for column in self._key_columns]
        self._key_texts = [(c.place, self._encode(c)) for c in self._key_columns]
        self._before = self._before_image_columns()
        self._before_added = [
            self._write(column, self.target.before_image_columns.names[column.name])
            for column in columns
            if column.name in self.target.before_image_columns.names
        ]
        self._tail = self._metadata_tail()
        self._parallel_apply = bool(metadata and metadata.parallel_apply_threads)
        self._is_plain = not (
            self.target.computed or self.mapping.attributes or self.mapping.as_document
        )

    @staticmethod
    def selecting(task: DeployedTask, table: SourceTable) -> list[SelectionRule]:
        """The rules that include a table."""
        return task.mappings.including_rules(table.schema, table.name, is_view=table.is_view)

    @property
    def names(self) -> frozenset[str]:
        """Every name that its records may have among the columns."""
        own = {column.name for column in self.columns}
        own |= {column.name for column in self.target.computed}
        own |= set(self.target.before_image_columns.names.values())
        if not self.mapping.as_document:
            own |= {attribute.name for attribute in self.mapping.attributes}
        return frozenset(own)

    # How the rules change values

    def _encode(self, column: TargetColumn) -> Encode:
        encode = encoder(column.kind, self._style)
        if not column.changes and not column.kind.is_lob:
            return encode
        cut = limited_lob(self._lob_kb) if column.kind.is_lob else None

        def encode_changed(value: Value) -> str:
            if cut is not None:
                value, was_cut = cut(value)
                self.lobs_cut += was_cut
            for change in column.changes:
                value = change(value)
            return encode(value)

        return encode_changed

    def _write(self, column: TargetColumn, name: str | None = None) -> tuple[str, int, Encode]:
        start = f"{encode_basestring(name or column.name)}{self._layout.colon}"
        return start, column.place, self._encode(column)

    def _before_image_columns(self) -> list[tuple[str, int, Encode]] | None:
        settings = self.task.settings.before_image_settings
        if settings is None or not settings.enable_before_image:
            return None
        chosen = in_image(self.columns, self.target.primary_key, settings.column_filter)
        return [self._write(column) for column in chosen]

    # Records

    def load(self, row: Row) -> Message:
        """The record of a row of the full load."""
        wanted = self.mapping.partition_key_type or "primary-key"
        key, shown, kind = self._partition_key(wanted, row, None)
        pairs = self._pairs(row, None, "load", None)
        return Message(self._text(pairs, "load", kind, shown, None), key)

    def change(self, operation: str, row: Row, before: Row | None, origin: ChangeOrigin) -> Message:
        """The record of an insert, update or delete.

        Args:
            operation: `insert`, `update` or `delete`.
            row: The row after the change; for a delete the row before it, all of which DMS writes.
            before: The row before an update.
            origin: The change's place in the log.
        """
        default: PartitionKeyType = "primary-key" if self._parallel_apply else "schema-table"
        wanted = self.mapping.partition_key_type or default
        if (
            before is not None
            and self._before is None
            and any(row[place] != before[place] for place in self._key_places)
        ):
            self.key_changes += 1
        key, shown, kind = self._partition_key(wanted, row, origin)
        pairs = self._pairs(row, before, operation, origin)
        image = None
        if before is not None and self._before is not None:
            image = self._written(self._before, before)
        return Message(self._text(pairs, operation, kind, shown, origin, image), key)

    def _written(self, writes: Sequence[tuple[str, int, Encode]], row: Row) -> list[str]:
        pairs = []
        for start, place, encode in writes:
            value = row[place]
            if value is not None:
                pairs.append(start + encode(value))
            elif self._with_nulls:
                pairs.append(start + "null")
        return pairs

    def _pairs(
        self, row: Row, before: Row | None, operation: str, origin: ChangeOrigin | None
    ) -> list[str]:
        pairs = self._written(self._writes, row)
        if before is not None and self._before_added:
            pairs += self._written(self._before_added, before)
        if self._is_plain:
            return pairs
        for column in self.target.computed:
            value = column.convert(
                column.expression.evaluate_in_order(
                    [
                        self._variable(name, row, before, operation, origin)
                        for name in column.expression.variables
                    ]
                )
            )
            if value is not None or self._with_nulls:
                text = "null" if value is None else encoder(column.kind, self._style)(value)
                pairs.append(self._layout.pair(column.name, text))
        attributes = [
            self._layout.pair(attribute.name, attribute.json_text(row))
            for attribute in self.mapping.attributes
        ]
        if self.mapping.as_document:
            inner = f"{{{','.join(pairs)}}}"
            return [*attributes, self._layout.pair(_DOCUMENT, inner)]
        return [*attributes, *pairs]

    def _variable(
        self,
        name: str,
        row: Row,
        before: Row | None,
        operation: str,
        origin: ChangeOrigin | None,
    ) -> int | float | str | bytes | None:
        if name in self.table.positions:
            return sql_value(row[self.table.positions[name]])
        if name.startswith(BEFORE):
            place = self.table.positions[name.removeprefix(BEFORE)]
            return None if before is None else sql_value(before[place])
        known: dict[str, str | None] = {
            "AR_H_OPERATION": {"load": "INSERT"}.get(operation, operation.upper()),
            "AR_M_SOURCE_SCHEMA": self.table.schema,
            "AR_M_SOURCE_TABLE_NAME": self.table.name,
            "AR_H_TIMESTAMP": origin.committed if origin else None,
            "AR_H_COMMIT_TIMESTAMP": origin.committed if origin else None,
            "AR_H_STREAM_POSITION": origin.position if origin else None,
        }
        return known[name]

    def _partition_key(
        self, kind: PartitionKeyType, row: Row, origin: ChangeOrigin | None
    ) -> tuple[str, str | None, str]:
        table = f"{self.target.schema_name}.{self.target.table_name}"
        value = None
        match kind:
            case "schema-table":
                pass
            case "transaction-id":
                value = str(origin.transaction_id) if origin is not None else None
            case "constant":
                value = self.mapping.constant or "constant"
            case "attribute-name":
                value = self._attribute_value(row) or table
            case "primary-key":
                value = self._key_value(row, table) if self._key_texts else None
            case _:
                assert_never(kind)
        if value is None:
            # also a table without a key, or a row that no transaction wrote
            return table[:_LONGEST_PARTITION_KEY], None, "schema-table"
        value = value[:_LONGEST_PARTITION_KEY] or table
        return value, value, kind

    def _key_value(self, row: Row, table: str) -> str:
        value = ".".join(
            "" if row[place] is None else encode(row[place]).strip('"')
            for place, encode in self._key_texts
        )
        return f"{table}.{value}" if self.task.target.partition_include_schema_table else value

    def _attribute_value(self, row: Row) -> str:
        name = self.mapping.partition_key_name
        for attribute in self.mapping.attributes:
            if attribute.name == name:
                found = json.loads(attribute.json_text(row))
                return found if isinstance(found, str) else json.dumps(found)
        for column in self.columns:
            if name in (column.name, column.source.name):
                value = row[column.place]
                return "" if value is None else self._encode(column)(value).strip('"')
        raise RehearsalError(
            f"the partition key of {self.table.full_name} is the attribute {name}, which its "
            "records do not have: correct partition-key-name"
        )

    def _metadata_tail(self) -> dict[str, str]:
        pair = self._layout.pair
        names = [
            pair("schema-name", encode_basestring(self.target.schema_name)),
            pair("table-name", encode_basestring(self.target.table_name)),
        ]
        return {"names": ("," if self._layout.is_on_one_line else ",\n\t\t").join(names)}

    def _text(
        self,
        pairs: Sequence[str],
        operation: str,
        kind: str,
        shown: str | None,
        origin: ChangeOrigin | None,
        image: Sequence[str] | None = None,
    ) -> str:
        layout, target = self._layout, self.task.target
        colon = layout.colon
        metadata = [
            f'"timestamp"{colon}"{self._clock.stamp()}"',
            f'"record-type"{colon}"data"',
            f'"operation"{colon}"{operation}"',
            f'"partition-key-type"{colon}"{kind}"',
        ]
        if shown is not None and target.include_partition_value:
            metadata.append(layout.pair("partition-key-value", encode_basestring(shown)))
        metadata.append(self._tail["names"])
        if origin is not None:
            metadata.append(f'"transaction-id"{colon}{origin.transaction_id}')
            if target.include_transaction_details:
                metadata += [
                    f'"transaction-record-id"{colon}{origin.record_id}',
                    f'"prev-transaction-id"{colon}{origin.previous_transaction_id}',
                    f'"prev-transaction-record-id"{colon}{origin.previous_record_id}',
                    f'"commit-timestamp"{colon}"{origin.committed}"',
                    f'"stream-position"{colon}"{origin.position}"',
                ]
        parts = [f'"data"{colon}{layout.object(pairs)}']
        if image is not None:
            settings = self.task.settings.before_image_settings
            name = (settings.field_name if settings else None) or "before-image"
            parts.append(layout.pair(name, layout.object(image)))
        parts.append(f'"metadata"{colon}{layout.object(metadata)}')
        return layout.message(parts)

    # For the reconciliation

    def compared(self) -> list[tuple[str, DmsType, Callable[[Row], object]]]:
        """The columns of a record that follow from the row alone: name, type and plain value."""
        attributes: list[tuple[str, DmsType, Callable[[Row], object]]] = [
            (attribute.name, DmsType("string"), _attribute(attribute.json_text))
            # with _doc, the columns below it are compared
            for attribute in ([] if self.mapping.as_document else self.mapping.attributes)
        ]
        found = [
            (column.name, self._compared_as(column), self._plain_value(column))
            for column in self.columns
            if column.source.name not in self.mapping.excluded
        ]
        added = [
            (column.name, column.kind, self._computed(number))
            for number, column in enumerate(self.target.computed)
            if column.is_comparable
        ]
        return attributes + found + added

    def rendered(self) -> dict[str, str] | None:
        """SQL of each value to compare, by name; None where a rule decides about one of them."""
        if self.mapping.attributes or any(column.is_comparable for column in self.target.computed):
            return None
        found = {}
        for column in self.columns:
            if column.source.name in self.mapping.excluded:
                continue
            if column.changes or column.kind != dms_type(column.source):
                return None
            sql = rendered(column.source, column.kind, self._style)
            if sql is None:
                return None
            found[column.name] = sql
        return found

    @property
    def lobs(self) -> tuple[list[str], int]:
        """The source's columns that are LOBs, and how many KB of one arrive."""
        return [c.source.name for c in self.columns if c.kind.is_lob], self._lob_kb

    def _is_rounded(self, column: TargetColumn) -> bool:
        return column.kind.name in ("int8", "uint8") and not self._style.exact_integers

    def _compared_as(self, column: TargetColumn) -> DmsType:
        # rounded, the largest integers fit no integer's type
        return DmsType("real8") if self._is_rounded(column) else column.kind

    def _plain_value(self, column: TargetColumn) -> Callable[[Row], object]:
        name = column.kind.name
        # what is written as it is need not be encoded and parsed
        if (
            not column.changes
            and not self._is_rounded(column)
            and (name in INTEGER_TYPES or name == "numeric")
        ):
            return itemgetter(column.place)
        return _plain(column.place, self._encode(column))

    def _computed(self, number: int) -> Callable[[Row], object]:
        column = self.target.computed[number]
        encode = encoder(column.kind, self._style)

        def value_of(row: Row) -> object:
            values = [
                self._variable(name, row, None, "insert", None)
                for name in column.expression.variables
            ]
            value = column.convert(column.expression.evaluate_in_order(values))
            return None if value is None else _parsed(encode(value))

        return value_of


def _plain(place: int, encode: Encode) -> Callable[[Row], object]:
    def value_of(row: Row) -> object:
        value = row[place]
        return None if value is None else _parsed(encode(value))

    return value_of


def _attribute(json_text: Callable[[Row], str]) -> Callable[[Row], object]:
    def value_of(row: Row) -> object:
        text = json_text(row)
        found = json.loads(text)
        return found if isinstance(found, str) else text

    return value_of


_FROM_JSON = json.JSONDecoder(parse_float=Decimal).raw_decode


def _parsed(text: str) -> object:
    if text.startswith('"') and "\\" not in text:
        return text[1:-1]
    found: object
    found, _ = _FROM_JSON(text)
    return found
