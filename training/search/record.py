"""What a search looks through, in its folder: one that goes on with anything else is refused."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from seollem.training.data.faces import FaceSet
from seollem.training.errors import CheckpointError
from seollem.training.files.disk import replacing_file
from seollem.training.finetune.config import FinetuneConfig
from seollem.training.finetune.options import Sources
from seollem.training.runs.folder import differences

FILE_NAME = "search.json"
RESULTS = ("trial*", "ray")  # what search and tune leave beside it

Record = Mapping[str, Any]


def record_of(
    command: str, sources: Sources, base: FinetuneConfig, faces: FaceSet, **others: object
) -> Record:
    """The command, its base settings, its sources, and ``others`` that must stay the same."""
    origin = {
        "command": command,
        "data": faces.checksum,
        "backbone": absolute(sources.backbone),
        "encoder": absolute(sources.encoder),
        "teachers": [str(teacher.resolve()) for teacher in sources.teachers],
    }
    record: Record = json.loads(json.dumps({**origin, **others, **base.as_dict()}))
    return record


def begin(record: Record, out: Path) -> None:
    """Record a new search in ``out``, or go on with the one that has results there.

    Raises:
        CheckpointError: that one is of something else, or its record cannot be read.
        DataError: the folder cannot be written.
    """
    path = out / FILE_NAME
    if not any(True for pattern in RESULTS for _ in out.glob(pattern)):
        with replacing_file(path) as partial:
            partial.write_text(json.dumps(record, indent=2) + "\n", "utf-8")
        return
    try:
        begun: dict[str, Any] = dict(json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise CheckpointError(
            f"What the search in {out} is of cannot be read ({error}). Use another --out."
        ) from error
    differing = differences(begun, record)
    if differing:
        raise CheckpointError(f"{out} holds a search with another {differing}. Use another --out.")


def absolute(name: str) -> str:
    """A local folder by its whole path, as trials run in folders of their own; others as named."""
    return str(Path(name).resolve()) if Path(name).exists() else name
