"""Finding every face of a picture: small, large, turned. Proposals first, then a look up close."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from seollem.vision.crops import cut
from seollem.vision.faces import FULL_RANGE, SHORT_RANGE, WEIGHTS, BlazeFace
from seollem.vision.geometry import Affine, Face, Square, moved, overlap
from seollem.vision.images import RGB
from seollem.vision.readings import Box
from seollem.vision.tiles import Tile, levels

VIEW_SIDE = 384  # px: larger views are averaged down to this before a detector sees them
SMALLEST_SIDE = 16  # px: a picture thinner than this shows no face
LOOK_SIDE = 2.0  # sides of the candidate's box that a look up close shows
LOOK_SIZE = 256  # px: side of that view
QUARTER_TURNS = (0, 1, 3, 2)  # of the whole picture, in the order tried; upside down is rarest
SMALL_FACE = 0.14  # of the longest side: where no face is larger, others may have been missed
SMALL_LONE_FACE = 0.10  # the same where one alone was found: company of its size would show
SAME_FACE = 0.3  # boxes that overlap this much show one face
MOST_LOOKS = 64  # candidates looked at in a pass; a group photograph has fewer faces

LIKELY = 0.5  # short range score up close, of which faces have .7 and more from any near side
# Mean score of both detectors up close. Over eight faces at twelve rolls each, level looks had .70
# and more, .82 typically, and looks from the wrong side at most .77. Over 25 pictures without
# faces (textures, galaxies, a cat, a clock), also enlarged and turned, at most .65.
CONFIRMED = 0.68  # for what was found in the picture as it is
CONFIRMED_BY_SEARCH = 0.72  # for what was found in its turned copies and its tiles
BEYOND_DOUBT = 0.78  # which only the right side up reaches
# (turn in rad, score that makes the following ones unnecessary)
ORIENTATIONS = (
    (0.0, BEYOND_DOUBT),
    (math.pi, CONFIRMED),
    (math.pi / 2, CONFIRMED),
    (-math.pi / 2, CONFIRMED),
)


class FaceDetector:
    """Finds faces from 60 px in a 4000 px photograph to those that fill the frame, at any roll.

    Safe to call from several threads. The answer depends on the pixels alone.

    Raises:
        BrokenWeights: a detector file is missing or altered.
        MissingLibrary: MediaPipe does not load here.
    """

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._full_range = BlazeFace(weights / FULL_RANGE)
        self._short_range = BlazeFace(weights / SHORT_RANGE)

    def find(self, pixels: RGB) -> tuple[Face, ...]:
        """All faces, largest first; none is an empty tuple.

        ``pixels``: (height, width, 3) uint8 RGB. Both detectors see the whole picture, then its
        quarter turns until there is somebody. Where there is nobody, or only small faces among
        which others may hide, its tiles follow, large ones first. Whatever is proposed is looked
        at up close by both detectors.

        Raises:
            ValueError: ``pixels`` has another shape or type.
        """
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise ValueError(f"pixels are {pixels.dtype} {pixels.shape}, not uint8 (h, w, 3)")
        height, width = pixels.shape[:2]
        if min(height, width) < SMALLEST_SIDE:
            return ()
        faces: list[Face] = []
        for turns in QUARTER_TURNS:
            candidates = self._seen_whole(pixels, turns)
            faces = self._confirm(pixels, candidates, CONFIRMED_BY_SEARCH if turns else CONFIRMED)
            if faces:
                break
        small = (SMALL_LONE_FACE if len(faces) == 1 else SMALL_FACE) * max(height, width)
        if all(face.box.width < small for face in faces):
            for tiles in levels(width, height):
                candidates = self._seen_in_tiles(pixels, tiles)
                faces += self._confirm(pixels, candidates, CONFIRMED_BY_SEARCH, faces)
                if faces:
                    break
        return tuple(sorted(faces, key=lambda face: -face.box.area))

    def close(self) -> None:
        """Free the detectors' memory. Another ``find`` would open them again."""
        self._full_range.close()
        self._short_range.close()

    def _seen_whole(self, pixels: RGB, turns: int) -> list[Face]:
        """What either detector sees in the picture after ``turns`` quarter turns to the left."""
        view, scale = _shrink(pixels)
        turned = np.rot90(view, turns)
        back = _turn_back(turns, view.shape[1], view.shape[0]) * scale
        both = (self._full_range, self._short_range)
        return [moved(face, back) for detector in both for face in detector.detect(turned)]

    def _seen_in_tiles(self, pixels: RGB, tiles: Iterable[Tile]) -> list[Face]:
        """What the full range detector sees in the tiles."""
        seen: list[Face] = []
        for x, y, side in tiles:
            view, scale = _shrink(pixels[y : y + side, x : x + side])
            shift = np.array([[scale, 0.0, x], [0.0, scale, y]])
            seen += (moved(face, shift) for face in self._full_range.detect(view))
        return seen

    def _confirm(
        self, pixels: RGB, candidates: list[Face], least: float, known: Sequence[Face] = ()
    ) -> list[Face]:
        """The candidates that a look up close confirms, each person once, without known ones."""
        faces: list[Face] = []
        for candidate in sorted(candidates, key=lambda face: -face.score)[:MOST_LOOKS]:
            if _is_among([*known, *faces], candidate):
                continue
            face = self._look_closely(pixels, candidate)
            if face and face.score >= least and not _is_among([*known, *faces], face):
                faces.append(face)
        return faces

    def _look_closely(self, pixels: RGB, candidate: Face) -> Face | None:
        """The candidate up close: which way is up, where are the eyes, is it a face at all?"""
        best: Face | None = None
        for turn, enough in ORIENTATIONS:
            seen = _look(self._short_range, pixels, candidate.box, turn)
            if seen is None or seen.score < LIKELY:
                continue
            level = _look(self._short_range, pixels, seen.box, seen.roll)
            if level is None or level.score < LIKELY:
                continue
            other = _look(self._full_range, pixels, level.box, level.roll)
            score = (level.score + (other.score if other else 0.0)) / 2
            if best is None or score > best.score:
                best = replace(level, score=score)
            if best.score >= enough:
                break
        return best


def _look(detector: BlazeFace, pixels: RGB, box: Box, roll: float) -> Face | None:
    """The face in the box as a detector sees it up close, turned back by ``roll``."""
    square = Square(box.x + box.width / 2, box.y + box.height / 2, LOOK_SIDE * box.width, roll)
    seen = detector.detect(cut(pixels, square, LOOK_SIZE))
    faces = (moved(face, square.to_image(LOOK_SIZE)) for face in seen)
    return next((face for face in faces if overlap(face.box, box) > SAME_FACE), None)


def _is_among(faces: list[Face], face: Face) -> bool:
    return any(overlap(face.box, other.box) > SAME_FACE for other in faces)


def _shrink(pixels: RGB) -> tuple[RGB, float]:
    """(the pixels averaged down to the detectors' needs, image pixels per view pixel)."""
    height, width = pixels.shape[:2]
    scale = max(1.0, max(height, width) / VIEW_SIDE)
    if scale == 1.0:
        return pixels, scale
    size = (max(1, round(width / scale)), max(1, round(height / scale)))
    return np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8), scale


def _turn_back(turns: int, width: int, height: int) -> Affine:
    """From pixels of ``np.rot90(view, turns)`` to pixels of the view, which is width × height."""
    return (
        np.array([[1.0, 0, 0], [0, 1, 0]]),
        np.array([[0.0, -1, width], [1, 0, 0]]),
        np.array([[-1.0, 0, width], [0, -1, height]]),
        np.array([[0.0, 1, 0], [-1, 0, height]]),
    )[turns]
