"""How selfies are read: which heads count, and how often each emotion is expected."""

import numpy as np
import pytest

from seollem.training.data.faces import FaceSet
from seollem.training.release.reading import WEIGHTS, set_reading
from seollem.vision.model import EmotionCLIPConfig

FERPLUS = ["neutral", "happiness", "surprise", "sadness", "anger", "disgust", "fear", "contempt"]
FER2013 = ["anger", "disgust", "fear", "happiness", "sadness", "surprise", "neutral"]


def test_what_was_common_in_training_is_no_longer_expected_more_often(few_faces: FaceSet) -> None:
    config = EmotionCLIPConfig(annotator_labels={"ferplus": FERPLUS, "fer2013": FER2013})
    set_reading(config, few_faces)
    assert config.annotator_weights == WEIGHTS
    biases = dict(zip(FERPLUS, config.reading_biases, strict=True))
    assert sum(config.reading_biases) == pytest.approx(0.0, abs=1e-6)
    shares = few_faces.vote_shares.sum(axis=0)
    commonest, rarest = FERPLUS[int(np.argmax(shares))], FERPLUS[int(np.argmin(shares))]
    assert biases[commonest] < biases[rarest]


def test_a_model_of_one_annotator_reads_by_that_one(few_faces: FaceSet) -> None:
    config = EmotionCLIPConfig(
        annotator_labels={"ferplus": FERPLUS}, label_biases={"ferplus": [0.5] * 8}
    )
    set_reading(config, few_faces)
    assert config.annotator_weights == {"ferplus": 1.0}
    assert config.reading_biases == [0.5] * 8
