"""Data on its way is protected less than before."""

from collections.abc import Iterator
from typing import Any

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.policies import (
    NOTHING,
    no_longer_denied,
    only_refuses_insecure_transport,
    read_policy,
)
from dms_stream.review.redaction import clean
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

# https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Security.SSL.html
_MODES = {None: 0, "": 0, "none": 0, "require": 1, "verify-ca": 2, "verify-full": 3}
_PARAMETER = "require_secure_transport"
_ON = ("1", "on", "true")


@rule(
    Severity.EXPOSURE,
    types=(
        "aws_dms_endpoint",
        "aws_dms_s3_endpoint",
        "aws_s3_bucket_policy",
        "aws_rds_cluster_parameter_group",
        "aws_db_parameter_group",
    ),
    judges=("ssl_mode", "policy", "parameter"),
    why="Rows and logins can be read on the way, or somebody can pose as the other end.",
    instead="Leave verify-full with the certificates of your region, and TLS required.",
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/CHAP_Security.SSL.html",
        "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/AuroraMySQL.Security.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/security-best-practices.html",
        provider_page("dms_endpoint"),
    ),
)
def tls_lowered(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The TLS mode of an endpoint is lower (or none, for a new source with a host of its own), a
    bucket or database no longer requires TLS.
    """
    if change.type in ("aws_dms_endpoint", "aws_dms_s3_endpoint"):
        yield from _endpoint(change)
    elif change.type == "aws_s3_bucket_policy":
        yield from _bucket(plan, change)
    elif change.compares and not change.unknown("parameter"):
        old, new = _required(change.old("parameter")), _required(change.new("parameter"))
        if old and not new:
            yield Observation(f"{change.name}: the database takes connections without TLS")


def _endpoint(change: ResourceChange) -> Iterator[Observation]:
    path = "ssl_mode"
    if change.unknown(path):
        return
    old, new = _MODES.get(change.old(path), 0), _MODES.get(change.new(path), 0)
    name = clean(str(change.new("endpoint_id") or change.name))
    if change.compares and new < old:
        yield Observation(f"{name}: {change.step(path)}")
    elif change.action is Action.CREATE and new == 0 and change.new("endpoint_type") == "source":
        yield Observation(f"{name} connects to its source without TLS (ssl_mode)")


def _bucket(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    if not change.before or change.unknown("policy") or change.sensitive("policy"):
        return
    if change.action is Action.DELETE and plan.destroys("aws_s3_bucket", change.old("bucket")):
        return
    before = read_policy(change.old_document("policy"))
    if before is None:
        return
    gone = no_longer_denied(before, read_policy(change.new_document("policy")) or NOTHING)
    if any(only_refuses_insecure_transport(each) for each in gone):
        yield Observation(f"{change.name} no longer refuses requests without TLS, or with old TLS")


def _required(parameters: Any) -> bool:
    return any(
        isinstance(each, dict)
        and each.get("name") == _PARAMETER
        and str(each.get("value")).lower() in _ON
        for each in (parameters if isinstance(parameters, list) else [])
    )
