"""The words that DMS's documents choose from: closed sets, each written once.

Whoever acts on one of these words does so in a `match` that ends in `typing.assert_never`, so that
a word added here is refused by name wherever nobody has said what to do with it: by the type
checker first, and at run time as well. Mappings and settings:
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.html
"""

from typing import Literal, assert_never, get_args

MigrationType = Literal["full-load", "cdc", "full-load-and-cdc"]
"""What a task moves: the existing rows, the changes, or both."""

# https://docs.aws.amazon.com/dms/latest/APIReference/API_ComputeConfig.html
CapacityUnits = Literal[1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384]
"""DMS capacity units of a serverless replication, of 2 GB of memory each."""

MessageFormat = Literal["json", "json-unformatted"]
"""How a record is laid out: over several lines, or on one."""

SourceEngine = Literal["aurora", "mysql", "mariadb"]
"""The sources that speak MySQL, by DMS's names."""

SelectionAction = Literal["include", "exclude", "explicit"]
TableType = Literal["table", "view", "all"]
FilterOperator = Literal[
    "lte", "ste", "gte", "eq", "noteq", "between", "notbetween", "null", "notnull"
]
RuleTarget = Literal["schema", "table", "column", "table-tablespace", "index-tablespace"]
RenamingAction = Literal[
    "rename",
    "convert-lowercase",
    "convert-uppercase",
    "add-prefix",
    "remove-prefix",
    "replace-prefix",
    "add-suffix",
    "remove-suffix",
    "replace-suffix",
]
MaskingAction = Literal[
    "data-masking-digits-mask",
    "data-masking-digits-randomize",
    "data-masking-hash-mask",
]
TransformationAction = Literal[
    RenamingAction,
    "add-column",
    "include-column",
    "remove-column",
    "change-data-type",
    "define-primary-key",
    "add-before-image-columns",
    MaskingAction,
]
ColumnFilter = Literal["pk-only", "non-lob", "all"]
ParallelLoadType = Literal[
    "partitions-auto", "subpartitions-auto", "partitions-list", "ranges", "none"
]
LobMode = Literal["unlimited", "limited", "none"]
ObjectMappingAction = Literal["map-record-to-record", "map-record-to-document"]
PartitionKeyType = Literal[
    "schema-table", "transaction-id", "primary-key", "constant", "attribute-name"
]

RENAMING: frozenset[str] = frozenset(get_args(RenamingAction))
"""The actions that give a schema, table or column another name."""

MASKING: frozenset[str] = frozenset(get_args(MaskingAction))
"""The actions that hide values."""

DEFAULT_BEFORE_IMAGE_PREFIX = "BI_"
"""Put before the name of a before-image column whose rule says nothing else:
https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Tasks.CustomizingTasks.TaskSettings.BeforeImage.html
"""


def loads_rows(migration_type: MigrationType) -> bool:
    """Whether a task of this type loads the rows as they are."""
    match migration_type:
        case "full-load" | "full-load-and-cdc":
            return True
        case "cdc":
            return False
    assert_never(migration_type)


def captures_changes(migration_type: MigrationType) -> bool:
    """Whether a task of this type captures changes."""
    match migration_type:
        case "cdc" | "full-load-and-cdc":
            return True
        case "full-load":
            return False
    assert_never(migration_type)


def is_on_one_line(message_format: MessageFormat) -> bool:
    """Whether a message of this format is one line."""
    match message_format:
        case "json-unformatted":
            return True
        case "json":
            return False
    assert_never(message_format)
