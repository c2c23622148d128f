"""Everything that the review knows: one rule a file.

A rule registers itself: each module of this folder holds one, of the module's own name.
"""

from functools import lru_cache
from importlib import import_module
from pkgutil import iter_modules

from dms_stream.review.rule import Rule, covers


def _rule_of(module_name: str) -> Rule:
    module = import_module(f"{__name__}.{module_name}")
    found = getattr(module, module_name, None)
    if not isinstance(found, Rule):
        raise TypeError(
            f"dms_stream/review/rules/{module_name}.py holds no rule of its own name: define "
            f"`{module_name}` with the decorator `rule`"
        )
    return found


ALL_RULES: tuple[Rule, ...] = tuple(
    _rule_of(name) for name in sorted(module.name for module in iter_modules(__path__))
)
"""All rules, in the order of their ids."""


@lru_cache(maxsize=65536)
def judging(type_: str, path: str) -> tuple[Rule, ...]:
    """The rules that decide by an attribute of a type.

    Args:
        type_: The type.
        path: The attribute's path as the provider's schema has it.
    """
    return tuple(
        rule
        for rule in ALL_RULES
        if any(covers(judged, path) for judged in rule.judged_paths(type_))
    )


@lru_cache(maxsize=65536)
def touched_by(type_: str, path: str) -> tuple[Rule, ...]:
    """The rules that decide by an attribute, by all of it or by something in it."""
    return tuple(
        rule
        for rule in ALL_RULES
        if any(
            covers(judged, path) or judged.startswith(f"{path}.")
            for judged in rule.judged_paths(type_)
            if judged != "*"
        )
    )
