"""The side of a line: what counts as an error, and what the loss asks for."""

import numpy as np
import pytest
import torch

from seollem.training.messages.side_figures import figures_of
from seollem.training.messages.tasks import _outside


def test_a_sign_error_is_a_score_on_the_wrong_side_of_50() -> None:
    scores = np.array([80, 50, 45, 30, 55, 41, 61], np.float32)
    affection = np.array([3, 1, 2, -2, -1, 0, 0], np.float32)
    figures = figures_of(scores, affection)
    assert figures["sign errors"] == pytest.approx(3 / 5)
    assert figures["neutral within 40-60"] == 0.5
    assert figures["auc warm over cold"] == pytest.approx(4 / 6, abs=1e-4)


def test_the_loss_asks_for_more_where_more_affection_is_shown() -> None:
    score = torch.tensor([0.45, 0.45, -0.45, 0.05, -0.2, 0.3])
    affection = torch.tensor([2.0, 3.0, -1.0, 0.0, 0.0, -2.0])
    expected = torch.tensor([0.0, 0.05, 0.0, 0.0, 0.1, 0.7])
    assert torch.allclose(_outside(score, affection), expected, atol=1e-6)
