"""From the name of a task to its texts and targets."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from seollem.scoring.similarity import weight_sentences
from seollem.training.data import corpora
from seollem.training.data.corpora import Labelled, Pairs
from seollem.training.errors import DataError
from seollem.training.files.disk import replacing_file
from seollem.training.measure.multilabel import sigmoid
from seollem.training.messages.network import MessageReader
from seollem.training.messages.run import head_logits, sentence_vectors
from seollem.training.messages.tasks import (
    Classify,
    Keep,
    Paraphrase,
    Sides,
    Similarity,
    Task,
    Translate,
)
from seollem.training.messages.tfidf import fit_tfidf
from seollem.training.towers.vocabulary import reference_vocabulary
from seollem.vision.prompts import prompts_of, words_of

TAUGHT = 6_000  # rows at most that a reader gives labels to, for each corpus
TFIDF_SHARE = 0.4  # of the logits; on held-out rows AUC .823, the reader alone .817
LEAST = 1e-6  # probability
TAUGHT_FILE = "taught.npz"
KEPT_FILE = "kept.npz"
SEED = 20221102


class Sources:
    """Builds tasks from a folder of corpora.

    "kept" tasks hold sentences where the reader, as it is when the task is first asked for, puts
    them. "taught" tasks have the KOTE probabilities that it then gives their texts together with
    TF-IDF learned from the same rows (self-training; Xie et al. 2020); the English half of
    GoEmotions is given those of its Korean translation. Both are written to ``out``, so that a run
    that is continued learns the same.
    """

    def __init__(self, folder: Path, reader: MessageReader, kote: Labelled, out: Path) -> None:
        self._folder, self._reader, self._kote, self._out = folder, reader, kote, out

    def __call__(self, name: str) -> Task:
        """Build a task.

        Raises:
            DataError: there is no such task, or its corpus cannot be read.
        """
        folder = self._folder
        match name:
            case "kote":
                return Classify("kote", self._kote)
            case "chat":
                lines, _ = corpora.read_chat("learn")
                return Classify("kote", lines)
            case "chat_pairs":
                pairs = corpora.read_chat_pairs()
                return Translate(pairs, {"kote": pairs.targets})
            case "sides":
                return Sides(corpora.read_sides("learn"))
            case "goemotions":
                pairs = corpora.read_goemotions(folder, "train")
                return Translate(pairs, {"goemotions": pairs.targets})
            case "english":
                pairs = corpora.read_goemotions(folder, "train")
                return Classify("goemotions", Labelled(pairs.left, pairs.targets))
            case "nsmc":
                return Classify("rating", self._reviews())
            case "songys":
                return Classify("topic", corpora.read_songys(folder))
            case "paraphrases":
                return Paraphrase(corpora.read_paraphrases(folder))
            case "korsts":
                return Similarity(corpora.read_korsts(folder, "train"))
            case "taught_goemotions":
                pairs = _first(corpora.read_goemotions(folder, "train"))
                taught = self._taught(name, pairs.right)
                return Translate(pairs, {"goemotions": pairs.targets, "kote": taught})
            case "taught_nsmc":
                texts = _some(self._reviews()).texts
                return Classify("kote", Labelled(texts, self._taught(name, texts)))
            case "taught_songys":
                texts = _some(corpora.read_songys(folder)).texts
                return Classify("kote", Labelled(texts, self._taught(name, texts)))
            case "kept_kote":
                return self._kept(name, self._kote.texts)
            case "kept_nsmc":
                return self._kept(name, _some(self._reviews()).texts)
            case "kept_goemotions":
                pairs = _first(corpora.read_goemotions(folder, "train"))
                return self._kept(name, pairs.left + pairs.right)
            case "kept_emotions":
                return self._kept(name, emotion_sentences())
        raise DataError(f"There is no task {name!r} to learn from.")

    def _reviews(self) -> Labelled:
        known = [corpora.read_kote(self._folder, split) for split in ("val", "test")]
        texts = tuple(text for split in known for text in split.texts)
        return corpora.read_nsmc(
            self._folder, without=Labelled(texts, np.concatenate([s.targets for s in known]))
        )

    def _taught(self, name: str, texts: tuple[str, ...]) -> NDArray[np.float32]:
        def probabilities() -> NDArray[np.float32]:
            words = np.clip(fit_tfidf(self._kote)(texts), LEAST, 1 - LEAST)
            logits = (1 - TFIDF_SHARE) * head_logits(self._reader, texts)
            logits += TFIDF_SHARE * np.log(words / (1 - words))
            return sigmoid(logits)

        return self._once(f"{name}.{TAUGHT_FILE}", "probabilities", probabilities)

    def _kept(self, name: str, texts: tuple[str, ...]) -> Keep:
        return Keep(
            texts,
            self._once(
                f"{name}.{KEPT_FILE}", "vectors", lambda: sentence_vectors(self._reader, texts)
            ),
        )

    def _once(
        self, name: str, key: str, make: Callable[[], NDArray[np.float32]]
    ) -> NDArray[np.float32]:
        path = self._out / name
        if not path.is_file():
            made = make()
            with replacing_file(path) as partial, partial.open("wb") as file:
                np.savez_compressed(file, **{key: made})  # type: ignore[arg-type]  # no bool
        stored: NDArray[np.float32] = np.load(path)[key]
        return stored


def hears_tfidf(task: str) -> bool:
    """Whether a task's targets come from TF-IDF, too: those of the "taught" ones do."""
    return task.startswith("taught_")


def emotion_sentences() -> tuple[str, ...]:
    """The sentences that name the reference vocabulary to the face model, or weigh an emotion."""
    words = {word for label in reference_vocabulary() for word in words_of(label)}
    prompts = [sentence for word in sorted(words) for _, sentence in prompts_of(word)]
    return tuple(dict.fromkeys([*prompts, *weight_sentences()]))


def _first(pairs: Pairs) -> Pairs:
    return Pairs(pairs.left[:TAUGHT], pairs.right[:TAUGHT], pairs.targets[:TAUGHT])


def _some(data: Labelled) -> Labelled:
    chosen = np.random.default_rng(SEED).permutation(len(data))[:TAUGHT]
    return data.rows(np.sort(chosen))
