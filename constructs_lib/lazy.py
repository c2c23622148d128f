"""Public names of a package that load on first use, so that props alone start no Node."""

import importlib
import sys


def lazy_exports(package: str, *modules: str) -> None:
    """Serve the names of a package's `__all__` from these modules of it, each on first use.

    The package imports the same names under `TYPE_CHECKING`, for type checkers and editors.

    Args:
        package: The package's `__name__`.
        modules: Where its names stand. They are searched in this order, so that those which need
            neither Node nor CDKTF come first.
    """
    namespace = vars(sys.modules[package])

    def load(name: str) -> object:
        if name in namespace["__all__"]:
            for module in modules:
                found = importlib.import_module(f"{package}.{module}")
                if hasattr(found, name):
                    namespace[name] = getattr(found, name)
                    return namespace[name]
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    namespace["__getattr__"] = load
    namespace["__dir__"] = lambda: sorted({*namespace, *namespace["__all__"]})
