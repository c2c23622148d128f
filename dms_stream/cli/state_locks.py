"""Who holds the locks of an environment's states, and how one that nobody holds is removed.

Terraform's S3 backend locks a state with an object beside it:
https://developer.hashicorp.com/terraform/language/backend/s3#state-locking
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from botocore.exceptions import ClientError

from constructs_lib.state_backend import state_key
from dms_stream.cli.aws_access import aws_errors, client
from dms_stream.cli.errors import CommandError
from dms_stream.cli.workspace import Workspace

_ENDING = ".tflock"
_GONE = ("NoSuchKey", "404", "PreconditionFailed", "412")


@dataclass(frozen=True)
class StateLock:
    """A lock, as Terraform wrote it down.

    Attributes:
        stack: Id of the stack whose state is locked.
        id: Terraform's id of the lock.
        who: User and machine.
        operation: What Terraform was doing, in its words, such as `OperationTypeApply`.
        created: When, in UTC.
        key: Key of the lock's object in the state bucket.
        etag: S3's mark of this very object.
    """

    stack: str
    id: str
    who: str
    operation: str
    created: str
    key: str
    etag: str


def state_locks(workspace: Workspace, stacks: Sequence[str] | None = None) -> list[StateLock]:
    """The locks of an environment's states.

    Args:
        workspace: The environment.
        stacks: Only of these stacks. Default: all that there are, those of pipelines included that
            are not in the settings any more.

    Raises:
        CommandError: AWS cannot be asked.
    """
    s3, bucket = client(workspace, "s3"), workspace.settings.state.bucket_name
    prefix = state_key(workspace.name, "").removesuffix(".tfstate")
    with aws_errors():
        try:
            pages = list(s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix))
        except s3.exceptions.NoSuchBucket:
            return []
    keys = [found["Key"] for page in pages for found in page.get("Contents", [])]
    locks = []
    for key in keys:
        stack = key.removeprefix(prefix).removesuffix(f".tfstate{_ENDING}")
        if key.endswith(_ENDING) and (stacks is None or stack in stacks):
            locks += _read(s3, bucket, key, stack)
    return locks


def _read(s3: object, bucket: str, key: str, stack: str) -> list[StateLock]:
    with aws_errors():
        try:
            found = s3.get_object(Bucket=bucket, Key=key)  # type: ignore[attr-defined]
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return []  # released in between
            raise
    try:
        lock = json.loads(found["Body"].read())
    except ValueError:
        lock = {}
    if not isinstance(lock, dict):
        lock = {}

    def fact(name: str) -> str:
        return str(lock.get(name) or "(not told)")

    return [
        StateLock(
            stack=stack,
            id=fact("ID"),
            who=fact("Who"),
            operation=fact("Operation"),
            created=fact("Created"),
            key=key,
            etag=found["ETag"],
        )
    ]


def remove(workspace: Workspace, lock: StateLock) -> None:
    """Remove this very lock; another one that somebody has taken since is left alone.

    S3 compares and deletes in one step, which `terraform force-unlock` does not:
    https://docs.aws.amazon.com/AmazonS3/latest/userguide/conditional-deletes.html

    Raises:
        CommandError: it is not there any more, or AWS refuses.
    """
    s3, bucket = client(workspace, "s3"), workspace.settings.state.bucket_name
    with aws_errors():
        try:
            s3.delete_object(Bucket=bucket, Key=lock.key, IfMatch=lock.etag)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                raise
            raise CommandError(
                f"the lock of {lock.stack} that was shown is gone, and may be somebody else's by "
                "now: nothing was removed; run `dms-stream unlock` again to see what there is"
            ) from None
