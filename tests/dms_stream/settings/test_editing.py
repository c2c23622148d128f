"""A key of a settings file is set, and the rest of its text stays."""

from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from ruamel.yaml import YAML

from constructs_lib.errors import SettingsError
from dms_stream.settings.editing import with_value

FILE = Path("environments/seed.yaml")
TABLES = {"a.b": {"columns": {"id": "int"}, "primary_key": ["id"]}}
PATH = ["pipelines", "orders", "data_catalog", "tables"]


def edited(text: str, value: Any = TABLES, path: list[str] = PATH) -> str:
    return with_value(text, path, value, file=FILE)


def loaded(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        pytest.param(
            """\
# the first
pipelines:
  orders:
    source: {kind: new}  # a comment

  tickets: {}
# the last
""",
            """\
# the first
pipelines:
  orders:
    source: {kind: new}  # a comment
    data_catalog:
      tables:
        a.b:
          columns:
            id: int
          primary_key:
            - id

  tickets: {}
# the last
""",
            id="added with all that is missing above it",
        ),
        pytest.param(
            """\
pipelines:
  orders:
    data_catalog:
      # who reads it
      workgroup: {}
      note: |
        two
        lines
    # behind it
    stream: {}
""",
            """\
pipelines:
  orders:
    data_catalog:
      # who reads it
      workgroup: {}
      note: |
        two
        lines
      tables:
        a.b:
          columns:
            id: int
          primary_key:
            - id
    # behind it
    stream: {}
""",
            id="added behind the others",
        ),
        pytest.param(
            """\
pipelines:
  orders:
    data_catalog:
      tables:
        x.y:
          columns: {id: bigint}
          primary_key: [id]

      # stays
      first_day: 2026-01-01
""",
            """\
pipelines:
  orders:
    data_catalog:
      tables:
        a.b:
          columns:
            id: int
          primary_key:
            - id

      # stays
      first_day: 2026-01-01
""",
            id="in place of another value",
        ),
        pytest.param(
            "pipelines:\n  orders:\n    data_catalog:\n      tables: {}",
            "pipelines:\n  orders:\n    data_catalog:\n      tables:\n        a.b:\n"
            "          columns:\n            id: int\n          primary_key:\n            - id\n",
            id="in place of an empty one, without a newline at the end",
        ),
    ],
)
def test_only_the_key_changes(text: str, expected: str) -> None:
    assert edited(text) == expected
    # once more changes nothing
    assert edited(expected) == expected


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("pipelines: {orders: {data_catalog: {}}}\n", "pipelines"),
        ("pipelines:\n  orders: {}\n", "pipelines.orders"),
        (
            "pipelines:\n  orders:\n    data_catalog: &shared\n      views: true\n"
            "  tickets:\n    data_catalog: *shared\n",
            "pipelines.orders.data_catalog",
        ),
        (
            "pipelines:\n  tickets:\n    data_catalog: &shared\n      views: true\n"
            "  orders:\n    data_catalog: *shared\n",
            "pipelines.orders.data_catalog",
        ),
        ("pipelines:\n  orders:\n    data_catalog:\n", "pipelines.orders.data_catalog"),
    ],
)
def test_what_cannot_be_edited_is_named_with_what_to_put_there(text: str, where: str) -> None:
    with pytest.raises(SettingsError) as refusal:
        edited(text)
    (fault,) = refusal.value.faults
    assert fault.where == where
    assert "put this below pipelines.orders.data_catalog yourself" in fault.problem
    assert "a.b:\n    columns:" in fault.problem


def test_odd_names_are_quoted() -> None:
    value = {"no.123": {"columns": {"null": "int", "a: b": "string"}}}
    text = edited("pipelines:\n  orders:\n    data_catalog:\n      views: true\n", value)
    assert loaded(text)["pipelines"]["orders"]["data_catalog"]["tables"] == value


def test_what_a_program_holds_is_written_as_yaml_has_it() -> None:
    value = MappingProxyType({"id": ("int", MappingProxyType({"nested": 1}))})
    assert loaded(edited("pipelines:\n  orders: {}\n", value, ["pipelines", "tickets"])) == {
        "pipelines": {"orders": {}, "tickets": {"id": ["int", {"nested": 1}]}}
    }
