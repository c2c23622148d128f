"""A review for its readers: on a terminal, in a pull request, for programs, for code scanning."""

from dms_stream.review.reports.as_json import json_report
from dms_stream.review.reports.markdown import markdown_report
from dms_stream.review.reports.sarif import sarif_report
from dms_stream.review.reports.terminal import print_report

__all__ = ["json_report", "markdown_report", "print_report", "sarif_report"]
