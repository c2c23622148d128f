"""What keeps a command from losing a state, a bucket or what it started.

In this process: Terraform is played by `Runner`, S3 by moto. With real programs:
test_deployment.py and tests/stacks/test_interruptions.py.
"""

import json
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError
from moto import mock_aws
from rich.console import Console

from constructs_lib.dms_account_roles import DmsAccountRolesProps
from constructs_lib.dms_account_roles.props import CLOUDWATCH_LOGS_ROLE_NAME, VPC_ROLE_NAME
from constructs_lib.errors import SettingsError
from constructs_lib.state_backend import StateBackendProps, state_key
from dms_stream import local_aws
from dms_stream.cli import demo, deployment, rehearse, terraform_runner, toolchain
from dms_stream.cli.deployment import Deployment, require_bootstrap, state_is_in_bucket
from dms_stream.cli.errors import CommandError, StepFailedError
from dms_stream.cli.initialized import BACKEND_OVERRIDE
from dms_stream.cli.state_locks import state_locks
from dms_stream.cli.workspace import Workspace, open_workspace
from dms_stream.data_plane import DataPlaneOptions
from dms_stream.programs import Ended, Stopped
from dms_stream.settings.environment import Environment, environment_file, load_environment
from tests.dms_stream.cli.test_aws_access import workspace as seed_workspace

# each asks an embedded AWS or a stand-in of it
pytestmark = pytest.mark.slow

BUCKET = "guarded-terraform-state"
BOOTSTRAP, PIPELINE = "seed-bootstrap", "seed-tickets"
ROLES = DmsAccountRolesProps(deletion_protection=False)
APPLIED = "Apply complete! Resources: 2 added, 0 changed, 0 destroyed.\n"


def state(*resources: str, serial: int = 1, tainted: str = "") -> bytes:
    """A Terraform state with streams of these names."""
    found = [
        {
            "mode": "managed",
            "type": "aws_kinesis_stream",
            "name": name,
            "instances": [
                {"attributes": {"id": name}, **({"status": "tainted"} if name == tainted else {})}
            ],
        }
        for name in resources
    ]
    document = {"version": 4, "lineage": "l", "serial": serial, "resources": found}
    return json.dumps(document).encode()


@dataclass
class Runner:
    """Terraform: moves states as `init -migrate-state` does, and ends as a test says.

    Attributes:
        workspace: The environment.
        calls: What it was asked.
        changes: Whether a plan finds changes.
        ended: How an apply ends.
        meanwhile: What others do after a plan was made.
        loses: Whether a state that is moved into the bucket does not arrive.
    """

    workspace: Workspace
    calls: list[str] = field(default_factory=list)
    changes: bool = True
    ended: Ended | Stopped = field(default_factory=lambda: Ended(0, APPLIED))
    meanwhile: Callable[[], None] = lambda: None
    loses: bool = False

    def synthesize(self, workspace: Workspace) -> None:
        """Make its folder, and let it keep its state in the bucket."""
        assert workspace is self.workspace
        workspace.stack_folder(BOOTSTRAP).mkdir(parents=True, exist_ok=True)
        terraform_runner.keep_bootstrap_state_in_bucket(workspace)

    @property
    def _is_local(self) -> bool:
        return (self.workspace.stack_folder(BOOTSTRAP) / BACKEND_OVERRIDE).exists()

    def init(
        self,
        workspace: Workspace,
        stack: str,
        *,
        migrate_state: bool = False,
        recover: bool = False,
    ) -> None:
        """Move the state to the backend that was synthesized."""
        del recover
        self.calls.append(f"init {stack}{' local' if self._is_local else ''}")
        if not migrate_state:
            return
        assert stack == BOOTSTRAP
        if self._is_local:
            workspace.bootstrap_state.write_bytes(read(self.workspace, BOOTSTRAP))
        elif not self.loses:
            bucket = workspace.s3().Bucket(BUCKET)
            bucket.create(CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
            put(self.workspace, BOOTSTRAP, workspace.bootstrap_state.read_bytes())

    def plan(self, _workspace: Workspace, stack: str, _screen: object, **_: object) -> bool:
        """Whether there is something to do."""
        self.calls.append(f"plan {stack}")
        self.meanwhile()
        return self.changes

    def apply(self, workspace: Workspace, stack: str, _screen: object, **_: object) -> Ended:
        """End as a test says."""
        self.calls.append(f"apply {stack}")
        if stack == BOOTSTRAP and self._is_local and not workspace.bootstrap_state.exists():
            workspace.bootstrap_state.write_bytes(state("bucket"))
        if isinstance(self.ended, Stopped):
            raise self.ended
        return self.ended


@pytest.fixture
def seed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The environment, which may be destroyed, in an account without anything."""
    for name in ("AWS_ENDPOINT_URL", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "testing")
    settings = StateBackendProps(bucket_name=BUCKET, deletion_protection=False)
    with mock_aws():
        yield seed_workspace(tmp_path, state=settings, account_roles=ROLES)


@pytest.fixture
def runner(seed: Workspace, monkeypatch: pytest.MonkeyPatch) -> Runner:
    """Plays Terraform."""
    played = Runner(seed)
    monkeypatch.setattr(deployment, "synthesize", played.synthesize)
    monkeypatch.setattr(deployment, "init", played.init)
    monkeypatch.setattr(terraform_runner, "plan", played.plan)
    monkeypatch.setattr(terraform_runner, "apply", played.apply)
    return played


def put(workspace: Workspace, stack: str, content: bytes) -> None:
    """Put a state into the bucket."""
    bucket = workspace.s3().Bucket(BUCKET)
    bucket.put_object(Key=state_key(workspace.name, stack), Body=content)


def read(workspace: Workspace, stack: str) -> bytes:
    """The state of a stack in the bucket."""
    found = workspace.s3().Object(BUCKET, state_key(workspace.name, stack)).get()
    content: bytes = found["Body"].read()
    return content


def deploy_bootstrap(workspace: Workspace, *resources: str) -> None:
    """As a deployment has left it, an older version of the state included."""
    bucket = workspace.s3().Bucket(BUCKET)
    bucket.create(CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    bucket.Versioning().enable()
    for serial in (1, 2):
        put(workspace, BOOTSTRAP, state("bucket", *resources, serial=serial))


def versions(workspace: Workspace) -> int:
    """How many versions of objects the bucket holds."""
    return sum(1 for _ in workspace.s3().Bucket(BUCKET).object_versions.all())


def command(workspace: Workspace) -> tuple[Deployment, StringIO]:
    """An approved command, and what it says."""
    said = StringIO()
    return Deployment(workspace, approved=True, console=Console(file=said, width=500)), said


def test_a_role_of_dms_is_ours_where_the_state_knows_it_and_nothing_is_planned_otherwise(
    seed: Workspace, runner: Runner
) -> None:
    deploy_bootstrap(seed)
    iam = boto3.client("iam")
    roles = (VPC_ROLE_NAME, CLOUDWATCH_LOGS_ROLE_NAME)
    for name in roles:
        iam.create_role(RoleName=name, AssumeRolePolicyDocument="{}")
    with pytest.raises(CommandError, match=r"has dms-vpc-role and dms-cloudwatch-logs-role alre"):
        command(seed)[0].deploy([])
    assert runner.calls == [f"init {BOOTSTRAP}"]
    known = json.loads(state("bucket"))
    known["resources"].append(
        {
            "mode": "managed",
            "type": "aws_iam_role",
            "name": "both",
            "instances": [{"attributes": {"id": name, "name": name}} for name in roles],
        }
    )
    put(seed, BOOTSTRAP, json.dumps(known).encode())
    assert command(seed)[0].deploy([])


# destroying the bootstrap, and the bucket with every state


def test_a_bucket_with_states_is_destroyed_with_all_its_versions(
    seed: Workspace, runner: Runner
) -> None:
    deploy_bootstrap(seed)
    put(seed, PIPELINE, state())
    seed.s3().Bucket(BUCKET).put_object(Key="notes.txt", Body=b"no state, whatever it holds")
    assert command(seed)[0].destroy_bootstrap()
    assert runner.calls[-2:] == [f"plan {BOOTSTRAP}", f"apply {BOOTSTRAP}"]
    assert versions(seed) == 0
    assert not seed.bootstrap_state.exists()


@pytest.mark.parametrize("key", [state_key("seed", PIPELINE), state_key("other", "other-tickets")])
def test_a_bucket_in_use_is_not_destroyed(seed: Workspace, runner: Runner, key: str) -> None:
    """By this environment or another one: nothing is run, nothing is emptied."""
    deploy_bootstrap(seed)
    seed.s3().Bucket(BUCKET).put_object(Key=key, Body=state("tickets"))
    held = versions(seed)
    with pytest.raises(CommandError) as refused:
        command(seed)[0].destroy_bootstrap()
    assert str(refused.value) == (
        f"the bucket {BUCKET} keeps the state of resources that exist: {key}: destroy those first"
    )
    assert (runner.calls, versions(seed)) == ([], held)


def test_a_bucket_with_a_state_that_cannot_be_read_is_not_destroyed(
    seed: Workspace, runner: Runner
) -> None:
    deploy_bootstrap(seed)
    put(seed, PIPELINE, b"{")
    with pytest.raises(CommandError, match=r"seed-tickets\.tfstate is not a Terraform state"):
        command(seed)[0].destroy_bootstrap()
    assert runner.calls == []


def test_a_bucket_that_comes_into_use_behind_the_plan_is_not_emptied(
    seed: Workspace, runner: Runner
) -> None:
    deploy_bootstrap(seed)
    runner.meanwhile = lambda: put(seed, PIPELINE, state("tickets"))
    held = versions(seed)
    with pytest.raises(CommandError, match="keeps the state of resources that exist"):
        command(seed)[0].destroy_bootstrap()
    assert f"apply {BOOTSTRAP}" not in runner.calls
    assert versions(seed) == held + 1


def test_a_bootstrap_deployed_behind_the_plan_is_not_destroyed(
    seed: Workspace, runner: Runner
) -> None:
    deploy_bootstrap(seed)
    runner.meanwhile = lambda: put(seed, BOOTSTRAP, state("bucket", "new", serial=3))
    with pytest.raises(CommandError) as refused:
        command(seed)[0].destroy_bootstrap()
    assert str(refused.value).splitlines() == [
        f"{BOOTSTRAP} was deployed by somebody else in between: run the command again to see a new "
        "plan",
        "Nothing was changed.",
    ]
    assert f"apply {BOOTSTRAP}" not in runner.calls
    assert json.loads(read(seed, BOOTSTRAP))["serial"] == 3


def test_a_no_keeps_the_bucket_and_the_state_in_it(
    seed: Workspace, runner: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    deploy_bootstrap(seed)
    held = versions(seed)
    monkeypatch.setattr(deployment, "require_approval", lambda _approved: None)
    monkeypatch.setattr(deployment, "agreed", lambda *_, **__: False)
    said = StringIO()
    asking = Deployment(seed, approved=False, console=Console(file=said, width=500))
    assert not asking.destroy_bootstrap()
    assert said.getvalue().endswith("Nothing was changed.\n")
    assert f"apply {BOOTSTRAP}" not in runner.calls
    assert versions(seed) == held
    # the copy would be an old state by the time of the next deployment
    assert not seed.bootstrap_state.exists()


@pytest.mark.parametrize(
    ("protected", "keys"),
    [
        ({"state": True}, "state.deletion_protection"),
        ({"account_roles": True}, "account_roles.deletion_protection"),
        (
            {"state": True, "account_roles": True},
            "state.deletion_protection and account_roles.deletion_protection",
        ),
    ],
)
def test_a_protected_bootstrap_is_not_destroyed(
    seed: Workspace, runner: Runner, protected: dict[str, bool], keys: str
) -> None:
    deploy_bootstrap(seed)
    made = seed_workspace(
        seed.folder,
        state=StateBackendProps(
            bucket_name=BUCKET, deletion_protection=protected.get("state", False)
        ),
        account_roles=DmsAccountRolesProps(
            deletion_protection=protected.get("account_roles", False)
        ),
    )
    with pytest.raises(CommandError) as refused:
        command(made)[0].destroy_bootstrap()
    assert str(refused.value).endswith(
        f"seed.yaml: {BOOTSTRAP} is protected: set {keys} to false, deploy, and destroy then"
    )
    assert runner.calls == []


def test_what_is_not_deployed_is_not_destroyed(seed: Workspace, runner: Runner) -> None:
    with pytest.raises(CommandError, match=f"{BOOTSTRAP} is not deployed: there is nothing to"):
        command(seed)[0].destroy_bootstrap()
    assert runner.calls == []


def test_a_destroy_that_was_cut_off_goes_on_from_the_local_state(
    seed: Workspace, runner: Runner
) -> None:
    seed.bootstrap_state.write_bytes(state("bucket"))
    assert command(seed)[0].destroy_bootstrap()
    assert runner.calls == [
        *(f"init {BOOTSTRAP} local", f"plan {BOOTSTRAP}", f"apply {BOOTSTRAP}"),
    ]
    assert not seed.bootstrap_state.exists()


# forgetting a state


def test_a_first_deployment_moves_its_state_and_forgets_the_file(
    seed: Workspace, runner: Runner
) -> None:
    deploying, said = command(seed)
    assert deploying.deploy([])
    assert runner.calls[:3] == [
        *(f"init {BOOTSTRAP} local", f"plan {BOOTSTRAP}", f"apply {BOOTSTRAP}"),
    ]
    assert read(seed, BOOTSTRAP) == state("bucket")
    assert not seed.bootstrap_state.exists()
    assert f"moving the state of {BOOTSTRAP} into the state bucket" in said.getvalue()


def test_a_state_that_did_not_arrive_is_kept(seed: Workspace, runner: Runner) -> None:
    runner.loses = True
    with pytest.raises(CommandError) as refused:
        command(seed)[0].deploy([])
    assert f"the state of {BOOTSTRAP} did not arrive in {BUCKET}" in str(refused.value)
    assert f"it is still in {seed.bootstrap_state}" in str(refused.value)
    assert seed.bootstrap_state.read_bytes() == state("bucket")


@pytest.mark.parametrize(
    "local",
    [state("bucket", "lost"), state("bucket").replace(b'"id": "bucket"', b'"id": "another"')],
    ids=["another resource", "another id"],
)
def test_a_local_state_that_knows_more_is_not_forgotten(
    seed: Workspace, runner: Runner, local: bytes
) -> None:
    deploy_bootstrap(seed)
    seed.bootstrap_state.write_bytes(local)
    with pytest.raises(CommandError) as refused:
        command(seed)[0].deploy([])
    assert str(refused.value).startswith(f"{seed.bootstrap_state} knows resources that s3://")
    assert "aws_kinesis_stream." in str(refused.value)
    assert runner.calls == []
    assert seed.bootstrap_state.read_bytes() == local


def test_a_local_state_that_knows_no_more_is_forgotten_with_its_backup(
    seed: Workspace, runner: Runner
) -> None:
    deploy_bootstrap(seed, "role")
    backup = seed.bootstrap_state.with_suffix(".tfstate.backup")
    for file in (seed.bootstrap_state, backup):
        file.write_bytes(state("bucket"))
    assert command(seed)[0].deploy([])
    assert runner.calls[0] == f"init {BOOTSTRAP}"
    assert not seed.bootstrap_state.exists()
    assert not backup.exists()


@pytest.mark.parametrize("content", [b"{", b"[]", b""])
def test_what_is_no_state_is_not_taken_for_one(
    seed: Workspace, runner: Runner, content: bytes
) -> None:
    deploy_bootstrap(seed)
    seed.bootstrap_state.write_bytes(content)
    with pytest.raises(CommandError, match="is not a Terraform state: restore it from an older"):
        command(seed)[0].deploy([])
    assert seed.bootstrap_state.read_bytes() == content
    assert runner.calls == []


@pytest.mark.parametrize(("remembered", "is_kept"), [("local", False), ("s3", True)])
def test_what_terraform_remembers_of_another_backend_is_forgotten(
    seed: Workspace, runner: Runner, remembered: str, is_kept: bool
) -> None:
    deploy_bootstrap(seed)
    runner.changes = False
    file = seed.stack_folder(BOOTSTRAP) / ".terraform" / "terraform.tfstate"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps({"backend": {"type": remembered}}))
    assert command(seed)[0].deploy([])
    assert file.exists() is is_kept


def test_a_bucket_of_somebody_else_is_told(
    seed: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_workspace: Workspace) -> Any:
        answer = {"Error": {"Code": "403"}, "ResponseMetadata": {"HTTPStatusCode": 403}}
        raise ClientError(answer, "HeadObject")  # type: ignore[arg-type]

    assert not state_is_in_bucket(seed)
    with pytest.raises(CommandError, match="is not deployed, so there is no bucket with states"):
        require_bootstrap(seed)
    monkeypatch.setattr(deployment, "_state_bucket", refuse)
    with pytest.raises(CommandError, match=f"bucket {BUCKET} cannot be read with these"):
        require_bootstrap(seed)


def test_a_bootstrap_that_is_deployed_is_enough(seed: Workspace) -> None:
    deploy_bootstrap(seed)
    require_bootstrap(seed)
    assert state_is_in_bucket(seed)


# what is said of a stack that Terraform did not finish


def test_terraform_that_does_not_say_it_has_applied_is_not_believed(
    seed: Workspace, runner: Runner
) -> None:
    deploy_bootstrap(seed)
    runner.ended = Ended(0, "aws_kinesis_stream.a: Creation complete after 1s [id=a]\n")
    with pytest.raises(StepFailedError) as refused:
        command(seed)[0].destroy([PIPELINE])
    first, last = str(refused.value).splitlines()
    assert f"did not say that it has applied its plan of {PIPELINE}" in first
    assert last == f"{PIPELINE} was changed in part (1 resource)."


def test_a_failed_apply_is_told_with_what_was_changed(seed: Workspace, runner: Runner) -> None:
    deploy_bootstrap(seed)
    done = "aws_kinesis_stream.{}: Creation complete after 1s [id=a]\n"
    runner.ended = Ended(1, done.format("a") + done.format("b"))
    with pytest.raises(StepFailedError) as refused:
        command(seed)[0].destroy([PIPELINE])
    assert f"`terraform apply` of {PIPELINE} ended with exit code 1" in str(refused.value)
    assert f"{PIPELINE} was changed in part (2 resources)." in str(refused.value)


BEGUN = "aws_kinesis_stream.a: Creating...\naws_sns_topic.b: Creating...\n"


@pytest.mark.parametrize(
    ("said", "gave_up", "unsaved", "told"),
    [
        (
            BEGUN,
            False,
            False,
            [
                f"{PIPELINE} was changed in part (0 resources); what was done is in its state",
                "Terraform still waited for aws_kinesis_stream.a and makes them anew next time",
                "what became of aws_sns_topic.b is not known",
            ],
        ),
        (BEGUN, False, True, ["its state could not be written and is in", "errored.tfstate"]),
        (
            "Error releasing the state lock\n",
            False,
            False,
            ["its lock could not be released: run `dms-stream unlock --env seed`"],
        ),
        (BEGUN, True, False, ["Terraform was killed, so resources may exist that no state knows"]),
    ],
    ids=["in the middle", "unsaved", "locked", "killed"],
)
def test_a_stopped_command_says_what_is_known(
    seed: Workspace,
    runner: Runner,
    said: str,
    gave_up: bool,
    unsaved: bool,
    told: list[str],
) -> None:
    deploy_bootstrap(seed)
    put(seed, PIPELINE, state("a", tainted="a"))
    synthesized = seed.stack_folder(PIPELINE) / "cdk.tf.json"
    synthesized.parent.mkdir(parents=True)
    synthesized.write_text("{}")
    if unsaved:
        terraform_runner.unsaved_state(seed, PIPELINE).write_text("{}")
    runner.ended = Stopped(signal.SIGINT, gave_up=gave_up, ended=Ended(1, said))
    with pytest.raises(Stopped) as stopped:
        command(seed)[0].destroy([PIPELINE])
    note = stopped.value.note
    for words in told:
        assert words in note
    assert note.endswith("Run the same command again to go on.") is not gave_up


def test_a_stop_says_what_is_not_applied(seed: Workspace, runner: Runner) -> None:
    runner.ended = Stopped(signal.SIGHUP, ended=Ended(1, ""))
    with pytest.raises(Stopped) as stopped:
        command(seed)[0].deploy([PIPELINE, "seed-orders"])
    assert f"Not applied: {PIPELINE}, seed-orders." in stopped.value.note
    assert f"apply {PIPELINE}" not in runner.calls


def test_a_stop_behind_the_last_resource_says_it_was_applied(
    seed: Workspace, runner: Runner
) -> None:
    deploy_bootstrap(seed)
    runner.ended = Stopped(signal.SIGTERM, ended=Ended(0, APPLIED))
    with pytest.raises(Stopped) as stopped:
        command(seed)[0].destroy([PIPELINE])
    assert stopped.value.note == f"Stopped. Applied: {PIPELINE}."


# what was started is stopped


@dataclass
class Started:
    """Whether the embedded AWS runs."""

    runs: bool = False
    url: str = "http://127.0.0.1:4"

    def start(self, _settings: Environment, _options: DataPlaneOptions) -> "Started":
        self.runs = True
        return self

    def stop(self) -> None:
        self.runs = False


class Filling:
    """Its data plane, which is asked for its database."""

    def __init__(self, url: str) -> None:
        assert url == Started.url

    def start_database(self) -> None:
        """It returns at once."""


@pytest.fixture
def emulator(monkeypatch: pytest.MonkeyPatch) -> Started:
    """An embedded AWS that starts at once."""
    started = Started()
    for module in (demo, rehearse):
        monkeypatch.setattr(module, "start_embedded_aws", started.start)
        monkeypatch.setattr(module, "stop_embedded_aws", started.stop)
    monkeypatch.setattr(demo, "DataPlaneClient", Filling)
    return started


class Failing:
    """A deployment that Terraform refuses, or that somebody stops."""

    error: BaseException

    def __init__(self, *_: object, **__: object) -> None:
        """Whatever it is of."""

    def deploy(self, _stacks: object) -> bool:
        """Fail."""
        raise self.error


@pytest.mark.parametrize("runs_already", [False, True])
@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("error", [StepFailedError("refused"), Stopped(signal.SIGINT)])
def test_a_rehearsal_that_fails_stops_what_it_started_and_nothing_else(
    emulator: Started,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    runs_already: bool,
    keep: bool,
    error: BaseException,
) -> None:
    def fail(*_: object) -> None:
        raise error

    emulator.runs = runs_already
    monkeypatch.setattr(local_aws, "current", lambda _folder: emulator if emulator.runs else None)
    monkeypatch.setattr(rehearse, "open_workspace", lambda *_, **__: seed_workspace(tmp_path))
    monkeypatch.setattr(rehearse, "rehearse_stack", fail)
    monkeypatch.setattr(deployment, "Deployment", Failing)
    monkeypatch.setattr(Failing, "error", error, raising=False)
    monkeypatch.setattr(toolchain, "terraform", lambda: None)
    options = rehearse.RehearsalOptions(keep=keep)
    with pytest.raises(type(error)):
        rehearse.run_rehearsal(Console(file=StringIO()), "seed", None, options)
    assert emulator.runs is (runs_already or keep)


@pytest.mark.parametrize("keep", [False, True])
@pytest.mark.parametrize("error", [StepFailedError("refused"), Stopped(signal.SIGINT)])
def test_a_demo_that_fails_stops_what_it_started(
    emulator: Started,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    keep: bool,
    error: BaseException,
) -> None:
    """Whether or not it was to be kept: half a demo is of no use."""
    monkeypatch.setattr(demo, "open_workspace", lambda *_, **__: seed_workspace(tmp_path))
    monkeypatch.setattr(demo, "Deployment", Failing)
    monkeypatch.setattr(Failing, "error", error, raising=False)
    monkeypatch.setattr(toolchain, "terraform", lambda: None)
    said = StringIO()
    with pytest.raises(type(error)):
        demo.run_demo(Console(file=said, width=500), keep=keep)
    assert not emulator.runs
    assert said.getvalue().endswith("the embedded AWS is stopped; nothing is left running\n")


# the settings


def test_a_workspace_is_that_of_the_settings_that_are_named(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ENV", "production")
    assert open_workspace(None, needs_aws=False).name == "production"
    opened = open_workspace("seed", needs_aws=False)
    assert (opened.name, opened.file) == ("seed", environment_file("seed"))
    assert opened.settings == load_environment(opened.file)
    assert not opened.settings.emulated
    assert opened.folder == opened.project
    assert opened.option == "--env seed"


def test_what_is_treated_as_emulated_has_a_folder_of_its_own(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("DMS_STREAM_LOCAL_AWS", str(tmp_path / "aws"))
    opened = open_workspace("seed", emulated=True, needs_aws=False)
    assert opened.settings.emulated
    assert opened.folder == tmp_path / "aws" / "work"
    # who only reads the settings may not be able to write there
    assert not opened.folder.exists()
    with pytest.raises(
        CommandError, match=r"seed\.yaml is deployed to the embedded AWS and none is"
    ):
        open_workspace("seed", emulated=True)


# locks


def lock(workspace: Workspace, stack: str, **facts: str) -> None:
    """Lock a state."""
    key = f"{state_key(workspace.name, stack)}.tflock"
    workspace.s3().Bucket(BUCKET).put_object(Key=key, Body=json.dumps(facts).encode())


def test_locks_are_those_of_the_environment(seed: Workspace) -> None:
    assert state_locks(seed) == []  # no bucket
    deploy_bootstrap(seed)
    assert state_locks(seed) == []
    seed.s3().Bucket(BUCKET).put_object(Key="other/other-tickets.tfstate.tflock", Body=b"{}")
    lock(seed, PIPELINE, ID="i", Who="me@here", Operation="OperationTypeApply", Created="now")
    lock(seed, "seed-orders")
    seed.s3().Bucket(BUCKET).put_object(Key=state_key("seed", "seed-odd") + ".tflock", Body=b"[")
    found = {each.stack: each for each in state_locks(seed)}
    assert found.keys() == {PIPELINE, "seed-orders", "seed-odd"}
    told = found[PIPELINE]
    assert (told.id, told.who, told.operation) == ("i", "me@here", "OperationTypeApply")
    assert (told.created, told.key) == ("now", f"{state_key('seed', PIPELINE)}.tflock")
    assert found["seed-orders"].who == found["seed-odd"].who == "(not told)"
    assert [each.stack for each in state_locks(seed, [PIPELINE])] == [PIPELINE]


# the settings


@pytest.mark.parametrize("name", ["folder.yaml", "folder.yml"])
def test_a_settings_path_that_is_a_folder_is_refused(tmp_path: Path, name: str) -> None:
    folder = tmp_path / name
    folder.mkdir()
    with pytest.raises(SettingsError, match="no such environment; allowed:"):
        environment_file(str(folder))
