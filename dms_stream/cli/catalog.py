"""`dms-stream catalog`: the columns of the captured tables, written into the settings."""

import difflib
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console
from rich.syntax import Syntax

from constructs_lib.cdc_pipeline import CdcPipelineProps
from constructs_lib.data_catalog import DataCatalogProps
from constructs_lib.dms_replication import DmsReplicationProps
from dms_stream.cli.approval import agreed, require_approval
from dms_stream.cli.errors import CommandError
from dms_stream.cli.json_output import print_json
from dms_stream.cli.operable import open_operable
from dms_stream.cli.workspace import Workspace, open_workspace
from dms_stream.rehearsal.deployed_task import DeployedTask, KinesisTarget
from dms_stream.rehearsal.mapping.messages import Clock
from dms_stream.rehearsal.mapping.table_recipe import TableRecipe
from dms_stream.rehearsal.reconciliation import LandedFile, fetch_landed
from dms_stream.rehearsal.source.database import (
    PASSWORD_VARIABLE,
    DatabaseAddress,
    connected,
)
from dms_stream.rehearsal.source.table import selected_tables
from dms_stream.rehearsal.views.source_columns import (
    ViewedTable,
    of_control_records,
    of_recipes,
)
from dms_stream.settings.editing import with_value
from dms_stream.settings.environment import environment_of_text
from dms_stream.whole_file import write_whole

_MOST_OBJECTS = 1000


@dataclass(frozen=True)
class CatalogOptions:
    """What the command line says.

    Attributes:
        database: URL of the source; None: the control records that landed.
        emulated: Whether the embedded AWS holds them whatever the settings say.
        approved: Whether the file is written without being asked.
        as_json: Whether to print the tables as JSON; the file is written only if approved.
    """

    database: str | None
    emulated: bool = False
    approved: bool = False
    as_json: bool = False


def run_catalog(
    console: Console, env: str | None, pipelines: list[str] | None, options: CatalogOptions
) -> bool:
    """Read the columns of the captured tables and write them into the settings file.

    Returns:
        Whether the settings describe the tables now; false: somebody said no.

    Raises:
        DmsStreamError: they cannot be read, or do not fit into the file.
    """
    workspace = open_workspace(env, emulated=options.emulated, needs_aws=options.database is None)
    found = {name: _tables(workspace, name, options) for name in _described(workspace, pipelines)}
    text = workspace.file.read_text(encoding="utf-8")
    changed = text
    for name, tables in found.items():
        changed = _with_tables(workspace, name, changed, [t for t in tables if not t.why_no_view])
    if options.as_json:
        document = {
            name: {
                table.name: {**table.settings(), "why_no_view": table.why_no_view or None}
                for table in tables
            }
            for name, tables in found.items()
        }
        print_json(document)
    else:
        _show(console, workspace, found, text, changed)
    if changed == text:
        return True
    if not options.approved:
        if options.as_json:
            return True
        require_approval(approved=False)
        if not agreed(console, f"Write this into {workspace.file}?"):
            console.print("Nothing was changed.")
            return False
    write_whole(workspace.file, changed)
    if not options.as_json:
        console.print(
            f"{workspace.file} is written: `dms-stream deploy {workspace.option}` makes the views",
            markup=False,
            highlight=False,
            soft_wrap=True,
        )
    return True


def _described(workspace: Workspace, chosen: list[str] | None) -> list[str]:
    """The pipelines whose settings may hold tables."""
    workspace.pipeline_stacks(chosen)
    found = []
    for name in chosen or workspace.settings.pipelines:
        catalog = workspace.settings.pipelines[name].data_catalog
        if isinstance(catalog, DataCatalogProps):
            found.append(name)
        elif chosen:
            raise CommandError(
                f"{workspace.file}: pipelines.{name}.data_catalog makes no Glue table, so that it "
                "has no views: leave --pipeline out, or set data_catalog to `kind: new`"
            )
    if not found:
        raise CommandError(f"{workspace.file}: no pipeline has a data_catalog of `kind: new`")
    return found


def _tables(workspace: Workspace, name: str, options: CatalogOptions) -> list[ViewedTable]:
    props = workspace.settings.pipelines[name]
    if options.database is not None:
        tables = _of_source(options.database, props, name)
        if not tables:
            raise CommandError(
                f"{workspace.file}: the table mappings of {name} select no table of the database: "
                "check its URL, the user's rights, and replication.table_mappings"
            )
        return tables
    tables = _of_landed(workspace, name, emulated=options.emulated)
    if not tables:
        raise CommandError(
            f"{name}: no control record of the newest {_MOST_OBJECTS:,} objects describes a table: "
            "set replication.target_endpoint.include_control_details to true and reload a table, "
            "or give the source's --database"
        )
    return tables


def _of_source(url: str, props: CdcPipelineProps, name: str) -> list[ViewedTable]:
    address = DatabaseAddress.from_url(url, password=os.environ.get(PASSWORD_VARIABLE))
    task = _task(props.replication, name)
    clock = Clock()
    with connected(address) as connection:
        tables = selected_tables(connection, task.mappings)
    return of_recipes([TableRecipe(task, table, clock) for table in tables])


def _task(replication: DmsReplicationProps, name: str) -> DeployedTask:
    """The task that the settings describe, as the rehearsal's recipes want it."""
    endpoint = replication.target_endpoint
    return DeployedTask(
        arn=f"task-of-{name}",
        identifier=name,
        migration_type=replication.migration_type,
        mappings=replication.table_mappings,
        settings=replication.task_settings,
        target=KinesisTarget(
            stream_arn="",
            message_format=endpoint.message_format,
            use_large_integer_value=bool(endpoint.use_large_integer_value),
        ),
        source_settings={},
        cdc_start_position=None,
        is_serverless=False,
    )


def _of_landed(workspace: Workspace, name: str, *, emulated: bool) -> list[ViewedTable]:
    operable = open_operable(str(workspace.file), [name], emulated=emulated)
    bucket, prefix = operable.only.bucket_name, operable.only.prefix
    if bucket is None or prefix is None:
        return []
    s3 = operable.clients["s3"]
    listed = s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    newest = sorted(
        (
            (found["LastModified"], found["Key"])
            for page in listed
            for found in page.get("Contents", [])
        ),
        reverse=True,
    )
    wanted = {key for _, key in newest[:_MOST_OBJECTS]}
    with TemporaryDirectory(prefix="dms-stream-catalog-") as folder:
        files: list[LandedFile] = fetch_landed(s3, bucket, Path(folder), wanted=wanted.__contains__)
        return of_control_records(files)


def _with_tables(workspace: Workspace, name: str, text: str, tables: Sequence[ViewedTable]) -> str:
    catalog = workspace.settings.pipelines[name].data_catalog
    assert isinstance(catalog, DataCatalogProps)
    described = {table.name: table.settings() for table in tables}
    for table, given in catalog.tables.items():
        if given.view_name is not None and table in described:
            described[table]["view_name"] = given.view_name
    if not described:
        return text
    path = ["pipelines", name, "data_catalog"]
    if described != _as_given(catalog):
        text = with_value(text, [*path, "tables"], described, file=workspace.file)
    if catalog.data_columns:
        fields = _fields(workspace.file, name, tables)
        if fields != catalog.data_columns:
            text = with_value(text, [*path, "data_columns"], fields, file=workspace.file)
    environment_of_text(text, workspace.file)
    return text


def _as_given(catalog: DataCatalogProps) -> dict[str, Any]:
    return {
        name: table.model_dump(mode="json", exclude_defaults=True)
        for name, table in catalog.tables.items()
    }


def _fields(file: Path, name: str, tables: Sequence[ViewedTable]) -> dict[str, str]:
    """The fields of `data`: all columns of all tables."""
    fields: dict[str, str] = {}
    for table in tables:
        for column, type_ in table.columns.items():
            if fields.setdefault(column.lower(), type_) != type_:
                raise CommandError(
                    f"{file}: pipelines.{name}.data_catalog.data_columns can hold one type of "
                    f"{column} only, and {table.name} has {type_} where another table has "
                    f"{fields[column.lower()]}: take data_columns out, so that `data` is JSON text"
                )
    return fields


def _show(
    console: Console,
    workspace: Workspace,
    found: Mapping[str, Sequence[ViewedTable]],
    text: str,
    changed: str,
) -> None:
    for name, tables in found.items():
        for table in tables:
            about = f"{len(table.columns)} columns, key {', '.join(table.primary_key)}"
            if table.why_no_view:
                about = f"no view: {table.why_no_view}"
            console.print(
                f"{name}: {table.name}: {about}", markup=False, highlight=False, soft_wrap=True
            )
    if changed == text:
        console.print(f"{workspace.file} describes them already", highlight=False, soft_wrap=True)
        return
    lines = difflib.unified_diff(
        text.splitlines(), changed.splitlines(), "now", "then", lineterm="", n=2
    )
    console.print(Syntax("\n".join(lines), "diff", background_color="default", word_wrap=True))
