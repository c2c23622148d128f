"""The verdict of a rehearsal for people: in the terminal, and as a page."""

from dms_stream.rehearsal.report.page import render_page, write_page
from dms_stream.rehearsal.report.terminal import print_report

__all__ = ["print_report", "render_page", "write_page"]
