"""The command line: help everywhere, and one clear message for wrong input."""

from pathlib import Path

import pytest

from tests.support.command import DmsStream

# each starts the command in a process of its own
pytestmark = pytest.mark.slow


@pytest.fixture
def dms_stream(tmp_path: Path) -> DmsStream:
    return DmsStream(tmp_path)


def test_synth_names_what_it_wrote(dms_stream: DmsStream) -> None:
    printed = dms_stream.succeed("synth", "--env", "local").split()
    assert [Path(path).parent.name for path in printed] == ["local-bootstrap", "local-tickets"]
    assert all(Path(path).is_file() for path in printed)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("synth", "--env", "nowhere"),
            "no such environment; allowed: local, production, seed, or a YAML file's path",
        ),
        (
            ("plan", "--env", "local"),
            "local.yaml is deployed to the embedded AWS and none is running: start it with "
            "`dms-stream local-aws start`",
        ),
        (
            ("deploy", "--env", "local"),
            "this command asks before it changes anything and standard input is no terminal: "
            "pass --yes to approve",
        ),
        (("destroy", "--env", "local"), "pass --yes to approve"),
        (
            ("deploy", "--yes", "--bootstrap-only", "--pipeline", "tickets"),
            "--bootstrap-only and --pipeline exclude each other",
        ),
        (("synth", "--no-such-option"), "No such option"),
        (("no-such-command",), "No such command"),
    ],
)
def test_wrong_input_is_refused_with_exit_code_2(
    dms_stream: DmsStream, arguments: tuple[str, ...], message: str
) -> None:
    assert message in dms_stream.refuse(*arguments)


def test_the_variable_names_the_environment_and_the_option_wins(dms_stream: DmsStream) -> None:
    assert "nowhere: 1 mistake" in dms_stream.refuse("synth", ENV="nowhere")
    # a variable of a script that was never set must not deploy the default
    assert "(no environment)" in dms_stream.refuse("synth", ENV="")
    assert "--env is empty" in dms_stream.refuse("synth", "--env", "")
    done = dms_stream.run("synth", "--env", "local", ENV="nowhere")
    assert done.returncode == 0, done.stdout


def test_an_invalid_file_is_told_by_name_and_key_and_nothing_is_written(
    dms_stream: DmsStream, tmp_path: Path
) -> None:
    file = tmp_path / "broken.yaml"
    file.write_text("region: nowhere\nemulated: true\npipelines: {}\n")
    message = dms_stream.refuse("synth", "--env", str(file))
    assert f"{file}: 2 mistakes" in message
    assert "- region: " in message
    assert "- state: is required" in message
    assert not (tmp_path / "work").exists()
