"""Firehose's `!{namespace:value}` expressions in S3 prefixes, and its jq expressions.

https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html
"""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from constructs_lib.bucket_name import no_dots_alone
from constructs_lib.delivery_stream.jq_1_6 import compile_for_1_6, refuse_endless
from constructs_lib.delivery_stream.sample_records import check_partition_key

_EXPRESSION = re.compile(r"!\{([^{}]*)\}")
_LITERAL = re.compile(r"^[A-Za-z0-9!_.*'()/=-]*$")
_TIMESTAMP = re.compile(r"^timestamp:[A-Za-z0-9_.,:'/= -]+$")
_FIREHOSE = ("firehose:error-output-type", "firehose:random-string")
_SOURCE = "https://docs.aws.amazon.com/firehose/latest/dev/s3-prefixes.html"


# letters of Java's DateTimeFormatter, which reserves all others
_DATE_LETTERS = frozenset("GuyDMLdQqYwWEecFahKkHmsSAnNVzOXxZ")
_DATE_PATTERNS = "https://docs.oracle.com/javase/8/docs/api/java/time/format/DateTimeFormatter.html"
_QUOTED = re.compile(r"'[^']*'")


def _problem_of_pattern(pattern: str) -> str | None:
    bare = _QUOTED.sub("", pattern)
    if "'" in bare:
        return "has a ' without the one that ends the text: write yyyy-MM-dd or 'day='yyyy-MM-dd"
    wrong = sorted({letter for letter in bare if letter.isalpha()} - _DATE_LETTERS)
    if wrong:
        return (
            f"has {', '.join(wrong)}, which no date is written with: put text in single quotes, as "
            "in 'day='yyyy-MM-dd"
        )
    return None


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
        problem = (
            None
            if expression in _FIREHOSE
            else _problem_of_pattern(expression.removeprefix("timestamp:"))
        )
        if problem:
            raise ValueError(f"`!{{{expression}}}` {problem} ({_DATE_PATTERNS})")
    literal = _EXPRESSION.sub("", prefix)
    if "!{" in literal:
        raise ValueError(f"has a `!{{` without its `}}`, or one inside another ({_SOURCE})")
    if not _LITERAL.match(literal):
        raise ValueError(
            "may hold letters, digits, ! _ . * ' ( ) / = - and !{…} expressions only: others need "
            "care in S3 "
            "(https://docs.aws.amazon.com/AmazonS3/latest/userguide/object-keys.html)"
        )
    no_dots_alone(literal)
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
        raise ValueError("holds `${` or `%{`, which Terraform would read: jq needs neither")
    try:
        compile_for_1_6(expression)
        # as it stands among others on Firehose's one line
        compile_for_1_6(f"{{key:({expression}),other:1}}")
        refuse_endless(expression)
    except ValueError as error:
        if "#" in expression and _compiles(expression):
            raise ValueError(
                "has a comment, which hides what Firehose's query goes on with, as all of it is "
                "one line: leave the comment out"
            ) from None
        raise ValueError(f"{error}: write one such as .metadata.operation") from None
    check_partition_key(expression)
    return expression


def _compiles(expression: str) -> bool:
    try:
        compile_for_1_6(expression)
    except ValueError:
        return False
    return True


JqExpression = Annotated[str, Field(pattern=r"^[^\n]+$"), AfterValidator(_check_jq)]
"""A jq 1.6 expression on one line that gives one value for each record of DMS."""


def value_or(path: str, fallback: str) -> str:
    """jq: the string at `path`, or `fallback` where it is missing, null or empty."""
    return f'({path} // "" | if . == "" then "{fallback}" else . end)'
