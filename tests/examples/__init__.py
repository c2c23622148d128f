"""The whole apps of examples/."""
