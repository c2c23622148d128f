"""Running all checks side by side: nearly all of their time is waiting for answers."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from botocore.exceptions import BotoCoreError, ClientError

from dms_stream.preflight import checks as _all_checks  # noqa: F401  each registers itself
from dms_stream.preflight.account import Account, error_code
from dms_stream.preflight.check import Check, Outcome, Result, checks_for

_AT_ONCE = 16
_DENIED = (
    "AccessDenied",
    "AccessDeniedException",
    "AuthorizationError",
    "AuthorizationErrorException",
    "UnauthorizedOperation",
    "403",
)


@dataclass(frozen=True)
class Checked:
    """A check and what it found.

    Attributes:
        title: What was looked at.
        results: What was found, in order.
    """

    title: str
    results: tuple[Result, ...]


def run_preflight(account: Account) -> list[Checked]:
    """Ask the account everything its environment depends on.

    Returns:
        The checks that had something to look at, in their order.
    """
    checks = checks_for(account.settings.pipelines)
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        found = threads.map(lambda check: _run(check, account), checks)
        return [
            Checked(check.title, results)
            for check, results in zip(checks, found, strict=True)
            if results
        ]


def worst(checked: Iterable[Checked]) -> Outcome:
    """The worst outcome: `fail`, then `unknown`, `warn` and `pass`."""
    order: tuple[Outcome, ...] = ("pass", "warn", "unknown", "fail")
    outcomes = (result.outcome for check in checked for result in check.results)
    return max(outcomes, key=order.index, default="pass")


def _run(check: Check, account: Account) -> tuple[Result, ...]:
    results: list[Result] = []
    try:
        for result in check.run(account):
            results.append(result)
    except ClientError as error:
        results.append(_unanswered(check, error))
    except BotoCoreError as error:
        results.append(Result(check.where, "unknown", f"AWS did not answer: {error}"))
    return tuple(results)


def _unanswered(check: Check, error: ClientError) -> Result:
    operation, code = error.operation_name, error_code(error)
    if code in _DENIED:
        return Result(
            check.where,
            "unknown",
            f"these credentials may not call {operation}",
            f"Allow {operation} to these credentials, or check it yourself.",
        )
    if code == "NotImplemented":
        return Result(check.where, "unknown", f"the embedded AWS does not answer {operation}")
    message = error.response.get("Error", {}).get("Message", "")
    return Result(check.where, "unknown", f"{operation} answered {code}: {message}".rstrip(": "))
