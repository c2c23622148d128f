"""The table by which readers find the objects is changed."""

import base64
import json
import re
from collections.abc import Iterator
from typing import Any

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.redaction import clean, printable, shown, step
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import at

_STORAGE = "storage_descriptor.0"
_SERIALIZER = f"{_STORAGE}.ser_de_info.0"
_FORMATS = (
    f"{_STORAGE}.input_format",
    f"{_STORAGE}.output_format",
    f"{_SERIALIZER}.serialization_library",
)
_COMPRESSED = f"{_STORAGE}.compressed"
_QUERY = "view_original_text"
_PARAMETERS = "parameters"
_PLACES = ("metadata_location", "storage.location.template")
_READING = (
    *(
        "classification",
        "delimiter",
        "skip.header.line.count",
        "table_type",
        "useglueparquetschema",
    ),
    *("has_encrypted_data", "compressiontype"),
)
# https://github.com/prestodb/presto: what CREATE VIEW leaves in the metastore
_PRESTO_VIEW = re.compile(r"/\* Presto View: ([A-Za-z0-9+/=]+) \*/")
_SHOWN_LINES = 3
_TABLE = "aws_glue_catalog_table"
_DATABASE = "aws_glue_catalog_database"


@rule(
    Severity.INTERRUPTION,
    types=(_TABLE, _DATABASE),
    judges={
        _TABLE: (
            "storage_descriptor.columns",
            "storage_descriptor.input_format",
            "storage_descriptor.output_format",
            "storage_descriptor.ser_de_info",
            "storage_descriptor.location",
            "storage_descriptor.compressed",
            "partition_keys",
            _PARAMETERS,
            _QUERY,
        ),
        _DATABASE: ("location_uri",),
    },
    why="Queries name its columns and partitions: where one is gone, they fail.",
    instead="Add columns at the end and keep the others; make a second table for another layout.",
    sources=(
        "https://docs.aws.amazon.com/athena/latest/ug/handling-schema-updates-chapter.html",
        provider_page("glue_catalog_table"),
    ),
    others=(Severity.NOTICE,),
)
def catalog_table_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Columns, partitions, format or location of a Glue table change, or it is replaced or
    destroyed.
    """
    if change.action is Action.DELETE:
        yield Observation(f"{change.name} is destroyed: queries fail; the objects in S3 stay")
    elif change.action is Action.REPLACE:
        yield Observation(
            f"{change.name} is destroyed and recreated {change.why_replaced()}: queries fail "
            "meanwhile; the objects in S3 stay"
        )
    if not change.updates:
        return
    yield from _columns_changed(change)
    for path in _FORMATS:
        if change.changed(path):
            yield Observation(f"{change.name} expects another format: {change.step(path)}")
    if change.changed(_COMPRESSED):
        yield Observation(
            f"{change.name}: {change.step(_COMPRESSED)}",
            severity=Severity.NOTICE,
            why="Athena tells compression from the names of the files.",
            instead="Nothing needs to be done.",
        )
    parameters = f"{_SERIALIZER}.parameters"
    if change.changed(parameters):
        yield Observation(f"{change.name} reads its objects in another way ({parameters})")
    for path in (f"{_STORAGE}.location", "location_uri"):
        if change.changed(path):
            yield Observation(f"{change.name} reads elsewhere: {change.step(path)}")
    yield from _parameters_changed(change)
    if change.changed(_QUERY):
        yield _query_changed(change)


def _parameters_changed(change: ResourceChange) -> Iterator[Observation]:
    if change.unknown(_PARAMETERS):
        return
    old, new = change.old(_PARAMETERS) or {}, change.new(_PARAMETERS) or {}
    for name in sorted({*old, *new}):
        if old.get(name) == new.get(name):
            continue
        hides = change.sensitive(_PARAMETERS)
        was, now = (shown(each.get(name), path=name, sensitive=hides) for each in (old, new))
        changes = step(printable(name), was, now)
        if name.lower() in _PLACES:
            yield Observation(f"{change.name} reads elsewhere: {changes}")
        elif name.lower() in _READING:
            yield Observation(f"{change.name} reads its objects in another way: {changes}")
        elif name.startswith("projection."):
            yield Observation(
                f"{change.name} computes other partitions: {changes}",
                severity=Severity.NOTICE,
                why="Queries find only what lies in a partition that is computed.",
                instead="Check that the new ones take in all that is there.",
            )


def _query_changed(change: ResourceChange) -> Observation:
    old, new = (_lines(value) for value in (change.old(_QUERY), change.new(_QUERY)))
    if change.sensitive(_QUERY) or not (old and new):
        return Observation(f"{change.name} reads elsewhere: {change.step(_QUERY)}")
    gone = [shown(line.strip()) for line in old if line not in new][:_SHOWN_LINES]
    added = [shown(line.strip()) for line in new if line not in old][:_SHOWN_LINES]
    parts = [f"without {'; '.join(gone)}"] if gone else []
    parts += [f"with {'; '.join(added)}"] if added else []
    return Observation(
        f"{change.name} is a view of another query: {', '.join(parts) or 'its lines move'}",
        why="Who reads the view sees other rows or columns from then on; the objects in S3 stay.",
        instead="Compare the two on the data; the rehearsal compares the view with the source.",
    )


def _lines(text: Any) -> list[str]:
    """The query of a view as Athena writes it into Glue; empty where it is no such text."""
    match = _PRESTO_VIEW.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return []
    try:
        definition = json.loads(base64.b64decode(match[1], validate=True))
        return str(definition["originalSql"]).splitlines()
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


def _columns_changed(change: ResourceChange) -> Iterator[Observation]:
    for what, path in (("column", f"{_STORAGE}.columns"), ("partition", "partition_keys")):
        if change.unknown(path):
            continue
        old, new = _columns(change.before, path), _columns(change.after, path)
        gone = [name for name in old if name not in new]
        added = [name for name in new if name not in old]
        other = [
            f"{clean(name)} ({clean(old[name], 60)} → {clean(new[name], 60)})"
            for name in new
            if name in old and old[name] != new[name]
        ]
        if gone or other:
            parts = [f"{what}s gone: {', '.join(map(clean, gone))}"] if gone else []
            parts += [f"{what}s of another type: {', '.join(other)}"] if other else []
            yield Observation(f"{change.name}: {'; '.join(parts)}")
        elif list(old) != [name for name in new if name in old]:
            yield Observation(f"{change.name}: the {what}s are in another order")
        if added:
            yield Observation(
                f"{change.name}: {what}s added: {', '.join(map(clean, added))}",
                severity=Severity.NOTICE,
                why="Queries that name their columns work as before.",
                instead="Nothing needs to be done.",
            )


def _columns(values: Any, path: str) -> dict[str, str]:
    entries = at(values, path)
    return {
        printable(str(each.get("name"))): printable(str(each.get("type")))
        for each in (entries if isinstance(entries, list) else [])
        if isinstance(each, dict)
    }
