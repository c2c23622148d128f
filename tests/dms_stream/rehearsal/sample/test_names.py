"""The sample stands under the names that a task selects."""

import pytest

from constructs_lib.dms.table_mappings import TableMappings
from dms_stream.rehearsal.errors import RehearsalError
from dms_stream.rehearsal.sample import TABLES, names_for
from dms_stream.rehearsal.sample.names import OWN_NAMES


def mappings(*tables: str) -> TableMappings:
    return TableMappings(tables=tables)


@pytest.mark.parametrize("table", ["dms_sample.%", "%.%", "dms_sample.events", "dms%.ticket_%"])
def test_a_task_of_the_sample_finds_it_as_it_is(table: str) -> None:
    assert names_for(mappings(table)) == OWN_NAMES
    assert names_for(mappings(table)).renamed == {}


def test_a_wildcard_takes_the_tables_own_names() -> None:
    names = names_for(mappings("orders.%"))
    assert names.by_table == {table: ("orders", table) for table in TABLES}
    assert names.schemas == ("orders",)


def test_exact_names_begin_with_the_table_that_changes() -> None:
    names = names_for(mappings("shop.orders", "crm.people"))
    assert names.renamed == {"ticket_purchase_hist": "shop.orders", "tickets": "crm.people"}
    # the others are not selected, and stand aside
    assert names.by_table["events"] == ("shop and beside", "events")
    assert set(names.schemas) == {"shop and beside", "crm", "shop"}


@pytest.mark.parametrize(
    ("pattern", "name"),
    [
        ("shop.order[_]%", "shop.order_ticket_purchase_hist"),
        ("shop.[ab]c", "shop.ac"),
        ("shop_%.orders", "shop_dms_sample.orders"),
        ("shop.a%b%", "shop.aticket_purchase_histb"),
    ],
)
def test_patterns_are_filled(pattern: str, name: str) -> None:
    names = names_for(mappings(pattern))
    assert names.renamed["ticket_purchase_hist"] == name


def test_an_excluded_name_is_not_taken() -> None:
    rules = [
        {
            "rule-type": "selection",
            "rule-id": str(number),
            "rule-name": str(number),
            "rule-action": action,
            "object-locator": {"schema-name": "shop", "table-name": table},
        }
        for number, (action, table) in enumerate(
            [("include", "%"), ("exclude", "tick%"), ("include", "orders")], start=1
        )
    ]
    assert names_for(TableMappings(rules=rules)).renamed["ticket_purchase_hist"] == "shop.orders"


def test_rules_that_select_views_only_have_no_sample() -> None:
    rule = {
        "rule-type": "selection",
        "rule-id": "1",
        "rule-name": "1",
        "rule-action": "include",
        "object-locator": {"schema-name": "shop", "table-name": "%", "table-type": "view"},
    }
    with pytest.raises(RehearsalError, match=r"what the rules select \(shop\.%\)"):
        names_for(TableMappings(rules=[rule]))
