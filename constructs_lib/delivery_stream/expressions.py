"""Firehose's `!{namespace:value}` expressions in S3 prefixes, and its JQ expressions.

https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

_EXPRESSION = re.compile(r"!\{([^{}]*)\}")
_LITERAL = re.compile(r"^[A-Za-z0-9!_.*'()/=-]*$")
_TIMESTAMP = re.compile(r"^timestamp:[A-Za-z0-9_.,:'/ -]+$")
_FIREHOSE = ("firehose:error-output-type", "firehose:random-string")
_SOURCE = "https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html"


def _check_error_prefix(prefix: str) -> str:
    for expression in _EXPRESSION.findall(prefix):
        if expression.startswith(("partitionKeyFromQuery:", "partitionKeyFromLambda:")):
            raise ValueError(
                f"`!{{{expression}}}` cannot stand in an error prefix: a record may be there "
                f"because its partition key could not be found ({_SOURCE})"
            )
        if expression not in _FIREHOSE and not _TIMESTAMP.match(expression):
            raise ValueError(
                f"`!{{{expression}}}` is no expression of Firehose: write "
                "!{timestamp:<pattern>}, !{firehose:error-output-type} or "
                f"!{{firehose:random-string}} ({_SOURCE})"
            )
    literal = _EXPRESSION.sub("", prefix)
    if "!{" in literal:
        raise ValueError(f"has a `!{{` without its `}}`, or one inside another ({_SOURCE})")
    if not _LITERAL.match(literal):
        raise ValueError(
            "may hold letters, digits, ! _ . * ' ( ) / = - and !{…} expressions only: others need "
            "care in S3 "
            "(https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html)"
        )
    if "!{firehose:error-output-type}" not in prefix:
        raise ValueError(
            "must contain !{firehose:error-output-type}, which Firehose asks for and which tells "
            f"why a record is there: errors/!{{firehose:error-output-type}}/ ({_SOURCE})"
        )
    return prefix


ErrorPrefix = Annotated[str, Field(max_length=512), AfterValidator(_check_error_prefix)]
"""A prefix for what could not be delivered, with `!{firehose:error-output-type}` in it."""


def literal_start(prefix: str) -> str:
    """What comes before the first expression of a prefix."""
    return prefix.split("!{", maxsplit=1)[0]


def folder_of(prefix: str) -> str:
    """The folder that holds whatever a prefix becomes, ending in `/`; empty: the bucket's root."""
    start = literal_start(prefix)
    return start[: start.rfind("/") + 1]


def _check_jq(expression: str) -> str:
    if "${" in expression or "%{" in expression:
        raise ValueError("holds `${` or `%{`, which Terraform would read: JQ needs neither")
    # only where there is an expression to check
    import jq

    try:
        jq.compile(expression)
    except ValueError as error:
        reason = " ".join(str(error).split()).removeprefix("jq: error: ").partition(" at <")[0]
        raise ValueError(
            f"is no JQ expression ({reason}): write one such as .metadata.operation "
            "(https://jqlang.github.io/jq/manual/v1.6/)"
        ) from None
    return expression


JqExpression = Annotated[str, Field(pattern=r"^[^\n]+$"), AfterValidator(_check_jq)]
"""An expression of JQ 1.6 that makes a string of a record, on one line."""


def value_or(path: str, fallback: str) -> str:
    """JQ: the string at `path`, or `fallback` where it is missing, null or empty."""
    return f'({path} // "" | if . == "" then "{fallback}" else . end)'
