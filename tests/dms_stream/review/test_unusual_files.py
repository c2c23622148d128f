"""Files, names and terminals out of the ordinary: read, told of and written all the same."""

import errno
import gzip
import json
import os
import sys
from collections.abc import Callable
from io import BytesIO, TextIOWrapper
from pathlib import Path
from typing import Any

import pytest

from constructs_lib.errors import DmsStreamError
from dms_stream.cli.app import main
from dms_stream.cli.outputs import write_file
from dms_stream.review import PlanError, load_acknowledgements, parse_plan, review_plans
from tests.support.small_plans import change, document, findings, update

STREAM, POLICY = "aws_kinesis_stream", "aws_s3_bucket_policy"
FORMATS = ("terminal", "markdown", "json", "sarif")
SHORTENED = update(STREAM, "retention_period", 168, 24)
BAD_NAME = os.fsdecode(b"bad\xff.json")

Review = Callable[..., tuple[object, bytes]]


@pytest.fixture
def review(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Review:
    """Call the command, as its program does, in a folder with a plan: exit code and output."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "plan.json").write_text(json.dumps(document(SHORTENED)))

    def call(*arguments: str, encoding: str = "utf-8") -> tuple[object, bytes]:
        output = BytesIO()
        monkeypatch.setattr("sys.stdout", TextIOWrapper(output, encoding=encoding))
        monkeypatch.setattr("sys.argv", ["dms-stream", "review", *arguments])
        with pytest.raises(SystemExit) as ended:
            main()
        sys.stdout.flush()
        return ended.value.code, output.getvalue()

    return call


def refusal(text: str | bytes) -> str:
    """Why something is not read as a plan."""
    with pytest.raises(PlanError) as refused:
        parse_plan(text, "p.json")
    return str(refused.value)


class TestOutputs:
    """Reports reach whoever reads them, whole."""

    @pytest.mark.parametrize("encoding", ["cp1252", "latin-1", "ascii"])
    @pytest.mark.parametrize("format_", FORMATS)
    def test_a_report_does_not_depend_on_the_terminal(
        self, review: Review, format_: str, encoding: str
    ) -> None:
        code, shown = review("plan.json", "--format", format_, encoding=encoding)
        assert code == 1
        if format_ == "terminal":
            assert b"DATA-LOSS" in shown
            assert "…".encode() not in shown
        else:
            assert shown == review("plan.json", "--format", format_)[1]

    @pytest.mark.parametrize("format_", FORMATS)
    def test_a_name_that_is_no_text_is_shown_as_its_escape(
        self, review: Review, format_: str
    ) -> None:
        Path(BAD_NAME).write_bytes(Path("plan.json").read_bytes())
        code, shown = review(BAD_NAME, "--format", format_)
        assert code == 1
        assert b"udcff.json" in shown
        assert review(BAD_NAME, "--format", f"{format_}=report")[0] == 1
        assert b"udcff.json" in Path("report").read_bytes()

    def test_a_report_that_cannot_be_written_leaves_the_old_one(
        self, review: Review, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        Path("r.sarif").write_text("old")

        def full(*_: object) -> None:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

        # once some of it is there
        monkeypatch.setattr(Path, "replace", full)
        assert review("plan.json", "--format", "sarif=r.sarif")[0] == 2
        assert Path("r.sarif").read_text() == "old"
        assert {each.name for each in Path.cwd().iterdir()} == {"plan.json", "r.sarif"}

    def test_a_pipe_stays_a_pipe(self, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        try:
            write_file(pipe, "report")
            assert os.read(reader, 100) == b"report"
        finally:
            os.close(reader)
        assert pipe.is_fifo()

    @pytest.mark.parametrize(
        ("format_", "arguments"),
        [
            ("json=plan.json", ("plan.json",)),
            ("sarif=link.sarif", ("plan.json",)),
            ("json=plan.json", ("link.sarif",)),
            ("markdown=plan", ("plan",)),
            ("markdown=review.yaml", ("plan.json",)),
            ("markdown=known", ("plan.json", "--accepted", "known")),
        ],
    )
    def test_what_is_read_is_not_overwritten(
        self,
        review: Review,
        capsys: pytest.CaptureFixture[str],
        format_: str,
        arguments: tuple[str, ...],
    ) -> None:
        Path("link.sarif").symlink_to("plan.json")
        for name in ("plan", "known"):
            Path(name).write_text("as it was")
        before = Path("plan.json").read_text()
        assert review(*arguments, "--format", format_)[0] == 2
        assert "the review reads this file" in capsys.readouterr().err
        assert Path("plan.json").read_text() == before
        assert not Path("review.yaml").exists()
        assert {Path(name).read_text() for name in ("plan", "known")} == {"as it was"}

    def test_a_report_beside_the_plan_is_written(self, review: Review) -> None:
        assert review("plan.json", "--format", "json=report.json")[0] == 1
        assert json.loads(Path("report.json").read_text())["failed"] is True


def _nested(depth: int, kind: type) -> Any:
    value: Any = True
    for _ in range(depth):
        value = {"a": value} if kind is dict else [value]
    return value


@pytest.mark.parametrize("kind", [dict, list])
@pytest.mark.parametrize("depth", [300, 450, 600, 900])
@pytest.mark.parametrize(
    "key", ["before", "after", "after_unknown", "before_sensitive", "after_sensitive"]
)
def test_no_depth_of_a_plan_breaks_the_review(key: str, depth: int, kind: type) -> None:
    changed = change(STREAM, {"x": 1}, {"x": 2})
    changed["change"][key] = {"x": _nested(depth, kind)}
    assert "is nested too deeply to be a plan" in refusal(json.dumps(document(changed)))


@pytest.mark.parametrize("depth", [300, 600, 900])
def test_no_depth_of_a_document_breaks_the_review(depth: int) -> None:
    deep, deeper = (json.dumps(_nested(each, dict)) for each in (depth, depth + 1))
    assert findings(update(POLICY, "policy", deep, deeper))


def test_what_terraform_nests_is_read() -> None:
    changed = change(STREAM, {"x": _nested(60, dict)}, {"x": _nested(61, dict)})
    assert [each.rule for each in findings(changed)] == ["not-judged"]


def _with(**values: Any) -> str:
    changed = change(STREAM, {"name": "s", "tags": {"a": "b"}}, {"name": "t", "tags": {}})
    changed["change"] |= values
    return json.dumps(document(changed))


def _entry(**values: Any) -> str:
    return json.dumps(document(SHORTENED | values))


AT = "resource_changes[0] (aws_kinesis_stream.it): "
MARKS = "holds something else than true and false, or is not nested as the values that it marks"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        # a key that stands twice: only the last one would be read
        (
            json.dumps(document(SHORTENED))[:-1] + ', "resource_changes": []}',
            "`resource_changes` stands more than once in one object",
        ),
        (
            _with().replace('"actions":', '"actions": ["no-op"], "actions":'),
            "`actions` stands more than once in one object",
        ),
        # marks that are none would mark nothing
        *(
            (_with(**{key: marks}), f"{AT}{key} {MARKS}")
            for key in ("after_unknown", "before_sensitive", "after_sensitive")
            for marks in ("true", 1, [True], {"name": 1}, {"name": "true"}, {"tags": [True]})
        ),
        (json.dumps(document(errored="true")), "errored is a string instead of true or false"),
        (json.dumps(document(complete="no")), "complete is a string instead of true or false"),
        # Terraform leaves out a list that is empty
        ('{"format_version": "1.2", "resource_changes": null}', "resource_changes is null"),
        # each refusal says where
        (_with(before="x"), f"{AT}before is a string instead of an object"),
        (_with(after=[]), f"{AT}after is a list instead of an object"),
        (_with(actions="delete"), f"{AT}actions is a string instead of a list"),
        (_with(replace_paths=["a"]), f"{AT}replace_paths holds a string instead of a list"),
        (_entry(type=7), f"{AT}type is a number instead of a string"),
        (_entry(change=7), f"{AT}change is a number instead of an object"),
        (_entry(address=None), "resource_changes[0]: address is null instead of a string"),
        *(
            (json.dumps(document() | {key: [7]}), f"{key}[0]: it is a number instead of an object")
            for key in (
                "resource_drift",
                "action_invocations",
                "deferred_action_invocations",
                "checks",
                "deferred_changes",
            )
        ),
        (json.dumps(document(action_invocations=[{"type": "t"}])), "action_invocations[0]: it has"),
        (
            json.dumps(document(checks=[{"status": "fail", "address": {}}])),
            "checks[0]: it has no to_display",
        ),
        (
            json.dumps(
                document(
                    checks=[
                        {
                            "status": "fail",
                            "address": {"to_display": "check.a"},
                            "instances": [{"problems": [7]}],
                        }
                    ]
                )
            ),
            "checks[0]: instances[0]: problems[0]: it is a number instead of an object",
        ),
        (json.dumps(document(configuration=[])), "configuration is a list instead of an object"),
        (json.dumps(document(output_changes={"a": 7})), "output_changes.a is a number"),
    ],
)
def test_what_terraform_does_not_write_is_refused_by_its_place(text: str, problem: str) -> None:
    assert refusal(text).startswith(f"p.json: is not a plan that Terraform wrote: {problem}")


@pytest.mark.parametrize(
    "marks",
    [None, True, False, {}, {"name": True}, {"name": False, "tags": {"a": True}}, {"gone": [{}]}],
)
def test_marks_as_terraform_writes_them_are_read(marks: Any) -> None:
    for key in ("after_unknown", "before_sensitive", "after_sensitive"):
        assert review_plans([parse_plan(_with(**{key: marks}), "p.json")])


PLAN = json.dumps(document(SHORTENED))
SORTED = json.dumps(document(SHORTENED, applyable=True), sort_keys=True)


@pytest.mark.parametrize("plan", [PLAN, SORTED, json.dumps(document(SHORTENED), indent=1)])
@pytest.mark.parametrize(
    ("before", "first"),
    [
        ('{"time": "x", "level": "info"}\n', '{"time": "x", "level": "info"}'),
        ("a line\nanother line\n", "a line"),
        ("a line\n{a brace}\n", "a line"),
    ],
)
def test_text_before_a_plan_is_told(before: str, first: str, plan: str) -> None:
    told = f"p.json: has text before the plan (`{first}`). Give only what `terraform show -json"
    assert refusal(before + plan).startswith(told)


def test_text_on_the_plans_own_line_is_told() -> None:
    assert refusal(f"stdout: {PLAN}").startswith("p.json: has text before the plan (`stdout:`). ")


@pytest.mark.parametrize("plan", [PLAN, SORTED, json.dumps(document(SHORTENED), indent=1)])
def test_only_two_plans_are_called_two_plans(plan: str) -> None:
    assert "holds two plans" in refusal(f"{plan}\n{plan}")
    assert "has text behind the plan" in refusal(f'{plan}\n{{"time": "x"}}')
    assert "breaks off" in refusal(plan[:-1])
    assert "is not JSON at line 2" in refusal('{"time": "x"}\n{"time": "y"}')


def test_a_compressed_plan_is_told() -> None:
    told = refusal(gzip.compress(PLAN.encode()))
    assert told == "p.json: is compressed: unpack it with `gunzip` first"


def test_a_mistake_of_a_large_review_yaml_is_told_once(tmp_path: Path) -> None:
    file = tmp_path / "review.yaml"
    file.write_text("#" * 600_000)
    with pytest.raises(DmsStreamError) as refused:
        load_acknowledgements(file)
    assert str(refused.value) == (
        f"{file}: 1 mistake\n  - (file): has more than 512 KiB: shorten it"
    )
