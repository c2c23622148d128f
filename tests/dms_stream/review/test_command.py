"""`dms-stream review`, as a user calls it."""

import gzip
import json
import os
import re
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from constructs_lib.errors import DmsStreamError
from dms_stream.cli import review as reviewing
from dms_stream.cli.app import app
from dms_stream.review import protected_addresses
from dms_stream.review.severity import Severity
from tests.dms_stream.review.corpus import plan_file
from tests.support.checkout import ROOT
from tests.support.small_plans import document, plan, update

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Call the command in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str, stdin: bytes | None = None) -> Result:
        return CliRunner().invoke(app, ["review", *arguments], input=stdin)

    return call


@pytest.fixture
def lowered(tmp_path: Path) -> Path:
    """A plan with one data loss."""
    file = tmp_path / "plan.json"
    file.write_bytes(gzip.decompress(plan_file("retention-lowered").read_bytes()))
    return file


def refusal(result: Result) -> str:
    """What the command line would print before it ends with exit code 2."""
    assert isinstance(result.exception, DmsStreamError)
    return str(result.exception)


def test_exit_code_tells_whether_something_is_serious(run: Run, lowered: Path) -> None:
    assert run(str(lowered)).exit_code == 1
    unchanged = lowered.with_name("unchanged.json")
    unchanged.write_bytes(gzip.decompress(plan_file("unchanged").read_bytes()))
    assert run(str(unchanged), "--fail-on", "noise").exit_code == 0
    resized = lowered.with_name("resized.json")
    resized.write_bytes(gzip.decompress(plan_file("instance-resized").read_bytes()))
    assert run(str(resized)).exit_code == 0
    assert run(str(resized), "--fail-on", "interruption").exit_code == 1
    assert run(str(resized), str(lowered)).exit_code == 1


def test_standard_input_is_read(run: Run, lowered: Path) -> None:
    result = run("-", "--format", "json", stdin=lowered.read_bytes())
    assert result.exit_code == 1
    assert json.loads(result.stdout)["plans"] == [
        {"name": "standard input", "actions": {"changed": 1, "kept": 1}}
    ]


def test_one_review_in_several_formats(run: Run, lowered: Path, tmp_path: Path) -> None:
    files = {name: tmp_path / name for name in ("markdown", "json", "sarif")}
    result = run(
        str(lowered),
        "--format=terminal",
        *(f"--format={name}={file}" for name, file in files.items()),
    )
    assert "DATA-LOSS" in result.stdout
    assert files["markdown"].read_text().startswith("### Plan review: 1 finding")
    assert json.loads(files["json"].read_text())["failed"] is True
    assert json.loads(files["sarif"].read_text())["version"] == "2.1.0"


def test_accepted_finding_does_not_fail(run: Run, lowered: Path, tmp_path: Path) -> None:
    (tmp_path / "review.yaml").write_text(
        "accepted:\n"
        "  - finding: stream-retention-lowered\n"
        "    address: aws_kinesis_stream.orders_stream\n"
        "    reason: consumers keep up within minutes\n"
        "    expires: 9999-12-31\n"
    )
    result = run(str(lowered))
    assert result.exit_code == 0
    assert "accepted until 9999-12-31" in result.stdout


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (("none.json",), "none.json: cannot be read: No such file or directory"),
        (("-", "-"), "the same plan is given twice: give each once"),
        (("x.json", "--env", "seed"), "give either plans or --env with its options, not both"),
        (("--chdir", "."), "--chdir says where a given PLAN was made: give one"),
        (("plan.json", "--chdir", "nowhere"), "--chdir nowhere: is no folder"),
        (("/dev/zero",), "/dev/zero: has more than 256 MiB"),
        (
            ("x.json", "--fail-on", "everything"),
            "--fail-on everything: allowed are data-loss, exposure, interruption, unknown, notice, "
            "noise",
        ),
        (
            ("x.json", "--format", "html"),
            "--format html: allowed are terminal, markdown, json, sarif, each with =FILE behind it "
            "to write it to a file",
        ),
        (("x.json", "--accepted", "none.yaml"), "none.yaml: 1 mistake"),
    ],
)
def test_wrong_calls_are_refused(run: Run, arguments: tuple[str, ...], problem: str) -> None:
    assert refusal(run(*arguments)).startswith(problem)


def test_report_that_cannot_be_written_is_refused(run: Run, lowered: Path) -> None:
    result = run(str(lowered), "--format", "json=no/such/folder.json")
    assert refusal(result) == "no/such/folder.json: cannot be written: No such file or directory"


class TestPlanFileOfTerraform:
    """Only Terraform reads its own plan files."""

    CONTENT = b"PK\x03\x04 and more"

    @pytest.fixture
    def terraform(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
        """A Terraform that prints what is in a file, and fails where there is none."""
        folder = tmp_path / "programs"
        folder.mkdir()
        program = folder / "terraform"
        program.write_text(
            f"#!{sys.executable}\n"
            "import pathlib, sys\n"
            "if sys.argv[1] == 'version':\n"
            '    sys.exit(print(\'{"terraform_version": "1.11.4"}\'))\n'
            "sys.exit(print(pathlib.Path('answer.json').read_text()))\n"
        )
        program.chmod(program.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
        return program

    @pytest.mark.usefixtures("terraform")
    def test_terraform_shows_it_where_it_was_made(self, run: Run, tmp_path: Path) -> None:
        made = tmp_path / "made"
        made.mkdir()
        (made / "plan").write_bytes(self.CONTENT)
        lowered = document(update("aws_kinesis_stream", "retention_period", 168, 24))
        (made / "answer.json").write_text(json.dumps(lowered))
        assert run(str(made / "plan")).exit_code == 1
        (tmp_path / "moved").write_bytes(self.CONTENT)
        assert run("moved", "--chdir", str(made)).exit_code == 1

    @pytest.mark.usefixtures("terraform")
    def test_elsewhere_it_is_said_what_to_do(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "plan").write_bytes(self.CONTENT)
        told = refusal(run("plan"))
        assert told.startswith(f"plan: `terraform show -json` cannot read it in {tmp_path}: ")
        assert "Name the folder with --chdir" in told
        assert "No such file or directory: 'answer.json'" in told

    def test_on_standard_input_it_is_refused(self, run: Run) -> None:
        told = refusal(run("-", stdin=self.CONTENT))
        assert told.startswith("standard input: is Terraform's own plan file, which only Terraform")


class TestPreventDestroy:
    """What a plan does not say is read from the configurations."""

    def configuration(self, protected: bool) -> str:
        """A configuration with one stream."""
        lifecycle = {"lifecycle": {"prevent_destroy": protected}}
        return json.dumps({"resource": {"aws_kinesis_stream": {"it": lifecycle, "other": {}}}})

    def test_taken_away_is_data_loss(self, tmp_path: Path) -> None:
        from dataclasses import replace

        from dms_stream.review import Protection, Severity, review_plans

        before, after = tmp_path / "before.json", tmp_path / "after.json"
        before.write_text(self.configuration(True))
        after.write_text(self.configuration(False))
        kept = update("aws_kinesis_stream", "tags", {}, {"a": "b"})
        protection = Protection(protected_addresses(before), protected_addresses(after))
        review = review_plans([replace(plan(kept), protection=protection)])
        assert [(each.severity, each.address, each.what) for each in review.findings] == [
            (Severity.DATA_LOSS, "aws_kinesis_stream.it", "prevent_destroy is removed")
        ]
        same = Protection(protected_addresses(before), protected_addresses(before))
        assert review_plans([replace(plan(kept), protection=same)]).findings == ()
        assert review_plans([plan(kept)]).findings == ()

    def test_what_is_no_configuration_is_refused(self, tmp_path: Path) -> None:
        file = tmp_path / "cdk.tf.json"
        file.write_text("[]")
        with pytest.raises(DmsStreamError, match="is no configuration in Terraform's JSON syntax"):
            protected_addresses(file)


def test_page_of_the_rules_is_up_to_date() -> None:
    from dms_stream.cli.review_docs import RULES_FILE
    from dms_stream.review.rule_table import rule_table

    assert (ROOT / RULES_FILE).read_text(encoding="utf-8") == rule_table(), "run `make docs`"


def test_severities_of_the_help_are_all() -> None:
    told = CliRunner().invoke(app, ["review", "--help"], env={"COLUMNS": "200"}).stdout
    listed = re.search(r"Least severity that ends with exit code 1: ([a-z, -]+?)\.", told)
    assert listed is not None, told
    words = re.split(r", | or ", listed[1])
    assert words == [severity.word for severity in sorted(Severity, reverse=True)]
    assert [reviewing.parse_severity(word) for word in words] == sorted(Severity, reverse=True)
