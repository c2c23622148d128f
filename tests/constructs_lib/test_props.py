"""Props: frozen, nothing unknown, all mistakes at once, in words that help."""

from datetime import timedelta
from typing import Annotated, Literal

import pytest
from pydantic import Field, ValidationError

from constructs_lib.errors import DmsStreamError, Fault, InvalidPropsError, faults_of
from constructs_lib.props import Duration, Props, default_kind, whole_hours


class Round(Props):
    kind: Literal["round"] = "round"
    radius_mm: Annotated[int, Field(ge=1)]


class Square(Props):
    kind: Literal["square"]
    side_mm: int


class Box(Props):
    shape: Annotated[Round | Square, Field(discriminator="kind"), default_kind("round")]
    age: Annotated[Duration, whole_hours(1, 48)] = timedelta(hours=24)
    admin_password: int = 0


def test_all_mistakes_are_told_together_by_their_keys() -> None:
    with pytest.raises(InvalidPropsError) as caught:
        Box(**{"shape": {"radius_mm": 0, "sied_mm": 1}, "age": 3, "colour": "red"})
    assert str(caught.value).splitlines() == [
        "Box: 4 mistakes",
        "  - shape.radius_mm: must be 1 or more",
        "      given: 0",
        "  - shape.sied_mm: unknown setting. Allowed: kind, radius_mm",
        "      given: 1",
        "  - age: a duration needs its unit: write 60s, 5m, 24h or 7d, or ISO 8601 such as PT60S, "
        "PT5M, PT24H or P7D",
        "      given: 3",
        "  - colour: unknown setting. Allowed: admin_password, age, shape",
        "      given: 'red'",
    ]
    assert isinstance(caught.value, DmsStreamError)
    assert isinstance(caught.value, ValueError)


def test_a_misspelled_key_is_told_its_likely_meaning() -> None:
    with pytest.raises(InvalidPropsError, match=r"shapes: unknown setting; did you mean shape\?"):
        Box(**{"shape": {"radius_mm": 1}, "shapes": 2})


def test_a_missing_key_is_told_by_its_place() -> None:
    with pytest.raises(InvalidPropsError, match=r"- shape\.side_mm: is required and has no"):
        Box(shape={"kind": "square"})


def test_an_unknown_kind_is_told_the_allowed_ones() -> None:
    with pytest.raises(InvalidPropsError, match=r"unknown kind `oval`\. Allowed: round, square"):
        Box(shape={"kind": "oval"})


def test_the_value_of_a_secret_is_never_repeated() -> None:
    with pytest.raises(InvalidPropsError) as caught:
        Box(shape={"radius_mm": 1}, admin_password="hunter2")
    assert "hunter2" not in str(caught.value)
    assert "given: (not shown)" in str(caught.value)


def test_a_secret_in_a_wrong_mapping_is_not_repeated_either() -> None:
    with pytest.raises(InvalidPropsError) as caught:
        Box(shape={"radius_mm": 1}, age={"password": "hunter2"})
    assert "hunter2" not in str(caught.value)


def test_a_secret_below_a_list_is_not_repeated_either() -> None:
    with pytest.raises(InvalidPropsError) as caught:
        Box(shape={"radius_mm": 1}, age=[{"inner": [{"password": "hunter2"}]}])
    assert "hunter2" not in str(caught.value)


def test_a_long_value_is_cut() -> None:
    with pytest.raises(InvalidPropsError) as caught:
        Box(shape={"radius_mm": 1}, age="x" * 10_000)
    assert len(str(caught.value)) < 600


def test_kind_may_be_left_out_and_survives_a_round_trip() -> None:
    box = Box(shape={"radius_mm": 2})
    assert box.shape == Round(radius_mm=2)
    assert Box.model_validate_json(box.model_dump_json()) == box


def test_props_are_frozen() -> None:
    box = Box(shape={"radius_mm": 2})
    with pytest.raises(ValidationError, match="frozen"):
        box.age = timedelta(hours=2)  # type: ignore[misc]


def test_durations_are_iso_8601_within_bounds() -> None:
    assert Box(shape={"radius_mm": 1}, age="PT36H").age == timedelta(hours=36)
    for wrong in ("PT49H", "PT90M", "PT0S", timedelta(hours=-2)):
        with pytest.raises(InvalidPropsError, match="whole number of hours, from 1 to 48"):
            Box(shape={"radius_mm": 1}, age=wrong)


def test_a_message_with_braces_stays_as_it_is() -> None:
    document = {"shape": {"radius_mm": "{x}"}, "{odd}": 1}
    with pytest.raises(ValidationError) as caught:
        Box.model_validate(document)
    text = "\n".join(map(str, faults_of(caught.value, document)))
    assert "given: '{x}'" in text
    assert "{odd}: unknown setting" in text


def test_a_value_of_several_lines_is_told_on_one() -> None:
    assert str(Fault("tags.a", "is wrong", "x\ny")) == "  - tags.a: is wrong\n      given: x\\ny"
