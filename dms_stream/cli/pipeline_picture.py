"""The README's picture of a pipeline: what the environment `seed` synthesizes, as SVG.

Every value and address in it is read from the Terraform JSON, so it cannot tell another story
than the stack does.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dms_stream.cli.svg_template import draw
from dms_stream.settings.project import Project

PICTURE_FILE = Path("docs", "pipeline.svg")
ENVIRONMENT = "seed"
PIPELINE = "tickets"
_TEMPLATE = Path(__file__).with_name("pipeline_picture.svg.j2")


@dataclass(frozen=True)
class _Part:
    title: str
    facts: tuple[str, ...]
    address: str = ""

    @property
    def type(self) -> str:
        return self.address.partition(".")[0]

    @property
    def name(self) -> str:
        return self.address.partition(".")[2]


def pipeline_picture() -> str:
    """The picture as SVG, with a background of its own: it looks the same on dark pages."""
    return draw(_TEMPLATE, _contents())


def write_pipeline_picture(project: Project) -> Path:
    """Write it into the project."""
    return project.write(PICTURE_FILE, pipeline_picture())


def _contents() -> dict[str, Any]:
    stack = f"{ENVIRONMENT}-{PIPELINE}"
    bootstrap = resources_of(f"{ENVIRONMENT}-bootstrap")
    roles = [role["name"] for role in bootstrap["aws_iam_role"].values()]
    resources = resources_of(stack)

    def only(type_: str) -> tuple[str, Any]:
        [(name, values)] = resources[type_].items()
        return f"{type_}.{name}", values

    cluster_address, cluster = only("aws_rds_cluster")
    _, parameters = only("aws_rds_cluster_parameter_group")
    binlog_format = next(
        p["value"] for p in parameters["parameter"] if p["name"] == "binlog_format"
    )
    _, instance = only("aws_dms_replication_instance")
    task_address, task = only("aws_dms_replication_task")
    tables = [
        f"{rule['object-locator']['schema-name']}.{rule['object-locator']['table-name']}"
        for rule in json.loads(task["table_mappings"])["rules"]
        if rule["rule-type"] == "selection"
    ]
    endpoints = {found["endpoint_type"]: found for found in resources["aws_dms_endpoint"].values()}
    stream_address, stream = only("aws_kinesis_stream")
    delivery_address, delivery = only("aws_kinesis_firehose_delivery_stream")
    s3 = delivery["extended_s3_configuration"]
    bucket_address, _ = only("aws_s3_bucket")
    table_address, table = next(
        (f"aws_glue_catalog_table.{name}", found)
        for name, found in resources["aws_glue_catalog_table"].items()
        # beside it are views and the table of errors
        if found.get("partition_keys")
    )
    network_address, network = only("aws_vpc")
    secret_address, _ = only("aws_secretsmanager_secret")
    endpoint_services = sorted(
        found["service_name"].rpartition(".")[2] for found in resources["aws_vpc_endpoint"].values()
    )
    alarms = len(resources["aws_cloudwatch_metric_alarm"])
    columns = [column["name"] for column in table["storage_descriptor"]["columns"]]
    partitions = [key["name"] for key in table["partition_keys"]]
    return {
        "stack": stack,
        "managed": sum(len(found) for found in resources.values()),
        "network": f"{network_address}, {network['cidr_block']}",
        "network_endpoints": ", ".join(endpoint_services),
        "source": _Part(
            "Aurora MySQL",
            (
                f"from snapshot {cluster['snapshot_identifier']}",
                cluster["engine_version"],
                f"binary log {binlog_format}",
            ),
            cluster_address,
        ),
        "replication": _Part(
            "DMS",
            (
                task["migration_type"],
                *tables,
                f"{instance['replication_instance_class']}, {instance['engine_version']}",
            ),
            task_address,
        ),
        "stream": _Part(
            "Kinesis stream",
            (
                stream["stream_mode_details"]["stream_mode"].lower().replace("_", "-"),
                f"keeps {stream['retention_period']} h",
                f"records {endpoints['target']['kinesis_settings']['message_format']}",
            ),
            stream_address,
        ),
        "delivery": _Part(
            "Firehose",
            (
                f"an object every {s3['buffering_interval']} s",
                f"or {s3['buffering_size']} MB",
                f"compressed, {s3['compression_format']}",
            ),
            delivery_address,
        ),
        "bucket": _Part(
            "S3 bucket",
            (
                re.sub(r"!\{timestamp:(.+?)\}", r"\1", s3["prefix"]),
                "versioned, private, TLS only",
            ),
            bucket_address,
        ),
        "table": _Part(
            "Glue table, for Athena",
            (
                f"columns {', '.join(columns)}",
                f"partitioned by {', '.join(partitions)}",
            ),
            table_address,
        ),
        "ssl_mode": endpoints["source"]["ssl_mode"],
        "beside": (
            _Part(
                "Secret",
                ("its password is in no state and no plan",),
                secret_address,
            ),
            _Part("CloudWatch", (f"{alarms} alarms,", "a dashboard from source to bucket")),
            _Part(
                f"{ENVIRONMENT}-bootstrap",
                ("once an account: the state bucket,", ", ".join(sorted(roles))),
            ),
        ),
    }


def resources_of(stack: str) -> Mapping[str, Mapping[str, Any]]:
    """The resources of a stack of the pictured environment, by type and address."""
    from constructs_lib.bindings import cdktf
    from dms_stream.settings.environment import environment_file, load_environment
    from stacks.app import build_app

    settings = load_environment(environment_file(ENVIRONMENT))
    app = build_app(ENVIRONMENT, settings, app=cdktf.Testing.app())
    found: Any = app.node.find_child(stack)
    document = json.loads(cdktf.Testing.synth(found))
    resources: Mapping[str, Mapping[str, Any]] = document["resource"]
    return resources
