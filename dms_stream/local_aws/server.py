"""moto's threaded server with this package's repairs, inside the calling process."""

import logging
import os
import resource
from collections.abc import Mapping
from contextlib import suppress
from threading import Lock, Thread
from types import TracebackType
from typing import Any, Self

import moto
from moto.moto_api._internal.models import moto_api_backend
from moto.moto_server.werkzeug_app import (
    DomainDispatcherApplication,
    MotoRequestHandler,
    create_backend_app,
)
from werkzeug.serving import BaseWSGIServer, make_server

from dms_stream.local_aws import (
    athena,
    chatbot,
    cloudwatch,
    dms,
    ec2,
    event_bus,
    firehose,
    iam,
    kinesis,
    protocol,
    rds,
    request_constraints,
    s3,
    stand_ins_route,
)
from dms_stream.local_aws.errors import LocalAwsError
from dms_stream.local_aws.isolation import process_environment

TESTED_MOTO = "5.2.5"
"""The moto whose gaps are measured and repaired here."""

HOST = "127.0.0.1"
"""The server answers on the loopback interface only."""

_SETTINGS = {
    "MOTO_IAM_LOAD_MANAGED_POLICIES": "true",
    "MOTO_EC2_LOAD_DEFAULT_AMIS": "false",
}

# moto keeps its state in its modules: one running server a process
_running = Lock()


def install_repairs() -> None:
    """Put every repair on moto's classes.

    Raises:
        LocalAwsError: moto is not the version the repairs were tested with.
    """
    if moto.__version__ != TESTED_MOTO:
        raise LocalAwsError(
            f"the embedded AWS repairs moto's internals and was tested with moto {TESTED_MOTO}, "
            f"but moto {moto.__version__} is installed: install moto=={TESTED_MOTO}"
        )
    for service in (
        protocol,
        request_constraints,
        athena,
        chatbot,
        cloudwatch,
        dms,
        ec2,
        event_bus,
        firehose,
        iam,
        kinesis,
        rds,
        s3,
        stand_ins_route,
    ):
        service.repairs.install()


class LocalAws:
    """The embedded AWS inside this process, for tests.

    It starts empty on a free port of the loopback interface and forgets everything at its end.

        with LocalAws() as aws:
            client("dms", aws.url).describe_endpoints()

    Raises:
        LocalAwsError: another one runs in this process, or moto has the wrong version.
    """

    def __init__(self) -> None:
        self._server: BaseWSGIServer | None = None
        self._thread: Thread | None = None
        self._variables_before: dict[str, str] = {}

    @property
    def url(self) -> str:
        """Where it answers."""
        if self._server is None:
            raise LocalAwsError("this LocalAws is not running: use it as `with LocalAws() as aws:`")
        return f"http://{HOST}:{self._server.server_port}"

    def process_environment(self, *, base: Mapping[str, str] | None = None) -> dict[str, str]:
        """A whole environment for a subprocess that works on it; see `process_environment`."""
        return process_environment(self.url, base=base)

    def reset(self) -> None:
        """Forget every resource."""
        moto_api_backend.reset()

    def __enter__(self) -> Self:
        if not _running.acquire(blocking=False):
            raise LocalAwsError(
                "a LocalAws is already running in this process, and moto keeps one state per "
                "process: share that one, or start one in its own process with "
                "local_aws.start(state_dir)"
            )
        try:
            install_repairs()
            self._apply_settings()
            self.reset()
            self._server = bind()
        except BaseException:
            self._restore_settings()
            _running.release()
            raise
        self._thread = Thread(target=self._server.serve_forever, name="local-aws", daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._server is not None and self._thread is not None:
            self._server.shutdown()
            self._thread.join()
            self._server.server_close()
        self._server = self._thread = None
        self.reset()
        self._restore_settings()
        _running.release()

    def _apply_settings(self) -> None:
        self._variables_before = dict(os.environ)
        apply_moto_settings()

    def _restore_settings(self) -> None:
        for name in _SETTINGS:
            if name in self._variables_before:
                os.environ[name] = self._variables_before[name]
            else:
                os.environ.pop(name, None)


def apply_moto_settings() -> None:
    """moto's own settings, which it reads when a backend is first used."""
    os.environ.update(_SETTINGS)
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError):  # where "unlimited" is more than the system takes
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def bind() -> BaseWSGIServer:
    """A server that listens on a free port; it answers once it serves."""
    # one line per request would bury what a reader looks for
    logging.getLogger("werkzeug").setLevel(logging.WARNING)
    application: Any = DomainDispatcherApplication(create_backend_app)
    return make_server(HOST, 0, application, threaded=True, request_handler=MotoRequestHandler)
