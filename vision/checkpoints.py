"""Where a checkpoint lies, whether its files are what they were, and whether it is whole."""

import hashlib
import json
import os.path
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from seollem.vision.errors import BrokenWeights, CheckpointNotFound

FILE_NAME = "checksums.json"
ADVICE = "Install Seollem again, or make or fetch this checkpoint again."
HUB_FILES = ["*.json", "*.safetensors", "model.onnx", "spiece.model", "vocab.txt"]
HUB_TENSORS = "pytorch_model.bin"  # of older checkpoints, KoBERT's first; read as tensors only


def local_folder(model: str | Path) -> Path:
    """A folder as it is; any other name is looked up on the Hugging Face hub and in its cache.

    Raises:
        CheckpointNotFound: neither a folder nor to be had from the hub.
    """
    folder = Path(os.path.expanduser(model))
    if folder.is_dir():
        return folder
    from huggingface_hub import snapshot_download

    try:
        folder = Path(snapshot_download(str(model), allow_patterns=HUB_FILES))
        if not any(folder.rglob("*.safetensors")):
            snapshot_download(str(model), allow_patterns=[HUB_TENSORS, f"*/{HUB_TENSORS}"])
    except (OSError, ValueError) as error:
        raise CheckpointNotFound(
            f"The model {str(model)!r} is neither a folder nor to be had from the hub "
            f"({type(error).__name__}). Check its name; the embedded models need none."
        ) from error
    return folder


@contextmanager
def without_progress_bars() -> Iterator[None]:
    """Silence Transformers' bars while embedded weights load: a reply is not the place for them."""
    from transformers.utils import logging

    was_enabled = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if was_enabled:
            logging.enable_progress_bar()


@contextmanager
def without_load_reports() -> Iterator[None]:
    """Silence Transformers' bars and its reports of weights; the caller looks at those itself."""
    from transformers.utils import logging

    verbosity = logging.get_verbosity()
    logging.set_verbosity_error()
    try:
        with without_progress_bars():
            yield
    finally:
        logging.set_verbosity(verbosity)


def load_whole(architecture: Any, folder: Path, **options: Any) -> Any:
    """A model in float32, all of whose weights come from its checkpoint and none from chance.

    Args:
        architecture: a model class of Transformers, or one of its Auto classes.
        folder: the checkpoint's.
        options: more for its ``from_pretrained``; with a ``state_dict`` no weights are looked for.

    Raises:
        BrokenWeights: the weights do not fill the architecture. Whatever else Transformers raises
            for files that it cannot read comes out as it is.
    """
    with without_load_reports():
        model, loading = architecture.from_pretrained(
            None if "state_dict" in options else folder,
            dtype="float32",
            local_files_only=True,
            output_loading_info=True,
            **options,
        )
    if missing := loading["missing_keys"]:  # they would be left at random
        raise BrokenWeights(
            f"{folder} lacks {len(missing)} of the model's weights, such as {min(missing)!r}: "
            "config.json and the weights are of two checkpoints, or some were left out. "
            "Give a checkpoint that is whole."
        )
    return model


def write_checksums(folder: Path) -> None:
    """Write ``checksums.json``: relative path → SHA-256 of every weight and JSON file below."""
    files = sorted(
        path
        for path in folder.rglob("*")
        if path.suffix in {".safetensors", ".onnx", ".json", ".tflite"} and path.name != FILE_NAME
    )
    sums = {str(path.relative_to(folder)): _sha256(path) for path in files}
    (folder / FILE_NAME).write_text(json.dumps(sums, indent=2) + "\n", encoding="utf-8")


def verify_checksums(folder: Path, *, below: str = "") -> None:
    """Check the files that ``checksums.json`` names, where the folder has one.

    ``below`` restricts the check to paths that begin so ("text/"); by default only the files of
    the folder itself are checked, so that a text tower nobody asked for is not read.

    Raises:
        BrokenWeights: a file is missing or altered, or the list itself is damaged.
    """
    listing = folder / FILE_NAME
    if not listing.is_file():
        return
    try:
        sums = dict[str, str](json.loads(listing.read_text(encoding="utf-8")).items())
    except (OSError, ValueError, AttributeError) as error:
        raise BrokenWeights(f"{listing} is damaged ({error}). {ADVICE}") from error
    for name, expected in sums.items():
        if not name.startswith(below) or "/" in name.removeprefix(below):
            continue
        path = folder / name
        if not path.is_file():
            raise BrokenWeights(f"{path} is missing. {ADVICE}")
        if _sha256(path) != expected:
            raise BrokenWeights(f"{path} was altered or is damaged. {ADVICE}")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
