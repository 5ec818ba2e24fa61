"""Overlapping tiles in which a face too small for the whole picture is large enough to be found."""

import math
from collections.abc import Iterator
from typing import NamedTuple

SMALLEST_TILE = 512  # px: a face of 46 px fills .09 of it, which the detectors still find
MOST_TILES_ACROSS = 8  # smallest tile over the longest side, so that cost has a bound
STEP_BETWEEN_LEVELS = 3.0  # at most: a face that outgrows one level's overlap fits the level above
LEAST_ZOOM = 1.2  # longest side over a tile's: with less, tiles show nothing new
OVERLAP = 0.25  # of a tile's side


class Tile(NamedTuple):
    """A square of the image, smaller where the image ends; top left corner and side in pixels."""

    x: int
    y: int
    side: int


def levels(width: int, height: int) -> Iterator[tuple[Tile, ...]]:
    """Tilings of an image, large tiles first; none for an image about as small as a tile.

    For a 4000 × 3000 px photo: 12 tiles of 1431 px, then 88 of 512 px.
    """
    longest = max(width, height)
    smallest = max(SMALLEST_TILE, longest / MOST_TILES_ACROSS)
    if longest < smallest * LEAST_ZOOM:
        return
    count = math.ceil(math.log(longest / smallest) / math.log(STEP_BETWEEN_LEVELS))
    for level in range(1, count + 1):
        side = round(longest * (smallest / longest) ** (level / count))
        yield tuple(Tile(x, y, side) for y in _starts(height, side) for x in _starts(width, side))


def _starts(length: int, side: int) -> tuple[int, ...]:
    """Where tiles begin along one direction: evenly spread, the last one ending at the edge."""
    if length <= side:
        return (0,)
    steps = math.ceil((length - side) / (side * (1 - OVERLAP)))
    return tuple(round(step * (length - side) / steps) for step in range(steps + 1))
