"""Physical names, whatever the path."""

import re

from hypothesis import given
from hypothesis import strategies as st

from constructs_lib.naming import name_from_path

PARTS = st.lists(st.text(min_size=1, max_size=80).filter(lambda s: "/" not in s), min_size=1)


@given(PARTS, st.integers(min_value=20, max_value=255))
def test_a_name_fits_its_limit_and_the_alphabet_every_service_takes(
    parts: list[str], max_length: int
) -> None:
    name = name_from_path("/".join(parts), max_length=max_length)
    assert len(name) <= max_length
    assert re.fullmatch(r"[a-z]([a-z0-9]|-(?!-))*[a-z0-9]|[a-z]", name), name


@given(PARTS, PARTS)
def test_cut_names_of_different_paths_differ(one: list[str], other: list[str]) -> None:
    long = "a" * 300
    paths = ["/".join([long, *parts]) for parts in (one, other)]
    names = [name_from_path(path, max_length=30) for path in paths]
    assert (names[0] == names[1]) == (paths[0] == paths[1])
