"""Where a message reader's weights come from, and what they make of sentences.

A folder is read in one of two forms:

- ``reader.json`` and ``heads.safetensors``, with the files of its text tower beside them, or, in
  the embedded form, with ``"tower": "embedded"``, the one that ships with ``vision``;
- a sequence-classification checkpoint of Transformers (KcELECTRA, BERT …) whose ``id2label`` names
  the emotions.
"""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor

from seollem.vision.checkpoints import load_whole, local_folder, verify_checksums
from seollem.vision.classifier import TEXT_FOLDER, WEIGHTS
from seollem.vision.errors import BrokenWeights
from seollem.vision.int8_bert import read_in_int8
from seollem.vision.text_tower import TextTower
from seollem.vision.tokenization import load_tokenizer

EMBEDDED = Path(__file__).parent / "weights" / "text"
READER_FILE = "reader.json"
HEADS_FILE = "heads.safetensors"
KOTE_HEAD = "kote"


@dataclass(frozen=True, slots=True)
class TextCheckpoint:
    """A loaded reader: its name, labels and thresholds, and sentences → logits.

    Attributes:
        thresholds: least probability at which each label counts as present, in (0, 1).
        logits: N sentences → (N, labels) float32; probabilities are their sigmoids.
    """

    name: str
    labels: tuple[str, ...]
    thresholds: tuple[float, ...]
    logits: Callable[[Sequence[str]], Tensor]


def load_checkpoint(model: str | Path | None, head: str = KOTE_HEAD) -> TextCheckpoint:
    """Load the embedded reader (None), a local folder, or a checkpoint of the hub by name.

    Args:
        head: which of a reader's heads: "kote", or "goemotions", which it was trained on as well.

    Raises:
        BrokenWeights: files or weights are missing, altered, or of another kind of model.
    """
    folder = EMBEDDED if model is None else local_folder(model)
    verify_checksums(folder)
    try:
        if (folder / READER_FILE).is_file():
            return _own(folder, head)
        return _sequence_classification(folder)
    except BrokenWeights:
        raise
    except Exception as error:  # tokenizers raises nothing more special
        raise BrokenWeights(
            f"{folder} holds no message reader that can be read ({error}). Give a folder that "
            "`seollem train text` wrote, or a sequence-classification checkpoint."
        ) from error


def _own(folder: Path, head: str) -> TextCheckpoint:
    settings: dict[str, Any] = json.loads((folder / READER_FILE).read_text("utf-8"))
    about = settings["heads"][head]
    labels, thresholds = tuple(about["labels"]), tuple(about["thresholds"])
    temperature = float(about["temperature"])
    heads = load_file(folder / HEADS_FILE)
    tower = _tower(folder, settings)
    read_in_int8(tower.encoder)  # temperature and thresholds are of the reader in this form
    # a unit vector's entries are small; so scaled, they vary about as much as 1
    weight = heads[f"{head}.weight"].float() * math.sqrt(tower.hidden_size) / temperature
    bias = heads[f"{head}.bias"].float() / temperature
    if not len(labels) == len(thresholds) == len(weight) == len(bias):
        raise BrokenWeights(f"{folder}: labels, thresholds and head do not belong together.")

    def logits(sentences: Sequence[str]) -> Tensor:
        return torch.nn.functional.linear(tower.encode(sentences), weight, bias)

    return TextCheckpoint(str(settings["name"]), labels, thresholds, logits)


def _tower(folder: Path, settings: dict[str, Any]) -> TextTower:
    if settings["tower"] != "embedded":
        return TextTower.from_pretrained(folder)
    verify_checksums(WEIGHTS, below=f"{TEXT_FOLDER}/")
    return TextTower.from_pretrained(WEIGHTS / TEXT_FOLDER)


def _sequence_classification(folder: Path) -> TextCheckpoint:
    from transformers import AutoConfig, AutoModelForSequenceClassification

    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    tokenizer = load_tokenizer(folder, config)
    network = load_whole(AutoModelForSequenceClassification, folder).eval()
    names = config.id2label
    labels = tuple(names[i] for i in range(len(names)))
    if all(label == f"LABEL_{i}" for i, label in enumerate(labels)):
        raise BrokenWeights(f"{folder}/config.json does not name its labels: fill in id2label.")

    @torch.inference_mode()
    def logits(sentences: Sequence[str]) -> Tensor:
        encodings = tokenizer.encode_batch(list(sentences))
        ids = torch.tensor([encoding.ids for encoding in encodings])
        mask = torch.tensor([encoding.attention_mask for encoding in encodings])
        found: Tensor = network(input_ids=ids, attention_mask=mask).logits
        return found

    return TextCheckpoint(folder.name, labels, (0.5,) * len(labels), logits)
