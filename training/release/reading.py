"""How a selfie is read: by the heads of several annotators, every emotion expected equally often.

FER-2013 and FERPlus come from one web search in which every third face is neutral and one in fifty
disgusted. Readings that expect the same of a selfie call other people's anger, disgust and fear
neutral. So the logarithm of the training shares is taken off again (logit adjustment, Menon et al.
2021). And the two sets asked different questions: FERPlus' annotators call a plain posed anger
neutral that FER-2013's see. So both heads are heard.

Weights and strengths were chosen by mean UAR over two sets of faces from elsewhere and both
PublicTests, without leaked rows; vision/weights/README.md has the table.
"""

import numpy as np

from seollem.training.data.faces import FaceSet, Split
from seollem.training.release.calibrate import priors
from seollem.vision.model import EmotionCLIPConfig

WEIGHTS = {"ferplus": 0.7, "fer2013": 0.3}  # of the annotators' logits
STRENGTHS = {"ferplus": 1.0, "fer2013": 0.5}  # share of each one's prior that is taken off


def set_reading(config: EmotionCLIPConfig, faces: FaceSet) -> None:
    """Fill in ``annotator_weights`` and ``reading_biases``.

    A model without those annotators is read by its own one, with the offsets that were calibrated.
    """
    if not WEIGHTS.keys() <= set(config.annotators):
        config.annotator_weights = {config.annotator: 1.0}
        config.reading_biases = list(config.label_biases.get(config.annotator, ()))
        return
    training = faces.split(Split.TRAINING)
    training = training.where(training.is_face)
    offsets = np.zeros(len(config.labels))
    for annotator, weight in WEIGHTS.items():
        shares, _ = priors(training, annotator)
        prior = dict(zip(config.annotator_labels[annotator], np.log(shares), strict=True))
        known = [prior.get(label, 0.0) for label in config.labels]
        offsets -= weight * STRENGTHS[annotator] * np.array(known)
    config.annotator_weights = dict(WEIGHTS)
    config.reading_biases = (offsets - offsets.mean()).tolist()
