"""What applies to every service: one request at a time, and the answer to a call that fails."""

import json
import logging
from collections import OrderedDict
from functools import cache
from http import HTTPStatus
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

# SDKs call again within seconds, and their answers are small
_MOST_KEPT = 200
_LARGEST_KEPT_BYTES = 64 * 1024

_log = logging.getLogger(__name__)
_given: OrderedDict[str, Response] = OrderedDict()


def _keep(call: str, answer: Response) -> None:
    # what failed is tried again; and nothing that is read is worth its memory
    if (
        answer.status_code < HTTPStatus.BAD_REQUEST
        and len(answer.get_data()) <= _LARGEST_KEPT_BYTES
    ):
        _given[call] = answer
        if len(_given) > _MOST_KEPT:
            _given.popitem(last=False)


@repairs.around(convert_to_flask_response, "__call__")
def _answer(original: Method, self: Any, *args: Any, **kwargs: Any) -> Any:
    # moto's backends are plain dicts that Terraform changes from dozens of connections at once: a
    # reader then fails, a put is lost. Python would run one thread at a time in any case.
    call = request.headers.get("amz-sdk-invocation-id", "")
    with moto_lock:
        if call in _given:
            # on its way an answer can be lost, and SDKs call again: what was made is there by now
            _log.warning("answered again: %s %s", request.method, call)
            return _given[call]
        try:
            answer: Response = original(self, *args, **kwargs)
            if call and request.method != "GET":
                _keep(call, answer)
            return answer
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
    _given.clear()
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
