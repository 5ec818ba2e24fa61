"""Finding faces with the real detectors: small, large, turned, several, none."""

import math
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import cv2
import numpy as np
import pytest

from photographs import (
    ASTRONAUT_EYES,
    ASTRONAUT_FACE,
    GRACE_HOPPER_EYES,
    GRACE_HOPPER_FACE,
    RGB,
    astronaut,
    grace_hopper,
    paste,
    texture,
)
from seollem.vision.detector import FaceDetector
from seollem.vision.geometry import Face


def only_face(detector: FaceDetector, pixels: RGB) -> Face:
    faces = detector.find(pixels)
    assert len(faces) == 1, faces
    return faces[0]


def has_eyes_at(face: Face, *eyes: tuple[float, float], within: float) -> bool:
    """``within``: in shares of the face's box."""
    return bool(np.abs(face.eyes - eyes).max() < within * face.box.width)


def test_a_face_is_found_with_its_eyes_and_size(detector: FaceDetector) -> None:
    face = only_face(detector, astronaut())
    assert has_eyes_at(face, *ASTRONAUT_EYES, within=0.05)
    assert face.box.width == pytest.approx(ASTRONAUT_FACE, rel=0.1)
    assert 0.7 < face.score <= 1

    face = only_face(detector, grace_hopper())
    assert has_eyes_at(face, *GRACE_HOPPER_EYES, within=0.05)
    assert face.box.width == pytest.approx(GRACE_HOPPER_FACE, rel=0.1)


def test_a_grey_picture_is_no_worse(detector: FaceDetector) -> None:
    grey = cv2.cvtColor(cv2.cvtColor(astronaut(), cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)
    assert has_eyes_at(
        only_face(detector, np.asarray(grey, np.uint8)), *ASTRONAUT_EYES, within=0.05
    )


@pytest.mark.parametrize(
    ("portrait", "x", "y"),
    [("astronaut", 80, 60), ("grace_hopper", 1900, 1400), ("astronaut", 3650, 2600)],
)
def test_a_face_of_60_px_in_a_photograph_of_4000_px_is_found(
    portrait: str, x: int, y: int, detector: FaceDetector
) -> None:
    pixels, size, eyes = {
        "astronaut": (astronaut(), ASTRONAUT_FACE, ASTRONAUT_EYES),
        "grace_hopper": (grace_hopper(), GRACE_HOPPER_FACE, GRACE_HOPPER_EYES),
    }[portrait]
    scale = 60 / size
    photograph = paste(pixels, scale, texture(4000, 3000), x, y)

    face = only_face(detector, photograph)

    expected = np.array(eyes) * scale + (x, y)
    assert has_eyes_at(face, *expected.tolist(), within=0.1)
    assert face.box.width == pytest.approx(60, rel=0.15)


def test_a_face_of_95_px_in_a_square_of_1536_px_is_found(detector: FaceDetector) -> None:
    photograph = paste(astronaut(), 95 / ASTRONAUT_FACE, texture(1536, 1536), 700, 800)
    assert only_face(detector, photograph).box.width == pytest.approx(95, rel=0.1)


def test_a_face_that_fills_the_frame_is_found(detector: FaceDetector) -> None:
    cropped = np.ascontiguousarray(grace_hopper()[125:330, 165:365])
    large = cv2.resize(cropped, (1200, 1230), interpolation=cv2.INTER_CUBIC)
    face = only_face(detector, np.asarray(large, np.uint8))
    assert face.box.width > 900


@pytest.mark.parametrize("turns", [1, 2, 3])
@pytest.mark.parametrize("portrait", [astronaut, grace_hopper])
def test_a_photograph_without_orientation_is_read_from_the_right_side(
    portrait: Callable[[], RGB], turns: int, detector: FaceDetector
) -> None:
    pixels = portrait()
    upright = only_face(detector, pixels)
    turned = only_face(detector, np.ascontiguousarray(np.rot90(pixels, turns)))
    off = math.degrees(turned.roll - upright.roll) + 90 * turns
    assert (off + 180) % 360 - 180 == pytest.approx(0, abs=8)
    assert turned.box.width == pytest.approx(upright.box.width, rel=0.15)


@pytest.mark.parametrize("degrees", [-45, -20, 20, 45])
def test_a_tilted_head_is_measured(degrees: int, detector: FaceDetector) -> None:
    matrix = cv2.getRotationMatrix2D((224, 120), -degrees, 1.0)  # cv2 turns to the left
    tilted = cv2.warpAffine(astronaut(), matrix, (512, 512), borderMode=cv2.BORDER_REPLICATE)
    upright = only_face(detector, astronaut())
    roll = math.degrees(only_face(detector, np.asarray(tilted, np.uint8)).roll - upright.roll)
    assert roll == pytest.approx(degrees, abs=6)


def test_everybody_is_found_largest_first(detector: FaceDetector) -> None:
    photograph = texture(1600, 900)
    photograph = paste(grace_hopper(), 0.9, photograph, 60, 200)
    photograph = paste(astronaut(), 1.2, photograph, 970, 100)
    photograph = paste(astronaut(), 0.85, photograph, 525, 20)
    faces = detector.find(photograph)
    assert [round(face.box.width / 10) for face in faces] == pytest.approx([18, 12, 8], abs=1)


def test_among_small_faces_none_is_overlooked(detector: FaceDetector) -> None:
    photograph = texture(1600, 1000)
    for row in range(2):
        for column in range(4):
            portrait, scale = ((astronaut(), 0.7), (grace_hopper(), 0.38))[(row + column) % 2]
            photograph = paste(portrait, scale, photograph, 20 + 390 * column, 50 + 470 * row)
    assert len(detector.find(photograph)) == 8


FACELESS: dict[str, Callable[[], RGB]] = {
    "the astronaut's suit": lambda: astronaut()[240:],
    "a flag": lambda: astronaut()[:, :130],
    "a rocket": lambda: astronaut()[:250, 320:],
    "a uniform": lambda: grace_hopper()[350:],
    "noise of several scales": lambda: texture(1500, 1000, seed=1),
    "black": lambda: np.zeros((480, 640, 3), np.uint8),
    "a chequerboard": lambda: (
        np.kron(np.indices((8, 8)).sum(0) % 2, np.full((60, 60), 255))
        .astype(np.uint8)[:, :, None]
        .repeat(3, 2)
    ),
}


@pytest.mark.parametrize("name", FACELESS)
def test_nobody_is_seen_where_nobody_is(name: str, detector: FaceDetector) -> None:
    pixels = np.ascontiguousarray(FACELESS[name]())
    assert detector.find(pixels) == ()
    larger = cv2.resize(pixels, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC)
    assert detector.find(np.asarray(larger, np.uint8)) == ()


@pytest.mark.parametrize(
    ("width", "height"), [(1, 1), (4000, 1), (1, 4000), (15, 400), (20_000, 20)]
)
def test_a_speck_or_a_strip_shows_nobody(width: int, height: int, detector: FaceDetector) -> None:
    assert detector.find(np.full((height, width, 3), 128, np.uint8)) == ()


@pytest.mark.parametrize(
    "pixels",
    [
        np.zeros((100, 100), np.uint8),
        np.zeros((100, 100, 1), np.uint8),
        np.zeros((100, 100, 4), np.uint8),
        np.zeros((100, 100, 3), np.float32),
    ],
    ids=["grey", "one channel", "four channels", "float"],
)
def test_other_arrays_are_refused_and_do_no_harm(pixels: RGB, detector: FaceDetector) -> None:
    with pytest.raises(ValueError, match="not uint8"):
        detector.find(pixels)
    only_face(detector, astronaut())


def test_answers_in_parallel_are_those_in_series(detector: FaceDetector) -> None:
    pictures = [
        astronaut(),
        grace_hopper(),
        np.ascontiguousarray(np.rot90(astronaut())),
        astronaut()[240:],
        paste(astronaut(), 0.6, texture(1400, 900), 700, 300),
    ] * 3
    series = [detector.find(picture) for picture in pictures]
    with ThreadPoolExecutor(6) as threads:
        assert list(threads.map(detector.find, pictures)) == series


def test_a_closed_detector_opens_again_when_it_is_needed() -> None:
    detector = FaceDetector()
    before = detector.find(astronaut())
    detector.close()
    detector.close()
    assert detector.find(astronaut()) == before
    detector.close()
