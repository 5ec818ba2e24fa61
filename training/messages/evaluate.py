"""One table of figures for a message reader.

    seollem train text-evaluate --model scoring/weights/text --texts data/texts

KOTE's test split is read as messages are (the product's own path). Beside it stand TF-IDF with
logistic regression, learned from the same rows, and a constant order by frequency. Of lines of
private chat it says which affection they get on average, from 0 to 100, by what they are, and how
often an affectionate line gets more than another one (AUC). Of lines that are warm, cold or neutral
towards the reader it says how often the score lies on the wrong side of 50, by language and kind.
"""

import json
from collections.abc import Iterator
from dataclasses import asdict
from functools import partial
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray

from seollem.cli.commands import PATH, Command
from seollem.scoring.agreement import spearman
from seollem.scoring.emotions import KOTE
from seollem.scoring.text import TextEmotionClassifier
from seollem.scoring.text_checkpoint import TextCheckpoint, load_checkpoint
from seollem.training.data.corpora import Labelled, Pairs, read_goemotions, read_korsts, read_kote
from seollem.training.errors import DataError
from seollem.training.files.disk import replacing_file
from seollem.training.measure.figures import Figure
from seollem.training.measure.multilabel import label_figures
from seollem.training.messages.chat_figures import chat_figures, chat_lines
from seollem.training.messages.side_figures import side_lines
from seollem.training.messages.tfidf import fit_tfidf, require_tfidf, tfidf_thresholds
from seollem.vision.checkpoints import local_folder
from seollem.vision.classifier import TEXT_FOLDER, WEIGHTS
from seollem.vision.text_tower import TextTower

BATCH = 64
Line = tuple[str, str, Figure]  # what was read, metric, value with its interval


@click.command(cls=Command, help=__doc__)
@click.option("--model", help="a folder or a hub name (default: the embedded reader)")
@click.option("--texts", type=PATH, required=True, help="folder of the corpora")
@click.option("--kote-split", default="val", show_default=True, help="KOTE rows of the baselines")
@click.option("--json", "out", type=PATH, help="write the figures there, too")
def main(model: str | None, texts: Path, kote_split: str, out: Path | None) -> None:
    lines: list[Line] = []
    for line in evaluate(model, texts, kote_split):
        of, metric, figure = line
        print(f"{of:<44} {metric:<22} {figure}", flush=True)
        lines.append(line)
    if out:
        rows = [{"of": of, "metric": metric, **asdict(figure)} for of, metric, figure in lines]
        with replacing_file(out) as file:
            file.write_text(json.dumps(rows, indent=1) + "\n", "utf-8")


def evaluate(model: str | None, texts: Path, kote_split: str) -> Iterator[Line]:
    """The figures, one after the other.

    Raises:
        DataError: a corpus is missing, or the reader's labels are not KOTE's.
        BrokenWeights: the model cannot be loaded.
        MissingExtra: scikit-learn is not installed.
    """
    require_tfidf()
    classifier = TextEmotionClassifier.from_pretrained(model)
    if classifier.labels != KOTE:
        raise DataError(f"{model} does not read KOTE's 44 labels in their order.")
    test, learned = read_kote(texts, "test"), read_kote(texts, kote_split)
    yield from _named("KOTE test", _kote(classifier, test))
    constant = np.tile(learned.targets.mean(axis=0), (len(test), 1))
    yield from _named("KOTE test, constant order", label_figures(constant, test.targets))
    baseline = fit_tfidf(learned)
    thresholds = tfidf_thresholds(learned)
    figures = label_figures(baseline(test.texts), test.targets, thresholds)
    yield from _named("KOTE test, TF-IDF", figures)
    for language, lines, kinds in chat_lines("test"):
        read = _probabilities_of(classifier, lines)
        yield from _named(f"Chat, {language}", chat_figures(read, kinds))
        yield from _named(f"Chat, {language}, TF-IDF", chat_figures(baseline(lines), kinds))
    yield from side_lines(partial(_probabilities_of, classifier))
    pairs = read_goemotions(texts, "test")
    agreement = Figure.exact(_agreement(classifier, pairs))
    yield "GoEmotions test, English and Korean", "agreement", agreement
    if model is not None and not (local_folder(model) / "reader.json").is_file():
        return
    head = load_checkpoint(model, "goemotions")
    for language, sentences in (("English", pairs.left), ("Korean", pairs.right)):
        found = label_figures(
            _probabilities(head, sentences), pairs.targets, np.array(head.thresholds)
        )
        yield from _named(f"GoEmotions test, {language}", found)
    sts = read_korsts(texts, "test")
    tower = _tower(model)
    cosines = (tower.encode(sts.left) * tower.encode(sts.right)).sum(dim=1).numpy()
    yield "KorSTS test", "spearman", Figure.exact(spearman(cosines, sts.targets[:, 0]))


def _kote(classifier: TextEmotionClassifier, test: Labelled) -> dict[str, float]:
    probabilities = _probabilities_of(classifier, test.texts)
    return label_figures(probabilities, test.targets, np.array(classifier.thresholds))


def _probabilities_of(
    classifier: TextEmotionClassifier, texts: tuple[str, ...]
) -> NDArray[np.float32]:
    readings = classifier.read(texts)
    return np.array([reading.emotions.probabilities for reading in readings], np.float32)


def _agreement(classifier: TextEmotionClassifier, pairs: Pairs) -> float:
    left, right = (
        [max(reading.emotions, key=reading.emotions.__getitem__) for reading in classifier.read(s)]
        for s in (pairs.left, pairs.right)
    )
    return float(np.mean([a == b for a, b in zip(left, right, strict=True)]))


def _probabilities(head: TextCheckpoint, texts: tuple[str, ...]) -> NDArray[np.float32]:
    batches = [texts[i : i + BATCH] for i in range(0, len(texts), BATCH)]
    return np.concatenate([head.logits(batch).sigmoid().numpy() for batch in batches])


def _tower(model: str | None) -> TextTower:
    folder = None if model is None else local_folder(model)
    if folder is None or not (folder / "tokenizer.json").is_file():
        folder = WEIGHTS / TEXT_FOLDER
    return TextTower.from_pretrained(folder)


def _named(of: str, figures: dict[str, float]) -> Iterator[Line]:
    for metric, value in figures.items():
        yield of, metric, Figure.exact(value)
