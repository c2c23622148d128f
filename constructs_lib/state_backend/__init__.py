"""Where Terraform keeps its state: the bucket `StateBackend`, and `use_state_backend`."""

from constructs_lib.state_backend.backend import state_key, use_state_backend
from constructs_lib.state_backend.construct import StateBackend
from constructs_lib.state_backend.props import StateBackendProps

__all__ = ["StateBackend", "StateBackendProps", "state_key", "use_state_backend"]
