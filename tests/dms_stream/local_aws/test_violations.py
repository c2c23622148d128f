"""What botocore's models do not allow of a value, whatever service it is for."""

from typing import Any

import pytest
from botocore.model import Shape, ShapeResolver

from dms_stream.local_aws.request_constraints import violations

SHAPES: dict[str, Any] = {
    "Word": {"type": "string", "min": 2, "max": 3},
    "Kind": {"type": "string", "enum": ["A", "B"]},
    "Letters": {"type": "string", "pattern": "[a-z.]+"},
    # Java's own, which Python's do not know
    "Java": {"type": "string", "pattern": "\\p{L}+"},
    "Secret": {"type": "string", "max": 3, "sensitive": True},
    "Number": {"type": "integer", "min": 1, "max": 5},
    "Share": {"type": "double", "max": 0.5},
    "Words": {"type": "list", "member": {"shape": "Word"}, "min": 1, "max": 2},
    "Map": {
        "type": "map",
        "key": {"shape": "Word"},
        "value": {"shape": "Number"},
        "min": 1,
        "max": 2,
    },
    "Inner": {"type": "structure", "members": {"Word": {"shape": "Word"}}},
    "Outer": {"type": "structure", "members": {"Inner": {"shape": "Inner"}}},
    "Flag": {"type": "boolean"},
    "Data": {"type": "blob", "max": 1},
}


def said(name: str, value: Any) -> list[str]:
    """Each constraint that is not met: where, and what."""
    shape: Shape = ShapeResolver(SHAPES).get_shape_by_name(name)
    found = []
    for sentence in violations(shape, value, "it"):
        _, _, rest = sentence.partition("' at '")
        found.append(rest.replace("' failed to satisfy constraint: Member must", ":"))
    return found


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("Word", "ab", []),
        ("Word", "abc", []),
        ("Word", "a", ["it: have length greater than or equal to 2"]),
        ("Word", "abcd", ["it: have length less than or equal to 3"]),
        ("Kind", "B", []),
        ("Kind", "C", ["it: satisfy enum value set: [A, B]"]),
        ("Letters", "a.b", []),
        ("Letters", "a.B", ["it: satisfy regular expression pattern: [a-z.]+"]),
        ("Letters", "a\nb", ["it: satisfy regular expression pattern: [a-z.]+"]),
        ("Java", "1", []),
        ("Number", 1, []),
        ("Number", 5, []),
        ("Number", 0, ["it: have value greater than or equal to 1"]),
        ("Number", 6, ["it: have value less than or equal to 5"]),
        ("Share", 0.5, []),
        ("Share", 0.75, ["it: have value less than or equal to 0.5"]),
        ("Words", ["ab"], []),
        ("Words", [], ["it: have length greater than or equal to 1"]),
        ("Words", ["ab"] * 3, ["it: have length less than or equal to 2"]),
        ("Words", ["ab", "a"], ["it.2.member: have length greater than or equal to 2"]),
        ("Map", {"ab": 1}, []),
        ("Map", {}, ["it: have length greater than or equal to 1"]),
        (
            "Map",
            {"ab": 6, "a": 1},
            [
                "it.ab.member: have value less than or equal to 5",
                "it.a.key: have length greater than or equal to 2",
            ],
        ),
        (
            "Outer",
            {"Inner": {"Word": "a"}},
            ["it.Inner.Word: have length greater than or equal to 2"],
        ),
        ("Outer", {"Inner": {"Word": None}, "Unknown": 1}, []),
    ],
)
def test_each_bound_has_two_sides(name: str, value: Any, found: list[str]) -> None:
    assert said(name, value) == found


@pytest.mark.parametrize(
    ("name", "value"),
    [
        *(("Word", 1), ("Kind", 1), ("Number", "9"), ("Number", True), ("Share", True)),
        *(("Words", "abcd"), ("Map", ["ab"] * 3), ("Outer", {"Inner": "a"}), ("Outer", "a")),
        *(("Flag", True), ("Data", b"ab")),
    ],
)
def test_a_value_of_another_type_is_left_to_whoever_reads_it(name: str, value: Any) -> None:
    assert said(name, value) == []


def test_a_secret_is_not_repeated_and_another_value_is() -> None:
    shapes = ShapeResolver(SHAPES)
    (secret,) = violations(shapes.get_shape_by_name("Secret"), "abcd", "it")
    (word,) = violations(shapes.get_shape_by_name("Word"), "abcd", "it")
    assert "abcd" not in secret
    assert word.startswith("Value 'abcd' at 'it' ")


def test_a_member_of_the_request_itself_has_no_dot_before_it() -> None:
    shape = ShapeResolver(SHAPES).get_shape_by_name("Inner")
    (sentence,) = violations(shape, {"Word": "a"})
    assert " at 'Word' " in sentence
