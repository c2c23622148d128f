"""How this package changes moto: named repairs of moto's own classes, applied once at start."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from dms_stream.local_aws.errors import LocalAwsError

Method = Callable[..., Any]


class Repairs:
    """The repairs of one service, collected by decorators and applied by `install`.

    Nothing happens to moto when a module of repairs is imported; only a server that starts
    installs them. Installing twice changes nothing.
    """

    def __init__(self) -> None:
        self._steps: list[Callable[[], None]] = []
        self._installed = False

    def around(self, owner: Any, name: str) -> Callable[[Method], Method]:
        """Put the decorated function in place of `owner.name`.

        Args:
            owner: A class or a module of moto.
            name: Its attribute. The decorated function gets moto's own as its first argument.
        """

        def decorate(repair: Method) -> Method:
            def step() -> None:
                original = getattr(owner, name, None)
                if original is None:
                    raise LocalAwsError(
                        f"moto has no {owner.__name__}.{name} to repair: "
                        "this moto is not the version the embedded AWS was tested with"
                    )

                @wraps(original)
                def repaired(*args: Any, **kwargs: Any) -> Any:
                    return repair(original, *args, **kwargs)

                setattr(owner, name, repaired)

            self._steps.append(step)
            return repair

        return decorate

    def shows(self, owner: type, name: str) -> Callable[[Method], Method]:
        """Put the decorated function in place of the property `owner.name`.

        The function gets the object and what moto shows, which is None where moto shows nothing.
        """

        def decorate(reader: Method) -> Method:
            def step() -> None:
                moto_property: Any = getattr(owner, name, property(lambda _self: None))
                setattr(owner, name, property(lambda self: reader(self, moto_property.fget(self))))

            self._steps.append(step)
            return reader

        return decorate

    def adds(self, owner: type) -> Callable[[Method], Method]:
        """Give `owner` the decorated function as a method it lacks."""

        def decorate(method: Method) -> Method:
            def step() -> None:
                if hasattr(owner, method.__name__):
                    raise LocalAwsError(
                        f"moto now has its own {owner.__name__}.{method.__name__}: "
                        "this moto is not the version the embedded AWS was tested with"
                    )
                setattr(owner, method.__name__, method)

            self._steps.append(step)
            return method

        return decorate

    def once(self, step: Callable[[], None]) -> Callable[[], None]:
        """Run the decorated function when the repairs are installed."""
        self._steps.append(step)
        return step

    def install(self) -> None:
        """Apply the repairs to moto, once in a process."""
        if self._installed:
            return
        self._installed = True
        for step in self._steps:
            step()
