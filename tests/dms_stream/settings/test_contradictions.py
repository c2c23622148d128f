"""Settings that AWS would refuse, or that cannot work together, each told by its key."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from constructs_lib.bindings import cdktf
from constructs_lib.errors import InvalidPropsError, SettingsError, faults_of
from constructs_lib.windows import windows_overlap
from dms_stream.settings.environment import (
    Environment,
    environment_file,
    environment_of_text,
    load_environment,
)
from dms_stream.settings.regions import ZONES, partition_of
from dms_stream.settings.shared_names import names_by_default
from dms_stream.settings.tags import tag_faults
from stacks.pipeline_stack import PipelineStack
from tests.support.checkout import ROOT
from tests.support.model_walk import KeyPath, with_value
from tests.support.synth import synth_stack
from tests.support.variants import ACCOUNT, NETWORK, SOURCE, TLS
from tests.support.whole_environments import whole_environment

STATE = "example-company-state"
ARN = "arn:aws:iam::111122223333:policy/boundary"


def pipeline(**changes: Any) -> dict[str, Any]:
    replication = {
        "table_mappings": {"tables": ["shop.orders"]},
        "source_endpoint": {"tls": TLS},
        **changes.pop("replication", {}),
    }
    return {"source": {"kind": "new"}, "replication": replication, **changes}


def document(**pipelines: Any) -> dict[str, Any]:
    return {
        "region": "eu-west-1",
        "account_ids": [ACCOUNT],
        "state": {"bucket_name": STATE},
        "pipelines": pipelines or {"orders": pipeline()},
    }


def faults(settings: dict[str, Any]) -> dict[str, str]:
    """The problems by their places; none where the settings are valid."""
    try:
        Environment.model_validate(settings)
    except ValidationError as error:
        return {fault.where: fault.problem for fault in faults_of(error, settings)}
    return {}


def test_what_these_tests_change_is_valid_by_itself(tmp_path: Path) -> None:
    assert faults(document()) == {}
    assert faults(document(orders=pipeline(), tickets=pipeline())) == {}
    assert faults(whole_environment(tmp_path)) == {}


_TABLE = {"columns": {"id": "int"}, "primary_key": ["id"]}

ONE_PIPELINE = [
    ("source.parameters", {"BINLOG_FORMAT": "MIXED"}, "BINLOG_FORMAT"),
    ("source.parameters", {"Require-Secure-Transport": "OFF"}, "tls_required"),
    ("source.parameters.MAX_Connections", "5", "lower-case"),
    ("source.database_name", "RDSadmin", "reserved"),
    ("source.database_name", "mysql", "reserved"),
    ("source.master_username", "rdsadmin", "reserved"),
    ("source.preferred_backup_window", "03:00-03:29", "30 minutes"),
    ("source.preferred_maintenance_window", "sun:04:00-sun:04:15", "30 minutes"),
    ("replication.compute.preferred_maintenance_window", "sun:04:00-sun:04:15", "30 minutes"),
    ("stream.shard_level_metrics", ["ALL", "IncomingBytes"], "ALL names all of them"),
    ("stream.shard_level_metrics", ["IncomingBytes", "IncomingBytes"], "twice"),
    ("data_catalog.workgroup.name", "primary", "every account"),
    ("data_catalog.workgroup.scan_limit_mib", 10**15, "8589934592"),
    ("data_catalog.workgroup.result_prefix", "changes/results/", "in one another"),
    ("monitoring.thresholds.instance_free_storage_gib", 50, "allocated_storage_gib, 50"),
    ("monitoring.thresholds.instance_free_memory_mib", 4096, "dms.t3.medium, which has 4096 MiB"),
    ("monitoring.thresholds.undelivered_age", "PT300S", "buffer_interval, 300 seconds"),
    ("monitoring.thresholds.unread_age", "PT24H", "stream.retention, 24 hours"),
    ("monitoring.thresholds.source_latency", "24h", "source.binlog_retention, 24 hours"),
    ("monitoring.thresholds.target_latency", "2d", "source.binlog_retention, 24 hours"),
    ("network.zones", 4, "more than eu-west-1 (region) has, which is 3"),
    ("replication.compute.availability_zone", "eu-west-1d", "no availability zone of eu-west-1"),
    ("network.cidr", "127.0.0.0/16", "in which no host has an address"),
    ("network.cidr", "240.1.0.0/16", "in which no host has an address"),
    ("network.cidr", "10.20.0.0/255.255.0.0", "is no IPv4 block"),
    ("network.cidr", "10.20.0.0/016", "is no IPv4 block"),
    ("delivery_stream.prefix", "changes/../", "`.` or `..`"),
    ("delivery_stream.error_prefix", "./!{firehose:error-output-type}/", "`.` or `..`"),
    ("data_catalog.workgroup.result_prefix", "errors/results/", "could not be delivered"),
    ("source.log_exports", ["audit"], "server_audit_logging: '1' and server_audit_events: 'CONN"),
    ("source.log_exports", ["error", "general"], "set general_log: '1' in parameters"),
    ("source.log_exports", ["slowquery"], "set slow_query_log: '1' in parameters"),
    ("/roles.path", "/aws-service-role/dms/", "IAM refuses others"),
]

# in pairs: the last is the one that is told
PAIRS: list[tuple[dict[str, Any], str]] = [
    (
        {
            "source.capacity": {"kind": "provisioned", "instance_class": "db.t3.medium"},
            "source.performance_insights": True,
        },
        "has no Performance Insights",
    ),
    (
        {
            "source.capacity": {"kind": "provisioned", "instance_class": "db.t4g.medium"},
            "source.data_api": True,
        },
        "not for instance classes of the kind db.t",
    ),
    (
        {
            "source.parameters": {"server_audit_logging": "1"},
            "source.log_exports": ["audit"],
        },
        "set server_audit_events: 'CONNECT,QUERY_DDL' in parameters",
    ),
    (
        {"source.parameters": {"slow_query_log": "OFF"}, "source.log_exports": ["slowquery"]},
        "slow_query_log: '1'",
    ),
    (
        {"source.engine_version": "8.0.mysql_aurora.3.04.3", "source.data_api": True},
        "from Aurora MySQL 3.07 on",
    ),
    (
        {
            "network.zone_names": ["eu-west-1a", "eu-west-1b"],
            "replication.compute.availability_zone": "eu-west-1c",
        },
        "none of the network's zones",
    ),
    (
        {"network": NETWORK, "source": {**SOURCE, "host": "127.0.0.1"}, "source.host": "localhost"},
        "no host that DMS reaches",
    ),
    (
        {"network": NETWORK, "source": SOURCE, "source.host": "db..example.com"},
        "must match",
    ),
]


@pytest.mark.parametrize(("changes", "words"), PAIRS)
def test_settings_that_cannot_work_together_are_told(changes: dict[str, Any], words: str) -> None:
    settings = document()
    for key, value in changes.items():
        path = ("pipelines", "orders", *key.split("."))
        settings = with_value(settings, path, value)
    found = faults(settings)

    assert list(found) == [".".join(path)]
    assert words in found[".".join(path)]


@pytest.mark.parametrize(
    "snapshot",
    ["arn:aws:s3:::x", "arn:aws:rds:eu-west-1:111122223333:db:x", "a" * 256, "a_b", "rds:"],
)
def test_a_snapshot_is_one_of_rds(snapshot: str) -> None:
    source = {"kind": "snapshot", "snapshot_identifier": snapshot}
    found = faults(document(orders=pipeline(source=source)))
    assert "must be the name of a snapshot" in found["pipelines.orders.source.snapshot_identifier"]


def test_logs_do_not_go_where_another_pipeline_puts_its_data() -> None:
    data = pipeline(landing_bucket={"name": "example-data"})
    logs = pipeline(landing_bucket={"access_log": {"bucket_name": "example-data"}})
    found = faults(document(orders=data, tickets=logs))
    assert (
        "pipelines.orders makes"
        in (found["pipelines.tickets.landing_bucket.access_log.bucket_name"])
    )


def test_a_key_that_is_called_as_its_variant_is_told_once() -> None:
    start = {"kind": "time", "time": "yesterday"}
    replication = {"migration_type": "cdc", "cdc_start": start}
    settings = document(orders=pipeline(replication=replication))
    assert list(faults(settings)) == ["pipelines.orders.replication.cdc_start.time"]


def test_no_list_names_anything_twice(tmp_path: Path) -> None:
    """AWS's own documents aside, whose lists mean what AWS says."""
    settings = whole_environment(tmp_path)
    tried = 0
    for path, names in _lists_of_texts(settings, ()):
        if {"table_mappings", "task_settings"} & set(path):
            continue
        found = faults(with_value(settings, path, [*names, names[0]]))
        where = ".".join(map(str, path))
        # what is told of a whole mapping names its key in the sentence
        assert any(where.startswith(key) and "twice" in found[key] for key in found), where
        tried += 1
    assert tried > 7


def _lists_of_texts(value: Any, path: KeyPath) -> Iterator[tuple[KeyPath, list[str]]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _lists_of_texts(item, (*path, key))
    elif isinstance(value, list) and value and all(isinstance(item, str) for item in value):
        yield path, value


@pytest.mark.parametrize(("key", "value", "words"), ONE_PIPELINE)
def test_a_pipeline_that_cannot_work_is_told_where(key: str, value: Any, words: str) -> None:
    start = () if key.startswith("/") else ("pipelines", "orders")
    path = (*start, *key.removeprefix("/").split("."))
    found = faults(with_value(document(), path, value))

    (where,) = found
    assert where == ".".join(path)
    assert words in found[where]


def test_a_table_that_no_rule_captures_has_no_view() -> None:
    def told(table: str, **replication: Any) -> dict[str, str]:
        catalog = {"tables": {table: _TABLE}}
        return faults(document(orders=pipeline(data_catalog=catalog, replication=replication)))

    assert told("shop.orders") == {}
    ((where, problem),) = told("shop.order").items()
    assert where == "pipelines.orders.data_catalog.tables.shop.order"
    assert "captured by no rule of replication.table_mappings" in problem
    # a rule may give a table the name
    for target in ("schema", "table"):
        renaming = {"rule-type": "transformation", "rule-target": target, "rule-action": "rename"}
        locator = {"schema-name": "shop", **({} if target == "schema" else {"table-name": "%"})}
        rule = {**renaming, "object-locator": locator, "value": "order"}
        assert told("shop.order", table_mappings={"tables": ["shop.orders"], "rules": [rule]}) == {}


def test_a_bloom_filter_is_on_a_column_of_the_table() -> None:
    def told(*names: str) -> dict[str, str]:
        format_ = {"kind": "orc", "bloom_filter_columns": names}
        catalog = {"data_columns": {"id": "int"}}
        delivery = {"format": format_}
        return faults(document(orders=pipeline(data_catalog=catalog, delivery_stream=delivery)))

    assert told("data", "metadata", "control") == {}
    ((where, problem),) = told("data", "id").items()
    assert where == "pipelines.orders.delivery_stream.format.bloom_filter_columns.1"
    assert "which has data, metadata, control: name one of them" in problem


@pytest.mark.parametrize(
    ("format_", "key", "most"),
    [
        ("parquet", "block_mib", 2047),
        ("parquet", "page_kib", 2_097_151),
        ("orc", "block_mib", 2047),
        ("orc", "stripe_mib", 2047),
    ],
)
def test_sizes_fit_in_firehoses_integers(format_: str, key: str, most: int) -> None:
    def with_size(size: int) -> dict[str, str]:
        return faults(
            document(
                orders=pipeline(
                    delivery_stream={"format": {"kind": format_, key: size}},
                    data_catalog={"data_columns": {"id": "bigint"}},
                )
            )
        )

    assert most * (1024 if key == "page_kib" else 1024**2) < 2**31
    assert with_size(most) == {}
    assert list(with_size(most + 1)) == [f"pipelines.orders.delivery_stream.format.{key}"]


def test_a_path_of_partition_keys_fits_in_firehoses_prefix() -> None:
    keys = {f"{'k' * 60}{number}": ".metadata.operation" for number in range(9)}
    partitioning = {"kind": "custom", "keys": keys}
    settings = document(orders=pipeline(delivery_stream={"partitioning": partitioning}))
    (problem,) = faults(settings).values()
    assert "Firehose takes 1024" in problem


@pytest.mark.parametrize("identifier", ["shared-", "sha--red"])
def test_identifiers_have_single_hyphens_within(identifier: str) -> None:
    compute = {"kind": "existing", "replication_instance_id": identifier}
    source = {"kind": "snapshot", "snapshot_identifier": identifier}
    for settings in (
        document(orders=pipeline(network=NETWORK, source=SOURCE, replication={"compute": compute})),
        document(orders=pipeline(source=source)),
    ):
        (problem,) = faults(settings).values()
        assert "neither end in `-` nor hold `--`" in problem
    assert any("single `-`" in problem for problem in faults(document(**{"a--b": {}})).values())


def test_backup_and_maintenance_do_not_overlap() -> None:
    def windows(backup: str, maintenance: str) -> list[str]:
        source = {
            "kind": "new",
            "preferred_backup_window": backup,
            "preferred_maintenance_window": maintenance,
        }
        return list(faults(document(orders=pipeline(source=source))))

    assert windows("03:00-04:00", "sun:04:00-sun:05:00") == []
    assert windows("03:00-04:30", "Sun:04:00-Sun:05:00") == [
        "pipelines.orders.source.preferred_backup_window"
    ]


@given(
    st.integers(0, 47), st.integers(1, 47), st.integers(0, 335), st.integers(1, 335)
)  # in half hours
def test_windows_overlap_where_a_half_hour_is_in_both(
    backup: int, backup_length: int, maintenance: int, maintenance_length: int
) -> None:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

    def clock(moment: int) -> str:
        hours, rest = divmod(moment % 48, 2)
        return f"{hours:02}:{rest * 30:02}"

    def weekly(moment: int) -> str:
        return f"{days[moment // 48 % 7]}:{clock(moment)}"

    in_backup = {(backup + number) % 48 for number in range(backup_length)}
    in_maintenance = {(maintenance + number) % 336 % 48 for number in range(maintenance_length)}

    assert windows_overlap(
        f"{clock(backup)}-{clock(backup + backup_length)}",
        f"{weekly(maintenance)}-{weekly(maintenance + maintenance_length)}",
    ) == bool(in_backup & in_maintenance)


TWICE = [
    ("delivery_stream.name", {"delivery_stream": {"name": "changes"}}),
    ("stream.name", {"stream": {"name": "changes"}}),
    ("landing_bucket.name", {"landing_bucket": {"name": "example-company-lake"}}),
    ("source.name", {"source": {"kind": "new", "name": "orders"}}),
    ("data_catalog.database_name", {"data_catalog": {"database_name": "lake"}}),
    ("data_catalog.workgroup.name", {"data_catalog": {"workgroup": {"name": "lake"}}}),
]


@pytest.mark.parametrize(("key", "changes"), TWICE)
def test_what_two_pipelines_cannot_both_have_is_told_at_the_second(
    key: str, changes: dict[str, Any]
) -> None:
    found = faults(document(orders=pipeline(**changes), tickets=pipeline(**changes)))

    assert list(found) == [f"pipelines.tickets.{key}"]
    assert f"stands at pipelines.orders.{key} already: " in found[f"pipelines.tickets.{key}"]


def test_a_channel_of_slack_is_told_by_one_pipeline() -> None:
    channel = {"slack": {"team_id": "T1", "channel_id": "C1"}}
    both = {"monitoring": {"notify": {"kind": "new", **channel, "warnings": channel}}}
    assert faults(document(orders=pipeline(**both))) == {}
    warned = {"monitoring": {"notify": {"kind": "new", "warnings": channel}}}
    found = faults(document(orders=pipeline(**both), tickets=pipeline(**warned)))
    key = "monitoring.notify.warnings.slack"
    assert list(found) == [f"pipelines.tickets.{key}"]
    assert found[f"pipelines.tickets.{key}"].startswith(
        "stands at pipelines.orders.monitoring.notify.slack already, and AWS configures a channel "
        "once in an account"
    )


@pytest.mark.parametrize("key", [key for key, _ in TWICE if key != "landing_bucket.name"])
def test_a_name_that_another_pipeline_has_by_default_is_told(tmp_path: Path, key: str) -> None:
    settings = Environment.model_validate(document(tickets=pipeline()))
    taken = dict(names_by_default("one-tickets", settings.pipelines["tickets"]))[key]
    named = with_value(document(orders=pipeline()), ("pipelines", "orders", *key.split(".")), taken)
    file = tmp_path / "one.yaml"
    both = {**named["pipelines"], "tickets": pipeline()}
    file.write_text(json.dumps({**named, "pipelines": both}))
    with pytest.raises(SettingsError) as refused:
        load_environment(file)
    (fault,) = refused.value.faults
    assert fault.where == f"pipelines.orders.{key}"
    assert fault.problem.startswith("is what pipelines.tickets makes under its default name")

    file.write_text(json.dumps(named))
    load_environment(file)


def test_default_names_are_those_that_are_made() -> None:
    settings = Environment.model_validate(document(orders=pipeline()))
    stack = synth_stack(
        PipelineStack(
            cdktf.Testing.app(), "one", settings, name="orders", props=settings.pipelines["orders"]
        )
    )
    made = {
        stack["resource"][type_][name][key]
        for type_, key in (
            ("aws_kinesis_stream", "name"),
            ("aws_kinesis_firehose_delivery_stream", "name"),
            ("aws_rds_cluster", "cluster_identifier"),
            ("aws_glue_catalog_database", "name"),
            ("aws_athena_workgroup", "name"),
        )
        for name in stack["resource"][type_]
    }
    names = names_by_default("one-orders", settings.pipelines["orders"])
    assert {name for _, name in names} == made


ERRORS = "!{firehose:error-output-type}/"
LAKE = {"kind": "existing", "bucket_name": "example-company-lake"}
FOLDERS = [
    ({}, {}, ["delivery_stream.prefix"]),
    ({"prefix": "a/"}, {"prefix": "b/"}, []),
    ({"prefix": "a/"}, {"prefix": "a/b/"}, ["delivery_stream.prefix"]),
    ({"prefix": "a/b/"}, {"prefix": "a/"}, ["delivery_stream.prefix"]),
    ({"prefix": "a/"}, {"prefix": "ab/"}, []),
    ({"prefix": ""}, {"prefix": ""}, ["delivery_stream.prefix"]),
    # of the root Athena reads the folders of its own partitions only
    ({"prefix": ""}, {"prefix": "b/"}, []),
    (
        {"prefix": "a/"},
        {"prefix": "b/", "error_prefix": f"a/{ERRORS}"},
        ["delivery_stream.error_prefix"],
    ),
    (
        {"prefix": "a/", "error_prefix": f"b/{ERRORS}"},
        {"prefix": "b/"},
        ["delivery_stream.prefix"],
    ),
]


@pytest.mark.parametrize(("first", "second", "places"), FOLDERS)
@pytest.mark.parametrize("made", [False, True], ids=["existing", "new"])
def test_two_pipelines_do_not_write_into_one_folder_of_a_bucket(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    first: dict[str, Any],
    second: dict[str, Any],
    places: list[str],
    made: bool,
) -> None:
    bucket = {"name": LAKE["bucket_name"]} if made else LAKE
    orders = pipeline(landing_bucket=bucket, delivery_stream=first)
    tickets = pipeline(landing_bucket=LAKE, delivery_stream=second)
    expected = [f"pipelines.tickets.{place}" for place in places]
    assert list(faults(document(orders=orders, tickets=tickets))) == expected

    # the same of two environments
    other = {**document(orders=orders), "state": OTHER_STATE, "account_roles": SKIPPED}
    file = neighbours(tmp_path, document(tickets=tickets), other)
    monkeypatch.chdir(tmp_path)
    if not places:
        load_environment(file)
        return
    with pytest.raises(SettingsError) as refused:
        load_environment(file)
    assert [fault.where for fault in refused.value.faults] == expected
    assert all(fault.given is not None for fault in refused.value.faults)
    assert "pipelines.orders of the environment other, " in str(refused.value)


def test_pipelines_without_tables_of_their_own_may_deliver_into_one_folder() -> None:
    table = {"kind": "existing", "database_name": "lake", "table_name": "changes"}
    both = [pipeline(landing_bucket=LAKE, data_catalog=catalog) for catalog in (table, None)]
    assert faults(document(orders=both[0], tickets=both[1])) == {}


def test_results_of_queries_do_not_land_in_the_data_of_another_pipeline() -> None:
    catalog = {"workgroup": {"result_prefix": "orders/"}}
    orders = pipeline(landing_bucket=LAKE, delivery_stream={"prefix": "orders/"})
    tickets = pipeline(
        landing_bucket=LAKE, delivery_stream={"prefix": "tickets/"}, data_catalog=catalog
    )
    found = faults(document(orders=orders, tickets=tickets))
    assert list(found) == ["pipelines.tickets.data_catalog.workgroup.result_prefix"]


@pytest.mark.parametrize(
    ("key", "bucket"),
    [
        ("name", {"name": STATE}),
        ("bucket_name", {"kind": "existing", "bucket_name": STATE}),
        ("access_log.bucket_name", {"access_log": {"bucket_name": STATE}}),
    ],
)
def test_nothing_lands_among_the_states(key: str, bucket: dict[str, Any]) -> None:
    found = faults(document(orders=pipeline(landing_bucket=bucket)))
    assert list(found) == [f"pipelines.orders.landing_bucket.{key}"]
    assert "the bucket of Terraform's states" in str(found)


def test_a_bucket_does_not_log_to_itself() -> None:
    bucket = {"name": "example-company-lake", "access_log": {"bucket_name": "example-company-lake"}}
    found = faults(document(orders=pipeline(landing_bucket=bucket)))
    assert list(found) == ["pipelines.orders.landing_bucket.access_log.bucket_name"]


def test_a_permissions_boundary_is_of_the_account() -> None:
    found = faults({**document(), "roles": {"permissions_boundary": ARN}})
    assert "IAM takes a permissions boundary only of its own" in found["roles.permissions_boundary"]
    of_aws = "arn:aws:iam::aws:policy/PowerUserAccess"
    assert faults({**document(), "roles": {"permissions_boundary": of_aws}}) == {}


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_arns_are_of_the_regions_partition(region: str, partition: str) -> None:
    assert partition_of(region) == partition

    def key(named: str) -> dict[str, str]:
        arn = f"arn:{named}:kms:{region}:{ACCOUNT}:key/0f0e0d0c"
        state = {"bucket_name": STATE, "encryption": {"kind": "customer", "key_arn": arn}}
        return faults({**document(), "region": region, "state": state, "pipelines": {}})

    assert key(partition) == {}
    wrong = "aws" if partition != "aws" else "aws-cn"
    assert f"{region} (region) is in {partition}" in key(wrong)["state.encryption.key_arn"]


def test_the_certificates_are_of_the_databases_region() -> None:
    bundle = str(ROOT / "environments" / "certificates" / "eu-west-1-bundle.pem")
    tls = {"kind": "verify-full", "certificate": {"file": bundle}}
    settings = document(orders=pipeline(replication={"source_endpoint": {"tls": tls}}))

    assert faults(settings) == {}
    found = faults({**settings, "region": "eu-central-1"})
    where = "pipelines.orders.replication.source_endpoint.tls.certificate.file"
    assert "holds Amazon's certificates of eu-west-1" in found[where]
    assert "https://truststore.pki.rds.amazonaws.com/eu-central-1/" in found[where]
    with pytest.raises(InvalidPropsError, match=f"given: {re.escape(bundle)}"):
        Environment(**{**settings, "region": "eu-central-1"})


def test_a_secret_of_another_account_has_a_customer_key() -> None:
    theirs = "arn:aws:secretsmanager:eu-west-1:111122223333:secret:tickets-Ab12Cd"
    key = "arn:aws:kms:eu-west-1:111122223333:key/0f0e0d0c-1111-2222-3333-444455556601"
    source = {**SOURCE, "secret_arn": theirs, "key_arn": None}
    settings = document(orders=pipeline(network=NETWORK, source=source))

    (problem,) = faults(settings).values()
    assert "another account reads a secret only under a customer key" in problem
    assert faults(with_value(settings, ("pipelines", "orders", "source", "key_arn"), key)) == {}
    assert faults({**settings, "account_ids": []}) == {}


TAGS: list[tuple[dict[str, str], str]] = [
    ({"": "x"}, "empty key"),
    ({"aws:team": "x"}, "which AWS reserves"),
    ({"AWS:team": "x"}, "which AWS reserves"),
    ({"team": "aws:x"}, "which AWS reserves"),
    ({"Environment": "prod"}, "every resource has already"),
    ({"Managed-By": "hand"}, "every resource has already"),
    ({"Team": "a", "team": "b"}, "in case only"),
    ({"Name": "orders"}, "the same name"),
    ({"k" * 129: "x"}, "129 characters"),
    ({"team": "v" * 257}, "257 characters"),
    ({"team": "\N{ROCKET}"}, "letters, digits, spaces"),
    ({"team": '${file("/etc/hostname")}'}, "letters, digits, spaces"),
    ({f"tag-{number}": "" for number in range(48)}, "may hold 47"),
]


@pytest.mark.parametrize(("tags", "words"), TAGS)
def test_tags_are_as_aws_takes_them(tags: dict[str, str], words: str) -> None:
    found = faults({**document(), "tags": tags})
    assert len(found) == 1, found
    assert words in str(found)


@given(
    st.dictionaries(
        st.text(st.characters(categories=["L", "N", "Zs"]), min_size=1, max_size=128),
        st.text(st.characters(categories=["L", "N", "Zs"]), max_size=256),
        max_size=3,
    )
)
def test_letters_numbers_and_spaces_of_any_language_are_taken(tags: dict[str, str]) -> None:
    lower = [key.lower() for key in tags]
    named = {"environment", "pipeline", "managed-by", "name"} & set(lower)
    assert (tag_faults(tags) == []) == (len(set(lower)) == len(lower) and not named)


def test_a_tag_may_tell_of_another_account() -> None:
    assert faults({**document(), "tags": {"owner": ARN}}) == {}


@pytest.mark.parametrize("ending", [".yaml", ".yml"])
def test_two_files_do_not_name_one_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str
) -> None:
    (tmp_path / "cdktf.json").write_text("{}")
    (tmp_path / "environments").mkdir()
    (tmp_path / "elsewhere").mkdir()
    ours = tmp_path / "environments" / "trial.yaml"
    other = tmp_path / "elsewhere" / f"trial{ending}"
    monkeypatch.chdir(tmp_path)
    ours.write_text("")
    assert environment_file("trial").samefile(ours)
    assert environment_file("environments/trial.yaml").samefile(ours)

    other.write_text("")
    with pytest.raises(
        SettingsError, match=r"and so does .*environments/trial\.yaml: one would"
    ) as c:
        environment_file(str(other))
    assert str(c.value).startswith(f"{other}: 1 mistake")


def neighbours(folder: Path, one: dict[str, Any], other: dict[str, Any]) -> Path:
    """A project with two environments; the first one's file."""
    (folder / "cdktf.json").write_text("{}")
    (folder / "environments").mkdir()
    for name, settings in (("one", one), ("other", other)):
        (folder / "environments" / f"{name}.yaml").write_text(json.dumps(settings))
    return folder / "environments" / "one.yaml"


def read_as_text(file: Path) -> Environment:
    """As what writes a settings file reads it before."""
    return environment_of_text(file.read_text(), file)


OTHER_STATE = {"bucket_name": "example-company-other-state"}
SKIPPED = {"vpc_role": "skip", "cloudwatch_logs_role": "skip"}
TWO_ENVIRONMENTS: list[tuple[dict[str, Any], dict[str, Any], list[str]]] = [
    (
        {},
        {},
        ["account_roles.cloudwatch_logs_role", "account_roles.vpc_role", "state.bucket_name"],
    ),
    ({}, {"state": OTHER_STATE, "account_roles": SKIPPED}, []),
    ({}, {"state": OTHER_STATE, "account_ids": ["111122223333"]}, []),
    # whose account is not named may be deployed anywhere
    ({}, {"state": OTHER_STATE, "account_ids": []}, []),
    ({}, {"emulated": True}, []),
    ({"emulated": True}, {}, []),
]


@pytest.mark.parametrize(("ours", "theirs", "places"), TWO_ENVIRONMENTS)
def test_two_environments_do_not_make_one_thing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    ours: dict[str, Any],
    theirs: dict[str, Any],
    places: list[str],
) -> None:
    """The state bucket in all of AWS, the roles of DMS in an account."""
    file = neighbours(tmp_path, {**document(), **ours}, {**document(), **theirs})
    monkeypatch.chdir(tmp_path)
    for read in (load_environment, read_as_text):
        if not places:
            read(file)
            continue
        with pytest.raises(SettingsError) as refused:
            read(file)
        assert sorted(fault.where for fault in refused.value.faults) == places
        assert "the environment other " in str(refused.value)


NAMED: dict[str, Any] = {
    "stream": {"name": "changes"},
    "delivery_stream": {"name": "changes"},
    "landing_bucket": {"name": "example-company-lake"},
    "data_catalog": {"database_name": "lake", "workgroup": {"name": "readers"}},
    "source": {"kind": "new", "name": "orders"},
}


@pytest.mark.parametrize(("region", "most"), [("eu-west-1", 6), ("eu-central-1", 1)])
def test_two_environments_do_not_give_one_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, region: str, most: int
) -> None:
    """A bucket's name is one in all of AWS, the others in a region of an account."""
    certificate = f"arn:aws:dms:{region}:{ACCOUNT}:cert:ABCDEFGHIJKLMNOP"
    tls = {**TLS, "certificate": {"arn": certificate}}
    other = document(orders=pipeline(**NAMED, replication={"source_endpoint": {"tls": tls}}))
    other |= {"region": region, "state": OTHER_STATE, "account_roles": SKIPPED}
    file = neighbours(tmp_path, document(orders=pipeline(**NAMED)), other)
    monkeypatch.chdir(tmp_path)

    with pytest.raises(SettingsError) as refused:
        load_environment(file)
    places = {fault.where for fault in refused.value.faults}
    assert len(places) == most
    assert "pipelines.orders.landing_bucket.name" in places


def test_a_neighbour_with_mistakes_is_not_compared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = neighbours(tmp_path, document(), {**document(), "no_such_key": 1})
    monkeypatch.chdir(tmp_path)
    load_environment(file)


def test_the_zones_are_those_that_cfn_lint_knows() -> None:
    """Compares where the tool is installed; it ships the newest list."""
    files = list(ROOT.glob(".tools/cfn-lint/lib/python*/site-packages/cfnlint/helpers.py"))
    if not files:
        pytest.skip("cfn-lint is not installed in .tools")
    tables = [
        ast.literal_eval(node.value)
        for node in ast.walk(ast.parse(files[0].read_text(encoding="utf-8")))
        if isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Dict)
        if "us-east-1f" in ast.unparse(node.value)
    ]
    known = {region: len(zones) for region, zones in tables[0].items() if region in ZONES}
    assert known == ZONES


def test_each_name_of_a_pipeline_is_compared() -> None:
    orders = pipeline(stream={"name": "orders"}, landing_bucket={"name": "example-data"})
    tickets = pipeline(stream={"name": "tickets"}, landing_bucket={"name": "example-data"})
    told = faults(document(orders=orders, tickets=tickets))
    assert list(told) == ["pipelines.tickets.landing_bucket.name"]


def test_the_zones_of_each_region() -> None:
    """As AWS's page lists them."""
    of_three = """
        af-south-1 ap-east-1 ap-east-2 ap-northeast-3 ap-south-1 ap-south-2 ap-southeast-1
        ap-southeast-2 ap-southeast-3 ap-southeast-4 ap-southeast-5 ap-southeast-6 ap-southeast-7
        ca-west-1 cn-north-1 cn-northwest-1 eu-central-1 eu-central-2 eu-north-1 eu-south-1
        eu-south-2 eu-west-1 eu-west-2 eu-west-3 il-central-1 me-central-1 me-south-1 mx-central-1
        sa-east-1 us-east-2 us-gov-east-1 us-gov-west-1
    """
    of_others = {"us-west-1": 2, "us-east-1": 6}
    of_four = ["ap-northeast-1", "ap-northeast-2", "ca-central-1", "us-west-2"]
    assert {
        **dict.fromkeys(of_three.split(), 3),
        **dict.fromkeys(of_four, 4),
        **of_others,
    } == ZONES


@pytest.mark.parametrize(("given", "named"), [("nowhere", "nowhere"), ("", "(no environment)")])
def test_an_environment_that_is_not_there_is_told_by_its_name(given: str, named: str) -> None:
    with pytest.raises(SettingsError) as refused:
        environment_file(given)
    assert str(refused.value).startswith(f"{named}: 1 mistake")
