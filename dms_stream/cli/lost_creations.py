"""What a provider had begun to create when it was told to stop, and no state knows.

The AWS provider writes a stream and a delivery stream into the state only when they are active: one
that is cancelled while it waits leaves them in AWS without a trace, and the next deployment fails
because they exist already.
https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/kinesis/stream.go
https://github.com/hashicorp/terraform-provider-aws/blob/main/internal/service/firehose/delivery_stream.go

Which ones were begun is noted in a file beside the stack's Terraform JSON until they are in the
state. Where they cannot be imported at once, because the state cannot be written either, they are
imported before the next plan.
"""

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from dms_stream.cli.aws_access import aws_errors, client
from dms_stream.cli.errors import CommandError
from dms_stream.cli.workspace import Workspace
from dms_stream.whole_file import write_whole


def _stream(workspace: Workspace, name: str) -> str:
    client(workspace, "kinesis").describe_stream_summary(StreamName=name)
    return name


def _delivery_stream(workspace: Workspace, name: str) -> str:
    described = client(workspace, "firehose").describe_delivery_stream(DeliveryStreamName=name)
    return str(described["DeliveryStreamDescription"]["DeliveryStreamARN"])


# the id that `terraform import` takes, by type
_IMPORT_IDS: dict[str, Callable[[Workspace, str], str]] = {
    "aws_kinesis_stream": _stream,
    "aws_kinesis_firehose_delivery_stream": _delivery_stream,
}


def not_found_by_us(addresses: Iterable[str]) -> list[str]:
    """Those of another type: if one of them is there, only its user can tell."""
    return [address for address in addresses if address.partition(".")[0] not in _IMPORT_IDS]


def are_noted(workspace: Workspace, stack: str) -> bool:
    """Whether something was begun of which nobody knows how it ended."""
    return _file(workspace, stack).exists()


def note(workspace: Workspace, stack: str, addresses: Iterable[str]) -> None:
    """Note what was begun, so that it is looked for until it is found in the state.

    Raises:
        CommandError: what was noted before cannot be read.
    """
    begun = sorted({*_noted(workspace, stack), *addresses})
    if begun:
        write_whole(_file(workspace, stack), json.dumps(begun))


def found(workspace: Workspace, stack: str, known: Iterable[str]) -> dict[str, str]:
    """Import ids of what was begun, is there, and no state knows, by address.

    Only what Terraform had begun itself is taken: had it been there before, AWS would have refused
    to create it.

    Raises:
        CommandError: AWS cannot be asked, or what was noted cannot be read.
    """
    lost = [address for address in _noted(workspace, stack) if address not in set(known)]
    resources = _resources(workspace, stack) if lost else {}
    ids = {}
    for address in lost:
        kind, _, label = address.partition(".")
        name = resources.get(kind, {}).get(label, {}).get("name")
        if kind in _IMPORT_IDS and name is not None:
            with aws_errors():
                try:
                    ids[address] = _IMPORT_IDS[kind](workspace, name)
                except ClientError as error:
                    if error.response["Error"]["Code"] != "ResourceNotFoundException":
                        raise
    return ids


def forget(workspace: Workspace, stack: str) -> None:
    """Nothing is looked for any more."""
    _file(workspace, stack).unlink(missing_ok=True)


def _noted(workspace: Workspace, stack: str) -> Sequence[str]:
    file = _file(workspace, stack)
    if not file.exists():
        return []
    try:
        return [str(address) for address in json.loads(file.read_text(encoding="utf-8"))]
    except (ValueError, TypeError):
        raise CommandError(
            f"{file} does not say what an interrupted deployment had begun to create: look for "
            "streams and delivery streams of the stack that its state does not have, import or "
            "delete them, and remove the file"
        ) from None


def _file(workspace: Workspace, stack: str) -> Path:
    return workspace.stack_folder(stack) / "begun.json"


def _resources(workspace: Workspace, stack: str) -> dict[str, dict[str, Any]]:
    document = json.loads((workspace.stack_folder(stack) / "cdk.tf.json").read_bytes())
    resources: dict[str, dict[str, Any]] = document.get("resource", {})
    return resources
