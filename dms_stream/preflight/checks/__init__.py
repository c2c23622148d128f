"""The checks, one module for each part of the account. Importing this package registers them."""

from importlib import import_module

# in the order in which they are shown
_MODULES = (
    "identity",
    "roles",
    "buckets",
    "names",
    "quotas",
    "keys",
    "network",
    "database",
    "source_secret",
    "replication",
    "stream",
    "delivery",
    "catalog",
    "topics",
)

for _module in _MODULES:
    import_module(f"{__name__}.{_module}")
