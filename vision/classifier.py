"""EmotionClassifier: face crops × any labels → probabilities.

classifier = EmotionClassifier.from_pretrained()
classifier.read([crop])                                  # the eight emotions it was trained on
classifier.read([crop], labels=("당황", "비장함", "설렘"))  # any others, in Korean or English
"""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch import Tensor, nn

from vision.checkpoints import local_folder, verify_checksums, without_progress_bars
from vision.errors import BrokenWeights
from vision.image_towers import channels_last, fuse_batch_norms
from vision.label_vectors import LabelSpace, check_labels
from vision.model import EmotionCLIP
from vision.pixels import stack_crops, to_pixels
from vision.readings import Emotions
from vision.text_tower import TextTower

WEIGHTS = Path(__file__).parent / "weights"
TEXT_FOLDER = "text"
BATCH = 128  # crops a forward pass


class EmotionClassifier:
    """An EmotionCLIP with its label space. Safe to call from several threads.

    Attributes:
        model_id: what readings call the model.
        labels: the labels it was trained on.
        crop_size: side in pixels of the face crops it works on.
        conclusive_at: least probability of a reading's top label to speak of it.
    """

    def __init__(self, model: EmotionCLIP, label_space: LabelSpace) -> None:
        self._model = model
        self._label_space = label_space
        self._lock = threading.Lock()
        self.model_id = model.config.name
        self.labels = model.config.labels
        self.crop_size = model.config.crop_size
        self.conclusive_at = model.config.conclusive_at

    @classmethod
    def from_pretrained(
        cls, model: str | Path | None = None, *, threads: int | None = None
    ) -> "EmotionClassifier":
        """Load the embedded checkpoint, a local folder, or a checkpoint of the hub by name.

        Args:
            threads: torch's thread count, for the whole process; None leaves it as it is.

        Raises:
            BrokenWeights: files are missing, altered, or of another architecture.
        """
        if threads is not None:
            torch.set_num_threads(threads)
        folder = WEIGHTS if model is None else local_folder(model)
        verify_checksums(folder)
        try:
            with without_progress_bars():
                clip = EmotionCLIP.from_pretrained(
                    folder, dtype=torch.float32, local_files_only=True
                )
        except (OSError, ValueError, RuntimeError, KeyError, TypeError, SafetensorError) as error:
            raise BrokenWeights(
                f"{folder} holds no emotion model that can be read ({error}). Give a folder with "
                "the config.json and model.safetensors of an EmotionCLIP."
            ) from error
        fuse_batch_norms(nn.Module.eval(clip))
        channels_last(clip)

        def load_tower() -> TextTower:
            verify_checksums(folder, below=f"{TEXT_FOLDER}/")
            return TextTower.from_pretrained(folder / TEXT_FOLDER)

        return cls(clip, LabelSpace.load(folder, load_tower))

    def read(
        self, crops: Sequence[NDArray[np.uint8]], labels: Sequence[str] | None = None
    ) -> tuple[Emotions, ...]:
        """Read face crops.

        Args:
            crops: RGB HWC uint8 in [0, 255], of any size, framed as ``vision.crops`` frames them.
            labels: emotions to choose between; None means those it was trained on.

        Returns:
            One softmax reading over the labels for each crop.

        Raises:
            LabelError: no label, a blank one, or one twice.
            BrokenWeights: a new label needs the text tower and it cannot be loaded.
        """
        labels = self.labels if labels is None else check_labels(labels)
        with self._lock:
            vectors = self._label_space(labels)
        readings: list[Emotions] = []
        for start in range(0, len(crops), BATCH):
            faces = stack_crops(crops[start : start + BATCH], self._model.config)
            for row in self.probabilities(faces, vectors, self._biases(labels)).tolist():
                readings.append(Emotions(labels, tuple(min(p, 1.0) for p in row)))
        return tuple(readings)

    @torch.inference_mode()
    def probabilities(self, faces: Tensor, vectors: Tensor, biases: Tensor | None) -> Tensor:
        """(N, C, crop_size, crop_size) in [0, 255], (L, D), (L,) → (N, L), rows summing to 1."""
        logits = self._model.logits(embed_faces(self._model, faces), vectors)
        if biases is not None:
            logits = logits + biases
        return logits.double().softmax(dim=1)

    def _biases(self, labels: tuple[str, ...]) -> Tensor | None:
        """The prior of the training labels, where exactly these are asked for."""
        biases = self._model.config.label_biases.get(self._model.config.annotator)
        return torch.tensor(biases) if biases and labels == self.labels else None


def embed_faces(model: EmotionCLIP, faces: Tensor, annotator: str | None = None) -> Tensor:
    """(N, C, h, w) in [0, 255] → (N, D) of unit length: a face and its mirror image, averaged."""
    both = to_pixels(torch.cat([faces, faces.flip(-1)]), model.config)
    straight, mirrored = model.embed(model.features(both), annotator).chunk(2)
    return torch.nn.functional.normalize(straight + mirrored, dim=-1)
