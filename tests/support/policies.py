"""The policies of a synthesized stack, with the values they have in a real account.

Terraform's expressions are replaced by what they come to: the account, the region, and for each
resource the ARN and the name that AWS would give it.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tests.support.synth import Json
from tests.support.variants import ACCOUNT, REGION

_EXPRESSION = re.compile(r"\$\{([^${}]*)\}")
_PLACES = {
    "data.aws_caller_identity.current_identity.account_id": ACCOUNT,
    "data.aws_region.current_region.name": REGION,
    "data.aws_partition.current_partition.partition": "aws",
}
_ARNS = {
    "aws_cloudwatch_log_group": "logs:{region}:{account}:log-group:{name}",
    "aws_iam_role": "iam::{account}:role{path}{name}",
    "aws_kinesis_stream": "kinesis:{region}:{account}:stream/{name}",
    "aws_kms_key": "kms:{region}:{account}:key/00000000-0000-0000-0000-{number:012x}",
    "aws_s3_bucket": "s3:::{name}",
    "aws_secretsmanager_secret": "secretsmanager:{region}:{account}:secret:{name}-Ab12Cd",
    "aws_sns_topic": "sns:{region}:{account}:{name}",
}
_NAMES = ("name", "bucket", "name_prefix", "bucket_prefix")


class UnresolvedError(AssertionError):
    """An expression in a policy that this module cannot give a value."""


@dataclass
class Stack:
    """A stack's Terraform JSON, whose expressions have values.

    Attributes:
        document: The Terraform JSON.
    """

    document: Json
    _numbers: dict[str, int] = field(default_factory=dict)

    def resources(self, type_: str) -> dict[str, Json]:
        """Resources of a type by their address."""
        found = self.document.get("resource", {}).get(type_, {})
        return {f"{type_}.{name}": value for name, value in found.items()}

    def arn(self, address: str) -> str:
        """ARN of a resource."""
        type_ = address.partition(".")[0]
        resource = self.resources(type_)[address]
        number = self._numbers.setdefault(address, len(self._numbers) + 1)
        path = resource.get("path", "/")
        name = "" if type_ == "aws_kms_key" else self.name(address)
        return "arn:aws:" + _ARNS[type_].format(
            region=REGION, account=ACCOUNT, name=name, number=number, path=path
        )

    def name(self, address: str) -> str:
        """Name of a resource; Terraform's own ending of a prefix is left out."""
        resource = self.resources(address.partition(".")[0])[address]
        found = next(resource[key] for key in _NAMES if key in resource)
        return self.text(str(found)).rstrip("-")

    def text(self, text: str) -> str:
        """A text with its expressions replaced."""
        return _EXPRESSION.sub(lambda found: self._value(found[1]), text)

    def policy(self, text: str) -> Json:
        """A policy document with its expressions replaced."""
        found: Json = json.loads(self.text(text))
        return found

    def _value(self, expression: str) -> str:
        if expression in _PLACES:
            return _PLACES[expression]
        match expression.split("."):
            case [type_, name, "arn" | "id" as attribute] if attribute == "arn":
                return self.arn(f"{type_}.{name}")
            case ["aws_iam_role" | "aws_sns_topic" as type_, name, "id" | "name"]:
                return self.name(f"{type_}.{name}")
            case [type_, name, "name" | "bucket"] if type_.startswith("aws_"):
                return self.name(f"{type_}.{name}")
            case _:
                raise UnresolvedError(f"${{{expression}}} has no value here: add one to _ARNS")


@dataclass(frozen=True)
class Role:
    """A role with its policies.

    Attributes:
        address: Its address.
        arn: Its ARN.
        trust: Who may assume it.
        policies: What it may do, by the address of each policy.
    """

    address: str
    arn: str
    trust: Json
    policies: dict[str, Json]


def roles(stack: Stack) -> Iterator[Role]:
    """The roles of a stack."""
    for address, role in stack.resources("aws_iam_role").items():
        policies = {
            name: stack.policy(policy["policy"])
            for name, policy in stack.resources("aws_iam_role_policy").items()
            if policy["role"] == f"${{{address}.name}}"
        }
        trust = stack.policy(role["assume_role_policy"])
        yield Role(address, stack.arn(address), trust, policies)


def resource_policies(stack: Stack) -> dict[str, Json]:
    """Policies of buckets, topics and keys, by the ARN of what they protect."""
    found = {}
    for policy in stack.resources("aws_s3_bucket_policy").values():
        found[_owner(stack, policy["bucket"])] = stack.policy(policy["policy"])
    for policy in stack.resources("aws_sns_topic_policy").values():
        found[stack.text(policy["arn"])] = stack.policy(policy["policy"])
    for address, key in stack.resources("aws_kms_key").items():
        if "policy" in key:
            found[stack.arn(address)] = stack.policy(key["policy"])
    return found


def _owner(stack: Stack, reference: str) -> str:
    type_, name, _ = reference.removeprefix("${").removesuffix("}").split(".")
    return stack.arn(f"{type_}.{name}")


def default_key_policy() -> Json:
    """What KMS gives a key without a policy: IAM of the account decides."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
                "Action": "kms:*",
                "Resource": "*",
            }
        ],
    }


def without_statement(policy: Json, index: int) -> Json:
    """The policy with one statement fewer."""
    left: list[Any] = [s for number, s in enumerate(policy["Statement"]) if number != index]
    return policy | {"Statement": left}
