"""A review for its readers: on a terminal, in a pull request, for programs, for code scanning."""

from review.reports.as_json import json_report
from review.reports.markdown import markdown_report
from review.reports.sarif import sarif_report
from review.reports.terminal import print_report

__all__ = ["json_report", "markdown_report", "print_report", "sarif_report"]
