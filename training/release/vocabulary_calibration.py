"""Probabilities over emotions that nobody labelled faces with, made to fit a silver standard.

A label's logit becomes scale · logit + its offset (temperature scaling with bias correction,
Alexandari et al. 2020). Without offsets one word takes a third of all faces, because label vectors
lie closer to faces or farther from them as words, not as emotions.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from seollem.scoring.emotions import NEW_EMOTIONS
from seollem.training.errors import CheckpointError
from seollem.vision.readings import Emotions

FILE_NAME = "calibration.json"  # of a checkpoint
KEY = "kote36"  # in it
LEAST = 1e-12  # a probability of 0 is taken for this


@dataclass(frozen=True, slots=True)
class VocabularyCalibration:
    """What was chosen on validation, and what it comes to there and on the test faces.

    Attributes:
        offsets: (36,) in the order of ``seollem.scoring.emotions.NEW_EMOTIONS``.
        kept, right: of validation faces, the share with a label and the share of right ones among
            those; ``test_kept`` and ``test_right`` the same of test faces.
    """

    scale: float
    offsets: tuple[float, ...]
    abstain_below: float
    kept: float
    right: float
    test_kept: float
    test_right: float

    def apply(self, emotions: Emotions) -> Emotions:
        """A reading over NEW_EMOTIONS → the calibrated one."""
        logits = [
            self.scale * math.log(max(p, LEAST)) + offset
            for p, offset in zip(emotions.probabilities, self.offsets, strict=True)
        ]
        greatest = max(logits)
        powers = [math.exp(logit - greatest) for logit in logits]
        total = sum(powers)
        return Emotions(emotions.labels, tuple(power / total for power in powers))


def load_calibration(folder: Path) -> VocabularyCalibration | None:
    """What a checkpoint's export found out, if it did.

    Raises:
        CheckpointError: the file is damaged.
    """
    path = folder / FILE_NAME
    if not path.is_file():
        return None
    try:
        stored: dict[str, Any] | None = json.loads(path.read_text("utf-8")).get(KEY)
        if stored is None:
            return None
        figures = {name: float(value) for name, value in stored.items() if name != "offsets"}
        offsets = tuple(float(offset) for offset in stored["offsets"])
        if not all(map(math.isfinite, (*figures.values(), *offsets))):
            raise ValueError("a figure is not finite")
        calibration = VocabularyCalibration(offsets=offsets, **figures)
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise CheckpointError(f"{path} is damaged ({error}).") from error
    if len(calibration.offsets) != len(NEW_EMOTIONS):
        raise CheckpointError(
            f"{path} has offsets for {len(calibration.offsets)} emotions, not "
            f"{len(NEW_EMOTIONS)}. Export the checkpoint again."
        )
    return calibration
