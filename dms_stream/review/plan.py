"""A Terraform plan as the rules see it, read from the JSON of `terraform show -json`.

Format: https://developer.hashicorp.com/terraform/internals/json-format
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property, lru_cache, partial
from typing import Any, TypeVar

from dms_stream.review.errors import HOW_TO as _HOW_TO
from dms_stream.review.errors import IS_A_LOG, NotANumberError, PlanError, not_json
from dms_stream.review.needs import configured_needs
from dms_stream.review.openings import GROUPS, RULES, Opening, openings_of
from dms_stream.review.redaction import clean, printable, shown, step
from dms_stream.review.sets import pair_entries
from dms_stream.review.values import (
    Path,
    are_marks,
    at,
    differing_paths,
    document,
    is_empty,
    is_too_deep,
    marked_paths,
    marks,
    same,
    text_of,
)

SUPPORTED_MAJOR = "1"
_LONGEST_ADDRESS = 300
_GZIP = b"\x1f\x8b"
_Read = TypeVar("_Read")


class Action(StrEnum):
    """What happens to a resource."""

    CREATE = "created"
    UPDATE = "changed"
    REPLACE = "replaced"
    DELETE = "destroyed"
    SUPERSEDE = "superseded"
    """A new one is created, and Terraform lets go of the old one without destroying it."""
    FORGET = "forgotten"
    NOTHING = "kept"
    READ = "read"


_MANAGED = "managed"
_ACTIONS = {
    ("create",): Action.CREATE,
    ("update",): Action.UPDATE,
    ("delete", "create"): Action.REPLACE,
    ("create", "delete"): Action.REPLACE,
    ("delete",): Action.DELETE,
    ("forget",): Action.FORGET,
    ("create", "forget"): Action.SUPERSEDE,
    ("forget", "create"): Action.SUPERSEDE,
    ("no-op",): Action.NOTHING,
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
        module: Address of the module it belongs to; empty for the root module.
        memo: What was computed about it once and is needed again.
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
    module: str = ""
    memo: dict[str, Any] = field(default_factory=dict, init=False, compare=False, repr=False)

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
        return self.action in (Action.CREATE, Action.REPLACE, Action.SUPERSEDE)

    @property
    def compares(self) -> bool:
        """Whether there is a before and an after."""
        return self.action in (Action.UPDATE, Action.REPLACE, Action.SUPERSEDE)

    def old(self, path: str) -> Any:
        """The value before."""
        return at(self.before, path) if "." in path else self.before.get(path)

    def new(self, path: str) -> Any:
        """The value after; None also where it is unknown."""
        return at(self.after, path) if "." in path else self.after.get(path)

    def unknown(self, path: str) -> bool:
        """Whether the value after is known only when it is there."""
        return bool(self.after_unknown) and marks(self.after_unknown, path)

    def sensitive(self, path: str) -> bool:
        """Whether Terraform marks the value, before or after."""
        return marks(self.before_sensitive, path) or marks(self.after_sensitive, path)

    def changed(self, path: str) -> bool:
        """Whether the value changes in meaning, as far as the plan knows."""
        old, new = self.old(path), self.new(path)
        return old is not new and not self.unknown(path) and not same(old, new)

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
        return step(path, self.shown_old(path), self.shown_new(path))

    def _change_in_words(self, path: str) -> str:
        old, new = self.shown_old(path), self.shown_new(path)
        return f"{path} changes" + ("" if old == new else f" ({old} → {new})")

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
        for key in _NAMES_BY_TYPE.get(self.type, _NAMES):
            value = values.get(key)
            if isinstance(value, str) and value and not self.sensitive(key):
                if key == "key" and isinstance(bucket := values.get("bucket"), str):
                    return clean(f"{bucket}/{value}")
                return clean(value)
        return self.address

    def differing(self) -> tuple[str, ...]:
        """The innermost paths whose values are known before and after, and differ in meaning."""
        if "differing" not in self.memo:
            self.memo["differing"] = tuple(
                path
                for name in self.changed_attributes(partly=True)
                for path in differing_paths(self.before.get(name), self.after.get(name), name)
                if not marks(self.after_unknown, path)
            )
        found: tuple[str, ...] = self.memo["differing"]
        return found

    def unknown_paths(self) -> tuple[str, ...]:
        """The paths whose values are known only after the apply."""
        if self.after_unknown is True:
            return tuple(self.before)
        return tuple(marked_paths(self.after_unknown))

    def is_left_to_the_service(self, path: str) -> bool:
        """Whether a value is unknown because the configuration leaves it to the service, as far as
        a plan shows: of something new, all of a block that it had before.
        """
        top = path.partition(".")[0]
        marks_of_it = self.after_unknown.get(top) if isinstance(self.after_unknown, dict) else None
        return self.makes and marks_of_it is True and isinstance(self.before.get(top), list)

    def changed_attributes(self, *, partly: bool = False) -> Iterator[str]:
        """The attributes whose values differ, whether or not they mean the same.

        Args:
            partly: Whether to name those as well of which a part is unknown.
        """
        for key in dict.fromkeys([*self.before, *self.after]):
            if self.before.get(key) != self.after.get(key) and (
                partly or not marks(self.after_unknown, key)
            ):
                yield key

    def unknown_attributes(self) -> Iterator[str]:
        """The attributes whose value after is not known, in whole or in part."""
        if self.after_unknown is True:
            yield from self.before
        elif isinstance(self.after_unknown, dict):
            yield from (key for key in self.after_unknown if marks(self.after_unknown, key))

    def why_replaced(self) -> str:
        """`because …`, or what else there is to say about the reason for a replacement."""
        reason = _REPLACEMENT_REASONS.get(self.action_reason or "")
        if reason:
            return reason
        if self.replace_paths:
            paths = dict.fromkeys(text_of(path) for path in self.replace_paths)
            return "because " + "; ".join(map(self._change_in_words, map(printable, paths)))
        return "for a reason that the plan does not give"


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
    "db_snapshot_identifier",
    "db_cluster_snapshot_identifier",
    "table_name",
    "function_name",
    "repository",
    "domain_name",
    "bucket",
    "id",
)

_NAMES_BY_TYPE = {
    "aws_s3_object": ("key",),
    "aws_s3_bucket_object": ("key",),
    "aws_s3_object_copy": ("key",),
}

_REPLACEMENT_REASONS = {
    "replace_because_tainted": (
        "because it is tainted (by an apply that failed half-way, or by `terraform taint`)"
    ),
    "replace_by_request": "because -replace asks for it",
    "replace_by_triggers": "because something named in its replace_triggered_by changes",
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
class Invocation:
    """An action (Terraform 1.14 and later) that an apply invokes.

    Attributes:
        address: Its address, cleaned for display.
        type: Its type, such as `aws_lambda_invoke`.
        trigger: When, in words; empty where the plan does not say.
    """

    address: str
    type: str
    trigger: str = ""


@dataclass(frozen=True)
class CheckResult:
    """A check, precondition or postcondition that did not pass.

    Attributes:
        address: What is checked, cleaned for display.
        status: `fail`, `error` or `unknown`.
        messages: What its author says about it, cleaned for display.
    """

    address: str
    status: str
    messages: tuple[str, ...] = ()


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
        invocations: Actions (Terraform 1.14) that it invokes: address, type, and when.
        checks: Checks that did not pass: address, status and messages.
        protection: What `prevent_destroy` protects, where that is known.
        configuration: The configuration of the root module, as Terraform writes it.
    """

    name: str
    changes: tuple[ResourceChange, ...]
    drift: tuple[ResourceChange, ...] = ()
    outputs: Mapping[str, Any] = field(default_factory=dict)
    terraform_version: str | None = None
    errored: bool = False
    complete: bool | None = None
    deferred: tuple[str, ...] = ()
    invocations: tuple[Invocation, ...] = ()
    checks: tuple[CheckResult, ...] = ()
    protection: Protection = Protection()
    configuration: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @cached_property
    def changed_outputs(self) -> Mapping[str, Mapping[str, Any]]:
        """What happens to the outputs that change, are added or go, or are marked otherwise."""
        return {
            name: output
            for name, output in self.outputs.items()
            if isinstance(output, dict)
            and (
                output.get("actions") != ["no-op"]
                or output.get("before_sensitive") != output.get("after_sensitive")
            )
        }

    @cached_property
    def needs(self) -> Mapping[str, frozenset[str]]:
        """What each resource of the root module names or depends on; empty where not known."""
        return configured_needs(self.configuration)

    def needs_of(self, address: str) -> frozenset[str]:
        """All that a resource needs, and what that needs in turn."""
        found: set[str] = set()
        waiting = [address.partition("[")[0]]
        while waiting:
            for each in self.needs.get(waiting.pop(), ()):
                if each not in found:
                    found.add(each)
                    waiting.append(each)
        return frozenset(found)

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
                found.setdefault(change.type, set()).update(names_of(change.type, change.before))
        return found

    @cached_property
    def _made(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for change in self.changes:
            if change.makes:
                found.setdefault(change.type, set()).update(names_of(change.type, change.after))
        return found

    @cached_property
    def memo(self) -> dict[str, Any]:
        """What was computed about it once and is needed again."""
        return {}

    def makes_owner(self, change: ResourceChange, attribute: str, *types: str) -> bool:
        """Whether what a resource belongs to is itself new with this plan, so that nothing that
        exists is concerned.

        Args:
            change: The resource.
            attribute: The attribute that names what it belongs to.
            types: The types that this may be; default: any.
        """
        if change.unknown(attribute):
            return True
        value = change.new(attribute)
        named = value if isinstance(value, list) else [value]
        return bool(named) and all(
            any(
                isinstance(name, str) and name in names
                for type_, names in self._made.items()
                if (type_ in types if types else type_ != change.type)
            )
            for name in named
        )

    @cached_property
    def successors(self) -> dict[str, str]:
        """Address of each resource that is destroyed, and the address at which this plan creates
        one of the same type and name: it looks like a rename in the configuration.
        """
        created: dict[tuple[str, str, str], list[tuple[str, dict[str, str]]]] = {}
        for change in self.changes:
            if change.action is Action.CREATE:
                told = _telling(change.after)
                for each in told.items():
                    created.setdefault((change.type, *each), []).append((change.address, told))
        found = {}
        for change in self.changes:
            if change.action is Action.DELETE:
                told = _telling(change.before)
                known = [created.get((change.type, *each), []) for each in told.items()]
                # the rarest tells most: a thousand objects may have one bucket
                likely = min((each for each in known if each), key=len, default=[])
                for address, theirs in likely[:_MOST_COMPARED]:
                    same_all = all(theirs.get(key, value) == value for key, value in told.items())
                    if same_all and any(key in told and key in theirs for key in _IDENTITIES):
                        found[change.address] = address
                        break
        return found

    @cached_property
    def openings(self) -> dict[tuple[str, str], tuple[set[Opening], set[Opening]]]:
        """What each security group lets through in each direction before and after, in whichever
        resources its rules stand: so a rule that only moves is no change.
        """
        found: dict[tuple[str, str], tuple[set[Opening], set[Opening]]] = {}
        for change in self.of_type(*GROUPS, *RULES):
            attribute = "id" if change.type in GROUPS else "security_group_id"
            for values, side in ((change.before, 0), (change.after, 1)):
                group = values.get(attribute) or change.before.get(attribute)
                if isinstance(group, str) and values:
                    for direction in ("ingress", "egress"):
                        sets = found.setdefault((group, direction), (set(), set()))
                        sets[side].update(openings_of(change.type, values, direction))
        return found

    @cached_property
    def by_network_acl(self) -> dict[str, list[ResourceChange]]:
        """The changes of each network ACL and of its rules, by its id before."""
        found: dict[str, list[ResourceChange]] = {}
        for change in self.changes:
            attribute = "network_acl_id" if change.type == "aws_network_acl_rule" else "id"
            acl = change.before.get(attribute)
            if "network_acl" in change.type and isinstance(acl, str):
                found.setdefault(acl, []).append(change)
        return found

    @cached_property
    def by_bucket(self) -> dict[str, list[ResourceChange]]:
        """The changes of each S3 bucket and of what belongs to it, by the bucket's name before."""
        found: dict[str, list[ResourceChange]] = {}
        for change in self.changes:
            bucket = change.before.get("bucket")
            if isinstance(bucket, str) and change.type.startswith("aws_s3_bucket"):
                found.setdefault(bucket, []).append(change)
        return found

    @cached_property
    def accounts(self) -> frozenset[str]:
        """The AWS accounts of what exists in the plan, from the ARNs of its resources."""
        return frozenset(
            found.group(1)
            for change in self.changes
            for key in ("arn", "owner_id", "role_arn", "kms_key_arn", "kms_key_id")
            if isinstance(value := change.before.get(key) or change.after.get(key), str)
            and (found := _ACCOUNT_OF_ARN.match(value))
        )

    @cached_property
    def managed_policies(self) -> Mapping[str, ResourceChange]:
        """The managed policies of its own, by their ARNs."""
        return {
            arn: change
            for change in self.of_type("aws_iam_policy")
            for arn in (change.old("arn"), change.new("arn"))
            if isinstance(arn, str)
        }

    def destroys(self, type_: str, name: object) -> bool:
        """Whether it destroys (or replaces) a resource of this type and id or name."""
        return name in self._destroyed.get(type_, ())

    def destroys_owner(self, change: ResourceChange, attribute: str) -> bool:
        """Whether what a resource belongs to is destroyed (or replaced) as well: something of the
        type that it is called after, or for a `…_resource_policy` anything of the service.

        Args:
            change: The resource.
            attribute: The attribute that names what it belongs to.
        """
        owner, service = change.old(attribute), change.type.removesuffix("resource_policy")
        return isinstance(owner, str) and any(
            owner in names and (change.type.startswith(f"{type_}_") or type_.startswith(service))
            for type_, names in self._destroyed.items()
            if type_ != change.type
        )

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


_ACCOUNT_OF_ARN = re.compile(r"(?:arn:[^:]*:[^:]*:[^:]*:)?(\d{12})(?::|$)")
_MOST_COMPARED = 20

# what tells one resource from another of its type
_IDENTITIES = (
    "cluster_identifier",
    "identifier",
    "replication_task_id",
    "replication_config_identifier",
    "replication_instance_id",
    "endpoint_id",
    "bucket",
    "arn",
    "name",
    "id",
    "key_id",
    "policy_arn",
    "url",
)
# and what it belongs to, or is about: where this differs, it is another one
_TELLS_APART = re.compile(
    r"(?:^|_)(?:id|identifier|arn|name|key|url|bucket|domain|repository|role|user|group|principal)$"
    r"|^type$"
)


def _telling(values: Mapping[str, Any]) -> dict[str, str]:
    return {
        key: value
        for key, value in values.items()
        if isinstance(value, str) and value and _TELLS_APART.search(key)
    }


def names_of(type_: str, values: Mapping[str, Any]) -> Iterator[str]:
    """The names, ids and the like by which others may name a resource.

    Args:
        type_: Its type.
        values: Its attributes.
    """
    for key, value in values.items():
        if isinstance(value, str) and value and _names_itself(type_, key):
            yield value


_KIND_OF_NAME = re.compile(r"_(?:name|id|identifier)$")


@lru_cache(maxsize=16384)
def _names_itself(type_: str, key: str) -> bool:
    # many types name the bucket that they belong to, and only a bucket is called by it; a policy's
    # `arn` is that of what it is laid on
    if key == "arn" and type_.endswith("_policy"):
        return False
    own = (f"_{key}", f"_{_KIND_OF_NAME.sub('', key)}")
    return key in ("arn", "name", "id", "identifier", "url") or type_.endswith(own)


def parse_plan(text: str | bytes, name: str) -> Plan:
    """Read a plan's JSON.

    Args:
        text: What `terraform show -json` printed.
        name: Where it came from, for messages.

    Raises:
        PlanError: it is not one whole plan in a known format.
    """
    try:
        parsed = json.loads(
            text,
            object_pairs_hook=partial(_without_repetition, name),
            parse_constant=_refuse_constant,
            parse_float=_float,
        )
    except UnicodeDecodeError:
        if text[:2] == _GZIP:
            raise PlanError(name, "is compressed: unpack it with `gunzip` first") from None
        raise PlanError(name, f"is not text in UTF-8: {_HOW_TO}") from None
    except json.JSONDecodeError as error:
        raise PlanError(name, not_json(error)) from None
    except RecursionError:
        raise PlanError(name, f"is nested too deeply to be a plan: {_HOW_TO}") from None
    except NotANumberError as error:
        raise PlanError(name, f"holds {error}, which is not a number in JSON: {_HOW_TO}") from None
    except ValueError:
        raise PlanError(name, f"holds a number that is too long to read: {_HOW_TO}") from None
    return plan_of(parsed, name)


def _without_repetition(name: str, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        [(key, _)] = Counter(key for key, _ in pairs).most_common(1)
        raise PlanError(
            name,
            f"is not a plan that Terraform wrote: `{clean(key)}` stands more than once in one "
            f"object: {_HOW_TO}",
        )
    return found


def _refuse_constant(word: str) -> float:
    raise NotANumberError(word)


def _float(text: str) -> float:
    value = float(text)
    if value in (float("inf"), float("-inf")):
        raise NotANumberError(f"a number beyond all bounds ({clean(text, 20)})")
    return value


def plan_of(parsed: Any, name: str) -> Plan:
    """The plan in parsed JSON.

    Raises:
        PlanError: it is not a plan, or its format is unknown.
    """
    if not isinstance(parsed, dict):
        raise PlanError(name, f"holds {_kind(parsed)} instead of a plan: {_HOW_TO}")
    version = parsed.get("format_version")
    if "@level" in parsed and "@message" in parsed:
        raise PlanError(name, f"{IS_A_LOG}: {_HOW_TO}")
    if "lineage" in parsed and "serial" in parsed:
        raise PlanError(name, f"is a state, which changes nothing: {_HOW_TO}")
    if not isinstance(version, str) or not version:
        raise PlanError(name, f"has no format_version, so Terraform did not write it: {_HOW_TO}")
    if version.split(".")[0] != SUPPORTED_MAJOR:
        raise PlanError(
            name,
            f"has format_version {clean(version, 20)}; only {SUPPORTED_MAJOR}.x is understood, and "
            "another major version may mean something else by the same words: use Terraform 1.x, "
            "or a newer dms-stream",
        )
    if "resource_changes" not in parsed and "planned_values" not in parsed:
        what = "is a state, which changes nothing" if "values" in parsed else "is not a plan"
        raise PlanError(name, f"{what}: {_HOW_TO}")
    if is_too_deep(parsed):
        raise PlanError(name, f"is nested too deeply to be a plan: {_HOW_TO}")
    try:
        configuration = _mapping(parsed, "configuration")
        outputs = _mapping(parsed, "output_changes")
        for output, each in outputs.items():
            _object(each, f"output_changes.{clean(output)}")
        return Plan(
            name=printable(name),
            changes=tuple(filter(None, _each(parsed, "resource_changes", _change))),
            drift=tuple(filter(None, _each(parsed, "resource_drift", _change))),
            outputs=outputs,
            terraform_version=_text_or_none(parsed.get("terraform_version")),
            errored=_truth(parsed, "errored") is True,
            complete=_truth(parsed, "complete"),
            deferred=tuple(_each(parsed, "deferred_changes", _deferred)),
            invocations=(
                *_each(parsed, "action_invocations", _invocation),
                *_each(parsed, "deferred_action_invocations", _deferred_invocation),
            ),
            checks=tuple(filter(None, _each(parsed, "checks", _failed_check))),
            configuration=_mapping(configuration, "root_module"),
        )
    except (TypeError, KeyError) as error:
        words = f"is not a plan that Terraform wrote: {_in_words(error)}: {_HOW_TO}"
        raise PlanError(name, words) from None


def _in_words(error: TypeError | KeyError) -> str:
    return f"it has no {error.args[0]}" if isinstance(error, KeyError) else str(error)


def _each(
    parsed: dict[str, Any], key: str, read: Callable[[dict[str, Any]], _Read]
) -> Iterator[_Read]:
    """What is read of each entry of a list; a refusal names the entry."""
    for number, entry in enumerate(_list(parsed, key)):
        try:
            yield read(_object(entry, "it"))
        except (TypeError, KeyError) as error:
            address = entry.get("address") if isinstance(entry, dict) else None
            named = f" ({clean(address)})" if isinstance(address, str) else ""
            raise TypeError(f"{key}[{number}]{named}: {_in_words(error)}") from None


def _deferred(entry: dict[str, Any]) -> str:
    return _address(_mapping(entry, "resource_change"))


def _deferred_invocation(entry: dict[str, Any]) -> Invocation:
    return _invocation(_mapping(entry, "action_invocation"))


def _invocation(entry: dict[str, Any]) -> Invocation:
    trigger = _mapping(entry, "lifecycle_action_trigger")
    words = ""
    if trigger:
        event = str(trigger.get("action_trigger_event") or "a change")
        address = str(trigger.get("triggering_resource_address") or "something")
        words = f"{event} of {address}"
    elif "invoke_action_trigger" in entry:
        words = "-invoke asks for it"
    return Invocation(_address(entry), clean(_text(entry, "type")), clean(words))


def _failed_check(entry: dict[str, Any]) -> CheckResult | None:
    status = _text(entry, "status")
    if status == "pass":
        return None
    messages = _each(entry, "instances", lambda instance: [*_each(instance, "problems", _message)])
    return CheckResult(
        clean(_text(_mapping(entry, "address"), "to_display"), _LONGEST_ADDRESS),
        clean(status, 20),
        tuple(each for of_one in messages for each in of_one),
    )


def _message(problem: dict[str, Any]) -> str:
    return clean(_text(problem, "message"))


def _change(entry: dict[str, Any]) -> ResourceChange | None:
    mode = entry.get("mode", _MANAGED)
    if mode == "data":
        return None
    if mode != _MANAGED:
        raise TypeError(f"unknown mode {clean(str(mode))}")
    change = _object(entry["change"], "change")
    actions = tuple(str(action) for action in _list(change, "actions"))
    if actions not in _ACTIONS:
        raise TypeError(f"unknown actions {clean(', '.join(actions)) or '(none)'}")
    before, after = _mapping(change, "before"), _mapping(change, "after")
    for key, marked in (
        ("after_unknown", after),
        ("before_sensitive", before),
        ("after_sensitive", after),
    ):
        marks_of_it = change.get(key)
        if isinstance(marks_of_it, list) or not are_marks(marks_of_it, marked):
            raise TypeError(
                f"{key} holds something else than true and false, or is not nested as the values "
                "that it marks"
            )
    type_ = _text(entry, "type")
    pair_entries(type_, change)
    previous, deposed = _text_or_none(entry.get("previous_address")), entry.get("deposed")
    return ResourceChange(
        address=_address(entry) + (" (deposed)" if deposed else ""),
        type=clean(type_),
        action=_ACTIONS[actions],
        before=before,
        after=after,
        after_unknown=change.get("after_unknown"),
        before_sensitive=change.get("before_sensitive"),
        after_sensitive=change.get("after_sensitive"),
        replace_paths=tuple(map(_path, _list(change, "replace_paths"))),
        action_reason=_text_or_none(entry.get("action_reason")),
        previous_address=previous and clean(previous, _LONGEST_ADDRESS),
        imported=not is_empty(change.get("importing")),
        deposed=bool(deposed),
        module=clean(module, _LONGEST_ADDRESS)
        if isinstance(module := entry.get("module_address"), str)
        else "",
    )


def _path(path: Any) -> Path:
    if not isinstance(path, list):
        raise TypeError(f"replace_paths holds {_kind(path)} instead of a list")
    return tuple(part if isinstance(part, int) else str(part) for part in path)


def _list(parsed: dict[str, Any], key: str) -> list[Any]:
    value = parsed.get(key, [])
    if not isinstance(value, list):
        raise TypeError(f"{key} is {_kind(value)} instead of a list")
    return value


def _object(value: Any, what: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError(f"{what} is {_kind(value)} instead of an object")
    return value


def _mapping(parsed: dict[str, Any], key: str) -> dict[str, Any]:
    value = parsed.get(key)
    return {} if value is None else _object(value, key)


def _text(parsed: dict[str, Any], key: str) -> str:
    value = parsed[key]
    if not isinstance(value, str):
        raise TypeError(f"{key} is {_kind(value)} instead of a string")
    return value


def _address(parsed: dict[str, Any]) -> str:
    return clean(_text(parsed, "address"), _LONGEST_ADDRESS)


def _truth(parsed: dict[str, Any], key: str) -> bool | None:
    value = parsed.get(key)
    if value is not None and not isinstance(value, bool):
        raise TypeError(f"{key} is {_kind(value)} instead of true or false")
    return value


def _text_or_none(value: Any) -> str | None:
    return clean(value) if isinstance(value, str) and value else None


def _kind(value: Any) -> str:
    names = {list: "a list", dict: "an object", str: "a string", bool: "true or false"}
    return names.get(type(value), "a number" if isinstance(value, int | float) else "null")
