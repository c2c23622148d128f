"""What each bounded setting takes and refuses, written out; `test_bounds.py` compares.

The values stand here as AWS's pages have them, not as the models say, so that a bound that moves by
one is noticed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any


@dataclass(frozen=True)
class Bound:
    """Values on both sides.

    Attributes:
        allowed: Values that are just allowed.
        refused: Values that are just not.
        beside: Other settings of the same model that the allowed values need.
        choices: All that an enumeration allows; none: it is no enumeration.
    """

    allowed: Sequence[Any]
    refused: Sequence[Any]
    beside: Mapping[str, Any] = field(default_factory=dict)
    choices: frozenset[Any] = frozenset()


def whole(least: int, most: int | None = None, *, also: Sequence[int] = ()) -> Bound:
    """A whole number within bounds, or one of a few others."""
    outside = [least - 1, least + 0.5] if most is None else [least - 1, most + 1, least + 0.5]
    return Bound(
        [least, *([] if most is None else [most]), *also],
        [value for value in outside if value not in also],
    )


def percent() -> Bound:
    """More than none, and all at most."""
    return Bound([0.001, 100], [0, 100.001])


def counted(unit: timedelta, least: int, most: int | None = None) -> Bound:
    """A duration of whole units."""
    allowed = [unit * least] + ([] if most is None else [unit * most])
    refused = [unit * (least - 1), unit * least + timedelta(milliseconds=1)]
    return Bound(allowed, refused + ([] if most is None else [unit * (most + 1)]))


def one_of(*choices: Any) -> Bound:
    """One of these words."""
    others = ["", *(f"{choice} " for choice in choices), *(str(c).swapcase() for c in choices)]
    return Bound(choices, [o for o in others if o not in choices], choices=frozenset(choices))


def some_of(*choices: str, least: int = 1) -> Bound:
    """A list of these words, of which one alone is allowed, or `least`."""
    single = one_of(*choices)
    assert least == 1
    return Bound([[c] for c in choices], [[o] for o in single.refused], choices=single.choices)


def text(allowed: Sequence[str], refused: Sequence[str]) -> Bound:
    """A text of a form."""
    return Bound(allowed, ["", *refused])


def texts(single: Bound) -> Bound:
    """A list of such texts."""
    return Bound([[value] for value in single.allowed], [[value] for value in single.refused])


NEVER = Bound([False], [True])
"""A switch that must not be on."""

_SNAPSHOT_ARN = "arn:aws:rds:eu-west-1:111122223333:cluster-snapshot:rds:a-1"

# a value for each kind of record
OPERATION = ".metadata.operation"
_SECOND, _MINUTE, _HOUR, _DAY = (
    timedelta(seconds=1),
    timedelta(minutes=1),
    timedelta(hours=1),
    timedelta(days=1),
)
_ACCOUNT = "123456789012"


_TABLE = {"columns": {"id": "int"}, "primary_key": ["id"]}


def _id(kind: str) -> Bound:
    return text(
        [f"{kind}-{'0' * 8}", f"{kind}-{'f' * 17}"],
        [
            f"{kind}-{'0' * 7}",
            f"{kind}-{'0' * 18}",
            f"{kind}-{'g' * 8}",
            "0" * 8,
            f"x{kind}-{'0' * 8}",
        ],
    )


def _arn(service: str, resource: str, *wrong: str) -> Bound:
    def arn(
        of: str, partition: str = "aws", region: str = "eu-west-1", account: str = _ACCOUNT
    ) -> str:
        return f"arn:{partition}:{service}:{region}:{account}:{of}"

    return text(
        [
            arn(resource),
            arn(resource, partition="aws-us-gov"),
            arn(resource, region="us-gov-east-1"),
        ],
        [
            arn(resource)[1:],
            arn(resource, account=_ACCOUNT[1:]),
            arn(resource, account=_ACCOUNT + "1"),
            arn(resource, region=""),
            arn(resource, partition="azure"),
            arn(""),
            *map(arn, wrong),
        ],
    )


_KEY = _arn("kms", "key/0f0e-1", "alias/landing", "key/", "key/a_b")
_SECRET = _arn(
    "secretsmanager",
    "secret:a/B_+=.@-1-Ab12Cd",
    "secret:a-Ab12C",
    "secret:-Ab12Cd",
    "secret:a b-Ab12Cd",
)
_TOPIC = _arn("sns", "t" * 256, "t" * 257, "a.b", "a b")
_BUCKET = text(
    ["abc", "a" * 63, "0-0"],
    ["ab", "a" * 64, "-ab", "ab-", "Abc", "a.b", "a_b", "xn--abc", "abc-s3alias", "sthree-abc"],
)
_PREFIXES = ["a/", "A0_.=-/b/"]
_NO_PREFIXES = ["a", "/a/", "a//", "a b/", "a/b"]
_ZONE = text(
    ["eu-west-1a", "us-gov-east-1b"],
    ["eu-west-1", "EU-west-1a", "eu-west-1aa", "eu-1a", "e-west-1a"],
)
_SECURITY_GROUP = _id("sg")
_ATHENA_NAME = text(["a", "_", "a" * 255, "a_1"], ["a" * 256, "1a", "A", "a-b"])
_STREAM_NAME = text(["s" * 128, "aZ0_.-"], ["s" * 129, "a b", "a/b"])
_WEEKLY = text(
    ["sun:23:45-mon:00:15", "Mon:00:00-Mon:00:30"],
    [
        "mon:00:00-mon:00:29",
        "mon:24:00-tue:00:30",
        "mon:00:60-mon:01:30",
        "xyz:00:00-xyz:01:00",
        "00:00-00:30",
    ],
)
_POLICIES = ("IGNORE_RECORD", "LOG_ERROR", "SUSPEND_TABLE", "STOP_TASK")
_ENDPOINTS = ("kinesis-streams", "secretsmanager", "logs", "s3", "kms")
_ROLE = one_of("create", "adopt", "skip")
_WORD = text(["x"], [])
_LATENCY = counted(_SECOND, 1, 604_800)
_GLUE_TYPES = (
    "boolean",
    "tinyint",
    "smallint",
    "int",
    "bigint",
    "float",
    "double",
    "string",
    "date",
    "timestamp",
)
_CAPACITY = (1, 2, 4, 8, 16, 32, 64, 128, 192, 256, 384)

_TOPICS = Bound(
    [[_TOPIC.allowed[0]], [f"{_TOPIC.allowed[0][:-1]}{n}" for n in range(5)]],
    [
        [],
        [f"{_TOPIC.allowed[0][:-1]}{n}" for n in range(6)],
        *([arn] for arn in _TOPIC.refused),
    ],
)
_SEVERITIES = ("critical", "warning")
_ALARMS = (
    "source-cpu",
    "source-binlog",
    "source-local-storage",
    "replication-events",
    "source-latency",
    "target-latency",
    "source-changes-on-disk",
    "target-changes-on-disk",
    "instance-memory",
    "instance-swap",
    "instance-storage",
    "instance-cpu",
    "unread-age",
    "refused-writes",
    "throttled-reads",
    "shard-bytes",
    "shard-records",
    "undelivered-age",
    "delivery-success",
    "failed-conversions",
    "too-many-partitions",
    "key-access-denied",
    "key-disabled",
    "key-invalid-state",
    "key-not-found",
)
BOUNDS: Mapping[str, Bound] = {
    "AuroraSourceProps.kind": one_of("new"),
    "AuroraSourceProps.database_name": text(
        ["a", "Z" + "_" * 63], ["1a", "_a", "a" * 65, "a-b", "mysql", "rdsadmin"]
    ),
    "AuroraSourceProps.master_username": text(
        ["a", "Z" + "0" * 15], ["1a", "a_", "a" * 17, "rdsadmin"]
    ),
    "ClusterProps.name": text(["a", "a" * 53, "a-1"], ["a" * 54, "A", "1a", "a-", "a--b", "a_b"]),
    "ClusterProps.engine_version": text(
        ["8.0.mysql_aurora.3.10.4"],
        ["8.0.mysql_aurora.3.10", "8.0", "x8.0.mysql_aurora.3.10.4", "5.7.mysql_aurora.2.11.2"],
    ),
    "ClusterProps.readers": whole(0, 15),
    "ClusterProps.port": whole(1150, 65_535),
    "ClusterProps.backup_retention": counted(_DAY, 1, 35),
    "ClusterProps.preferred_backup_window": text(
        ["23:45-00:15", "00:00-23:59"],
        ["00:00-00:29", "24:00-00:30", "00:60-02:00", "mon:00:00-mon:01:00"],
    ),
    "ClusterProps.preferred_maintenance_window": _WEEKLY,
    "ClusterProps.parameters": Bound(
        [{"a": "1"}, {"a" * 255: "1"}, {"a0_.-": "1"}],
        [{"": "1"}, {"a" * 256: "1"}, {"A": "1"}, {"0a": "1"}, {"binlog_format": "ROW"}],
    ),
    "ClusterProps.log_exports": replace(
        some_of("audit", "error", "general", "slowquery"),
        beside={
            "parameters": {
                **{"server_audit_logging": "1", "server_audit_events": "QUERY"},
                **{"general_log": "ON", "slow_query_log": "1"},
            }
        },
    ),
    "ClusterProps.password_version": whole(1, 9_999),
    "ClusterProps.binlog_retention": counted(_HOUR, 1, 2_160),
    "DmsCredentials.secret_arn": _SECRET,
    "DmsCredentials.key_arn": _KEY,
    "ImportedSourceProps.kind": one_of("existing"),
    "ImportedSourceProps.engine_name": one_of("aurora", "mysql", "mariadb"),
    "ImportedSourceProps.host": text(["a", "a" * 253, "A-0.b"], ["a" * 254, "a_b", "a/b", "a:1"]),
    "ImportedSourceProps.port": whole(1, 65_535),
    "ImportedSourceProps.secret_arn": _SECRET,
    "ImportedSourceProps.key_arn": _KEY,
    "ImportedSourceProps.security_group_id": _SECURITY_GROUP,
    "ImportedSourceProps.cidr": text(
        ["10.0.0.0/16", "10.1.2.3/32"], ["10.0.0.0/33", "10.0.0.1/24", "fd00::/8", "10.0.0.0"]
    ),
    "ImportedSourceProps.binlog_retention": counted(_HOUR, 1, 2_160),
    "InstanceCapacity.kind": one_of("provisioned"),
    "InstanceCapacity.instance_class": text(
        ["db.r6g.large"], ["db.r6g", "r6g.large", "db.R6g.large", "db.r3.large", "db.t2.small"]
    ),
    "ServerlessCapacity.kind": one_of("serverless"),
    "ServerlessCapacity.min_acu": Bound(
        [0, 0.5, 256], [-0.5, 0.25, 256.5], beside={"max_acu": 256}
    ),
    "ServerlessCapacity.max_acu": Bound([1, 256], [0.5, 1.25, 256.5], beside={"min_acu": 0}),
    "SnapshotSourceProps.kind": one_of("snapshot"),
    "SnapshotSourceProps.snapshot_identifier": text(
        ["a", "A" + "0" * 254, "rds:a-b", "awsbackup:job-1", _SNAPSHOT_ARN],
        ["a" * 256, "1a", "a b", "a-", "a--b", "a_b", _SNAPSHOT_ARN.replace("cluster-snap", "sna")],
    ),
    "ChangeStreamProps.kind": one_of("new"),
    "ChangeStreamProps.name": _STREAM_NAME,
    "ChangeStreamProps.retention": counted(_HOUR, 24, 8_760),
    "ChangeStreamProps.shard_level_metrics": some_of(
        "IncomingBytes",
        "IncomingRecords",
        "OutgoingBytes",
        "OutgoingRecords",
        "WriteProvisionedThroughputExceeded",
        "ReadProvisionedThroughputExceeded",
        "IteratorAgeMilliseconds",
        "ALL",
    ),
    "ImportedStreamProps.kind": one_of("existing"),
    "ImportedStreamProps.stream_arn": _arn(
        "kinesis", "stream/" + "s" * 128, "stream/" + "s" * 129, "stream/", "stream/a b"
    ),
    "ImportedStreamProps.key_arn": _KEY,
    "OnDemandCapacity.kind": one_of("on-demand"),
    "ProvisionedCapacity.kind": one_of("provisioned"),
    "ProvisionedCapacity.shard_count": whole(1, 20_000),
    "AwsManagedEncryption.kind": one_of("aws"),
    "CustomerKeyEncryption.kind": one_of("customer"),
    "CustomerKeyEncryption.key_arn": _KEY,
    "CustomerKeyProps.deletion_window": counted(_DAY, 7, 30),
    "DataCatalogProps.kind": one_of("new"),
    "DataCatalogProps.database_name": _ATHENA_NAME,
    "DataCatalogProps.table_name": _ATHENA_NAME,
    "DataCatalogProps.data_columns": Bound(
        [{"a": kind} for kind in (*_GLUE_TYPES, "decimal(1,0)", "decimal(38,38)", "decimal(10,2)")]
        + [{"a" * 255: "int"}],
        [
            {"a": kind}
            for kind in (
                "",
                "integer",
                "INT",
                "decimal",
                "decimal(0,0)",
                "decimal(39,0)",
                "decimal(5,6)",
                "array<int>",
            )
        ]
        + [{"a" * 256: "int"}, {"A": "int"}],
    ),
    "DataCatalogProps.first_day": Bound(["2015-10-01", "2024-02-29"], ["2015-09-30", "2999-01-01"]),
    "DataCatalogProps.before_image_key": text(
        ["a", "Z" + "_" * 254, "a-1"], ["a" * 256, "1a", "_a", "a.b"]
    ),
    "DataCatalogProps.partition_values": Bound(
        [{"a": ["x"]}, {"a": ["x" * 255]}],
        [
            {"a": [""]},
            {"a": ["x" * 256]},
            {"a": ["x,y"]},
            {"a": ["${x}"]},
            {"a": ["%{x}"]},
            {"a": ["x\ny"]},
            {"A": ["x"]},
        ],
    ),
    "ImportedTableProps.kind": one_of("existing"),
    "ImportedTableProps.database_name": _ATHENA_NAME,
    "ImportedTableProps.table_name": _ATHENA_NAME,
    "WorkgroupProps.name": text(["w", "w" * 128, "aZ0._-"], ["w" * 129, "a b", "primary"]),
    "WorkgroupProps.result_prefix": text(_PREFIXES, _NO_PREFIXES),
    "WorkgroupProps.scan_limit_mib": whole(10, 8_589_934_592),
    "DataCatalogProps.tables": Bound(
        [{}, {"a.b": _TABLE}, {f"{'s' * 64}.{'t' * 64}": _TABLE}, {"My Shop.order-lines": _TABLE}],
        [
            {name: _TABLE}
            for name in ("b", "a.", ".b", "a.b.c", "a.%", "a.$x", f"{'s' * 65}.t", 'a."')
        ],
    ),
    "CatalogTableProps.columns": Bound(
        [{"id": "int"}, {"é 1": "string"}, {"c" * 64: "decimal(38,38)"}],
        [
            {},
            *({name: "int"} for name in ("", " a", "a-b", "_dms_x", "c" * 65, 'a"')),
            {"id": "array<int>"},
            {"id": "decimal(39,1)"},
        ],
        {"primary_key": ("id",)},
    ),
    "CatalogTableProps.primary_key": Bound(
        [["id"], ["id", "b"]],
        [[], ["id", "id"], ["c"]],
        {"columns": {"id": "int", "b": "int"}},
    ),
    "CatalogTableProps.view_name": text(["v", "_1", "v" * 255], ["V", "1v", "v-1", "v" * 256]),
    "WorkloadProps.mean_rows_per_second": Bound([0.001, 1_000_000], [0, -1, 1_000_000.001]),
    "WorkloadProps.peak_rows_per_second": Bound(
        [1, 1_000_000], [0, 1_000_000.001], {"mean_rows_per_second": 1}
    ),
    "WorkloadProps.bytes_per_row": whole(1, 1_048_576),
    "WorkloadProps.tables": whole(1, 60_000),
    "WorkloadProps.yearly_growth_percent": Bound([0, 10_000], [-0.001, 10_000.001]),
    "WorkloadProps.longest_outage": counted(_HOUR, 1, 8760),
    "WorkloadProps.rows_per_second_per_vcpu": Bound([0.001, 10**9], [0, -1]),
    "WorkloadProps.rows_per_second_per_capacity_unit": Bound([0.001, 10**9], [0, -1]),
    "WorkloadProps.rows_per_second_per_thread": Bound([0.001, 10**9], [0, -1]),
    "Price.amount": Bound([0, 0.001], [-0.001]),
    "Price.unit": one_of("hour", "month", "GB", "GB-month", "TB", "thousand", "million"),
    "Prices.currency": text(["USD"], ["usd", "US", "USDT"]),
    "CustomPartitioning.kind": one_of("custom"),
    "CustomPartitioning.keys": Bound(
        [{"a": OPERATION}, {"a" * 64: OPERATION}],
        [
            {},
            *({name: OPERATION} for name in ("a" * 65, "A", "1a")),
            *({"a": expression} for expression in ("", ".x", OPERATION + "\n", OPERATION + " ]")),
        ],
    ),
    "DeliveryStreamProps.kind": one_of("new"),
    "ImportedDeliveryStreamProps.kind": one_of("existing"),
    "ImportedDeliveryStreamProps.name": text(["d" * 64, "aZ0_.-"], ["d" * 65, "a b", "a/b", ""]),
    "DeliveryStreamProps.name": text(["d" * 64, "aZ0_.-"], ["d" * 65, "a b", "a/b"]),
    "DeliveryStreamProps.time_partition": one_of("hour", "day", "month"),
    "DeliveryStreamProps.timezone": text(
        ["Europe/Zurich", "UTC"], ["Europe/Zuerich", "europe/zurich ", "Etc/GMT+1"]
    ),
    "DeliveryStreamProps.prefix": Bound(
        ["", "a/", "a" * 255 + "/"], ["a", "/a/", "a//", "a b/", "a" * 256 + "/"]
    ),
    "DeliveryStreamProps.error_prefix": text(
        ["errors/!{firehose:error-output-type}/"],
        ["errors/", "!{firehose:error-output-type}/" + "a" * 482 + "/"],
    ),
    "DeliveryStreamProps.file_extension": text(
        [".a", "." + "a" * 127, ".0!_.*'()-"], ["a", ".", "." + "a" * 128, ".A", ".a/b"]
    ),
    "DeliveryStreamProps.buffer_interval": counted(_SECOND, 0, 900),
    "DeliveryStreamProps.buffer_mib": whole(1, 128),
    "DeliveryStreamProps.log_retention": counted(_DAY, 1, 3_653),
    "JsonFormat.kind": one_of("json"),
    "JsonFormat.compression": one_of("UNCOMPRESSED", "GZIP", "ZIP", "Snappy", "HADOOP_SNAPPY"),
    "NoPartitioning.kind": one_of("none"),
    "OrcFormat.kind": one_of("orc"),
    "OrcFormat.compression": one_of("NONE", "ZLIB", "SNAPPY"),
    "OrcFormat.format_version": one_of("V0_11", "V0_12"),
    "OrcFormat.bloom_filter_columns": texts(text(["id", "x" * 200], [""])),
    "OrcFormat.block_mib": whole(64, 2_047),
    "OrcFormat.stripe_mib": whole(8, 2_047),
    "ParquetFormat.kind": one_of("parquet"),
    "ParquetFormat.compression": one_of("UNCOMPRESSED", "GZIP", "SNAPPY"),
    "ParquetFormat.writer_version": one_of("V1", "V2"),
    "ParquetFormat.block_mib": whole(64, 2_047),
    "ParquetFormat.page_kib": whole(64, 2_097_151),
    "PartitioningByTable.kind": one_of("by-table"),
    "PartitioningByTable.fallback": text(["a", "0" * 64, "A_-"], ["a" * 65, "_a", "a/b"]),
    "_DynamicPartitioning.retry": counted(_SECOND, 0, 7_200),
    "TableMappings.tables": Bound([["a.b"], ["%.%"]], [[""], ["a"], ["a."], [".b"], ["a.b.c"]]),
    "AttributeMapping.target_attribute_name": _WORD,
    "AttributeMapping.attribute_name": _WORD,
    "AttributeMapping.attribute_type": one_of("scalar", "document"),
    "BaseRule.rule_id": Bound(["0", "1", "9" * 18, 1], ["", "a", "9" * 19, "1.5", -1]),
    "BaseRule.rule_name": _WORD,
    "BeforeImageDef.column_filter": one_of("pk-only", "non-lob", "all"),
    "Filter.filter_type": one_of("source"),
    "Filter.column_name": _WORD,
    "FilterCondition.filter_operator": one_of(
        "lte", "ste", "gte", "eq", "noteq", "between", "notbetween", "null", "notnull"
    ),
    "LobSettings.mode": one_of("unlimited", "limited", "none"),
    "MappingParameters.partition_key_type": one_of(
        "schema-table", "transaction-id", "primary-key", "constant", "attribute-name"
    ),
    "MappingParameters.partition_key_name": _WORD,
    "ObjectMappingRule.rule_type": one_of("object-mapping"),
    "ObjectMappingRule.rule_action": one_of("map-record-to-record", "map-record-to-document"),
    "ObjectMappingRule.schema_name": _WORD,
    "ObjectMappingRule.table_name": _WORD,
    "ObjectMappingRule.target_table_name": _WORD,
    "ParallelLoad.type": one_of(
        "partitions-auto", "subpartitions-auto", "partitions-list", "ranges", "none"
    ),
    "ParallelLoad.columns": texts(_WORD),
    "PartitionKey.attribute_name": _WORD,
    "PrimaryKeyDef.name": _WORD,
    "PrimaryKeyDef.origin": one_of("primary-key", "unique-index"),
    "PrimaryKeyDef.columns": texts(_WORD),
    "SelectionRule.rule_type": one_of("selection"),
    "SelectionRule.schema_name": _WORD,
    "SelectionRule.table_name": _WORD,
    "SelectionRule.table_type": one_of("table", "view", "all"),
    "SelectionRule.rule_action": one_of("include", "exclude", "explicit"),
    "TableSettingsRule.rule_type": one_of("table-settings"),
    "TableSettingsRule.schema_name": _WORD,
    "TableSettingsRule.table_name": _WORD,
    "TransformationRule.rule_type": one_of("transformation"),
    "TransformationRule.rule_target": one_of(
        "schema", "table", "column", "table-tablespace", "index-tablespace"
    ),
    "TransformationRule.rule_action": one_of(
        "rename",
        "convert-lowercase",
        "convert-uppercase",
        "add-prefix",
        "remove-prefix",
        "replace-prefix",
        "add-suffix",
        "remove-suffix",
        "replace-suffix",
        "add-column",
        "include-column",
        "remove-column",
        "change-data-type",
        "define-primary-key",
        "add-before-image-columns",
        "data-masking-digits-mask",
        "data-masking-digits-randomize",
        "data-masking-hash-mask",
    ),
    "TransformationRule.schema_name": _WORD,
    "TransformationRule.table_name": _WORD,
    "TransformationRule.column_name": _WORD,
    "TransformationRule.table_tablespace_name": _WORD,
    "TransformationRule.index_tablespace_name": _WORD,
    "BeforeImageSettings.column_filter": one_of("pk-only", "non-lob", "all"),
    "ChangeProcessingTuning.batch_apply_timeout_min": counted(_SECOND, 0),
    "ChangeProcessingTuning.batch_apply_timeout_max": counted(_SECOND, 0),
    "ChangeProcessingTuning.batch_apply_memory_limit_mb": whole(0),
    "ChangeProcessingTuning.batch_split_size": whole(0),
    "ChangeProcessingTuning.min_transaction_size": whole(0),
    "ChangeProcessingTuning.commit_timeout": counted(_SECOND, 0),
    "ChangeProcessingTuning.memory_limit_total_mb": whole(0),
    "ChangeProcessingTuning.memory_keep_time": counted(_SECOND, 0),
    "ChangeProcessingTuning.statement_cache_size": whole(0, 200),
    "ControlTablesSettings.history_timeslot": counted(_MINUTE, 0),
    "ErrorBehavior.data_error_policy": one_of(*_POLICIES),
    "ErrorBehavior.data_truncation_error_policy": one_of(*_POLICIES),
    "ErrorBehavior.data_masking_error_policy": one_of(*_POLICIES),
    "ErrorBehavior.data_error_escalation_policy": one_of("SUSPEND_TABLE", "STOP_TASK"),
    "ErrorBehavior.data_error_escalation_count": whole(0),
    "ErrorBehavior.event_error_policy": one_of("IGNORE", "STOP_TASK"),
    "ErrorBehavior.table_error_policy": one_of("SUSPEND_TABLE", "STOP_TASK"),
    "ErrorBehavior.table_error_escalation_policy": one_of("STOP_TASK"),
    "ErrorBehavior.table_error_escalation_count": whole(0),
    "ErrorBehavior.recoverable_error_count": whole(-1),
    "ErrorBehavior.recoverable_error_interval": counted(_SECOND, 0),
    "ErrorBehavior.recoverable_error_throttling_max": counted(_SECOND, 0),
    "ErrorBehavior.apply_error_delete_policy": one_of(*_POLICIES),
    "ErrorBehavior.apply_error_insert_policy": one_of(*_POLICIES, "INSERT_RECORD"),
    "ErrorBehavior.apply_error_update_policy": one_of(*_POLICIES, "UPDATE_RECORD"),
    "ErrorBehavior.apply_error_escalation_policy": one_of(
        "LOG_ERROR", "SUSPEND_TABLE", "STOP_TASK"
    ),
    "ErrorBehavior.apply_error_escalation_count": whole(0),
    "FullLoadSettings.target_table_prep_mode": one_of(
        "DO_NOTHING", "DROP_AND_CREATE", "TRUNCATE_BEFORE_LOAD"
    ),
    "FullLoadSettings.max_full_load_sub_tasks": whole(1, 49),
    "FullLoadSettings.transaction_consistency_timeout": counted(_SECOND, 0),
    "FullLoadSettings.commit_rate": whole(1, 50_000),
    "LogComponent.id": one_of(
        "ADDONS",
        "COMMON",
        "COMMUNICATION",
        "DATA_STRUCTURE",
        "FILE_FACTORY",
        "FILE_TRANSFER",
        "IO",
        "METADATA_MANAGER",
        "PERFORMANCE",
        "REST_SERVER",
        "SORTER",
        "SOURCE_CAPTURE",
        "SOURCE_UNLOAD",
        "TABLES_MANAGER",
        "TARGET_APPLY",
        "TARGET_LOAD",
        "TASK_MANAGER",
        "TRANSFORMATION",
        "VALIDATOR",
        "VALIDATOR_EXT",
    ),
    "LogComponent.severity": one_of(
        "LOGGER_SEVERITY_ERROR",
        "LOGGER_SEVERITY_WARNING",
        "LOGGER_SEVERITY_INFO",
        "LOGGER_SEVERITY_DEFAULT",
        "LOGGER_SEVERITY_DEBUG",
        "LOGGER_SEVERITY_DETAILED_DEBUG",
    ),
    "LogConfiguration.trace_on_error_mb": whole(0),
    "ResyncSettings.enable_resync": NEVER,
    "ResyncSettings.max_resync_time": counted(_MINUTE, 5, 14_400),
    "StreamBufferSettings.stream_buffer_count": whole(1),
    "StreamBufferSettings.stream_buffer_size_mb": whole(1),
    "StreamBufferSettings.ctrl_stream_buffer_size_mb": whole(1, 8),
    "TTRecordSettings.raw_data_format": one_of("TEXT", "HEX"),
    "TTRecordSettings.max_record_size_kb": whole(0),
    "TTS3Settings.encryption_mode": one_of("SSE_S3", "SSE_KMS"),
    "TTSettings.enable_tt": NEVER,
    "TargetMetadata.full_lob_mode": NEVER,
    "TargetMetadata.lob_chunk_size_kb": whole(0),
    "TargetMetadata.lob_max_size_kb": whole(0, 1_024),
    "TargetMetadata.inline_lob_max_size_kb": whole(0, 102_400),
    "TargetMetadata.load_max_file_size_kb": whole(0, 100_000),
    "TargetMetadata.parallel_load_threads": whole(0, 32),
    "TargetMetadata.parallel_load_buffer_size": whole(50, 1_000, also=(0,)),
    "TargetMetadata.parallel_load_queues_per_thread": whole(5, 512, also=(0, 1)),
    "TargetMetadata.parallel_apply_threads": whole(0, 32),
    "TargetMetadata.parallel_apply_buffer_size": whole(0, 1_000),
    "TargetMetadata.parallel_apply_queues_per_thread": whole(0, 512),
    "TargetMetadata.batch_apply_enabled": NEVER,
    "ValidationSettings.enable_validation": NEVER,
    "ValidationSettings.validation_only": NEVER,
    "ValidationSettings.thread_count": whole(1),
    "ValidationSettings.partition_size": whole(1),
    "ValidationSettings.failure_max_count": whole(0),
    "ValidationSettings.table_failure_max_count": whole(0),
    "ValidationSettings.record_failure_delay": counted(_MINUTE, 0),
    "ValidationSettings.record_failure_delay_limit": counted(_MINUTE, 0),
    "ValidationSettings.record_suspend_delay": counted(_MINUTE, 0),
    "ValidationSettings.max_key_column_size": whole(0),
    "ValidationSettings.validation_partial_lob_size_kb": whole(0),
    "ValidationSettings.validation_query_cdc_delay": counted(_SECOND, 0),
    "TaskSettings.character_set_settings": Bound(
        [None], [{}, {"CharacterSetSupport": {"CharacterSet": "UTF8"}}]
    ),
    "DmsAccountRolesProps.vpc_role": _ROLE,
    "DmsAccountRolesProps.cloudwatch_logs_role": _ROLE,
    "DmsAccountRolesProps.serverless_role": _ROLE,
    "ExistingCompute.kind": one_of("existing"),
    "ExistingCompute.replication_instance_id": text(
        ["a", "a" + "0" * 62, "a-b"], ["a" * 64, "1a", "A", "a-", "a--b"]
    ),
    "InstanceCompute.kind": one_of("instance"),
    "InstanceCompute.instance_class": text(
        ["dms.r6i.large"],
        ["dms.r6i", "r6i.large", "dms.R6i.large", "dms.t2.medium", "dms.r4.large"],
    ),
    "InstanceCompute.allocated_storage_gib": whole(5, 6_144),
    "InstanceCompute.engine_version": text(
        ["3.5.4", "3.6.1"], ["3.5", "3.5.4.1", "v3.5.4", "3.4.7"]
    ),
    "ServerlessCompute.kind": one_of("serverless"),
    "ServerlessCompute.max_capacity_units": one_of(*_CAPACITY),
    "ServerlessCompute.min_capacity_units": one_of(*_CAPACITY),
    "_Placement.availability_zone": _ZONE,
    "_Placement.preferred_maintenance_window": _WEEKLY,
    "Certificate.arn": _arn("dms", "cert:A-1", "cert:", "cert:a_b", "rep:A"),
    "KinesisTargetProps.message_format": one_of("json", "json-unformatted"),
    "NoTls.kind": one_of("none"),
    "SourceEndpointProps.events_poll_interval": counted(_SECOND, 1, 3_600),
    "SourceEndpointProps.server_timezone": text(
        ["Europe/Zurich", "UTC"], ["Europe/Zuerich", "CEST"]
    ),
    "VerifiedTls.kind": one_of("verify-ca", "verify-full"),
    "CdcStartPosition.kind": one_of("position"),
    "CdcStartPosition.position": text(
        ["mysql-bin-changelog.000003:1203", "checkpoint:V1#1"],
        ["mysql-bin:1", "mysql-bin.000003", "checkpoint:", "checkpoint:a b"],
    ),
    "CdcStartTime.kind": one_of("time"),
    "DmsReplicationProps.migration_type": one_of("full-load", "cdc", "full-load-and-cdc"),
    "EventCategories.task": some_of(
        "configuration change", "creation", "deletion", "failure", "state change"
    ),
    "EventCategories.instance": some_of(
        "configuration change",
        "creation",
        "deletion",
        "failover",
        "failure",
        "low storage",
        "maintenance",
    ),
    "EventSubscriptionProps.sns_topic_arn": _TOPIC,
    "AccessLog.bucket_name": _BUCKET,
    "AccessLog.prefix": Bound(["", *_PREFIXES], _NO_PREFIXES),
    "ImportedBucketProps.kind": one_of("existing"),
    "ImportedBucketProps.bucket_name": _BUCKET,
    "ImportedBucketProps.key_arn": _KEY,
    "ImportedBucketProps.owner_account_id": text(["0" * 12], ["0" * 11, "0" * 13, "a" * 12]),
    "LandingBucketProps.kind": one_of("new"),
    "LandingBucketProps.name": _BUCKET,
    "LandingBucketProps.transitions": Bound(
        [
            [],
            [
                {"after": "0d", "storage_class": "INTELLIGENT_TIERING"},
                {"after": "30d", "storage_class": "GLACIER"},
            ],
        ],
        [
            [
                {"after": "30d", "storage_class": "GLACIER"},
                {"after": "30d", "storage_class": "DEEP_ARCHIVE"},
            ]
        ],
    ),
    "LandingBucketProps.expiration": counted(_DAY, 1, 36_500),
    "LandingBucketProps.noncurrent_expiration": counted(_DAY, 1, 36_500),
    "LandingBucketProps.abort_incomplete_uploads": counted(_DAY, 1, 36_500),
    "Transition.after": counted(_DAY, 0, 36_500),
    "Transition.storage_class": one_of(
        "STANDARD_IA", "INTELLIGENT_TIERING", "ONEZONE_IA", "GLACIER_IR", "GLACIER", "DEEP_ARCHIVE"
    ),
    "ExistingTopics.kind": one_of("existing"),
    "ExistingTopics.topic_arns": _TOPICS,
    "ExistingTopics.warning_topic_arns": _TOPICS,
    "MonitoringProps.severities": Bound(
        [{alarm: severity} for alarm in _ALARMS for severity in _SEVERITIES],
        [{"sauce-cpu": "warning"}, {"source-cpu": "loud"}, {"source-cpu": ""}],
        choices=frozenset((*_ALARMS, *_SEVERITIES)),
    ),
    "MonitoringProps.runbooks": text(
        ["a/", "https://example.com/runbooks/", f"{'a' * 199}/"],
        ["a", "a b/", f"{'a' * 200}/"],
    ),
    "MonitoringProps.sustained_for": Bound(
        [5 * _MINUTE, _DAY], [_MINUTE, 6 * _MINUTE, _DAY + 5 * _MINUTE]
    ),
    "NewTopic.kind": one_of("new"),
    "Subscribers.emails": texts(
        text(
            ["a@b.c", "a+b@c.d.e"], ["a", "a@", "@b", "a b@c", "a@b@c", "a@b", "A <a@b.c>", "é@b.c"]
        )
    ),
    "Subscribers.https_endpoints": texts(
        text(
            ["https://a", "https://a.example:8443/b?c=d", f"https://a/{'b' * 2038}"],
            ["http://a", "https://", "https://a:b@c/", "https://a /b", f"https://a/{'b' * 2039}"],
        )
    ),
    "SlackChannel.team_id": text(["T", "0A" * 127 + "0"], ["t", "T-1", "A" * 256]),
    "SlackChannel.channel_id": text(["C", "c0" * 127 + "c"], ["#c", "C-1", "A" * 256]),
    "NoTopic.kind": one_of("none"),
    "Thresholds.source_latency": _LATENCY,
    "Thresholds.target_latency": _LATENCY,
    "Thresholds.instance_free_memory_mib": whole(1),
    "Thresholds.instance_free_storage_gib": whole(1),
    "Thresholds.instance_cpu_percent": percent(),
    "Thresholds.unread_age": _LATENCY,
    "Thresholds.refused_writes": whole(0),
    "Thresholds.undelivered_age": _LATENCY,
    "Thresholds.delivery_success_percent": percent(),
    "Thresholds.failed_conversions": whole(0),
    "Thresholds.source_cpu_percent": percent(),
    "Thresholds.replication_events": some_of("failed", "stopped"),
    "Thresholds.changes_on_disk": whole(1),
    "Thresholds.instance_swap_mib": whole(1),
    "Thresholds.throttled_reads": whole(0),
    "Thresholds.shard_use_percent": percent(),
    "Thresholds.source_binlog_gib": whole(1),
    "Thresholds.source_free_local_storage_gib": whole(1),
    "ImportedNetworkProps.kind": one_of("existing"),
    "ImportedNetworkProps.vpc_id": _id("vpc"),
    "ImportedNetworkProps.subnet_ids": Bound(
        [["subnet-00000000", f"subnet-{'f' * 17}"]],
        [
            ["subnet-00000000"],
            ["subnet-00000000"] * 2,
            *(["subnet-00000000", wrong] for wrong in _id("subnet").refused),
        ],
    ),
    "ImportedNetworkProps.endpoints": some_of(*_ENDPOINTS),
    "ImportedNetworkProps.endpoints_admit_security_group_ids": texts(_SECURITY_GROUP),
    "ImportedNetworkProps.endpoints_security_group_id": _SECURITY_GROUP,
    "ImportedNetworkProps.route_table_ids": texts(_id("rtb")),
    "ImportedNetworkProps.replication_security_group_id": _SECURITY_GROUP,
    "ImportedNetworkProps.database_security_group_id": _SECURITY_GROUP,
    "NetworkProps.kind": one_of("new"),
    "NetworkProps.cidr": text(
        ["10.0.0.0/16", "10.0.0.0/24"], ["10.0.0.0/15", "10.0.0.0/29", "10.0.0.1/16", "fd00::/56"]
    ),
    "NetworkProps.zones": whole(2, 6),
    "NetworkProps.zone_names": Bound(
        [["eu-west-1a", "eu-west-1b"], [f"eu-west-1{z}" for z in "abcdef"]],
        [
            ["eu-west-1a"],
            ["eu-west-1a"] * 2,
            [f"eu-west-1{z}" for z in "abcdefg"],
            *(["eu-west-1a", wrong] for wrong in _ZONE.refused),
        ],
    ),
    "NetworkProps.endpoints": some_of(*_ENDPOINTS),
    "RoleSettings.path": text(
        ["/", "/a.,+@=_-0/b/", f"/{'a' * 510}/"], ["a/", "/a", "//", "/a b/", f"/{'a' * 511}/"]
    ),
    "RoleSettings.permissions_boundary": text(
        [
            "arn:aws:iam::123456789012:policy/a/b+=,.@-_1",
            "arn:aws:iam::aws:policy/PowerUserAccess",
            "arn:aws-cn:iam::123456789012:policy/a",
        ],
        [
            "arn:aws:iam::12345678901:policy/a",
            "arn:aws:iam::123456789012:role/a",
            "arn:aws:iam::123456789012:policy/",
            "arn:aws:iam::123456789012:policy/a b",
        ],
    ),
    "StateBackendProps.bucket_name": _BUCKET,
    "StateBackendProps.old_version_retention": counted(_DAY, 1, 36_500),
    "Environment.region": text(
        ["eu-west-1", "us-gov-east-1"], ["eu-west", "eu-west-1a", "EU-west-1", "eu-1", "eu-west-11"]
    ),
    "Environment.account_ids": texts(text(["0" * 12], ["0" * 11, "0" * 13, "a" * 12])),
    "Environment.pipelines": Bound(
        [], [{name: {}} for name in ("a", "a" * 21, "A1", "1a", "a-", "a--b", "a_b", "bootstrap")]
    ),
    "_NamedFile.name": text(["ab", "a" * 20, "a1"], ["a", "a" * 21, "1a", "A1", "a-b"]),
}
