"""What changes between two task settings, in words."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from constructs_lib.dms.task_settings import setting_meanings
from constructs_lib.dms.task_settings.defaults import STATED
from dms_stream.review.redaction import printable, shown


@dataclass(frozen=True)
class SettingChange:
    """One setting that changes.

    Attributes:
        key: `Section.Key`, as DMS writes it.
        text: The change in words.
        old: The value before; None: it was not set.
        new: The value after; None: it is no longer set.
    """

    key: str
    text: str
    old: Any
    new: Any


def setting_changes(before: Any, after: Any) -> Iterator[SettingChange]:
    """The settings that change, without those that only say the default.

    The state holds all settings there are, the configuration only those that are set, and these
    are all that the provider compares. So one that is missing after is no change, but where its
    value is known not to be the default.
    """
    old, new = dict(_leaves(before)), dict(_leaves(after))
    for key in sorted(old.keys() | new.keys()):
        was, now = old.get(key), new.get(key)
        default = STATED[key].value if key in STATED else None
        if was == now or (was is None and now == default):
            continue
        if now is None and (default is None or was == default):
            continue
        name = printable(key)
        if now is None:
            text = f"{name} is no longer set; a task that stays keeps {shown(was, path=key)}"
        elif was is None:
            text = f"{name}: {shown(now, path=key)}"
        else:
            text = f"{name}: {shown(was, path=key)} → {shown(now, path=key)}"
        meaning = setting_meanings().get(key)
        yield SettingChange(key, f"{text} ({meaning.rstrip('.')})" if meaning else text, was, now)


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _leaves(inner, f"{path}.{key}" if path else str(key))
    elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value):
        for item in value:
            name = str(item.get("Id") or item.get("RuleId") or value.index(item))
            rest = {key: inner for key, inner in item.items() if key not in ("Id", "RuleId")}
            yield from _leaves(rest, f"{path}[{name}]")
    elif value not in (None, [], {}):
        yield path, value
