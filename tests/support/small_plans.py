"""Small plans for tests of rules."""

import json
from typing import Any

from dms_stream.review import Action, Finding, Plan, parse_plan, review_plans

_ACTIONS = {
    Action.CREATE: ["create"],
    Action.UPDATE: ["update"],
    Action.REPLACE: ["delete", "create"],
    Action.DELETE: ["delete"],
    Action.FORGET: ["forget"],
    Action.NOTHING: ["no-op"],
}


def change(
    type_: str,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
    *,
    name: str = "it",
    replace: tuple[str, ...] = (),
    unknown: dict[str, Any] | None = None,
    sensitive: dict[str, Any] | bool = False,
    forget: bool = False,
    **entry: Any,
) -> dict[str, Any]:
    """An entry of `resource_changes`; what happens follows from what is given."""
    if forget:
        action = Action.FORGET
    elif before is None:
        action = Action.CREATE
    elif after is None:
        action = Action.DELETE
    elif replace:
        action = Action.REPLACE
    else:
        action = Action.UPDATE
    return {
        "address": f"{type_}.{name}",
        "mode": "managed",
        "type": type_,
        "name": name,
        "change": {
            "actions": _ACTIONS[action],
            "before": before,
            "after": after,
            "after_unknown": unknown or {},
            "before_sensitive": sensitive,
            "after_sensitive": sensitive,
            "replace_paths": [[path] for path in replace],
        },
        **entry,
    }


def update(type_: str, path: str, old: Any, new: Any, **others: Any) -> dict[str, Any]:
    """A change in place of one attribute, or of one inside of blocks."""
    return change(type_, _nested(path, old), _nested(path, new), **others)


def _nested(path: str, value: Any) -> dict[str, Any]:
    for key in reversed(path.split(".")):
        value = [value] if key.isdigit() else {key: value}
    result: dict[str, Any] = value
    return result


def document(
    *changes: dict[str, Any], drift: tuple[dict[str, Any], ...] = (), **others: Any
) -> dict[str, Any]:
    """A plan as Terraform writes it."""
    return {
        "format_version": "1.2",
        "terraform_version": "1.11.4",
        "resource_changes": list(changes),
        "resource_drift": list(drift),
        **others,
    }


def plan(*changes: dict[str, Any], **others: Any) -> Plan:
    """A plan of some changes."""
    return parse_plan(json.dumps(document(*changes, **others)), "plan")


def findings(*changes: dict[str, Any], **others: Any) -> list[Finding]:
    """What a review finds in a plan of some changes."""
    return list(review_plans([plan(*changes, **others)]).findings)


def found(rule: str, *changes: dict[str, Any], **others: Any) -> list[Finding]:
    """What one rule finds in a plan of some changes."""
    return [each for each in findings(*changes, **others) if each.rule == rule]
