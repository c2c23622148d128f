"""The login that DMS uses changes."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.redaction import clean
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_VERSIONS = ("master_password_wo_version", "password_wo_version", "secret_string_wo_version")
_PASSWORDS = ("master_password", "password")
_MANAGED = ("manage_master_user_password", "master_user_secret_kms_key_id", "master_username")
_SECRET = "aws_secretsmanager_secret_version"
_LAID_ON = {
    _SECRET: "gets another value; the one before stays readable",
    "aws_secretsmanager_secret_rotation": "rotates from now on, for the first time at once",
}
_VALUES = ("secret_string", "secret_binary", "secret_string_wo", "version_stages")


@rule(
    Severity.INTERRUPTION,
    types=("aws_rds_cluster", "aws_db_instance", _SECRET, "aws_secretsmanager_secret_rotation"),
    judges={
        "*": (*_VERSIONS, *_PASSWORDS, *_MANAGED),
        _SECRET: _VALUES,
        "aws_secretsmanager_secret_rotation": ("rotation_rules", "rotation_lambda_arn"),
    },
    why=(
        "The database and the secret change one after the other; a client that logs in between, or "
        "caches the old password, is refused. DMS reads the secret again when a task starts."
    ),
    instead=(
        "Apply when a delay does no harm, make sure that the plan changes database and secret "
        "together, and restart the tasks afterwards."
    ),
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/security_iam_secretsmanager.html",
        provider_page("secretsmanager_secret_version"),
        provider_page("rds_cluster"),
    ),
)
def credentials_changed(plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A password is set again, somebody else manages it, it rotates in another way, or the value of
    a secret is written (again) or destroyed.
    """
    secret = change.type == _SECRET
    if secret and change.action is Action.DELETE:
        yield Observation("the value of the secret is destroyed: nobody can log in with it")
    elif secret and change.compares:
        yield Observation("the secret gets another value; the one before stays readable")
    elif change.type in _LAID_ON and change.action is Action.CREATE:
        if not plan.makes_owner(change, "secret_id"):
            yield Observation(
                f"the secret {clean(str(change.new('secret_id')))} {_LAID_ON[change.type]}"
            )
    elif change.type == "aws_secretsmanager_secret_rotation":
        if change.action is Action.DELETE:
            yield Observation("the secret no longer rotates")
        elif change.compares:
            yield Observation("the secret rotates in another way")
    elif change.updates:
        if any(change.changed(path) for path in (*_VERSIONS, *_PASSWORDS)):
            yield Observation(f"{change.name} gets a new password")
        for path in _MANAGED:
            if change.changed(path):
                yield Observation(f"{change.name}: {change.step(path)}")
