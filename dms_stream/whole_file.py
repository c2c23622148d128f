"""Files that are written whole or not at all."""

import os
import shutil
from pathlib import Path


def write_whole(
    file: Path, text: str, *, mode: int = 0o666, survives_power_loss: bool = False
) -> None:
    """Write a file whole or not at all.

    Args:
        file: The file; a link stays one.
        text: All of it.
        mode: The rights of a new file, less the process's mask; one that is there keeps its own.
        survives_power_loss: Whether it is on the disk, too, when this returns.
    """
    target = file.resolve()
    beside = target.with_name(f".{target.name}.new")
    try:
        beside.touch(mode=mode)
        if target.exists():
            shutil.copymode(target, beside)
        with beside.open("w", encoding="utf-8") as new:
            new.write(text)
            if survives_power_loss:
                new.flush()
                os.fsync(new.fileno())
        beside.replace(target)
    finally:
        beside.unlink(missing_ok=True)
