"""The generated page about the rules of the plan review."""

from pathlib import Path

from dms_stream.review.rule_table import rule_table
from dms_stream.settings.project import Project

RULES_FILE = Path("docs", "review-rules.md")


def write_review_docs(project: Project) -> list[Path]:
    """Write the page into the project."""
    return [project.write(RULES_FILE, rule_table())]
