"""LandingLayout: Firehose and Athena name the same objects."""

from constructs_lib.landing_bucket import LandingLayout


def test_firehose_and_athena_agree_on_the_path() -> None:
    layout = LandingLayout(prefix="changes/", keys=("schema_name", "table_name"), time="hour")
    assert layout.firehose_prefix == (
        "changes/schema_name=!{partitionKeyFromQuery:schema_name}/"
        "table_name=!{partitionKeyFromQuery:table_name}/"
        "arrival_hour=!{timestamp:yyyy-MM-dd-HH}/"
    )
    assert layout.athena_path == (
        "changes/schema_name=${schema_name}/table_name=${table_name}/arrival_hour=${arrival_hour}"
    )


def test_without_keys_the_date_is_all() -> None:
    layout = LandingLayout(prefix="", time="month")
    assert layout.firehose_prefix == "arrival_month=!{timestamp:yyyy-MM}/"
    assert layout.athena_path == "arrival_month=${arrival_month}"
