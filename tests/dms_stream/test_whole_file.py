"""A file is written whole or not at all, and nothing is left beside it."""

import os
from pathlib import Path

import pytest

from dms_stream.whole_file import write_whole


def mode(file: Path) -> int:
    """Its rights."""
    return file.stat().st_mode & 0o777


def test_a_file_is_replaced_with_the_rights_that_it_has(tmp_path: Path) -> None:
    file = tmp_path / "trial.yaml"
    file.write_text("old")
    file.chmod(0o640)
    link = tmp_path / "link.yaml"
    link.symlink_to(file)
    write_whole(link, "new: \N{ROCKET}", mode=0o600)
    assert file.read_text(encoding="utf-8") == "new: \N{ROCKET}"
    assert mode(file) == 0o640
    assert link.is_symlink()
    assert set(tmp_path.iterdir()) == {file, link}


def test_a_new_file_has_the_usual_rights_or_the_given_ones(tmp_path: Path) -> None:
    usual, plain, secret = tmp_path / "usual", tmp_path / "plain", tmp_path / "secret"
    usual.touch()
    write_whole(plain, "text")
    write_whole(secret, "text", mode=0o600)
    assert mode(plain) == mode(usual)
    assert mode(secret) == 0o600


def test_what_cannot_be_replaced_stays_and_nothing_is_left_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "folder.yaml"
    folder.mkdir()
    with pytest.raises(OSError, match="directory"):
        write_whole(folder, "new")
    file = tmp_path / "file.yaml"
    file.write_text("old")

    def full(_: int) -> None:
        raise OSError("no space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="no space"):
        write_whole(file, "new", survives_power_loss=True)
    assert file.read_text() == "old"
    assert set(tmp_path.iterdir()) == {folder, file}


def test_only_what_must_survive_waits_for_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    on_disk: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda number: on_disk.append(os.fstat(number).st_size))
    write_whole(tmp_path / "file", "four", survives_power_loss=True)
    write_whole(tmp_path / "other", "four")
    assert on_disk == [4]
