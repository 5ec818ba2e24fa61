"""Figures are shown with few decimals, wherever they stand in what is shown."""

import json

from seollem.bot.wording.rounding import rounded


def test_floats_are_rounded_however_deep_and_the_rest_is_left() -> None:
    data = {"a": [0.12345, {"b": 1.0}], "turn": 12345, "is": True, "none": None, "words": "0.12345"}
    assert rounded(data, 2) == {**data, "a": [0.12, {"b": 1.0}]}


def test_nothing_becomes_minus_zero() -> None:
    assert json.dumps(rounded([-5.55e-17, -0.0], 12)) == "[0.0, 0.0]"
