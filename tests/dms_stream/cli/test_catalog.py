"""`dms-stream catalog`: what it writes, when it asks, and what it refuses; a source is played.

With a real one: tests/dms_stream/rehearsal/views/test_catalog_command.py.
"""

import json
import sys
import termios
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from dms_stream.cli import approval, catalog
from dms_stream.cli.app import app
from dms_stream.cli.workspace import open_workspace
from dms_stream.rehearsal.views.source_columns import ViewedTable
from dms_stream.settings.environment import load_environment
from tests.support.variants import TLS

PIPELINE = """\
  {name}:
    source: {{kind: new}}
    replication:
      table_mappings:
        tables: [shop.orders, shop.seats]
      source_endpoint: {{tls: {tls}}}
    data_catalog:
{catalog}
"""
HEAD = "region: eu-west-1\nstate: {bucket_name: example-state}\n\npipelines:\n"
NEW = "      first_day: 2026-01-01"
ORDERS = ViewedTable("shop.orders", {"Id": "int", "price": "decimal(12,3)"}, ["Id"])
SEATS = ViewedTable("shop.seats", {"id": "int"}, ["id"], in_document=True)
VISITS = ViewedTable("shop.visits", {"at": "timestamp"}, [])

Settings = Callable[..., Path]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A file with a pipeline for each catalog."""

    def write(**catalogs: str) -> Path:
        file = tmp_path / "trial.yaml"
        pipelines = [
            PIPELINE.format(name=name, tls=json.dumps(TLS), catalog=text)
            for name, text in (catalogs or {"shop": NEW}).items()
        ]
        file.write_text(HEAD + "".join(pipelines))
        return file

    return write


@pytest.fixture
def source(monkeypatch: pytest.MonkeyPatch) -> list[ViewedTable]:
    """The tables that a source has."""
    tables = [ORDERS]
    monkeypatch.setattr(catalog, "_of_source", lambda *_: list(tables))
    return tables


def run(file: Path, *options: str) -> Result:
    return CliRunner().invoke(
        app,
        ["catalog", "--env", str(file), "--database", "mysql://dms@db:3306", *options],
        env={"COLUMNS": "200", "NO_COLOR": "1"},
    )


def tables_of(file: Path, pipeline: str = "shop") -> dict[str, dict[str, object]]:
    """What a settings file says of the tables."""
    made: Any = load_environment(file).pipelines[pipeline].data_catalog
    found: dict[str, dict[str, object]] = made.model_dump(exclude_unset=True).get("tables", {})
    return found


@pytest.mark.usefixtures("source")
def test_as_json_it_tells_and_writes_only_what_is_approved(
    settings: Settings, source: list[ViewedTable]
) -> None:
    source[:] = [ORDERS, SEATS, VISITS]
    file = settings()
    before = file.read_text()
    done = run(file, "--json")
    assert done.exit_code == 0, done.output
    # nobody is asked, as a program reads it, and nothing is written
    assert file.read_text() == before
    told = json.loads(done.stdout)
    assert told == {
        "shop": {
            "shop.orders": {
                "columns": ORDERS.columns,
                "primary_key": ["Id"],
                "why_no_view": None,
            },
            "shop.seats": {
                "columns": {"id": "int"},
                "primary_key": ["id"],
                "in_document": True,
                "why_no_view": None,
            },
            "shop.visits": {
                "columns": {"at": "timestamp"},
                "primary_key": [],
                "why_no_view": "it has no primary key",
            },
        }
    }
    done = run(file, "--json", "--yes")
    assert json.loads(done.stdout) == told
    assert list(tables_of(file)) == ["shop.orders", "shop.seats"]
    assert tables_of(file)["shop.seats"]["in_document"] is True


@pytest.mark.usefixtures("source")
@pytest.mark.parametrize(("answer", "written"), [("yes", True), ("no", False)])
def test_it_shows_asks_and_writes(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, answer: str, written: bool
) -> None:
    file = settings()
    before = file.read_text()
    refused = run(file)
    assert "pass --yes to approve" in str(refused.exception)
    monkeypatch.setattr(catalog, "require_approval", lambda **_: None)
    monkeypatch.setattr(termios, "tcflush", lambda *_: None)
    monkeypatch.setattr(approval, "select", lambda files, *_: (files, [], []))
    monkeypatch.setattr("builtins.input", lambda: answer)
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True)
    done = run(file)
    assert done.exit_code == (0 if written else 1), done.output
    assert "shop: shop.orders: 2 columns, key Id" in done.stdout
    assert "+      tables:" in done.stdout
    assert ("Nothing was changed." in done.stdout) is not written
    assert ("is written: `dms-stream deploy --env" in done.stdout) is written
    assert (file.read_text() != before) is written


def test_what_is_described_already_is_left_alone(
    settings: Settings, source: list[ViewedTable]
) -> None:
    file = settings()
    assert run(file, "--yes").exit_code == 0
    text = file.read_text()
    again = run(file)
    assert (again.exit_code, file.read_text()) == (0, text)
    assert "describes them already" in again.stdout
    assert "is written" not in again.stdout
    # a table without a view alone has nothing to write
    source[:] = [VISITS]
    none = run(file)
    assert (none.exit_code, file.read_text()) == (0, text)
    assert "shop: shop.visits: no view: it has no primary key" in none.stdout


@pytest.mark.usefixtures("source")
def test_each_pipeline_with_a_catalog_of_its_own_is_described_or_those_that_are_named(
    settings: Settings,
) -> None:
    existing = "      kind: existing\n      database_name: lake\n      table_name: changes"
    file = settings(shop=NEW, other=NEW, elsewhere=existing)
    assert run(file, "--yes", "--pipeline", "other").exit_code == 0
    assert (tables_of(file), list(tables_of(file, "other"))) == ({}, ["shop.orders"])
    assert run(file, "--yes").exit_code == 0
    assert tables_of(file) == tables_of(file, "other")
    refused = run(file, "--yes", "--pipeline", "elsewhere")
    assert "pipelines.elsewhere.data_catalog makes no Glue table" in str(refused.exception)
    refused = run(settings(elsewhere=existing), "--yes")
    assert "no pipeline has a data_catalog of `kind: new`" in str(refused.exception)


def test_where_nothing_is_selected_it_says_what_to_look_at(
    settings: Settings, source: list[ViewedTable], monkeypatch: pytest.MonkeyPatch
) -> None:
    source.clear()
    file = settings()
    before = file.read_text()
    refused = run(file, "--yes")
    assert "the table mappings of shop select no table of the database" in str(refused.exception)
    monkeypatch.setattr(catalog, "_of_landed", lambda *_, **__: [])
    monkeypatch.setattr(catalog, "open_workspace", opened_without_aws(open_workspace))
    refused = CliRunner().invoke(app, ["catalog", "--env", str(file), "--yes"])
    assert "no control record of the newest 1,000 objects describes a table" in str(
        refused.exception
    )
    assert file.read_text() == before


def opened_without_aws(original: Callable[..., object]) -> Callable[..., object]:
    """Opens a workspace that asks for AWS, without one."""

    def opened(env: str | None, *, emulated: bool, needs_aws: bool) -> object:
        assert needs_aws
        return original(env, emulated=emulated, needs_aws=False)

    return opened


def test_a_name_that_somebody_chose_stays_with_its_table(
    settings: Settings, source: list[ViewedTable]
) -> None:
    chosen = (
        "      tables:\n"
        "        shop.orders: {columns: {id: int}, primary_key: [id], view_name: sold}\n"
        "        shop.gone: {columns: {id: int}, primary_key: [id], view_name: gone}\n"
    )
    file = settings(shop=chosen + NEW)
    file.write_text(file.read_text().replace("shop.seats]", "shop.seats, shop.gone]"))
    source[:] = [ORDERS, SEATS]
    assert run(file, "--yes").exit_code == 0
    found = tables_of(file)
    assert list(found) == ["shop.orders", "shop.seats"]
    assert found["shop.orders"]["view_name"] == "sold"
    assert "view_name" not in found["shop.seats"]


def test_fields_of_data_have_one_type_each(settings: Settings, source: list[ViewedTable]) -> None:
    file = settings(shop=f"      data_columns: {{id: int}}\n{NEW}")
    source[:] = [ORDERS, ViewedTable("shop.seats", {"id": "int"}, ["id"])]
    assert run(file, "--yes").exit_code == 0
    made: Any = load_environment(file).pipelines["shop"].data_catalog
    # Athena's names are lower case
    assert made.data_columns == {"id": "int", "price": "decimal(12,3)"}
    source.append(ViewedTable("shop.more", {"ID": "string"}, ["ID"]))
    text = file.read_text()
    refused = run(file, "--yes")
    assert (
        "data_columns can hold one type of ID only, and shop.more has string where another table "
        "has int" in str(refused.exception)
    )
    assert file.read_text() == text
