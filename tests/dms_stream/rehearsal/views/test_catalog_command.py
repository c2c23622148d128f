"""`dms-stream catalog`: from a real source's schema into a settings file."""

import json
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML
from typer.testing import CliRunner, Result

from constructs_lib.errors import DmsStreamError
from dms_stream.cli.app import app
from dms_stream.rehearsal.source.database import Connection, execute
from dms_stream.settings.environment import load_environment
from tests.support.pipelines import Source
from tests.support.variants import TLS

SETTINGS = """\
# whose it is
region: eu-west-1
state: {{bucket_name: example-state}}

pipelines:
  shop:
    source: {{kind: new}}  # the shop's
    replication:
      table_mappings:
        rules:
          - rule-type: selection
            rule-id: "1"
            rule-name: all
            rule-action: include
            object-locator: {{schema-name: {schema}, table-name: "%"}}
          - rule-type: transformation
            rule-id: "2"
            rule-name: renamed
            rule-target: table
            rule-action: rename
            object-locator: {{schema-name: {schema}, table-name: orders}}
            value: purchases
          - rule-type: transformation
            rule-id: "3"
            rule-name: removed
            rule-target: column
            rule-action: remove-column
            object-locator: {{schema-name: {schema}, table-name: orders, column-name: card}}
      source_endpoint: {{tls: {tls}}}
    data_catalog:
      # found by hand
      tables:
        {schema}.purchases:
          columns: {{id: int}}
          primary_key: [id]
          view_name: purchases_now
      first_day: 2026-01-01
"""


@pytest.fixture
def settings(source: Source, connection: Connection, tmp_path: Path) -> Path:
    """Settings for a database with two tables, of which one has no key."""
    execute(
        connection,
        "CREATE TABLE orders (id BIGINT UNSIGNED PRIMARY KEY, customer INT NOT NULL, "
        "price DECIMAL(12, 3), weight FLOAT, placed DATETIME(6), day DATE, note TEXT, "
        "paid BIT(1), card VARCHAR(20), picture BLOB, kind TINYINT)",
    )
    execute(connection, "CREATE TABLE visits (at TIMESTAMP, page VARCHAR(40))")
    file = tmp_path / "shop.yaml"
    file.write_text(SETTINGS.format(schema=source.schema, tls=json.dumps(TLS)), encoding="utf-8")
    return file


def run(source: Source, file: Path, *options: str, answer: str | None = None) -> Result:
    address = source.administrator
    url = f"mysql://{address.user}@{address.host}:{address.port}"
    return CliRunner().invoke(
        app,
        ["catalog", "--env", str(file), "--database", url, *options],
        input=answer,
        env={"MYSQL_PWD": address.password or ""},
    )


@pytest.mark.rehearsal
def test_the_sources_schema_becomes_the_settings_columns(source: Source, settings: Path) -> None:
    before = settings.read_text()
    shown = run(source, settings, "--json")
    assert shown.exit_code == 0, shown.output
    # without approval it only tells
    assert settings.read_text() == before
    told = json.loads(shown.stdout)["shop"]
    assert told[f"{source.schema}.visits"]["why_no_view"] == "it has no primary key"

    asked = run(source, settings)
    assert isinstance(asked.exception, DmsStreamError)
    assert "pass --yes to approve" in str(asked.exception)
    assert settings.read_text() == before

    done = run(source, settings, "--yes")
    assert done.exit_code == 0, done.output
    assert f"shop: {source.schema}.visits: no view: it has no primary key" in done.stdout
    text = settings.read_text()
    # comments and what stands beside it stay, and so does the name that somebody chose
    for kept in ("# whose it is", "# the shop's", "# found by hand", "first_day: 2026-01-01"):
        assert kept in text
    catalog: Any = load_environment(settings).pipelines["shop"].data_catalog
    (table,) = catalog.tables.values()
    assert list(catalog.tables) == [f"{source.schema}.purchases"]
    assert table.view_name == "purchases_now"
    assert table.primary_key == ("id",)
    assert table.columns == {
        "id": "decimal(20,0)",
        "customer": "int",
        "price": "decimal(12,3)",
        "weight": "double",
        "placed": "timestamp",
        "day": "date",
        "note": "string",
        "paid": "boolean",
        "picture": "string",
        "kind": "tinyint",
    }

    again = run(source, settings)
    assert again.exit_code == 0, again.output
    assert "describes them already" in again.stdout.replace("\n", " ")
    assert settings.read_text() == text


@pytest.mark.rehearsal
def test_fields_of_data_follow_the_tables(source: Source, settings: Path) -> None:
    settings.write_text(
        settings.read_text().replace(
            "      first_day", "      data_columns: {id: int}\n      first_day"
        )
    )
    assert run(source, settings, "--yes").exit_code == 0
    found = YAML(typ="safe", pure=True).load(settings)["pipelines"]["shop"]["data_catalog"]
    (table,) = found["tables"].values()
    assert found["data_columns"] == table["columns"]
