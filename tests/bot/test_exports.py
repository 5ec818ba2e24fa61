"""The files of an export."""

import gzip
import json
import os
from typing import Any

import pytest

from seollem.bot.exports import files_of


def export_of(*turns: int) -> dict[str, Any]:
    """An export of conversations with so many turns each, whose numbers do not compress."""
    return {
        "user": "discord:1",
        "consent": {"version": 2},
        "conversations": [
            {
                "place": f"guild:{place}",
                "turns": count,
                "history": [
                    {"number": number, "model": os.urandom(50).hex()}
                    for number in range(1, count + 1)
                ],
            }
            for place, count in enumerate(turns)
        ],
    }


def test_a_short_export_is_one_readable_file() -> None:
    export = export_of(2) | {"affection": 0.1 + 0.2}
    [(name, content)] = files_of(export, largest=10_000)
    assert name == "seollem.json"
    assert json.loads(content) == export | {"affection": 0.3}


@pytest.mark.parametrize("turns", [(50,), (7, 1, 30), (1,) * 12])
def test_a_long_export_is_cut_into_exports_that_hold_every_turn_once(
    turns: tuple[int, ...],
) -> None:
    export = export_of(*turns)
    files = files_of(export, largest=500)
    assert len(files) > 1
    assert [name.removesuffix(".gz") for name, _ in files] == [
        f"seollem-{part}-of-{len(files)}.json" for part in range(1, len(files) + 1)
    ]
    put_together: dict[str, Any] = {}
    for name, content in files:
        assert len(content) <= 500
        part = json.loads(gzip.decompress(content) if name.endswith(".gz") else content)
        assert part | {"conversations": None} == export | {"conversations": None}
        for conversation in part["conversations"]:
            assert conversation["history"]
            known = put_together.setdefault(conversation["place"], conversation | {"history": []})
            known["history"] += conversation["history"]
    assert list(put_together.values()) == export["conversations"]


def test_a_single_turn_is_never_cut() -> None:
    [(name, content)] = files_of(export_of(1), largest=10)
    assert name == "seollem.json.gz"
    assert json.loads(gzip.decompress(content))["conversations"][0]["turns"] == 1
