"""The table by which readers find the objects is changed."""

from collections.abc import Iterator
from typing import Any

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.redaction import clean
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.INTERRUPTION,
    types=("aws_glue_catalog_table", "aws_glue_catalog_database"),
    watches=("storage_descriptor", "partition_keys"),
    why="Queries name its columns and partitions: what is gone from it fails, and so do they.",
    instead="Add columns at the end and keep the others; make a second table for another layout.",
    sources=(
        "https://docs.aws.amazon.com/athena/latest/ug/handling-schema-updates-chapter.html",
        provider_page("glue_catalog_table"),
    ),
    others=(Severity.NOTICE,),
)
def catalog_table_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """Columns, partitions or the place of a Glue table change, or it is replaced or destroyed."""
    if change.action is Action.DELETE:
        yield Observation(f"{change.name} is destroyed: queries fail; the objects in S3 stay")
    elif change.action is Action.REPLACE:
        yield Observation(
            f"{change.name} is destroyed and made anew, because of "
            f"{change.reasons_for_replacement()}: queries fail meanwhile; the objects in S3 stay"
        )
    if not change.updates:
        return
    for what, path in (
        ("column", "storage_descriptor.0.columns"),
        ("partition", "partition_keys"),
    ):
        if change.unknown(path):
            continue
        old, new = _columns(change.old(path)), _columns(change.new(path))
        gone = [name for name in old if name not in new]
        added = [name for name in new if name not in old]
        other = [f"{name} ({old[name]} → {new[name]})" for name in new if name in old]
        other = [text for text in other if len(set(text[:-1].rsplit("(", 1)[1].split(" → "))) > 1]
        if gone or other:
            parts = [f"{what}s gone: {', '.join(gone)}"] if gone else []
            parts += [f"{what}s of another type: {', '.join(other)}"] if other else []
            yield Observation(f"{change.name}: {'; '.join(parts)}")
        if added:
            yield Observation(
                f"{change.name}: {what}s added: {', '.join(added)}",
                severity=Severity.NOTICE,
                why="Queries that name their columns go on as before.",
                instead="Nothing needs to be done.",
            )
    for path in (
        "storage_descriptor.0.input_format",
        "storage_descriptor.0.ser_de_info.0.serialization_library",
    ):
        if change.changed(path):
            yield Observation(f"{change.name} expects another format: {change.step(path)}")
    location = "storage_descriptor.0.location"
    if change.changed(location):
        yield Observation(f"{change.name} reads elsewhere: {change.step(location)}")


def _columns(value: Any) -> dict[str, str]:
    entries = value if isinstance(value, list) else []
    return {
        clean(str(each.get("name"))): clean(str(each.get("type")), 60)
        for each in entries
        if isinstance(each, dict)
    }
