"""Deploying an environment: its bootstrap stack first, then its pipelines; and destroying it."""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError
from rich.console import Console

from constructs_lib.state_backend import state_key
from dms_stream.cli import lost_creations
from dms_stream.cli import terraform_runner as terraform
from dms_stream.cli.approval import YES, agreed, require_approval
from dms_stream.cli.aws_access import aws_errors
from dms_stream.cli.errors import CommandError, StepFailedError
from dms_stream.cli.existing_roles import refuse_existing_roles
from dms_stream.cli.terraform_runner import Screen, Terminal, init, synthesize
from dms_stream.cli.workspace import Workspace
from dms_stream.programs import Ended, Stopped
from dms_stream.programs.foreground import stopped_by

_NOT_FOUND = 404
_FORBIDDEN = 403
# each is a Terraform and a provider of some hundred MB
_SIDE_BY_SIDE = 8
_COMPLETE = re.compile(r"Apply complete! Resources: [^\n]+$", re.MULTILINE)
_BEGUN = re.compile(r"^(\S+): Creating\.\.\.\s*$", re.MULTILINE)
_DONE = re.compile(r": (?:Creation|Modifications|Destruction) complete after ")
_LOCK_STAYED = "Error releasing the state lock"


@dataclass
class _Tally:
    """Which stacks a command was to change, and which it has.

    Attributes:
        stacks: All of them, in order.
        applied: Stacks of which Terraform says that it is through.
        unchanged: Stacks that were as they should be.
        in_part: What became of the ones that Terraform did not finish, by stack.
        moved: What was done to a state without touching a resource.
    """

    stacks: list[str]
    applied: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    in_part: dict[str, str] = field(default_factory=dict)
    moved: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        sentences = [f"{what}." for what in self.in_part.values()]
        if self.applied:
            sentences.append(f"Applied: {', '.join(self.applied)}.")
        sentences += self.moved
        if not self.applied and not self.in_part:
            return " ".join(["Nothing was changed.", *self.moved])
        touched = {*self.applied, *self.unchanged, *self.in_part}
        if rest := [stack for stack in self.stacks if stack not in touched]:
            sentences.append(f"Not applied: {', '.join(rest)}.")
        return " ".join(sentences)


class Deployment:
    """One command that changes stacks of an environment.

    Args:
        workspace: The environment.
        approved: Whether it was approved beforehand; otherwise each plan is asked about.
        console: Where to say what goes on.
        screen: Where Terraform's output goes; default: all of it to standard output.
        word: What has to be typed to agree.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        approved: bool,
        console: Console,
        screen: Screen | None = None,
        word: str = YES,
    ) -> None:
        require_approval(approved)
        self._workspace = workspace
        self._approved = approved
        self._console = console
        self._screen = screen or Terminal()
        self._word = word
        self._tally = _Tally([])

    def deploy(self, pipeline_stacks: Sequence[str]) -> bool:
        """Deploy the bootstrap stack and then these pipelines' stacks.

        Returns:
            Whether all of it is deployed; else somebody has said no.

        Raises:
            CommandError: the state bucket is not ours to use, or a role exists already.
            StepFailedError: Terraform refused.
            Stopped: it was stopped.
        """
        stacks = list(pipeline_stacks)
        self._tally = _Tally([self._workspace.bootstrap_stack, *stacks])
        with self._told():
            if not self._deploy_bootstrap():
                return self._dismissed()
            if not stacks:
                return True
            self._console.rule(f"Pipelines: {', '.join(stacks)}")
            return self._change_all(stacks) or self._dismissed()

    def deploy_version(self, stack: str, look_at: Callable[[Path], None]) -> bool:
        """Deploy another version of one pipeline's stack, which is deployed already.

        Args:
            stack: Id of its stack.
            look_at: Called with the plan before it is applied; what it raises keeps it from that.

        Returns:
            Whether there was anything to change.

        Raises:
            StepFailedError: Terraform refused.
            Stopped: it was stopped.
        """
        self._tally = _Tally([stack])
        with self._told():
            synthesize(self._workspace)
            init(self._workspace, stack, recover=True)
            self._change(stack, look_at=look_at)
        return bool(self._tally.applied)

    def destroy(self, pipeline_stacks: Sequence[str]) -> bool:
        """Destroy these pipelines' stacks.

        Returns:
            Whether all of them are destroyed; else somebody has said no.

        Raises:
            StepFailedError: Terraform refused.
            Stopped: it was stopped.
        """
        self._tally = _Tally(list(pipeline_stacks))
        with self._told():
            synthesize(self._workspace)
            return self._change_all(pipeline_stacks, destroy=True) or self._dismissed()

    def destroy_bootstrap(self) -> bool:
        """Destroy the bootstrap stack, the state bucket in it included.

        Its state is copied out of the bucket into a local file first. Cut off, or refused by AWS,
        the next call goes on from that file.

        Returns:
            Whether it is destroyed; else somebody has said no.

        Raises:
            CommandError: it is protected, not deployed, or other states in the bucket hold
                resources.
            StepFailedError: Terraform refused.
            Stopped: it was stopped.
        """
        workspace, stack = self._workspace, self._workspace.bootstrap_stack
        self._tally = _Tally([stack])
        _refuse_protected(workspace)
        state = _BootstrapState(workspace)
        in_bucket = state.in_bucket()
        if in_bucket is None and not workspace.bootstrap_state.exists():
            raise CommandError(f"{stack} is not deployed: there is nothing to destroy")
        if in_bucket is not None:
            _refuse_states_in_use(workspace)
        with self._told():
            synthesize(workspace)
            if in_bucket is not None:
                self._console.print(f"copying the state of {stack} out of the state bucket")
                state.use("s3")
                init(workspace, stack, recover=True)
                # that may have written it anew
                in_bucket = state.in_bucket()
                terraform.keep_bootstrap_state_local(workspace)
                init(workspace, stack, migrate_state=True)
            else:
                state.use("local")
                init(workspace, stack)

            def empty_the_bucket() -> None:
                if in_bucket is None:
                    return
                if state.in_bucket() != in_bucket:
                    raise CommandError(
                        f"{stack} was deployed by somebody else in between: run the command again "
                        "to see a new plan"
                    )
                _refuse_states_in_use(workspace)
                _state_bucket(workspace).object_versions.delete()

            if not self._change(stack, destroy=True, before_apply=empty_the_bucket):
                if in_bucket is not None:
                    # the state in the bucket is as it was, and counts
                    state.forget_local()
                return self._dismissed()
            state.forget_local()
            return True

    def _deploy_bootstrap(self) -> bool:
        # The first time its state is a local file. Once the bucket exists, the state is moved into
        # it and the file removed. Cut off anywhere, the next call goes on where it was.
        workspace, stack = self._workspace, self._workspace.bootstrap_stack
        self._console.rule(f"Bootstrap: {stack}")
        state = _BootstrapState(workspace)
        if state.in_bucket() is not None:
            state.forget_moved()
            synthesize(workspace)
            state.use("s3")
            init(workspace, stack, recover=True)
            self._refuse_existing_roles()
            return self._change(stack)
        synthesize(workspace)
        state.use("local")
        init(workspace, stack, recover=True)
        self._refuse_existing_roles()
        if not self._change(stack):
            return False
        self._console.print(f"moving the state of {stack} into the state bucket")
        terraform.keep_bootstrap_state_in_bucket(workspace)
        init(workspace, stack, migrate_state=True)
        if state.in_bucket() is None:
            raise CommandError(
                f"the state of {stack} did not arrive in {workspace.settings.state.bucket_name}; "
                f"it is still in {workspace.bootstrap_state}: run the command again"
            )
        state.forget_moved()
        self._tally.moved.append(f"The state of {stack} is in the state bucket.")
        return True

    def _refuse_existing_roles(self) -> None:
        state = self._state(self._workspace.bootstrap_stack)
        known = {
            str(instance.get("attributes", {}).get("name"))
            for found in state.get("resources", [])
            if found["type"] == "aws_iam_role"
            for instance in found.get("instances", [])
        }
        refuse_existing_roles(self._workspace, known, console=self._console)

    def _change_all(self, stacks: Sequence[str], *, destroy: bool = False) -> bool:
        workspace = self._workspace

        def change(stack: str, *, beside_others: bool = False) -> bool:
            init(workspace, stack, recover=True)
            self._take_in(stack)
            return self._change(stack, destroy=destroy, beside_others=beside_others)

        # who is asked can answer one question at a time
        if not self._approved or len(stacks) == 1:
            return all(change(stack) for stack in stacks)
        with ThreadPoolExecutor(_SIDE_BY_SIDE) as threads:
            changing = [threads.submit(change, stack, beside_others=True) for stack in stacks]
            # what one of them cannot do does not keep the others from ending well
            faults = [fault for each in changing if (fault := each.exception()) is not None]
        for fault in faults:
            if not isinstance(fault, StepFailedError):
                raise fault
        if faults:
            raise StepFailedError("\n".join(map(str, faults)))
        return True

    def _change(
        self,
        stack: str,
        *,
        destroy: bool = False,
        look_at: Callable[[Path], None] | None = None,
        before_apply: Callable[[], None] | None = None,
        beside_others: bool = False,
    ) -> bool:
        """Plan a stack that is initialized, ask, and apply exactly that plan.

        Returns:
            Whether it is as it should be; else somebody has said no.
        """
        workspace, screen = self._workspace, self._screen
        with terraform.plan_file() as file:
            if not terraform.plan(
                workspace, stack, screen, file=file, destroy=destroy, beside_others=beside_others
            ):
                self._tally.unchanged.append(stack)
                return True
            if look_at is not None:
                look_at(file)
            if not self._approved:
                verb = "Destroy" if destroy else "Apply this plan to"
                if not agreed(self._console, f"{verb} {stack}?", word=self._word):
                    return False
            if before_apply is not None:
                before_apply()
            try:
                ended = terraform.apply(
                    workspace, stack, screen, file=file, beside_others=beside_others
                )
            except Stopped as stopped:
                self._judge_stopped(stack, stopped)
                raise
        self._judge(stack, ended)
        return True

    def _judge(self, stack: str, ended: Ended) -> None:
        # what Terraform says, and not its exit code alone
        said = terraform.plain(ended.output)
        complete = _COMPLETE.search(said)
        if complete is not None:
            self._tally.applied.append(stack)
        if ended.code == 0 and complete is not None:
            return
        if complete is None and (done := len(_DONE.findall(said))):
            self._tally.in_part[stack] = f"{stack} was changed in part ({_counted(done)})"
        if ended.code != 0:
            lost_creations.note(self._workspace, stack, _BEGUN.findall(said))
            raise terraform.failure(self._workspace, stack, "apply", ended)
        raise StepFailedError(
            f"Terraform ended and did not say that it has applied its plan of {stack}: look at it "
            f"with `dms-stream plan {self._workspace.option}`"
        )

    def _judge_stopped(self, stack: str, stopped: Stopped) -> None:
        said = terraform.plain(stopped.ended.output if stopped.ended else "")
        if _COMPLETE.search(said):
            self._tally.applied.append(stack)
            return
        option = self._workspace.option
        changed = f"{stack} was changed in part ({_counted(len(_DONE.findall(said)))})"
        self._tally.in_part[stack] = changed
        lost_creations.note(self._workspace, stack, _BEGUN.findall(said))
        unsaved = terraform.unsaved_state(self._workspace, stack)
        if stopped.gave_up:
            changed = (
                f"{stack}: Terraform was killed, so resources may exist that no state knows, and "
                f"the state may stay locked: run `dms-stream unlock {option}`, then deploy again "
                "and look for what exists already"
            )
        elif unsaved.exists():
            changed += (
                f"; its state could not be written and is in {unsaved}, from where the next "
                "deployment takes it"
            )
        else:
            changed += self._what_is_known(stack, said)
        if not stopped.gave_up and _LOCK_STAYED in said:
            changed += f"; its lock could not be released: run `dms-stream unlock {option}`"
        self._tally.in_part[stack] = changed

    def _what_is_known(self, stack: str, said: str) -> str:
        """What the state tells of what Terraform had begun to create."""
        try:
            self._take_in(stack)
            state = self._state(stack)
        except (CommandError, StepFailedError) as error:
            return f"; its state cannot be looked at: {error}"
        known = {address for address, _ in _resources_of(state)}
        begun = _BEGUN.findall(said)
        lost = [
            address for address in lost_creations.not_found_by_us(begun) if address not in known
        ]
        text = "; what was done is in its state"
        if unfinished := _tainted(state):
            folder = self._workspace.stack_folder(stack)
            text += (
                f"; Terraform still waited for {', '.join(unfinished)} and makes them anew next "
                "time: where deletion protection refuses that, and they are complete in AWS, run "
                f"`terraform -chdir={folder} untaint ADDRESS`"
            )
        if lost:
            # the provider drops the answer of a call that is on its way when it is told to stop
            text += (
                f"; what became of {', '.join(lost)} is not known: if the next deployment says "
                "that it exists already, delete it in AWS or import it"
            )
        return text

    def _take_in(self, stack: str) -> None:
        """Take into the state what a run that was cut off had created without a trace in it."""
        workspace = self._workspace
        if not lost_creations.are_noted(workspace, stack):
            return
        known = {address for address, _ in _resources_of(self._state(stack))}
        for address, import_id in lost_creations.found(workspace, stack, known).items():
            terraform.import_resource(workspace, stack, address, import_id)
            self._console.print(
                f"{stack}: a run that was cut off had created {address}; the state has it now",
                markup=False,
                highlight=False,
                soft_wrap=True,
            )
        lost_creations.forget(workspace, stack)

    def _state(self, stack: str) -> dict[str, Any]:
        workspace = self._workspace
        if stack == workspace.bootstrap_stack and workspace.bootstrap_state.exists():
            return _parsed(workspace.bootstrap_state.read_bytes(), str(workspace.bootstrap_state))
        key = state_key(workspace.name, stack)
        with aws_errors():
            try:
                content = _state_bucket(workspace).Object(key).get()["Body"].read()
            except ClientError as error:
                if error.response["ResponseMetadata"]["HTTPStatusCode"] != _NOT_FOUND:
                    raise
                return {}
        return _parsed(content, key)

    def _dismissed(self) -> bool:
        self._console.print(str(self._tally), markup=False, highlight=False, soft_wrap=True)
        return False

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Say of what was cut short which stacks were changed and which were not."""
        try:
            yield
        except KeyboardInterrupt as error:
            stopped = stopped_by(error)
            stopped.note = f"Stopped. {self._tally}"
            if self._tally.in_part and not stopped.gave_up:
                stopped.note += " Run the same command again to go on."
            if stopped is error:
                raise
            raise stopped from None
        except (CommandError, StepFailedError) as error:
            raise type(error)(f"{error}\n{self._tally}") from None


def _counted(count: int) -> str:
    return f"{count} resource{'s'[: count != 1]}"


class _BootstrapState:
    """The bootstrap stack's own state: in a local file, in the bucket that it makes, or both."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._key = state_key(workspace.name, workspace.bootstrap_stack)
        self._name = f"s3://{workspace.settings.state.bucket_name}/{self._key}"

    def in_bucket(self) -> tuple[str, int] | None:
        """Lineage and serial of the state in the bucket; None where there is none."""
        if not state_is_in_bucket(self._workspace):
            return None
        state = self._read_bucket()
        return str(state.get("lineage")), int(state.get("serial", 0))

    def _read_bucket(self) -> dict[str, Any]:
        with aws_errors():
            content = _state_bucket(self._workspace).Object(self._key).get()["Body"].read()
        return _parsed(content, self._name)

    def use(self, backend: str) -> None:
        """Let Terraform use a backend, and start afresh where it remembers another kind.

        It would want to be told what to do about the other one's state.
        """
        if backend == "local":
            terraform.keep_bootstrap_state_local(self._workspace)
        remembered = (
            self._workspace.stack_folder(self._workspace.bootstrap_stack)
            / ".terraform"
            / "terraform.tfstate"
        )
        try:
            found = json.loads(remembered.read_text())["backend"]["type"]
        except (OSError, ValueError, KeyError, TypeError):
            found = None
        if found != backend:
            remembered.unlink(missing_ok=True)

    def forget_moved(self) -> None:
        """Remove the local file, all of which the state in the bucket knows, too.

        Raises:
            CommandError: it knows more.
        """
        file = self._workspace.bootstrap_state
        if not file.exists():
            return
        # moving a state gives it another lineage and begins its serials anew: only what is in it
        # tells whether it has arrived
        more = _resources_of(_parsed(file.read_bytes(), str(file))) - _resources_of(
            self._read_bucket()
        )
        if more:
            raise CommandError(
                f"{file} knows resources that {self._name} does not: "
                f"{', '.join(sorted(address for address, _ in more))}: look which of them exist, "
                f"and move the file away or import them"
            )
        self.forget_local()

    def forget_local(self) -> None:
        """Remove the local file, and what says that it counts."""
        terraform.keep_bootstrap_state_in_bucket(self._workspace)
        self._workspace.bootstrap_state.unlink(missing_ok=True)
        self._workspace.bootstrap_state.with_suffix(".tfstate.backup").unlink(missing_ok=True)


def _parsed(content: bytes, name: str) -> dict[str, Any]:
    try:
        state = json.loads(content)
    except ValueError:
        state = None
    if not isinstance(state, dict):
        raise CommandError(f"{name} is not a Terraform state: restore it from an older version")
    return state


def _resources_of(state: dict[str, Any]) -> set[tuple[str, str]]:
    """Address and id of each managed resource of a state."""
    return {
        (f"{found['type']}.{found['name']}", str(instance.get("attributes", {}).get("id")))
        for found in state.get("resources", [])
        if found.get("mode") == "managed"
        for instance in found.get("instances", [])
    }


def _tainted(state: dict[str, Any]) -> list[str]:
    """Addresses of what is in a state but was not finished."""
    return [
        f"{found['type']}.{found['name']}"
        for found in state.get("resources", [])
        if any(instance.get("status") == "tainted" for instance in found.get("instances", []))
    ]


def _refuse_protected(workspace: Workspace) -> None:
    protected = [
        f"{key}.deletion_protection"
        for key, props in (
            ("state", workspace.settings.state),
            ("account_roles", workspace.settings.account_roles),
        )
        if props.deletion_protection
    ]
    if protected:
        raise CommandError(
            f"{workspace.file}: {workspace.bootstrap_stack} is protected: set "
            f"{' and '.join(protected)} to false, deploy, and destroy then"
        )


def _refuse_states_in_use(workspace: Workspace) -> None:
    bucket = _state_bucket(workspace)
    with aws_errors():
        in_use = sorted(
            found.key for found in bucket.objects.all() if _holds_resources(found, workspace)
        )
    if in_use:
        raise CommandError(
            f"the bucket {bucket.name} keeps the state of resources that exist: "
            f"{', '.join(in_use)}: destroy those first"
        )


def _holds_resources(found: Any, workspace: Workspace) -> bool:
    if not found.key.endswith(".tfstate"):
        return False
    if found.key == state_key(workspace.name, workspace.bootstrap_stack):
        return False
    name = f"s3://{found.bucket_name}/{found.key}"
    return bool(_parsed(found.get()["Body"].read(), name).get("resources"))


def require_bootstrap(workspace: Workspace) -> None:
    """Refuse to go on where the bootstrap stack has not made the state bucket.

    Raises:
        CommandError: it is not there, or AWS cannot be asked.
    """
    if not state_is_in_bucket(workspace):
        raise CommandError(
            f"the bootstrap stack of {workspace.name} is not deployed, so there is no bucket with "
            f"states: run `dms-stream deploy {workspace.option} --bootstrap-only` first"
        )


def state_is_in_bucket(workspace: Workspace) -> bool:
    """Whether the state bucket exists and holds the bootstrap stack's state.

    Raises:
        CommandError: the bucket belongs to somebody else, or AWS cannot be asked.
    """
    bucket = workspace.settings.state.bucket_name
    with aws_errors():
        try:
            key = state_key(workspace.name, workspace.bootstrap_stack)
            _state_bucket(workspace).Object(key).load()
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            if status == _NOT_FOUND:
                return False
            if status == _FORBIDDEN:
                raise CommandError(
                    f"{workspace.file}: state.bucket_name: the bucket {bucket} cannot be read with "
                    "these credentials: bucket names are shared by all of AWS, so it may belong to "
                    "somebody else (choose another name), or the credentials lack s3:GetObject and "
                    "s3:ListBucket on it"
                ) from None
            raise
    return True


def _state_bucket(workspace: Workspace) -> Any:
    with aws_errors():
        return workspace.s3().Bucket(workspace.settings.state.bucket_name)
