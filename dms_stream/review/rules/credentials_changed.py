"""The login that DMS uses changes."""

from collections.abc import Iterator

from dms_stream.review.plan import Action, Plan, ResourceChange
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity

_VERSIONS = ("master_password_wo_version", "password_wo_version", "secret_string_wo_version")


@rule(
    Severity.INTERRUPTION,
    types=("aws_rds_cluster", "aws_db_instance", "aws_secretsmanager_secret_version"),
    watches=("master_password_wo_version", "password_wo_version", "secret_string_wo_version"),
    why=(
        "The database and the secret change one after the other; who logs in between, or caches "
        "the old password, is refused. DMS reads the secret again when a task starts."
    ),
    instead=(
        "Apply when a delay does no harm, make sure that the plan changes database and secret "
        "together, and start the tasks again afterwards."
    ),
    sources=(
        "https://docs.aws.amazon.com/dms/latest/userguide/security_iam_secretsmanager.html",
        provider_page("secretsmanager_secret_version"),
        provider_page("rds_cluster"),
    ),
)
def credentials_changed(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """A password is set anew, or the value of a secret is written anew or destroyed."""
    secret = change.type == "aws_secretsmanager_secret_version"
    if secret and change.action is Action.DELETE:
        yield Observation("the value of the secret is destroyed: nobody can log in with it")
    elif secret and change.compares:
        yield Observation("the value of the secret is written anew; the one before stays readable")
    elif change.updates:
        versions = [change.step(path) for path in _VERSIONS if change.changed(path)]
        passwords = [name for name in ("master_password", "password") if change.changed(name)]
        if versions or passwords:
            yield Observation(f"{change.name} gets a new password")
