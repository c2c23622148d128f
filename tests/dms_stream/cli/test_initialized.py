"""When `terraform init` is needed again."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dms_stream.cli.initialized import BACKEND_OVERRIDE, is_initialized, note_initialized

VARIABLES = {"TF_IN_AUTOMATION": "1", "AWS_REGION": "eu-west-1"}
WANTED: dict[str, Any] = {
    "required_providers": {"aws": {"source": "aws", "version": "5.100.0"}},
    "backend": {"s3": {"bucket": "trial-state"}},
}


def synthesize(folder: Path, **more: object) -> None:
    (folder / "cdk.tf.json").write_text(json.dumps({"terraform": WANTED} | more))


def initialize(folder: Path) -> None:
    """What Terraform leaves, its provider in a cache."""
    synthesize(folder)
    (folder / ".terraform.lock.hcl").write_text("the lock")
    versions = folder / ".terraform" / "providers" / "registry.example" / "hashicorp" / "aws"
    (versions / "5.100.0").mkdir(parents=True)
    cache = folder / "cache"
    cache.mkdir()
    (versions / "5.100.0" / "linux_amd64").symlink_to(cache)
    (folder / ".terraform" / "terraform.tfstate").write_text('{"backend": {"type": "s3"}}')


def is_done(folder: Path, *, terraform: str = "/bin/terraform", **more: str) -> bool:
    return is_initialized(folder, terraform, VARIABLES | more)


@pytest.fixture
def done(tmp_path: Path) -> Path:
    """The folder of a stack that was initialized."""
    initialize(tmp_path)
    assert not is_done(tmp_path)
    note_initialized(tmp_path, "/bin/terraform", VARIABLES)
    assert is_done(tmp_path)
    return tmp_path


def test_other_resources_and_credentials_need_no_other_one(done: Path) -> None:
    synthesize(done, resource={"aws_s3_bucket": {"one": {}}})
    assert is_done(done, AWS_REGION="eu-west-2", AWS_ENDPOINT_URL="http://127.0.0.1:1")


@pytest.mark.parametrize("name", ["terraform", "module"])
def test_another_backend_provider_or_module_needs_one(done: Path, name: str) -> None:
    synthesize(done, **{name: WANTED | {"backend": {"local": {"path": "state"}}}})
    assert not is_done(done)


@pytest.mark.parametrize(
    "spoil",
    [
        lambda folder: (folder / ".terraform.lock.hcl").write_text("another lock"),
        lambda folder: (folder / ".terraform.lock.hcl").unlink(),
        lambda folder: (folder / ".terraform" / "terraform.tfstate").write_text("{}"),
        lambda folder: (folder / ".terraform" / "terraform.tfstate").unlink(),
        lambda folder: (folder / "cdk.tf.json").write_text("{"),
        lambda folder: (folder / "cache").rmdir(),
        lambda folder: next((folder / ".terraform").glob("providers/*/*/*/*/*")).unlink(),
    ],
    ids=["lock", "no lock", "backend", "no backend", "no JSON", "no cache", "no provider"],
)
def test_whatever_somebody_else_did_to_its_outcome_needs_one(
    done: Path, spoil: Callable[[Path], object]
) -> None:
    spoil(done)
    assert not is_done(done)


def test_another_backend_than_the_stacks_needs_one(done: Path) -> None:
    override = done / BACKEND_OVERRIDE
    override.write_text('{"terraform": {"backend": {"local": {"path": "state"}}}}')
    assert not is_done(done)
    override.unlink()
    assert is_done(done)


def test_another_terraform_needs_one(done: Path) -> None:
    assert not is_done(done, terraform="/opt/terraform")
    assert not is_done(done, TF_DATA_DIR="elsewhere")


def test_nothing_is_remembered_of_what_terraform_does_not_leave_so(tmp_path: Path) -> None:
    synthesize(tmp_path)
    note_initialized(tmp_path, "/bin/terraform", VARIABLES)
    assert [*tmp_path.iterdir()] == [tmp_path / "cdk.tf.json"]
