"""README and docs: links resolve, what they name exists, and what is generated is current."""

import ast
import importlib
import itertools
import json
import re
import subprocess
import tomllib
from pathlib import Path
from textwrap import dedent
from types import ModuleType

import pytest
import typer.main

from dms_stream.cli import dashboard_picture
from dms_stream.cli.app import app
from dms_stream.cli.pipeline_picture import PICTURE_FILE, pipeline_picture
from tests.support.checkout import ROOT

README = ROOT / "README.md"
PAGES = sorted(
    path
    for folder in (".", "docs", "constructs_lib", "dms_stream", "examples")
    for path in (ROOT / folder).glob("*.md" if folder == "." else "**/*.md")
)
# in two parts: this file is searched as well
REGISTRIES = [".".join(host) for host in (
    ("registry", "terraform", "io"), ("pypi", "org"), ("pythonhosted", "org"),
    ("registry", "npmjs", "org"), ("npmjs", "com"),
)]  # fmt: skip
COMMANDS = typer.main.get_command(app)


def anchors(page: Path) -> set[str]:
    """What GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_relative_link_resolves(page: Path) -> None:
    broken = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text()):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        linked = (page.parent / path).resolve() if path else page
        if not linked.exists() or (anchor and anchor not in anchors(linked)):
            broken.append(target)
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_stands_in_a_list_is_indented_by_four(page: Path) -> None:
    # GitHub also takes two or three, the site does not: it would end the list there
    # what stands in a block of code is left alone, its fence is not
    lines = re.sub(
        r"^( *)```.*?^ *```$", r"\1```", page.read_text(), flags=re.MULTILINE | re.DOTALL
    ).splitlines()
    shallow = [line for line in lines if re.match(r" {1,3}(```|[-*] |\d+\. )", line)]
    # the site takes a list that follows a line of text for part of that text
    glued = [
        line
        for before, line in itertools.pairwise(lines)
        if re.match(r"([-*]|\d+\.) ", line) and re.match(r"[^\s\-*|#<`\d]", before)
    ]
    assert not shallow + glued


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_what_the_python_on_a_page_imports_is_there(page: Path) -> None:
    missing = []
    for block in re.findall(r"^```python\n(.*?)^```$", page.read_text(), re.MULTILINE | re.DOTALL):
        for node in ast.walk(ast.parse(dedent(block.replace("…", "...")))):
            if isinstance(node, ast.ImportFrom) and node.module:
                module = find(node.module)
                missing += [
                    f"{node.module}.{alias.name}"
                    for alias in node.names
                    if module is None
                    or not (hasattr(module, alias.name) or find(f"{node.module}.{alias.name}"))
                ]
            elif isinstance(node, ast.Import):
                missing += [alias.name for alias in node.names if find(alias.name) is None]
    assert not missing


def find(module: str) -> ModuleType | None:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError:
        return None


def test_every_make_target_is_in_the_readme_and_no_other() -> None:
    makefile = (ROOT / "Makefile").read_text()
    targets = set(re.findall(r"^([a-z-]+):.*##", makefile, re.MULTILINE)) - {"help"}
    named = set(re.findall(r"^\| `make ([a-z-]+)` \|", README.read_text(), re.MULTILINE))
    assert named == targets


def test_every_command_is_in_the_readme_and_no_other() -> None:
    commands = set(getattr(COMMANDS, "commands"))  # noqa: B009  mypy sees only the base class
    named = set(re.findall(r"^\| `dms-stream ([a-z-]+)` \|", README.read_text(), re.MULTILINE))
    assert named == commands


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_line_uses_what_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    commands = getattr(COMMANDS, "commands")  # noqa: B009
    text = page.read_text()
    assert set(re.findall(r"(?:^|`)make ([a-z-]+)", text, re.MULTILINE)) <= targets
    wrong = []
    for command, arguments in re.findall(
        r"(?:^ *|`|run )dms-stream ([a-z-]+)([^`\n#]*)", text, re.MULTILINE
    ):
        if command not in commands:
            wrong.append(command)
            continue
        found = commands[command]
        below = getattr(found, "commands", {}).get((arguments.split() or [""])[0])
        known = {option for parameter in (below or found).params for option in parameter.opts}
        wrong += [
            f"{command} {option}"
            for option in re.findall(r"--[a-z-]+", arguments)
            if option not in {*known, "--help"}
        ]
    assert not wrong


def tools_of(requirements: Path) -> set[str]:
    """The tools of an environment of its own: what its `.in` names, else its own name."""
    source = requirements.with_suffix(".in")
    if not source.exists():
        return {requirements.stem}
    return set(re.findall(r"^([a-z-]+)", source.read_text(), re.MULTILINE))


def test_every_dependency_has_its_line() -> None:
    pipfile = tomllib.loads((ROOT / "Pipfile").read_text())
    package = json.loads((ROOT / "package.json").read_text())
    expected = {*pipfile["packages"], *pipfile["dev-packages"], *package["devDependencies"]}
    requirements = ROOT / "scripts" / "requirements"
    tools = set().union(*map(tools_of, requirements.glob("*.txt")))
    tools |= {package.parent.name for package in requirements.glob("*/package.json")}
    page = (ROOT / "docs" / "dependencies.md").read_text()
    named = re.findall(r"^\| `([a-z0-9-]+)` \|", page, re.MULTILINE)
    assert sorted(named) == sorted({*expected, *tools, "aws-cdk-lib"})


def test_no_registry_is_named() -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout  # fmt: skip
    files = [ROOT / name for name in listed.split("\0") if name]
    assert README in files
    found = [
        f"{path.relative_to(ROOT)}: {host}"
        for path in files
        if path.is_file()
        for host in REGISTRIES
        if host.encode() in path.read_bytes()
    ]
    assert not found


def test_the_committed_picture_is_current() -> None:
    assert (ROOT / PICTURE_FILE).read_text() == pipeline_picture(), "run `make docs`"


def test_the_committed_picture_of_the_dashboard_is_current() -> None:
    drawn = (ROOT / dashboard_picture.PICTURE_FILE).read_text()
    assert drawn == dashboard_picture.dashboard_picture(), "run `make docs`"
