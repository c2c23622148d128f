"""The task: full load, then changes from the position recorded before it, onto the stream."""

import re
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from dataclasses import asdict, replace
from pathlib import Path
from queue import Empty, SimpleQueue
from secrets import randbelow
from threading import Event
from typing import Any, assert_never

from constructs_lib.dms.table_mappings import TableMappings
from dms_stream.rehearsal.deployed_task import DeployedTask
from dms_stream.rehearsal.errors import RefusedError, SourceError
from dms_stream.rehearsal.mapping.filters import filter_sql
from dms_stream.rehearsal.mapping.messages import (
    Clock,
    Layout,
    control_message,
    table_definition,
    utc_stamp,
)
from dms_stream.rehearsal.mapping.table_recipe import ChangeOrigin, Message, TableRecipe
from dms_stream.rehearsal.source.binary_log.ddl import (
    LOGGED_AS_BYTES,
    ROWS_CHANGE,
    VERSIONING,
    TableDdl,
    UnreadDdl,
)
from dms_stream.rehearsal.source.binary_log.log_table import LogTable
from dms_stream.rehearsal.source.binary_log.reader import (
    Begin,
    Commit,
    Idle,
    RowChange,
    position_at,
    read_log,
)
from dms_stream.rehearsal.source.data_types import SUPPORTED, Value
from dms_stream.rehearsal.source.database import (
    DatabaseAddress,
    LogPosition,
    connected,
    current_position,
    log_files,
    variables,
)
from dms_stream.rehearsal.source.row_chunks import chunk_key, read_chunks
from dms_stream.rehearsal.source.table import (
    SourceTable,
    is_sequence,
    read_tables,
    selected_tables,
)
from dms_stream.rehearsal.task.limits import NO_LIMITS, Limits, start_moment, start_position
from dms_stream.rehearsal.task.progress import Progress, read_progress
from dms_stream.rehearsal.task.refusals import refuse_unsupported
from dms_stream.rehearsal.task.stream_writer import StreamWriter

Row = Sequence[Value]
OnEvent = Callable[[str, Mapping[str, Any]], None]

# a replica's number must be its own, also beside other rehearsals of the same source
_FIRST_SERVER_ID = 1_600_000_000
_SERVER_IDS = 2_000_000_000
# https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.ControlTable.html
_EXCEPTIONS = "awsdms_apply_exceptions"
_CHECKPOINT_SECONDS = 0.5
_CHANGES = ("insert", "update", "delete")
# what changed a table, kept for the comparison: the last ones
_MOST_ALTERATIONS = 10
_ALTERED = {
    "rename-column": "column {old-name} renamed to {new-name}",
    "drop-column": "column {column-name} dropped",
    "add-column": "column {column-name} added",
    "change-columns": "column {column-name} has another type",
}
# how https://github.com/github/gh-ost and Percona's pt-online-schema-change name their tables
_SWAPS = (
    ("gh-ost", re.compile(r"_.+_(gho|ghc|del)")),
    ("pt-online-schema-change", re.compile(r"_+.+_(new|old)")),
)


def task_identity(task: DeployedTask, kinesis: Any, server: Mapping[str, str]) -> dict[str, str]:
    """What tells this task, stream and source from all others.

    Args:
        task: The deployed task.
        kinesis: boto3's client.
        server: The source's variables.
    """
    summary = kinesis.describe_stream_summary(StreamName=task.target.stream_name)
    created = summary["StreamDescriptionSummary"]["StreamCreationTimestamp"]
    return {
        "task": task.arn,
        "stream": f"{task.target.stream_arn} {created.timestamp()}",
        "source": server.get("server_uuid") or server.get("datadir", ""),
    }


class Engine:
    """Runs a deployed task against a source.

    Args:
        task: What is deployed.
        source: The database.
        kinesis: boto3's client.
        progress_path: File for the checkpoint; its folder exists.
        on_event: Called with the name and the values of each event.
        ends_in_newline: Whether DMS ends each record in a newline.
        limits: Where capturing begins and ends.

    Attributes:
        tables: The source's tables that the rules include.
        stop_reason: DMS's word for why it ended, without its `Stop Reason`.

    Raises:
        RefusedError: the task or the source needs what is not reproduced; nothing was moved.
    """

    def __init__(
        self,
        task: DeployedTask,
        source: DatabaseAddress,
        kinesis: Any,
        progress_path: Path,
        *,
        on_event: OnEvent | None = None,
        ends_in_newline: bool = False,
        limits: Limits = NO_LIMITS,
    ) -> None:
        refuse_unsupported(task)
        self.task, self._source, self._kinesis = task, source, kinesis
        self._path, self._send_event = progress_path, on_event or _ignore_event
        self._stop = Event()
        self._until: LogPosition | None = None
        self._limits = limits
        self._to_reload: SimpleQueue[Sequence[str]] = SimpleQueue()
        self._source_time: int | None = None
        self._behind_since: float | None = None
        self._made_since: int | None = None
        self._unaccepted_since: deque[int | None] = deque()
        self._idle_at: LogPosition | None = None
        self._is_loading = False
        self.stop_reason = "NORMAL" if task.captures else "FULL_LOAD_ONLY_FINISHED"
        with connected(source) as connection:
            self.tables = selected_tables(connection, task.mappings)
            everything = self.tables or read_tables(connection)
            identity = task_identity(task, kinesis, variables(connection))
        self._refuse_types(self.tables)
        progress = read_progress(progress_path, identity)
        self._progress = progress
        if not self.tables and self._fails_without_tables():
            raise RefusedError(
                f"the task {task.identifier} captures nothing",
                [
                    "no table of the source matches its selection rules: "
                    + ", ".join(f"{r.schema_name}.{r.table_name}" for r in task.mappings.selections)
                    + "; the source has "
                    + (", ".join(t.full_name for t in everything[:10]) or "none")
                ],
            )
        self.tables = [table for table in self.tables if not self._will_log_create(table)]
        self._counts = deepcopy(progress.counts)
        self._announced = list(progress.announced)
        self._transaction = progress.transaction
        self._clock = Clock(progress.last_stamp)
        self._layout = Layout(is_on_one_line=task.target.is_on_one_line)
        self._mappings = task.mappings.to_json()
        self._recipes: dict[str, TableRecipe] = {}
        self._recipes_of_log: dict[int, tuple[LogTable, TableRecipe | None]] = {}
        self._altered: set[str] = set()
        self._unsupported: dict[str, set[str]] = {}
        self._names = {target: set(names) for target, names in progress.names.items()}
        self._keys = {
            name: [(since, tuple(key)) for since, key in keys]
            for name, keys in progress.keys.items()
        }
        self._alterations = {name: list(found) for name, found in progress.alterations.items()}
        self._run_starts = (*progress.run_starts, self._clock.stamp())
        self._seen_at = time.monotonic()
        for table in self.tables:
            self._recipes[table.full_name] = TableRecipe(task, table, self._clock)
        for name, table in progress.tables.items():
            # where reading resumes, tables may have been defined differently
            if not task.loads or name in progress.loaded:
                self._recipes[name] = TableRecipe(task, table, self._clock)
        for recipe in self._recipes.values():
            self._remember(recipe)
        self._writer = StreamWriter(
            kinesis,
            task.target.stream_name,
            folder=progress_path.parent,
            ends_in_newline=ends_in_newline,
        )

    @property
    def recipes(self) -> Mapping[str, TableRecipe]:
        """How each table's rows become records, by the source's name."""
        return self._recipes

    @property
    def unsupported(self) -> Mapping[str, list[str]]:
        """What DMS's guide lists as not supported, by table of the source."""
        return {name: sorted(found) for name, found in self._unsupported.items()}

    @property
    def histories(self) -> Mapping[str, Any]:
        """What it knows of its records: `names`, `keys`, … as in `Progress`."""
        return {
            "names": {target: sorted(names) for target, names in self._names.items()},
            "keys": self._keys,
            "run_starts": self._run_starts,
            "alterations": self._alterations,
        }

    @property
    def loaded(self) -> Sequence[str]:
        """Tables whose full load is complete."""
        return self._progress.loaded

    @property
    def facts(self) -> Mapping[str, Any]:
        """What a comparison needs to know of its records."""
        recipes = self._recipes.values()
        return {
            **self.histories,
            "unsupported": self.unsupported,
            "lobs_cut": {r.table.full_name: r.lobs_cut for r in recipes if r.lobs_cut},
            "key_changes": {r.table.full_name: r.key_changes for r in recipes if r.key_changes},
        }

    @property
    def counts(self) -> Mapping[str, Mapping[str, int]]:
        """Records made so far, by table on the target and operation."""
        return self._counts

    @property
    def pulse(self) -> Mapping[str, Any]:
        """How far it is, at any moment and from any thread.

        `behind_since` is when the last captured change was made, while there may be more to read;
        a load counts from its beginning, as nothing is captured meanwhile. `waiting_since` is when
        the oldest change was made that the stream has not accepted. Both are None where there is
        nothing behind or waiting, and in seconds since 1970 otherwise.
        """
        outstanding = [since for since in (*self._unaccepted_since, self._made_since) if since]
        counts = [dict(table) for table in [*self._counts.values()]]
        return {
            "behind_since": self._behind_since,
            "waiting_since": min(outstanding, default=None),
            "unaccepted": self._writer.unaccepted,
            "sent": self._writer.sent,
            "bytes": self._writer.sent_bytes,
            "captured": sum(table.get(kind, 0) for table in counts for kind in _CHANGES),
            "is_loading": self._is_loading,
            **asdict(self._writer.kept),
        }

    def run(self) -> None:
        """Load and capture until `stop` is called or the position of `stop_at` is reached.

        Raises:
            SourceError: the source failed, or no longer has what is needed.
            RefusedError: the log holds what is not reproduced; the progress stands before it.
        """
        try:
            self._announce_tables()
            if self._progress.position is None and self.task.captures:
                self._begin()
            else:
                # when this run began counts even if it is killed before it gets anywhere
                self._checkpoint(self._progress.position)
                self._writer.flush()
            if self.task.loads:
                self._load()
            if self.task.captures and not self._stop.is_set():
                self._capture()
            self._checkpoint(self._progress.position)
            self._writer.flush()
        finally:
            self._writer.close()

    def stop(self) -> None:
        """End after the current transaction."""
        if not self._stop.is_set():
            self.stop_reason = "NORMAL"
        self._stop.set()

    def reload(self, tables: Sequence[str]) -> None:
        """Load tables again, after the current transaction."""
        self._to_reload.put(tables)

    def stop_at(self, position: LogPosition) -> None:
        """End once the log has been read up to a position."""
        self._until = position

    # What is moved

    def _selects(self, table: SourceTable) -> bool:
        return bool(TableRecipe.selecting(self.task, table))

    def _will_log_create(self, table: SourceTable) -> bool:
        """Whether the log that is still to be read holds all of a table: it is not loaded, too."""
        progress = self._progress
        if progress.position is None or table.full_name in progress.tables:
            return False
        # what only a new rule selects was there before, and is loaded
        mappings = self.task.mappings
        if progress.mappings:
            mappings = TableMappings.from_json(progress.mappings, lint=False)
        return mappings.captures(table.schema, table.name, is_view=table.is_view)

    def _refuse_types(self, tables: Sequence[SourceTable]) -> None:
        refusals = [
            f"{table.full_name}.{column.name}: DMS does not map {column.data_type}"
            for table in tables
            for column in table.columns
            if column.data_type not in SUPPORTED
        ]
        if refusals:
            raise RefusedError("the source has columns of types that DMS does not map", refusals)

    def _fails_without_tables(self) -> bool:
        errors = self.task.settings.error_behavior
        return errors is None or errors.fail_on_no_tables_captured is not False

    def _remember(self, recipe: TableRecipe) -> None:
        self._names.setdefault(recipe.target.full_name, set()).update(recipe.names)
        keys = self._keys.setdefault(recipe.table.full_name, [])
        if not keys or keys[-1][1] != recipe.target.primary_key:
            keys.append((self._clock.stamp() if keys else "", recipe.target.primary_key))

    # Control records

    def _announce_tables(self) -> None:
        self._announce_exceptions()
        for recipe in self._recipes.values():
            self._announce(recipe)

    def _announce_exceptions(self) -> None:
        """Announce DMS's own table of errors, as captures have it: without a schema, or a body."""
        if _EXCEPTIONS in self._announced:
            return
        tables = self.task.settings.control_tables_settings
        key = self.task.account_specific_id
        text = control_message(
            self._layout,
            self._clock,
            "create-table",
            schema_name=(tables and tables.control_schema) or "",
            table_name=_EXCEPTIONS,
            partition_value=key if self.task.target.include_partition_value else None,
        )
        self._writer.put(Message(text, key), lambda: _EXCEPTIONS)
        self._announced.append(_EXCEPTIONS)

    def _announce(self, recipe: TableRecipe) -> None:
        name = recipe.table.full_name
        if name in self._announced:
            return
        load = self.task.settings.full_load_settings
        mode = load.target_table_prep_mode if load else None
        if self.task.loads and mode in (None, "DROP_AND_CREATE"):
            self._control("drop-table", recipe)
        self._control("create-table", recipe)
        self._announced.append(name)

    def _control(
        self, operation: str, recipe: TableRecipe, detail: Mapping[str, object] | None = None
    ) -> None:
        target = recipe.target
        control = None
        if self.task.target.include_control_details and operation != "drop-table":
            control = {**table_definition(recipe.table, target), **(detail or {})}
        key = self.task.account_specific_id
        text = control_message(
            self._layout,
            self._clock,
            operation,
            schema_name=target.schema_name,
            table_name=target.table_name,
            partition_value=key if self.task.target.include_partition_value else None,
            control=control,
        )
        self._put(Message(text, key), recipe, "control")
        self._send_event("control", {"operation": operation, "table": recipe.table.full_name})

    # Full load

    def _begin(self) -> None:
        with connected(self._source) as connection:
            position = current_position(connection)
        if not self.task.loads:
            position = self._given_start(position)
        # before the first row is read, and written down before it is sent
        self._checkpoint(position)
        self._writer.flush()

    def _given_start(self, end: LogPosition) -> LogPosition:
        given, moment = self.task.cdc_start_position, self._limits.start_time
        if given is not None:
            if (position := start_position(given)) is not None:
                return position
            moment = start_moment(given)
        if moment is None:
            return end
        return position_at(self._source, moment, server_id=_server_id(), end=end)

    def _load(self) -> None:
        self._load_tables()
        while self._take_reloads() and not self._stop.is_set():
            self._load_tables()
        self._writer.flush()
        if not self._stop.is_set():
            self._send_event("full-load-done", {"counts": self._counts})

    def _take_reloads(self) -> bool:
        """Forget that the tables to be loaded again were loaded; whether there are any."""
        asked: set[str] = set()
        while True:
            try:
                asked |= set(self._to_reload.get_nowait())
            except Empty:
                break
        with connected(self._source) as connection:
            now = {t.full_name: t for t in selected_tables(connection, self.task.mappings)}
        names = sorted(asked & set(now))
        if not names:
            return False
        self._refuse_types([now[name] for name in names])
        others = [table for table in self.tables if table.full_name not in names]
        self.tables = [*others, *(now[name] for name in names)]
        for name in names:
            if name not in self._recipes or (
                self._recipes[name].table.signature != now[name].signature
            ):
                self._redefine(now[name])
            self._counts.setdefault(self._recipes[name].target.full_name, {})["load"] = 0
            if name in self._announced:
                self._announced.remove(name)
            self._announce(self._recipes[name])
        left = tuple(name for name in self._progress.loaded if name not in names)
        # written down first: one that is killed meanwhile loads them when it continues
        self._checkpoint(self._progress.position, loaded=left, loading={})
        # behind that checkpoint, whose counts begin anew: before it the old ones would pass for new
        self._writer.mark(lambda: self._send_event("reloading", {"tables": names}))
        return True

    def _load_tables(self) -> None:
        self._is_loading, self._behind_since = True, time.time()
        self._writer.allow_disk(False)
        try:
            self._load_each_table()
        finally:
            self._is_loading = False
            self._writer.allow_disk(True)

    def _load_each_table(self) -> None:
        order = {
            table.full_name: max(
                int(rule.load_order or 0) for rule in self._recipes[table.full_name].rules
            )
            for table in self.tables
        }
        with connected(self._source) as connection:
            for table in sorted(self.tables, key=lambda table: -order[table.full_name]):
                if self._stop.is_set():
                    return
                if table.full_name not in self._progress.loaded:
                    self._load_table(connection, table)

    def _load_table(self, connection: Any, table: SourceTable) -> None:
        recipe, name = self._recipes[table.full_name], table.full_name
        if not chunk_key(table):
            # it cannot be resumed in the middle
            self._counts.setdefault(recipe.target.full_name, {})["load"] = 0
        after = self._progress.loading.get(name)
        make, put = recipe.load, self._writer.put
        condition, arguments = filter_sql(table, recipe.rules)
        for chunk in read_chunks(
            connection,
            table,
            condition=condition,
            arguments=arguments,
            after=None if after is None else tuple(after),
        ):
            for row in chunk.rows:
                put(make(row), lambda row=row: self._description(recipe, row))  # type: ignore[misc]
            self._count(recipe, "load", len(chunk.rows))
            if chunk.last_key is not None:
                self._checkpoint(self._progress.position, loading={name: list(chunk.last_key)})
            self._send_event("loaded", {"table": name, "rows": len(chunk.rows)})
            if self._stop.is_set():
                return
        self._checkpoint(self._progress.position, loaded=(*self._progress.loaded, name), loading={})

    # Changes

    def _capture(self) -> None:
        assert self._progress.position is not None
        self._check_log(self._progress.position)
        position = self._progress.position
        number, record, previous = 0, 0, self._transaction
        captures = self.task.mappings.captures
        entries = read_log(self._source, position, server_id=_server_id(), captures=captures)
        for entry in entries:
            match entry:
                case RowChange():
                    if self._limits.ends_before(entry.timestamp):
                        self.stop_reason = "STOPPED_AT_COMMIT_TIME"
                        break
                    self._source_time = self._behind_since = entry.timestamp
                    recipe = self._recipe_of(entry.table)
                    if recipe is None:
                        continue
                    made = self._change(recipe, entry, number, record + 1, previous)
                    if made:
                        record += made
                        previous = (number, record)
                case Begin():
                    number, record = entry.number, 0
                    self._writer.begin()
                case Commit():
                    position = entry.position
                    self._writer.commit()
                    self._transaction = previous
                    now = time.monotonic()
                    if now - self._seen_at > _CHECKPOINT_SECONDS:
                        self._seen_at = now
                        self._checkpoint(position)
                    if self._is_done(position):
                        break
                    self._reload_at(position)
                case TableDdl():
                    self._handle_ddl(entry)
                case UnreadDdl():
                    self._refuse_unread(entry)
                case Idle(reached):
                    self._behind_since = None
                    if position != self._progress.position or self._writer.waiting:
                        self._checkpoint(position)
                        self._seen_at = time.monotonic()
                    self._tell_idle(max(position, reached))
                    # other entries may follow the last transaction
                    if self._is_done(max(position, reached)):
                        break
                    self._reload_at(position)
                case _:
                    assert_never(entry)
        self._announce_alterations()
        self._checkpoint(position)

    def _tell_idle(self, position: LogPosition) -> None:
        if position != self._idle_at:
            self._idle_at = position
            place = str(position)
            # once the stream has accepted what came before it
            self._writer.mark(lambda: self._send_event("idle", {"position": place}))

    def _is_done(self, position: LogPosition) -> bool:
        if self._limits.has_ended():
            self.stop_reason = "STOPPED_AT_SERVER_TIME"
            return True
        return self._stop.is_set() or (self._until is not None and position >= self._until)

    def _reload_at(self, position: LogPosition) -> None:
        """Load tables again between two transactions, if that was asked for.

        The log goes on where it was: changes behind it that the load has seen come once more after
        it, as they do after the first load.
        """
        if self._to_reload.empty():
            return
        self._checkpoint(position)
        if self._take_reloads():
            self._load_tables()
            self._writer.flush()
            self._send_event("full-load-done", {"counts": self._counts})

    def _check_log(self, position: LogPosition) -> None:
        with connected(self._source) as connection:
            files = log_files(connection)
        if position.file not in files:
            raise SourceError(
                f"the source no longer has its binary log {position.file}, where this task left "
                f"off (the oldest is {files[0] if files else 'none'}): its retention is too short. "
                "Keep the log for longer than a task may be stopped (on Aurora and RDS: CALL "
                "mysql.rds_set_configuration('binlog retention hours', 24)) and start over"
            )

    def _recipe_of(self, log_table: LogTable) -> TableRecipe | None:
        # by identity: the log's reader keeps one object per description
        known = self._recipes_of_log.get(id(log_table))
        if known is not None:
            return known[1]
        recipe = self._find_recipe(log_table.table)
        self._recipes_of_log[id(log_table)] = (log_table, recipe)
        return recipe

    def _find_recipe(self, found: SourceTable) -> TableRecipe | None:
        recipe = self._recipes.get(found.full_name)
        if recipe is not None and recipe.table.signature == found.signature:
            return recipe
        if recipe is None and (is_sequence(found) or not self._selects(found)):
            return None
        with connected(self._source) as connection:
            now = next(
                (t for t in read_tables(connection, found.schema) if t.name == found.name), None
            )
        table = self._as_it_was(found, now, recipe)
        self._refuse_types([table])
        if recipe is None and found.full_name not in self._progress.loaded:
            # the log holds all of it: the next run does not load it, either
            loaded = (*self._progress.loaded, found.full_name)
            self._progress = replace(self._progress, loaded=loaded)
        return self._redefine(table)

    def _as_it_was(
        self, found: SourceTable, now: SourceTable | None, recipe: TableRecipe | None
    ) -> SourceTable:
        if now is not None and now.signature == found.signature:
            return now
        # the dictionary may describe a later state; the log's own description lacks the key
        for known in (now, recipe.table if recipe else None):
            if known is not None and all(name in found.positions for name in known.primary_key):
                return SourceTable(
                    found.schema,
                    found.name,
                    found.columns,
                    known.primary_key,
                    False,
                    known.collation,
                    has_unique_key=known.has_unique_key,
                )
        return found

    def _redefine(self, table: SourceTable) -> TableRecipe:
        """Continue with another definition of a table, and announce it."""
        old = self._recipes.get(table.full_name)
        new = TableRecipe(self.task, table, self._clock)
        self._recipes[table.full_name] = new
        self._remember(new)
        self._altered.discard(table.full_name)
        if old is None:
            self._control("create-table", new)
            self._announced.append(table.full_name)
        else:
            for operation, detail in _differences(old, new):
                self._tell_altered(new, _ALTERED[operation].format(**detail))
                if self.task.target.include_table_alter_operations:
                    self._control(operation, new, detail)
        if old is not None:
            new.lobs_cut, new.key_changes = old.lobs_cut, old.key_changes
        return new

    def _change(
        self,
        recipe: TableRecipe,
        entry: RowChange,
        number: int,
        record: int,
        previous: tuple[int, int],
    ) -> int:
        operation, row, before = entry.operation, entry.row, entry.before
        if recipe.includes is not None and not recipe.includes(row):
            return 0
        origin = ChangeOrigin(number, record, *previous, utc_stamp(entry.timestamp), entry.position)
        message = recipe.change(operation, row, before, origin)
        if self._made_since is None:
            self._made_since = entry.timestamp
        self._put(message, recipe, operation, row)
        return 1

    def _handle_ddl(self, entry: TableDdl) -> None:
        name = f"{entry.schema}.{entry.table}"
        if entry.new_name is not None:
            self._refuse_rename(name, entry)
            return
        if entry.verb == "DROP" and not entry.table:
            for one in [*self._recipes.values()]:
                if one.table.schema == entry.schema:
                    self._handle_ddl(replace(entry, table=one.table.name))
            return
        recipe = self._recipes.get(name)
        if recipe is None:
            if self.task.mappings.captures(entry.schema, entry.table):
                self._refuse_alterations(name, entry)
            return
        self._count(recipe, "ddl", 1)
        self._refuse_alterations(name, entry)
        if entry.verb != "CREATE":
            self._tell_altered(recipe, f"{entry.verb} TABLE at {entry.position}")
        policy = self.task.settings.change_processing_ddl_handling_policy
        match entry.verb:
            case "ALTER":
                for alteration in entry.alterations:
                    self._unsupported.setdefault(name, set()).add(alteration)
                self._altered.add(name)
            case "TRUNCATE" if policy is None or policy.handle_source_table_truncated is not False:
                self._control("truncate-table", recipe)
            case "DROP" if policy is None or policy.handle_source_table_dropped is not False:
                self._unsupported.setdefault(name, set()).add("DROP TABLE")
                self._control("drop-table", recipe)
                # another table of its name has to be announced
                self._announced.remove(name)
                self._altered.discard(name)
                del self._recipes[name]

    def _tell_altered(self, recipe: TableRecipe, what: str) -> None:
        told = self._alterations.setdefault(recipe.target.full_name, [])
        told.append(f"{recipe.table.full_name}: {what}")
        del told[:-_MOST_ALTERATIONS]

    def _refuse_rename(self, name: str, entry: TableDdl) -> None:
        assert entry.new_name is not None
        captures = self.task.mappings.captures
        if captures(entry.schema, entry.table) or captures(*entry.new_name):
            raise _changed(_rename_sentence(name, entry.new_name))

    def _refuse_alterations(self, name: str, entry: TableDdl) -> None:
        for alteration in entry.alterations:
            if alteration in ROWS_CHANGE:
                raise _changed(
                    f"{name} was altered by {alteration} at {entry.position}, which changes rows "
                    "that the binary log does not hold; DMS does not support it either: start over "
                    "with a full load, and change such tables while no task captures them"
                )
            if alteration == VERSIONING:
                raise _changed(
                    f"{name} got {VERSIONING} at {entry.position}, and MariaDB logs former rows of "
                    "such a table like present ones: leave the table out, or start over without it"
                )
            if alteration in LOGGED_AS_BYTES:
                raise _changed(
                    f"{name} got a column of the type {alteration} at {entry.position}, which DMS "
                    "does not map: leave the table out, or start over without the column"
                )

    def _refuse_unread(self, entry: UnreadDdl) -> None:
        captured = sorted(
            name for name, recipe in self._recipes.items() if recipe.table.name in entry.names
        )
        if captured:
            raise _changed(
                f"at {entry.position} there is a statement about {', '.join(captured)} that the "
                f"rehearsal does not understand: {entry.text[:120]!r}; start over behind it"
            )

    def _announce_alterations(self) -> None:
        """Announce alterations that no row followed."""
        if not self._altered:
            return
        with connected(self._source) as connection:
            tables = {table.full_name: table for table in read_tables(connection)}
        for name in sorted(self._altered):
            table = tables.get(name)
            if table is not None and table.signature != self._recipes[name].table.signature:
                self._redefine(table)

    # Records and checkpoints

    def _put(
        self, message: Message, recipe: TableRecipe, operation: str, row: Row | None = None
    ) -> None:
        self._writer.put(message, lambda: self._description(recipe, row))
        self._count(recipe, operation, 1)

    def _description(self, recipe: TableRecipe, row: Row | None) -> str:
        table = recipe.table
        if row is None:
            return table.full_name
        key = {name: row[table.positions[name]] for name in table.primary_key}
        return f"{table.full_name} {key}" if key else table.full_name

    def _count(self, recipe: TableRecipe, operation: str, number: int) -> None:
        counts = self._counts.setdefault(recipe.target.full_name, {})
        counts[operation] = counts.get(operation, 0) + number

    def _checkpoint(
        self,
        position: LogPosition | None,
        *,
        loaded: tuple[str, ...] | None = None,
        loading: Mapping[str, list[Any]] | None = None,
    ) -> None:
        progress = Progress(
            self._progress.identity,
            position,
            self._progress.loaded if loaded is None else loaded,
            self._progress.loading if loading is None else loading,
            tuple(self._announced),
            deepcopy(self._counts),
            self._clock.last,
            self._transaction,
            {name: recipe.table for name, recipe in self._recipes.items()},
            mappings=self._mappings,
            **deepcopy(self.histories),
        )
        self._progress = progress
        facts = {
            **self.facts,
            "names": progress.names,
            "keys": progress.keys,
            "run_starts": progress.run_starts,
            "alterations": progress.alterations,
        }
        source_time = self._source_time

        self._unaccepted_since.append(self._made_since)
        self._made_since = None

        def accepted() -> None:
            self._unaccepted_since.popleft()
            progress.save(self._path)
            self._send_event(
                "checkpoint",
                {
                    "position": progress.position and str(progress.position),
                    "sent": self._writer.sent,
                    "bytes": self._writer.sent_bytes,
                    "counts": progress.counts,
                    "loaded": progress.loaded,
                    "waiting": self._writer.waiting,
                    "source_time": source_time,
                    "facts": facts,
                },
            )

        self._writer.mark(accepted)


def _server_id() -> int:
    return _FIRST_SERVER_ID + randbelow(_SERVER_IDS)


def _ignore_event(event: str, values: Mapping[str, Any]) -> None:
    """For an engine that nobody listens to."""
    del event, values


def _changed(sentence: str) -> RefusedError:
    return RefusedError("the source's tables changed", [sentence])


def _rename_sentence(name: str, new_name: tuple[str, str]) -> str:
    new = ".".join(new_name)
    names = (name.partition(".")[2], new_name[1])
    tool = next((t for t, is_its in _SWAPS if any(is_its.fullmatch(one) for one in names)), None)
    if tool is None:
        return (
            f"{name} was renamed to {new}, which the rehearsal does not follow, and DMS does not "
            "support: write a rule for the new name and start over"
        )
    return (
        f"{name} was renamed to {new}, as {tool} does to put its copy in a table's place. The "
        "rehearsal does not follow that, and DMS does not support RENAME TABLE: exclude the tool's "
        "tables by a rule, alter captured tables directly, or start over behind the swap"
    )


def _differences(old: TableRecipe, new: TableRecipe) -> list[tuple[str, dict[str, object]]]:
    """The operations of the control records that lead from one definition to another."""
    before = {column.source.name: column for column in old.target.columns}
    after = {column.source.name: column for column in new.target.columns}
    gone = [name for name in before if name not in after]
    come = [name for name in after if name not in before]
    found: list[tuple[str, dict[str, object]]] = []
    for name in list(gone):
        twin = next(
            (
                other
                for other in come
                if after[other].place == before[name].place
                and after[other].source.data_type == before[name].source.data_type
            ),
            None,
        )
        if twin is not None and len(old.table.columns) == len(new.table.columns):
            found.append(
                (
                    "rename-column",
                    {"old-name": before[name].name, "new-name": after[twin].name},
                )
            )
            gone.remove(name)
            come.remove(twin)
    found += [("drop-column", {"column-name": before[name].name}) for name in gone]
    found += [("add-column", {"column-name": after[name].name}) for name in come]
    found += [
        ("change-columns", {"column-name": after[name].name})
        for name in after
        if name in before and after[name].kind != before[name].kind
    ]
    return found
