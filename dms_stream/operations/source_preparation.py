"""Preparing a source for DMS: how long it keeps its binary log, and a user with the least rights.

The user's password is drawn by Secrets Manager and put into the user's secret before it is given to
the database, so that a run that was cut off goes on with the same one. Nobody sees it.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from constructs_lib.aurora_source.sql import DMS_USER, PASSWORD_PLACEHOLDER
from dms_stream.operations.deployed import DeployedPipeline
from dms_stream.operations.errors import OperationError
from dms_stream.operations.statements import Statements

# as for the master user: Aurora takes 8 to 41 characters, shells and JSON trip over punctuation
_PASSWORD_LENGTH = 40
_CREATE = "CREATE USER IF NOT EXISTS "


@dataclass(frozen=True)
class UserSecret:
    """The secret that DMS is to log in with.

    Attributes:
        arn: Its ARN.
        user: Name of the user.
        is_read_by_dms: Whether the endpoint reads it already, by the deployment.
    """

    arn: str
    user: str
    is_read_by_dms: bool


def statements(pipeline: DeployedPipeline, retention: Sequence[str], *, user: str) -> list[str]:
    """What is run on the source, with a placeholder for the password.

    Args:
        pipeline: Which.
        retention: Statements that keep the binary log.
        user: Name of the user.
    """
    found = [*retention]
    for sql in pipeline.output("dms_user_sql").splitlines():
        sql = sql.replace(f"'{DMS_USER}'@", f"{_string(user)}@")
        found.append(sql)
        if sql.startswith(_CREATE):
            # one that is there already gets the password of the secret
            found.append("ALTER USER " + sql.removeprefix(_CREATE))
    return found


def run_statements(
    source: Statements, sql: Sequence[str], *, password: str, told: Callable[[str], None]
) -> None:
    """Run the statements.

    Args:
        source: Where.
        sql: The statements, with the placeholder.
        password: What stands in its place.
        told: Gets each statement that was run, with the placeholder.

    Raises:
        OperationError: the server refuses one; those before have been run.
    """
    literal = _string(password)
    for each in sql:
        source.run(each.replace(f"'{PASSWORD_PLACEHOLDER}'", literal), secret=literal[1:-1])
        told(each)


def _string(text: str) -> str:
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def find_secret(
    secrets: Any, pipeline: DeployedPipeline, *, name: str, administrator: str
) -> UserSecret | None:
    """The secret of the user for DMS; None: there is none yet.

    Args:
        secrets: boto3's client of Secrets Manager.
        pipeline: Which.
        name: What `make_secret` calls it.
        administrator: Who prepares the source; a secret of theirs is not one for DMS.

    Raises:
        OperationError: the secret that DMS reads is not one of a database user.
    """
    read = pipeline.output("source_secret_arn")
    if read != pipeline.master_secret_arn:
        user = str(_content(secrets, read).get("username") or "")
        if not user:
            raise OperationError(f"{pipeline.name}: the secret {read} has no username: add one")
        if user != administrator:
            return UserSecret(read, user, True)
    try:
        found = secrets.describe_secret(SecretId=name)
    except secrets.exceptions.ResourceNotFoundException:
        return None
    if found.get("DeletedDate"):
        raise OperationError(
            f"the secret {name} is being deleted: restore it with `aws secretsmanager "
            f"restore-secret --secret-id {name}`, and run this again"
        )
    return UserSecret(found["ARN"], str(_content(secrets, name)["username"]), False)


def make_secret(
    secrets: Any,
    *,
    name: str,
    user: str,
    host: str,
    port: int,
    key_arn: str | None,
    tags: dict[str, str],
    description: str,
) -> UserSecret:
    """Make the secret of a new user for DMS, with a password that nobody has seen.

    Args:
        secrets: boto3's client of Secrets Manager.
        name: Name of the secret.
        user: Name of the user.
        host: Host of the source.
        port: Its port.
        key_arn: Customer key that encrypts it; None: AWS's own.
        tags: Its tags.
        description: What it is for.
    """
    content = {
        "username": user,
        "password": _draw(secrets),
        "host": host,
        "port": port,
    }
    made = secrets.create_secret(
        Name=name,
        Description=description,
        SecretString=json.dumps(content),
        Tags=[{"Key": key, "Value": value} for key, value in tags.items()],
        **({"KmsKeyId": key_arn} if key_arn else {}),
    )
    return UserSecret(made["ARN"], user, False)


def password_of(secrets: Any, secret: UserSecret) -> str:
    """The password in a secret; where it has none, one is drawn and put into it.

    Args:
        secrets: boto3's client of Secrets Manager.
        secret: Which.
    """
    content = _content(secrets, secret.arn)
    if not content.get("password"):
        content["password"] = _draw(secrets)
        secrets.put_secret_value(SecretId=secret.arn, SecretString=json.dumps(content))
    return str(content["password"])


def _draw(secrets: Any) -> str:
    drawn = secrets.get_random_password(PasswordLength=_PASSWORD_LENGTH, ExcludePunctuation=True)
    return str(drawn["RandomPassword"])


def _content(secrets: Any, secret_id: str) -> dict[str, Any]:
    text = secrets.get_secret_value(SecretId=secret_id).get("SecretString")
    try:
        content = json.loads(text or "")
    except ValueError:
        content = None
    if not isinstance(content, dict):
        raise OperationError(
            f"the secret {secret_id} is not JSON with username, password, host and port"
        )
    return content


def master_user(secrets: Any, pipeline: DeployedPipeline) -> str:
    """Name of the master user of the cluster that a pipeline made."""
    arn = pipeline.master_secret_arn
    if arn is None:
        return ""
    return str(_content(secrets, arn).get("username") or "")
