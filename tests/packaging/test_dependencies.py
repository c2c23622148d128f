"""pyproject.toml, Pipfile and the extras name the same packages."""

import tomllib
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

from dms_stream import extras
from tests.support.checkout import ROOT

PROJECT: Any = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS: dict[str, list[Requirement]] = {
    extra: [Requirement(text) for text in requirements]
    for extra, requirements in PROJECT["optional-dependencies"].items()
}
DECLARED = [Requirement(text) for text in PROJECT["dependencies"]] + [
    requirement
    for requirements in EXTRAS.values()
    for requirement in requirements
    if requirement.name != PROJECT["name"]
]


def pins() -> dict[str, tuple[str, set[str]]]:
    """Version and extras that the Pipfile pins, by package."""
    pipfile = tomllib.loads((ROOT / "Pipfile").read_text())
    return {
        canonicalize_name(name): (
            (entry, set())
            if isinstance(entry, str)
            else (entry["version"], set(entry.get("extras", ())))
        )
        for name, entry in pipfile["packages"].items()
    }


def test_the_pipfile_pins_what_is_declared_and_nothing_else() -> None:
    assert set(pins()) == {canonicalize_name(requirement.name) for requirement in DECLARED}


@pytest.mark.parametrize("requirement", DECLARED, ids=str)
def test_a_range_admits_the_pin(requirement: Requirement) -> None:
    version, wanted = pins()[canonicalize_name(requirement.name)]
    assert requirement.specifier.contains(version.removeprefix("=="))
    assert requirement.extras == wanted


def test_the_command_looks_for_what_an_extra_brings() -> None:
    whole = {
        extra: {canonicalize_name(requirement.name) for requirement in requirements}
        for extra, requirements in EXTRAS.items()
        if extra != "all"
    }
    assert {extra: set(names) for extra, names in extras.PACKAGES.items()} == whole


def test_all_is_every_extra() -> None:
    [requirement] = EXTRAS["all"]
    assert requirement.name == PROJECT["name"]
    assert requirement.extras == set(extras.PACKAGES)


def test_the_declared_pythons_are_those_that_are_accepted() -> None:
    prefix = "Programming Language :: Python :: 3."
    minors = [
        int(text.removeprefix(prefix)) for text in PROJECT["classifiers"] if text.startswith(prefix)
    ]
    accepted = SpecifierSet(PROJECT["requires-python"])
    assert minors == list(range(minors[0], minors[-1] + 1))
    assert f"3.{minors[0]}.0" in accepted
    assert f"3.{minors[0] - 1}.99" not in accepted
    assert f"3.{minors[-1]}.0" in accepted
