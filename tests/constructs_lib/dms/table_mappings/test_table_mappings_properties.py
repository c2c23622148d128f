"""Whatever a table mapping says, it says the same after a round trip, and its ids are unique."""

import contextlib
import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from constructs_lib.dms.table_mappings import SelectionRule, TableMappings
from constructs_lib.dms.task_settings import TaskSettings
from constructs_lib.errors import InvalidPropsError
from tests.constructs_lib.dms.table_mappings.test_table_mappings_documents import DOCUMENTS, meaning

PLAIN = st.text(
    st.characters(exclude_characters="%[]#\\/-.", exclude_categories=("C", "Z")), min_size=1
)
IDS = st.lists(st.integers(1, 10**9), min_size=1, max_size=8, unique=True)
VALUES = st.one_of(st.text(), st.integers(), st.floats(allow_nan=False, allow_infinity=False))
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=15,
)


@st.composite
def documents(draw: st.DrawFn) -> dict[str, Any]:
    """Documents put together from rules of known meaning, with names and ids of all kinds."""
    ids = draw(IDS)
    rules: list[dict[str, Any]] = [
        {
            "rule-type": "selection",
            "rule-id": draw(st.sampled_from([ids[0], str(ids[0])])),
            "rule-name": f"name-{ids[0]}",
            "object-locator": {"schema-name": draw(PLAIN), "table-name": draw(PLAIN)},
            "rule-action": draw(st.sampled_from(["include", "explicit"])),
        }
    ]
    if rules[0]["rule-action"] == "include":
        conditions = st.lists(
            st.builds(
                lambda operator, value: {"filter-operator": operator, "value": value},
                st.sampled_from(["eq", "lte", "gte"]),
                VALUES,
            ),
            min_size=1,
            max_size=3,
        )
        filters = st.builds(
            lambda column, given_: {
                "filter-type": "source",
                "column-name": column,
                "filter-conditions": given_,
            },
            PLAIN,
            conditions,
        )
        rules[0]["filters"] = draw(st.lists(filters, max_size=2))
    for number in ids[1:]:
        rules.append(
            {
                "rule-type": "transformation",
                "rule-id": str(number),
                "rule-name": f"name-{number}",
                "rule-target": "column",
                "object-locator": {
                    "schema-name": draw(PLAIN),
                    "table-name": draw(PLAIN),
                    "column-name": f"c{number}",
                },
                "rule-action": "rename",
                "value": draw(PLAIN),
            }
        )
    return {"rules": rules}


@given(documents())
def test_a_round_trip_keeps_the_meaning(document: dict[str, Any]) -> None:
    once = TableMappings.from_json(json.dumps(document)).to_json()

    assert json.loads(once) == meaning(document)
    assert TableMappings.from_json(once).to_json() == once


@given(st.lists(PLAIN, unique=True, max_size=6), IDS, st.data())
def test_ids_and_names_stay_unique_when_both_forms_are_mixed(
    tables: list[str], ids: list[int], data: st.DataObject
) -> None:
    listed = tuple(f"s.{table}" for table in tables)
    # some rules take the very ids that listed tables would get
    wanted = [
        int(rule.rule_id or 0) for rule in TableMappings(tables=(*listed, "s.always")).all_rules
    ]
    choices = st.sampled_from([*ids, *wanted]) | st.none()
    given_ids = data.draw(st.lists(choices, max_size=6, unique_by=lambda n: n or object()))
    rules = tuple(
        SelectionRule(
            rule_id=None if number is None else str(number), schema_name="t", table_name=f"t{place}"
        )
        for place, number in enumerate(given_ids)
    )

    mappings = TableMappings(tables=(*listed, "s.always"), rules=rules)

    written = mappings.to_document()["rules"]
    assert len({rule["rule-id"] for rule in written}) == len(written)
    assert len({rule["rule-name"] for rule in written}) == len(written)
    assert mappings.to_json() == TableMappings(tables=mappings.tables, rules=rules).to_json()


@given(st.one_of(ANY_JSON, st.text(), st.binary()))
def test_any_input_is_read_or_refused_in_our_own_words(document: Any) -> None:
    for read in (TableMappings.from_json, TaskSettings.from_json):
        with contextlib.suppress(InvalidPropsError):
            read(document)


@settings(max_examples=300)
@given(st.sampled_from(sorted(DOCUMENTS)), st.data())
def test_any_change_of_a_good_document_is_read_or_refused_in_our_own_words(
    name: str, data: st.DataObject
) -> None:
    document = json.loads(json.dumps({"rules": DOCUMENTS[name]}))
    here: Any = document
    while True:
        keys = sorted(here) if isinstance(here, dict) else list(range(len(here)))
        key = data.draw(st.sampled_from(keys))
        if isinstance(here[key], dict | list) and here[key] and data.draw(st.booleans()):
            here = here[key]
            continue
        here[key] = data.draw(ANY_JSON)
        break

    for lint in (True, False):
        try:
            read = TableMappings.from_json(document, lint=lint)
        except InvalidPropsError:
            continue
        # what was read is written so that it can be read again
        once = read.to_json()
        assert TableMappings.from_json(once, lint=lint).to_json() == once
