"""DmsReplicationProps: what DMS or Kinesis would refuse is refused here, all of it at once."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.dms_replication import (
    CdcStartTime,
    Certificate,
    DmsReplicationProps,
    InstanceCompute,
    ServerlessCompute,
    SourceEndpointProps,
)
from constructs_lib.errors import InvalidPropsError
from tests.support.replication_fakes import props

TOPIC_ARN = "arn:aws:sns:eu-west-1:123456789012:alarms"
MASKING = {
    "rule-type": "transformation",
    "rule-target": "column",
    "rule-action": "data-masking-digits-mask",
    "schema-name": "dms_sample",
    "table-name": "person",
    "column-name": "phone",
    "value": "#",
}


def refusal(**given: Any) -> str:
    """The message with which props are refused."""
    with pytest.raises(InvalidPropsError) as caught:
        props(**given)
    return str(caught.value)


@pytest.mark.parametrize(
    ("compute", "where", "message"),
    [
        ({"instance_class": "db.t3.medium"}, "compute.instance_class", "must match"),
        ({"allocated_storage_gib": 4}, "compute.allocated_storage_gib", "must be 5 or more"),
        ({"allocated_storage_gib": 6145}, "compute.allocated_storage_gib", "must be 6144 or less"),
        ({"engine_version": "3.5"}, "compute.engine_version", "must match"),
        (
            {"engine_version": "3.4.6"},
            "compute.engine_version",
            "must be 3.4.7 or later, the first version that honours the conditions in the roles' "
            "trust policies",
        ),
        (
            {"engine_version": "3.5.4", "auto_minor_version_upgrade": True},
            "compute.auto_minor_version_upgrade",
            "cannot be used with a pinned engine_version (3.5.4): after an "
            "upgrade by AWS every apply would try to go back, which fails. Remove it, or set "
            "engine_version to null",
        ),
        (
            {"multi_az": True, "availability_zone": "eu-west-1a"},
            "compute.availability_zone",
            "cannot be used with multi_az",
        ),
        ({"availability_zone": "eu-west-1"}, "compute.availability_zone", "must match"),
        (
            {"preferred_maintenance_window": "sun:03:00-sun:03:29"},
            "compute.preferred_maintenance_window",
            "must be ddd:hh:mm-ddd:hh:mm in UTC and at least 30 minutes long",
        ),
        (
            {"preferred_maintenance_window": "sun:24:00-mon:01:00"},
            "compute.preferred_maintenance_window",
            "such as sun:03:00-sun:04:00",
        ),
        (
            {"kind": "serverless"},
            "compute.max_capacity_units",
            "is required and has no default",
        ),
        (
            {"kind": "serverless", "max_capacity_units": 3},
            "compute.max_capacity_units",
            "1, 2, 4, 8, 16, 32, 64, 128, 192, 256 or 384",
        ),
        (
            {"kind": "serverless", "max_capacity_units": 2, "min_capacity_units": 4},
            "compute.min_capacity_units",
            "must not exceed max_capacity_units, 2",
        ),
        (
            {"kind": "serverless", "max_capacity_units": 2, "engine_version": "3.5.4"},
            "compute.engine_version",
            "unknown setting",
        ),
        (
            {"kind": "existing", "replication_instance_id": "Shared_One"},
            "compute.replication_instance_id",
            "must match",
        ),
    ],
)
def test_compute_is_refused(compute: dict[str, Any], where: str, message: str) -> None:
    text = refusal(compute=compute)
    assert f"- {where}: " in text
    assert message in text


@pytest.mark.parametrize(
    "window", ["sun:03:00-sun:03:30", "Sun:23:45-Mon:00:15", "mon:00:00-sun:23:59"]
)
def test_a_maintenance_window_may_cross_midnight_and_the_week(window: str) -> None:
    assert InstanceCompute(preferred_maintenance_window=window).preferred_maintenance_window == (
        window.lower()
    )


def test_large_integers_need_a_version_that_has_them() -> None:
    old = {"engine_version": "3.5.0"}
    text = refusal(compute=old)
    assert (
        "- target_endpoint.use_large_integer_value: needs DMS 3.5.4 or later, "
        "compute.engine_version is 3.5.0 "
        "(https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Target.Kinesis.html): raise the "
        "version, or set it to false and accept that integers beyond 2^53 are rounded"
    ) in text
    assert props(compute=old, target_endpoint={"use_large_integer_value": False})
    assert props(compute={"engine_version": "3.10.0"})
    assert props(compute={"engine_version": None})


def test_masking_needs_a_version_that_has_it() -> None:
    text = refusal(
        compute={"engine_version": "3.5.0"},
        target_endpoint={"use_large_integer_value": False},
        table_mappings={"tables": ["dms_sample.person"], "rules": [MASKING]},
    )
    assert "- table_mappings.rules: mask data, which needs DMS 3.5.4 or later" in text


def test_before_images_are_asked_for_once_and_where_there_are_updates() -> None:
    setting = {"before_image_settings": {"enable_before_image": True, "field_name": "before"}}
    text = refusal(migration_type="full-load", task_settings=setting)
    assert "- task_settings.before_image_settings: ask for before images, but a full-load" in text


def test_where_changes_begin_is_only_for_a_task_of_changes() -> None:
    start = {"kind": "time", "time": "2026-03-01T00:00:00Z"}
    assert "- cdc_start: is only for migration_type cdc" in refusal(cdc_start=start)
    serverless = {"kind": "serverless", "max_capacity_units": 2}
    text = refusal(cdc_start=start, migration_type="cdc", compute=serverless)
    assert "- cdc_start: cannot be given to DMS Serverless by provider 5.100.0" in text
    assert props(cdc_start=start, migration_type="cdc")


@pytest.mark.parametrize(
    ("start", "where", "message"),
    [
        (
            {"kind": "time", "time": "2026-03-01T00:00:00"},
            "time",
            "must be a date and a time with its offset",
        ),
        ({"kind": "position", "position": "24:373"}, "position", "must match"),
        ({"kind": "position", "position": "binlog.000024"}, "position", "must match"),
        ({"kind": "now"}, "cdc_start", "Allowed: time, position"),
    ],
)
def test_a_start_that_is_none_is_refused(start: dict[str, str], where: str, message: str) -> None:
    text = refusal(migration_type="cdc", cdc_start=start)
    assert f"{where}: " in text
    assert message in text


@pytest.mark.parametrize(
    "position", ["mysql-bin-changelog.000024:373", "checkpoint:V1#27#mysql-bin.157832:1975:-1:20"]
)
def test_positions_that_dms_takes(position: str) -> None:
    assert props(migration_type="cdc", cdc_start={"kind": "position", "position": position})


def test_a_start_time_is_sent_in_utc() -> None:
    given = CdcStartTime(kind="time", time=datetime.fromisoformat("2026-03-01T01:30:00+01:00"))
    assert given.rfc3339 == "2026-03-01T00:30:00Z"
    assert given.time == datetime(2026, 3, 1, 0, 30, tzinfo=UTC)


def test_serverless_has_no_event_subscriptions() -> None:
    text = refusal(
        compute=ServerlessCompute(kind="serverless", max_capacity_units=2),
        event_subscription={"sns_topic_arn": TOPIC_ARN},
    )
    assert "- event_subscription: knows only instances and tasks, not DMS Serverless" in text
    assert "EventBridge rule" in text


@pytest.mark.parametrize(
    ("subscription", "message"),
    [
        ({"sns_topic_arn": "alarms"}, "must match"),
        ({"sns_topic_arn": TOPIC_ARN, "categories": {"task": ["failover"]}}, "'failure'"),
        (
            {"sns_topic_arn": TOPIC_ARN, "categories": {"task": [], "instance": []}},
            "needs at least one category of task or instance",
        ),
    ],
)
def test_subscriptions_are_refused(subscription: dict[str, Any], message: str) -> None:
    assert message in refusal(event_subscription=subscription)


def test_independent_faults_are_reported_together_by_their_keys() -> None:
    text = refusal(
        compute={"engine_version": "3.5.0"},
        cdc_start={"kind": "time", "time": "2026-03-01T00:00:00Z"},
    )
    assert text.startswith("DmsReplicationProps: 2 mistakes\n")
    assert "- target_endpoint.use_large_integer_value: " in text
    assert "- cdc_start: " in text


def test_encryption_of_the_source_is_a_decision_with_no_default() -> None:
    with pytest.raises(InvalidPropsError) as caught:
        SourceEndpointProps(**{})
    assert "- tls: is required and has no default: add it" in str(caught.value)
    with pytest.raises(InvalidPropsError) as caught:
        DmsReplicationProps(table_mappings={"tables": ["a.b"]}, source_endpoint={"tls": {}})
    assert "- source_endpoint.tls: " in str(caught.value)


@pytest.mark.parametrize(
    ("tls", "where", "message"),
    [
        ({"kind": "require"}, "tls", "Allowed: verify-ca, verify-full, none"),
        ({"kind": "verify-full"}, "tls.certificate", "is required and has no default"),
        ({"kind": "verify-ca", "certificate": {}}, "tls.certificate", "exactly one of file and"),
        (
            {"kind": "verify-ca", "certificate": {"file": "no-such.pem"}},
            "tls.certificate.file",
            "cannot be read (there is no such file)",
        ),
        (
            {"kind": "verify-ca", "certificate": {"arn": "arn:aws:acm:eu-west-1:1:cert/1"}},
            "tls.certificate.arn",
            "must match",
        ),
        ({"kind": "none", "certificate": {}}, "tls.certificate", "unknown setting"),
    ],
)
def test_tls_is_refused(tls: dict[str, Any], where: str, message: str) -> None:
    with pytest.raises(InvalidPropsError) as caught:
        SourceEndpointProps(tls=tls)
    assert f"- {where}: " in str(caught.value)
    assert message in str(caught.value)


def test_a_file_that_is_no_certificate_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "bundle.p7b"
    path.write_bytes(b"\x30\x82\xff")
    with pytest.raises(InvalidPropsError) as caught:
        Certificate(file=path)
    assert (
        "bundle.p7b holds no PEM certificate (no `-----BEGIN CERTIFICATE-----`), the only format "
        "DMS takes (https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Security.SSL.html)"
    ) in str(caught.value)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"server_timezone": "Europe/Zuerich"}, "must be the name of a time zone such as"),
        ({"events_poll_interval": 5}, "a duration needs its unit"),
        ({"events_poll_interval": "PT0.5S"}, "must be a whole number of seconds, from 1 to 3600"),
    ],
)
def test_connection_attributes_are_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidPropsError) as caught:
        SourceEndpointProps(tls={"kind": "none"}, **given)
    assert message in str(caught.value)


def test_other_message_formats_are_refused() -> None:
    text = refusal(target_endpoint={"message_format": "avro"})
    assert "- target_endpoint.message_format: must be 'json' or 'json-unformatted'" in text
