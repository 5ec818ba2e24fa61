"""Loading checkpoints, and saving text towers as int8."""

import json
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import save_file
from torch import nn

from seollem.training.errors import CheckpointError
from seollem.vision.checkpoints import load_whole
from seollem.vision.errors import BrokenWeights
from seollem.vision.int8 import quantize
from seollem.vision.model import EmotionCLIP
from seollem.vision.text_tower import INT8_FILE, TextTower


def load_checkpoint(folder: Path) -> EmotionCLIP:
    """Load a run's averaged weights, or another EmotionCLIP.

    Raises:
        CheckpointError: they are missing, damaged or incomplete.
    """
    try:
        model: EmotionCLIP = load_whole(EmotionCLIP, folder)
    except BrokenWeights as error:
        raise CheckpointError(str(error)) from error
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, SafetensorError) as error:
        raise CheckpointError(
            f"{folder} holds no weights of a finished epoch that can be read ({error})."
        ) from error
    nn.Module.eval(model)
    return model


def stored_entry(path: Path, key: str) -> Any | None:
    """An entry of a JSON file that finetune or export left beside the weights; None without file.

    Raises:
        CheckpointError: the file cannot be read, or has no such entry.
    """
    if not path.is_file():
        return None
    try:
        return json.loads(path.read_text("utf-8"))[key]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise CheckpointError(f"{path} is not of this program's making ({error}).") from error


def save_text_tower(tower: TextTower, folder: Path) -> None:
    """Write the text tower as int8, with its tokenizer and its way of reading sentences."""
    folder.mkdir(parents=True, exist_ok=True)
    save_file(quantize(tower.encoder.state_dict()), folder / INT8_FILE)
    tower.save_reading(folder)
