"""Outside of a project a command says so, and how to make one."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from dms_stream.cli.app import app
from dms_stream.settings.project import ProjectError
from tests.dms_stream.test_extras import NEEDS

# it may look at a database without any settings
_ANYWHERE = {"check-source --database mysql://u@h"}


@pytest.mark.parametrize(
    "command", sorted({*NEEDS, "local-aws status", "local-aws stop", "deployer-policy"} - _ANYWHERE)
)
def test_a_command_names_init(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for variable in ("ENV", "CDKTF_CONTEXT_JSON", "DMS_STREAM_LOCAL_AWS"):
        monkeypatch.delenv(variable, raising=False)
    arguments = [*command.split(), *(["--yes"] if command in ("deploy", "destroy") else [])]
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, ProjectError), result.output
    assert "is not in a project" in str(result.exception)
    assert "`dms-stream init FOLDER`" in str(result.exception)
    assert not list(tmp_path.iterdir())
