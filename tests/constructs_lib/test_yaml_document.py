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
