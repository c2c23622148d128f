"""Terraform on PATH, and what is said where it will not do."""

import runpy
from pathlib import Path

import pytest
from typer.testing import CliRunner

from dms_stream.cli import toolchain
from dms_stream.cli.app import app
from dms_stream.cli.errors import CommandError
from tests.support.checkout import ROOT
from tests.support.fake_terraform import FakeTerraform


@pytest.fixture
def fake(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> FakeTerraform:
    """The only Terraform."""
    made = FakeTerraform(tmp_path / "terraform")
    monkeypatch.setenv("PATH", made.path())
    return made


def test_set_up_asks_for_the_same_version() -> None:
    set_up = runpy.run_path(str(ROOT / "scripts" / "set_up.py"))
    assert set_up["TERRAFORM_MINIMUM"] == toolchain.TERRAFORM_MINIMUM


@pytest.mark.parametrize("version", ["1.11.0", "1.11.4", "1.12.0-beta1", "2.0.0"])
def test_a_terraform_that_will_do(fake: FakeTerraform, version: str) -> None:
    fake.let("version", version)
    assert toolchain.terraform() == str(fake.folder / "terraform")


def test_one_that_is_too_old(fake: FakeTerraform) -> None:
    fake.let("version", "1.10.9")
    with pytest.raises(CommandError, match=r"1\.11 or newer is needed and .* is 1\.10\.9: install"):
        toolchain.terraform()


@pytest.mark.parametrize("fault", ["fails", "silent", "no-program", "not-executable"])
def test_one_that_does_not_work(
    fake: FakeTerraform, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    program = fake.folder / "terraform"
    expected = "does not tell its version: install it from https://"
    match fault:
        case "fails":
            fake.let("says-version", "Segmentation fault")
        case "silent":
            program.write_text("#!/bin/sh\n")
        case "no-program":
            program.write_text("#!/no/such/interpreter\n")
        case "not-executable":
            program.chmod(0o644)
            expected = "needed and none is on PATH: install it from https://"
            monkeypatch.setenv("PATH", str(fake.folder))
    with pytest.raises(CommandError, match=expected):
        toolchain.terraform()


@pytest.mark.parametrize("command", ["demo", "rehearse"])
def test_what_starts_an_embedded_aws_looks_for_terraform_first(
    fake: FakeTerraform, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    """The other commands: test_deployment.py."""

    def start(_region: str, _options: object) -> None:
        raise AssertionError("it has started an embedded AWS")

    fake.let("version", "1.9.0")
    monkeypatch.setattr(f"dms_stream.cli.{command}.start_embedded_aws", start)
    arguments = ["rehearse", "--env", "local"] if command == "rehearse" else ["demo"]
    result = CliRunner().invoke(app, arguments)
    assert isinstance(result.exception, CommandError)
    assert str(result.exception).startswith("Terraform 1.11 or newer is needed and ")


def test_the_environment_leads_terraform_to_its_providers_and_leaves_path_alone() -> None:
    """No folder of Node's: the `npm` in it does not run, and cdktf would trip over it."""
    made = toolchain.terraform_variables({"PATH": "/bin", "TF_CLI_CONFIG_FILE": "/nowhere"})
    assert made["PATH"] == "/bin"
    assert made["CHECKPOINT_DISABLE"] == "1"
    assert made.get("TF_CLI_CONFIG_FILE") != "/nowhere"
