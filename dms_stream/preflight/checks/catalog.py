"""Who governs the Glue catalog: where Lake Formation does, IAM alone makes no table.

https://docs.aws.amazon.com/lake-formation/latest/dg/change-settings.html
"""

from collections.abc import Iterator

from constructs_lib.data_catalog.props import DataCatalogProps
from dms_stream.preflight.account import Account
from dms_stream.preflight.check import Result, account_check


@account_check("who governs the Glue catalog", "pipelines.*.data_catalog")
def lake_formation(account: Account) -> Iterator[Result]:
    """IAM governs new databases and tables, or Lake Formation does and needs grants."""
    new = [
        name
        for name, props in account.settings.pipelines.items()
        if isinstance(props.data_catalog, DataCatalogProps)
    ]
    if not new:
        return
    settings = account.client("lakeformation").get_data_lake_settings()["DataLakeSettings"]
    everyone = [
        default
        for default in settings.get("CreateDatabaseDefaultPermissions", [])
        if default.get("Principal", {}).get("DataLakePrincipalIdentifier")
        == "IAM_ALLOWED_PRINCIPALS"
    ]
    where = f"pipelines.{new[0]}.data_catalog"
    if everyone:
        yield Result(where, "pass", "IAM governs new databases of the Glue catalog")
    else:
        yield Result(
            where,
            "warn",
            "Lake Formation governs new databases of the Glue catalog",
            "Grant the deployer CREATE_DATABASE, and Firehose's role SELECT and DESCRIBE on the "
            "table, in Lake Formation.",
        )
