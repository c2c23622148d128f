"""Every error this project raises on purpose, as one tree.

    DmsStreamError
    ├── FaultsError                several independent faults, reported together
    │   ├── InvalidPropsError      a construct's props, built in Python
    │   ├── SettingsError          an environment's YAML file
    │   ├── PricesError            a file of AWS's list prices             constructs_lib.workload
    │   └── AcknowledgementsError  a `review.yaml`                         dms_stream.review
    ├── ConstructError             constructs that do not fit together
    ├── PlanError                  a plan that cannot be read              dms_stream.review
    ├── NotANumberError            an infinite number in a plan            dms_stream.review
    ├── MessageError               a record that is not one of DMS's       dms_stream.messages
    ├── LocalAwsError              the embedded AWS                        dms_stream.local_aws
    ├── CommandError               a command that cannot be carried out    dms_stream.cli
    ├── StepFailedError            a program that was called has failed    dms_stream.cli
    ├── OperationError             an operation that cannot be carried out dms_stream.operations
    ├── MissingExtraError          packages of an extra are not installed  dms_stream.extras
    ├── InitError                  a project cannot be written             dms_stream.init
    ├── ProjectError               the folder is in no project             dms_stream.settings
    ├── ProgramError               a program cannot be started             dms_stream.programs
    ├── LockedError                another process holds a file's lock     dms_stream.programs
    └── RehearsalError             the rehearsal cannot go on              dms_stream.rehearsal
        ├── RefusedError           rules, settings or data it does not reproduce
        │   └── LogRefusedError    what the binary log holds
        ├── NotRenderedError       rows that are read one by one instead
        ├── SourceError            the source database
        │   └── ConnectionLostError  its connection broke; a rerun goes on
        └── DeliveryError          the delivery to S3                      dms_stream.rehearsal
            └── RejectedRecordError  one record that Firehose would reject

Those without a package stand in this module. FaultsError, ConstructError, MessageError and
RejectedRecordError are ValueErrors too. The command line prints the message and exits with code 2;
no traceback.
"""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, cast

from pydantic import ValidationError
from pydantic_core import InitErrorDetails, PydanticCustomError

from constructs_lib.error_words import key_shown, kind_of, said, sentence, shown

# Fields whose value must never be repeated in a message, a log or a report.
_SECRET_WORDS = ("password", "secret", "token", "private_key", "access_key")
_LONGEST_VALUE_SHOWN = 120
# pydantic's word behind a mapping's key that is not valid
_OF_A_KEY = "[key]"


class DmsStreamError(Exception):
    """Root of the tree: catch it to catch everything this project raises on purpose."""


@dataclass(frozen=True)
class Fault:
    """One mistake.

    Attributes:
        where: Key path (`pipelines.tickets.stream.retention`) or construct path.
        problem: What is wrong, what is allowed and what to do, as a sentence.
        given: The value as given; None when there is none to show.
    """

    where: str
    problem: str
    given: str | None = None

    def __str__(self) -> str:
        given = ""
        if self.given is not None:
            on_one_line = _cut(self.given).replace("\n", "\\n")
            given = f"\n      given: {on_one_line}"
        where = ".".join(map(_cut, self.where.split(".")))
        return f"  - {where}: {self.problem}{given}"


class FaultsError(DmsStreamError, ValueError):
    """Several independent faults of one document, reported together.

    Attributes:
        subject: What holds the faults: a file or a class of props.
        faults: All of them, in document order.
    """

    def __init__(self, subject: str, faults: Iterable[Fault]) -> None:
        self.subject = subject
        self.faults = tuple(faults)
        count = len(self.faults)
        lines = "\n".join(str(fault) for fault in self.faults)
        super().__init__(f"{subject}: {count} mistake{'s'[: count != 1]}\n{lines}")


class InvalidPropsError(FaultsError):
    """Props of a construct that were built in Python and are not valid."""


class SettingsError(FaultsError):
    """An environment's settings file that is missing, unreadable or not valid."""


class ConstructError(DmsStreamError, ValueError):
    """A construct and its collaborators do not fit together.

    Args:
        construct_path: Path of the construct in the tree.
        problem: What is wrong, what is allowed and what to do.
    """

    def __init__(self, construct_path: str, problem: str) -> None:
        self.construct_path = construct_path
        super().__init__(f"{construct_path}: {problem}")


def in_the_models_words(
    title: str, error: ValidationError, descriptions: Mapping[str, str | None]
) -> ValidationError:
    """The same error, its lines about this level's keys saying what the model knows of them.

    Args:
        title: The model's name.
        error: What pydantic found.
        descriptions: The model's keys, each with what it means. An unknown key is answered with
            all of them, a text of the wrong form with what that key means.
    """
    known = sorted(descriptions)
    lines: list[InitErrorDetails] = []
    for detail in error.errors(include_url=False):
        more = ""
        if detail["type"] == "string_pattern_mismatch":
            meaning = " ".join((descriptions.get(str(detail["loc"][0])) or "").split())
            more = meaning.partition(". ")[0].rstrip(".")
        line: InitErrorDetails = {
            "type": said(detail, more=more),
            "loc": detail["loc"],
            "input": detail["input"],
        }
        if detail["type"] == "extra_forbidden" and len(detail["loc"]) == 1:
            given = str(detail["loc"][0])
            close = difflib.get_close_matches(given, known, n=1)
            advice = f"; did you mean {close[0]}?" if close else "."
            line["type"] = PydanticCustomError(
                "unknown_key",
                cast(Any, f"unknown setting{advice} Allowed: {', '.join(known)}"),
            )
        lines.append(line)
    return ValidationError.from_exception_data(title, lines)


def faults_of(error: ValidationError, document: Any) -> list[Fault]:
    """The faults of a pydantic validation, in the words of this project.

    Args:
        error: What pydantic found.
        document: What was validated, to tell its keys from the names of union variants.
    """
    return [_fault(dict(detail), document) for detail in error.errors(include_url=False)]


def _fault(detail: dict[str, Any], document: Any) -> Fault:
    # only a validator of a whole variant ends with the variant's name; other ends are keys, which
    # need not be in the document: one that is missing, or one that a validator of ours names
    ends_with_key = kind_of(detail) not in ("value_error", "assertion_error")
    path = _keys_of_document(detail["loc"], document, ends_with_key=ends_with_key)
    if kind_of(detail) == "invalid_key":
        path[-1:] = [key_shown(detail["input"])]
    where = ".".join(path) or "(top level)"
    if kind_of(detail) == "missing":
        return Fault(where, sentence(detail))
    return Fault(where, sentence(detail), _shown(path, detail["input"]))


def _keys_of_document(
    loc: tuple[str | int, ...], document: Any, *, ends_with_key: bool
) -> list[str]:
    # pydantic puts the variant's name of a discriminated union between the keys, and behind the
    # last one where the whole variant is at fault
    keys: list[str] = []
    here = document
    variant_at = -1
    if loc[-1:] == (_OF_A_KEY,):
        # the key itself is at fault, and stands before this word
        loc = loc[:-1]
        ends_with_key = True
    for position, part in enumerate(loc):
        is_key = ends_with_key and position == len(loc) - 1
        if isinstance(here, dict):
            # a variant may have a key of its own name: `{kind: time, time: …}`
            is_variant = part == here.get("kind") and not is_key and position > variant_at
            variant_at = position + 1 if is_variant else variant_at
            if is_variant or (part not in here and not is_key):
                continue
            here = here.get(part)
        elif isinstance(here, list | tuple) and isinstance(part, int) and part < len(here):
            here = here[part]
        keys.append(str(part))
    return keys


def _shown(path: list[str], value: object) -> str:
    try:
        if any(_is_secret(part) for part in path) or _holds_secret(value):
            return "(not shown)"
        text = shown(value)
    except RecursionError:
        return "(nested too deeply to show)"
    return _cut(text)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_VALUE_SHOWN else text[: _LONGEST_VALUE_SHOWN - 1] + "…"


def _is_secret(key: object) -> bool:
    return any(word in str(key).lower() for word in _SECRET_WORDS)


def _holds_secret(value: object) -> bool:
    if isinstance(value, dict):
        return any(_is_secret(key) or _holds_secret(inner) for key, inner in value.items())
    return isinstance(value, list | tuple) and any(_holds_secret(inner) for inner in value)
