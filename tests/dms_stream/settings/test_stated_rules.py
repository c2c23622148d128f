"""A rule that docs/settings.md states is checked: the test walks the page's texts."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from constructs_lib.errors import faults_of
from constructs_lib.props import Props
from dms_stream.settings.environment import Environment
from tests.support.model_walk import models_below, with_value
from tests.support.variants import ACCOUNT, NETWORK, TLS

_RANGE = re.compile(r"(?<![\d.,])(\d[\d,]*) to (\d[\d,]*)")
_STATES_A_RULE = re.compile(
    r"\bmust\b|not together|is refused|in steps of|at least|at most|in place of|is taken"
)

# Ranges that state no rule of the setting
NO_RANGE = {
    ("SnapshotSourceProps", "capacity"): "what the default is",
    ("AuroraSourceProps", "capacity"): "what the default is",
    ("ProvisionedCapacity", "shard_count"): "a quota of the account",
    ("ResyncSettings", "max_resync_time"): "of a section that must not be enabled",
    ("Environment", "tags"): "lengths of keys and values, in test_contradictions.py",
    ("SelectionRule", "load_order"): "a number as text, which the rules check together",
}

# What the rest of the settings, AWS or a person has to keep, and no validator could look at
NOT_OURS = {
    ("AuroraSourceProps", "deletion_protection"): "says what is done at the end",
    ("SnapshotSourceProps", "deletion_protection"): "says what is done at the end",
    ("AuroraSourceProps", "dms_credentials"): "says which secret it takes the place of",
    ("SnapshotSourceProps", "dms_credentials"): "says which secret it takes the place of",
    ("ResyncSettings", "max_resync_time"): "of a section that must not be enabled",
    ("CdcStartTime", "time"): "what the source's logs hold",
    ("CustomerKeyEncryption", "key_arn"): "the policy of a key that exists",
    ("NewTopic", "encryption"): "the policy of a key that exists",
    ("EventSubscriptionProps", "sns_topic_arn"): "the policy and key of a topic that exists",
    ("CustomPartitioning", "keys"): "what the records hold",
    ("ExistingTopics", "topic_arns"): "the policies of topics that exist",
    ("ExistingCompute", "replication_instance_id"): "the network of an instance that exists",
    ("ImportedNetworkProps", "replication_security_group_id"): "rules that other code writes",
    ("ImportedSourceProps", "security_group_id"): "rules that other code writes",
    ("FilterCondition", "filter_operator"): "says what two words mean",
    ("SourceEndpointProps", "tls"): "says why there is no default",
    ("StateBackendProps", "bucket_name"): "says why there is no default",
    ("CatalogTableProps", "view_name"): "says what stands in a name by default",
    ("Thresholds", "instance_free_memory_mib"): "says what the alarm is about",
    ("Thresholds", "instance_free_storage_gib"): "says what the alarm is about",
    ("Thresholds", "delivery_success_percent"): "says what the alarm is about",
    ("Thresholds", "source_free_local_storage_gib"): "says what the alarm is about",
}

_WINDOW = "sun:03:00-sun:04:00"
_SHORT = "sun:03:00-sun:03:29"
_INSTANCE = "replication.compute"
_SERVERLESS = {"kind": "serverless", "max_capacity_units": 4}
_SNAPSHOT = {"kind": "snapshot", "snapshot_identifier": "tickets"}
_NETWORK = {**NETWORK, "endpoints_security_group_id": "sg-0a1b2c3d4e5f60718"}

_WORKLOAD = {
    "mean_rows_per_second": 1,
    "peak_rows_per_second": 1,
    "bytes_per_row": 1000,
    "tables": 1,
}

# A case that breaks the rule, by setting: what of a pipeline is changed
BROKEN: dict[tuple[str, str], dict[str, Any]] = {
    ("AuroraSourceProps", "preferred_maintenance_window"): {
        "source": {
            "kind": "new",
            "preferred_backup_window": "03:00-04:00",
            "preferred_maintenance_window": _WINDOW,
        }
    },
    ("SnapshotSourceProps", "preferred_maintenance_window"): {
        "source": {
            **_SNAPSHOT,
            "preferred_backup_window": "03:00-04:00",
            "preferred_maintenance_window": _WINDOW,
        }
    },
    ("AuroraSourceProps", "log_exports"): {"source": {"kind": "new", "log_exports": ["general"]}},
    ("SnapshotSourceProps", "log_exports"): {"source": {**_SNAPSHOT, "log_exports": ["general"]}},
    ("AuroraSourceProps", "tls_required"): {"replication.source_endpoint.tls": {"kind": "none"}},
    ("SnapshotSourceProps", "tls_required"): {
        "source": _SNAPSHOT,
        "replication.source_endpoint.tls": {"kind": "none"},
    },
    ("ImportedNetworkProps", "subnet_ids"): {
        "network": {**NETWORK, "subnet_ids": ["subnet-0a1b2c3d"]}
    },
    ("ImportedNetworkProps", "endpoints_security_group_id"): {
        "network": {**_NETWORK, "endpoints": ["logs"]}
    },
    ("WorkloadProps", "peak_rows_per_second"): {
        "workload": {**_WORKLOAD, "mean_rows_per_second": 2, "peak_rows_per_second": 1}
    },
    ("WorkloadProps", "longest_outage"): {"workload": {**_WORKLOAD, "longest_outage": "24h"}},
    ("NetworkProps", "zones"): {"network": {"zones": 1}},
    ("NetworkProps", "zone_names"): {
        "network": {"zones": 2, "zone_names": ["eu-west-1a", "eu-west-1b"]}
    },
    ("InstanceCompute", "availability_zone"): {
        _INSTANCE: {"kind": "instance", "availability_zone": "eu-west-1a", "multi_az": True}
    },
    ("ServerlessCompute", "availability_zone"): {
        _INSTANCE: {**_SERVERLESS, "availability_zone": "eu-west-1a", "multi_az": True}
    },
    ("InstanceCompute", "preferred_maintenance_window"): {
        _INSTANCE: {"kind": "instance", "preferred_maintenance_window": _SHORT}
    },
    ("ServerlessCompute", "preferred_maintenance_window"): {
        _INSTANCE: {**_SERVERLESS, "preferred_maintenance_window": _SHORT}
    },
    ("InstanceCompute", "engine_version"): {
        _INSTANCE: {"kind": "instance", "engine_version": "3.4.7"}
    },
    ("ServerlessCapacity", "min_acu"): {"source.capacity": {"min_acu": 0.75}},
    ("ServerlessCapacity", "max_acu"): {"source.capacity": {"max_acu": 3.75}},
    ("TaskSettings", "tt_settings"): {
        "replication.task_settings": {"tt_settings": {"enable_tt": True}}
    },
    ("Environment", "tags"): {"/tags": {f"tag-{number}": "" for number in range(48)}},
}


def stated() -> Iterator[tuple[type[Props], str, str]]:
    """Each sentence of a setting's description, without addresses."""
    for model in sorted(models_below(Environment), key=lambda each: each.__name__):
        for name, field in model.model_fields.items():
            text = re.sub(r"https?://\S+", "", field.description or "")
            for sentence in re.split(r"(?<=[.:;])\s+", " ".join(text.split())):
                yield model, name, sentence


RANGES = [
    pytest.param(model, name, found, id=f"{model.__name__}.{name}")
    for model, name, sentence in stated()
    if (found := _RANGE.search(sentence)) and (model.__name__, name) not in NO_RANGE
]


_WHOLE = re.compile(r"whole (hour|second|day)s")
_LONGEST_TEXT = 1_000


def _is_taken(model: type[Props], name: str, number: int) -> bool:
    """Whether the field takes a number of its unit, or a text or list of so many."""
    field = model.model_fields[name]
    adapter: TypeAdapter[Any] = TypeAdapter(field.rebuild_annotation())
    values: list[Any] = [number]
    if unit := _WHOLE.search(" ".join((field.description or "").split())):
        values.append(f"{number}{unit[1][0]}")
    if number <= _LONGEST_TEXT:
        values += ["a" * number, [f"eu-west-1{chr(97 + place % 26)}" for place in range(number)]]
    for value in values:
        try:
            adapter.validate_python(value)
        except ValidationError:
            continue
        return True
    return False


@pytest.mark.parametrize(("model", "name", "found"), RANGES)
def test_a_range_that_is_stated_is_kept(
    model: type[Props], name: str, found: re.Match[str]
) -> None:
    low, high = (int(found[number].replace(",", "")) for number in (1, 2))
    assert _is_taken(model, name, low)
    assert _is_taken(model, name, high)
    assert not _is_taken(model, name, high + 1)
    # 0 is what DMS writes for "not used"
    if low > 1:
        assert not _is_taken(model, name, low - 1)


RULES = sorted(
    {(model.__name__, name) for model, name, text in stated() if _STATES_A_RULE.search(text)}
)


@pytest.mark.parametrize("rule", RULES, ids=".".join)
def test_a_rule_that_is_stated_has_a_case_that_breaks_it(rule: tuple[str, str]) -> None:
    """Or it is known to be somebody else's to keep."""
    assert (rule in BROKEN) != (rule in NOT_OURS), "give it a case, or say who keeps it"


@pytest.mark.parametrize("rule", BROKEN, ids=".".join)
def test_each_case_is_refused_where_it_stands(rule: tuple[str, str]) -> None:
    settings: dict[str, Any] = {
        "region": "eu-west-1",
        "account_ids": [ACCOUNT],
        "state": {"bucket_name": "example-company-state"},
        "pipelines": {
            "orders": {
                "source": {"kind": "new"},
                "replication": {
                    "table_mappings": {"tables": ["shop.orders"]},
                    "source_endpoint": {"tls": TLS},
                },
            }
        },
    }
    Environment.model_validate(settings)
    for key, value in BROKEN[rule].items():
        path = [key[1:]] if key.startswith("/") else ["pipelines", "orders", *key.split(".")]
        settings = with_value(settings, tuple(path), value)
    with pytest.raises(ValidationError) as refused:
        Environment.model_validate(settings)
    assert len(faults_of(refused.value, settings)) == 1


def test_no_case_and_no_reason_is_left_over() -> None:
    settings = {(model.__name__, name) for model, name, _ in stated()}
    assert {*BROKEN, *NOT_OURS, *NO_RANGE} <= settings
