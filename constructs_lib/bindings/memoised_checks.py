"""Cheaper type checks in the code that jsii generates: what has passed once is not checked again.

Each generated constructor and setter resolves its type hints and has typeguard walk them on every
call, each getter builds the generic type that it casts to: together 0.4 ms a resource. An error is
the same as ever; `python -O` leaves the checks out.
"""

import functools
import types
import typing
from importlib.machinery import SourceFileLoader
from typing import Any

_SCALARS = (bool, float, int, str, type(None))


class _Subscripted:
    """A generic of `typing`, whose own cache of 128 subscriptions the generated code overflows."""

    def __init__(self, generic: Any) -> None:
        self._get = functools.cache(generic.__getitem__)

    def __getitem__(self, parameters: Any) -> Any:
        return self._get(parameters)


_typing = types.ModuleType("typing")
vars(_typing).update(vars(typing), get_type_hints=functools.cache(typing.get_type_hints))
for _name in ("Dict", "List", "Mapping", "Optional", "Sequence", "Union"):
    setattr(_typing, _name, _Subscripted(getattr(typing, _name)))


class CheckOnceLoader(SourceFileLoader):
    """Loads a generated module and puts memoised checks into it; into any other, nothing."""

    def exec_module(self, module: types.ModuleType) -> None:
        """Execute the module, then replace the two names through which it checks."""
        super().exec_module(module)
        namespace = vars(module)
        if {"check_type", "typing"} <= namespace.keys():
            namespace.update(check_type=_once(namespace["check_type"]), typing=_typing)


def _once(check_type: Any) -> Any:
    passed: dict[tuple[type, int], Any] = {}

    def check_once(argname: str, value: object, expected_type: Any) -> None:
        class_ = type(value)
        if (class_, id(expected_type)) not in passed:
            check_type(argname=argname, value=value, expected_type=expected_type)
            # for these, unlike for a list, the verdict depends on the class alone
            if class_ in _SCALARS or hasattr(class_, "__jsii_type__"):
                # kept, so that its id stays its own
                passed[class_, id(expected_type)] = expected_type

    return check_once
