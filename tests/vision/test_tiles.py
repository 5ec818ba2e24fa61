"""Tiles: nothing between them is lost, and their number has a bound."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from seollem.vision.tiles import OVERLAP, STEP_BETWEEN_LEVELS, levels

SIDES = st.integers(1, 20_000)


@given(SIDES, SIDES)
def test_tiles_lie_within_the_picture_and_cover_it(width: int, height: int) -> None:
    for tiles in levels(width, height):
        for starts, length in (({t.x for t in tiles}, width), ({t.y for t in tiles}, height)):
            side = tiles[0].side
            ordered = sorted(starts)
            assert ordered[0] == 0
            assert ordered[-1] == max(0, length - side)
            # Neighbours overlap by a quarter, so a face of that size is whole in one of them.
            assert all(b - a <= side * (1 - OVERLAP) + 1 for a, b in pairwise(ordered))


@given(SIDES, SIDES)
def test_a_picture_of_any_size_has_about_a_hundred_tiles_at_most(width: int, height: int) -> None:
    counts = [len(tiles) for tiles in levels(width, height)]
    assert sum(counts) <= 140
    assert counts == sorted(counts)


@given(SIDES, SIDES)
def test_no_size_of_face_falls_between_two_levels(width: int, height: int) -> None:
    sides = [max(width, height), *(tiles[0].side for tiles in levels(width, height))]
    assert all(a <= b * STEP_BETWEEN_LEVELS * 1.01 for a, b in pairwise(sides))


def test_a_small_picture_needs_no_tiles() -> None:
    assert list(levels(600, 600)) == []


def test_a_12_megapixel_photograph_has_the_tiles_that_the_docstring_says() -> None:
    described = [(len(tiles), tiles[0].side) for tiles in levels(4000, 3000)]
    assert described == [(12, 1431), (88, 512)]
