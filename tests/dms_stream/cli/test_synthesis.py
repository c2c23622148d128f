"""`dms-stream synth` runs the project's main.py in its own process."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from dms_stream.cli.errors import StepFailedError
from dms_stream.cli.synthesis import synthesize_here
from dms_stream.cli.workspace import Workspace
from dms_stream.settings.environment import environment_file, load_environment
from tests.support.checkout import ROOT
from tests.support.command import DmsStream


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with a main.py of its own, in a process in which no Node runs."""
    monkeypatch.delitem(sys.modules, "jsii", raising=False)
    file = environment_file("local")
    return Workspace("local", file, load_environment(file), tmp_path, tmp_path, dict(os.environ))


def _main(workspace: Workspace, text: str) -> None:
    workspace.project.joinpath("main.py").write_text(text)


TELL = """
import json, os, pathlib, sys
import helper
told = [os.getpid(), os.environ["ENV"], os.environ["CDKTF_OUTDIR"], os.getcwd(), sys.argv, __name__]
pathlib.Path("told").write_text(json.dumps(told))
"""


def test_main_sees_what_it_sees_when_python_runs_it(workspace: Workspace) -> None:
    folder = str(workspace.project)
    _main(workspace, TELL)
    workspace.project.joinpath("helper.py").write_text("")
    before = dict(os.environ), Path.cwd(), sys.argv, sys.path
    synthesize_here(workspace)
    assert (dict(os.environ), Path.cwd(), sys.argv, sys.path) == before
    assert json.loads(workspace.project.joinpath("told").read_text()) == [
        os.getpid(),
        str(workspace.file),
        f"{folder}/cdktf.out",
        folder,
        [f"{folder}/main.py"],
        "__main__",
    ]


def test_main_gets_a_process_of_its_own_where_node_runs_already(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CDKTF's Node would write into the output folder that it was started with."""
    monkeypatch.setitem(sys.modules, "jsii", sys)
    _main(workspace, TELL)
    workspace.project.joinpath("helper.py").write_text("")
    synthesize_here(workspace)
    assert json.loads(workspace.project.joinpath("told").read_text())[0] != os.getpid()


@pytest.mark.parametrize(("code", "said"), [("2", ""), ("'no such queue'", "no such queue\n")])
def test_a_refusal_of_mains_ends_the_command(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], code: str, said: str
) -> None:
    _main(workspace, f"import sys; sys.exit({code})")
    with pytest.raises(SystemExit) as end:
        synthesize_here(workspace)
    assert end.value.code == 2
    assert capsys.readouterr().err == said


def test_main_may_end_by_itself(workspace: Workspace) -> None:
    _main(workspace, "import sys; sys.exit(0)")
    synthesize_here(workspace)


def test_a_mistake_in_main_is_shown_from_main_on(
    workspace: Workspace, capsys: pytest.CaptureFixture[str]
) -> None:
    _main(workspace, "def stacks():\n    return 1 / 0\n\nstacks()\n")
    with pytest.raises(StepFailedError, match=r"main\.py failed; the traceback above says where"):
        synthesize_here(workspace)
    shown = capsys.readouterr().err
    assert shown.count("  File ") == 2
    assert "main.py" in shown.splitlines()[1]
    assert shown.endswith("ZeroDivisionError: division by zero\n")


@pytest.mark.slow
def test_the_command_writes_what_main_alone_writes(tmp_path: Path) -> None:
    printed = DmsStream(tmp_path / "command").succeed("synth", "--env", "local").split()
    alone = tmp_path / "alone"
    environment = {**os.environ, "ENV": "local", "CDKTF_OUTDIR": str(alone)}
    subprocess.run([sys.executable, "main.py"], cwd=ROOT, env=environment, check=True)
    for path in map(Path, printed):
        assert path.read_bytes() == (alone / "stacks" / path.parent.name / path.name).read_bytes()
    assert len(printed) == 2


@pytest.mark.slow
def test_what_main_refuses_is_one_message(tmp_path: Path) -> None:
    """Settings that are fine, but that the stacks refuse."""
    project = tmp_path / "project"
    project.mkdir()
    for name in ("cdktf.json", "main.py", "environments"):
        project.joinpath(name).symlink_to(ROOT / name)
    stacks = project / "stacks"
    stacks.mkdir()
    stacks.joinpath("__init__.py").touch()
    stacks.joinpath("app.py").write_text(
        "from constructs_lib.errors import ConstructError\n"
        "def build_app(*_args, **_options):\n    raise ConstructError('stack/queue', 'is full')\n"
    )
    done = subprocess.run(
        [sys.executable, "-m", "dms_stream", "synth", "--env", "local"],
        cwd=project,
        env={
            **os.environ,
            "PYTHONPATH": f"{project}{os.pathsep}{ROOT}",
            "DMS_STREAM_LOCAL_AWS": str(tmp_path),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == "error: stack/queue: is full\n"
