"""A word that DMS's vocabulary gains is refused by name wherever nobody has said what it means.

Each closed set gets an invented member. Every part that acts on such a word must name it: in what
it raises (a refusal, or `assert_never`), or in what it finds. Silence, or another word's meaning,
is the fault this looks for.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from constructs_lib.dms import vocabulary
from constructs_lib.dms.table_mappings import (
    Filter,
    FilterCondition,
    LobSettings,
    MappingParameters,
    ObjectMappingRule,
    ParallelLoad,
    Rule,
    SelectionRule,
    TableMappings,
    TableSettingsRule,
    TransformationRule,
)
from constructs_lib.dms.table_mappings.selection import applies_to, covers_rule, is_including
from constructs_lib.dms.task_settings import BeforeImageSettings, TaskSettings, task_faults
from constructs_lib.errors import DmsStreamError
from dms_stream.rehearsal import deployed_task
from dms_stream.rehearsal.mapping.filters import filter_predicate, filter_sql
from dms_stream.rehearsal.mapping.messages import Clock
from dms_stream.rehearsal.mapping.table_recipe import TableRecipe
from dms_stream.rehearsal.mapping.transformations import transform
from dms_stream.rehearsal.task.refusals import refuse_unsupported
from dms_stream.review.mapping_words import differences
from tests.dms_stream.rehearsal.mapping.test_rules_and_records import PERSON, ROW, task

# it begins as a masking action does: to know one by its beginning is not to know it
INVENTED: Any = "data-masking-invented"
# named by the program, not by pydantic when it writes a model that it would not have taken
pytestmark = pytest.mark.filterwarnings("ignore:Pydantic serializer warnings")

SELECTION = SelectionRule(rule_id="1", schema_name="shop", table_name="person")
CONDITION = FilterCondition(filter_operator="eq", value="7")
TRANSFORMATION = TransformationRule(
    rule_id="2", rule_target="column", rule_action="remove-column", schema_name="shop",
    table_name="person", column_name="card",
)  # fmt: skip
RENAMING = TransformationRule(
    rule_id="2", rule_target="table", rule_action="rename", schema_name="shop",
    table_name="person", value="people",
)  # fmt: skip
OBJECT_MAPPING = ObjectMappingRule(
    rule_id="3", rule_action="map-record-to-record", schema_name="shop", table_name="person",
    mapping_parameters=MappingParameters(partition_key_type="schema-table"),
)  # fmt: skip
TABLE_SETTINGS = TableSettingsRule(
    rule_id="4", schema_name="shop", table_name="person",
    parallel_load=ParallelLoad(type="none"),
    lob_settings=LobSettings(mode="limited", bulk_max_size=32),
)  # fmt: skip


def changed(model: Any, **fields: Any) -> Any:
    """The model with fields that its validation would refuse."""
    return model.model_copy(update=fields)


def mappings(*rules: Rule) -> TableMappings:
    """Mappings with rules that their validation would refuse."""
    if not any(isinstance(rule, SelectionRule) for rule in rules):
        rules = (SELECTION, *rules)
    return TableMappings.model_construct(tables=(), rules=rules)


def rehearsed(*rules: Rule) -> str:
    """A row as the rehearsal loads it by these rules."""
    plain = task()
    deployed = replace(plain, mappings=mappings(*rules))
    return TableRecipe(deployed, PERSON, Clock()).load(ROW).text


def accepted(*rules: Rule) -> None:
    """Whether the rehearsal takes these rules on."""
    refuse_unsupported(replace(task(), mappings=mappings(*rules)))


def reviewed(*rules: Rule) -> list[str]:
    """What the review says when these rules come to be, and when they go."""
    plain, new = mappings(SELECTION), mappings(SELECTION, *rules)
    return [each.text for each in [*differences(plain, new), *differences(new, plain)]]


def linted(*rules: Rule) -> list[str]:
    """What is wrong with the rules."""
    return [str(fault) for fault in mappings(*rules).faults()]


ACTION = changed(SELECTION, rule_action=INVENTED)
TYPE = changed(SELECTION, table_type=INVENTED)
OPERATOR = changed(
    SELECTION,
    filters=(
        Filter(column_name="id", filter_conditions=(CONDITION,)).model_copy(
            update={"filter_conditions": (changed(CONDITION, filter_operator=INVENTED),)}
        ),
    ),
)
TARGET = changed(RENAMING, rule_target=INVENTED)
EFFECT = changed(TRANSFORMATION, rule_action=INVENTED)
MAPPED = changed(OBJECT_MAPPING, rule_action=INVENTED)
KEY = changed(
    OBJECT_MAPPING,
    mapping_parameters=MappingParameters.model_construct(partition_key_type=INVENTED),
)
LOAD = changed(TABLE_SETTINGS, parallel_load=ParallelLoad.model_construct(type=INVENTED))
LOBS = changed(
    TABLE_SETTINGS, lob_settings=LobSettings.model_construct(mode=INVENTED, bulk_max_size=32)
)
IMAGE = replace(
    task(),
    settings=TaskSettings.model_construct(
        before_image_settings=BeforeImageSettings.model_construct(
            enable_before_image=True, field_name="before", column_filter=INVENTED
        )
    ),
)
ENDPOINT = {
    "EngineName": "kinesis",
    "KinesisSettings": {"StreamArn": "arn:x", "MessageFormat": INVENTED},
}

CONSUMERS: dict[str, Callable[[], object]] = {
    "selection action, lint": lambda: linted(ACTION),
    "selection action, including": lambda: is_including(ACTION),
    "selection action, applying": lambda: applies_to(ACTION, "shop", "person"),
    "selection action, captures": lambda: mappings(ACTION).captures("shop", "person"),
    "selection action, refusals": lambda: accepted(ACTION),
    "selection action, rehearsal": lambda: rehearsed(ACTION),
    "selection action, review": lambda: reviewed(ACTION),
    "table type, applying": lambda: applies_to(TYPE, "shop", "person"),
    "table type, covering": lambda: covers_rule(SELECTION, TYPE),
    "table type, refusals": lambda: accepted(TYPE),
    "table type, rehearsal": lambda: rehearsed(TYPE),
    "table type, review": lambda: reviewed(TYPE),
    "filter operator, lint": lambda: linted(OPERATOR),
    "filter operator, load": lambda: filter_sql(PERSON, [OPERATOR]),
    "filter operator, changes": lambda: filter_predicate(PERSON, [OPERATOR]),
    "rule target, lint": lambda: linted(TARGET),
    "rule target, refusals": lambda: accepted(TARGET),
    "rule target, rehearsal": lambda: transform(PERSON, [TARGET]),
    "rule target, review": lambda: reviewed(TARGET),
    "transformation action, lint": lambda: linted(EFFECT),
    "transformation action, rehearsal": lambda: transform(PERSON, [EFFECT]),
    "transformation action, record": lambda: rehearsed(EFFECT),
    "transformation action, review": lambda: reviewed(EFFECT),
    "object mapping action, lint": lambda: linted(MAPPED),
    "object mapping action, rehearsal": lambda: rehearsed(MAPPED),
    "object mapping action, review": lambda: reviewed(MAPPED),
    "partition key type, lint": lambda: linted(KEY),
    "partition key type, rehearsal": lambda: rehearsed(KEY),
    "partition key type, review": lambda: reviewed(KEY),
    "parallel load, lint": lambda: linted(LOAD),
    "parallel load, refusals": lambda: accepted(LOAD),
    "lob mode, lint": lambda: linted(LOBS),
    "lob mode, rehearsal": lambda: rehearsed(LOBS),
    "column filter, rehearsal": lambda: TableRecipe(IMAGE, PERSON, Clock()),
    "migration type, loads": lambda: vocabulary.loads_rows(INVENTED),
    "migration type, captures": lambda: vocabulary.captures_changes(INVENTED),
    "migration type, task": lambda: task_faults(INVENTED, mappings(), TaskSettings()),
    "migration type, deployed": lambda: deployed_task._migration_type(INVENTED),
    "message format, layout": lambda: vocabulary.is_on_one_line(INVENTED),
    "message format, deployed": lambda: deployed_task._target(ENDPOINT),
}


@pytest.mark.parametrize("consumer", CONSUMERS.values(), ids=CONSUMERS)
def test_an_invented_word_is_named(consumer: Callable[[], object]) -> None:
    try:
        answer = str(consumer())
    except (DmsStreamError, AssertionError) as error:
        answer = str(error)
    assert INVENTED in answer


def test_without_the_invented_word_nobody_complains() -> None:
    """Or the test above would see refusals of something else."""
    rules: list[Rule] = [SELECTION, TRANSFORMATION, OBJECT_MAPPING, TABLE_SETTINGS]
    assert linted(*rules) == []
    accepted(*rules)
    assert "card" not in rehearsed(*rules)
    assert INVENTED not in str(reviewed(*rules))
