import numpy as np
import pytest

from seollem.training.measure.multilabel import (
    auc,
    best_thresholds,
    expected_thresholds,
    label_figures,
    recall_at,
)
from seollem.training.messages.calibrate import calibrate_text

RNG = np.random.default_rng(2)


def test_auc_is_the_share_of_pairs_in_the_right_order() -> None:
    scores = RNG.integers(0, 6, 60).astype(np.float32)
    is_true = RNG.random(60) < 0.4
    pairs = [(a > b) + 0.5 * (a == b) for a in scores[is_true] for b in scores[~is_true]]
    assert auc(scores, is_true) == pytest.approx(np.mean(pairs))
    assert auc(scores, np.zeros(60, bool)) == 0.5


def test_recall_counts_every_true_label_and_skips_rows_without() -> None:
    scores = np.array([[0.9, 0.8, 0.1], [0.1, 0.2, 0.3], [0.5, 0.4, 0.3]], np.float32)
    is_true = np.array([[1, 0, 1], [0, 0, 1], [0, 0, 0]], bool)
    assert recall_at(1, scores, is_true) == pytest.approx((0.5 + 1.0) / 2)


def test_f1_is_counted_over_labels_and_over_everything() -> None:
    probabilities = np.array([[0.9, 0.1], [0.9, 0.6]], np.float32)
    truth = np.array([[1, 0], [0, 1]], np.float32)
    figures = label_figures(probabilities, truth)
    assert figures["macro_f1"] == pytest.approx((2 / 3 + 1) / 2, abs=1e-4)
    assert figures["micro_f1"] == pytest.approx(0.8, abs=1e-4)


def test_a_label_of_few_rows_leans_on_the_threshold_of_all() -> None:
    probabilities = RNG.random((200, 3)).astype(np.float32)
    truth = (probabilities > 0.5).astype(np.float32)
    truth[:, 2] = 0
    truth[3, 2] = 1  # one row, of some probability
    alone = best_thresholds(probabilities, truth, prior=0)
    joined = best_thresholds(probabilities, truth, prior=400)
    assert alone[:2] == pytest.approx([0.5, 0.5], abs=0.03)
    assert abs(joined[2] - 0.5) <= abs(alone[2] - 0.5)


def test_logits_that_are_too_sure_are_cooled() -> None:
    logits = RNG.normal(0, 1, (4000, 3))
    truth = (RNG.random((4000, 3)) < 1 / (1 + np.exp(-logits))).astype(np.float32)
    assert calibrate_text((2 * logits).astype(np.float32), truth).temperature == pytest.approx(
        2.0, rel=0.1
    )


def test_expected_thresholds_find_the_greatest_f1_where_probabilities_are_calibrated() -> None:
    rng = np.random.default_rng(0)
    probabilities = rng.beta([[0.5, 2.0]], [[4.0, 2.0]], (20_000, 2)).astype(np.float32)
    truth = (rng.random(probabilities.shape) < probabilities).astype(np.float32)

    expected = expected_thresholds(probabilities)
    best = best_thresholds(probabilities, truth, prior=0.0)

    reached = label_figures(probabilities, truth, expected)["macro_f1"]
    assert reached > label_figures(probabilities, truth, best)["macro_f1"] - 0.005
    assert reached > label_figures(probabilities, truth, 0.5)["macro_f1"] + 0.05
    assert expected[0] < expected[1]  # the rarer label's is the lower one
