"""A secret is written into the state."""

from collections.abc import Iterator
from typing import Any

from dms_stream.review.plan import Plan, ResourceChange
from dms_stream.review.redaction import is_secret_name, printable
from dms_stream.review.rule import Observation, provider_page, rule
from dms_stream.review.severity import Severity
from dms_stream.review.values import has_mark

# sensitive to the provider, published by their makers
_NO_SECRETS = {"certificate_pem", "certificate_wallet", "certificate_body", "certificate_chain"}
# types that make a secret and keep it in the state
_MAKERS = {
    "aws_iam_access_key": "secret",
    "random_password": "result",
    "tls_private_key": "private_key_pem",
}
_ATTRIBUTES = ("extra_connection_attributes",)


@rule(
    Severity.EXPOSURE,
    why=(
        "The state holds it in plain text, for everyone who can read the state's bucket, in every "
        "version of it, and so does the plan."
    ),
    instead=(
        "Use a write-only argument (such as `master_password_wo`, `secret_string_wo`) with an "
        "ephemeral value, or let DMS and RDS read or manage it in Secrets Manager. If it is in the "
        "state already, change the secret."
    ),
    sources=(
        "https://developer.hashicorp.com/terraform/language/manage-sensitive-data",
        provider_page("rds_cluster"),
        provider_page("secretsmanager_secret_version"),
        provider_page("dms_endpoint"),
    ),
)
def secret_in_state(_plan: Plan, change: ResourceChange) -> Iterator[Observation]:
    """An attribute that holds a password, key or token gets a value that is not write-only. The
    value is never shown.
    """
    if not (change.makes or change.compares):
        return
    maker = _MAKERS.get(change.type)
    if maker and change.makes:
        yield Observation(f"{change.type} makes a secret and keeps it in the state ({maker})")
        return
    names = [
        ".".join(path)
        for path in _secret_paths(change.after, change.after_sensitive)
        if _value(change.after, path) != _value(change.before, path) or change.makes
    ]
    names += [
        name
        for name in change.unknown_attributes()
        if is_secret_name(name) and not name.endswith("_wo") and change.sensitive(name)
    ]
    if names:
        named = ", ".join(sorted({printable(name) for name in names}))
        yield Observation(f"{named} of {change.name}")


def secrets_written(change: ResourceChange) -> set[str]:
    """The attributes that this rule is about, as paths with positions."""
    return {".".join(path) for path in _secret_paths(change.after, change.after_sensitive)}


def _secret_paths(values: Any, marks: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for name, value in values.items() if isinstance(values, dict) else ():
        here = (*path, str(name))
        mark = marks.get(name) if isinstance(marks, dict) else marks
        if not value or value is True or name in _NO_SECRETS or name.endswith("_wo"):
            continue
        if isinstance(value, dict):
            if name not in ("tags", "tags_all"):
                yield from _secret_paths(value, mark, here)
        elif isinstance(value, list):
            for number, inner in enumerate(value):
                inner_mark = mark[number] if isinstance(mark, list) and number < len(mark) else mark
                yield from _secret_paths(inner, inner_mark, (*here, str(number)))
        elif isinstance(value, str) and (
            (has_mark(mark) and not name.endswith("_arn"))
            or (name not in _ATTRIBUTES and is_secret_name(name) and not _is_reference(value))
            or (name in _ATTRIBUTES and "password" in value.lower())
        ):
            yield here


def _is_reference(value: str) -> bool:
    # the place of a secret is not a secret
    return value.startswith("arn:")


def _value(values: Any, path: tuple[str, ...]) -> Any:
    for part in path:
        if isinstance(values, dict):
            values = values.get(part)
        elif isinstance(values, list) and part.isdigit() and int(part) < len(values):
            values = values[int(part)]
        else:
            return None
    return values
