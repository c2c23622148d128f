"""What AWS's own models say of a request's values: patterns, enumerations, bounds.

botocore carries the models, and checks types and required members with them, but no pattern, no
enumeration and no upper bound. The service does, and answers 400 before it does anything.
https://smithy.io/2.0/spec/constraint-traits.html
"""

import json
import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from botocore.model import OperationNotFoundError
from flask import request
from moto.core.parse import PROTOCOL_PARSERS
from moto.core.request import determine_request_protocol
from moto.core.responses import BaseResponse
from moto.core.utils import get_service_model

from dms_stream.local_aws.repairs import Method, Repairs

repairs = Repairs()

_BAD_REQUEST = 400
_HIDDEN = "(not shown)"


@repairs.around(BaseResponse, "call_action")
def _call_action(original: Method, self: Any) -> Any:
    problems = _problems_of(self)
    return _refusal(problems) if problems else original(self)


def _problems_of(response: Any) -> list[str]:
    service = get_service_model(response.boto3_service_name)
    try:
        operation = service.operation_model(response._get_action())
    except OperationNotFoundError:
        return []
    if operation.input_shape is None:
        return []
    protocol = determine_request_protocol(service, request.content_type)
    if protocol not in PROTOCOL_PARSERS:
        return []
    if protocol == "json":
        # moto's parser asks the model about each value, and no JSON member has another name there;
        # what is read once is kept for whoever answers the call
        return list(violations(operation.input_shape, request.get_json(force=True, silent=True)))
    parser = PROTOCOL_PARSERS[protocol](operation, map_type=dict)
    values = parser.parse(
        {
            "method": request.method,
            "values": request.values,
            "headers": request.headers,
            "body": request.data,
            "url_path": request.path,
            "url_params": response.uri_match,
        }
    )
    return list(violations(operation.input_shape, values))


def violations(shape: Any, value: Any, where: str = "") -> Iterator[str]:
    """What of a value its model does not allow, each in the service's own kind of sentence.

    Args:
        shape: botocore's shape of it.
        value: The value; one of another type than the model's is left to whoever reads it.
        where: Path of the value in the request.
    """
    match shape.type_name:
        case "structure":
            for name, member in shape.members.items():
                if isinstance(value, dict) and value.get(name) is not None:
                    yield from violations(member, value[name], f"{where}.{name}".lstrip("."))
        case "list":
            if isinstance(value, list):
                yield from _bounds(shape, len(value), value, where, "length")
                for number, item in enumerate(value, start=1):
                    yield from violations(shape.member, item, f"{where}.{number}.member")
        case "map":
            if isinstance(value, dict):
                yield from _bounds(shape, len(value), value, where, "length")
                for key, item in value.items():
                    yield from violations(shape.key, key, f"{where}.{key}.key")
                    yield from violations(shape.value, item, f"{where}.{key}.member")
        case "string":
            if isinstance(value, str):
                yield from _bounds(shape, len(value), value, where, "length")
                yield from _words(shape, value, where)
        case "integer" | "long" | "float" | "double":
            if isinstance(value, int | float) and not isinstance(value, bool):
                yield from _bounds(shape, value, value, where, "value")
        case _:
            pass  # blobs, booleans and times have no constraints of these kinds


def _bounds(shape: Any, size: float, value: Any, where: str, what: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if least is not None and size < least:
        yield _said(shape, value, where, f"have {what} greater than or equal to {least}")
    if most is not None and size > most:
        yield _said(shape, value, where, f"have {what} less than or equal to {most}")


def _words(shape: Any, value: str, where: str) -> Iterator[str]:
    allowed = shape.metadata.get("enum")
    if allowed and value not in allowed:
        yield _said(shape, value, where, f"satisfy enum value set: [{', '.join(allowed)}]")
    pattern = _compiled(shape.metadata.get("pattern", ""))
    if pattern is not None and pattern.fullmatch(value) is None:
        yield _said(shape, value, where, f"satisfy regular expression pattern: {pattern.pattern}")


@cache
def _compiled(pattern: str) -> re.Pattern[str] | None:
    try:
        return re.compile(pattern, re.DOTALL) if pattern else None
    except re.error:
        return None  # Java's own, such as \p{L}


def _said(shape: Any, value: Any, where: str, constraint: str) -> str:
    shown = _HIDDEN if shape.metadata.get("sensitive") else value
    return f"Value '{shown}' at '{where}' failed to satisfy constraint: Member must {constraint}"


def _refusal(problems: list[str]) -> tuple[int, dict[str, str], str]:
    count = f"{len(problems)} validation error{'s'[: len(problems) != 1]} detected"
    message = f"{count}: {'; '.join(problems)}"
    if "X-Amz-Target" in request.headers:
        body = json.dumps({"__type": "ValidationException", "message": message})
        return _BAD_REQUEST, {"Content-Type": "application/x-amz-json-1.1"}, body
    body = (
        "<ErrorResponse><Error><Type>Sender</Type><Code>ValidationError</Code>"
        f"<Message>{escape(message)}</Message></Error></ErrorResponse>"
    )
    return _BAD_REQUEST, {"Content-Type": "text/xml"}, body
