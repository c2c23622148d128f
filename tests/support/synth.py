"""Synthesize constructs in a test and look at the Terraform JSON.

CDKTF's own matchers take None as a wildcard and match any resource of a type; these name one.
"""

import json
from collections.abc import Callable
from typing import Any, cast

from constructs_lib.addresses import ReadableAddressStack
from constructs_lib.bindings import aws, cdktf

Json = dict[str, Any]
STACK_ID = "app"


def new_stack() -> ReadableAddressStack:
    """An empty stack with the provider, as a foreign app would have it."""
    stack = ReadableAddressStack(cdktf.Testing.app(), STACK_ID)
    aws.provider.AwsProvider(stack, "aws", region="eu-west-1")
    return stack


def synth(build: Callable[[ReadableAddressStack], object]) -> Json:
    """The Terraform JSON of a stack that `build` fills, validations on."""
    stack = new_stack()
    build(stack)
    return synth_stack(stack)


def synth_stack(stack: cdktf.TerraformStack) -> Json:
    """The Terraform JSON of a stack, validations on."""
    return cast(Json, json.loads(cdktf.Testing.synth(stack, True)))


def resource(document: Json, address: str) -> Json:
    """The one resource (`type.name`) or data source (`data.type.name`) at `address`.

    Raises:
        AssertionError: there is none; it lists the addresses there are.
    """
    section, rest = ("data", address[5:]) if address.startswith("data.") else ("resource", address)
    type_, _, name = rest.partition(".")
    found = document.get(section, {}).get(type_, {}).get(name)
    assert found is not None, f"no {address} among:\n" + "\n".join(addresses(document))
    return {key: value for key, value in found.items() if key != "//"}


def only(document: Json, type_: str) -> Json:
    """The only resource of its type."""
    found = [address for address in addresses(document) if address.startswith(f"{type_}.")]
    assert len(found) == 1, f"expected one {type_}, found {found}"
    return resource(document, found[0])


def addresses(document: Json) -> list[str]:
    """All addresses, data sources with `data.` before them, in order."""
    managed = [
        f"{type_}.{name}"
        for type_, resources in document.get("resource", {}).items()
        for name in resources
    ]
    data = [
        f"data.{type_}.{name}"
        for type_, resources in document.get("data", {}).items()
        for name in resources
    ]
    return sorted(managed) + sorted(data)


def policy(document: Json, address: str, attribute: str = "policy") -> list[Json]:
    """The statements of the policy document at an attribute of a resource."""
    return cast(list[Json], json.loads(resource(document, address)[attribute])["Statement"])
