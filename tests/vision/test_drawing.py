"""Readings drawn into their picture."""

import numpy as np
import pytest
from PIL import ImageFont

from photographs import texture
from seollem.vision.drawing import annotate
from seollem.vision.readings import Box, Emotions, FaceReading
from seollem.vision.style import FONT


def face(x: float, y: float, side: float, *, is_conclusive: bool = True) -> FaceReading:
    emotions = Emotions(("설렘", "joy", "당황", "fear"), (0.5, 0.3, 0.15, 0.05))
    return FaceReading(Box(x, y, side, side), 0.9, emotions, is_conclusive)


def test_the_font_has_the_hangul_that_is_in_use() -> None:
    font = ImageFont.truetype(str(FONT), 20)
    syllables = [chr(code) for code in range(ord("가"), ord("힣") + 1)]
    in_use = [one for one in syllables if len(one.encode("euc_kr")) == 2]  # KS X 1001
    assert len(in_use) == 2350
    missing = [one for one in in_use if not any(font.getmask(one))]
    assert missing == []


@pytest.mark.parametrize(("x", "y"), [(-20, -20), (250, 150), (120, 60)])
def test_the_card_stays_within_the_picture(x: float, y: float) -> None:
    pixels = np.full((200, 300, 3), 255, np.uint8)
    drawn = np.asarray(annotate(pixels, [face(x, y, 80)], 0))
    assert drawn.shape == pixels.shape
    card = np.argwhere((drawn == (0x26, 0x21, 0x2F)).all(axis=2))
    height, width = np.ptp(card, axis=0)
    assert height > 25  # three lines
    assert width > 40


def test_the_subject_stands_out() -> None:
    pixels = np.ascontiguousarray(texture(300, 200))
    drawn = np.asarray(annotate(pixels, [face(40, 40, 60), face(200, 30, 50)], 0))
    assert drawn[40, 60].tolist() == [0xFF, 0x7A, 0xA8]
    assert drawn[30, 220].tolist() == [0xC9, 0xC3, 0xD4]


def test_an_inconclusive_reading_has_one_line_more() -> None:
    pixels = np.full((400, 300, 3), 255, np.uint8)

    def card_height(is_conclusive: bool) -> int:
        drawn = np.asarray(annotate(pixels, [face(40, 40, 60, is_conclusive=is_conclusive)], 0))
        rows = np.argwhere((drawn == (0x26, 0x21, 0x2F)).all(axis=2))[:, 0]
        return int(np.ptp(rows))

    assert card_height(False) > card_height(True) + 5


def test_the_pixels_handed_in_stay_as_they_are() -> None:
    pixels = np.full((200, 300, 3), 255, np.uint8)
    annotate(pixels, [face(40, 40, 60)], None)
    assert (pixels == 255).all()
