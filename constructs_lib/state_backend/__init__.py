"""Where Terraform keeps its state: the bucket `StateBackend`, and `use_state_backend`."""

from typing import TYPE_CHECKING

from constructs_lib.lazy import lazy_exports

if TYPE_CHECKING:
    from constructs_lib.state_backend.backend import use_state_backend
    from constructs_lib.state_backend.construct import StateBackend
    from constructs_lib.state_backend.keys import state_key
    from constructs_lib.state_backend.props import StateBackendProps
else:
    lazy_exports(__name__, "props", "keys", "backend", "construct")

__all__ = ["StateBackend", "StateBackendProps", "state_key", "use_state_backend"]
