"""DMS's facts stand in constructs_lib/dms once, each with a source and a date."""

import ast
import re
from collections.abc import Iterator
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.dms import engine_versions, guide, limits
from constructs_lib.dms.engine_versions import EngineVersion, is_before
from constructs_lib.dms.facts import Fact
from constructs_lib.dms.guide import Page
from constructs_lib.dms.task_settings import TaskSettings, setting_meanings
from constructs_lib.dms.task_settings.defaults import STATED, TASK_SETTINGS
from tests.support.checkout import ROOT

HOME = ROOT / "constructs_lib" / "dms"
PACKAGES = ("constructs_lib", "dms_stream", "stacks", "benchmarks")
FACTS: dict[str, Fact[Any]] = {
    **{
        f"{module.__name__}.{name}": value
        for module in (engine_versions, limits)
        for name, value in vars(module).items()
        if isinstance(value, Fact)
    },
    **STATED,
}
PAGES = {name: page for name, page in vars(guide).items() if isinstance(page, Page)}
# not part of a longer version, such as Aurora's 8.0.mysql_aurora.3.10.4
DMS_VERSION = re.compile(r"(?<![\w.])3\.\d{1,2}\.\d{1,2}(?![\w.]*\d)")
KNOWN_VERSIONS = {fact.value for fact in vars(engine_versions).values() if isinstance(fact, Fact)}


@cache
def sources() -> list[tuple[Path, ast.Module]]:
    """Every module of ours outside the home of the facts, and main.py."""
    paths = [ROOT / "main.py", *(p for n in PACKAGES for p in (ROOT / n).rglob("*.py"))]
    return [
        (path, ast.parse(path.read_text(encoding="utf-8")))
        for path in paths
        if HOME not in path.parents and "bindings" not in path.parts
    ]


def constants(tree: ast.Module) -> Iterator[tuple[Any, bool]]:
    """Every constant of a module, and whether it is a text that stands alone, as docstrings do."""
    alone = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            yield node.value, id(node) in alone


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_has_a_source_and_a_date(name: str) -> None:
    source = FACTS[name].source
    assert source in PAGES.values()
    assert source.url.startswith("https://docs.aws.amazon.com/")
    assert source.read <= date.today()


def test_a_page_is_named_once() -> None:
    assert len({page.url for page in PAGES.values()}) == len(PAGES)


def test_no_version_of_dms_is_written_elsewhere() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {value}"
        for path, tree in sources()
        for value, is_docstring in constants(tree)
        if isinstance(value, str) and not is_docstring
        if DMS_VERSION.search(value)
    ]
    assert not found


def test_docstrings_name_only_versions_that_the_facts_know() -> None:
    trees = [(path, ast.parse(path.read_text(encoding="utf-8"))) for path in HOME.rglob("*.py")]
    example_of_order = "3.10.0"
    found = {
        f"{path.relative_to(ROOT)}: {version}"
        for path, tree in [*sources(), *trees]
        for value, is_docstring in constants(tree)
        if isinstance(value, str) and is_docstring
        for version in DMS_VERSION.findall(value)
        if version not in {*KNOWN_VERSIONS, example_of_order}
    }
    assert not found


def test_no_default_of_a_setting_is_written_elsewhere() -> None:
    """A table of settings with their values beside the home's is a second home."""
    keys = set(STATED) | {key.rpartition(".")[2] for key in STATED} | set(TASK_SETTINGS)
    found = [
        f"{path.relative_to(ROOT)}: {key.value}: {ast.unparse(value)}"
        for path, tree in sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Dict)
        for key, value in zip(node.keys, node.values, strict=True)
        if isinstance(key, ast.Constant)
        and key.value in keys
        and isinstance(value, ast.Constant)
        and isinstance(value.value, bool | int)
    ]
    assert not found


def test_the_limits_of_lobs_are_written_nowhere_else() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {value}"
        for path, tree in sources()
        for value, is_docstring in constants(tree)
        if isinstance(value, str)
        and not is_docstring
        and re.search(r"(?i)lob", value)
        and re.search(r"\b(32|1024|102400|102,400)\b", value)
    ]
    assert not found


def duration_or_text(value: Any) -> set[str]:
    """How a docstring may say a default: as it is, or in other words for seconds."""
    said = {str(value), str(value).lower()}
    if isinstance(value, int) and not isinstance(value, bool):
        said |= {f"{value} second{'s'[: value != 1]}", f"{value} minutes"}
        if value % 60 == 0:
            said.add(f"{value // 60} minutes")
    return said


def stated_in_docstrings() -> dict[str, str]:
    """What the fields' own descriptions call DMS's default."""
    pattern = re.compile(
        r"DMS's (?:own )?default (?:is|of) `?([^`;.]+?)`?(?: is without end)?[;.,]"
    )
    return {
        key: found.group(1)
        for key, meaning in setting_meanings().items()
        if (found := pattern.search(f"{meaning}."))
    }


def test_descriptions_of_settings_say_the_defaults_that_are_stated() -> None:
    said = stated_in_docstrings()
    assert len(said) > 20
    unknown_here = {"TargetMetadata.ParallelLoadQueuesPerThread"}  # 1 is AWS's, 0 is "not used"
    for key, text in said.items():
        if key not in unknown_here:
            assert text in duration_or_text(STATED[key].value), key


def test_the_document_of_a_new_task_holds_only_known_settings() -> None:
    known = set(setting_meanings())
    dms_alone = {
        # read only, or written twice, or refused for Kinesis
        "Logging.CloudWatchLogGroup",
        "Logging.CloudWatchLogStream",
        "ControlTablesSettings.historyTimeslotInMinutes",
        "PostProcessingRules",
    }
    given = {
        f"{section}.{key}" if isinstance(content, dict) else section
        for section, content in TASK_SETTINGS.items()
        for key in (content if isinstance(content, dict) else (section,))
    }
    assert given - known - dms_alone == set()
    assert TaskSettings.from_json(TASK_SETTINGS).target_metadata is not None


@pytest.mark.parametrize(
    ("older", "newer"),
    [("3.5.4", "3.10.0"), ("3.5", "3.5.1"), ("3.5.4", "3.6"), ("3.9.9", "4.0"), ("3.4.7", "3.5.4")],
)
def test_versions_compare_number_by_number(older: str, newer: str) -> None:
    assert is_before(older, newer)
    assert not is_before(newer, older)
    assert not is_before(older, older)


def test_a_closing_zero_changes_nothing() -> None:
    assert EngineVersion.parse("3.6") == EngineVersion.parse("3.6.0")


@given(st.text(st.characters(codec="ascii"), max_size=12))
def test_what_is_not_a_version_is_refused_by_name(text: str) -> None:
    if re.fullmatch(r"\d{1,9}(\.\d{1,9})*", text):
        assert str(EngineVersion.parse(text)) == text
    else:
        with pytest.raises(ValueError, match="must be a DMS version such as "):
            EngineVersion.parse(text)
