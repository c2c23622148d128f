"""The three kinds of stack as Terraform reads them, for the reviewer's eye.

`.venv/bin/python -m pytest tests/stacks --snapshot-update` accepts what changed.
"""

import json
from typing import Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.extensions.json import JSONSnapshotExtension

from constructs_lib.bindings import cdktf
from dms_stream.settings.environment import environment_file, load_environment
from stacks.app import build_app


def synthesized(environment: str, stack: str) -> Any:
    """A stack's Terraform JSON without CDKTF's notes of where each element comes from."""
    settings = load_environment(environment_file(environment))
    app = build_app(environment, settings, app=cdktf.Testing.app())
    found = app.node.find_child(stack)
    assert isinstance(found, cdktf.TerraformStack)
    return without_notes(json.loads(cdktf.Testing.synth(found, True)))


def without_notes(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: without_notes(inner) for key, inner in value.items() if key != "//"}
    if isinstance(value, list):
        return [without_notes(inner) for inner in value]
    return value


@pytest.mark.parametrize("stack", ["seed-bootstrap", "seed-tickets", "production-orders"])
def test_the_stack_is_as_it_was(stack: str, snapshot: SnapshotAssertion) -> None:
    environment = stack.partition("-")[0]
    assert synthesized(environment, stack) == snapshot(extension_class=JSONSnapshotExtension)
