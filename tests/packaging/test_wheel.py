"""What `pip install dms-stream` brings, and what works with it: in a clean environment."""

import json
import re
import shlex
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from dms_stream import __version__
from dms_stream.cli.toolchain import terraform_configuration
from dms_stream.messages import message_schema_text
from dms_stream.settings.schema import settings_schema
from tests.support.installed import Installation, build_wheel
from tests.support.small_plans import document, update

pytestmark = pytest.mark.slow

# one of each extra; all commands: tests/dms_stream/test_extras.py
NEEDS = {
    "synth": "constructs",
    "status": "aws",
    "deploy --yes": "aws,constructs",
    "local-aws start": "rehearsal",
}


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_wheel(tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Installation:
    return Installation(tmp_path_factory.mktemp("base") / "venv", wheel)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Installation:
    installation = Installation(tmp_path_factory.mktemp("whole") / "venv", wheel)
    installation.link_extras()
    return installation


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory, whole: Installation) -> Path:
    folder = tmp_path_factory.mktemp("work with spaces") / "shop"
    whole.succeed("dms-stream", "init", "shop", folder=folder.parent)
    return folder


def test_the_wheel_holds_two_packages_and_their_data(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    top = {name.partition("/")[0] for name in names}
    assert top == {"constructs_lib", "dms_stream", f"dms_stream-{__version__}.dist-info"}
    assert {"constructs_lib/py.typed", "dms_stream/py.typed"} <= set(names)


def test_the_base_needs_no_extra_to_review_and_for_schemas(
    base: Installation, tmp_path: Path
) -> None:
    def printed(*arguments: str) -> str:
        return base.succeed("dms-stream", *arguments, folder=tmp_path)

    assert printed("--version") == f"dms-stream {__version__}\n"
    assert "Usage" in printed("--help")
    assert printed("schema") == settings_schema()
    assert printed("message-schema") == message_schema_text()
    plan = document(update("aws_kinesis_stream", "retention_period", 168, 24))
    (tmp_path / "plan.json").write_text(json.dumps(plan))
    reviewed = base.run("dms-stream", "review", "plan.json", folder=tmp_path)
    assert reviewed.returncode == 1, reviewed.stdout
    assert "stream-retention-lowered" in reviewed.stdout
    base.succeed("python", "-c", "import dms_stream.messages", folder=tmp_path)


def test_the_base_makes_a_project_and_tells_that_nothing_runs_in_it(
    base: Installation, tmp_path: Path
) -> None:
    base.succeed("dms-stream", "init", "shop", folder=tmp_path)
    status = base.run("dms-stream", "local-aws", "status", folder=tmp_path / "shop")
    assert (status.returncode, status.stdout) == (1, "none is running\n")
    base.succeed("dms-stream", "local-aws", "stop", folder=tmp_path / "shop")


@pytest.mark.parametrize("command", NEEDS)
def test_a_command_says_which_extra_it_lacks(
    base: Installation, tmp_path: Path, command: str
) -> None:
    said = base.refuse("dms-stream", *shlex.split(command), folder=tmp_path)
    assert f"run `pip install 'dms-stream[{NEEDS[command]}]'`" in said
    assert said.count("\n") == 1
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    "command",
    [
        *(command for command in NEEDS if not command.startswith("check-source")),
        "local-aws status",
        "local-aws stop",
    ],
)
def test_outside_of_a_project_a_command_names_init(
    whole: Installation, tmp_path: Path, command: str
) -> None:
    said = whole.refuse("dms-stream", *shlex.split(command), folder=tmp_path)
    assert "is not in a project" in said
    assert "`dms-stream init FOLDER`" in said
    assert not list(tmp_path.iterdir())


def next_commands(whole: Installation, folder: Path) -> list[str]:
    printed = whole.succeed("dms-stream", "init", "orders", folder=folder)
    return re.findall(r"^  (.+)$", printed, re.MULTILINE)


def test_the_commands_that_init_prints_work(whole: Installation, tmp_path: Path) -> None:
    before = whole.files()
    change, install, synth, tests, demo = next_commands(whole, tmp_path)
    assert (change, install) == ("cd orders", "pipenv install --dev")
    folder = tmp_path / "orders"

    command = shlex.split(synth.removeprefix("pipenv run "))
    printed = whole.succeed(*command, folder=folder)
    stacks = [folder / "cdktf.out" / "stacks" / f"seed-{name}" for name in ("bootstrap", "tickets")]
    assert printed.split() == [str(stack / "cdk.tf.json") for stack in stacks]
    assert all((stack / "cdk.tf.json").is_file() for stack in stacks)

    assert tests == "pipenv run pytest"
    assert " passed" in whole.succeed("python", "-m", "pytest", "-q", folder=folder)

    assert demo == "pipenv run dms-stream demo"
    assert whole.files() == before
    assert {path.name for path in tmp_path.iterdir()} == {"orders"}


def test_a_command_finds_the_project_above_and_a_file_here(
    whole: Installation, project: Path
) -> None:
    below = project / "environments"
    (below / "trial.yaml").write_text((below / "local.yaml").read_text())
    printed = whole.succeed("dms-stream", "synth", "--env", "trial.yaml", folder=below)
    work = project / ".local-aws" / "work" / "cdktf.out" / "stacks"
    assert printed.splitlines()[0] == str(work / "trial-bootstrap" / "cdk.tf.json")


@pytest.fixture
def running(whole: Installation, project: Path) -> Iterator[None]:
    whole.succeed("dms-stream", "local-aws", "start", folder=project)
    try:
        yield
    finally:
        whole.succeed("dms-stream", "local-aws", "stop", folder=project)


@pytest.mark.deploy
@pytest.mark.usefixtures("running")
def test_an_installed_command_deploys_and_plans(whole: Installation, project: Path) -> None:
    configuration = terraform_configuration()
    variables = {"TF_CLI_CONFIG_FILE": str(configuration)} if configuration else {}
    before = whole.files()
    arguments = ("--env", "local", "--bootstrap-only", "--yes")
    whole.succeed("dms-stream", "deploy", *arguments, folder=project, **variables)
    planned = whole.succeed("dms-stream", "plan", "--env", "local", folder=project, **variables)
    assert "No changes." in planned
    assert "aws_kinesis_stream.tickets_stream" in planned
    assert (project / ".local-aws" / "server.json").is_file()
    assert whole.files() == before
