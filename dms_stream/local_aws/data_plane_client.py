"""Asking a running embedded AWS about its data plane, for which AWS has no call."""

import json
from collections.abc import Mapping
from pathlib import Path
from threading import Event
from typing import Any
from urllib.parse import urlencode

from botocore.awsrequest import AWSRequest
from botocore.exceptions import BotoCoreError
from botocore.httpsession import URLLib3Session

from dms_stream.local_aws.data_plane import PATH
from dms_stream.local_aws.errors import LocalAwsError

_POLL_SECONDS = 0.05
_TIMEOUT_SECONDS = 30
_OK = 200

Status = dict[str, Any]
"""What `dms_stream.data_plane.routes` tells: `tasks`, `deliveries`, `database`, `time_scale`."""


class DataPlaneClient:
    """Asks the data plane of an embedded AWS.

    Args:
        url: Address of the embedded AWS.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._session = URLLib3Session(timeout=_TIMEOUT_SECONDS)

    def status(self) -> Status:
        """All children and their counters.

        Raises:
            LocalAwsError: it does not answer, or has no data plane.
        """
        found: Status = self._call("GET", "")
        return found

    def task(self, arn: str, *, with_facts: bool = False) -> dict[str, Any] | None:
        """A task that was started; None: it never was.

        Args:
            arn: ARN of the task or of the replication config.
            with_facts: Whether to ask for what only a comparison needs to know.

        Raises:
            LocalAwsError: it does not answer, or has no data plane.
        """
        path = "/facts" if with_facts else "/task"
        found: dict[str, Any] | None = self._call("GET", f"{path}?{urlencode({'arn': arn})}")
        return found

    def delivery(self, name: str) -> dict[str, Any]:
        """A delivery.

        Raises:
            LocalAwsError: there is none of this name.
        """
        found: dict[str, Any] | None = self._call("GET", f"/delivery?{urlencode({'name': name})}")
        if found is None:
            raise LocalAwsError(f"the embedded AWS at {self._url} runs no delivery for {name}")
        return found

    def puts(self, arn: str, *, after: int = 0) -> list[dict[str, Any]]:
        """The objects that a delivery has put, those after a number."""
        query = urlencode({"arn": arn, "after": after})
        found: list[dict[str, Any]] = self._call("GET", f"/puts?{query}")
        return found

    def name_source(
        self, arn: str, database: Mapping[str, Any] | None, *, ends_in_newline: bool = False
    ) -> None:
        """Say what a task reads from its next start on.

        Args:
            arn: ARN of the task or of the replication config.
            database: The fields of its address; None: what the embedded AWS was started with.
            ends_in_newline: Whether DMS ends each record in a newline, which its guide leaves open.
        """
        body = {"arn": arn, "database": database, "ends_in_newline": ends_in_newline}
        self._call("POST", "/source", body)

    def start_database(self) -> None:
        """Start the database of the embedded AWS's own, unless it runs; returns at once."""
        self._call("POST", "/database", {})

    def started_database(self) -> Path:
        """Start the database of the embedded AWS's own, unless it runs, and wait until it answers.

        Returns:
            Its folder.

        Raises:
            LocalAwsError: it does not start.
        """
        self.start_database()
        while (found := self.status()["database"])["address"] is None:
            if found["problem"]:
                raise LocalAwsError(found["problem"])
            Event().wait(_POLL_SECONDS)
        return Path(found["folder"])

    def drain(self, arn: str) -> int:
        """Let a delivery put all that is on its stream.

        Returns:
            The number that `drained` of the delivery will have when it has done so.
        """
        return int(self._call("POST", "/drain", {"arn": arn})["number"])

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body)
        request = AWSRequest(method, f"{self._url}{PATH}{path}", data=data)
        try:
            answer = self._session.send(request.prepare())
        except BotoCoreError as error:
            raise LocalAwsError(f"the embedded AWS does not answer: {error}") from error
        if answer.status_code != _OK:
            raise LocalAwsError(
                f"the embedded AWS at {self._url} has no data plane: stop it and start it again "
                "with `dms-stream local-aws start`"
            )
        return json.loads(answer.content)
