"""What Terraform is asked, and what its answers mean; its process is played.

With a process: test_deployment.py.
"""

import json
import stat
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from dms_stream.cli import terraform_runner, toolchain
from dms_stream.cli.errors import CommandError, StepFailedError
from dms_stream.cli.initialized import BACKEND_OVERRIDE
from dms_stream.cli.terraform_runner import Terminal
from dms_stream.cli.workspace import Workspace
from dms_stream.programs import Ended
from tests.dms_stream.cli.test_aws_access import workspace
from tests.dms_stream.cli.test_initialized import initialize, synthesize

STACK = "seed-tickets"


class Asked:
    """A Terraform that ends as a test says.

    Attributes:
        calls: What it was asked, without its own path.
        ends: How each command ends; default: well, in silence.
        folder: Where it was last started.
        variables: With which variables.
    """

    def __init__(self) -> None:
        self.calls: list[list[str]] = []
        self.ends: dict[str, Ended] = {}
        self.folder: Path | None = None
        self.variables: dict[str, str] = {}

    def run(
        self,
        command: Sequence[str],
        *,
        process_environment: dict[str, str],
        folder: Path,
        name: str,
        show: Callable[[str], None] | None = None,
    ) -> Ended:
        """End as a test says, and show what is said."""
        assert name in ("Terraform", "the synthesis")
        self.calls.append([*command[1:]])
        self.folder, self.variables = folder, process_environment
        ended = self.ends.get(command[1], Ended(0, ""))
        if show is not None:
            for line in ended.output.splitlines(keepends=True):
                show(line)
        return ended


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    """Plays Terraform."""
    played = Asked()
    monkeypatch.setattr(terraform_runner, "run", played.run)
    monkeypatch.setattr(toolchain, "terraform", lambda: "terraform")
    monkeypatch.setenv("NO_COLOR", "1")
    return played


@pytest.fixture
def seed(tmp_path: Path) -> Workspace:
    """An environment whose stack is synthesized."""
    made = workspace(tmp_path)
    made.stack_folder(STACK).mkdir(parents=True)
    return made


def test_a_stack_is_initialized_in_its_folder(seed: Workspace, asked: Asked) -> None:
    terraform_runner.init(seed, STACK)
    terraform_runner.init(seed, STACK, migrate_state=True)
    assert asked.calls == [
        ["init", "-input=false", "-no-color"],
        ["init", "-input=false", "-no-color", "-migrate-state", "-force-copy"],
    ]
    assert asked.folder == seed.stack_folder(STACK)
    assert asked.variables == seed.process_environment
    asked.ends["init"] = Ended(1, "", "Error: no such bucket\n")
    with pytest.raises(StepFailedError) as failed:
        terraform_runner.init(seed, STACK)
    assert str(failed.value) == f"`terraform init` of {STACK} failed:\nError: no such bucket"


def test_a_stack_that_is_initialized_is_not_again_unless_its_state_moves(
    seed: Workspace, asked: Asked
) -> None:
    initialize(seed.stack_folder(STACK))
    for _ in range(2):
        terraform_runner.init(seed, STACK)
    assert [call[0] for call in asked.calls] == ["init"]
    terraform_runner.init(seed, STACK, migrate_state=True)
    assert len(asked.calls) == 2
    # what failed is not remembered
    synthesize(seed.stack_folder(STACK), terraform={})
    asked.ends["init"] = Ended(1, "", "Error: no such bucket\n")
    for _ in range(2):
        with pytest.raises(StepFailedError):
            terraform_runner.init(seed, STACK)
    assert len(asked.calls) == 4


def test_a_state_that_was_not_written_is_written_first_or_told(
    seed: Workspace, asked: Asked
) -> None:
    unsaved = terraform_runner.unsaved_state(seed, STACK)
    unsaved.write_text("{}")
    with pytest.raises(CommandError, match="run `dms-stream deploy --env seed`, which writes it"):
        terraform_runner.init(seed, STACK)
    assert len(asked.calls) == 1
    for said, told in (
        ("Error: state lock", f"`terraform state push` of {STACK} failed:\nError: state lock"),
        ("Error: \x1b[31mlineage\x1b[0m", "Terraform said:\nError: lineage"),
    ):
        asked.ends["state"] = Ended(1, "", said)
        with pytest.raises(StepFailedError) as failed:
            terraform_runner.init(seed, STACK, recover=True)
        assert told in str(failed.value)
        assert unsaved.exists()
    asked.ends["state"] = Ended(0, "")
    terraform_runner.init(seed, STACK, recover=True)
    assert asked.calls[-1] == ["state", "push", "-no-color", "errored.tfstate"]
    assert not unsaved.exists()


@pytest.mark.parametrize(
    ("options", "flags"),
    [
        ({}, []),
        ({"file": Path("p")}, ["-out=p"]),
        ({"destroy": True}, ["-destroy"]),
        ({"lock": False}, ["-lock=false"]),
    ],
)
@pytest.mark.parametrize(("code", "changes"), [(0, False), (2, True), (1, None), (3, None)])
def test_a_plan_tells_by_its_exit_code(
    seed: Workspace,
    asked: Asked,
    capsys: pytest.CaptureFixture[str],
    options: dict[str, Any],
    flags: list[str],
    code: int,
    changes: bool | None,
) -> None:
    asked.ends["plan"] = Ended(code, "Plan: 2 to add\n")
    if changes is None:
        with pytest.raises(StepFailedError, match=f"ended with exit code {code}; its output above"):
            terraform_runner.plan(seed, STACK, Terminal(), **options)
    else:
        assert terraform_runner.plan(seed, STACK, Terminal(), **options) is changes
    assert asked.calls == [["plan", "-no-color", "-input=false", "-detailed-exitcode", *flags]]
    assert capsys.readouterr().out == "Plan: 2 to add\n"


def test_side_by_side_a_line_says_whose_it_is_and_a_program_reads_the_other_stream(
    seed: Workspace, asked: Asked, capsys: pytest.CaptureFixture[str]
) -> None:
    asked.ends["apply"] = Ended(1, "one\ntwo\n")
    screen = Terminal(stderr=True)
    ended = terraform_runner.apply(seed, STACK, screen, file=Path("p"), beside_others=True)
    assert ended.code == 1
    assert asked.calls == [["apply", "-no-color", "-input=false", "p"]]
    captured = capsys.readouterr()
    assert (captured.out, captured.err) == ("", f"{STACK}: one\n{STACK}: two\n")
    screen.colours = True
    terraform_runner.apply(seed, STACK, screen, file=Path("p"))
    assert asked.calls[-1] == ["apply", "-input=false", "p"]


def test_a_plans_file_is_for_nobody_else_and_goes() -> None:
    with terraform_runner.plan_file() as file:
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700
    assert not file.parent.exists()


def test_what_a_plan_changes_leaves_out_what_stays(seed: Workspace, asked: Asked) -> None:
    changes = [
        {"address": "a.create", "change": {"actions": ["create"]}},
        {"address": "a.stays", "change": {"actions": ["no-op"]}},
        {"address": "data.a.read", "change": {"actions": ["read"]}},
        {"address": "a.imported", "change": {"actions": ["no-op"], "importing": {"id": "x"}}},
        {"address": "a.replaced", "change": {"actions": ["delete", "create"]}},
    ]
    asked.ends["show"] = Ended(0, json.dumps({"resource_changes": changes}))
    assert terraform_runner.changes_to_make(seed, STACK, Path("p")) == [
        {"address": "a.create", "actions": ["create"], "imported": False},
        {"address": "a.imported", "actions": ["no-op"], "imported": True},
        {"address": "a.replaced", "actions": ["delete", "create"], "imported": False},
    ]
    assert asked.calls == [["show", "-json", "-no-color", "p"]]
    asked.ends["show"] = Ended(0, "{}")
    assert terraform_runner.changes_to_make(seed, STACK, Path("p")) == []
    asked.ends["show"] = Ended(1, "", "Error: no plan")
    with pytest.raises(StepFailedError, match="Error: no plan"):
        terraform_runner.changes_to_make(seed, STACK, Path("p"))


def test_only_stacks_that_have_changes_are_pending(seed: Workspace, asked: Asked) -> None:
    asked.ends["plan"] = Ended(0, "No changes.")
    assert terraform_runner.pending_changes(seed, [STACK]) == {}
    asked.ends["plan"] = Ended(2, "Plan: 1 to add")
    assert terraform_runner.pending_changes(seed, [STACK]) == {STACK: "Plan: 1 to add"}
    # it looks and locks nobody out
    assert asked.calls[-1] == [
        *("plan", "-input=false", "-no-color", "-lock=false", "-detailed-exitcode")
    ]
    asked.ends["plan"] = Ended(1, "", "Error: so")
    with pytest.raises(StepFailedError, match="Error: so"):
        terraform_runner.pending_changes(seed, [STACK])


def test_an_import_names_address_and_id(seed: Workspace, asked: Asked) -> None:
    terraform_runner.import_resource(seed, STACK, "aws_kinesis_stream.a", "changes")
    assert asked.calls == [
        ["import", "-input=false", "-no-color", "aws_kinesis_stream.a", "changes"]
    ]
    asked.ends["import"] = Ended(1, "", "Error: gone")
    with pytest.raises(StepFailedError, match="Error: gone"):
        terraform_runner.import_resource(seed, STACK, "a.b", "c")


@pytest.mark.usefixtures("asked")
def test_the_bootstraps_state_is_local_until_the_next_synthesis(seed: Workspace) -> None:
    override = seed.stack_folder(seed.bootstrap_stack) / BACKEND_OVERRIDE
    override.parent.mkdir()
    for end in (terraform_runner.synthesize, terraform_runner.keep_bootstrap_state_in_bucket):
        terraform_runner.keep_bootstrap_state_local(seed)
        backend = {"local": {"path": str(seed.bootstrap_state)}}
        assert json.loads(override.read_text()) == {"terraform": {"backend": backend}}
        end(seed)
        assert not override.exists()


@pytest.mark.parametrize(
    ("ended", "told"),
    [
        (Ended(1, "out\n", "error: no such\n"), "no such"),
        (Ended(1, "error: told\n", ""), "told"),
        (Ended(3, "", ""), "`python main.py` ended with exit code 3"),
    ],
)
def test_a_synthesis_that_fails_says_why(
    seed: Workspace, asked: Asked, ended: Ended, told: str
) -> None:
    terraform_runner.synthesize(seed)
    assert asked.folder == seed.project
    assert asked.variables == seed.variables()
    asked.ends["main.py"] = ended
    with pytest.raises(StepFailedError) as failed:
        terraform_runner.synthesize(seed)
    assert str(failed.value) == told


LOCKED = (
    "\x1b[31m│\x1b[0m Error: Error acquiring the state lock\n│ Lock Info:\n│   ID:        0fd9\n"
)


@pytest.mark.parametrize(
    ("output", "said", "told"),
    [
        (
            LOCKED + "│   Operation: OperationTypeApply\n│   Who:       ann@desk\n"
            "│   Created:   2025-11-03 09:12:44\n",
            None,
            f"the state of {STACK} is locked: ann@desk holds it since 2025-11-03 09:12:44 "
            "(OperationTypeApply). Wait until that run has ended. If it has ended without "
            "releasing the lock, remove it with `dms-stream unlock --env seed`",
        ),
        (
            LOCKED,
            None,
            f"the state of {STACK} is locked: somebody holds it since an unknown time (unknown). "
            "Wait until",
        ),
        (
            "Error acquiring the state lock",
            "it is locked",
            f"`terraform apply` of {STACK} failed:\nit is locked\nthe state of {STACK} cannot be "
            "locked; Terraform's output says why",
        ),
        ("Saved plan is stale", None, f"{STACK} was changed by somebody else after it was planned"),
        ("ExpiredToken", None, f"the credentials expired while Terraform worked on {STACK}"),
        ("so", None, f"`terraform apply` of {STACK} ended with exit code 1; its output above"),
        ("so", "no", f"`terraform apply` of {STACK} failed:\nno"),
        # it may be somebody else's word for it
        ("see errored.tfstate", None, f"`terraform apply` of {STACK} ended with exit code 1"),
    ],
)
def test_a_failure_says_what_to_do(
    seed: Workspace, output: str, said: str | None, told: str
) -> None:
    failed = terraform_runner.failure(seed, STACK, "apply", Ended(1, output), said=said)
    assert str(failed).startswith(told)


def test_a_state_that_is_left_behind_is_told_by_its_file(seed: Workspace) -> None:
    unsaved = terraform_runner.unsaved_state(seed, STACK)
    unsaved.write_text("{}")
    ended = Ended(1, "", "errored.tfstate")
    assert f"left it in {unsaved}: keep that file" in str(
        terraform_runner.failure(seed, STACK, "apply", ended)
    )
    # one of an earlier run is not what failed now
    other = terraform_runner.failure(seed, STACK, "apply", Ended(1, "so"))
    assert "left it in" not in str(other)


def test_python_is_this_one(seed: Workspace, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    whole: list[Sequence[str]] = []

    def run(command: Sequence[str], **given: Any) -> Ended:
        whole.append(command)
        return asked.run(command, **given)

    monkeypatch.setattr(terraform_runner, "run", run)
    terraform_runner.synthesize(seed)
    assert whole == [[sys.executable, "main.py"]]
