"""What applies to every service: one request at a time, and the answer to a call that fails."""

import json
import logging
from functools import cache
from threading import RLock
from typing import Any
from xml.sax.saxutils import escape

from flask import Response, request
from moto import backends
from moto.core.utils import convert_to_flask_response
from moto.moto_api._internal.models import MotoAPIBackend
from werkzeug.exceptions import HTTPException

from dms_stream.local_aws import data_plane
from dms_stream.local_aws.repairs import Method, Repairs

repairs = Repairs()

moto_lock = RLock()
"""Held while a request is handled. Whoever touches moto's backends beside the server takes it."""

_log = logging.getLogger(__name__)


@repairs.around(convert_to_flask_response, "__call__")
def _answer(original: Method, self: Any, *args: Any, **kwargs: Any) -> Any:
    # moto's backends are plain dicts that Terraform changes from dozens of connections at once: a
    # reader then fails, a put is lost. Python would run one thread at a time in any case.
    with moto_lock:
        try:
            return original(self, *args, **kwargs)
        except HTTPException:
            raise
        except Exception as error:
            if not isinstance(error, NotImplementedError):
                _log.exception("moto failed")
            return _not_implemented(f"{type(error).__name__}: {error}")


@repairs.around(backends, "list_of_moto_modules")
@cache
def _list_of_moto_modules(original: Method) -> list[str]:
    # moto looks through its folder at every request
    return list(original())


@repairs.around(MotoAPIBackend, "reset")
def _reset(original: Method, self: MotoAPIBackend) -> None:
    original(self)
    if (plane := data_plane.attached()) is not None:
        plane.forget_everything()


def _not_implemented(problem: str) -> Response:
    # moto answers 500, which every client repeats for minutes; 501 ends at once and names the call
    message = f"the embedded AWS cannot answer this call: {problem}"
    if "X-Amz-Target" in request.headers:
        body = json.dumps({"__type": "NotImplemented", "message": message})
        return Response(body, status=501, content_type="application/x-amz-json-1.1")
    body = (
        "<ErrorResponse><Error><Code>NotImplemented</Code>"
        f"<Message>{escape(message)}</Message></Error></ErrorResponse>"
    )
    return Response(body, status=501, content_type="text/xml")
