"""Physical names say where a construct stands, within the service's limit."""

import pytest

from constructs_lib.naming import name_from_path


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("app/stream", "app-stream"),
        ("seed-tickets/tickets/stream", "seed-tickets-stream"),
        ("seed-tickets/tickets/stream/Resource", "seed-tickets-stream"),
        ("app/My_Stream", "app-my-stream"),
        ("app/stream/stream", "app-stream"),
        ("app/upstream/stream", "app-upstream-stream"),
        ("1app/stream", "x-1app-stream"),
    ],
)
def test_a_name_is_the_path(path: str, name: str) -> None:
    assert name_from_path(path, max_length=60) == name


def test_a_long_name_is_cut_and_stays_apart_from_its_neighbour() -> None:
    first = name_from_path("app/" + "a" * 70 + "/one", max_length=40)
    second = name_from_path("app/" + "a" * 70 + "/two", max_length=40)
    assert len(first) == len(second) == 40
    assert first != second
    assert first == name_from_path("app/" + "a" * 70 + "/one", max_length=40)


def test_a_suffix_is_never_cut() -> None:
    assert name_from_path("app/" + "a" * 70, max_length=30, suffix=".lock").endswith(".lock")
    assert len(name_from_path("app/" + "a" * 70, max_length=30, suffix=".lock")) == 30
