"""The verdict of a rehearsal for people: in the terminal, and as a page."""

from rehearsal.report.page import render_html, write_html
from rehearsal.report.terminal import print_result

__all__ = ["print_result", "render_html", "write_html"]
