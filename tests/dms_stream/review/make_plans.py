"""Make the corpus anew: real plans of Terraform against the embedded AWS.

    python -m tests.dms_stream.review.make_plans WORK [CASE…]

deploys what `corpus.yaml` says to an embedded AWS in the folder WORK, where it stays for the next
call, and plans every case of `cases.py`, or those named: the settings, the configuration or AWS
itself is changed, Terraform plans, and nothing is applied.

What is kept of a plan is what a review reads. Left out are `configuration`, `prior_state`,
`planned_values`, `relevant_attributes`, `variables`, `checks` and `timestamp`, the names of
providers, data sources, outputs that stay, and resources that stay, but for those that rules look
up (`LOOKED_UP…`).

    python -m tests.dms_stream.review.make_plans --expect [CASE…]

writes down what the review finds in the plans there are. Read every line that changes: these files
say what is right.
"""

import gzip
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from constructs_lib.bindings import cdktf
from dms_stream import local_aws
from dms_stream.cli.toolchain import terraform, terraform_variables
from dms_stream.review import parse_plan, review_plans
from dms_stream.settings.environment import Environment
from stacks.app import build_app
from tests.dms_stream.review.cases import CASES, Case
from tests.dms_stream.review.corpus import PLANS, as_text, plan_file

ENVIRONMENT = "corpus"
SETTINGS = Path(__file__).with_name("corpus.yaml")
LOOKED_UP = (
    "aws_dms_replication_task",
    "aws_dms_replication_config",
)
# what accounts for changes that only look as if they were made outside
LOOKED_UP_FOR_DRIFT = (
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_s3_bucket_lifecycle_configuration",
    "aws_s3_bucket_policy",
    "aws_s3_bucket_server_side_encryption_configuration",
    "aws_s3_bucket_versioning",
    "aws_vpc_security_group_egress_rule",
    "aws_vpc_security_group_ingress_rule",
)
_KEPT = ("format_version", "terraform_version", "errored", "complete")
_PIPELINES = ("tickets", "orders", "events")


class Corpus:
    """What the plans start from, deployed once.

    Args:
        work: Folder for states and configurations.
    """

    def __init__(self, work: Path) -> None:
        self.work = work.resolve()
        self.work.mkdir(parents=True, exist_ok=True)
        self.settings: Any = YAML(typ="safe", pure=True).load(SETTINGS)
        region = self.settings["region"]
        new = local_aws.current(self.work / "aws") is None
        if new:
            shutil.rmtree(self.work / "state", ignore_errors=True)
        endpoint = local_aws.start(self.work / "aws")
        if new:
            local_aws.seed_snapshot(endpoint.url, region=region)
        variables = local_aws.process_environment(endpoint.url, region=region)
        self.url = endpoint.url
        self.environment = terraform_variables(variables)

    def deploy(self) -> None:
        """Deploy the bootstrap stack, which has DMS's roles, and then the pipelines."""
        for stacks in (["bootstrap"], list(_PIPELINES)):
            missing = [stack for stack in stacks if not self._state(stack).exists()]
            for stack in missing:
                self._write(self._folder("base", stack), stack, self.settings)
            with ThreadPoolExecutor(2) as threads:
                list(threads.map(self._apply, missing))

    def configuration(self, case: Case) -> Path:
        """Write the configuration of a case."""
        settings = deepcopy(self.settings)
        if case.settings is not None:
            case.settings(settings["pipelines"].get(case.stack, settings))
        folder = self._folder("cases", case.name)
        document = self._write(folder, case.stack, settings)
        if case.configuration is not None:
            case.configuration(document)
            (folder / "cdk.tf.json").write_text(json.dumps(document, indent=1))
        base = self._folder("base", case.stack)
        shutil.copytree(base / ".terraform", folder / ".terraform", symlinks=True)
        shutil.copy(base / ".terraform.lock.hcl", folder)
        return folder

    def plan(self, case: Case, folder: Path) -> dict[str, Any]:
        """The plan of a case, as Terraform writes it."""
        refresh = "true" if case.aws is not None else "false"
        plan = ["plan", "-input=false", "-lock=false", f"-refresh={refresh}", "-out=plan"]
        if case.fresh:
            plan += [f"-state={folder / 'no.tfstate'}"]
        done = self._terraform(folder, *plan, *case.flags, check=False)
        if not (folder / "plan").exists():
            raise RuntimeError(f"{case.name}:\n{done.stdout}{done.stderr}")
        shown = self._terraform(folder, "show", "-json", "plan")
        parsed: dict[str, Any] = json.loads(shown.stdout)
        return parsed

    def change_aws(self, case: Case, *, back: bool) -> None:
        """Make the change of a case outside Terraform, or take it back."""
        if case.aws is not None:
            case.aws(self.url, self.settings["region"], back)

    def _apply(self, stack: str) -> None:
        folder = self._folder("base", stack)
        self._terraform(folder, "init", "-input=false")
        self._terraform(folder, "apply", "-auto-approve", "-input=false", "-parallelism=40")

    def _write(self, folder: Path, stack: str, settings: Any) -> dict[str, Any]:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        pipelines = {stack: settings["pipelines"][stack]} if stack in settings["pipelines"] else {}
        environment = Environment.model_validate(
            {**settings, "pipelines": pipelines}, context={"folder": SETTINGS.parent}
        )
        output = folder / "cdktf.out"
        build_app(ENVIRONMENT, environment, app=cdktf.App(outdir=str(output))).synth()
        synthesized = output / "stacks" / f"{ENVIRONMENT}-{stack}" / "cdk.tf.json"
        document: dict[str, Any] = json.loads(synthesized.read_text(encoding="utf-8"))
        shutil.rmtree(output)
        document["terraform"]["backend"] = {"local": {"path": str(self._state(stack))}}
        (folder / "cdk.tf.json").write_text(json.dumps(document, indent=1))
        return document

    def _terraform(
        self, folder: Path, *arguments: str, check: bool = True
    ) -> "subprocess.CompletedProcess[str]":
        done = subprocess.run(
            [terraform(), arguments[0], "-no-color", *arguments[1:]],
            cwd=folder,
            env=self.environment,
            check=False,
            capture_output=True,
            text=True,
        )
        if check and done.returncode != 0:
            raise RuntimeError(f"{folder}: terraform {arguments[0]}:\n{done.stdout}{done.stderr}")
        return done

    def _folder(self, kind: str, name: str) -> Path:
        return self.work / kind / (f"{ENVIRONMENT}-{name}" if kind == "base" else name)

    def _state(self, stack: str) -> Path:
        return self.work / "state" / f"{ENVIRONMENT}-{stack}.tfstate"


def compact(plan: dict[str, Any]) -> dict[str, Any]:
    """What a review reads of a plan."""
    kept = {key: plan[key] for key in _KEPT if key in plan}
    drifted = bool(plan.get("resource_drift"))
    looked_up = LOOKED_UP + (LOOKED_UP_FOR_DRIFT if drifted else ())
    kept["resource_drift"] = [_without_provider(each) for each in plan.get("resource_drift", [])]
    kept["resource_changes"] = [
        _without_provider(change)
        for change in plan.get("resource_changes", [])
        if change["mode"] == "managed"
        and (
            change["change"]["actions"] != ["no-op"]
            or "previous_address" in change
            or change["type"] in looked_up
        )
    ]
    kept["output_changes"] = {
        name: output
        for name, output in plan.get("output_changes", {}).items()
        if output["actions"] != ["no-op"]
    }
    return kept


def _without_provider(change: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in change.items() if key != "provider_name"}


def make(work: Path, cases: Sequence[Case]) -> None:
    """Make the plans of some cases."""
    corpus = Corpus(work)
    corpus.deploy()

    def run(case: Case) -> None:
        plan = compact(corpus.plan(case, folders[case.name]))
        text = json.dumps(plan, sort_keys=True, separators=(",", ":"))
        # no time stamp, so that the same plan is the same file
        plan_file(case.name).write_bytes(gzip.compress(text.encode(), mtime=0))
        print(f"{case.name}: {len(text) // 1024} KiB", flush=True)  # noqa: T201

    # one after another: the bindings talk to one Node process
    folders = {case.name: corpus.configuration(case) for case in cases}
    with ThreadPoolExecutor(2) as threads:
        list(threads.map(run, [case for case in cases if case.aws is None]))
    for case in cases:
        if case.aws is not None:
            corpus.change_aws(case, back=False)
            try:
                run(case)
            finally:
                corpus.change_aws(case, back=True)
    for folder in folders.values():
        shutil.rmtree(folder)


def expect(cases: Sequence[Case]) -> None:
    """Write down what the review finds in the plans there are."""
    for case in cases:
        plan = parse_plan(gzip.decompress(plan_file(case.name).read_bytes()), case.name)
        text = as_text(case.what, review_plans([plan]))
        (PLANS / f"{case.name}.txt").write_text(text, encoding="utf-8")


def main(arguments: Sequence[str]) -> None:
    """Run from the command line."""
    first, *names = arguments
    cases = [case for case in CASES if not names or case.name in names]
    if first == "--expect":
        expect(cases)
    else:
        make(Path(first), cases)


if __name__ == "__main__":
    main(sys.argv[1:])
