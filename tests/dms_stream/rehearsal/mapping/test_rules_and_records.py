"""What rules and settings make of rows: the records' text, and what is refused by name."""

import json
from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from constructs_lib.dms.table_mappings import TableMappings
from constructs_lib.dms.task_settings import TaskSettings
from dms_stream.rehearsal.deployed_task import DeployedTask, KinesisTarget
from dms_stream.rehearsal.mapping.messages import (
    Clock,
    Layout,
    control_message,
    table_definition,
    utc_stamp,
)
from dms_stream.rehearsal.mapping.table_recipe import ChangeOrigin, TableRecipe
from dms_stream.rehearsal.source.binary_log.log_table import negative_time
from dms_stream.rehearsal.source.data_types import DmsType, JsonStyle, Value, dms_type, encoder
from dms_stream.rehearsal.source.table import SourceColumn, SourceTable
from tests.support.filters import FILTERED, FILTERS, filtered
from tests.support.pipelines import selection

Json = dict[str, Any]
PERSON = SourceTable(
    "shop",
    "person",
    (
        SourceColumn("id", "int", is_nullable=False),
        SourceColumn("name", "varchar", length=40),
        SourceColumn("card", "varchar", length=20),
        SourceColumn("bio", "longtext"),
    ),
    ("id",),
)
ROW: list[Value] = [7, "Ada", "4012-7", "long"]
ORIGIN = ChangeOrigin(12, 2, 11, 5, "2024-01-31T10:00:00.000000Z", "mysql-bin.000001:99:0")
ALL = {"schema-name": "shop", "table-name": "%"}
SELECT: Json = {
    "rule-type": "selection",
    "rule-id": "1",
    "rule-action": "include",
    "object-locator": ALL,
}


def rule(
    action: str,
    target: str = "column",
    column: str | None = None,
    more: Json | None = None,
    **plain: Any,
) -> Json:
    """A transformation rule; keys with a dash come as a mapping."""
    locator = ALL | ({"column-name": column} if column else {})
    if target == "schema":
        locator = {"schema-name": "shop"}
    return {
        "rule-type": "transformation",
        "rule-target": target,
        "rule-action": action,
        "object-locator": locator,
        **plain,
        **(more or {}),
    }


def task(*rules: Json, settings: Json | None = None, **target: Any) -> DeployedTask:
    """A task with these rules."""
    return DeployedTask(
        arn="arn:aws:dms:eu-west-1:123456789012:task:T",
        identifier="t",
        migration_type="full-load-and-cdc",
        mappings=TableMappings.from_json({"rules": [SELECT, *rules]}),
        settings=TaskSettings.model_validate(settings or {}),
        target=KinesisTarget(
            "arn:aws:kinesis:eu-west-1:123456789012:stream/s", "json-unformatted", **target
        ),
        source_settings={},
        cdc_start_position=None,
        is_serverless=False,
    )


def loaded(*rules: Json, row: list[Value] | None = None, **more: Any) -> Json:
    """The record of a loaded row."""
    text = TableRecipe(task(*rules, **more), PERSON, Clock()).load(row or ROW).text
    found: Json = json.loads(text)
    return found


@pytest.mark.parametrize(
    ("column", "name", "duckdb", "value", "text"),
    [
        (SourceColumn("c", "tinyint"), "int1", "BIGINT", -1, "-1"),
        (SourceColumn("c", "tinyint", is_unsigned=True), "uint1", "BIGINT", 255, "255"),
        (SourceColumn("c", "smallint"), "int2", "BIGINT", 1, "1"),
        (SourceColumn("c", "smallint", is_unsigned=True), "uint2", "BIGINT", 1, "1"),
        (SourceColumn("c", "mediumint"), "int4", "BIGINT", 1, "1"),
        (SourceColumn("c", "mediumint", is_unsigned=True), "uint4", "BIGINT", 1, "1"),
        (SourceColumn("c", "int"), "int4", "BIGINT", 1, "1"),
        (SourceColumn("c", "int", is_unsigned=True), "uint4", "BIGINT", 1, "1"),
        (SourceColumn("c", "bigint"), "int8", "BIGINT", 2**63 - 1, "9223372036854775807"),
        (
            SourceColumn("c", "bigint", is_unsigned=True),
            "uint8",
            "UBIGINT",
            2**64 - 1,
            str(2**64 - 1),
        ),
        (
            SourceColumn("c", "decimal", precision=9, scale=2),
            "numeric",
            "DECIMAL(9,2)",
            Decimal("1.20"),
            "1.20",
        ),
        (SourceColumn("c", "float"), "real4", "DOUBLE", 1.1, "1.1"),
        (SourceColumn("c", "double"), "real8", "DOUBLE", 0.1, "0.1"),
        (SourceColumn("c", "bit", length=1), "boolean", "BOOLEAN", True, "true"),
        (SourceColumn("c", "bit", length=9), "bytes", "VARCHAR", 257, '"0x0000000000000101"'),
        (SourceColumn("c", "year"), "int2", "BIGINT", 2024, "2024"),
        (SourceColumn("c", "date"), "date", "DATE", date(2024, 1, 31), '"2024-01-31"'),
        (SourceColumn("c", "time"), "string", "VARCHAR", -timedelta(hours=30), '"-30:00:00"'),
        (
            SourceColumn("c", "datetime"),
            "datetime",
            "TIMESTAMP",
            datetime(2024, 1, 31, 10),
            '"2024-01-31T10:00:00Z"',
        ),
        (
            SourceColumn("c", "timestamp", fraction=3),
            "datetime",
            "TIMESTAMP",
            datetime(2024, 1, 31, 10, 0, 0, 120_000),
            '"2024-01-31T10:00:00.120000Z"',
        ),
        (SourceColumn("c", "char"), "wstring", "VARCHAR", 'a"ü', '"a\\"ü"'),
        (SourceColumn("c", "varchar"), "wstring", "VARCHAR", "", '""'),
        (SourceColumn("c", "tinytext"), "wstring", "VARCHAR", "a", '"a"'),
        (SourceColumn("c", "text"), "wstring", "VARCHAR", "a\n", '"a\\n"'),
        (SourceColumn("c", "mediumtext"), "nclob", "VARCHAR", "a", '"a"'),
        (SourceColumn("c", "longtext"), "nclob", "VARCHAR", "a", '"a"'),
        (SourceColumn("c", "json"), "nclob", "VARCHAR", '{"a": 1}', '"{\\"a\\": 1}"'),
        (SourceColumn("c", "enum", elements=("x", "yz")), "wstring", "VARCHAR", "x", '"x"'),
        (SourceColumn("c", "set", elements=("x", "yz")), "wstring", "VARCHAR", "x,yz", '"x,yz"'),
        (SourceColumn("c", "binary"), "bytes", "VARCHAR", b"\0\xff", '"0x00ff"'),
        (SourceColumn("c", "varbinary"), "bytes", "VARCHAR", b"", '"0x"'),
        (SourceColumn("c", "tinyblob"), "bytes", "VARCHAR", b"a", '"0x61"'),
        (SourceColumn("c", "blob"), "bytes", "VARCHAR", b"a", '"0x61"'),
        (SourceColumn("c", "mediumblob"), "blob", "VARCHAR", b"a", '"0x61"'),
        (SourceColumn("c", "longblob"), "blob", "VARCHAR", b"a", '"0x61"'),
        (SourceColumn("c", "geometry"), "blob", "VARCHAR", b"a", '"0x61"'),
    ],
    ids=lambda part: part.data_type if isinstance(part, SourceColumn) else None,
)
def test_each_type_is_mapped_and_written(
    column: SourceColumn, name: str, duckdb: str, value: Value, text: str
) -> None:
    """MySQL → DMS as the guide's table says, DMS → JSON as the module says; and compared so."""
    kind = dms_type(column)
    assert kind.name == name
    assert kind.duckdb == duckdb
    assert encoder(kind, JsonStyle())(value) == text


@pytest.mark.parametrize(
    ("precision", "scale", "duckdb"),
    [(1, 0, "DECIMAL(1,0)"), (38, 38, "DECIMAL(38,38)"), (39, 0, "NUMBER"), (0, 0, "NUMBER")],
)
def test_a_decimal_that_duckdb_cannot_hold_is_compared_by_its_digits(
    precision: int, scale: int, duckdb: str
) -> None:
    assert DmsType("numeric", precision=precision, scale=scale).duckdb == duckdb


EVERY_TYPE = SourceTable(
    "shop",
    "types",
    (
        SourceColumn("id", "int", is_nullable=False),
        SourceColumn("tiny", "tinyint"),
        SourceColumn("flag", "bit", length=1),
        SourceColumn("bits", "bit", length=9),
        SourceColumn("big", "bigint", is_unsigned=True),
        SourceColumn("price", "decimal", precision=9, scale=2),
        SourceColumn("ratio", "float"),
        SourceColumn("mean", "double"),
        SourceColumn("day", "date"),
        SourceColumn("at", "datetime", fraction=3),
        SourceColumn("name", "varchar", length=40),
        SourceColumn("code", "char", length=3),
        SourceColumn("size", "enum", elements=("s", "xxl")),
        SourceColumn("tags", "set", elements=("a", "bc")),
        SourceColumn("raw", "varbinary", length=16),
        SourceColumn("bio", "longtext"),
        SourceColumn("pic", "longblob"),
    ),
    ("id",),
    collation="utf8mb4_bin",
)


def test_a_table_definition_has_each_type_with_its_length() -> None:
    """Precision and scale of a decimal, a length where the type has one, and the key."""
    recipe = TableRecipe(task(), EVERY_TYPE, Clock())
    definition = table_definition(EVERY_TYPE, recipe.target)["table-def"]
    nullable = {"nullable": True}
    assert definition == {
        "columns": {
            "id": {"type": "INT32", "nullable": False},
            "tiny": {"type": "INT8", **nullable},
            "flag": {"type": "BOOLEAN", **nullable},
            "bits": {"type": "BYTES", "length": 8, **nullable},
            "big": {"type": "UINT64", **nullable},
            "price": {"type": "NUMERIC", "precision": 9, "scale": 2, **nullable},
            "ratio": {"type": "FLOAT", **nullable},
            "mean": {"type": "DOUBLE", **nullable},
            "day": {"type": "DATE", **nullable},
            "at": {"type": "DATETIME", **nullable},
            "name": {"type": "WSTRING", "length": 40, **nullable},
            "code": {"type": "WSTRING", "length": 3, **nullable},
            "size": {"type": "WSTRING", "length": 3, **nullable},
            "tags": {"type": "WSTRING", "length": 4, **nullable},
            "raw": {"type": "BYTES", "length": 16, **nullable},
            "bio": {"type": "NCLOB", **nullable},
            "pic": {"type": "BLOB", **nullable},
        },
        "primary-key": ["id"],
        "collation-name": "utf8mb4_bin",
    }


def test_a_table_definition_without_key_or_collation_names_none() -> None:
    table = SourceTable("shop", "log", (SourceColumn("line", "int"),))
    added = rule("add-column", value="one", expression="1", more={"data-type": {"type": "int4"}})
    recipe = TableRecipe(task(added), table, Clock())
    assert table_definition(table, recipe.target)["table-def"] == {
        "columns": {
            "line": {"type": "INT32", "nullable": True},
            "one": {"type": "INT32", "nullable": True},
        }
    }


def test_large_integers_become_doubles_unless_the_endpoint_keeps_them() -> None:
    """UseLargeIntegerValue; up to 2^53 nothing is lost."""
    encode = encoder(DmsType("int8"), JsonStyle(exact_integers=False))
    assert encode(2**53) == "9007199254740992"
    assert encode(2**60 + 1) == "1.152921504606847e+18"


def test_a_load_record_has_its_captured_shape() -> None:
    """No transaction, and the key decides the shard."""
    message = TableRecipe(task(), PERSON, Clock()).load([7, "Ada", None, None])
    assert message.partition_key == "7"
    record = json.loads(message.text)
    assert record["data"] == {"id": 7, "name": "Ada"}
    del record["metadata"]["timestamp"]
    assert record["metadata"] == {
        "record-type": "data",
        "operation": "load",
        "partition-key-type": "primary-key",
        "schema-name": "shop",
        "table-name": "person",
    }


def test_the_include_flags_add_what_they_say() -> None:
    """Nulls, transaction details and the partition value."""
    flags = dict.fromkeys(
        ("include_null_and_empty", "include_transaction_details", "include_partition_value"), True
    )
    settings = {"TargetMetadata": {"ParallelApplyThreads": 4}}
    recipe = TableRecipe(
        task(settings=settings, partition_include_schema_table=True, **flags), PERSON, Clock()
    )
    record = json.loads(recipe.change("delete", ROW, None, ORIGIN).text)
    # captures of deletes from MySQL hold the whole row
    assert record["data"] == json.loads(recipe.load(ROW).text)["data"]
    assert record["metadata"]["partition-key-value"] == "shop.person.7"
    assert record["metadata"]["transaction-record-id"] == 2
    assert record["metadata"]["prev-transaction-id"] == 11
    assert record["metadata"]["stream-position"] == "mysql-bin.000001:99:0"


@pytest.mark.parametrize(
    ("given", "data"),
    [
        (rule("rename", column="name", value="full"), {"full": "Ada"}),
        (rule("rename", column="name", expression="upper($COLUMN_NAME_VAR)"), {"NAME": "Ada"}),
        (rule("convert-uppercase", column="name"), {"NAME": "Ada"}),
        (rule("convert-lowercase", column="name"), {"name": "Ada"}),
        (rule("add-prefix", column="name", value="x_"), {"x_name": "Ada"}),
        (rule("remove-prefix", column="name", value="na"), {"me": "Ada"}),
        (
            rule("replace-prefix", column="name", value="fa", more={"old-value": "na"}),
            {"fame": "Ada"},
        ),
        (rule("add-suffix", column="name", value="_x"), {"name_x": "Ada"}),
        (rule("remove-suffix", column="name", value="me"), {"na": "Ada"}),
        (
            rule("replace-suffix", column="name", value="vy", more={"old-value": "me"}),
            {"navy": "Ada"},
        ),
        (rule("remove-column", column="name"), {}),
        (
            rule(
                "add-column",
                value="both",
                expression="$name || '/' || $id",
                more={"data-type": {"type": "string", "length": 50}},
            ),
            {"name": "Ada", "both": "Ada/7"},
        ),
        (
            rule("change-data-type", column="id", more={"data-type": {"type": "string"}}),
            {"id": "7", "name": "Ada"},
        ),
        (
            rule("data-masking-digits-mask", column="card", value="#"),
            {"name": "Ada", "card": "####-#"},
        ),
    ],
    ids=lambda part: part.get("rule-action") if isinstance(part, dict) else None,
)
def test_each_transformation_of_a_column_is_applied(given: Json, data: Json) -> None:
    """In the record's data; the other columns stay."""
    expected = {"id": 7, "card": "4012-7", "bio": "long"} | data
    assert loaded(given)["data"] == expected


def test_a_key_that_a_rule_defines_decides_the_shard() -> None:
    key = rule(
        "define-primary-key", "table", more={"primary-key-def": {"name": "k", "columns": ["name"]}}
    )
    key["object-locator"] = {"schema-name": "shop", "table-name": "person"}
    assert TableRecipe(task(key), PERSON, Clock()).load(ROW).partition_key == "Ada"


def test_before_images_hold_the_key_or_what_the_filter_says() -> None:
    """As an object of the record, or by a rule as columns."""
    before: list[Value] = [6, "Bo", "1", "old"]
    for column_filter, image in (
        (None, {"id": 6}),
        ("non-lob", {"id": 6, "name": "Bo", "card": "1"}),
        ("all", {"id": 6, "name": "Bo", "card": "1", "bio": "old"}),
    ):
        chosen = {"EnableBeforeImage": True, "FieldName": "was"}
        chosen |= {"ColumnFilter": column_filter} if column_filter else {}
        recipe = TableRecipe(task(settings={"BeforeImageSettings": chosen}), PERSON, Clock())
        assert json.loads(recipe.change("update", ROW, before, ORIGIN).text)["was"] == image
        assert "was" not in json.loads(recipe.change("insert", ROW, None, ORIGIN).text)
    added = rule("add-before-image-columns", more={"before-image-def": {"column-filter": "all"}})
    recipe = TableRecipe(task(added), PERSON, Clock())
    data = json.loads(recipe.change("update", ROW, before, ORIGIN).text)["data"]
    assert data == {
        **{"id": 7, "name": "Ada", "card": "4012-7", "bio": "long"},
        **{"BI_id": 6, "BI_name": "Bo", "BI_card": "1", "BI_bio": "old"},
    }


def test_a_changed_key_without_a_before_image_is_counted() -> None:
    """No consumer can follow it."""
    recipe = TableRecipe(task(), PERSON, Clock())
    recipe.change("update", ROW, [6, *ROW[1:]], ORIGIN)
    recipe.change("update", ROW, ROW, ORIGIN)
    assert recipe.key_changes == 1


def test_object_mapping_makes_documents_attributes_and_partition_keys() -> None:
    """Columns below _doc, attributes of texts and objects, and one of them as the key."""
    mapping: Json = {
        "rule-type": "object-mapping",
        "rule-action": "map-record-to-document",
        "object-locator": {"schema-name": "shop", "table-name": "person"},
        "mapping-parameters": {
            "partition-key-type": "attribute-name",
            "partition-key-name": "who",
            "exclude-columns": ["bio", "card"],
            "attribute-mappings": [
                {
                    "target-attribute-name": "who",
                    "attribute-type": "scalar",
                    "attribute-sub-type": "string",
                    "value": "${name} (${id})",
                },
                {
                    "target-attribute-name": "more",
                    "attribute-type": "document",
                    "attribute-sub-type": "json",
                    "value": {"card": {"no": "${card}"}},
                },
            ],
        },
    }
    message = TableRecipe(task(mapping), PERSON, Clock()).load(ROW)
    assert message.partition_key == "Ada (7)"
    assert json.loads(message.text)["data"] == {
        "who": "Ada (7)",
        "more": {"card": {"no": "4012-7"}},
        "_doc": {"id": 7, "name": "Ada"},
    }

    # beside the columns, they are compared as texts: one as it is, an object as JSON
    mapping["rule-action"] = "map-record-to-record"
    recipe = TableRecipe(task(mapping), PERSON, Clock())
    compared = {name: value(ROW) for name, _, value in recipe.compared()}
    assert compared["who"] == "Ada (7)"
    assert json.loads(str(compared["more"])) == {"card": {"no": "4012-7"}}


def object_mapping(**parameters: Any) -> Json:
    """An object mapping of the table; keys with a dash come with an underscore."""
    return {
        "rule-type": "object-mapping",
        "rule-action": "map-record-to-record",
        "object-locator": {"schema-name": "shop", "table-name": "person"},
        "mapping-parameters": {k.replace("_", "-"): v for k, v in parameters.items()},
    }


@pytest.mark.parametrize(("length", "kept"), [(255, 255), (256, 256), (257, 256), (600, 256)])
def test_a_partition_key_is_cut_where_kinesis_has_its_limit(length: int, kept: int) -> None:
    """The key of a row as the name of its table."""
    by_name = replace(PERSON, primary_key=("name",))
    message = TableRecipe(task(), by_name, Clock()).load([7, "n" * length, None, None])
    assert message.partition_key == "n" * kept
    table = replace(PERSON, name="t" * (length - len("shop.")), primary_key=())
    message = TableRecipe(task(), table, Clock()).load(ROW)
    assert message.partition_key == f"shop.{table.name}"[:kept]


@pytest.mark.parametrize(
    "parameters",
    [
        {"partition_key_type": "constant", "partition_key_name": "one"},
        {"partition_key": {"value": "one"}},
    ],
    ids=["constant", "the older form"],
)
def test_a_constant_partition_key_is_every_records(parameters: Json) -> None:
    given = task(object_mapping(**parameters), include_partition_value=True)
    recipe = TableRecipe(given, PERSON, Clock())
    for message in (recipe.load(ROW), recipe.change("delete", ROW, None, ORIGIN)):
        metadata = json.loads(message.text)["metadata"]
        assert message.partition_key == "one"
        assert metadata["partition-key-type"] == "constant"
        assert metadata["partition-key-value"] == "one"


def test_attribute_mappings_beside_renames() -> None:
    """A column goes by its name in the source and by its new one, with what rules make of it."""
    attribute = {"attribute-type": "scalar", "attribute-sub-type": "string"}
    record = loaded(
        rule("rename", column="name", value="full"),
        rule("data-masking-digits-mask", column="card", value="#"),
        object_mapping(
            partition_key_type="attribute-name",
            partition_key_name="who",
            exclude_columns=["bio"],
            attribute_mappings=[
                {"target-attribute-name": "who", "value": "${full}/${name}", **attribute},
                {"target-attribute-name": "masked", "value": "${card}", **attribute},
            ],
        ),
        include_partition_value=True,
    )
    assert record["data"] == {
        **{"who": "Ada/Ada", "masked": "####-#"},
        **{"id": 7, "full": "Ada", "card": "####-#"},
    }
    assert record["metadata"]["partition-key-value"] == "Ada/Ada"


def test_a_partition_key_may_be_a_renamed_column() -> None:
    for name in ("name", "full"):
        mapping = object_mapping(
            partition_key_type="attribute-name",
            partition_key_name=name,
            attribute_mappings=[
                {
                    "target-attribute-name": name,
                    "attribute-type": "scalar",
                    "attribute-sub-type": "string",
                    "value": "${name}",
                }
            ],
        )
        rules = [rule("rename", column="name", value="full"), mapping]
        message = TableRecipe(task(*rules), PERSON, Clock()).load(ROW)
        assert message.partition_key == "Ada"


def test_lobs_are_cut_counted_or_left_out() -> None:
    """At LobMaxSize, by a table's own size, and not at all without LOB support."""
    row: list[Value] = [1, None, None, "ü" * 1000]
    recipe = TableRecipe(task(settings={"TargetMetadata": {"LobMaxSize": 1}}), PERSON, Clock())
    assert json.loads(recipe.load(row).text)["data"]["bio"] == "ü" * 512
    assert recipe.lobs_cut == 1
    own = {
        "rule-type": "table-settings",
        "object-locator": {"schema-name": "shop", "table-name": "person"},
        "lob-settings": {"mode": "limited", "bulk-max-size": "2"},
    }
    settings = {"TargetMetadata": {"LobMaxSize": 1}}
    assert loaded(own, row=row, settings=settings)["data"]["bio"] == "ü" * 1000
    none = {"TargetMetadata": {"SupportLobs": False}}
    assert loaded(settings=none)["data"] == {"id": 7, "name": "Ada", "card": "4012-7"}


def test_lobs_of_a_table_without_a_key_are_left_out() -> None:
    row: list[Value] = [1, None, None, "long"]
    bare = replace(PERSON, primary_key=())
    unique = replace(bare, has_unique_key=True)
    for table, sent in ((PERSON, True), (bare, False), (unique, True)):
        data = json.loads(TableRecipe(task(), table, Clock()).load(row).text)["data"]
        assert ("bio" in data) is sent


@pytest.mark.parametrize(("operator", "values", "taken"), FILTERS, ids=lambda part: str(part))
def test_filters_judge_changes_by_value(operator: str, values: Json, taken: set[int]) -> None:
    """Numbers as numbers: 7 is less than 10. The full load's SQL: test_filters.py."""
    only = selection("shop", "person", filters=[filtered("id", operator, **values)])
    mappings = TableMappings.from_json({"rules": [only]})
    recipe = TableRecipe(replace(task(), mappings=mappings), PERSON, Clock())
    assert recipe.includes is not None
    rows: dict[int, list[Value]] = {
        place: [number, *ROW[1:]] for place, number in enumerate(FILTERED)
    }
    assert {place for place, row in rows.items() if recipe.includes(row)} == taken


@pytest.mark.parametrize("partition_value", [None, "TASKID"])
@pytest.mark.parametrize("control", [None, {"table-def": {"columns": {"é": {"type": "int4"}}}}])
def test_a_control_record_word_by_word(partition_value: str | None, control: Json | None) -> None:
    for is_on_one_line in (True, False):
        text = control_message(
            Layout(is_on_one_line=is_on_one_line),
            Clock(4_102_444_799_999_997),
            "create-table",
            schema_name="shop",
            table_name='"t"',
            partition_value=partition_value,
            control=control,
        )
        colon, comma, begin, end = (":", ",", "{", "}")
        outer, first, last = ",", "{", "}"
        if not is_on_one_line:
            colon, comma, begin, end = (":\t", ",\n\t\t", "{\n\t\t", "\n\t}")
            outer, first, last = ",\n\t", "{\n\t", "\n}"
        pairs = {
            "timestamp": "2099-12-31T23:59:59.999998Z",
            "record-type": "control",
            "operation": "create-table",
            "partition-key-type": "task-id",
            **({"partition-key-value": partition_value} if partition_value else {}),
            "schema-name": "shop",
            "table-name": '\\"t\\"',
        }
        metadata = comma.join(f'"{name}"{colon}"{value}"' for name, value in pairs.items())
        parts = [f'"metadata"{colon}{begin}{metadata}{end}']
        if control is not None:
            details = (
                '{"table-def":{"columns":{"é":{"type":"int4"}}}}'
                if is_on_one_line
                else '{"table-def": {"columns": {"é": {"type": "int4"}}}}'
            )
            parts.insert(0, f'"control"{colon}{details}')
        assert text == f"{first}{outer.join(parts)}{last}"


def test_a_message_in_json_is_spread_over_lines_with_the_same_content() -> None:
    """The message format `json`."""
    given = task()
    target = replace(given.target, message_format="json")
    text = TableRecipe(replace(given, target=target), PERSON, Clock()).load(ROW).text
    assert text.startswith('{\n\t"data":\t{\n\t\t"id":\t7,\n\t\t"name"')
    assert json.loads(text)["data"]["name"] == "Ada"


def test_values_that_the_log_decodes_otherwise_are_mended() -> None:
    """Negative fractions of a TIME."""
    assert negative_time(-timedelta(seconds=56, milliseconds=750)) == -timedelta(
        seconds=56, milliseconds=250
    )


def test_time_stamps_grow_across_the_end_of_a_second_and_a_clock_set_back() -> None:
    # the last stamp of an earlier run lies in the future
    clock = Clock(4_102_444_799_999_997)
    assert [clock.stamp() for _ in range(4)] == [
        "2099-12-31T23:59:59.999998Z",
        "2099-12-31T23:59:59.999999Z",
        "2100-01-01T00:00:00.000000Z",
        "2100-01-01T00:00:00.000001Z",
    ]


def test_the_logs_time_stamps_are_whole() -> None:
    """The log has whole seconds, and DMS writes six digits of them."""
    assert utc_stamp(2_145_916_799) == "2037-12-31T23:59:59.000000Z"
