"""Terraform and the real AWS provider accept every stack of every environment."""

import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from dms_stream.cli.stand_ins import make_stand_ins
from dms_stream.cli.toolchain import terraform_variables
from dms_stream.review import review_plans
from dms_stream.review.plan import plan_of
from dms_stream.settings.environment import (
    environment_file,
    environment_names,
    load_environment,
)
from tests.support.checkout import ROOT
from tests.support.stack_folder import StackFolder


def synthesize(environment: str, folder: Path) -> list[Path]:
    variables = terraform_variables(os.environ) | {
        "ENV": environment,
        "CDKTF_OUTDIR": str(folder),
        "DMS_STREAM_EMULATED": "1",
    }
    subprocess.run([sys.executable, "main.py"], cwd=ROOT, env=variables, check=True)
    return sorted(path.parent for path in folder.glob("stacks/*/cdk.tf.json"))


@pytest.mark.plan
@pytest.mark.parametrize("environment", environment_names())
def test_every_stack_plans(environment: str, aws_url: str, tmp_path: Path) -> None:
    def check(folder: Path) -> dict[str, Any]:
        return StackFolder(folder, aws_url).planned()

    make_stand_ins(load_environment(environment_file(environment)), aws_url)
    folders = synthesize(environment, tmp_path / "out")
    with ThreadPoolExecutor() as threads:
        plans = dict(zip(folders, threads.map(check, folders), strict=True))
    for folder, plan in plans.items():
        actions = Counter(
            "import" if "importing" in change["change"] else "+".join(change["change"]["actions"])
            for change in plan["resource_changes"]
            if change["mode"] == "managed"
        )
        adopts = environment == "production" and folder.name.endswith("bootstrap")
        assert set(actions) == ({"create", "import"} if adopts else {"create"}), folder.name
        assert actions["create"] >= 9
        assert_no_password_is_in(plan)
        assert_nothing_is_written_before_it_is_read(plan)


def assert_nothing_is_written_before_it_is_read(plan: dict[str, Any]) -> None:
    """The review says so of the plan as Terraform writes it, and sees where the order is lost."""
    assert lost_in(plan) == []
    starting = [
        change["address"]
        for change in plan["resource_changes"]
        if (change["change"]["after"] or {}).get(_STARTS.get(change["type"], ""))
    ]
    resources = plan["configuration"]["root_module"]["resources"]
    for resource in resources:
        if resource["address"] in starting:
            resource["depends_on"] = []
    assert lost_in(plan) == starting


_STARTS = {
    "aws_dms_replication_task": "start_replication_task",
    "aws_dms_replication_config": "start_replication",
}


def lost_in(plan: dict[str, Any]) -> list[str]:
    found = review_plans([plan_of(plan, "plan")]).findings
    return [each.address for each in found if each.rule == "task-before-delivery"]


def assert_no_password_is_in(plan: dict[str, Any]) -> None:
    """Terraform draws passwords while it plans: what takes them is write-only."""
    write_only = {
        name: value
        for change in plan["resource_changes"]
        for name, value in (change["change"]["after"] or {}).items()
        if name.endswith(("password", "_wo", "secret_string", "secret_binary"))
    }
    assert {name for name, value in write_only.items() if value is not None} == set()
    if any(change["type"] == "aws_rds_cluster" for change in plan["resource_changes"]):
        assert write_only.keys() >= {"master_password_wo", "secret_string_wo"}
