"""TextEncoder: words and sentences → vectors, by any encoder, each made once.

encoder = TextEncoder.from_pretrained()                        # the embedded one
encoder = TextEncoder.from_pretrained("skt/kobert-base-v1")    # or KoBERT, or any other
encoder.encode(["설렘", "무관심"])                               # (2, D) float32, of unit length
"""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import platformdirs
from numpy.typing import NDArray

from seollem.scoring.errors import UnknownWords
from seollem.scoring.vector_cache import Vector, VectorCache
from seollem.vision.checkpoints import local_folder, verify_checksums
from seollem.vision.errors import CheckpointNotFound

if TYPE_CHECKING:
    from seollem.vision.text_tower import TextTower

EMBEDDED = "seollem-text"
_CHECKPOINT_FILES = {".json", ".safetensors", ".bin", ".model", ".txt"}

_log = logging.getLogger(__name__)


class TextEncoder:
    """A sentence encoder whose vectors are kept on disk, by the content of its files.

    For the words that emotions are described by. Messages have no business here, since what is
    encoded stays on disk: ``seollem.scoring.text`` reads those.

    Attributes:
        name: the checkpoint's.
        identity: SHA-256 over the checkpoint's files, hexadecimal; vectors are kept by it.
    """

    def __init__(self, folder: Path, *, name: str, cache: Path) -> None:
        self.name = name
        self.identity = _identity(folder)
        self._folder = folder
        self._cache = VectorCache(cache)
        self._loaded: TextTower | None = None

    @classmethod
    def from_pretrained(
        cls, name: str | Path | None = None, cache: Path | None = None
    ) -> "TextEncoder":
        """The embedded encoder (None), a local folder, or a checkpoint of the hub by name.

        Where a checkpoint cannot be had, as without a connection, a warning is logged and the
        embedded encoder serves; ``name`` tells which one it is.

        Args:
            cache: folder for the vectors; None: the user's cache folder.

        Raises:
            BrokenWeights: the embedded encoder's files are missing or altered.
        """
        cache = cache or platformdirs.user_cache_path("seollem", appauthor=False)
        if name is not None:
            try:
                return cls(local_folder(name), name=str(name), cache=cache)
            except CheckpointNotFound as error:
                _log.warning("%s The embedded encoder serves instead.", error)
        from seollem.vision.classifier import TEXT_FOLDER, WEIGHTS  # loads torch

        verify_checksums(WEIGHTS, below=f"{TEXT_FOLDER}/")
        return cls(WEIGHTS / TEXT_FOLDER, name=EMBEDDED, cache=cache)

    def encode(self, sentences: Sequence[str]) -> NDArray[np.float32]:
        """N sentences, at least one → (N, D) float32 of unit length.

        Raises:
            BrokenWeights: the checkpoint cannot be loaded, see ``seollem.vision.text_tower``.
            UnknownWords: the encoder's vocabulary has less than half of a sentence.
        """
        keys = [self._key(sentence) for sentence in sentences]
        vectors = self._cache.get(keys)
        new = {
            key: sentence
            for key, sentence in zip(keys, sentences, strict=True)
            if key not in vectors
        }
        if new:
            made = dict(zip(new, self._encode(list(new.values())), strict=True))
            self._cache.put(made)
            vectors |= made
        return np.stack([vectors[key] for key in keys])

    def _encode(self, sentences: Sequence[str]) -> list[Vector]:
        if self._loaded is None:
            from seollem.vision.text_tower import TextTower

            self._loaded = TextTower.from_pretrained(self._folder)
        for sentence in sentences:
            if not self._loaded.knows(sentence):
                raise UnknownWords(
                    f"The encoder {self.name} does not know the words of {sentence!r}. Say it "
                    "otherwise, or choose an encoder of that language.",
                    sentence,
                )
        return list(self._loaded.encode(sentences).numpy())

    def _key(self, sentence: str) -> str:
        text = sentence.encode("utf-8", "surrogatepass")
        return hashlib.sha256(self.identity.encode() + text).hexdigest()


def _identity(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.suffix in _CHECKPOINT_FILES:
            digest.update(str(path.relative_to(folder)).encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
