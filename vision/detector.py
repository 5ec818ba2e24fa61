"""Finding every face of a picture: BlazeFace proposes, the face mesh confirms and measures."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

import cv2
import numpy as np

from seollem.vision.faces import FULL_RANGE, SHORT_RANGE, WEIGHTS, BlazeFace
from seollem.vision.geometry import Affine, Face, Square, moved, overlap
from seollem.vision.images import RGB
from seollem.vision.mesh import MESH, FaceMesh, Mesh
from seollem.vision.readings import Box
from seollem.vision.tiles import Tile, levels

VIEW_SIDE = 384  # px: larger views are averaged down to this before a detector sees them
SMALLEST_SIDE = 16  # px: a picture thinner than this, or a smaller face, shows nothing
QUARTER_TURNS = (0, 1, 3, 2)  # of the whole picture, in the order tried; upside down is rarest
LARGE_FACE = 0.25  # of the longest side: the short range detector alone finds all of this size
SMALL_FACE = 0.14  # of the longest side: where no face is larger, others may have been missed
SMALL_LONE_FACE = 0.10  # the same where one alone was found: company of its size would show
MARGIN = 0.5  # of the longest side, put around a picture that a face may fill
SOFT_SIDE = 128  # px: a view in which noise has averaged out
SAME_FACE = 0.3  # boxes that overlap this much show one face
MOST_LOOKS = 64  # candidates looked at in a pass; a group photograph has fewer faces

MESH_SIDE = 1.5  # sides of a face's box that the mesh network was trained to see
# A candidate is a face if the logit of the mesh's presence and ten times BlazeFace's score make up
# this together: 6 is enough for a score of .9, 11 is asked for at .4.
CERTAIN = 15.0
SCORE_WEIGHT = 10.0
UNLIKELY = 4.0  # a logit below which another fit is not worth its time
BEYOND_DOUBT = 13.0  # a logit that only the right side up reaches
OTHER_WAYS_UP = (math.pi, math.pi / 2, -math.pi / 2)  # rad
MOST_FITS = 4  # of the mesh to one face
LEVEL = math.radians(3)  # a mesh that turns out further off than this is fitted again
CENTRED = 0.05  # the same for its centre, in sides of the box
ALIKE = 1.1  # and for its size


class FaceDetector:
    """Finds faces from 60 px in a 4000 px photograph to those that fill the frame, at any roll.

    Safe to call from several threads. The answer depends on the pixels alone.

    Raises:
        BrokenWeights: a model file is missing or altered.
        MissingLibrary: MediaPipe does not load here.
    """

    def __init__(self, weights: Path = WEIGHTS) -> None:
        self._full_range = BlazeFace(weights / FULL_RANGE)
        self._short_range = BlazeFace(weights / SHORT_RANGE)
        self._mesh = FaceMesh(weights / MESH)

    def find(self, pixels: RGB) -> tuple[Face, ...]:
        """All faces, largest first; none is an empty tuple.

        The passes, each only where those before it leave a doubt:

        1. the short range detector on the whole picture; a large face ends the search
        2. the full range detector on the whole picture
        3. with a margin around the picture, for a face that fills the frame
        4. on a small copy, in which noise averages out
        5. on quarter turns of the picture
        6. on tiles, large ones first, where there are only small faces or none

        Args:
            pixels: (height, width, 3) uint8 RGB.

        Raises:
            ValueError: ``pixels`` has another shape or type.
        """
        if pixels.ndim != 3 or pixels.shape[2] != 3 or pixels.dtype != np.uint8:
            raise ValueError(f"pixels are {pixels.dtype} {pixels.shape}, not uint8 (h, w, 3)")
        height, width = pixels.shape[:2]
        if min(height, width) < SMALLEST_SIDE:
            return ()
        longest = max(height, width)
        view, scale = _shrink(pixels)
        faces = self._confirm(pixels, self._seen_in(self._short_range, view, scale))
        if not faces or faces[0].box.width < LARGE_FACE * longest:
            faces += self._confirm(pixels, self._seen_in(self._full_range, view, scale), faces)
        if not faces:
            faces = self._search(pixels, view, scale)
        small = (SMALL_LONE_FACE if len(faces) == 1 else SMALL_FACE) * longest
        if all(face.box.width < small for face in faces):
            for tiles in levels(width, height):
                faces += self._confirm(pixels, self._seen_in_tiles(pixels, tiles), faces)
                if faces:
                    break
        return tuple(sorted(faces, key=lambda face: -face.box.area))

    def close(self) -> None:
        """Free the detectors' memory. Another ``find`` would open them again."""
        self._full_range.close()
        self._short_range.close()

    def _search(self, pixels: RGB, view: RGB, scale: float) -> list[Face]:
        """Passes 3 to 5, until one finds somebody."""
        margin = round(MARGIN * max(view.shape[:2]))
        framed = np.asarray(
            cv2.copyMakeBorder(
                view, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=(0, 0, 0)
            ),
            np.uint8,
        )
        inwards = np.array([[scale, 0.0, -margin * scale], [0.0, scale, -margin * scale]])
        soft, soft_scale = _shrink(view, SOFT_SIDE)
        for detector in (self._short_range, self._full_range):
            seen = [moved(face, inwards) for face in detector.detect(framed)]
            seen += self._seen_in(detector, soft, scale * soft_scale)
            faces = self._confirm(pixels, seen)
            if faces:
                return faces
        for turns in QUARTER_TURNS[1:]:
            turned = np.ascontiguousarray(np.rot90(view, turns))
            back = _turn_back(turns, view.shape[1], view.shape[0]) * scale
            both = (self._short_range, self._full_range)
            seen = [moved(face, back) for detector in both for face in detector.detect(turned)]
            faces = self._confirm(pixels, seen)
            if faces:
                return faces
        return []

    def _seen_in(self, detector: BlazeFace, view: RGB, scale: float) -> list[Face]:
        """What a detector sees in a view of the whole picture, in the picture's pixels."""
        to_image = np.array([[scale, 0.0, 0.0], [0.0, scale, 0.0]])
        return [moved(face, to_image) for face in detector.detect(view)]

    def _seen_in_tiles(self, pixels: RGB, tiles: Iterable[Tile]) -> list[Face]:
        """What the full range detector sees in the tiles."""
        seen: list[Face] = []
        for x, y, side in tiles:
            view, scale = _shrink(pixels[y : y + side, x : x + side])
            shift = np.array([[scale, 0.0, x], [0.0, scale, y]])
            seen += (moved(face, shift) for face in self._full_range.detect(view))
        return seen

    def _confirm(
        self, pixels: RGB, candidates: list[Face], known: Sequence[Face] = ()
    ) -> list[Face]:
        """The candidates that the mesh confirms, largest first, each person once, no known ones."""
        faces: list[Face] = []
        for candidate in sorted(candidates, key=lambda face: -face.score)[:MOST_LOOKS]:
            if _is_among([*known, *faces], candidate):
                continue
            face = self._measure(pixels, candidate)
            if face is not None and not _is_among([*known, *faces], face):
                faces.append(face)
        return sorted(faces, key=lambda face: -face.box.area)

    def _measure(self, pixels: RGB, candidate: Face) -> Face | None:
        """The candidate as the mesh sees it, right side up; None where it is no face."""
        mesh = self._fit(pixels, candidate.box, candidate.roll)
        if mesh.presence < BEYOND_DOUBT:
            others = (
                self._fit(pixels, candidate.box, candidate.roll + turn) for turn in OTHER_WAYS_UP
            )
            mesh = max((mesh, *others), key=lambda found: found.presence)
        evidence = mesh.presence + SCORE_WEIGHT * candidate.score
        if evidence < CERTAIN or mesh.face.box.width < SMALLEST_SIDE:
            return None
        return replace(mesh.face, score=candidate.score)

    def _fit(self, pixels: RGB, box: Box, roll: float) -> Mesh:
        """The mesh of the face in a box, fitted again until it lies level and centred.

        Its presence is the greatest of all fits: a wide open mouth can lower that of the last.
        """
        presence = -math.inf
        for _ in range(MOST_FITS):
            mesh = self._mesh.fit(pixels, _square(box, roll))
            presence = max(presence, mesh.presence)
            face = mesh.face
            if mesh.presence < UNLIKELY or _is_settled(face, box, roll):
                break
            box, roll = face.box, face.roll
        return replace(mesh, presence=presence)


def _is_settled(face: Face, box: Box, roll: float) -> bool:
    """Whether a fitted face lies where its square supposed it."""
    turned = abs((face.roll - roll + math.pi) % (2 * math.pi) - math.pi)
    off = math.hypot(*np.subtract(_centre(face.box), _centre(box)))
    grown = face.box.width / box.width
    return turned < LEVEL and off < CENTRED * box.width and 1 / ALIKE < grown < ALIKE


def _square(box: Box, roll: float) -> Square:
    return Square(*_centre(box), MESH_SIDE * box.width, roll)


def _centre(box: Box) -> tuple[float, float]:
    return box.x + box.width / 2, box.y + box.height / 2


def _is_among(faces: list[Face], face: Face) -> bool:
    return any(overlap(face.box, other.box) > SAME_FACE for other in faces)


def _shrink(pixels: RGB, most: int = VIEW_SIDE) -> tuple[RGB, float]:
    """(the pixels averaged down to ``most`` px, image pixels per view pixel)."""
    height, width = pixels.shape[:2]
    scale = max(1.0, max(height, width) / most)
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
