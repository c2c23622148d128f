"""The workflow that people copy: nothing to inject, little to steal."""

import os
import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from dms_stream.review.reports.markdown import MOST_CHARACTERS

FILE = Path(__file__).parents[3] / "docs" / "examples" / "github-actions-review.yml"
TEXT = FILE.read_text(encoding="utf-8")
WORKFLOW: dict[str, Any] = YAML(typ="safe", pure=True).load(TEXT)
JOBS: dict[str, dict[str, Any]] = WORKFLOW["jobs"]
STEPS = [(name, step) for name, job in JOBS.items() for step in job["steps"]]


@pytest.mark.parametrize("line", re.findall(r"uses: (.*)", TEXT))
def test_actions_are_pinned_by_their_hash_and_say_the_version(line: str) -> None:
    assert re.fullmatch(r"[\w-]+/[\w/-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", line)


@pytest.mark.parametrize("script", [step["run"] for _, step in STEPS if "run" in step])
def test_no_script_is_built_of_what_github_fills_in(script: str) -> None:
    assert "${{" not in script


def test_each_job_says_what_it_may_do_and_nothing_may_more() -> None:
    assert WORKFLOW["permissions"] == {}
    assert {name: job["permissions"] for name, job in JOBS.items()} == {
        "review": {"contents": "read", "id-token": "write"},
        "report": {"contents": "read", "pull-requests": "write", "security-events": "write"},
        "verdict": {},
    }


def test_code_of_the_pull_request_is_set_up_before_there_are_credentials() -> None:
    steps = [
        step.get("uses", step.get("name", "")).partition("@")[0] for step in JOBS["review"]["steps"]
    ]
    credentials = steps.index("aws-actions/configure-aws-credentials")
    assert max(steps.index("Set up"), steps.index("Synthesize the base branch")) < credentials
    assert steps.index("Review") > credentials
    checkout = JOBS["review"]["steps"][0]["with"]
    assert checkout["persist-credentials"] is False


def test_what_may_write_runs_no_code_of_the_pull_request() -> None:
    used = [step.get("uses", "") for step in JOBS["report"]["steps"]]
    assert not any(each.startswith("actions/checkout") for each in used)
    scripts = " ".join(step.get("run", "") for step in JOBS["report"]["steps"])
    assert "python" not in scripts
    assert "make" not in scripts


@pytest.mark.parametrize(
    ("fork", "result", "code", "passes", "told"),
    [
        ("false", "success", "0", True, ""),
        ("false", "success", "1", False, ""),
        # the review broke off, or told nothing
        ("false", "failure", "2", False, "There is no review"),
        ("false", "cancelled", "", False, "There is no review"),
        ("false", "success", "", False, ""),
        ("true", "skipped", "", False, "A fork gets no credentials"),
    ],
)
def test_the_check_to_require_passes_only_with_a_review(
    fork: str, result: str, code: str, passes: bool, told: str
) -> None:
    verdict = JOBS["verdict"]
    # a job that is skipped counts as passed
    assert verdict["if"] == "always()"
    assert verdict["needs"] == "review"
    (step,) = verdict["steps"]
    assert sorted(step["env"]) == ["CODE", "FORK", "RESULT"]
    done = subprocess.run(
        ["bash", "-e", "-c", step["run"]],
        env={"PATH": os.environ["PATH"], "FORK": fork, "RESULT": result, "CODE": code},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode == 0) is passes
    assert told in done.stdout
    assert done.stdout.count("::error::") == (1 if told else 0)


def test_a_comment_is_found_again_by_its_own_mark() -> None:
    (script,) = (step["run"] for step in JOBS["report"]["steps"] if step.get("name") == "Comment")
    assert "--edit-last" not in script
    assert script.count("<!-- dms-stream review -->") == 2
    # GitHub accepts 65,536 characters
    assert MOST_CHARACTERS + len("<!-- dms-stream review -->\n") < 65_536


@pytest.mark.parametrize(
    "path",
    ["Pipfile", "Pipfile.lock", "package.json", "package-lock.json", "**/.terraform.lock.hcl"],
)
def test_another_version_of_a_tool_is_reviewed_too(path: str) -> None:
    assert path in WORKFLOW["on"]["pull_request"]["paths"]
