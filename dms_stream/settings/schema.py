"""The settings' JSON Schema, for editors."""

import json
from pathlib import Path

from dms_stream.settings.environment import Environment

SCHEMA_FILE = Path("environments", "schema.json")
"""Where a project keeps it."""


def settings_schema() -> str:
    """The JSON Schema of a settings file."""
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "dms-stream environment",
        **Environment.model_json_schema(),
    }
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"
