"""Every mistake is told in this project's words, whatever is given for whichever setting."""

import json
import re
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from constructs_lib.error_words import shown
from constructs_lib.errors import InvalidPropsError, faults_of
from constructs_lib.props import Duration, Props
from dms_stream.settings.environment import Environment
from dms_stream.settings.schema import settings_schema
from tests.support.model_walk import instances, value_at
from tests.support.whole_environments import whole_environment

WRONG: tuple[Any, ...] = (
    *(None, True, -1, 0, 7, 10**40, 1.5, float("nan"), float("inf"), b"x", object()),
    *("", "x", "\N{ROCKET}", "${x}", "x" * 5000, "1", "PT", "2026-02-30", "12:00"),
    *([], [[]], [1, {}], ["x"], ["x"] * 200, ("a", "b"), {1, 2}),
    *({}, {"kind": "parket"}, {"kind": 7}, {7: 7}, {"": ""}, {"rule-type": "selektion"}),
    *(Path("nowhere"), date(2026, 1, 31), timedelta(microseconds=1)),
)
# how pydantic begins its messages, and what only Python would write of a value
FOREIGN = re.compile(
    r"Input should|Input tag|Unable to|Field required|Extra inputs|validation error|Keys should"
    r"|(String|Tuple|List|Dictionary|Set|Value|Path|Datetimes?|Dates?|Data) (should|does|must)"
    r"|should (be|have|match)|or instance of|pydantic|PosixPath|WindowsPath"
    r"|datetime\.|timedelta\(|\[type=|input_type"
)


def _mistakes(props: Props, document: dict[str, Any]) -> list[str]:
    try:
        TypeAdapter(type(props)).validate_python(document)
    except ValidationError as error:
        return [str(fault) for fault in faults_of(error, document)]
    except InvalidPropsError as error:
        return [str(fault) for fault in error.faults]
    return []


@pytest.mark.slow
def test_no_mistake_is_told_in_pydantics_words(tmp_path: Path) -> None:
    document = whole_environment(tmp_path)
    told = 0
    for path, props in instances(Environment.model_validate(document)):
        given = value_at(document, path)
        given = given if isinstance(given, dict) else {}
        wrong = [{**given, "no-such-setting": 1}, {}]
        for name, field in type(props).model_fields.items():
            key = field.alias or name
            wrong += [{**given, key: value} for value in WRONG]
            wrong.append({other: value for other, value in given.items() if other != key})
        for settings in wrong:
            for mistake in _mistakes(props, settings):
                told += 1
                assert FOREIGN.search(mistake) is None, mistake
    assert told > 5000


def test_a_mistake_in_a_whole_document_is_told_in_our_words(tmp_path: Path) -> None:
    for wrong in WRONG:
        for key in ("pipelines", "tags", "region", "state"):
            settings = {**whole_environment(tmp_path), key: wrong}
            settings["region"] = wrong if key == "region" else "nowhere"
            with pytest.raises(ValidationError) as caught:
                Environment.model_validate(settings)
            text = "\n".join(map(str, faults_of(caught.value, settings)))
            assert FOREIGN.search(text) is None, text


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("60s", timedelta(seconds=60)),
        ("5m", timedelta(minutes=5)),
        ("24h", timedelta(hours=24)),
        ("7d", timedelta(days=7)),
        ("PT60S", timedelta(seconds=60)),
        ("PT1H30M", timedelta(hours=1, minutes=30)),
        ("P1DT12H", timedelta(days=1, hours=12)),
        ("P2W", timedelta(days=14)),
        ("PT0.5S", timedelta(seconds=0.5)),
    ],
)
def test_durations_are_short_or_iso_8601(written: str, meant: timedelta) -> None:
    adapter = TypeAdapter[timedelta](Duration)
    assert adapter.validate_python(written) == meant
    Draft202012Validator(adapter.json_schema()).validate(written)


@pytest.mark.parametrize(
    "written",
    [
        *("60", "60 s", "5M", "5min", "1h30m", "-5m", "PT", "P", "P1Y", "P1M", "pt5m", "12:00:00"),
        *("1 day", "P1DT", "PT5M\n"),
    ],
)
def test_other_durations_are_refused_in_the_editor_too(written: str) -> None:
    adapter = TypeAdapter[timedelta](Duration)
    with pytest.raises(ValidationError, match="a duration needs its unit"):
        adapter.validate_python(written)
    # ECMA's `$` is the end of the text, Python's may stand before a newline
    if not written.endswith("\n"):
        assert not Draft202012Validator(adapter.json_schema()).is_valid(written)


@pytest.mark.parametrize(
    ("pipelines", "valid"),
    [({"orders": None}, True), ({"Orders": None}, False), ({"a--b": None}, False)],
)
def test_editors_know_the_form_of_a_pipelines_name(pipelines: dict[str, Any], valid: bool) -> None:
    schema = json.loads(settings_schema())["properties"]["pipelines"]
    names = {**schema, "patternProperties": dict.fromkeys(schema["patternProperties"], True)}
    assert Draft202012Validator(names).is_valid(pipelines) is valid


@pytest.mark.parametrize(
    ("table", "valid"),
    [
        *(("shop.orders", True), ("shop.%", True), ("s hop.my table", True)),
        *(("orders", False), (".orders", False), ("shop.", False), ("a.b.c", False)),
    ],
)
def test_editors_know_the_form_of_a_table(table: str, valid: bool) -> None:
    schema = Environment.model_json_schema()["$defs"]["TableMappings"]["properties"]["tables"]
    assert Draft202012Validator(schema).is_valid([table]) is valid


@pytest.mark.parametrize(
    ("key", "written"), [(None, "null"), (True, "true"), (5, "5"), (date(2020, 1, 1), "2020-01-01")]
)
def test_keys_and_values_are_told_as_yaml_writes_them(
    tmp_path: Path, key: Any, written: str
) -> None:
    settings = {**whole_environment(tmp_path), key: {}, "region": None}
    with pytest.raises(ValidationError) as caught:
        Environment.model_validate(settings)
    assert [str(fault) for fault in faults_of(caught.value, settings)] == [
        "  - region: has no value: give one, or leave the key out where it has a default\n"
        "      given: null",
        f"  - {written}: must be text: put the key in quotes\n      given: {written}",
    ]


def test_digits_are_those_of_ascii() -> None:
    r"""AWS takes no others, and `\d` matches those of every script."""
    patterns = set(re.findall(r'"pattern": "(.*)"', settings_schema()))
    assert len(patterns) > 40
    assert {pattern for pattern in patterns if r"\d" in pattern} == set()


def test_a_very_long_key_is_not_told_whole(tmp_path: Path) -> None:
    settings = {**whole_environment(tmp_path), "x" * 5000: {}}
    with pytest.raises(ValidationError) as caught:
        Environment.model_validate(settings)
    (fault,) = faults_of(caught.value, settings)
    assert len(str(fault)) < 600
    assert f"{'x' * 119}…: " in str(fault)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("a", "'a'"),
        (1.5, "1.5"),
        (None, "null"),
        (True, "true"),
        (timedelta(hours=1), "PT1H"),
        (date(2026, 1, 31), "2026-01-31"),
        (Path("a/b"), "'a/b'"),
        ([1, None, timedelta(days=1)], "[1, null, P1D]"),
        ((True, [date(2026, 1, 31)]), "(true, [2026-01-31])"),
        ({"a": [False], None: Path("x")}, "{'a': [false], null: 'x'}"),
    ],
)
def test_a_value_is_shown_as_a_settings_file_writes_it(value: object, text: str) -> None:
    assert shown(value) == text


class Nested(BaseModel):
    """What a key that is called as its variant may hold."""

    x: int


class Start(BaseModel):
    """A variant with a key of its own name."""

    kind: Literal["time"]
    time: dict[str, Nested]


class Beginning(BaseModel):
    """Another variant."""

    kind: Literal["position"]


class Whole(BaseModel):
    """What names one of them."""

    start: Start | Beginning = Field(discriminator="kind")


@pytest.mark.parametrize(
    ("time", "where"),
    [
        ({"x": {"x": "no"}}, "start.time.x.x"),
        ({"time": {"x": "no"}}, "start.time.time.x"),
        ("no", "start.time"),
    ],
)
def test_a_variants_name_is_no_key_but_a_key_of_its_name_is(time: Any, where: str) -> None:
    document = {"start": {"kind": "time", "time": time}}
    with pytest.raises(ValidationError) as refused:
        Whole.model_validate(document)
    assert faults_of(refused.value, document)[0].where == where
