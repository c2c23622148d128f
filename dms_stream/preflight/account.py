"""The account that is asked: its services' clients, and what Terraform's states know of it."""

import json
from collections.abc import Mapping
from functools import cache, cached_property
from threading import Lock
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from dms_stream.settings.environment import Environment

Json = dict[str, Any]

# a preflight takes seconds: a service that does not answer is told so
_CONFIG = Config(
    connect_timeout=5, read_timeout=10, retries={"mode": "standard", "total_max_attempts": 3}
)


class Account:
    """What checks may look at. Nothing here changes anything in the account.

    Args:
        settings: The environment's settings.
        stacks: Each stack's Terraform JSON by the stack's id.
        state_keys: Key of each stack's state in the state bucket, by the stack's id.
        process_environment: Variables of the process environment that lead to the account.
    """

    def __init__(
        self,
        settings: Environment,
        stacks: Mapping[str, Json],
        state_keys: Mapping[str, str],
        process_environment: Mapping[str, str],
    ) -> None:
        self.settings = settings
        self.stacks = stacks
        self._state_keys = state_keys
        self._process_environment = process_environment
        self._clients: dict[tuple[str, str], Any] = {}
        self._lock = Lock()

    def client(self, service: str, *, region: str | None = None) -> Any:
        """boto3's client of a service, in the environment's region unless told otherwise."""
        region = region or self.settings.region
        # boto3's session is not safe to share between threads, its clients are
        with self._lock:
            if (service, region) not in self._clients:
                variables = self._process_environment
                session = _session(
                    variables.get("AWS_ACCESS_KEY_ID"),
                    variables.get("AWS_SECRET_ACCESS_KEY"),
                    variables.get("AWS_SESSION_TOKEN"),
                )
                self._clients[service, region] = session.client(
                    service,
                    region_name=region,
                    endpoint_url=variables.get("AWS_ENDPOINT_URL"),
                    config=_CONFIG,
                )
            return self._clients[service, region]

    @cached_property
    def account_id(self) -> str:
        """Number of the account that the credentials belong to."""
        return str(self.client("sts").get_caller_identity()["Account"])

    def is_in_state(self, stack: str, address: str) -> bool:
        """Whether a stack's state knows a resource by this address."""
        return address in self._states.get(stack, ())

    def knows(self, pipeline: str, type_: str) -> bool:
        """Whether the state of a pipeline's stack knows a resource of this type already."""
        return any(
            self.is_in_state(stack, f"{type_}.{address}")
            for stack, document in self.stacks.items()
            if stack.endswith(f"-{pipeline}")
            for address in document.get("resource", {}).get(type_, {})
        )

    def is_deployed(self, stack: str) -> bool:
        """Whether a stack's state holds any resource."""
        return bool(self._states.get(stack))

    @cached_property
    def _states(self) -> dict[str, frozenset[str]]:
        bucket = self.settings.state.bucket_name
        return {stack: self._addresses(bucket, key) for stack, key in self._state_keys.items()}

    def _addresses(self, bucket: str, key: str) -> frozenset[str]:
        try:
            body = self.client("s3").get_object(Bucket=bucket, Key=key)["Body"].read()
        except ClientError as error:
            if error.response["Error"]["Code"] in ("NoSuchBucket", "NoSuchKey"):
                return frozenset()
            raise
        resources = json.loads(body).get("resources", [])
        return frozenset(
            f"{resource['type']}.{resource['name']}"
            for resource in resources
            if resource["mode"] == "managed"
        )


@cache
def _session(key_id: str | None, secret: str | None, token: str | None) -> Any:
    # a session reads each service's model once
    return boto3.Session(
        aws_access_key_id=key_id, aws_secret_access_key=secret, aws_session_token=token
    )


def error_code(error: ClientError) -> str:
    """AWS's code of an error, such as `AccessDenied`."""
    return str(error.response.get("Error", {}).get("Code", ""))
