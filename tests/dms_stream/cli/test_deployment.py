"""Deploying under real hands: no means no, and a Ctrl-C leaves everything in order.

In a real terminal, with a Terraform that writes down what it was asked. With Terraform itself:
tests/stacks/test_interruptions.py.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest

from dms_stream import local_aws
from tests.support.checkout import ROOT
from tests.support.fake_terraform import FakeTerraform
from tests.support.terminal import Terminal, unwrapped
from tests.support.waiting import until

# each starts the command in a process of its own
pytestmark = pytest.mark.slow

REGION = "eu-west-1"
_EMULATED = (ROOT / "environments" / "local.yaml").read_text()
QUESTION = '? Only "yes" agrees: '


class Trial:
    """An environment of two pipelines, on an embedded AWS of the test module's.

    Args:
        folder: Its own.
        aws: Folder of the embedded AWS.
        url: Its address.
        number: Another one for each.
    """

    def __init__(self, folder: Path, aws: Path, url: str, number: int) -> None:
        self.name = f"trial{number}"
        self.bucket = f"{self.name}-terraform-state"
        self.settings = folder / f"{self.name}.yaml"
        certificates = ROOT / "environments" / "certificates"
        text = _EMULATED.replace("certificates/", f"{certificates}/")
        text = text.replace("dms-stream-local-terraform-state", self.bucket)
        text = text.replace("  bucket_name", "  deletion_protection: false\n  bucket_name").replace(
            "pipelines:", "account_roles: {deletion_protection: false}\npipelines:"
        )
        pipeline = text[text.index("  tickets:") :]
        self.settings.write_text(text + pipeline.replace("  tickets:", "  orders:"))
        self.terraform = FakeTerraform(folder / "terraform")
        self.work = aws / "work"
        self.variables = {
            **os.environ,
            "DMS_STREAM_LOCAL_AWS": str(aws),
            "PATH": self.terraform.path(),
            "COLUMNS": "200",
            "NO_COLOR": "1",
            "TERM": "xterm",
        }
        self.s3: Any = boto3.client(
            "s3",
            endpoint_url=url,
            region_name=REGION,
            aws_access_key_id="local-aws",
            aws_secret_access_key="local-aws",
        )

    def run(self, command: str, *arguments: str) -> Terminal:
        """A command on it, in a terminal."""
        return Terminal(
            [
                *(sys.executable, "-m", "dms_stream", command, "--env", str(self.settings)),
                *arguments,
            ],
            environment=self.variables,
            folder=ROOT,
        )

    def bootstrap(self) -> None:
        """As if its bootstrap stack were deployed."""
        self.s3.create_bucket(
            Bucket=self.bucket, CreateBucketConfiguration={"LocationConstraint": REGION}
        )
        state = {"version": 4, "lineage": "fake", "serial": 1, "resources": []}
        self.put(f"{self.name}-bootstrap.tfstate", state)

    def put(self, name: str, content: object) -> None:
        """An object of the state bucket."""
        body = json.dumps(content).encode()
        self.s3.put_object(Bucket=self.bucket, Key=f"{self.name}/{name}", Body=body)

    def objects(self) -> list[str]:
        """What the state bucket holds."""
        found = self.s3.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return [each["Key"].removeprefix(f"{self.name}/") for each in found]

    @property
    def local_state(self) -> Path:
        """File of the bootstrap's state before its bucket exists."""
        return self.work / f"terraform.{self.name}-bootstrap.tfstate"


@pytest.fixture(scope="module")
def aws(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, str]]:
    """Folder and address of an embedded AWS."""
    folder = tmp_path_factory.mktemp("aws")
    url = local_aws.start(folder).url
    try:
        yield folder, url
    finally:
        local_aws.stop(folder)


_numbers = iter(range(1_000))


@pytest.fixture
def trial(aws: tuple[Path, str], tmp_path: Path) -> Trial:
    return Trial(tmp_path, *aws, next(_numbers))


def answer(terminal: Terminal, how: str) -> None:
    """Answer a question that is shown."""
    match how:
        case "Ctrl-C":
            terminal.press_ctrl_c()
        case "Ctrl-D":
            terminal.press_ctrl_d()
        case _:
            terminal.type(how)


@pytest.mark.parametrize("how", ["no", "Ctrl-C"])
def test_anything_but_yes_to_the_bootstrap_changes_nothing(trial: Trial, how: str) -> None:
    with trial.run("deploy") as terminal:
        terminal.await_text(f"Apply this plan to {trial.name}-bootstrap{QUESTION}")
        answer(terminal, how)
        code, said = terminal.outcome()

    assert code == 1, said
    assert said.rstrip().endswith("Nothing was changed.")
    assert trial.terraform.asked("apply") == []
    assert len(trial.terraform.asked("plan")) == 1
    assert not any("-migrate-state" in call for call in trial.terraform.asked("init"))
    assert not trial.local_state.exists()
    ((file, mode),) = trial.terraform.plan_files()
    assert mode == "600"
    assert not file.parent.exists()


def test_yes_applies_the_plan_that_was_shown_and_a_no_afterwards_says_what_was_applied(
    trial: Trial,
) -> None:
    with trial.run("deploy") as terminal:
        terminal.await_text(f"{trial.name}-bootstrap{QUESTION}")
        terminal.type("yes")
        terminal.await_text(f"{trial.name}-tickets{QUESTION}")
        terminal.type("Yes")
        terminal.await_text(f"{trial.name}-orders{QUESTION}")
        terminal.type("no")
        code, said = terminal.outcome()

    assert code == 1, said
    assert f"Applied: {trial.name}-bootstrap, {trial.name}-tickets." in said
    assert f"Not applied: {trial.name}-orders." in said
    assert "Nothing was changed." not in said
    files = [str(file) for file, _ in trial.terraform.plan_files()]
    applied = [call.split(" ")[-1] for call in trial.terraform.asked("apply")]
    assert applied == files[:2]
    assert all("-input=false" in call for call in trial.terraform.asked("apply"))
    assert trial.objects() == [f"{trial.name}-bootstrap.tfstate"]
    assert not trial.local_state.exists()


@pytest.mark.parametrize(("bootstrap", "how"), [(False, "y"), (True, ""), (True, "Ctrl-D")])
def test_anything_but_yes_destroys_nothing(trial: Trial, how: str, bootstrap: bool) -> None:
    trial.bootstrap()
    with trial.run("destroy", *(["--bootstrap"] if bootstrap else [])) as terminal:
        stack = f"{trial.name}-{'bootstrap' if bootstrap else 'tickets'}"
        terminal.await_text(f"Destroy {stack}{QUESTION}")
        answer(terminal, how)
        code, said = terminal.outcome()

    assert code == 1, said
    assert said.rstrip().endswith("Nothing was changed.")
    assert trial.terraform.asked("apply") == []
    assert all("-destroy" in call for call in trial.terraform.asked("plan"))
    assert trial.objects() == [f"{trial.name}-bootstrap.tfstate"]
    assert not trial.local_state.exists()


def test_nothing_is_asked_where_nothing_changes(trial: Trial) -> None:
    trial.bootstrap()
    trial.terraform.let("no-changes")
    with trial.run("deploy") as terminal:
        code, said = terminal.outcome()
    assert code == 0, said
    assert QUESTION not in said
    assert trial.terraform.asked("apply") == []


def test_an_approved_deployment_shows_whose_line_is_whose(trial: Trial) -> None:
    trial.bootstrap()
    with trial.run("deploy", "--yes") as terminal:
        code, said = terminal.outcome()
    assert code == 0, said
    for pipeline in ("tickets", "orders"):
        assert f"{trial.name}-{pipeline}: Plan: 2 to add, 0 to change, 0 to destroy." in said
    assert len(trial.terraform.asked("apply")) == 3


def applying(trial: Trial) -> Terminal:
    """A deployment in the middle of an apply."""
    trial.bootstrap()
    trial.terraform.let("waits")
    terminal = trial.run("deploy", "--yes", "--bootstrap-only")
    terminal.await_text("aws_kinesis_stream.b: Creating...")
    assert trial.terraform.provider_lives()
    return terminal


def test_the_first_ctrl_c_is_one_sigint_and_waits(trial: Trial) -> None:
    with applying(trial) as terminal:
        terminal.press_ctrl_c()
        terminal.await_text("Stopping: Terraform is asked to stop in an orderly way")
        terminal.await_text("A second Ctrl-C gives up")
        terminal.await_text("Interrupt received.")
        assert terminal.process.poll() is None
        trial.terraform.let("goes-on")
        code, said = terminal.outcome()

    assert code == 130, said
    assert trial.terraform.signals() == ["SIGINT"]
    # the state in the bucket does not hold it
    assert (
        f"Stopped. {trial.name}-bootstrap was changed in part (1 resource); what was done is in "
        "its state; what became of aws_sns_topic.c is not known: if the next deployment says "
        "that it exists already, delete it in AWS or import it. Run the same command again to go "
        "on."
    ) in said
    assert not trial.terraform.provider_lives()
    ((file, _),) = trial.terraform.plan_files()
    assert not file.parent.exists()


def test_the_second_ctrl_c_kills_terraform_and_its_providers(trial: Trial) -> None:
    with applying(trial) as terminal:
        terminal.press_ctrl_c()
        terminal.await_text("Interrupt received.")
        terminal.press_ctrl_c()
        code, said = terminal.outcome()

    assert code == 130, said
    assert trial.terraform.signals() == ["SIGINT"]
    assert f"run `dms-stream unlock --env {trial.settings}" in said
    assert "resources may exist that no state knows" in said
    until(lambda: not trial.terraform.provider_lives())


def test_sigterm_stops_in_an_orderly_way_too(trial: Trial) -> None:
    with applying(trial) as terminal:
        terminal.process.send_signal(signal.SIGTERM)
        terminal.await_text("Interrupt received.")
        trial.terraform.let("goes-on")
        code, said = terminal.outcome()
    assert code == 143, said
    assert trial.terraform.signals() == ["SIGINT"]
    assert "Traceback" not in said


def test_a_first_deployment_that_is_stopped_goes_on(trial: Trial) -> None:
    trial.terraform.let("waits")
    with trial.run("deploy", "--yes", "--bootstrap-only") as terminal:
        terminal.await_text("aws_kinesis_stream.b: Creating...")
        terminal.press_ctrl_c()
        trial.terraform.let("goes-on")
        code, said = terminal.outcome()
    assert code == 130, said
    assert (
        f"{trial.name}-bootstrap was changed in part (1 resource); what was done is in its state; "
        "Terraform still waited for aws_kinesis_stream.b and makes them anew next time"
    ) in said
    assert trial.local_state.exists()
    assert "moving the state" not in said

    (trial.terraform.folder / "waits").unlink()
    with trial.run("deploy", "--yes", "--bootstrap-only") as terminal:
        code, said = terminal.outcome()
    assert code == 0, said
    assert not trial.local_state.exists()


def test_a_closed_terminal_stops_in_an_orderly_way_too(trial: Trial) -> None:
    with applying(trial) as terminal:
        terminal.close()
        until(lambda: trial.terraform.signals() != [])
        trial.terraform.let("goes-on")
        code, _ = terminal.outcome()
    assert code == 129
    assert trial.terraform.signals() == ["SIGINT"]
    assert not trial.terraform.provider_lives()


def test_a_terminal_closed_at_the_question_changes_nothing(trial: Trial) -> None:
    with trial.run("deploy") as terminal:
        terminal.await_text(QUESTION)
        terminal.close()
        code, _ = terminal.outcome()
    assert code == 129
    assert trial.terraform.asked("apply") == []


def test_ctrl_c_reaches_all_that_run_side_by_side(trial: Trial) -> None:
    trial.bootstrap()
    trial.terraform.let("no-changes", "bootstrap")
    trial.terraform.let("waits")
    with trial.run("deploy", "--yes") as terminal:
        for _ in ("tickets", "orders"):
            terminal.await_text(": aws_kinesis_stream.b: Creating...")
        terminal.press_ctrl_c()
        for _ in ("tickets", "orders"):
            terminal.await_text("Interrupt received.")
        trial.terraform.let("goes-on")
        code, said = terminal.outcome()
    assert code == 130, said
    assert trial.terraform.signals() == ["SIGINT", "SIGINT"]
    assert f"{trial.name}-tickets was changed in part (1 resource)" in said
    assert f"{trial.name}-orders was changed in part (1 resource)" in said


def test_what_terraform_refuses_is_told_with_what_to_do(trial: Trial) -> None:
    trial.bootstrap()
    trial.terraform.let(
        "says-apply",
        "Error: Error acquiring the state lock\n\nLock Info:\n  ID:        0fd9\n"
        "  Operation: OperationTypeApply\n  Who:       ann@desk\n"
        "  Created:   2025-11-03 09:12:44.1 +0000 UTC\n",
    )
    with trial.run("deploy", "--yes", "--bootstrap-only") as terminal:
        code, said = terminal.outcome()
    assert code == 2
    assert (
        "-bootstrap is locked: ann@desk holds it since 2025-11-03 09:12:44.1 +0000 UTC "
        "(OperationTypeApply). Wait until that run has ended. If it has ended without releasing "
        "the lock, remove it with `dms-stream unlock --env "
    ) in unwrapped(said)
    assert "Nothing was changed." in said


def test_a_bootstrap_cut_while_its_state_moved_goes_on(trial: Trial) -> None:
    """The state is in the bucket, the file is still there, and Terraform remembers the file."""
    trial.bootstrap()
    trial.terraform.let("no-changes")
    trial.local_state.parent.mkdir(exist_ok=True)
    trial.local_state.write_text('{"lineage": "fake", "serial": 1}')
    remembered = (
        trial.work / "cdktf.out" / "stacks" / f"{trial.name}-bootstrap" / ".terraform"
    ) / "terraform.tfstate"
    remembered.parent.mkdir(parents=True)
    remembered.write_text('{"backend": {"type": "local"}}')
    with trial.run("deploy", "--yes", "--bootstrap-only") as terminal:
        code, said = terminal.outcome()
    assert code == 0, said
    assert not trial.local_state.exists()
    assert json.loads(remembered.read_text())["backend"]["type"] == "s3"

    # never over a state that knows more
    role = {"attributes": {"id": "dms-vpc-role"}}
    known = [{"mode": "managed", "type": "aws_iam_role", "name": "a", "instances": [role]}]
    trial.local_state.write_text(json.dumps({"resources": known}))
    with trial.run("deploy", "--yes", "--bootstrap-only") as terminal:
        code, said = terminal.outcome()
    assert code == 2
    told = unwrapped(said)
    assert "-bootstrap.tfstate does not: aws_iam_role.a: look which of them exist" in told
    assert trial.local_state.exists()
    trial.local_state.unlink()


LOCK = {
    "ID": "0fd9c0de",
    "Operation": "OperationTypeApply",
    "Who": "ann@desk",
    "Created": "2025-11-03T09:12:44Z",
}


def test_unlock_shows_who_holds_a_lock_asks_and_removes_it(trial: Trial) -> None:
    trial.bootstrap()
    trial.put(f"{trial.name}-tickets.tfstate.tflock", LOCK)
    shown = (
        f"{trial.name}-tickets: locked by ann@desk since 2025-11-03T09:12:44Z, "
        "OperationTypeApply, lock 0fd9c0de"
    )

    with trial.run("unlock", "--json") as terminal:
        code, said = terminal.outcome()
    assert code == 0
    (told,) = json.loads(said)
    assert (told["stack"], told["who"]) == (f"{trial.name}-tickets", "ann@desk")

    with trial.run("unlock", "--pipeline", "orders") as terminal:
        code, said = terminal.outcome()
    assert code == 0
    assert f"no state of {trial.name} is locked" in said

    with trial.run("unlock") as terminal:
        terminal.await_text(shown)
        terminal.await_text(f"Remove this lock{QUESTION}")
        terminal.type("no")
        code, said = terminal.outcome()
    assert code == 1
    assert f"{trial.name}-tickets.tfstate.tflock" in trial.objects()

    # the lock that was shown, and no other that somebody has taken since
    with trial.run("unlock") as terminal:
        terminal.await_text(f"Remove this lock{QUESTION}")
        trial.put(f"{trial.name}-tickets.tfstate.tflock", {**LOCK, "ID": "another"})
        terminal.type("yes")
        code, said = terminal.outcome()
    assert code == 2
    assert "nothing was removed" in said
    assert f"{trial.name}-tickets.tfstate.tflock" in trial.objects()

    with trial.run("unlock") as terminal:
        terminal.await_text(f"Remove this lock{QUESTION}")
        terminal.type("yes")
        code, said = terminal.outcome()
    assert code == 0, said
    assert trial.objects() == [f"{trial.name}-bootstrap.tfstate"]
    assert trial.terraform.asked("init") == []


COMMANDS_THAT_NEED_TERRAFORM = ["deploy", "destroy", "plan", "review", "inventory"]


@pytest.mark.parametrize("command", COMMANDS_THAT_NEED_TERRAFORM)
def test_too_old_a_terraform_is_refused_in_one_sentence_before_the_first_step(
    trial: Trial, command: str
) -> None:
    trial.terraform.let("version", "1.10.5")
    with trial.run(command) as terminal:
        code, said = terminal.outcome()
    assert code == 2
    assert unwrapped(said) == (
        f"error: Terraform 1.11 or newer is needed and {trial.terraform.folder / 'terraform'} is "
        "1.10.5: install it from https://developer.hashicorp.com/terraform/install."
    )
    assert trial.terraform.asked("init") == []
