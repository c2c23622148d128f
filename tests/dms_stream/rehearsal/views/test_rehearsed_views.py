"""The views of a synthesized catalog, in a rehearsal with a real source: every way to land."""

import base64
import json
import uuid
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.data_catalog import CatalogTableProps, DataCatalog, DataCatalogProps
from constructs_lib.delivery_stream import DeliveryStreamProps
from constructs_lib.delivery_stream.props import metadata_query
from constructs_lib.landing_bucket import LandingBucket
from dms_stream.local_aws import REGION
from dms_stream.rehearsal.run import rehearse
from tests.support.alive import LivePipeline
from tests.support.delivery_setup import NEWLINE, processing
from tests.support.pipelines import Pipeline, selection
from tests.support.synth import Json, synth

pytestmark = pytest.mark.rehearsal

BEFORE_IMAGES = {
    "BeforeImageSettings": {
        "EnableBeforeImage": True,
        "FieldName": "before-image",
        "ColumnFilter": "pk-only",
    }
}
TABLES = {
    "dms_sample.ticket_purchase_hist": CatalogTableProps(
        columns={
            "purchase_id": "decimal(20,0)",
            "ticket_id": "decimal(20,0)",
            "purchased_by_id": "bigint",
            "transferred_from_id": "bigint",
            "transaction_date_time": "timestamp",
            "purchase_price": "decimal(8,2)",
        },
        primary_key=("purchase_id",),
    ),
    "dms_sample.seats": CatalogTableProps(
        columns={
            "event_id": "bigint",
            "seat_no": "string",
            "category": "smallint",
            "features": "string",
        },
        primary_key=("event_id", "seat_no"),
    ),
}
FIELDS = {name: type_ for table in TABLES.values() for name, type_ in table.columns.items()}
# JSON text, by date and by table: tests/stacks/test_deployments.py
WAYS: dict[str, dict[str, Any]] = {
    "json with fields, by keys of one's own": {
        "fields": FIELDS,
        "delivery": {
            "partitioning": {"kind": "custom", "keys": {"operation": ".metadata.operation"}}
        },
        "values": {
            "operation": ("load", "insert", "update", "delete", "create-table", "drop-table")
        },
    },
    "parquet, by table": {
        "fields": FIELDS,
        "delivery": {"format": {"kind": "parquet"}, "partitioning": {"kind": "by-table"}},
    },
}


def catalog_of(bucket: str, name: str, delivery: DeliveryStreamProps, way: dict[str, Any]) -> Json:
    """What Terraform would be given for the catalog."""
    props = DataCatalogProps(
        database_name=name,
        tables=TABLES,
        data_columns=way.get("fields", {}),
        partition_values=way.get("values", {}),
        before_image_key="before-image",
        workgroup=None,
    )
    return synth(
        lambda stack: DataCatalog(
            stack,
            "catalog",
            bucket=LandingBucket.from_name(stack, "landing", bucket_name=bucket),
            layout=delivery.layout,
            props=props,
        )
    )


def deploy_catalog(glue: Any, name: str, document: Json) -> None:
    """Make in Glue what Terraform would."""
    glue.create_database(DatabaseInput={"Name": name})
    for table in document["resource"]["aws_glue_catalog_table"].values():
        storage = table["storage_descriptor"]
        made: Json = {
            "Name": table["name"],
            "TableType": table["table_type"],
            "Parameters": table["parameters"],
            "PartitionKeys": [
                {"Name": key["name"], "Type": key["type"]}
                for key in table.get("partition_keys", [])
            ],
            "StorageDescriptor": {
                "Location": storage.get("location", ""),
                "Columns": [
                    {"Name": each["name"], "Type": each["type"]} for each in storage["columns"]
                ],
                "SerdeInfo": {"Parameters": storage["ser_de_info"].get("parameters", {})},
            },
        }
        if "view_original_text" in table:
            text = table["view_original_text"]
            definition = text.partition("jsonencode(")[2].rpartition("))}")[0]
            encoded = base64.b64encode(json.dumps(json.loads(definition)).encode()).decode()
            made["ViewOriginalText"] = f"/* Presto View: {encoded} */"
        glue.create_table(DatabaseName=name, TableInput=made)


def destination(pipeline: Pipeline, delivery: DeliveryStreamProps, database: str) -> Json:
    """The delivery's S3 destination, as the construct writes it."""
    partitions = delivery.partitioning.expressions
    processors = {} if delivery.converts_format else dict(NEWLINE)
    if partitions:
        processors["MetadataExtraction"] = {
            "MetadataExtractionQuery": metadata_query(partitions),
            "JsonParsingEngine": "JQ-1.6",
        }
    found: Json = {
        "Prefix": delivery.layout.firehose_prefix,
        "ErrorOutputPrefix": delivery.error_prefix,
        "BufferingHints": {"SizeInMBs": delivery.effective_buffer_mib, "IntervalInSeconds": 60},
    }
    if processors:
        found |= processing(**processors)
    if partitions:
        found["DynamicPartitioningConfiguration"] = {"Enabled": True}
    if delivery.converts_format:
        found["DataFormatConversionConfiguration"] = {
            "Enabled": True,
            "SchemaConfiguration": {
                "RoleARN": pipeline.role,
                "DatabaseName": database,
                "TableName": "changes",
                "Region": REGION,
            },
            "InputFormatConfiguration": {
                "Deserializer": {
                    "OpenXJsonSerDe": {"ColumnToJsonKeyMappings": {"before_image": "before-image"}}
                }
            },
            "OutputFormatConfiguration": {"Serializer": {"ParquetSerDe": {}}},
        }
    return found


@pytest.mark.parametrize("way", WAYS)
def test_the_views_show_the_sources_rows(
    live_pipeline: LivePipeline, tmp_path: Path, way: str
) -> None:
    how = WAYS[way]
    delivery = DeliveryStreamProps.model_validate(how.get("delivery", {}))
    database = f"d_{uuid.uuid4().hex[:10]}"
    document = catalog_of(live_pipeline.delivery.name, database, delivery, how)
    deploy_catalog(live_pipeline.clients.glue, database, document)
    live_pipeline.deploy(
        [
            selection("dms_sample", "ticket_purchase_hist"),
            selection("dms_sample", "seats", number=2),
        ],
        settings=BEFORE_IMAGES,
        destination=destination(live_pipeline, delivery, database),
    )

    result = rehearse(
        live_pipeline.rehearsal(tmp_path, purchases=300, changes=150, glue_database=database)
    )

    assert result.passed, result.checks
    views = {check.name: check.outcome for check in result.checks if check.group == "views"}
    assert views == {
        "the view ticket_purchase_hist shows the rows of dms_sample.ticket_purchase_hist": "pass",
        "the view seats shows the rows of dms_sample.seats": "pass",
    }
    assert 300 < result.bytes_per_record < 1000
