"""Pictures of the docs, drawn with a template that stands beside what draws them."""

from pathlib import Path
from typing import Any

import jinja2


def draw(template: Path, contents: dict[str, Any]) -> str:
    """A picture as SVG.

    Args:
        template: The template's file.
        contents: What it shows; a name that is missing is an error.
    """
    return (
        jinja2.Environment(
            loader=jinja2.FileSystemLoader(template.parent),
            undefined=jinja2.StrictUndefined,
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        .get_template(template.name)
        .render(contents)
    )
