"""The limits that DMS sets and that more than one part of this project needs.

Bounds of a single task setting stand at the setting, in `task_settings.sections`.
"""

from typing import get_args

from constructs_lib.dms.facts import Fact
from constructs_lib.dms.guide import (
    COMPUTE_CONFIG,
    KINESIS_TARGET,
    SELECTIONS,
    TABLE_SETTINGS,
    TARGET_METADATA,
    TRANSFORMATIONS,
)
from constructs_lib.dms.vocabulary import CapacityUnits

LARGEST_LOB_KB = Fact(
    1024, KINESIS_TARGET, "A Kinesis target has only the limited LOB mode: longer LOBs are cut."
)
"""The largest LOB a Kinesis target takes, in KB."""

NO_FULL_LOB_MODE = Fact("Kinesis targets have no full (unlimited) LOB mode", KINESIS_TARGET)
"""Why neither a task nor a table may ask for whole LOBs, as messages say it."""

LARGEST_INLINE_LOB_KB = Fact(102_400, TARGET_METADATA)
"""Bound of `InlineLobMaxSize`, in KB; only the full LOB mode uses it."""

LARGEST_RECORD_BYTES = Fact(
    1024 * 1024,
    KINESIS_TARGET,
    "Data and partition key together, as Kinesis counts them. Kinesis can be told to take more; "
    "DMS's guide says 1 MB.",
)
"""The largest record that DMS puts on a stream, in bytes."""

CAPACITY_UNITS: Fact[tuple[int, ...]] = Fact(get_args(CapacityUnits), COMPUTE_CONFIG)
"""The capacities that DMS Serverless has, in DMS capacity units (DCU) of 2 GB of memory."""

HIGHEST_LOAD_ORDER = Fact(2_147_483_647, SELECTIONS)
"""The highest `load-order`; tables with a higher one load first."""

RANGE_COLUMNS = Fact(10, TABLE_SETTINGS)
"""Most columns of a parallel load by ranges."""

UNUSABLE_IN_COLUMN_NAMES = Fact(r"#\/-", TRANSFORMATIONS)
"""Characters of column names that transformation rules cannot name."""
