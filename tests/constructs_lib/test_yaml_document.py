"""YAML that costs more than its size, or is none, is refused before it is built."""

from pathlib import Path
from typing import Any

import pytest

from constructs_lib.errors import FaultsError, SettingsError
from constructs_lib.yaml_document import DEEPEST, MOST_BYTES, MOST_VALUES, read_yaml
from dms_stream.review.acknowledgements import load_acknowledgements
from dms_stream.settings.environment import load_environment


def _bomb(levels: int) -> str:
    lines = ["l0: &l0 [" + ", ".join("x" * 9) + "]"]
    lines += [
        f"l{level}: &l{level} [" + ", ".join([f"*l{level - 1}"] * 9) + "]"
        for level in range(1, levels)
    ]
    return "\n".join(lines)


HOSTILE = {
    "deep lists": ("a: " + "[" * 500 + "]" * 500, f"nested more than {DEEPEST} deep"),
    "deep mappings": ("a: " + "{a: " * 500 + "}" * 500, f"nested more than {DEEPEST} deep"),
    "aliases of aliases": (_bomb(9), f"more than {MOST_VALUES} values"),
    "large": ("#" * (60 * 1024 * 1024), f"more than {MOST_BYTES // 1024} KiB"),
    "not YAML": ("a: [", "is not valid YAML"),
    "no such day": ("a: 2026-02-30", "is not valid YAML"),
    "not text": ("\0", "is not valid YAML"),
}


@pytest.mark.parametrize("read", [load_environment, load_acknowledgements])
@pytest.mark.parametrize("kind", HOSTILE)
def test_settings_and_acknowledgements_have_limits(tmp_path: Path, kind: str, read: Any) -> None:
    text, words = HOSTILE[kind]
    file = tmp_path / "trial.yaml"
    file.write_text(text)

    with pytest.raises(FaultsError) as caught:
        read(file)

    assert words in str(caught.value)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("read", [load_environment, load_acknowledgements])
def test_a_document_that_holds_itself_is_refused(tmp_path: Path, read: Any) -> None:
    file = tmp_path / "trial.yaml"
    file.write_text("accepted: &a [*a]\npipelines: &p {orders: *p}\ntags: &t {x: *t}\n")
    with pytest.raises(FaultsError):
        read(file)


def test_what_people_write_is_read(tmp_path: Path) -> None:
    file = tmp_path / "trial.yaml"
    file.write_text("a: &a {b: [1, no]}\nc: *a\nd: {<<: *a, e: 2}\n")
    assert read_yaml(file, SettingsError) == {
        "a": {"b": [1, "no"]},
        "c": {"b": [1, "no"]},
        "d": {"b": [1, "no"], "e": 2},
    }


def test_a_folder_and_bytes_that_are_no_text_are_told_plainly(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read: Is a directory"):
        read_yaml(tmp_path, SettingsError)
    (tmp_path / "bytes.yaml").write_bytes(b"a: \xff")
    with pytest.raises(SettingsError, match="cannot be read: byte 4 is not UTF-8"):
        read_yaml(tmp_path / "bytes.yaml", SettingsError)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a:\n\tb: 1", "is indented with a tab: use spaces"),
        ("a: 1\n---\na: 1", "begins a second document"),
        ("a: !!python/object:os.system x", "means nothing here: take it out"),
        ("a: *nope", "uses `*nope`, and nothing above it is named `&nope`"),
        ("a: 1\na: 2", "names `a` a second time: leave one of the two out"),
        ("a: 1\nb\n", "has no `: ` behind a key"),
        ("a: b: c", "has a `: ` where no key can be"),
        ("a:\n  - 1\n 2", "does not begin as far to the right as its neighbours"),
        ("a: 'b", "has a quote that is not closed"),
        ("a: [b", "has a bracket that is not closed"),
        ('a: "\\q"', r"has the escape `\q` in double quotes"),
        ("a: @b", "begins a text with `@`"),
        ("%YAML 3.0\n---\na: 1", "take out the line `%YAML`"),
        ("<<: [1]\na: 1", "write `<<: *name`"),
        ("a: b\x00", "the control character U+0000 at character 5: take it out"),
    ],
)
def test_what_is_no_yaml_is_told_in_our_words(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "trial.yaml"
    file.write_text(text)
    with pytest.raises(SettingsError) as caught:
        read_yaml(file, SettingsError)
    assert "is not valid YAML, as it " in str(caught.value)
    assert words in str(caught.value)
    assert len(str(caught.value).splitlines()) == 2
