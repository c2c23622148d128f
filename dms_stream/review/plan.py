"""A Terraform plan as the rules see it, read from the JSON of `terraform show -json`.

Format: https://developer.hashicorp.com/terraform/internals/json-format
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from dms_stream.review.errors import PlanError
from dms_stream.review.redaction import clean, shown
from dms_stream.review.values import Path, at, document, is_empty, marks, same, text_of

SUPPORTED_MAJOR = "1"
_HOW_TO = "make one with `terraform plan -out=FILE` and `terraform show -json FILE`"
_LONGEST_ADDRESS = 300


class Action(StrEnum):
    """What happens to a resource."""

    CREATE = "created"
    UPDATE = "changed"
    REPLACE = "replaced"
    DELETE = "destroyed"
    FORGET = "forgotten"
    NOTHING = "kept"
    READ = "read"


_ACTIONS = {
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("delete",): Action.DELETE,
    ("forget",): Action.FORGET,
    # a new one beside an old one that is no longer Terraform's
    ("create", "forget"): Action.FORGET,
    ("no-op",): Action.NOTHING,
    (): Action.NOTHING,
    ("read",): Action.READ,
}


@dataclass(frozen=True, slots=True)
class ResourceChange:
    """What a plan does to one resource.

    Attributes:
        address: Its address, cleaned for display.
        type: Its type, such as `aws_kinesis_stream`.
        action: What happens to it.
        before: Its attributes as they are; empty when it is created.
        after: Its attributes as they will be; empty when it is destroyed.
        after_unknown: Marks what is known only after the apply.
        before_sensitive: Marks what Terraform shows nobody, before.
        after_sensitive: And after.
        replace_paths: The attributes that force a replacement.
        action_reason: Why Terraform does it, in its own word.
        previous_address: Where it was before it moved.
        imported: Whether it is taken over from outside.
        deposed: Whether it is what an interrupted replacement left behind.
    """

    address: str
    type: str
    action: Action
    before: Mapping[str, Any] = field(default_factory=dict)
    after: Mapping[str, Any] = field(default_factory=dict)
    after_unknown: Any = None
    before_sensitive: Any = None
    after_sensitive: Any = None
    replace_paths: tuple[Path, ...] = ()
    action_reason: str | None = None
    previous_address: str | None = None
    imported: bool = False
    deposed: bool = False

    @property
    def destroys(self) -> bool:
        """Whether what exists goes."""
        return self.action in (Action.DELETE, Action.REPLACE)

    @property
    def updates(self) -> bool:
        """Whether it is changed where it stands."""
        return self.action is Action.UPDATE

    @property
    def makes(self) -> bool:
        """Whether something new comes into being."""
        return self.action in (Action.CREATE, Action.REPLACE)

    @property
    def compares(self) -> bool:
        """Whether there is a before and an after."""
        return self.action in (Action.UPDATE, Action.REPLACE)

    def old(self, path: str) -> Any:
        """The value before."""
        return at(self.before, path)

    def new(self, path: str) -> Any:
        """The value after; None also where it is unknown."""
        return at(self.after, path)

    def unknown(self, path: str) -> bool:
        """Whether the value after is known only when it is there."""
        return marks(self.after_unknown, path)

    def sensitive(self, path: str) -> bool:
        """Whether Terraform marks the value, before or after."""
        return marks(self.before_sensitive, path) or marks(self.after_sensitive, path)

    def changed(self, path: str) -> bool:
        """Whether the value changes in meaning, as far as the plan knows."""
        return not self.unknown(path) and not same(self.old(path), self.new(path))

    def forces_replacement(self, attribute: str) -> bool:
        """Whether a change of this attribute is why it is replaced."""
        return any(path and path[0] == attribute for path in self.replace_paths)

    def shown_old(self, path: str) -> str:
        """The value before, as a report may show it."""
        return shown(self.old(path), path=path, sensitive=self.sensitive(path))

    def shown_new(self, path: str) -> str:
        """The value after, as a report may show it."""
        if self.unknown(path):
            return "(known after apply)"
        return shown(self.new(path), path=path, sensitive=self.sensitive(path))

    def step(self, path: str) -> str:
        """`path: before → after`, as a report may show it."""
        return f"{path}: {self.shown_old(path)} → {self.shown_new(path)}"

    def old_document(self, path: str) -> Any:
        """The document that the text at a path holds, before."""
        return document(self.old(path))

    def new_document(self, path: str) -> Any:
        """The document that the text at a path holds, after."""
        return document(self.new(path))

    @property
    def name(self) -> str:
        """What AWS calls it, as far as the plan knows; else its address."""
        values = self.before or self.after
        for key in _NAMES:
            value = values.get(key)
            if isinstance(value, str) and value and not self.sensitive(key):
                return clean(value)
        return self.address

    def changed_attributes(self) -> Iterator[str]:
        """The attributes whose values differ, whether or not they mean the same."""
        for key in dict.fromkeys([*self.before, *self.after]):
            if self.before.get(key) != self.after.get(key) and not marks(self.after_unknown, key):
                yield key

    def unknown_attributes(self) -> Iterator[str]:
        """The attributes whose value after is not known, in whole or in part."""
        if isinstance(self.after_unknown, dict):
            yield from (key for key in self.after_unknown if marks(self.after_unknown, key))

    def reasons_for_replacement(self) -> str:
        """The attributes that force the replacement with their values, in words."""
        if self.replace_paths:
            paths = dict.fromkeys(text_of(path) for path in self.replace_paths)
            return "; ".join(self.step(clean(path)) for path in paths)
        return _REPLACEMENT_REASONS.get(self.action_reason or "", "the plan does not say why")


# what people call a thing, the most telling first
_NAMES = (
    "replication_task_id",
    "replication_config_identifier",
    "replication_instance_id",
    "endpoint_id",
    "alarm_name",
    "name",
    "identifier",
    "cluster_identifier",
    "bucket",
    "id",
)

_REPLACEMENT_REASONS = {
    "replace_because_tainted": "it is tainted: an earlier apply of it failed half-way",
    "replace_by_request": "it was asked for with -replace",
    "replace_by_triggers": "something named in its replace_triggered_by changes",
    "replace_because_cannot_update": "the provider cannot change it in place",
}


@dataclass(frozen=True)
class Protection:
    """Which resources Terraform itself refuses to destroy (`prevent_destroy`).

    A plan does not say, so it is read from the configurations where those are at hand.

    Attributes:
        before: Addresses protected by what is deployed; None: not known.
        after: Addresses protected by what is planned; None: not known.
    """

    before: frozenset[str] | None = None
    after: frozenset[str] | None = None


@dataclass(frozen=True)
class Plan:
    """One plan.

    Attributes:
        name: Where it came from: a stack, a file or standard input.
        changes: What happens to each managed resource, those that are kept included.
        drift: What was changed outside Terraform since its last apply.
        outputs: What happens to the outputs, as Terraform writes it.
        terraform_version: What made it.
        errored: Whether planning stopped half-way.
        complete: Whether another plan is needed after it; None where Terraform does not say.
        deferred: Addresses that Terraform could not plan yet.
        protection: What `prevent_destroy` protects, where that is known.
    """

    name: str
    changes: tuple[ResourceChange, ...]
    drift: tuple[ResourceChange, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    terraform_version: str | None = None
    errored: bool = False
    complete: bool | None = None
    deferred: tuple[str, ...] = ()
    protection: Protection = Protection()

    @cached_property
    def by_type(self) -> dict[str, list[ResourceChange]]:
        """The changes of each type."""
        found: dict[str, list[ResourceChange]] = {}
        for change in self.changes:
            found.setdefault(change.type, []).append(change)
        return found

    @cached_property
    def by_address(self) -> dict[str, ResourceChange]:
        """The change at each address."""
        return {change.address: change for change in self.changes}

    @cached_property
    def _destroyed(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for change in self.changes:
            if change.destroys:
                names = (change.old(key) for key in ("id", "name"))
                found.setdefault(change.type, set()).update(
                    name for name in names if isinstance(name, str)
                )
        return found

    def destroys(self, type_: str, name: object) -> bool:
        """Whether it destroys (or replaces) a resource of this type and id or name."""
        return name in self._destroyed.get(type_, ())

    @cached_property
    def users_of_endpoints(self) -> dict[str, list[str]]:
        """ARN of each DMS endpoint, and the addresses of the tasks that use it."""
        found: dict[str, list[str]] = {}
        for task in self.of_type("aws_dms_replication_task", "aws_dms_replication_config"):
            for path in ("source_endpoint_arn", "target_endpoint_arn"):
                if isinstance(arn := task.old(path), str):
                    found.setdefault(arn, []).append(task.address)
        return found

    @cached_property
    def tables_that_change(self) -> list[str]:
        """Addresses of the Glue tables that it changes."""
        actions = (Action.UPDATE, Action.REPLACE)
        tables = self.of_type("aws_glue_catalog_table")
        return [table.address for table in tables if table.action in actions]

    def of_type(self, *types: str) -> list[ResourceChange]:
        """The changes of some types, those that are kept included."""
        return [change for type_ in types for change in self.by_type.get(type_, ())]


def parse_plan(text: str | bytes, name: str) -> Plan:
    """Read a plan's JSON.

    Args:
        text: What `terraform show -json` printed.
        name: Where it came from, for messages.

    Raises:
        PlanError: it is no whole plan in a format that is known.
    """
    try:
        parsed = json.loads(text)
    except UnicodeDecodeError:
        raise PlanError(name, f"is no text in UTF-8: {_HOW_TO}") from None
    except json.JSONDecodeError as error:
        if not error.doc.strip():
            raise PlanError(name, f"is empty: {_HOW_TO}") from None
        ends = error.pos >= len(error.doc.rstrip()) or "Unterminated" in error.msg
        problem = "breaks off" if ends else "is no JSON"
        raise PlanError(
            name, f"{problem} at line {error.lineno}, column {error.colno}: {_HOW_TO}"
        ) from None
    except RecursionError:
        raise PlanError(name, f"is nested too deeply to be a plan: {_HOW_TO}") from None
    except ValueError:
        raise PlanError(name, f"holds a number too long to read: {_HOW_TO}") from None
    return plan_of(parsed, name)


def plan_of(parsed: Any, name: str) -> Plan:
    """The plan in parsed JSON.

    Raises:
        PlanError: it is no plan, or of a format that is not known.
    """
    if not isinstance(parsed, dict):
        raise PlanError(name, f"holds {_kind(parsed)} instead of a plan: {_HOW_TO}")
    version = parsed.get("format_version")
    if not isinstance(version, str) or not version:
        raise PlanError(
            name, f"has no format_version, so it is no plan that Terraform wrote: {_HOW_TO}"
        )
    if version.split(".")[0] != SUPPORTED_MAJOR:
        raise PlanError(
            name,
            f"has format_version {clean(version, 20)}; only {SUPPORTED_MAJOR}.x is understood, and "
            "another major version may mean something else by the same words: use Terraform 1.x, "
            "or a newer dms-stream",
        )
    if "resource_changes" not in parsed and "planned_values" not in parsed:
        what = "a state" if "values" in parsed else "no plan"
        raise PlanError(name, f"is {what}, which changes nothing: {_HOW_TO}")
    try:
        deferred = [
            _entry(each)["resource_change"] for each in _entries(parsed, "deferred_changes")
        ]
        return Plan(
            name=name,
            changes=tuple(_changes(parsed, "resource_changes", name)),
            drift=tuple(_changes(parsed, "resource_drift", name)),
            outputs=_mapping(parsed.get("output_changes")),
            terraform_version=_text_or_none(parsed.get("terraform_version")),
            errored=parsed.get("errored") is True,
            complete=complete if isinstance(complete := parsed.get("complete"), bool) else None,
            deferred=tuple(clean(str(_entry(each)["address"])) for each in deferred),
        )
    except (TypeError, KeyError) as error:
        raise PlanError(name, f"is no plan that Terraform wrote: {error}: {_HOW_TO}") from None
    except RecursionError:
        raise PlanError(name, f"is nested too deeply to be a plan: {_HOW_TO}") from None


def _changes(parsed: dict[str, Any], key: str, name: str) -> Iterator[ResourceChange]:
    for number, entry in enumerate(_entries(parsed, key)):
        try:
            if _entry(entry).get("mode", "managed") == "managed":
                yield _change(entry)
        except (TypeError, KeyError) as error:
            raise PlanError(
                name, f"{key}[{number}] is nothing that Terraform writes: {error}: {_HOW_TO}"
            ) from None


def _change(entry: dict[str, Any]) -> ResourceChange:
    change = _entry(entry["change"])
    actions = tuple(str(action) for action in _list(change["actions"]))
    if actions not in _ACTIONS:
        raise TypeError(f"unknown actions {clean(', '.join(actions))}")
    previous = _text_or_none(entry.get("previous_address"))
    address, deposed = entry["address"], entry.get("deposed")
    if not isinstance(address, str) or not isinstance(entry["type"], str):
        raise TypeError("address and type are texts")
    return ResourceChange(
        address=clean(address, _LONGEST_ADDRESS) + (" (deposed)" if deposed else ""),
        type=clean(entry["type"]),
        action=_ACTIONS[actions],
        before=_mapping(change.get("before")),
        after=_mapping(change.get("after")),
        after_unknown=change.get("after_unknown"),
        before_sensitive=change.get("before_sensitive"),
        after_sensitive=change.get("after_sensitive"),
        replace_paths=tuple(_path(path) for path in _list(change.get("replace_paths") or [])),
        action_reason=_text_or_none(entry.get("action_reason")),
        previous_address=previous and clean(previous, _LONGEST_ADDRESS),
        imported=not is_empty(change.get("importing")),
        deposed=bool(deposed),
    )


def _path(path: Any) -> Path:
    return tuple(part if isinstance(part, int) else str(part) for part in _list(path))


def _entries(parsed: dict[str, Any], key: str) -> list[Any]:
    entries = parsed.get(key)
    return [] if entries is None else _list(entries, key)


def _list(value: Any, what: str = "a value") -> list[Any]:
    if not isinstance(value, list):
        raise TypeError(f"{what} is {_kind(value)} instead of a list")
    return value


def _entry(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{_kind(value)} stands where an object belongs")
    return value


def _mapping(value: Any) -> dict[str, Any]:
    return {} if value is None else _entry(value)


def _text_or_none(value: Any) -> str | None:
    return clean(value) if isinstance(value, str) and value else None


def _kind(value: Any) -> str:
    names = {list: "a list", dict: "an object", str: "a text", bool: "true or false"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else "null")
