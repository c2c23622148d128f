"""A command works in the project it is called in."""

from dataclasses import replace
from pathlib import Path

import pytest

from constructs_lib.errors import SettingsError
from dms_stream.cli import toolchain
from dms_stream.cli.workspace import emulator_folder, open_workspace
from dms_stream.settings.choice import chosen_environment
from dms_stream.settings.environment import environment_file
from dms_stream.settings.project import ProjectError, current_project, find_project
from tests.support.checkout import ENVIRONMENTS


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "shop"
    (folder / "environments").mkdir(parents=True)
    (folder / "cdktf.json").write_text('{"context": {"environment": "trial"}}')
    settings = (ENVIRONMENTS / "local.yaml").read_text()
    settings = settings.replace("certificates/", f"{ENVIRONMENTS}/certificates/")
    (folder / "environments" / "trial.yaml").write_text(settings)
    monkeypatch.chdir(folder)
    for variable in ("ENV", "CDKTF_CONTEXT_JSON", "DMS_STREAM_LOCAL_AWS"):
        monkeypatch.delenv(variable, raising=False)
    return folder


def test_it_is_the_nearest_folder_with_cdktf_json(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert current_project().folder == project
    monkeypatch.chdir(project / "environments")
    assert current_project().folder == project
    assert chosen_environment() == "trial"
    assert environment_file("trial") == project / "environments" / "trial.yaml"
    # a path is seen from where one stands, as every path on a command line
    assert environment_file("trial.yaml").resolve() == project / "environments" / "trial.yaml"


def test_output_and_state_go_there(project: Path) -> None:
    workspace = open_workspace(None, needs_aws=False)
    assert workspace.project == project
    assert emulator_folder() == project / ".local-aws"
    assert workspace.output == project / ".local-aws" / "work" / "cdktf.out"
    file = project / "environments" / "real.yaml"
    settings = (project / "environments" / "trial.yaml").read_text()
    file.write_text(settings.replace("emulated: true", ""))
    real = open_workspace("environments/real.yaml", needs_aws=False)
    assert real.output == project / "cdktf.out"
    assert real.bootstrap_state == project / "terraform.real-bootstrap.tfstate"
    # main.py runs in the project's folder, wherever the command was called
    assert real.variables()["ENV"] == str(file)


def test_main_py_is_told_by_variables(project: Path) -> None:
    emulated = open_workspace(None, needs_aws=False)
    version = project / "next.yaml"
    told = replace(emulated, version=version).variables()
    assert {name: value for name, value in told.items() if name.startswith("DMS_STREAM_")} == {
        "DMS_STREAM_EMULATED": "1",
        "DMS_STREAM_VERSION": str(version),
    }
    asked = replace(emulated, settings=emulated.settings.model_copy(update={"emulated": False}))
    assert not any(name.startswith("DMS_STREAM_") for name in asked.variables())


def test_what_is_written_makes_its_folder(project: Path) -> None:
    written = current_project().write(Path("docs/new/page.md"), "résumé\n")
    assert written == project / "docs" / "new" / "page.md"
    assert written.read_bytes() == "résumé\n".encode()
    assert current_project().write(Path("docs/new/page.md"), "again") == written
    assert written.read_text() == "again"


def test_its_own_terraform_configuration_is_used(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    mine = project / "mine.rc"
    # a file that is not there makes Terraform print warnings
    assert "TF_CLI_CONFIG_FILE" not in toolchain.terraform_variables(
        {"TF_CLI_CONFIG_FILE": str(mine)}
    )
    mine.write_text("")
    inherited = toolchain.terraform_variables({"TF_CLI_CONFIG_FILE": str(mine)})
    assert inherited["TF_CLI_CONFIG_FILE"] == str(mine)
    ours = project / ".tools" / "terraform.rc"
    ours.parent.mkdir()
    ours.write_text("")
    chosen = toolchain.terraform_variables({"TF_CLI_CONFIG_FILE": str(mine)})
    assert chosen["TF_CLI_CONFIG_FILE"] == str(ours)


def test_without_one_a_name_is_refused_and_a_missing_file_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert find_project() is None
    with pytest.raises(ProjectError, match="make one with `dms-stream init FOLDER`"):
        environment_file("seed")
    with pytest.raises(SettingsError, match="allowed: a YAML file's path"):
        environment_file("nowhere.yaml")


@pytest.mark.parametrize(
    ("configuration", "message"),
    [
        ("{", "is not valid JSON"),
        ("{}", "the context names no environment"),
        ("[]", "the context names no environment"),
        ('{"context": []}', "the context names no environment"),
        ('{"context": {"environment": 1}}', "the context names no environment"),
    ],
)
def test_a_cdktf_json_of_no_use_is_told(project: Path, configuration: str, message: str) -> None:
    file = project / "cdktf.json"
    file.write_text(configuration)
    with pytest.raises(ProjectError, match=message) as caught:
        chosen_environment()
    assert str(caught.value).startswith(f"{file}: ")
