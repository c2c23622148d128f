"""The documentation as a site: everything is in its navigation, and it builds strictly, offline."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFIG = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
MKDOCS = ROOT / ".tools" / "docs" / "bin" / "mkdocs"
# what a browser would fetch from elsewhere; a link to click is fine
FETCHED = re.compile(r"<(?:script|img|iframe|link)\b[^>]*\b(?:src|href)=[\"']?(https?://[^\"'> ]+)")


def test_the_navigation_has_every_page_once() -> None:
    pages = [
        ROOT / name for name in ("README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
    ]
    pages += (ROOT / "docs").rglob("*.md")
    for folder in ("constructs_lib", "dms_stream", "examples"):
        pages += (ROOT / folder).rglob("README.md")
    named = re.findall(r"^ +- .*: (\S+\.md)$", CONFIG, re.MULTILINE)
    left_out = re.findall(r"^not_in_nav: (\S+)$", CONFIG, re.MULTILINE)
    expected = {str(page.relative_to(ROOT)) for page in pages} - set(left_out)
    assert sorted(named) == sorted(expected), "add the page to `nav` in mkdocs.yml, or take it out"


@pytest.mark.slow
@pytest.mark.skipif(not MKDOCS.exists(), reason="mkdocs is not set up: `make docs-site` does it")
def test_the_site_builds_strictly_and_fetches_nothing(tmp_path: Path) -> None:
    done = subprocess.run(
        [str(MKDOCS), "build", "--strict", "--site-dir", str(tmp_path / "site")],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    built = list((tmp_path / "site").rglob("*.html"))
    assert tmp_path / "site" / "docs" / "alternatives.html" in built
    fetched = {address for page in built for address in FETCHED.findall(page.read_text("utf-8"))}
    assert not fetched
    # the API comes from the docstrings
    page = (tmp_path / "site" / "api" / "constructs_lib.change_stream.html").read_text("utf-8")
    assert "Whether Terraform refuses to destroy the stream" in page
    assert "grant_read" in page


@pytest.mark.slow
@pytest.mark.skipif(not MKDOCS.exists(), reason="mkdocs is not set up: `make docs-site` does it")
def test_a_broken_link_fails_the_build(tmp_path: Path) -> None:
    """The same configuration on a copy of the pages, one of them with a link that leads nowhere."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.split("\0")
    for name in [each for each in listed if (ROOT / each).is_file()]:
        copy = tmp_path / name
        # the packages are empty: their pages take longest, and have no links
        is_empty = name.endswith("__init__.py")
        if is_empty or re.search(r"(\.md|\.svg|\.css|docs_site\.py|\.yml|LICENSE)$", name):
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(b"" if is_empty else (ROOT / name).read_bytes())
    page = tmp_path / "docs" / "alternatives.md"
    page.write_text(page.read_text("utf-8") + "\n[nowhere](no-such-page.md)\n", "utf-8")
    done = subprocess.run(
        [str(MKDOCS), "build", "--strict"],
        cwd=tmp_path,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    (warning,) = (line for line in done.stderr.splitlines() if line.startswith("WARNING"))
    assert "no-such-page.md" in warning
