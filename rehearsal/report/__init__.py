"""The verdict of a rehearsal for people: in the terminal, and as a page."""

from rehearsal.report.page import render_page, write_page
from rehearsal.report.terminal import print_report

__all__ = ["print_report", "render_page", "write_page"]
