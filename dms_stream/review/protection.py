"""What `prevent_destroy` protects, from a configuration in Terraform's JSON: no plan says it."""

import json
from pathlib import Path

from dms_stream.review.errors import PlanError


def protected_addresses(configuration: Path) -> frozenset[str]:
    """Addresses that a configuration protects.

    Args:
        configuration: A `cdk.tf.json` or other file of Terraform's JSON syntax.

    Raises:
        PlanError: it is no such file.
    """
    try:
        document = json.loads(configuration.read_bytes())
        return frozenset(
            f"{type_}.{name}"
            for type_, resources in document.get("resource", {}).items()
            for name, resource in resources.items()
            if resource.get("lifecycle", {}).get("prevent_destroy") is True
        )
    except (OSError, ValueError, AttributeError, RecursionError) as error:
        raise PlanError(
            str(configuration), f"is no configuration in Terraform's JSON syntax: {error}"
        ) from None
