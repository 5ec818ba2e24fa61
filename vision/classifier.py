"""EmotionClassifier: face crops × any labels → probabilities.

classifier = EmotionClassifier.from_pretrained()
classifier.read([crop])                                  # the eight emotions it was trained on
classifier.read([crop], labels=("당황", "비장함", "설렘"))  # any others, in Korean or English
"""

import threading
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors import SafetensorError
from torch import Tensor, nn

from seollem.vision.checkpoints import load_whole, local_folder, verify_checksums
from seollem.vision.errors import BrokenWeights
from seollem.vision.image_towers import channels_last, fuse_batch_norms
from seollem.vision.label_vectors import LabelSpace, check_labels
from seollem.vision.model import EmotionCLIP, EmotionCLIPConfig
from seollem.vision.onnx_model import FILE_NAME as ONNX_FILE
from seollem.vision.onnx_model import OnnxModel
from seollem.vision.pixels import stack_crops, to_pixels
from seollem.vision.readings import Emotions
from seollem.vision.text_tower import TextTower

WEIGHTS = Path(__file__).parent / "weights"
TEXT_FOLDER = "text"
BATCH = 128  # crops a forward pass

# faces (N, C, crop_size, crop_size) in [0, 255], label vectors (L, D) → logits (N, L)
FaceModel = Callable[[Tensor, Tensor], Tensor]


class EmotionClassifier:
    """An EmotionCLIP with its label space. Safe to call from several threads.

    Args:
        config: the checkpoint's.
        model: its image side, by PyTorch or ONNX Runtime.
        label_space: its label vectors.

    Attributes:
        model_id: what readings call the model.
        labels: the labels it was trained on.
        crop_size: side in pixels of the face crops it works on.
        conclusive_at: least probability of a reading's top label to speak of it.
    """

    def __init__(
        self, config: EmotionCLIPConfig, model: FaceModel, label_space: LabelSpace
    ) -> None:
        self._config = config
        self._model = model
        self._label_space = label_space
        self._lock = threading.Lock()
        self.model_id = config.name
        self.labels = config.labels
        self.crop_size = config.crop_size
        self.conclusive_at = config.conclusive_at

    @classmethod
    def from_pretrained(
        cls, model: str | Path | None = None, *, threads: int | None = None
    ) -> "EmotionClassifier":
        """Load the embedded checkpoint, a local folder, or a checkpoint of the hub by name.

        A folder with a model.onnx, which ``seollem train onnx`` writes, is read with ONNX
        Runtime.

        Args:
            threads: torch's thread count, for the whole process, and ONNX Runtime's; None leaves
                it as it is.

        Raises:
            BrokenWeights: files or weights are missing, altered, or of another architecture.
            MissingExtra: it is ONNX, and ONNX Runtime is not installed.
        """
        if threads is not None:
            torch.set_num_threads(threads)
        folder = WEIGHTS if model is None else local_folder(model)
        verify_checksums(folder)
        face_model: FaceModel
        try:
            if (folder / ONNX_FILE).is_file():
                config = EmotionCLIPConfig.from_pretrained(folder, local_files_only=True)
                face_model = OnnxModel(folder / ONNX_FILE, threads=threads)
            else:
                clip: EmotionCLIP = load_whole(EmotionCLIP, folder)
                config, face_model = clip.config, FaceReader(clip)
        except (OSError, ValueError, RuntimeError, KeyError, TypeError, SafetensorError) as error:
            raise BrokenWeights(
                f"{folder} holds no emotion model that can be read ({error}). Give a folder with "
                "the config.json and model.safetensors of an EmotionCLIP."
            ) from error

        def load_tower() -> TextTower:
            verify_checksums(folder, below=f"{TEXT_FOLDER}/")
            return TextTower.from_pretrained(folder / TEXT_FOLDER)

        return cls(config, face_model, LabelSpace.load(folder, load_tower))

    def read(
        self, crops: Sequence[NDArray[np.uint8]], labels: Sequence[str] | None = None
    ) -> tuple[Emotions, ...]:
        """Read face crops.

        Args:
            crops: RGB HWC uint8 in [0, 255], of any size, framed as ``seollem.vision.crops`` frames
                them.
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
            faces = stack_crops(crops[start : start + BATCH], self._config)
            for row in self.probabilities(faces, vectors, self._biases(labels)).tolist():
                readings.append(Emotions(labels, tuple(min(p, 1.0) for p in row)))
        return tuple(readings)

    @torch.inference_mode()
    def probabilities(self, faces: Tensor, vectors: Tensor, biases: Tensor | None) -> Tensor:
        """(N, C, crop_size, crop_size) in [0, 255], (L, D), (L,) → (N, L), rows summing to 1."""
        logits = self._model(faces, vectors)
        if biases is not None:
            logits = logits + biases
        return logits.double().softmax(dim=1)

    def _biases(self, labels: tuple[str, ...]) -> Tensor | None:
        """The offsets of the training labels, where exactly these are asked for."""
        biases = self._config.reading_biases
        return torch.tensor(biases) if biases and labels == self.labels else None


class FaceReader(nn.Module):
    """An EmotionCLIP between crops and probabilities, its batch norms folded away in place."""

    def __init__(self, model: EmotionCLIP) -> None:
        super().__init__()
        self.model = model
        fuse_batch_norms(nn.Module.eval(self))
        channels_last(self)

    def forward(self, faces: Tensor, label_vectors: Tensor) -> Tensor:
        """(N, C, crop_size, crop_size) in [0, 255], (L, D) → logits (N, L)."""
        return reading_logits(self.model, both_ways(self.model, faces), label_vectors)


def reading_logits(model: EmotionCLIP, features: Tensor, vectors: Tensor) -> Tensor:
    """(2, N, hidden_size) of ``both_ways``, (L, D) → (N, L): the annotators' logits, weighted."""
    logits = [
        weight * model.logits(embed_features(model, features, name), vectors, name)
        for name, weight in model.config.annotator_weights.items()
    ]
    return torch.stack(logits).sum(dim=0)


def both_ways(model: EmotionCLIP, faces: Tensor) -> Tensor:
    """(N, C, h, w) in [0, 255] → (2, N, hidden_size): features of faces and mirror images."""
    both = to_pixels(torch.cat([faces, faces.flip(-1)]), model.config)
    # No chunk(2) here: it would fix the number of faces in a graph that is traced.
    features: Tensor = model.features(both).unflatten(0, (2, faces.shape[0]))
    return features


def embed_features(model: EmotionCLIP, features: Tensor, annotator: str) -> Tensor:
    """(2, N, hidden_size) of ``both_ways`` → (N, D) of unit length: both embeddings, averaged."""
    embedded = model.embed(features.flatten(0, 1), annotator)
    both = embedded.unflatten(0, (2, features.shape[1]))
    return nn.functional.normalize(both.sum(dim=0), dim=-1)
