"""Room on the disk, asked for before it is needed."""

import shutil
from pathlib import Path

from training.errors import NoSpace

RESERVE = 100_000_000  # bytes that are left to everybody else


def require_space(folder: Path, needed: int) -> None:
    """See to it that a folder, which need not exist yet, can take ``needed`` bytes.

    Raises:
        NoSpace: it cannot.
    """
    existing = folder.resolve()
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free
    if free < needed + RESERVE:
        raise NoSpace(
            f"{folder} has {free / 1e9:.1f} GB free and {(needed + RESERVE) / 1e9:.1f} GB are "
            "needed. Free some, or choose a folder on another disk."
        )
