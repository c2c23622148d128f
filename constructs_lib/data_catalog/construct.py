"""The Glue database and table over the landed changes."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, Protocol

from constructs_lib.aws_account import AwsAccount
from constructs_lib.bindings import aws
from constructs_lib.construct import Construct, path_of
from constructs_lib.data_catalog.current_state import (
    Changes,
    current_state_sql,
    identifier,
    presto_type,
)
from constructs_lib.data_catalog.layout_agreement import layout_faults
from constructs_lib.data_catalog.props import (
    ERRORS_TABLE,
    DataCatalogProps,
    ImportedTableProps,
    WorkgroupProps,
)
from constructs_lib.data_catalog.queries import QuerySubject, named_queries
from constructs_lib.data_catalog.table import (
    ERROR_COLUMNS,
    SOURCE_SCHEMA,
    SOURCE_TABLE,
    STORAGE,
    columns,
    example_query,
    projection,
)
from constructs_lib.errors import ConstructError
from constructs_lib.iam import Grant, IRole, Statement, grant
from constructs_lib.landing_bucket import IBucket, LandingLayout
from constructs_lib.naming import physical_name

# https://docs.aws.amazon.com/athena/latest/ug/tables-databases-columns-names.html
_NAME_MAX_LENGTH = 255
_WORKGROUP_NAME_MAX_LENGTH = 128


class ITable(Protocol):
    """A Glue table: `DataCatalog`, one imported by `DataCatalog.from_names`, or alike."""

    @property
    def database_name(self) -> str:
        """Name of the Glue database."""

    @property
    def table_name(self) -> str:
        """Name of the table."""

    @property
    def json_key_mappings(self) -> Mapping[str, str]:
        """Columns whose key in the JSON records is another than their name."""

    def grant_read_schema(self, role: IRole) -> Grant:
        """Let `role` read the table's schema."""


class _TableGrants(Construct):
    """What an owned and an imported table have in common."""

    @property
    def database_name(self) -> str:
        raise NotImplementedError

    @property
    def table_name(self) -> str:
        raise NotImplementedError

    def grant_read_schema(self, role: IRole) -> Grant:
        """Let `role` read the table's schema, as Firehose does to convert records.

        https://docs.aws.amazon.com/firehose/latest/dev/controlling-access.html#using-iam-glue
        """
        account = AwsAccount.of(self)
        statement = Statement(
            ["glue:GetDatabase", "glue:GetTable", "glue:GetTableVersion", "glue:GetTableVersions"],
            [
                # Glue asks for the parents' permission as well
                account.arn("glue", "catalog"),
                account.arn("glue", f"database/{self.database_name}"),
                account.arn("glue", f"table/{self.database_name}/{self.table_name}"),
            ],
        )
        return grant(self, role, "read-schema", [statement])


class ImportedTable(_TableGrants):
    """An existing table of the account's Glue catalog in the stack's region.

    Made by `DataCatalog.from_names`.
    """

    def __init__(self, scope: Construct, id_: str, *, database_name: str, table_name: str) -> None:
        super().__init__(scope, id_)
        self._database_name = database_name
        self._table_name = table_name

    @property
    def database_name(self) -> str:
        """Name of the Glue database."""
        return self._database_name

    @property
    def table_name(self) -> str:
        """Name of the table."""
        return self._table_name

    @property
    def json_key_mappings(self) -> Mapping[str, str]:
        """None: an existing table's columns are called as the keys of the records."""
        return {}


class DataCatalog(_TableGrants):
    """A Glue database with one table of all landed records, for Athena and for conversions.

    A row is a record of DMS: `data` (the row of the source), `metadata` (a map: its keys hold
    hyphens, `metadata['schema-name']`) and `control` (JSON text of DMS's control records). The
    partitions are worked out by Athena from the layout; no crawler, no `MSCK REPAIR`.

    JSON records must stand on one line each: DMS's message format `json-unformatted`. Source:
    https://docs.aws.amazon.com/athena/latest/ug/openx-json-serde.html

    Args:
        scope: Where it belongs.
        id_: Its id.
        bucket: Where the records land.
        layout: How the objects are named: `DeliveryStreamProps.layout` has it.
        props: See `DataCatalogProps`; default: `data` is JSON text, no workgroup.

    Attributes:
        resource: The `aws_glue_catalog_table`, the escape hatch.
        database: The `aws_glue_catalog_database`.
        views: The views by `schema.table`, each an `aws_glue_catalog_table`.
        errors: The `aws_glue_catalog_table` over the error prefix, None without named queries.
        workgroup: The `aws_athena_workgroup`, None when props ask for none.
        named_queries: The `aws_athena_named_query` resources by name.
        example_query: SQL to start from.

    Raises:
        ConstructError: props and layout do not fit together.
    """

    from_names = ImportedTable
    """An existing one, see `ImportedTable`."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        bucket: IBucket,
        layout: LandingLayout,
        props: DataCatalogProps | None = None,
    ) -> None:
        super().__init__(scope, id_)
        props = props or DataCatalogProps()
        if faults := layout_faults(props, layout):
            problems = (f"{fault.where} {fault.problem}" for fault in faults)
            raise ConstructError(path_of(self), "; ".join(problems))
        self._before_image_key = props.before_image_key
        self._plain_database_name = props.database_name or physical_name(
            self, max_length=_NAME_MAX_LENGTH
        ).replace("-", "_")
        self.database = aws.glue_catalog_database.GlueCatalogDatabase(
            self, "database", name=self._plain_database_name
        )
        self.resource = self._make_table(props, bucket, layout)
        changes = self._changes(props, layout)
        self.views = {
            table: self._make_view(props, changes, table)
            for table in (props.tables if props.views else ())
        }
        self.errors: Any = None
        self.workgroup: Any = None
        self.named_queries: dict[str, Any] = {}
        if props.workgroup is not None:
            self.workgroup = self._make_workgroup(props.workgroup, bucket)
            if props.workgroup.named_queries:
                if layout.error_folder:
                    self.errors = self._make_errors_table(bucket, layout)
                self.named_queries = self._make_named_queries(props, changes, layout)
        self.example_query: str = example_query(
            layout,
            database_name=self.database_name,
            table_name=self.table_name,
            partition_values=props.partition_values,
        )

    def _make_table(self, props: DataCatalogProps, bucket: IBucket, layout: LandingLayout) -> Any:
        module = aws.glue_catalog_table
        storage = STORAGE[layout.file_format]
        serde_parameters = {
            f"mapping.{column}": key for column, key in self.json_key_mappings.items()
        }
        found = columns(props.data_columns, before_image=props.before_image_key is not None)
        return module.GlueCatalogTable(
            self,
            "Resource",
            name=props.table_name,
            database_name=self.database.name,
            table_type="EXTERNAL_TABLE",
            parameters={
                "EXTERNAL": "TRUE",
                "classification": layout.file_format,
                **projection(
                    layout,
                    bucket_name=bucket.bucket_name,
                    partition_values=props.partition_values,
                    first_day=props.first_day,
                ),
            },
            partition_keys=[
                module.GlueCatalogTablePartitionKeys(name=name, type="string")
                for name in [*layout.keys, layout.time_column]
            ],
            storage_descriptor=module.GlueCatalogTableStorageDescriptor(
                location=f"s3://{bucket.bucket_name}/{layout.prefix}",
                input_format=storage.input_format,
                output_format=storage.output_format,
                ser_de_info=module.GlueCatalogTableStorageDescriptorSerDeInfo(
                    serialization_library=storage.serde,
                    # the columnar files hold the columns' own names
                    parameters=serde_parameters if layout.file_format == "json" else None,
                ),
                columns=[
                    module.GlueCatalogTableStorageDescriptorColumns(name=name, type=type_)
                    for name, type_ in found.items()
                ],
            ),
        )

    def _changes(self, props: DataCatalogProps, layout: LandingLayout) -> Changes:
        return Changes(
            # no reference: CDKTF would write one that stands in an expression without its braces
            f"{identifier(self._plain_database_name)}.{identifier(props.table_name)}",
            has_fields=bool(props.data_columns),
            has_before_image=props.before_image_key is not None,
            by_table=layout.by_table,
        )

    def _make_view(self, props: DataCatalogProps, changes: Changes, table: str) -> Any:
        """What `CREATE VIEW` of Athena leaves in Glue: docs/decisions/views.md."""
        module = aws.glue_catalog_table
        schema_name, _, table_name = table.partition(".")
        given, name = props.tables[table], props.view_name(table)
        sql = current_state_sql(
            changes,
            schema_name=schema_name,
            table_name=table_name,
            columns=given.columns,
            primary_key=given.primary_key,
            in_document=given.in_document,
        )
        definition = {
            "originalSql": sql,
            "catalog": "awsdatacatalog",
            "schema": self._plain_database_name,
            "columns": [
                {"name": column.lower(), "type": presto_type(type_)}
                for column, type_ in given.columns.items()
            ],
            "runAsInvoker": False,
            "properties": {},
        }
        # Terraform encodes it, so that the SQL can be read in what it is given: JSON is an
        # expression of Terraform's, too
        encoded = f"base64encode(jsonencode({json.dumps(definition, ensure_ascii=False)}))"
        return module.GlueCatalogTable(
            self,
            f"view-{name}",
            name=name,
            database_name=self.database_name,
            description=f"The rows that {table} has now",
            table_type="VIRTUAL_VIEW",
            parameters={
                "presto_view": "true",
                "comment": "Presto View",
                SOURCE_SCHEMA: schema_name,
                SOURCE_TABLE: table_name,
            },
            view_original_text=f"/* Presto View: ${{{encoded}}} */",
            view_expanded_text="/* Presto View */",
            depends_on=[self.resource],
            storage_descriptor=module.GlueCatalogTableStorageDescriptor(
                # Athena wants one to be there:
                # https://github.com/hashicorp/terraform-provider-aws/issues/28517
                ser_de_info=module.GlueCatalogTableStorageDescriptorSerDeInfo(
                    name="-", serialization_library="-"
                ),
                columns=[
                    module.GlueCatalogTableStorageDescriptorColumns(name=column.lower(), type=type_)
                    for column, type_ in given.columns.items()
                ],
            ),
        )

    def _make_errors_table(self, bucket: IBucket, layout: LandingLayout) -> Any:
        module = aws.glue_catalog_table
        storage = STORAGE["json"]
        return module.GlueCatalogTable(
            self,
            "errors",
            name=ERRORS_TABLE,
            database_name=self.database_name,
            description="Records that Firehose could not deliver",
            table_type="EXTERNAL_TABLE",
            parameters={"EXTERNAL": "TRUE", "classification": "json"},
            storage_descriptor=module.GlueCatalogTableStorageDescriptor(
                location=f"s3://{bucket.bucket_name}/{layout.error_folder}",
                input_format=storage.input_format,
                output_format=storage.output_format,
                ser_de_info=module.GlueCatalogTableStorageDescriptorSerDeInfo(
                    serialization_library=storage.serde
                ),
                columns=[
                    module.GlueCatalogTableStorageDescriptorColumns(name=name, type=type_)
                    for name, type_ in ERROR_COLUMNS.items()
                ],
            ),
        )

    def _make_named_queries(
        self, props: DataCatalogProps, changes: Changes, layout: LandingLayout
    ) -> dict[str, Any]:
        errors = None
        if self.errors is not None:
            errors = f"{identifier(self._plain_database_name)}.{identifier(ERRORS_TABLE)}"
        subject = QuerySubject(changes, layout, props.partition_values, props.tables, errors)
        return {
            query.name: aws.athena_named_query.AthenaNamedQuery(
                self,
                query.name,
                name=query.name,
                description=query.description,
                workgroup=self.workgroup.name,
                database=self.database_name,
                query=query.sql,
            )
            for query in named_queries(subject)
        }

    def _make_workgroup(self, props: WorkgroupProps, bucket: IBucket) -> Any:
        module = aws.athena_workgroup
        key = bucket.key
        return module.AthenaWorkgroup(
            self,
            "workgroup",
            name=props.name or physical_name(self, max_length=_WORKGROUP_NAME_MAX_LENGTH),
            # what goes with it is the history of queries
            force_destroy=True,
            configuration=module.AthenaWorkgroupConfiguration(
                enforce_workgroup_configuration=True,
                publish_cloudwatch_metrics_enabled=True,
                bytes_scanned_cutoff_per_query=(
                    props.scan_limit_mib * 1024**2 if props.scan_limit_mib else None
                ),
                result_configuration=module.AthenaWorkgroupConfigurationResultConfiguration(
                    output_location=f"s3://{bucket.bucket_name}/{props.result_prefix}",
                    encryption_configuration=(
                        module.AthenaWorkgroupConfigurationResultConfigurationEncryptionConfiguration(
                            encryption_option="SSE_S3" if key is None else "SSE_KMS",
                            kms_key_arn=None if key is None else key.key_arn,
                        )
                    ),
                ),
            ),
        )

    @cached_property
    def database_name(self) -> str:
        """Name of the Glue database, as a token."""
        return str(self.database.name)

    @cached_property
    def table_name(self) -> str:
        """Name of the table, as a token."""
        return str(self.resource.name)

    @property
    def json_key_mappings(self) -> Mapping[str, str]:
        """Columns whose key in the JSON records is another than their name."""
        key = self._before_image_key
        return {"before_image": key} if key not in (None, "before_image") and key else {}

    @classmethod
    def from_props(
        cls,
        scope: Construct,
        id_: str,
        *,
        bucket: IBucket,
        layout: LandingLayout,
        props: DataCatalogProps | ImportedTableProps,
    ) -> "DataCatalog | ImportedTable":
        """The table that a settings file asks for: a new one or an existing one."""
        if isinstance(props, ImportedTableProps):
            return cls.from_names(
                scope, id_, database_name=props.database_name, table_name=props.table_name
            )
        return cls(scope, id_, bucket=bucket, layout=layout, props=props)
