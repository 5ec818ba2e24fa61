"""A text tower that was trained along, saved as the kind of folder it came from."""

import shutil
from pathlib import Path

from vision.checkpoints import local_folder
from vision.text_tower import TextTower

WEIGHTS = {".safetensors", ".bin", ".pt", ".onnx", ".h5", ".msgpack"}


def save_trained_tower(tower: TextTower, source: str, folder: Path) -> None:
    """Write the tower's weights and configuration, with its source's tokenizer beside them."""
    folder.mkdir(parents=True)
    for path in local_folder(source).iterdir():
        if path.is_file() and path.suffix not in WEIGHTS:
            shutil.copyfile(path, folder / path.name)
    tower.encoder.config.sentence_prefix = tower.prefix
    tower.encoder.save_pretrained(folder)
