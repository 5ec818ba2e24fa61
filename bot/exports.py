"""Everything that is kept of somebody, as files that Discord takes."""

import gzip
import json
from collections.abc import Iterator
from typing import Any

from seollem.bot.wording.rounding import EXPORTED, rounded


def files_of(export: dict[str, Any], *, largest: int) -> list[tuple[str, bytes]]:
    """Names and contents of an export's files; for long ones that takes seconds.

    It is one file of JSON, compressed where it is long. One that is still too long is cut between
    turns into several, each of which is an export of its own with some of the turns.

    Args:
        export: see ``People.export``.
        largest: how many bytes a file may have; a single turn is not cut.
    """
    contents = list(_cut(rounded(export, EXPORTED), largest))
    if len(contents) == 1:
        return [(f"seollem.{kind}", content) for kind, content in contents]
    return [
        (f"seollem-{part}-of-{len(contents)}.{kind}", content)
        for part, (kind, content) in enumerate(contents, start=1)
    ]


def _cut(export: dict[str, Any], largest: int) -> Iterator[tuple[str, bytes]]:
    """File endings and contents."""
    content = json.dumps(export, ensure_ascii=False, indent=2).encode()
    if len(content) <= largest:
        yield "json", content
        return
    content = gzip.compress(content)
    turns = sum(len(conversation["history"]) for conversation in export["conversations"])
    if len(content) <= largest or turns < 2:
        yield "json.gz", content
        return
    half = turns // 2
    yield from _cut(_some(export, 0, half), largest)
    yield from _cut(_some(export, half, turns), largest)


def _some(export: dict[str, Any], start: int, stop: int) -> dict[str, Any]:
    """The export with the turns from ``start`` to ``stop``, counted over all conversations."""
    some, before = [], 0
    for conversation in export["conversations"]:
        history = conversation["history"]
        turns = history[max(start - before, 0) : max(stop - before, 0)]
        if turns:
            some.append(conversation | {"history": turns})
        before += len(history)
    return export | {"conversations": some}
