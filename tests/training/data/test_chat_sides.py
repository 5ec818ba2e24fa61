"""The lines that turn the same words to another side: whole, and independent of each other."""

from collections import Counter, defaultdict

import numpy as np
import pytest

from seollem.training.data.corpora import read_sides

NEAR = 0.6  # share of three-letter pieces


def bare(text: str) -> str:
    return "".join(character for character in text.lower() if character.isalnum())


def pieces(text: str) -> set[str]:
    letters = bare(text)
    return {letters[i : i + 3] for i in range(len(letters) - 2)} or {letters}


@pytest.mark.parametrize(("split", "least"), [("learn", 6_000), ("dev", 300), ("test", 600)])
def test_every_line_is_there_in_both_languages_with_a_label(split: str, least: int) -> None:
    lines = read_sides(split)
    assert len(lines) >= least
    assert all(lines.left)
    assert all(lines.right)
    assert lines.targets.any(axis=1).all()
    assert np.abs(lines.affection).max() <= 3
    assert len(set(lines.kinds)) >= 16


def test_no_line_to_learn_from_is_nearly_a_test_line() -> None:
    learned, test = read_sides("learn"), read_sides("test")
    for ours, theirs in ((learned.left, test.left), (learned.right, test.right)):
        known = [pieces(text) for text in ours]
        places = defaultdict(set)
        for number, own in enumerate(known):
            for piece in own - {""}:
                places[piece].add(number)
        for text in theirs:
            wanted = pieces(text) - {""}
            shared = Counter(number for piece in wanted for number in places[piece])
            near = [n for n, count in shared.items() if count >= NEAR * len(wanted | known[n])]
            assert not near, (text, [ours[n] for n in near])
