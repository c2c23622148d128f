"""An object mapping names its tables by a pattern, which DMS refuses."""

from collections.abc import Iterator
from typing import Any

from constructs_lib.dms.table_mappings import ObjectMappingRule
from constructs_lib.dms.table_mappings.patterns import has_wildcard
from dms_stream.review.documents import read_mappings
from dms_stream.review.mapping_words import ATTRIBUTE, TYPES
from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.redaction import clean
from dms_stream.review.rule import Observation, rule
from dms_stream.review.severity import Severity


@rule(
    Severity.INTERRUPTION,
    types=TYPES,
    judges=(ATTRIBUTE,),
    at_creation=(ATTRIBUTE,),
    why=(
        "DMS 3.5 wants exact names of schema and table in object mappings, and refuses the task; a "
        "change stops the task first. Whether 3.6 and DMS Serverless take patterns is open."
    ),
    instead="Write one object mapping for each table, with its exact name.",
    sources=("https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html",),
)
def object_mapping_by_pattern(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """An object mapping gets `%` or `[ ]` in its schema's or table's name."""
    if change.after is None or change.unknown(ATTRIBUTE) or change.sensitive(ATTRIBUTE):
        return
    before = _patterns(change.old(ATTRIBUTE))
    for name in sorted(_patterns(change.new(ATTRIBUTE)) - before):
        yield Observation(f"an object mapping of {change.name} is for {clean(name)}, a pattern")


def _patterns(text: Any) -> set[str]:
    mappings = read_mappings(text) if isinstance(text, str) else None
    return {
        f"{rule.schema_name}.{rule.table_name}"
        for rule in (mappings.all_rules if mappings else ())
        if isinstance(rule, ObjectMappingRule)
        and (has_wildcard(rule.schema_name) or has_wildcard(rule.table_name))
    }
