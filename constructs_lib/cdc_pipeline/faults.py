"""What is wrong between parts of a pipeline that each are right by themselves."""

from datetime import timedelta

from constructs_lib.aurora_source import ImportedSourceProps
from constructs_lib.cdc_pipeline.parts import PipelineParts
from constructs_lib.cdc_pipeline.workload_faults import workload_faults
from constructs_lib.change_stream import ChangeStreamProps
from constructs_lib.data_catalog import DataCatalogProps, layout_faults
from constructs_lib.data_catalog.table import columns
from constructs_lib.delivery_stream import (
    DeliveryStreamProps,
    ImportedDeliveryStreamProps,
    OrcFormat,
)
from constructs_lib.dms.guide import KINESIS_TARGET
from constructs_lib.dms.table_mappings import TableMappings
from constructs_lib.dms.vocabulary import is_on_one_line
from constructs_lib.dms_replication import (
    ExistingCompute,
    InstanceCompute,
    NoTls,
)
from constructs_lib.dms_replication.props import ASSESSMENTS_PREFIX
from constructs_lib.errors import Fault
from constructs_lib.landing_bucket import ImportedBucketProps, LandingBucketProps
from constructs_lib.monitoring import NewTopic
from constructs_lib.network import NEEDED_ENDPOINTS, ImportedNetworkProps, NetworkProps
from constructs_lib.workload.needs import instance_size

_HIDDEN_OBJECTS = "https://docs.aws.amazon.com/athena/latest/ug/troubleshooting-athena.html"
_VPC_ENDPOINTS = "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_VPC_Endpoints.html"


def pipeline_faults(props: PipelineParts) -> list[Fault]:
    """All of them, each at its key in the pipeline's settings."""
    return [
        *_reach_of_the_database(props),
        *_reach_of_the_services(props),
        *_zone_of_the_network(props),
        *_encryption_on_the_way(props),
        *_delivery(props),
        *_catalog(props),
        *_folders(props),
        *_access_log(props),
        *_thresholds(props),
        *_events(props),
        *_assessments(props),
        *workload_faults(props),
    ]


def _reach_of_the_database(props: PipelineParts) -> list[Fault]:
    network, source, compute = props.network, props.source, props.replication.compute
    if isinstance(source, ImportedSourceProps) and not isinstance(network, ImportedNetworkProps):
        return [
            Fault(
                "source.kind",
                "existing cannot be used with `network.kind: new`: a new VPC has no way out, so "
                "that DMS in it never reaches a database outside. Set network to `kind: existing` "
                "with vpc_id and subnet_ids of a VPC that reaches the database",
                "existing",
            )
        ]
    if not isinstance(compute, ExistingCompute) or (
        isinstance(network, ImportedNetworkProps)
        and network.replication_security_group_id is not None
    ):
        return []
    made = not isinstance(source, ImportedSourceProps)
    database = f"the database that `source.kind: {source.kind}` makes" if made else "the database"
    return [
        Fault(
            "replication.compute.kind",
            f"existing cannot reach {database}: only "
            "network.replication_security_group_id is let in there, by default a new security "
            "group which the instance is not in. Set network to `kind: existing` with the "
            "instance's VPC and replication_security_group_id to a security group of the "
            "instance, or replication.compute to `kind: instance`",
            "existing",
        )
    ]


def _reach_of_the_services(props: PipelineParts) -> list[Fault]:
    network = props.network
    if isinstance(network, ImportedNetworkProps) or network.endpoints is None:
        return []
    logs = ("logs",) if props.replication.task_settings.logs else ()
    missing = [name for name in (*NEEDED_ENDPOINTS, *logs) if name not in network.endpoints]
    if not missing:
        return []
    why = " (logs because task_settings.logging is enabled)" if "logs" in missing else ""
    return [
        Fault(
            "network.endpoints",
            f"must hold {', '.join(missing)} too{why}: a new network (`network.kind: new`) has no "
            "other way to a service. Add what is missing, or leave endpoints out "
            f"({_VPC_ENDPOINTS})",
            ", ".join(network.endpoints) or "none",
        )
    ]


def _zone_of_the_network(props: PipelineParts) -> list[Fault]:
    network, zone = props.network, getattr(props.replication.compute, "availability_zone", None)
    names = network.zone_names or () if isinstance(network, NetworkProps) else ()
    # one of another region is told of elsewhere
    if zone is None or zone in names or zone[:-1] not in {name[:-1] for name in names}:
        return []
    return [
        Fault(
            "replication.compute.availability_zone",
            "is none of the network's zones (network.zone_names), "
            f"{', '.join(names)}, and DMS runs only where its subnets are: "
            "choose one of them (https://docs.aws.amazon.com/dms/latest/userguide/"
            "CHAP_ReplicationInstance.VPC.html)",
            zone,
        )
    ]


def _encryption_on_the_way(props: PipelineParts) -> list[Fault]:
    tls = props.replication.source_endpoint.tls
    if not (isinstance(tls, NoTls) and props.source.tls_required):
        return []
    return [
        Fault(
            "replication.source_endpoint.tls.kind",
            "must not be none, as the source refuses connections without TLS "
            "(source.tls_required): set it to verify-full with a certificate, or set "
            "source.tls_required to false",
            "none",
        )
    ]


def _delivery(props: PipelineParts) -> list[Fault]:
    delivery = props.delivery_stream
    if isinstance(delivery, DeliveryStreamProps):
        if props.landing_bucket is not None:
            return []
        return [
            Fault(
                "landing_bucket",
                "is where delivery_stream puts the changes: leave it out for a new bucket, name "
                "one, or set delivery_stream to null",
                "none",
            )
        ]
    kind = "existing" if delivery else "null"
    faults = [
        Fault(
            key,
            f"is for a delivery stream of the pipeline's own, and delivery_stream is {kind}: take "
            "it out, or let the pipeline make the delivery stream",
            part.kind,
        )
        for key, part in (
            ("landing_bucket", props.landing_bucket),
            ("data_catalog", props.data_catalog),
        )
        if part is not None
    ]
    if isinstance(delivery, ImportedDeliveryStreamProps) and isinstance(
        props.stream, ChangeStreamProps
    ):
        faults.append(
            Fault(
                "stream.kind",
                "must be existing with `delivery_stream.kind: existing`, which reads a stream that "
                "exists and none that the pipeline makes: name that stream (stream_arn), or let "
                "the pipeline make the delivery stream",
                "new",
            )
        )
    return faults


def _catalog(props: PipelineParts) -> list[Fault]:
    catalog, delivery = props.data_catalog, props.delivery_stream
    if not isinstance(delivery, DeliveryStreamProps):
        return []
    if catalog is None:
        if not delivery.converts_format:
            return []
        return [
            Fault(
                "delivery_stream.format.kind",
                f"{delivery.format.kind} takes its schema from data_catalog, which is null: set "
                "data_catalog, or deliver JSON",
                delivery.format.kind,
            )
        ]
    faults = []
    if not is_on_one_line(props.replication.target_endpoint.message_format):
        faults.append(
            Fault(
                "replication.target_endpoint.message_format",
                "breaks a record over several lines, and data_catalog needs one record on a line: "
                f"set it to json-unformatted, or data_catalog to null ({KINESIS_TARGET})",
                "json",
            )
        )
    if not isinstance(catalog, DataCatalogProps):
        return faults
    settings = props.replication.task_settings.before_image_settings
    field_name = settings.field_name if settings and settings.enable_before_image else None
    if catalog.before_image_key not in (None, field_name):
        faults.append(
            Fault(
                "data_catalog.before_image_key",
                "must be the field_name that the task writes before-images under "
                "(replication.task_settings.before_image_settings), which is "
                f"{field_name or 'none, as they are not enabled'}: give both the same name",
                catalog.before_image_key,
            )
        )
    if delivery.name is not None and delivery.name.startswith(("_", ".")):
        faults.append(
            Fault(
                "delivery_stream.name",
                "begins with _ or ., and so do the objects' names, which Athena takes for hidden "
                "and leaves out: begin it with a letter, or set data_catalog to null "
                f"({_HIDDEN_OBJECTS})",
                delivery.name,
            )
        )
    return [
        *faults,
        *_bloom_filters(catalog, delivery),
        *_tables_captured(catalog, props.replication.table_mappings),
        *layout_faults(catalog, delivery.layout),
    ]


def _bloom_filters(catalog: DataCatalogProps, delivery: DeliveryStreamProps) -> list[Fault]:
    format_ = delivery.format
    if not isinstance(format_, OrcFormat):
        return []
    known = columns(catalog.data_columns, before_image=catalog.before_image_key is not None)
    return [
        Fault(
            f"delivery_stream.format.bloom_filter_columns.{number}",
            f"is no column of the table that data_catalog describes, which has {', '.join(known)}: "
            "name one of them, or leave it out",
            name,
        )
        for number, name in enumerate(format_.bloom_filter_columns)
        if name not in known
    ]


def _tables_captured(catalog: DataCatalogProps, mappings: TableMappings) -> list[Fault]:
    # records of a renamed table carry its new name, which the selection rules do not know
    if mappings.renames_tables:
        return []
    return [
        Fault(
            f"data_catalog.tables.{table}",
            "is captured by no rule of replication.table_mappings, so that its view would always "
            "be empty: add a selection rule, or take the table out here",
        )
        for table in catalog.tables
        if not any(
            mappings.captures(*table.split("."), is_view=is_view) for is_view in (False, True)
        )
    ]


def _folders(props: PipelineParts) -> list[Fault]:
    catalog, delivery = props.data_catalog, props.delivery_stream
    if (
        not isinstance(delivery, DeliveryStreamProps)
        or not isinstance(catalog, DataCatalogProps)
        or catalog.workgroup is None
    ):
        return []
    results = catalog.workgroup.result_prefix
    folders = {
        "the data, `delivery_stream.prefix": delivery.prefix,
        "what could not be delivered, `delivery_stream.error_prefix": delivery.layout.error_folder,
    }
    return [
        Fault(
            "data_catalog.workgroup.result_prefix",
            f"and the folder of {what}: {folder}`, lie in one another, so that a query would read "
            "the results of others: choose a folder beside it, such as athena-results/",
            results,
        )
        for what, folder in folders.items()
        if folder and (results.startswith(folder) or folder.startswith(results))
    ]


def _assessments(props: PipelineParts) -> list[Fault]:
    if not props.replication.premigration_assessments:
        return []
    key, bucket = "replication.premigration_assessments", props.landing_bucket
    foreign = isinstance(bucket, ImportedBucketProps) and bucket.owner_account_id is not None
    if bucket is None or foreign:
        return [
            Fault(
                key,
                "needs a landing bucket of this account to write into, and this pipeline has "
                f"{'one of another' if foreign else 'none'}: leave it out, and name a role and a "
                "bucket to `dms-stream assess` with --role and --bucket",
                "True",
            )
        ]
    delivery = props.delivery_stream
    prefix = delivery.prefix if isinstance(delivery, DeliveryStreamProps) else None
    if prefix is None or not ASSESSMENTS_PREFIX.startswith(prefix):
        return []
    return [
        Fault(
            key,
            f"writes to {ASSESSMENTS_PREFIX} of the landing bucket, which lies in the folder of "
            f"the data, `delivery_stream.prefix: {prefix!r}`: set that to a folder beside it, such "
            "as changes/",
            "True",
        )
    ]


def _access_log(props: PipelineParts) -> list[Fault]:
    bucket = props.landing_bucket
    if (
        not isinstance(bucket, LandingBucketProps)
        or bucket.access_log is None
        or bucket.access_log.bucket_name != bucket.name
    ):
        return []
    return [
        Fault(
            "landing_bucket.access_log.bucket_name",
            "is the landing bucket itself, which would log its own logging without end: choose "
            "another bucket (https://docs.aws.amazon.com/AmazonS3/latest/userguide/"
            "enable-server-access-logging.html)",
            bucket.name,
        )
    ]


def _events(props: PipelineParts) -> list[Fault]:
    subscription = props.replication.event_subscription
    if (
        subscription is None
        or subscription.sns_topic_arn is not None
        or (props.monitoring is not None and isinstance(props.monitoring.notify, NewTopic))
    ):
        return []
    return [
        Fault(
            "replication.event_subscription.sns_topic_arn",
            "is needed, as the pipeline makes no topic of its own: name a topic, or set "
            "monitoring.notify to `kind: new`",
            "none",
        )
    ]


def _thresholds(props: PipelineParts) -> list[Fault]:
    if props.monitoring is None or not props.monitoring.alarms:
        return []
    thresholds, faults = props.monitoring.thresholds, []
    where = "monitoring.thresholds"
    compute, free = props.replication.compute, thresholds.instance_free_storage_gib
    memory = thresholds.instance_free_memory_mib
    if isinstance(compute, InstanceCompute) and memory is not None:
        size = instance_size(compute.instance_class)
        if size is not None and memory >= size.memory_gib * 1024:
            faults.append(
                Fault(
                    f"{where}.instance_free_memory_mib",
                    f"is not below the memory of replication.compute.instance_class, "
                    f"{compute.instance_class}, which has {size.memory_gib * 1024} MiB, so that "
                    "the alarm never ends: lower it, or choose a larger class",
                    str(memory),
                )
            )
    if isinstance(compute, InstanceCompute) and free is not None:
        storage = compute.allocated_storage_gib
        if free >= storage:
            faults.append(
                Fault(
                    f"{where}.instance_free_storage_gib",
                    f"is not below the storage there is, replication.compute."
                    f"allocated_storage_gib, {storage}, so that the alarm never ends: lower it, or "
                    "raise that",
                    str(free),
                )
            )
    delivery, age = props.delivery_stream, thresholds.undelivered_age
    interval = delivery.buffer_interval if isinstance(delivery, DeliveryStreamProps) else None
    if age is not None and interval is not None and age <= interval:
        faults.append(
            Fault(
                f"{where}.undelivered_age",
                f"is not above delivery_stream.buffer_interval, "
                f"{int(interval.total_seconds())} seconds, for which Firehose keeps every record: "
                "raise it to twice that or more",
                f"{int(age.total_seconds())} seconds",
            )
        )
    kept = props.source.binlog_retention
    for key in ("source_latency", "target_latency"):
        latency: timedelta | None = getattr(thresholds, key)
        if latency is not None and latency >= kept:
            faults.append(
                Fault(
                    f"{where}.{key}",
                    f"is not below source.binlog_retention, {kept // timedelta(hours=1)} hours, "
                    "after which changes are lost before the alarm tells of them: lower it",
                    f"{int(latency.total_seconds())} seconds",
                )
            )
    unread, stream = thresholds.unread_age, props.stream
    if isinstance(stream, ChangeStreamProps) and unread is not None and unread >= stream.retention:
        faults.append(
            Fault(
                f"{where}.unread_age",
                f"is not below stream.retention, {stream.retention // timedelta(hours=1)} hours, "
                "after which records are lost before the alarm tells of them: lower it",
                f"{int(unread.total_seconds())} seconds",
            )
        )
    return faults
