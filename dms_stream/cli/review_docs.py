"""The generated page about the rules of the plan review."""

from pathlib import Path

from dms_stream.cli.toolchain import ROOT
from dms_stream.review.rule_table import rule_table

RULES_FILE = ROOT / "docs" / "review-rules.md"


def write_review_docs() -> list[Path]:
    """Write the page where it is committed."""
    RULES_FILE.write_text(rule_table(), encoding="utf-8")
    return [RULES_FILE]
