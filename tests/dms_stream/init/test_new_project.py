"""`dms-stream init`: a whole project, or a refusal and nothing on the disk."""

import json
import tomllib
from pathlib import Path

import jinja2
import pytest
from typer.testing import CliRunner

from dms_stream.cli.app import app
from dms_stream.init import InitError, app_files, init_project, new_project
from tests.support.checkout import ROOT

WRITTEN = {
    ".github/workflows/review.yml",
    ".gitignore",
    "Pipfile",
    "README.md",
    "cdktf.json",
    "environments/certificates/eu-west-1-bundle.pem",
    "environments/local.yaml",
    "environments/schema.json",
    "environments/seed.yaml",
    "main.py",
    "stacks/__init__.py",
    "stacks/app.py",
    "stacks/bootstrap_stack.py",
    "stacks/environment_stack.py",
    "stacks/pipeline_stack.py",
    "tests/__init__.py",
    "tests/test_stacks.py",
}


def files(folder: Path) -> set[str]:
    return {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}


def test_it_writes_the_repositorys_own_app(tmp_path: Path) -> None:
    project = init_project(tmp_path / "orders")
    assert project.folder == tmp_path / "orders"
    assert files(project.folder) == WRITTEN
    for path in ("main.py", "stacks/app.py", "environments/seed.yaml", "environments/schema.json"):
        assert (project.folder / path).read_text() == (ROOT / path).read_text()
    assert project.default_environment == "seed"
    assert json.loads((project.folder / "cdktf.json").read_text())["projectId"] == "orders"
    assert (project.folder / "README.md").read_text().startswith("# orders\n")
    assert [path.name for path in tmp_path.iterdir()] == ["orders"]


def test_its_readme_says_everything_once(tmp_path: Path) -> None:
    lines = (init_project(tmp_path / "orders").folder / "README.md").read_text().splitlines()
    headings = [line for line in lines if line.startswith("#")]
    assert len(headings) == len(set(headings))
    # a row of a table begins as it ends
    assert all(line.startswith("|") for line in lines if line.endswith("|"))


def test_the_pipfile_asks_for_every_extra(tmp_path: Path) -> None:
    pipfile = tomllib.loads((init_project(tmp_path / "orders").folder / "Pipfile").read_text())
    assert pipfile["packages"]["dms-stream"]["extras"] == ["all"]
    assert set(pipfile["dev-packages"]) == {"pytest"}


@pytest.mark.parametrize(
    ("requirement", "lines"),
    [
        ({"version": "==1.2"}, ['dms-stream = {version = "==1.2", extras = ["all"]}']),
        (
            {"path": "/tools/dms-strêam", "editable": True},
            [
                "# a path of your machine, from which dms-stream was installed: name another place "
                "for your team",
                'dms-stream = {path = "/tools/dms-strêam", editable = true, extras = ["all"]}',
            ],
        ),
    ],
)
def test_the_pipfile_names_where_this_came_from(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    requirement: dict[str, object],
    lines: list[str],
) -> None:
    monkeypatch.setattr(new_project, "pipfile_requirement", lambda: requirement)
    pipfile = (init_project(tmp_path / "orders").folder / "Pipfile").read_text(encoding="utf-8")
    assert pipfile.splitlines()[1:] == [
        *("[packages]", *lines, ""),
        *("[dev-packages]", 'pytest = "*"'),
    ]


def test_an_empty_folder_and_parents_that_are_not_there_are_fine(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert init_project(tmp_path / "teams" / "shop" / "orders").folder.is_dir()
    here = tmp_path / "empty"
    here.mkdir()
    monkeypatch.chdir(here)
    assert init_project(Path()).folder == here
    # the folder one stands in is still the one that is seen
    assert files(Path()) == WRITTEN


@pytest.mark.parametrize("name", [".orders", "-orders", "my orders", "orders:1", "ö", "o" * 65])
def test_a_name_that_is_not_allowed_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(InitError, match="use up to 64 letters, digits, `-`, `_` and"):
        init_project(tmp_path / name)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_empty_is_refused(tmp_path: Path) -> None:
    (tmp_path / "orders").mkdir()
    (tmp_path / "orders" / "notes.txt").write_text("mine")
    with pytest.raises(InitError, match="exists and is not an empty folder: choose another"):
        init_project(tmp_path / "orders")
    assert files(tmp_path) == {"orders/notes.txt"}


def test_a_file_in_its_place_or_above_is_refused(tmp_path: Path) -> None:
    (tmp_path / "orders").write_text("mine")
    with pytest.raises(InitError, match="exists and is not an empty folder"):
        init_project(tmp_path / "orders")
    with pytest.raises(InitError, match="orders is a file: choose"):
        init_project(tmp_path / "orders" / "more")
    assert (tmp_path / "orders").read_text() == "mine"


def test_one_that_breaks_half_way_leaves_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    there.mkdir()

    def full() -> str:
        # what is half done is out of sight
        (half,) = there.iterdir()
        assert half.name.startswith(".orders-")
        raise OSError(28, "No space left on device")

    monkeypatch.chdir(here)
    monkeypatch.setattr(new_project, "settings_schema", full)
    with pytest.raises(InitError, match="cannot be written: No space left on device"):
        init_project(there / "orders")
    assert list(here.iterdir()) == list(there.iterdir()) == []


def test_each_text_ends_in_one_newline(tmp_path: Path) -> None:
    folder = init_project(tmp_path / "orders").folder
    for path in files(folder):
        # a marker of a package is empty
        if not path.endswith("__init__.py"):
            assert (folder / path).read_text()[-2:].strip("\n"), path
            assert (folder / path).read_text().endswith("\n"), path


def test_a_template_that_asks_for_what_nobody_gives_is_a_fault_of_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "README.md.j2").write_text("{{ nobody }}")
    monkeypatch.setattr(new_project, "_OWN_FILES", tmp_path / "own")
    with pytest.raises(jinja2.UndefinedError, match="nobody"):
        init_project(tmp_path / "orders")


def test_an_installed_package_brings_the_app_with_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    template = tmp_path / "template"
    for path in ("main.py", "stacks/app.py", "stacks/__pycache__/app.cpython-311.pyc"):
        (template / path).parent.mkdir(parents=True, exist_ok=True)
        (template / path).touch()
    monkeypatch.setattr(app_files, "_TEMPLATE", template)
    found = dict(app_files.app_files())
    assert found == {Path(path): template / path for path in ("main.py", "stacks/app.py")}


def test_the_command_prints_what_comes_next(tmp_path: Path) -> None:
    folder = tmp_path / "my work" / "orders"
    done = CliRunner().invoke(app, ["init", str(folder)])
    assert done.exit_code == 0, done.output
    assert f"\n  cd '{folder}'\n  pipenv install --dev\n" in done.output
    readme = (folder / "README.md").read_text()
    commands = [line.strip() for line in done.output.splitlines() if line.startswith("  pipenv")]
    assert "```\n" + "\n".join(commands) + "\n```" in readme
