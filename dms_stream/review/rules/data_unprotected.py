"""What keeps data from being deleted, or lets it be restored, is switched off."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dms_stream.review.lifecycles import reach_of
from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.redaction import clean, shown
from dms_stream.review.rule import Observation, covers, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import at, differing_paths, schema_path
from dms_stream.review.words import amount


@dataclass(frozen=True)
class Switch:
    """One attribute that protects data.

    Attributes:
        path: Its path, with positions.
        off: The values that mean off; None among them: also where it is absent.
        means: What it means to switch it off.
    """

    path: str
    off: tuple[Any, ...]
    means: str


_SETTINGS = "aws_backup_region_settings"
_OPT_IN = "resource_type_opt_in_preference"
_PITR = "the table can no longer be restored to a point in time"
_BACKUPS = "automatic backups are no longer taken"
_TERMINATION = "nothing refuses to terminate it any longer"
_ON_DESTROY = "it is deleted, no longer kept, when Terraform destroys it"

SWITCHES: Mapping[str, tuple[Switch, ...]] = {
    "aws_dynamodb_table": (Switch("point_in_time_recovery.0.enabled", (False, None), _PITR),),
    "aws_dynamodb_table_replica": (Switch("point_in_time_recovery", (False, None), _PITR),),
    "aws_keyspaces_table": (Switch("point_in_time_recovery.0.status", ("DISABLED", None), _PITR),),
    "aws_efs_backup_policy": (Switch("backup_policy.0.status", ("DISABLED",), _BACKUPS),),
    "aws_efs_file_system": (
        Switch(
            "protection.0.replication_overwrite",
            ("DISABLED",),
            "a replication can overwrite the file system",
        ),
    ),
    "aws_instance": (
        Switch("disable_api_termination", (False, None), _TERMINATION),
        Switch("disable_api_stop", (False, None), "nothing refuses to stop it any longer"),
    ),
    "aws_emr_cluster": (Switch("termination_protection", (False, None), _TERMINATION),),
    "aws_cloudtrail_event_data_store": (
        Switch("termination_protection_enabled", (False,), _TERMINATION),
    ),
    "aws_dlm_lifecycle_policy": (Switch("state", ("DISABLED",), "snapshots are no longer taken"),),
    "aws_secretsmanager_secret": (
        Switch("force_overwrite_replica_secret", (True,), "a secret of that name is overwritten"),
    ),
    "aws_sns_topic": (
        Switch("archive_policy", ("", None), "messages are no longer archived, and old ones go"),
    ),
    "aws_sqs_queue": (
        Switch("redrive_policy", ("", None), "messages that fail are dropped, not kept apart"),
    ),
    "aws_sqs_queue_redrive_policy": (
        Switch("redrive_policy", ("", None), "messages that fail are dropped, not kept apart"),
    ),
    "aws_cloudtrail": (
        Switch("enable_logging", (False,), "who did what is no longer recorded"),
        Switch("enable_log_file_validation", (False, None), "logs can be altered unnoticed"),
        Switch("is_multi_region_trail", (False, None), "other regions are no longer recorded"),
    ),
    "aws_cloudwatch_log_group": (Switch("skip_destroy", (False, None), _ON_DESTROY),),
    "aws_ami": (Switch("deregistration_protection.0.enabled", (False, None), _TERMINATION),),
}
"""Type, and its switches."""

_TTL: Mapping[str, tuple[str, tuple[str, ...], tuple[Any, ...]]] = {
    "aws_dynamodb_table": ("ttl.0.enabled", ("ttl.0.attribute_name",), (True,)),
    "aws_keyspaces_table": ("ttl.0.status", (), ("ENABLED",)),
    "aws_sagemaker_feature_group": (
        "online_store_config.0.ttl_duration.0.value",
        ("online_store_config.0.ttl_duration.0.unit",),
        (),
    ),
}
"""Type, the switch of its time to live, what else decides, and the values that mean on."""

_GOES_WITH: Mapping[str, str] = {
    "aws_backup_vault_lock_configuration": "recovery points can be deleted before their time",
    "aws_glacier_vault_lock": "archives can be deleted before their time",
    "aws_efs_backup_policy": _BACKUPS,
    "aws_s3_bucket_replication_configuration": "objects are no longer replicated",
    "aws_cloudtrail": "who did what is no longer recorded",
    "aws_sqs_queue_redrive_policy": "messages that fail are dropped, not kept apart",
    "aws_backup_region_settings": "the services that it names may no longer be backed up",
    "aws_rbin_rule": "deleted snapshots and images can no longer be had back",
}
"""Type whose destruction takes the protection away, and what that means."""

_REPLICATION: Mapping[str, str] = {
    "aws_s3_bucket": "replication_configuration.0.rules",
    "aws_s3_bucket_replication_configuration": "rule",
}
"""Type, and the rules by which its objects are replicated."""

_ENCRYPTED = "source_selection_criteria.0.sse_kms_encrypted_objects.0"
# which objects, decided here, and where to, which `shared` says
_WEIGHED = (
    "id",
    "status",
    "priority",
    "prefix",
    "filter",
    "source_selection_criteria.sse_kms_encrypted_objects",
    "destination.bucket",
    "destination.account",
    "destination.account_id",
)
_TO = "destination.0.bucket"

_LOCK = "aws_s3_bucket_object_lock_configuration"
_RETENTION = "rule.0.default_retention.0"
_LOCK_PATHS = {_LOCK: _RETENTION, "aws_s3_bucket": f"object_lock_configuration.0.{_RETENTION}"}
_OBJECTS = ("aws_s3_object", "aws_s3_bucket_object", "aws_s3_object_copy")
_OF_OBJECTS = (
    "object_lock_mode",
    "object_lock_retain_until_date",
    "object_lock_legal_hold_status",
)
_STRICT = {"COMPLIANCE": 2, "GOVERNANCE": 1}
# `OFF` says nothing, modes are weighed, and dates in RFC 3339 sort as texts
_STRENGTH = {"OFF": "", **{mode: str(strength) for mode, strength in _STRICT.items()}}
_REPLICAS = "aws_dynamodb_table"
_RESTORABLE = "point_in_time_recovery"
_DAYS_OF_A_YEAR = 365
_PLAN = "aws_backup_plan"
_DOCUMENTS: Mapping[str, tuple[str, str, Severity | None]] = {
    "archive_policy": ("MessageRetentionPeriod", "days an archived message is kept: {}", None),
    "redrive_policy": ("maxReceiveCount", "attempts per message: {}", Severity.NOTICE),
}
"""Attribute that holds a document, its key that counts, and how serious less of it is, where it
loses no data.
"""


@rule(
    Severity.DATA_LOSS,
    types=(
        _PLAN,
        "aws_ssm_parameter",
        *SWITCHES,
        *_TTL,
        *_GOES_WITH,
        *_REPLICATION,
        *_LOCK_PATHS,
        *_OBJECTS,
    ),
    judges={
        **{
            type_: tuple(
                ".".join(part for part in each.path.split(".") if not part.isdigit())
                for each in switches
            )
            for type_, switches in SWITCHES.items()
        },
        "aws_dynamodb_table": ("point_in_time_recovery", "ttl", "replica"),
        "aws_keyspaces_table": ("point_in_time_recovery", "ttl"),
        "aws_sagemaker_feature_group": ("online_store_config.ttl_duration",),
        _LOCK: ("rule", "object_lock_enabled"),
        "aws_s3_bucket": (
            "object_lock_configuration",
            "object_lock_enabled",
            "replication_configuration.rules",
        ),
        "aws_s3_bucket_replication_configuration": ("rule",),
        **dict.fromkeys(_OBJECTS, _OF_OBJECTS),
        "aws_sqs_queue": ("redrive_policy",),
        _PLAN: ("rule",),
        _SETTINGS: (_OPT_IN,),
        "aws_ssm_parameter": ("overwrite",),
    },
    why="Data is deleted by itself, or what would bring deleted data back is gone.",
    instead="Leave it on. Take it off only in the change that is meant to delete the data.",
    sources=(
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/TTL.html",
        "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Point-in-time-recovery.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-lock.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/replication-add-config.html",
        "https://docs.aws.amazon.com/aws-backup/latest/devguide/vault-lock.html",
        provider_page("dynamodb_table"),
    ),
    others=(Severity.NOTICE, Severity.UNKNOWN),
)
def data_unprotected(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A time to live is switched on, or point-in-time recovery, automatic backups, object lock, a
    vault's lock, replication, termination protection or a dead-letter queue off.
    """
    if change.action is Action.DELETE and change.type in _GOES_WITH:
        if not plan.destroys("aws_s3_bucket", change.old("bucket")):
            yield Observation(f"{change.name} is destroyed: {_GOES_WITH[change.type]}")
        return
    if change.type == _LOCK and change.action is Action.DELETE:
        yield Observation("objects are no longer locked against deletion")
        return
    if change.type == _SETTINGS:
        yield from _no_longer_backed_up(change)
    if change.action is Action.CREATE:
        yield from _laid(plan, change)
    if not change.compares:
        return
    for switch in SWITCHES.get(change.type, ()):
        was_off, is_off = (
            _is_off(value(switch.path), switch) for value in (change.old, change.new)
        )
        if not was_off and is_off and not change.unknown(switch.path):
            yield Observation(f"{change.name}: {switch.means} ({_name(switch.path)})")
    yield from _time_to_live(change)
    yield from _documents(change)
    if change.type == _PLAN and not change.unknown("rule"):
        gone = _names(change.old("rule")) - _names(change.new("rule"))
        for name in sorted(gone):
            yield Observation(
                f"{change.name}: nothing is backed up by the rule {clean(name)} any longer"
            )
        if change.changed("rule") and not gone:
            yield Observation(
                f"{change.name}: the rules of the backups change",
                severity=Severity.NOTICE,
                why="Backups are taken at other times, or kept in another place.",
                instead="Check when the next backup is due.",
            )
    if change.type in _LOCK_PATHS:
        yield from _lock(change, _LOCK_PATHS[change.type])
    if change.type in _REPLICATION:
        yield from _replication(change, _REPLICATION[change.type])
    if change.type in _OBJECTS:
        for path in _OF_OBJECTS:
            if change.changed(path) and _holds(change.old(path)) > _holds(change.new(path)):
                yield Observation(f"the lock of {change.name} is weaker: {change.step(path)}")
    if change.type == _REPLICAS and not change.unknown("replica"):
        gone = _regions(change.old("replica")) - _regions(change.new("replica"))
        for region in sorted(gone):
            yield Observation(f"{change.name} loses its replica in {clean(region)}, with its items")
        had = _regions(change.old("replica"), _RESTORABLE)
        has = _regions(change.new("replica"), _RESTORABLE)
        for region in sorted(had - has - gone):
            yield Observation(f"{change.name}: {_PITR} in {region}")


def _no_longer_backed_up(change: ResourceChange) -> Iterator[Observation]:
    old, new = change.old(_OPT_IN) or {}, change.new(_OPT_IN) or {}
    for service in sorted(new):
        if new[service] is False and old.get(service) is not False:
            yield Observation(f"AWS Backup no longer takes backups of {clean(service)} by its tags")


def _laid(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    if change.new("overwrite") is True and change.type == "aws_ssm_parameter":
        yield Observation(
            f"a parameter {change.name} that is there already is overwritten (overwrite)",
            severity=Severity.NOTICE,
            why="Whoever reads it gets another value; Parameter Store keeps the ones before.",
            instead="Import the one that exists, or give this one another name.",
        )
    owner = _OWNERS.get(change.type)
    for switch in SWITCHES.get(change.type, ()) if owner else ():
        value = change.new(switch.path)
        off = value is not None and value in switch.off
        if off and not plan.makes_owner(change, str(owner)):
            yield Observation(f"{change.name}: {switch.means} ({_name(switch.path)})")


_OWNERS = {"aws_efs_backup_policy": "file_system_id"}


def _is_off(value: Any, switch: Switch) -> bool:
    return value in switch.off or (value in ([], {}) and None in switch.off)


def _name(path: str) -> str:
    return next(part for part in reversed(path.split(".")) if not part.isdigit())


def _time_to_live(change: ResourceChange) -> Iterator[Observation]:
    if change.type not in _TTL:
        return
    switch, others, on = _TTL[change.type]
    value = change.new(switch)
    if change.unknown(switch) or (value not in on if on else not value):
        return
    paths = [path for path in (switch, *others) if change.changed(path)]
    if paths:
        steps = ", ".join(change.step(path) for path in paths)
        yield Observation(
            f"{change.name} deletes what is past its time to live: {steps}",
            instead="First count the items whose time has passed: they go within days.",
        )


def _documents(change: ResourceChange) -> Iterator[Observation]:
    for path, (key, words, severity) in _DOCUMENTS.items():
        if not change.changed(path) or not change.old(path) or not change.new(path):
            continue
        old, new = change.old_document(path), change.new_document(path)
        both = isinstance(old, dict) and isinstance(new, dict)
        counts = [each.get(key) if both else None for each in (old, new)]
        was, now = (int(str(each)) if str(each).isdigit() else None for each in counts)
        if was is not None and now is not None and now < was:
            before, after = (
                shown(each, path=key, sensitive=change.sensitive(path)) for each in (was, now)
            )
            yield Observation(
                f"{change.name}: {words.format(after)} instead of {before}",
                severity=severity,
                why="Messages that fail are set aside sooner." if severity else None,
                instead="Check who looks at what is set aside." if severity else None,
            )
        else:
            yield Observation(
                f"{path} of {change.name} changes",
                severity=Severity.NOTICE,
                why="Messages that fail, or are archived, are treated in another way.",
                instead="Check where they go.",
            )


def _names(rules: Any) -> set[str]:
    entries = rules if isinstance(rules, list) else []
    return {str(each.get("rule_name")) for each in entries if isinstance(each, dict)}


def _holds(value: Any) -> str:
    """How strongly an attribute of an object's lock holds it, to be compared with itself."""
    text = str(value or "")
    return _STRENGTH.get(text, text)


def _replication(change: ResourceChange, path: str) -> Iterator[Observation]:
    if change.unknown(path):
        return
    old, new = (_active(value(path)) for value in (change.old, change.new))
    named = {str(each.get("id")): each for each in new}
    known = [at(each, _TO) for each in old]
    for rule_ in old:
        reach, bucket = reach_of(rule_), at(rule_, _TO)
        same = named.get(str(rule_.get("id")))
        # of a rule that goes on with another bucket, `shared` says which
        elsewhere = same if same and at(same, _TO) not in known else None
        alike = [each for each in new if each is elsewhere or at(each, _TO) == bucket]
        kept = [each for each in alike if reach.within(reach_of(each))]
        of_the_rule = f"(rule {clean(str(rule_.get('id') or 'without a name'))})"
        if not kept:
            fewer = "fewer objects are" if alike else "objects are no longer"
            yield Observation(f"{change.name}: {fewer} replicated {of_the_rule}")
        elif _takes_encrypted(rule_) and not any(map(_takes_encrypted, kept)):
            yield Observation(
                f"{change.name}: objects encrypted with KMS are no longer replicated {of_the_rule}"
            )
        paths = map(schema_path, differing_paths(rule_, same or rule_))
        others = [path for path in paths if not any(covers(known, path) for known in _WEIGHED)]
        if others:
            yield Observation(
                f"{change.name}: objects are replicated in another way {of_the_rule}: "
                f"{', '.join(others)}",
                severity=Severity.UNKNOWN,
                why="Replicas may look different, or be kept by somebody else.",
                instead="Read the change in the plan itself.",
            )


def _active(rules: Any) -> list[dict[str, Any]]:
    entries = rules if isinstance(rules, list) else []
    return [each for each in entries if isinstance(each, dict) and each.get("status") == "Enabled"]


def _takes_encrypted(rule_: dict[str, Any]) -> bool:
    # it is a status, or an older switch
    switch = at(rule_, _ENCRYPTED) or {}
    return switch.get("status") == "Enabled" or switch.get("enabled") is True


def _lock(change: ResourceChange, path: str) -> Iterator[Observation]:
    old, new = change.old(path), change.new(path)
    if not isinstance(old, dict) or change.unknown(path):
        return
    if not isinstance(new, dict):
        yield Observation("new objects are no longer locked against deletion")
        return
    if _days(new) < _days(old):
        yield Observation(
            f"new objects are locked for {amount(_days(new), 'day')} instead of "
            f"{amount(_days(old))}"
        )
    if _STRICT.get(str(new.get("mode")), 0) < _STRICT.get(str(old.get("mode")), 0):
        yield Observation(f"the lock of new objects is weaker: {change.step(f'{path}.mode')}")


def _days(retention: dict[str, Any]) -> int:
    return int(retention.get("days") or 0) + _DAYS_OF_A_YEAR * int(retention.get("years") or 0)


def _regions(value: Any, switch: str = "") -> set[str]:
    entries = value if isinstance(value, list) else []
    return {
        str(each.get("region_name"))
        for each in entries
        if isinstance(each, dict) and (not switch or each.get(switch) is True)
    }
