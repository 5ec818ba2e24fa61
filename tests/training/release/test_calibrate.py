import numpy as np
import torch

from seollem.training.data.faces import FaceSet
from seollem.training.measure.metrics import (
    accuracy,
    calibration_error,
    macro_f1,
    recalls,
    unweighted_recall,
)
from seollem.training.release.calibrate import bias, calibrate, priors


def test_an_overconfident_reader_is_cooled_down() -> None:
    random = np.random.default_rng(0)
    truth = random.integers(0, 4, 4000)
    logits = torch.tensor(random.normal(0, 1, (4000, 4)))
    logits[torch.arange(4000), torch.from_numpy(truth)] += 1.0
    even = np.full(4, 0.25)
    found = calibrate(logits * 5, truth, even, even)
    assert abs(found.temperature - 5) < 0.5
    before = calibration_error((logits * 5).softmax(1).float().numpy(), truth)
    assert found.ece < before / 3


def test_priors_move_readings_towards_what_is_common_or_rare() -> None:
    natural, balanced = np.array([0.9, 0.1]), np.array([0.75, 0.25])
    assert torch.allclose(bias(0.0, 0.0, natural, balanced), torch.zeros(2))
    to_common = bias(1.0, 0.0, natural, balanced)
    assert torch.isclose(to_common[0] - to_common[1], torch.tensor(np.log(9)).float())
    to_rare = bias(0.0, 0.5, natural, balanced)
    assert torch.isclose(to_rare[1] - to_rare[0], torch.tensor(np.log(3) / 2).float())


def test_a_rare_label_is_read_where_that_costs_little_accuracy() -> None:
    random = np.random.default_rng(1)
    truth = (random.random(20_000) < 0.02).astype(np.int64)
    prior = np.array([0.98, 0.02])
    logits = torch.tensor(np.log(prior) + random.normal(0, 0.5, (20_000, 2)))
    logits[torch.arange(20_000), torch.from_numpy(truth)] += 3.0
    plain = logits.softmax(1).numpy()
    found = calibrate(logits, truth, prior, prior)
    assert found.rare > found.common
    assert found.uar > unweighted_recall(plain, truth) + 0.01
    assert found.accuracy > accuracy(plain, truth) - 0.006


def test_figures_of_a_small_example() -> None:
    read = np.eye(3, dtype=np.float32)[[0, 0, 1, 1, 2]]
    truth = np.array([0, 0, 0, 1, 2])
    assert accuracy(read, truth) == 0.8
    assert recalls(read, truth) == {0: 2 / 3, 1: 1.0, 2: 1.0}
    assert np.isclose(unweighted_recall(read, truth), 8 / 9)
    assert np.isclose(macro_f1(read, truth), (0.8 + 2 / 3 + 1) / 3)
    assert np.isclose(calibration_error(read, truth), 0.2)


def test_priors_are_the_shares_among_the_faces_an_annotator_saw() -> None:
    faces = FaceSet(
        images=np.zeros((6, 8, 8), np.uint8),
        labels=np.array([0, 0, 0, 3, -1, -1]),  # three angry faces and a happy one
        votes=np.zeros((6, 10), np.int64),
        splits=np.zeros(6, np.int64),
        leaked=np.zeros(6, np.bool_),
        affectnet=np.array([-1, -1, -1, -1, 1, 7]),  # a happy face, and one of contempt
    )
    natural, balanced = priors(faces, "fer2013")
    assert natural[[0, 3]].tolist() == [0.75, 0.25]
    # Of a batch with as many angry as happy faces, half of the happy ones are AffectNet's.
    assert np.allclose(balanced[[0, 3]], [2 / 3, 1 / 3])
    natural, balanced = priors(faces, "affectnet")
    assert natural[[1, 7]].tolist() == [0.5, 0.5]
    assert np.allclose(balanced[[1, 7]], [1 / 3, 2 / 3])
