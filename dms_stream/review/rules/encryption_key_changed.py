"""Data at rest is encrypted with another key."""

from collections.abc import Iterator

from dms_stream.review.buckets import ENCRYPTION, moves_out
from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import ANYWHERE, Observation, provider_page, rule
from dms_stream.review.severity import Severity

_NAMES = (
    "encryption_key",
    "key_arn",
    "kms_key",
    "kms_key_arn",
    "kms_key_id",
    "kms_master_key_id",
    "server_side_encryption_kms_key_id",
)
_ALIAS = "aws_kms_alias"


@rule(
    Severity.EXPOSURE,
    judges={"*": tuple(f"{ANYWHERE}{name}" for name in _NAMES), _ALIAS: ("target_key_id",)},
    why=(
        "Other people may decrypt with another key; readers and writers need its permissions; "
        "and what was written before still needs the old key."
    ),
    instead=(
        "Give readers and writers the new key's permissions first, and keep the old key as long as "
        "anything is encrypted with it."
    ),
    sources=(
        "https://docs.aws.amazon.com/streams/latest/dev/server-side-encryption.html",
        "https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html",
        provider_page("kinesis_stream"),
    ),
    others=(Severity.INTERRUPTION,),
)
def encryption_key_changed(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """The KMS key of something that exists is another one, or AWS's own instead of yours, in
    whichever type of resource and block; or a key loses its name.
    """
    if change.type == _ALIAS and change.action is Action.DELETE:
        if not plan.destroys("aws_kms_key", change.old("target_key_id")):
            yield Observation(
                f"{change.name} no longer names a key: who uses the key by this name is refused",
                severity=Severity.INTERRUPTION,
            )
        return
    if not change.compares:
        return
    for path in change.differing():
        if _names_a_key(change, path) and change.old(path) and not _moves(plan, change, path):
            yield Observation(f"{change.name}: {change.step(path)}")
    for path in change.unknown_paths():
        if _names_a_key(change, path) and change.old(path) and change.forces_replacement(path):
            yield Observation(f"{change.name}: {change.step(path)}")


def _moves(plan: Plan, change: ResourceChange, path: str) -> bool:
    inside = change.type == "aws_s3_bucket" and path.startswith("server_side_encryption")
    return inside and not change.new(path) and moves_out(plan, change, ENCRYPTION)


def _names_a_key(change: ResourceChange, path: str) -> bool:
    parts = path.split(".")
    return not {*_NAMES}.isdisjoint(parts) or (
        change.type == _ALIAS and parts[-1] == "target_key_id"
    )
