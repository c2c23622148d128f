"""Write down what the plan review needs of the provider's schema: `python
scripts/review_schema.py`.
The whole schema has 13 MB and needs Terraform to be read; the review needs neither. What is kept
goes to `dms_stream/review/provider_schema.json`, and a test compares it with the provider.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from dms_stream.cli.toolchain import terraform, terraform_variables  # noqa: E402

TARGET = ROOT / "dms_stream" / "review" / "provider_schema.json"
PROVIDER, VERSION = "hashicorp/aws", "5.100.0"
# attributes that hold a policy document, by name; `content` only in the types below
_POLICIES = frozenset(
    {
        "access_policies",
        "access_policy",
        "assume_role_policy",
        "base_policy_document",
        "delivery_destination_policy",
        "inline_policy",
        "policy",
        "policy_document",
        "repository_policy",
        "resource_policy",
        "session_policy",
    }
)
_CONTENT = frozenset({"aws_organizations_policy"})
# what names an entry of a set, the most telling first
_NAMES = (
    "rule_name",
    "region_name",
    "name",
    "option_name",
    "parameter_name",
    "trigger_name",
    "device_name",
    "rule_id",
    "origin_id",
    "id",
    "key",
)
# what stands deeper repeats itself without end, as QuickSight's visuals and WAF's statements do
_MOST_PARTS = 6
# these are documents of another kind, or no documents
_OTHER_DOCUMENTS = frozenset(
    {
        "aws_acmpca_permission",
        "aws_cloudwatch_log_account_policy",
        "aws_cloudwatch_log_data_protection_policy",
        "aws_cloudwatch_log_index_policy",
        "aws_ecr_lifecycle_policy",
        "aws_fms_policy",
        "aws_iot_policy_attachment",
        "aws_networkmanager_core_network",
        "aws_networkmanager_core_network_policy_attachment",
        "aws_opensearchserverless_access_policy",
        "aws_opensearchserverless_lifecycle_policy",
        "aws_opensearchserverless_security_policy",
        "aws_ses_receipt_filter",
        "aws_sns_topic_data_protection_policy",
        "aws_verifiedaccess_endpoint",
        "aws_verifiedaccess_group",
    }
)


def provider_schema() -> dict[str, Any]:
    """The schema of each resource type, as Terraform prints it."""
    with TemporaryDirectory() as folder:
        source = {"source": PROVIDER, "version": VERSION}
        (Path(folder) / "main.tf.json").write_text(
            json.dumps({"terraform": {"required_providers": {"aws": source}}})
        )
        environment = terraform_variables(os.environ)
        for arguments in (["init", "-input=false"], ["providers", "schema", "-json"]):
            done = subprocess.run(
                [terraform(), *arguments],
                cwd=folder,
                env=environment,
                check=True,
                capture_output=True,
                text=True,
            )
    (schemas,) = json.loads(done.stdout)["provider_schemas"].values()
    resources: dict[str, Any] = schemas["resource_schemas"]
    return resources


def reduced(schemas: dict[str, Any]) -> dict[str, Any]:
    """What the review needs of the schemas."""
    types = {}
    for type_, schema in sorted(schemas.items()):
        attributes = list(_attributes(schema["block"]))
        settable = {path for path, each in attributes if _is_settable(each)}
        computed = sorted(
            path
            for path, each in attributes
            if each.get("computed") and not _is_settable(each) and path != "id"
        )
        entry = {
            "computed": computed,
            "defaulted": sorted(
                path
                for path, each in attributes
                if each.get("computed")
                and path in settable
                and "." not in path
                and path not in ("id", "tags_all")
            ),
            "policies": sorted(path for path, each in attributes if _is_policy(type_, path, each)),
            "sets": dict(sorted(_named_sets(schema["block"]))),
            "numbers": _of_kind("number", attributes),
            "switches": _of_kind("bool", attributes),
        }
        types[type_] = {key: value for key, value in entry.items() if value}
    return {"provider": f"{PROVIDER} {VERSION}", "types": types}


def text(document: dict[str, Any]) -> str:
    """The document with one type on each line, so that a difference can be read."""
    lines = [
        f"{json.dumps(type_)}:{json.dumps(entry, separators=(',', ':'))}"
        for type_, entry in document["types"].items()
    ]
    provider = json.dumps(document["provider"])
    return f'{{"provider":{provider},"types":{{\n' + ",\n".join(lines) + "\n}}\n"


def _attributes(block: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for name, attribute in (block.get("attributes") or {}).items():
        yield f"{prefix}{name}", attribute
        if "nested_type" in attribute:
            yield from _attributes(attribute["nested_type"], f"{prefix}{name}.")
    for name, inner in (block.get("block_types") or {}).items():
        yield from _attributes(inner["block"], f"{prefix}{name}.")


def _of_kind(kind: str, attributes: list[tuple[str, dict[str, Any]]]) -> list[str]:
    """The paths of what is settable and of a primitive type."""
    return sorted(
        path
        for top, attribute in attributes
        if _is_settable(attribute)
        for path, type_ in _primitives(top, attribute.get("type"))
        if type_ == kind and path.count(".") < _MOST_PARTS
    )


def _primitives(path: str, type_: Any) -> Iterator[tuple[str, str]]:
    if isinstance(type_, str):
        yield path, type_
    elif type_ and type_[0] in ("list", "set"):
        # an attribute that is written as blocks, as the rules of a security group
        if isinstance(type_[1], list):
            yield from _primitives(path, type_[1])
    elif type_ and type_[0] == "object":
        for name, inner in type_[1].items():
            yield from _primitives(f"{path}.{name}", inner)


def _named_sets(block: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    for name, inner in (block.get("block_types") or {}).items():
        attributes = inner["block"].get("attributes") or {}
        named_by = next((each for each in _NAMES if each in attributes), None)
        if inner["nesting_mode"] == "set" and named_by:
            yield f"{prefix}{name}", named_by
        yield from _named_sets(inner["block"], f"{prefix}{name}.")


def _is_settable(attribute: dict[str, Any]) -> bool:
    return bool(attribute.get("optional") or attribute.get("required"))


def _is_policy(type_: str, path: str, attribute: dict[str, Any]) -> bool:
    if attribute.get("type") != "string" or type_ in _OTHER_DOCUMENTS:
        return False
    if not _is_settable(attribute):
        return False
    name = path.rsplit(".", 1)[-1]
    return name in _POLICIES or (name == "content" and type_ in _CONTENT)


if __name__ == "__main__":
    TARGET.write_text(text(reduced(provider_schema())), encoding="utf-8")
