"""What a check is: a function that asks the account something and says what it found.

A check registers itself where it is defined. It yields a `Result` for each thing it looked at,
and nothing where the settings give it nothing to look at.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Literal

from constructs_lib.cdc_pipeline import CdcPipelineProps
from dms_stream.preflight.account import Account

Outcome = Literal["pass", "warn", "fail", "unknown"]


@dataclass(frozen=True)
class Result:
    """One thing that was looked at.

    Attributes:
        where: Key path in the settings, such as `pipelines.tickets.source.snapshot_identifier`.
        outcome: `pass`; `warn`, the deployment works, but look at it; `fail`, AWS would refuse
            the deployment, or records would be lost; `unknown`, the account did not answer.
        found: What was found.
        fix: What to do about it; empty where there is nothing to do.
    """

    where: str
    outcome: Outcome
    found: str
    fix: str = ""


AccountCheck = Callable[[Account], Iterator[Result]]
PipelineCheck = Callable[[Account, str, CdcPipelineProps], Iterator[Result]]


@dataclass(frozen=True)
class Check:
    """A check, bound to what it looks at.

    Attributes:
        title: What is looked at, in a few words.
        where: Key path that an `unknown` is reported at.
        run: Asks the account.
    """

    title: str
    where: str
    run: Callable[[Account], Iterator[Result]]


_ACCOUNT_CHECKS: list[tuple[str, str, AccountCheck]] = []
_PIPELINE_CHECKS: list[tuple[str, str, PipelineCheck]] = []


def account_check(title: str, where: str) -> Callable[[AccountCheck], AccountCheck]:
    """Register a check that runs once for an environment.

    Args:
        title: What is looked at, in a few words.
        where: Key path of the settings it is about.
    """

    def register(function: AccountCheck) -> AccountCheck:
        _ACCOUNT_CHECKS.append((title, where, function))
        return function

    return register


def pipeline_check(title: str, where: str) -> Callable[[PipelineCheck], PipelineCheck]:
    """Register a check that runs for each pipeline.

    Args:
        title: What is looked at, in a few words.
        where: Key of the pipeline's settings it is about.
    """

    def register(function: PipelineCheck) -> PipelineCheck:
        _PIPELINE_CHECKS.append((title, where, function))
        return function

    return register


def checks_for(pipelines: dict[str, CdcPipelineProps]) -> list[Check]:
    """All checks of an environment, those of the account first."""
    checks = [Check(title, where, function) for title, where, function in _ACCOUNT_CHECKS]
    for name, props in pipelines.items():
        for title, where, function in _PIPELINE_CHECKS:
            run = partial(_of_pipeline, function, name, props)
            checks.append(Check(title, f"pipelines.{name}.{where}", run))
    return checks


def _of_pipeline(
    function: PipelineCheck, name: str, props: CdcPipelineProps, account: Account
) -> Iterator[Result]:
    return function(account, name, props)
