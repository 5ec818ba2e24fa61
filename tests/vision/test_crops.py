"""Face crops: level, framed, without aliasing, whatever lies around."""

import math

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from seollem.vision.crops import crop_face, crop_whole, cut, framing
from seollem.vision.geometry import Face, Square, moved, overlap
from seollem.vision.readings import Box

GREEN, BLUE = (0, 255, 0), (0, 0, 255)


def face(x: float, y: float, eye_distance: float, roll: float = 0.0, box: float = 0.0) -> Face:
    """A face whose eyes' midpoint is (x, y); keypoints as a drawn face has them."""
    local = [(-0.5, 0), (0.5, 0), (0, 0.6), (0, 1.1), (-1, 0.2), (1, 0.2)]  # eye distances
    cos, sin = math.cos(roll) * eye_distance, math.sin(roll) * eye_distance
    points = tuple((x + u * cos - v * sin, y + u * sin + v * cos) for u, v in local)
    side = box or 2.4 * eye_distance
    return Face(Box(x - side / 2, y - 0.3 * side, side, side), 0.9, points)


def centre_of(colour: tuple[int, int, int], crop: NDArray[np.uint8]) -> NDArray[np.float64]:
    """(x, y) of a coloured dot in pixel coordinates (the first pixel's centre is 0.5)."""
    distance = np.abs(crop.astype(int) - colour).sum(axis=2)
    weights: NDArray[np.float64] = np.clip(300 - distance, 0, None).astype(float)
    rows, columns = np.indices(weights.shape) + 0.5
    moments = np.array([(weights * columns).sum(), (weights * rows).sum()])
    return np.asarray(moments / weights.sum(), np.float64)


@pytest.mark.parametrize("roll", [0, 12, -40, 90, 180, -135])
@pytest.mark.parametrize("eye_distance", [18, 60, 330])
def test_eyes_come_to_lie_level_where_faces_are_read_best(roll: int, eye_distance: int) -> None:
    picture = np.full((1500, 1700, 3), 128, np.uint8)
    drawn = face(900.3, 740.8, eye_distance, math.radians(roll))
    for colour, (x, y) in zip((GREEN, BLUE), drawn.eyes, strict=True):
        fine = 16  # cv2 draws in 1/16 px, from pixel centres
        at = (round((x - 0.5) * fine), round((y - 0.5) * fine))
        cv2.circle(picture, at, round(eye_distance / 8 * fine), colour, -1, shift=4)

    crop = crop_face(picture, drawn, 100)

    assert crop.shape == (100, 100, 3)
    eye, within = 50 / 2.3, 1.4 / 2.3  # 1.4 hundredths of the eye distance
    assert centre_of(GREEN, crop) == pytest.approx([50 - eye, 36.0], abs=within)
    assert centre_of(BLUE, crop) == pytest.approx([50 + eye, 36.0], abs=within)


def test_a_profile_is_framed_by_its_box() -> None:
    frontal, profile = face(100, 100, 40, box=96), face(100, 100, 12, box=96)
    assert framing(frontal).side == pytest.approx(2.3 * 40)
    assert framing(profile).side == pytest.approx(0.86 * 96)


def test_where_both_eyes_coincide_the_mouth_tells_the_roll() -> None:
    profile = face(100, 100, 10, math.radians(70), box=96)
    mouth = (100 - 40 * math.sin(math.radians(70)), 100 + 40 * math.cos(math.radians(70)))
    eyes = ((100.0, 100.0), (100.0, 100.0))
    profile = Face(profile.box, 0.9, (*eyes, profile.keypoints[2], mouth, *profile.keypoints[4:]))
    assert math.degrees(profile.roll) == pytest.approx(70)


def test_a_large_face_is_averaged_down_and_not_sampled() -> None:
    fine_lines = np.zeros((1000, 1000, 3), np.uint8)
    fine_lines[::2] = 255
    crop = crop_face(fine_lines, face(500, 500, 320, math.radians(5)), 48)
    assert crop.mean() == pytest.approx(127.5, abs=2)
    assert crop.std() < 5  # sampled, it would be above 100


def test_a_crop_of_the_pictures_own_size_and_place_is_the_picture() -> None:
    picture = np.random.default_rng(0).integers(0, 256, (48, 48, 3), np.uint8)
    smooth = np.asarray(cv2.GaussianBlur(picture, (0, 0), 3), np.uint8)
    again = cut(smooth, Square(24, 24, 48), 48)
    assert np.abs(again.astype(int) - smooth).max() <= 3


def test_beyond_the_edge_the_edge_goes_on() -> None:
    picture = np.full((100, 100, 3), 60, np.uint8)
    picture[:, -1] = (250, 10, 10)
    crop = crop_face(picture, face(95, 50, 30), 60)
    assert crop[30, -5].tolist() == [250, 10, 10]
    assert crop[30, 5].tolist() == [60, 60, 60]


def test_a_crop_that_misses_the_picture_repeats_its_nearest_corner() -> None:
    picture = np.full((10, 10, 3), 60, np.uint8)
    picture[-1, -1] = (250, 10, 10)
    assert crop_face(picture, face(900, 900, 20), 16)[8, 8].tolist() == [250, 10, 10]


def test_a_picture_wider_than_opencvs_warps_allow_is_cut_all_the_same() -> None:
    strip = np.full((20, 40_000, 3), 200, np.uint8)
    assert (crop_face(strip, face(39_000, 10, 6), 32) == 200).all()
    assert (cut(strip, Square(20_000, 10, 39_000), 32) == 200).all()


def test_a_whole_picture_is_squared_by_its_own_edges() -> None:
    picture = np.zeros((40, 30, 3), np.uint8)
    picture[:, 0], picture[:, -1] = 10, 20
    square = crop_whole(picture, 48)
    assert square.shape == (40, 40, 3)
    assert (square[:, :6] == 10).all()
    assert (square[:, -6:] == 20).all()
    assert np.array_equal(square[:, 5:35], picture)


def test_a_whole_picture_is_shrunk_to_what_the_model_sees_and_never_enlarged() -> None:
    assert crop_whole(np.zeros((300, 200, 3), np.uint8), 48).shape == (48, 48, 3)
    assert crop_whole(np.zeros((20, 20, 3), np.uint8), 48).shape == (20, 20, 3)


@pytest.mark.parametrize("turned", [False, True])
def test_a_long_strip_is_squared_without_the_square_s_memory(turned: bool) -> None:
    strip = np.full((16, 100_000, 3), 90, np.uint8)
    strip[:, 50_000:] = 200
    square = crop_whole(strip.transpose(1, 0, 2) if turned else strip, 48)
    across = square.transpose(1, 0, 2) if turned else square
    assert square.shape == (48, 48, 3)
    assert (across[:, :23] == 90).all()
    assert (across[:, 25:] == 200).all()


def test_a_face_moves_with_its_coordinates() -> None:
    square = Square(300, 200, 100, math.radians(90))
    seen = face(25, 25, 10)
    there = moved(seen, square.to_image(50))
    # A quarter turn clockwise: the view's right is the image's down. Twice as large.
    assert there.eyes.mean(axis=0) == pytest.approx([300, 200])
    assert there.eye_distance == pytest.approx(20)
    assert math.degrees(there.roll) == pytest.approx(90)
    assert there.box.width == pytest.approx(2 * seen.box.width)


def test_overlap_is_the_shared_part_of_both() -> None:
    box = Box(10, 10, 20, 20)
    assert overlap(box, box) == 1
    assert overlap(box, Box(20, 10, 20, 20)) == pytest.approx(1 / 3)
    assert overlap(box, Box(30, 10, 20, 20)) == 0
    assert overlap(box, Box(100, 100, 1, 1)) == 0
