"""The settings' JSON Schema, for editors."""

import json
from pathlib import Path
from typing import Any

from dms_stream.settings.environment import Environment

SCHEMA_FILE = Path("environments", "schema.json")
"""Where a project keeps it."""


def _closed(schema: Any) -> Any:
    # pydantic lets any other key stand beside those of the right form
    if isinstance(schema, list):
        return [_closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    closed = {key: _closed(value) for key, value in schema.items()}
    if "patternProperties" in closed:
        closed.setdefault("additionalProperties", False)
    return closed


def settings_schema() -> str:
    """The JSON Schema of a settings file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dms-stream environment",
        **_closed(Environment.model_json_schema()),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
